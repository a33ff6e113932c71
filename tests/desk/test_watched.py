"""What the clocks did, as the desk shows it: the place 督办, marks in rows and heads, lines of the time-line."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from bot.clocks import Winder
from bot.metrics import Metrics
from bot.world import Numbers
from bot.world import World as Clockwork
from tests.desk.conftest import NewClerk
from tests.desk.test_more import head, moves
from tests.desk.test_queue import numbers
from tests.desk.world import LAMP, World


class _Clock:
    """The desk's clock as the background has it."""

    def __init__(self, world: World) -> None:
        self._world = world

    def now(self) -> object:
        return self._world.clock.at


@pytest.fixture
def winder(world: World) -> Winder:
    clock = Clockwork(numbers=Numbers(world.database.numbers.lease), clock=_Clock(world))  # type: ignore[arg-type]
    known = world.snapshots
    return Winder(world.database, world, world.hot, clock, Metrics(), snapshots=lambda: known)


async def passes(world: World, winder: Winder, **span: float) -> None:
    world.clock.at += timedelta(**span)
    await winder.once()


def title(page: str) -> str:
    found = re.search(r"<title>(.*?)</title>", page)
    return found[1] if found else ""


async def test_what_climbs_is_seen_where_it_came_from_and_where_it_came_to(
    world: World, winder: Winder, clerk: NewClerk
) -> None:
    await world.hire("陈督办", unit="gaoxin", post="supervisor")
    min_, wang, chen = await clerk("张敏"), await clerk("王站长"), await clerk("陈督办")
    await passes(world, winder)  # 10:01, signed for by 11:00
    await passes(world, winder, minutes=59)
    assert "超期了，记一次，提醒新城社区和服务督办员" in moves((await min_.see(f"/desk/case/{LAMP}"))[1])
    assert numbers((await wang.see("/desk/queue/watched"))[1]) == []

    await passes(world, winder, days=1, hours=7)
    for who in (min_, wang):
        await who.sign_in()
        _, page = await who.see("/desk/queue/watched")
        assert numbers(page) == [LAMP]
        assert "已升到玉山镇" in page
    await chen.sign_in()
    assert numbers((await chen.see("/desk/queue/watched"))[1]) == [], "it has not come so high yet"
    _, page = await wang.see(f"/desk/case/{LAMP}")
    assert "已升到玉山镇" in head(page)
    assert "超期还没有办，升到玉山镇，请服务督办员督办" in moves(page)

    await passes(world, winder, days=3)
    await chen.sign_in()
    assert numbers((await chen.see("/desk/queue/watched"))[1]) == [LAMP]
    await min_.sign_in()
    _, page = await min_.act(LAMP, "claim")
    assert "已升到" in head(page), "its time is over all the same"


async def test_who_signs_in_time_brings_it_down_again(world: World, winder: Winder, clerk: NewClerk) -> None:
    await passes(world, winder)
    await passes(world, winder, hours=1)
    await passes(world, winder, days=1, hours=7)
    min_ = await clerk("张敏")
    assert "已升到玉山镇" in head((await min_.see(f"/desk/case/{LAMP}"))[1])
    _, page = await min_.act(LAMP, "claim")
    assert "已升到" not in head(page)


async def test_what_is_urged_presses_whenever_it_is_due(world: World, clerk: NewClerk) -> None:
    wang, min_ = await clerk("王站长"), await clerk("张敏")
    await min_.act(LAMP, "claim")
    before = title((await min_.see("/desk/queue/mine"))[1])
    await wang.act(LAMP, "urge", "今天必须有人去看")
    _, page = await min_.see("/desk/queue/watched")
    assert (numbers(page), "督办中" in page) == ([LAMP], True)
    pressed = int(re.findall(r"\((\d+)\)", title(page))[0])
    assert pressed == int((re.findall(r"\((\d+)\)", before) or ["0"])[0]) + 1
    await min_.act(LAMP, "answer", "已经换好了")
    assert numbers((await min_.see("/desk/queue/watched"))[1]) == []


async def test_a_request_too_many_is_announced_before_and_seen_above(
    world: World, winder: Winder, clerk: NewClerk
) -> None:
    min_, wang = await clerk("张敏"), await clerk("王站长")
    _, page = await min_.act(LAMP, "claim")
    for wanted in ("要什么一次说全", "已经请过 1 次，这次请说全", "已经请过 2 次，再请就告诉上一级"):
        assert wanted in page
        await min_.act(LAMP, "pause", "请发一张照片")
        await winder.once()
        await world.add(LAMP, "照片在这里")
        _, page = await min_.see(f"/desk/case/{LAMP}")
    assert "已请群众补充 3 次" in head(page)
    assert "请群众补充已超过两次，告诉了玉山镇服务督办员" in moves(page)
    assert LAMP in numbers((await wang.see("/desk/queue/watched"))[1])


async def test_a_reminder_leaves_a_draft_as_it_is(world: World, winder: Winder, clerk: NewClerk) -> None:
    min_ = await clerk("张敏")
    _, seen = await min_.act(LAMP, "claim")
    fields = dict(re.findall(r'name="(version|seen)" value="([\d.]+)"', seen))
    await passes(world, winder)
    await passes(world, winder, days=4)
    await min_.sign_in()
    await min_.see("/desk/queue/mine")
    status, page = await min_.send(f"/desk/case/{LAMP}/say", act="write", words="配件明天到", **fields)
    assert (status, world.sent) == (200, ["配件明天到"])
    assert any("快到时限了" in line or "超期了" in line for line in moves(page))


async def test_an_empty_place_says_so(clerk: NewClerk) -> None:
    _, page = await (await clerk("张敏")).see("/desk/queue/watched")
    assert "没有升级上来的件，也没有督办的件" in page


async def test_a_deadline_in_a_year_without_holidays_says_that_it_may_move(world: World, clerk: NewClerk) -> None:
    number = "HY-261123-0001-7"
    await world.open_case(number, user="qian", answer_by=world.clock.at + timedelta(days=60))
    min_ = await clerk("张敏")
    assert "2027 年的放假安排还没有录入，只按周末算，可能变动" in head((await min_.see(f"/desk/case/{number}"))[1])
    assert "放假安排" not in head((await min_.see(f"/desk/case/{LAMP}"))[1])
