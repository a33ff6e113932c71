"""值班表 at the desk: who leads a unit keeps its roster; the list and the case say who is proposed."""

from __future__ import annotations

import re

from bot.duty import HandingOut
from bot.rosters import Rosters
from bot.world import Numbers
from bot.world import World as Clocked
from tests.desk.conftest import NewClerk
from tests.desk.world import LAMP, Clerk, World

XINCHENG = "yushan-xincheng"


class Still:
    """The world's clock as the background work asks it."""

    def __init__(self, world: World) -> None:
        self._world = world

    def now(self) -> object:
        return self._world.clock()


async def roster(clerk: Clerk, act: str = "add", **fields: str) -> tuple[int, str]:
    _, page = await clerk.see(f"/desk/duty?unit={XINCHENG}")
    seen = re.findall(r'name="revision" value="(\d+)"', page)[0]
    given = {"unit": XINCHENG, "revision": seen, "days": "12345", "start": "09:00", "end": "17:30"}
    return await clerk.send(f"/desk/duty/{act}", **{**given, **fields})


async def hand_out(world: World) -> int:
    clock = Clocked(numbers=Numbers(world.database.numbers.lease), clock=Still(world))  # type: ignore[arg-type]
    rosters = Rosters(world.database.books, now=world.clock, snapshots=lambda: world.snapshots)
    work = HandingOut(world.database, rosters, world.hot, clock, snapshots=lambda: world.snapshots)
    return await work.once()


async def test_a_head_keeps_the_roster_and_who_is_on_duty_is_proposed(world: World, clerk: NewClerk) -> None:
    head, min_ = await clerk("王站长"), await clerk("张敏")
    _, page = await head.see(f"/desk/duty?unit={XINCHENG}")
    assert "还没有排班" in page
    status, page = await roster(head, person="张敏")
    assert (status, "排好了" in page, "现在值班：张敏" in page) == (200, True, True)
    assert "周一至周五" in page
    assert "09:00 到 17:30" in page

    assert await hand_out(world) >= 1
    _, page = await min_.see("/desk/queue/unclaimed")
    assert "建议您签收" in page
    assert "建议 张敏签收" in (await head.see("/desk/queue/unclaimed"))[1]
    _, page = await min_.see(f"/desk/case/{LAMP}")
    assert "建议 张敏签收" in page
    assert "鸿雁建议张敏签收：今天值班，手上 " in page
    assert (await min_.act(LAMP, "claim"))[0] == 200
    _, page = await min_.see(f"/desk/case/{LAMP}")
    assert "经办 张敏" in page
    assert "建议 张敏签收" not in page

    status, page = await roster(head, "remove", shift="张敏|12345|09:00|17:30")
    assert (status, "去掉了" in page, "第 2 版" in page) == (200, True, True)
    assert "现在值班：没有人" in page


async def test_what_is_wrong_is_named_and_comes_back_as_it_was_typed(clerk: NewClerk) -> None:
    head = await clerk("王站长")
    status, page = await roster(head, person="李四", on="明天", start="九点")
    assert status == 422
    for words in ("没有「李四」", "日期要写成 2026-10-01 这样", "几点到几点要写成 09:00 这样", 'value="明天"'):
        assert words in page, words
    assert (await roster(head, person="张敏", revision="7"))[0] == 409, "somebody else changed it"


async def test_a_row_sent_twice_is_one(world: World, clerk: NewClerk) -> None:
    head = await clerk("王站长")
    for _ in range(2):
        status, _page = await roster(head, person="张敏", on="2026-12-01", revision="0")
        assert status == 200
    assert [book.version for book in await world.database.books.history(f"duty/{XINCHENG}")] == [1]


async def test_the_roster_is_for_those_who_lead_there(clerk: NewClerk) -> None:
    min_, head = await clerk("张敏"), await clerk("王站长")
    assert (await min_.see(f"/desk/duty?unit={XINCHENG}"))[0] == 404
    assert (await head.see("/desk/duty?unit=lujia"))[0] == 404
    assert (await min_.see("/desk/queue/unit"))[1].count("/desk/duty") == 0
    assert '/desk/duty"' in (await head.see("/desk/queue/unit"))[1]
