"""Cases of one cause at the desk: put together by number or from what is near, listed, taken apart again."""

from __future__ import annotations

from dialogs.desk.cases import Act
from tests.desk.conftest import NewClerk
from tests.desk.world import FAR, FLAT, LAMP, Clerk, World

OTHER = "HY-261123-0601-7"
NEAR = {"place": "新城花园三号楼"}


def side(page: str, label: str) -> str:
    """One part of a case's side."""
    if f'aria-label="{label}"' not in page:
        return ""
    here = page[page.index(f'aria-label="{label}"') :]
    return here[: here.index("</section>")]


async def two_lamps(world: World) -> None:
    await world.open_case(OTHER, user="chen", title="三号楼门口黑漆漆", **NEAR)


async def put_under(clerk: Clerk, number: str, main: str, **more: str) -> tuple[int, str]:
    return await clerk.act(number, "merge", "是同一盏灯", to=main, **more)


async def test_a_near_case_is_offered_and_put_under_this_one(world: World, clerk: NewClerk) -> None:
    await two_lamps(world)
    min_ = await clerk("张敏")
    _, page = await min_.act(LAMP, "claim")
    assert OTHER in side(page, "可能是同一件事")
    assert FAR not in page, "another unit's is not offered"

    status, page = await put_under(min_, OTHER, LAMP)

    assert (status, "主件的回复和答复也会发给这位群众" in page) == (200, True)
    assert f"并到 {LAMP}，一起办：是同一盏灯" in page
    assert LAMP in side(page, "并单")
    _, page = await min_.see(f"/desk/case/{LAMP}")
    assert "并在一起 1 件" in page
    assert OTHER in side(page, "并在一起的件")
    assert "也会发给并在一起的 1 位群众" in page
    row = await world.database.cases.find(OTHER)
    main = await world.database.cases.find(LAMP)
    assert row is not None
    assert main is not None
    assert (row.owner, row.due, row.answer_by) == ("张敏", main.due, main.answer_by)
    _, page = await min_.see("/desk/queue/mine")
    assert OTHER not in page, "its main case stands for it"


async def test_its_clock_and_its_owner_are_those_of_its_main_case(world: World, clerk: NewClerk) -> None:
    await two_lamps(world)
    min_ = await clerk("张敏")
    await put_under(min_, OTHER, LAMP)
    await min_.act(LAMP, "claim")
    await min_.act(LAMP, "hand_over", "您接着办", to="李娟")
    row, main = await world.database.cases.find(OTHER), await world.database.cases.find(LAMP)
    assert row is not None
    assert main is not None
    assert (row.owner, row.first_owner, row.due) == ("李娟", "张敏", main.due)


async def test_it_is_answered_through_its_main_case_or_taken_out(world: World, clerk: NewClerk) -> None:
    await two_lamps(world)
    min_ = await clerk("张敏")
    await min_.act(LAMP, "claim")
    await put_under(min_, OTHER, LAMP)
    status, page = await min_.act(OTHER, "answer", "修好了")
    assert (status, "随主件一起答复" in page, world.sent) == (422, True, [])

    status, page = await min_.act(OTHER, "unmerge", "是另一盏灯")

    assert (status, "已拆出来" in page, "还没有人签收" in page) == (200, True, True)
    _, page = await min_.see(f"/desk/case/{LAMP}")
    assert "并在一起" not in page


async def test_what_goes_to_all_names_nobody(world: World, clerk: NewClerk) -> None:
    await two_lamps(world)
    min_ = await clerk("张敏")
    await min_.act(LAMP, "claim")
    await put_under(min_, OTHER, LAMP)
    for words in ("周建国您好，灯修好了", "您的 138 1234 5678 打不通", f"{OTHER} 也是这盏灯"):
        status, page = await min_.act(LAMP, "answer", words)
        assert (status, "里面有其中一位的姓名、电话或编号" in page, world.sent) == (422, True, []), words
    status, _ = await min_.act(LAMP, "answer", "灯修好了")
    assert (status, world.sent) == (200, ["灯修好了"])


async def test_what_does_not_go_together_is_refused_in_words(world: World, clerk: NewClerk) -> None:
    await two_lamps(world)
    await world.open_case("HY-261123-0602-5", user="mi", title="密", confidential=True)
    min_ = await clerk("张敏")
    wrong = {
        LAMP: "不能并到自己",
        FAR: "没有找到这一件",
        "HY-261123-0602-5": "没有找到这一件",
        "没有这一件": "没有找到这一件",
    }
    for main, words in wrong.items():
        status, page = await put_under(min_, LAMP, main)
        assert (status, words in page) == (422, True), main
    await put_under(min_, OTHER, LAMP)
    status, page = await put_under(min_, LAMP, FLAT)
    assert (status, "下面已经并了别的件" in page) == (422, True)
    status, page = await put_under(min_, FLAT, OTHER)
    assert (status, "自己也并在别的件里" in page) == (422, True)


async def test_a_form_sent_twice_puts_it_under_once(world: World, clerk: NewClerk) -> None:
    await two_lamps(world)
    min_ = await clerk("张敏")
    await min_.see(f"/desk/case/{OTHER}")
    fields = {"version": "1", "seen": "0.0", "words": "", "to": LAMP}
    assert (await min_.send(f"/desk/case/{OTHER}/merge", **fields))[0] == 200
    assert (await min_.send(f"/desk/case/{OTHER}/merge", **fields))[0] == 409
    events = [item for item in (await world.database.cases.find(OTHER),) if item]
    assert events[0].version == 2


async def test_when_the_main_case_is_withdrawn_another_stands_for_the_group(world: World, clerk: NewClerk) -> None:
    await two_lamps(world)
    third = "HY-261123-0603-0"
    await world.open_case(third, user="sun", title="三号楼的灯", **NEAR)
    min_ = await clerk("张敏")
    await min_.act(LAMP, "claim")
    for number in (OTHER, third):
        await put_under(min_, number, LAMP)

    await world.withdraw(LAMP)

    first, second = await world.database.cases.find(OTHER), await world.database.cases.find(third)
    assert first is not None
    assert second is not None
    assert (first.status, first.main, first.owner) == ("working", "", "张敏")
    assert (second.status, second.main) == ("merged", OTHER)
    _, page = await min_.see(f"/desk/case/{OTHER}")
    assert "鸿雁拆出来，单独办" in page
    assert third in side(page, "并在一起的件")
    assert Act.MERGE.value not in side(page, "并单")
