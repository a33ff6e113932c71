"""Handing out over a real store: somebody is proposed behind the turn, once, by however many workers."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from datetime import datetime, time, timedelta
from typing import Any

import pytest

from bot.duty import HandingOut
from bot.rosters import Rosters
from bot.snapshots import packaged
from bot.world import Numbers, World
from dialogs.desk.cases import Act, Grade, Refused
from dialogs.desk.duty import Roster, Shift
from dialogs.effects import ActOnCase, Moves
from storage.acts import Stale
from storage.audit import Actor
from storage.cases import CaseRow
from storage.engines import Database
from storage.hot import Hot, open_hot
from storage.staff import Staff
from storage.timeline import Happened
from tests.background.stand import Clock
from tests.storage.making import lamp, member, seeing, turn

XINCHENG, TOWN = "yushan-xincheng", "yushan"
MONDAY = datetime.fromisoformat("2026-11-23T10:00+08:00")
PEOPLE = {
    "张敏": ("coordinator", XINCHENG),
    "刘伟": ("coordinator", XINCHENG),
    "网格小李": ("grid", XINCHENG),
    "赵丽": ("supervisor", TOWN),
    "管理员": ("admin", XINCHENG),
}
ZHANG = Staff(name="张敏", post="coordinator", unit=XINCHENG)


class Room:
    """A store with people, and as many workers as one likes."""

    def __init__(self, database: Database, hot: Hot) -> None:
        self.database, self.hot, self.known = database, hot, packaged()
        self.clock = Clock()
        self.clock.at = MONDAY
        self.world = World(numbers=Numbers(database.numbers.lease), clock=self.clock)
        self.rosters = Rosters(database.books, now=self.world.now, snapshots=lambda: self.known)

    def worker(self) -> HandingOut:
        return HandingOut(self.database, self.rosters, self.hot, self.world, snapshots=lambda: self.known)

    async def open(self, number: str, **more: Any) -> None:
        case = lamp(number, sign_by=MONDAY + timedelta(hours=2), answer_by=MONDAY + timedelta(days=5), **more)
        await self.database.turns.commit(turn(member(number), "k1", case, at=MONDAY))

    async def on_duty(self, unit: str, *names: str) -> None:
        shifts = [Shift(person=name, days="1234567", start=time(9), end=time(17)) for name in names]
        version = (await self.rosters.of(unit)).version
        kept = await self.rosters.keep(unit, shifts, version=version, by=Actor(name="站长"))
        assert isinstance(kept, Roster)

    async def row(self, number: str) -> CaseRow:
        found = await self.database.cases.find(number)
        assert found is not None
        return found

    async def act(self, number: str, what: Act, **more: Any) -> None:
        got = await self.database.cases.act(ActOnCase(number=number, act=what, **more), staff=ZHANG, now=self.clock.at)
        assert not isinstance(got, Refused | Stale), got

    async def told(self, number: str) -> list[tuple[str, str, str, str]]:
        page = await self.database.cases.access_case(number, seeing([XINCHENG]))
        assert page is not None
        did = [each for each in page.items if isinstance(each, Happened) and each.act != "open"]
        return [(each.act, each.by, each.target, each.words) for each in did]


@pytest.fixture
async def room(database: Database) -> AsyncIterator[Room]:
    for name, (post, unit) in PEOPLE.items():
        await database.staff.add(name, "-", post, unit, now=MONDAY)
    async with open_hot(None) as hot:
        yield Room(database, hot)


async def test_who_is_on_duty_is_proposed_and_the_reason_is_told(room: Room) -> None:
    await room.on_duty(XINCHENG, "张敏")
    await room.open("HY-1")
    before = await room.row("HY-1")
    assert await room.worker().once() == 1
    row = await room.row("HY-1")
    assert (row.proposed, row.owner, row.version) == ("张敏", "", before.version), "whoever has it open may still sign"
    assert await room.told("HY-1") == [("propose", "鸿雁", "张敏", "今天值班，手上 0 件")]
    assert await room.worker().once() == 0
    await room.act("HY-1", Act.CLAIM, version=before.version)
    assert ((await room.row("HY-1")).proposed, (await room.row("HY-1")).owner) == ("", "张敏")


async def test_several_workers_propose_one_person_once(room: Room) -> None:
    for number in range(6):
        await room.open(f"HY-{number}")
    assert sum(await asyncio.gather(*(room.worker().once() for _ in range(4)))) == 6
    assert all([len(await room.told(f"HY-{number}")) == 1 for number in range(6)])


async def test_cases_are_shared_out_by_what_each_has_in_hand(room: Room) -> None:
    for number in range(4):
        await room.open(f"HY-{number}")
    await room.worker().once()
    rows = [(await room.row(f"HY-{number}")).proposed for number in range(4)]
    assert sorted(rows) == ["刘伟", "刘伟", "张敏", "张敏"], "not to a grid worker who would not see it there"


async def test_nobody_leaves_it_as_it_is_until_there_is_somebody(room: Room) -> None:
    await room.open("HY-1", unit="yushan-beimen")
    worker = room.worker()
    assert await worker.once() == 0
    await room.database.staff.add("孙燕", "-", "intake", "yushan-beimen", now=MONDAY)
    assert await worker.once() == 0, "it is not asked again at every look"
    room.clock.forward(minutes=2)
    assert await worker.once() == 1
    assert (await room.row("HY-1")).proposed == "孙燕"


async def test_what_is_red_goes_to_the_duty_holder_above(room: Room) -> None:
    await room.on_duty(TOWN, "赵丽")
    await room.open("HY-1", grade=Grade.RED)
    await room.open("HY-2")
    await room.worker().once()
    assert ((await room.row("HY-1")).proposed, (await room.row("HY-2")).proposed) == ("赵丽", "刘伟")


async def test_an_absent_person_is_stood_in_for(room: Room) -> None:
    trust, head = room.database.trust, Staff(name="站长", post="head", unit=XINCHENG)
    await room.on_duty(XINCHENG, "张敏")
    await trust.ask("张敏", "赵丽", MONDAY, MONDAY + timedelta(days=3), by=head, now=MONDAY)
    (asked,) = await trust.stand_ins(MONDAY)
    await trust.decide(asked.id, allow=True, by=head, now=MONDAY)
    await room.open("HY-1")
    await room.open("HY-2", confidential=True)
    await room.worker().once()
    assert await room.told("HY-1") == [("propose", "鸿雁", "赵丽", "代张敏，今天值班，手上 0 件")]
    assert (await room.row("HY-2")).proposed == "", "clearance does not pass to who stands in"


async def test_another_unit_proposes_anew(room: Room) -> None:
    await room.open("HY-1")
    await room.worker().once()
    await room.act("HY-1", Act.DISPATCH, moves=Moves(unit=TOWN))
    assert (await room.row("HY-1")).proposed == ""
    await room.worker().once()
    assert (await room.row("HY-1")).proposed == "赵丽"


async def test_where_the_unit_has_it_so_the_case_is_handed_over_at_once(room: Room) -> None:
    rules = room.known.rules
    room.known = replace(room.known, rules=replace(rules, duty=replace(rules.duty, units={XINCHENG: "auto"})))
    await room.on_duty(XINCHENG, "张敏")
    await room.open("HY-1")
    await room.worker().once()
    row = await room.row("HY-1")
    assert (row.owner, row.first_owner, row.status, row.due) == ("张敏", "张敏", "working", row.answer_by)
    assert row.signed == MONDAY
    assert await room.told("HY-1") == [("assign", "鸿雁", "张敏", "今天值班，手上 0 件")]


async def test_a_roster_is_kept_by_versions(room: Room) -> None:
    await room.on_duty(XINCHENG, "张敏")
    await room.on_duty(XINCHENG, "刘伟")
    late = await room.rosters.keep(XINCHENG, (), version=1, by=Actor(name="站长"))
    assert late == Stale(version=2), "somebody else changed it"
    assert (await room.rosters.of(TOWN)).version == 0
    assert [each.version for each in await room.rosters.history(XINCHENG)] == [2, 1]
    assert await room.rosters.on_duty([XINCHENG, TOWN], MONDAY) == {XINCHENG: ("刘伟",)}


async def test_a_unit_that_breaks_the_round_keeps_no_other_waiting(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    of_units = room.database.staff.of_units

    async def broken(units: Sequence[str], at: datetime) -> list[Staff]:
        if "yushan-beimen" in units:
            raise OSError("this page of the database is unreadable")
        return await of_units(units, at)

    monkeypatch.setattr(room.database.staff, "of_units", broken)
    await room.open("HY-1", unit="yushan-beimen")
    await room.open("HY-2")
    assert await room.worker().once() == 1
    assert (await room.row("HY-2")).proposed == "刘伟"
