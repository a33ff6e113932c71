"""Clocks over a real store: what fires is written with its event, once, by however many workers, across restarts."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select, update

from bot.clocks import Winder
from bot.metrics import Metrics
from bot.snapshots import packaged
from bot.turn import Turns
from bot.world import Numbers, World
from dialogs.desk.cases import Act, Refused
from dialogs.effects import ActOnCase, KeepProfile, Moves
from dialogs.facts import Snapshots
from storage import tables as t
from storage.acts import Stale
from storage.cases import CaseRow
from storage.engines import Database
from storage.hot import Hot, open_hot
from storage.moments import to_ms
from storage.staff import Staff
from storage.timeline import Happened
from tests.background.stand import NOON, Clock
from tests.storage.making import lamp, member, seeing, turn

XINCHENG, TOWN = "yushan-xincheng", "yushan"
LI = Staff(name="li", post="coordinator", unit=XINCHENG)
MONDAY = datetime.fromisoformat("2026-11-23T10:00+08:00")


class Room:
    """A store, a turn, and as many workers as one likes."""

    def __init__(self, database: Database, hot: Hot, known: Snapshots) -> None:
        self.database, self.hot, self.known = database, hot, known
        self.clock, self.metrics = Clock(), Metrics()
        self.clock.at = MONDAY
        self.world = World(numbers=Numbers(database.numbers.lease), clock=self.clock)
        self.turns = Turns(
            database.turns, hot, now=self.world.now, numbers=self.world.numbers, snapshots=lambda: known,
            on_duty=frozenset, limit=2047, member_of=database.cases.member_of, metrics=self.metrics,
        )  # fmt: skip

    def worker(self, at_once: int = 500) -> Winder:
        return Winder(
            self.database, self.turns, self.hot, self.world, self.metrics, snapshots=lambda: self.known, at_once=at_once
        )

    async def open(self, number: str) -> None:
        case = lamp(number, sign_by=MONDAY + timedelta(hours=2), answer_by=MONDAY + timedelta(days=5))
        await self.database.turns.commit(turn(member(number), "k1", case, KeepProfile(name="周建国"), at=MONDAY))

    async def act(self, number: str, what: Act, **more: object) -> CaseRow:
        wish = ActOnCase(number=number, act=what, **more)  # type: ignore[arg-type]
        found = await self.database.cases.act(wish, staff=LI, now=self.clock.at)
        assert not isinstance(found, Refused | Stale), found
        return found

    async def later(self, at: str) -> int:
        self.clock.at = datetime.fromisoformat(f"2026-{at}+08:00")
        return await self.worker().once()

    async def row(self, number: str) -> CaseRow:
        found = await self.database.cases.find(number)
        assert found is not None
        return found

    async def told(self, number: str) -> list[tuple[str, str, str]]:
        page = await self.database.cases.access_case(number, seeing([XINCHENG]))
        assert page is not None
        return [(each.act, each.by, each.target) for each in page.items if isinstance(each, Happened)]

    async def words(self) -> list[str]:
        found = await self.database.deliveries.claim("w", self.clock.at, timedelta(minutes=1), 9)
        return [each.text for each in found]


@pytest.fixture
async def room(database: Database) -> AsyncIterator[Room]:
    async with open_hot(None) as hot:
        made = Room(database, hot, packaged())
        yield made
        await made.turns.close()


async def test_a_case_left_alone_is_reminded_of_is_overdue_and_climbs(room: Room) -> None:
    await room.open("HY-1")
    before = await room.row("HY-1")
    assert await room.later("11-23T10:00") == 1, "looked at once, for its next moment"
    assert await room.later("11-23T10:59") == 0
    assert await room.later("11-23T11:00") == 1
    assert await room.later("11-23T12:00") == 1
    assert await room.later("11-24T17:30") == 1
    assert await room.told("HY-1") == [
        ("open", "member", "road.lamp"),
        ("remind", "鸿雁", f"{XINCHENG}/"),
        ("overdue", "鸿雁", f"{XINCHENG}/supervisor"),
        ("climb", "鸿雁", f"{TOWN}/supervisor"),
    ]
    row = await room.row("HY-1")
    assert (row.climbed, row.stage, row.version) == (TOWN, "climbed", before.version), "nobody's draft is out of date"
    assert (await room.act("HY-1", Act.CLAIM)).climbed == "", "there is time again"


async def test_a_climbed_case_without_any_time_left_stays_in_sight_of_the_level_above(room: Room) -> None:
    await room.open("HY-1")
    await room.act("HY-1", Act.CLAIM)
    for moment in ("11-28T10:00", "12-01T17:30"):
        await room.later(moment)
    assert (await room.row("HY-1")).climbed == TOWN
    sent = Moves(
        unit="yushan-beimen",
        owner="",
        sign_by=room.clock.at + timedelta(hours=2),
        due=room.clock.at + timedelta(hours=2),
    )
    assert (await room.act("HY-1", Act.TRANSFER, moves=sent)).climbed == TOWN
    assert (await room.act("HY-1", Act.WITHDRAW)).climbed == ""


async def test_firing_twice_changes_nothing_whoever_fires(room: Room) -> None:
    numbers = [f"HY-{n}" for n in range(30)]
    for number in numbers:
        await room.open(number)
    room.clock.at = MONDAY + timedelta(hours=2)
    counts = await asyncio.gather(*(room.worker(at_once=4).once() for _ in range(3)))
    assert sum(counts) == 30
    assert sum(await asyncio.gather(*(room.worker().once() for _ in range(3)))) == 0
    for number in numbers:
        assert [act for act, *_ in await room.told(number)] == ["open", "overdue"]


async def test_a_paused_case_goes_on_by_itself_and_its_member_hears_of_it(room: Room) -> None:
    await room.open("HY-1")
    await room.act("HY-1", Act.CLAIM)
    room.clock.at = MONDAY + timedelta(hours=1)
    paused = await room.act("HY-1", Act.PAUSE, moves=Moves(paused=room.clock.at, due=MONDAY + timedelta(days=7)))
    assert await room.later("11-30T09:59") == 1
    assert await room.words() == []
    await room.later("11-30T10:00")
    row = await room.row("HY-1")
    assert (row.status, row.paused, row.due) == ("working", None, row.answer_by)
    assert row.answer_by - paused.answer_by == timedelta(days=6, hours=23), "the clock goes on from where it stood"
    assert (await room.told("HY-1"))[-1] == ("resume", "鸿雁", "")
    (words,) = await room.words()
    assert "先按现在知道的接着办" in words
    assert await room.later("11-30T10:00") == 1, "its own limit runs again"
    assert await room.words() == []


async def test_where_the_turn_breaks_the_firing_comes_again(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    await room.open("HY-1")
    await room.act("HY-1", Act.CLAIM)
    await room.act("HY-1", Act.PAUSE, moves=Moves(paused=MONDAY, due=MONDAY + timedelta(days=7)))

    async def broken(event: object) -> None:
        raise ValueError(event)

    with monkeypatch.context() as patched:
        patched.setattr(room.turns, "staff_acted", broken)
        await room.later("11-30T10:00")
    assert (await room.row("HY-1")).status == "paused"
    assert await room.later("11-30T10:04") == 0, "it is leased"
    await room.later("11-30T10:05")
    assert (await room.row("HY-1")).status == "working"


async def test_an_answer_that_nobody_rates_is_filed_and_one_that_is_sooner(room: Room) -> None:
    for number in ("HY-1", "HY-2"):
        await room.open(number)
        await room.act(number, Act.CLAIM)
        await room.act(number, Act.ANSWER, words="换好了")
    await room.later("11-23T10:00")
    await room.act("HY-2", Act.RATE, solved="yes", satisfied=5)
    await room.later("11-26T17:30")
    assert [(await room.row(number)).status for number in ("HY-1", "HY-2")] == ["answered", "closed"]
    await room.later("12-08T17:30")
    assert (await room.row("HY-1")).status == "closed"
    assert (await room.told("HY-1"))[-1] == ("close", "鸿雁", "")
    assert await room.words() == [], "filing says nothing"
    assert await room.later("12-30T10:00") == 0


async def test_a_third_request_for_more_is_told_above_within_the_round(room: Room) -> None:
    await room.open("HY-1")
    await room.act("HY-1", Act.CLAIM)
    for _ in range(3):
        await room.act("HY-1", Act.PAUSE, moves=Moves(paused=room.clock.at, due=room.clock.at + timedelta(days=7)))
        await room.worker().once()
        await room.act("HY-1", Act.RESUME)
    row = await room.row("HY-1")
    assert (row.contacts, row.alarmed) == (3, True)
    assert [each for each in await room.told("HY-1") if each[0] == "alarm"] == [("alarm", "鸿雁", f"{TOWN}/supervisor")]


async def test_desks_that_are_open_hear_of_it(room: Room) -> None:
    await room.open("HY-1")
    heard = asyncio.ensure_future(anext(aiter(room.hot.listen("desk"))))
    await asyncio.sleep(0)
    await room.later("11-23T12:00")
    assert await asyncio.wait_for(heard, 10) == "HY-1"
    assert room.metrics.clocks.labels("overdue")._value.get() == 1


async def test_a_storm_is_swept_in_rounds_and_turns_go_between_them(room: Room) -> None:
    for n in range(40):
        await room.open(f"HY-{n}")
    room.clock.at = MONDAY + timedelta(days=7)
    sweeping = asyncio.ensure_future(room.worker(at_once=5).once())
    await asyncio.sleep(0)
    await room.database.turns.commit(turn(member("new"), "k1", lamp("HY-new"), at=room.clock.at))
    assert not sweeping.done(), "a turn waits for a round at most"
    assert await sweeping >= 40
    await room.worker().once()
    assert await room.database.clocks.waiting(room.clock.at, 9) == []


async def test_a_case_that_is_filed_has_no_clock(room: Room) -> None:
    await room.open("HY-1")
    await room.act("HY-1", Act.WITHDRAW)
    assert await room.later("12-30T10:00") == 0
    assert NOON < MONDAY
    found = await room.database._engine.read(lambda conn: conn.execute(select(t.cases.c.fires)).scalar())
    assert found is None


async def test_a_case_in_a_unit_that_is_gone_breaks_no_round(room: Room) -> None:
    await room.open("HY-1")
    lost = update(t.cases).values(unit="nowhere")
    await room.database._engine.write(lambda conn: conn.execute(lost).rowcount)
    for day in ("11-23T12:00", "11-25T17:30", "12-30T17:30"):
        await room.later(day)
    row = await room.row("HY-1")
    assert (row.stage, row.climbed) == ("top", "nowhere")
    assert to_ms(row.due) > 0


@pytest.mark.parametrize("spoilt", [{"grade": "purple"}, {"status": "lost"}, {"stage": "?"}, {"due": 10**17}])
async def test_one_case_that_cannot_be_reckoned_with_stops_no_other_clock(
    room: Room, spoilt: dict[str, object]
) -> None:
    for number in ("HY-1", "HY-2", "HY-3"):
        await room.open(number)
    wrong = update(t.cases).where(t.cases.c.number == "HY-2").values(**spoilt)
    await room.database._engine.write(lambda conn: conn.execute(wrong).rowcount)
    for moment in ("11-23T10:00", "11-23T11:00", "11-23T12:00"):
        await room.later(moment)
    for number in ("HY-1", "HY-3"):
        assert [act for act, _, _ in await room.told(number)] == ["open", "remind", "overdue"]
    assert room.metrics.registry.get_sample_value("hongyan_loop_crashes_total", {"loop": "clocks"}), "and it is told"
