"""代班 and 密级 at the desk: asked for, allowed by a security administrator, over on their day."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from handlers.desk.frame.people_view import address
from tests.desk.conftest import NewClerk
from tests.desk.test_people import do
from tests.desk.world import FAR, LAMP, Clerk, World

SEALED = "HY-261121-0777-1"


@pytest.fixture
async def guard(world: World, clerk: NewClerk) -> Clerk:
    """钱安全, the security administrator of the city."""
    await world.hire("钱安全", "kunshan", "security")
    return await clerk("钱安全")


async def ask(person: Clerk, absent: str, stand_in: str, first: str, last: str) -> tuple[int, str]:
    await person.see("/desk/standing")
    return await person.send("/desk/standing/ask", absent=absent, stand_in=stand_in, first=first, last=last)


async def press(guard: Clerk, act: str) -> tuple[int, str]:
    """Press the first button of this kind on the security administrator's page."""
    _, page = await guard.see("/desk/trust")
    found = re.search(rf'action="(/desk/trust/\w+/\d+/{act})"', page)
    assert found, act
    return await guard.send(found[1])


async def test_a_stand_in_holds_from_day_to_day_once_it_is_allowed(world: World, clerk: NewClerk, guard: Clerk) -> None:
    await world.hire("何北", unit="yushan-tinglin")
    min_, he = await clerk("张敏"), await clerk("何北")
    await min_.act(LAMP, "claim")
    status, page = await ask(min_, "张敏", "何北", "2026-11-23", "2026-11-24")
    assert (status, "何北（代 张敏）" in page, "等安全管理员同意" in page) == (200, True, True)
    assert (await he.see(f"/desk/case/{LAMP}"))[0] == 404
    _, page = await guard.see("/desk/trust")
    assert "11 月 23 日至 11 月 24 日" in page
    status, page = await press(guard, "allow")
    assert (status, "正在代班" in page, "路灯" in page) == (200, True, False)
    _, page = await he.see("/desk/queue/mine")
    row = re.sub(r"<[^>]+>|\s+", " ", page[page.index(f'id="row-{LAMP}"') :])
    assert "代 张敏" in row[: row.index("群众")]
    world.clock.at += timedelta(days=1, hours=13, minutes=58)  # one minute before midnight of the last day
    await he.sign_in()
    assert (await he.see(f"/desk/case/{LAMP}"))[0] == 200
    world.clock.at += timedelta(minutes=2)
    assert (await he.see(f"/desk/case/{LAMP}"))[0] == 404


async def test_slips_of_asking_are_said(world: World, clerk: NewClerk, guard: Clerk) -> None:
    await world.hire("赵管理", "kunshan", "admin")
    min_, wang = await clerk("张敏"), await clerk("王站长")
    day = "2026-11-23"
    for absent, stand_in, first, last, words in (
        ("李娟", "张敏", day, day, "只能替自己或者"),
        ("张敏", "张敏", day, day, "或者就是本人"),
        ("张敏", "赵管理", day, day, "或者是管理员"),
        ("张敏", "李娟", "2026-11-20", day, "从今天或以后开始"),
        ("张敏", "李娟", day, "明天", "请写从哪一天"),
        ("张敏", "李娟", day, "2027-11-23", "最多 60 天"),
    ):
        status, page = await ask(min_, absent, stand_in, first, last)
        assert (status, words in page) == (422, True), words
    assert (await ask(wang, "李娟", "张敏", day, day))[0] == 200, "who leads them may ask for them"
    status, page = await ask(wang, "李娟", "王站长", day, day)
    assert (status, "已经有张敏代李娟的班了" in page) == (422, True)
    assert (await press(guard, "refuse"))[0] == 200
    assert (await ask(wang, "李娟", "王站长", day, day))[0] == 200
    assert (await press(guard, "allow"))[0] == 200
    status, page = await press(guard, "end")
    assert (status, "结束了" in page) == (200, True)


async def test_clearance_is_given_to_a_day_and_does_not_pass_to_a_stand_in(
    world: World, clerk: NewClerk, guard: Clerk
) -> None:
    await world.open_case(SEALED, user="sun", confidential=True, title="谈心")
    await world.hire("何北", unit="yushan-tinglin")
    min_, juan, he = await clerk("张敏"), await clerk("李娟"), await clerk("何北")
    assert (await min_.see(f"/desk/case/{SEALED}"))[0] == 404
    await guard.see("/desk/trust")
    status, page = await guard.send("/desk/trust/clear", name="张敏", last="2026-11-23")
    assert (status, "密级给了" in page, "张敏" in page) == (200, True, True)
    for name in ("没有人", "钱安全"):
        status, page = await guard.send("/desk/trust/clear", name=name, last="2026-11-23")
        assert (status, "不能给密级" in page) == (422, True)
    assert (await min_.see(f"/desk/case/{SEALED}"))[0] == 200
    assert (await juan.see(f"/desk/case/{SEALED}"))[0] == 404
    await ask(min_, "张敏", "何北", "2026-11-23", "2026-11-24")
    await press(guard, "allow")
    assert (await he.see(f"/desk/case/{LAMP}"))[0] == 200
    assert (await he.see(f"/desk/case/{SEALED}"))[0] == 404
    await guard.see("/desk/trust")
    await guard.send("/desk/trust/clear", name="何北", last="2026-11-24")
    assert (await he.see(f"/desk/case/{FAR}"))[0] == 200
    assert (await he.see(f"/desk/case/{SEALED}"))[0] == 404, "cleared at home, a stand-in elsewhere"
    _, page = await press(guard, "end")
    world.clock.at += timedelta(days=1)
    await min_.sign_in()
    assert (await min_.see(f"/desk/case/{SEALED}"))[0] == 404, "the day is over"


@pytest.mark.parametrize(
    ("what", "form"),
    [
        ("reset", {}),
        ("move", {"post": "coordinator", "unit": "亭林社区"}),
        ("hold", {"post": "coordinator", "unit": "亭林社区"}),
    ],
)
async def test_who_keeps_the_people_widens_no_clearance_and_takes_none_over(
    world: World, clerk: NewClerk, guard: Clerk, what: str, form: dict[str, str]
) -> None:
    await world.hire("赵管理", "kunshan", "admin")
    admin, min_ = await clerk("赵管理"), await clerk("张敏")
    await world.open_case(SEALED, user="sun", confidential=True, title="谈心")
    await guard.see("/desk/trust")
    await guard.send("/desk/trust/clear", name="张敏", last="2026-11-24")
    assert (await min_.see(f"/desk/case/{SEALED}"))[0] == 200
    assert (await do(admin, "张敏", what, **form))[0] == 200
    assert await world.database.trust.clearances(world.clock.at) == []
    _, page = await admin.see(address("张敏"))
    assert "赵管理收回了保密件的密级" in page
