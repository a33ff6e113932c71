"""Several posts, and standing in for an absent colleague: rights are the union, acts say by which post and for whom."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import insert, select

from dialogs.desk.cases import Act
from storage import tables as t
from storage.moments import to_ms
from tests.desk.conftest import NewClerk
from tests.desk.test_more import moves, offered
from tests.desk.world import FAR, LAMP, World

HOME, NEXT, GRID = "yushan-xincheng", "yushan-tinglin", "yushan-xincheng-g1"


async def hold(world: World, name: str, post: str, unit: str, *, days: int | None = None) -> None:
    """Give somebody a further post."""
    now = to_ms(world.clock.at)
    until = None if days is None else now + timedelta(days=days) // timedelta(milliseconds=1)
    row = {"staff": name, "post": post, "unit": unit, "since": now, "until": until, "by": "赵管理"}
    await world.database._engine.write(lambda conn: conn.execute(insert(t.posts_held), row).rowcount)


async def stand_in(world: World, absent: str, stand_in: str, *, days: int = 1, allowed: bool = True) -> None:
    """Let somebody stand in for a colleague from now on."""
    now = to_ms(world.clock.at)
    row = {"absent": absent, "stand_in": stand_in, "since": now, "asked_by": absent, "asked": now}
    row |= {"until": now + timedelta(days=days) // timedelta(milliseconds=1), "allowed": now if allowed else None}
    await world.database._engine.write(lambda conn: conn.execute(insert(t.stand_ins), row).rowcount)


async def acts(world: World, number: str) -> list[tuple[str, str, str, str]]:
    """What was done to a case: act, by whom, by which post, for whom."""
    c = t.case_events.c
    question = select(c.act, c.by, c.post, c.stood_for).where(c.number == number).order_by(c.id)
    return [tuple(row) for row in await world.database._engine.read(lambda conn: conn.execute(question).all())]


async def test_rights_are_the_union_of_the_posts_and_each_act_names_its_own(world: World, clerk: NewClerk) -> None:
    min_ = await clerk("张敏")
    assert (await min_.see(f"/desk/case/{FAR}"))[0] == 404
    await hold(world, "张敏", "supervisor", NEXT, days=7)
    _, page = await min_.see(f"/desk/case/{FAR}")
    assert "urge" in offered(page)
    _, page = await min_.see(f"/desk/case/{LAMP}")
    assert "urge" not in offered(page), "a supervisor there, a coordinator here"
    await min_.act(FAR, "urge", "抓紧")
    await min_.act(LAMP, "claim")
    assert (await acts(world, FAR))[-1] == (Act.URGE, "张敏", "supervisor", "")
    assert (await acts(world, LAMP))[-1] == (Act.CLAIM, "张敏", "coordinator", "")
    status, page = await min_.act(LAMP, "urge", "抓紧")
    assert (status, "您的岗位不办这一项" in page) == (422, True)
    world.clock.at += timedelta(days=8)
    await min_.sign_in()
    assert (await min_.see(f"/desk/case/{FAR}"))[0] == 404, "the second post has ended"


async def test_who_stands_in_does_what_the_absent_may_and_it_says_so(world: World, clerk: NewClerk) -> None:
    await world.hire("何北", unit=NEXT)
    min_, he = await clerk("张敏"), await clerk("何北")
    await min_.act(LAMP, "claim")
    assert (await he.see(f"/desk/case/{LAMP}"))[0] == 404
    await stand_in(world, "张敏", "何北", allowed=False)
    assert (await he.see(f"/desk/case/{LAMP}"))[0] == 404, "nobody has allowed it yet"
    await stand_in(world, "张敏", "何北")
    _, page = await he.see("/desk/queue/mine")
    assert "新城花园三号楼路灯坏了" in page
    status, page = await he.act(LAMP, "note", "先记一笔")
    assert (status, "何北（代 张敏）" in page) == (200, True)
    status, page = await he.act(LAMP, "write", "明天来修")
    assert (status, world.sent) == (200, ["明天来修"])
    await he.act(LAMP, "regrade", "急", to="orange")
    _, page = await min_.see(f"/desk/case/{LAMP}")
    assert "何北（代 张敏）改为较急：急" in " ".join(moves(page)) or "何北（代 张敏）" in page
    assert (await acts(world, LAMP))[-1] == (Act.REGRADE, "何北", "coordinator", "张敏")
    world.clock.at += timedelta(days=2)
    await he.sign_in()
    assert (await he.see(f"/desk/case/{LAMP}"))[0] == 404, "张敏 is back"


async def test_what_a_stand_in_signs_for_is_the_absent_persons(world: World, clerk: NewClerk) -> None:
    await world.hire("何北", unit=NEXT)
    he = await clerk("何北")
    await stand_in(world, "张敏", "何北")
    _, page = await he.act(LAMP, "claim")
    assert "何北（代 张敏）签收" in moves(page)
    row = await world.database.cases.find(LAMP)
    assert row is not None
    assert row.owner == "张敏"


async def test_who_stands_in_for_an_administrator_keeps_nothing_of_theirs(world: World, clerk: NewClerk) -> None:
    await world.hire("赵管理", "kunshan", "admin")
    min_ = await clerk("张敏")
    await stand_in(world, "赵管理", "张敏")
    assert (await min_.see("/desk/units"))[0] == 404
