"""A group of cases with one answer, over real turns: each member hears it once, and nothing of another's."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from shutil import copyfile

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from bot.bringing import Group
from bot.desk import Desk, Done, Outcome
from bot.metrics import Metrics
from bot.snapshots import packaged
from bot.turn import Turns
from bot.world import Numbers, World
from dialogs.conversation import Conversation
from dialogs.desk.cases import TABLE, Act, Grade, Refused
from dialogs.desk.wishes import Wish
from dialogs.effects import ActOnCase, Effect, KeepProfile, OpenCase
from dialogs.events import MemberSaid, Noticed
from dialogs.facts import Snapshots
from dialogs.numbers import case_number
from storage import tables as t
from storage.crypto import Keys
from storage.engines import Database, open_database
from storage.hot import Hot, open_hot
from storage.staff import Staff
from storage.turns import Gather, MemberKey, TurnWrite

NOON = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)
UNIT = "yushan-xincheng"
SNAPSHOTS = packaged()


@dataclass(slots=True)
class Clock:
    at: datetime = NOON

    def now(self) -> datetime:
        return self.at


@dataclass(slots=True)
class Town:
    """A desk, real turns, and members each with a name, a telephone and words that are theirs alone."""

    database: Database
    turns: Turns
    desk: Desk
    group: Group
    clock: Clock
    keys: Keys
    staff: Staff
    members: dict[str, MemberKey] = field(default_factory=dict)
    serial: int = 0

    async def arrives(self, *, confidential: bool = False) -> str:
        """Somebody reports the lamp; gives their case's number."""
        self.serial += 1
        number = case_number(NOON.date(), self.serial)
        member = self.members[number] = MemberKey("wechat", "main", f"o{self.serial}")
        mine = self.secret(number)
        traditional = self.serial % 2 == 0
        opened = OpenCase(
            number=number, service="help", title="路灯", grade=Grade.YELLOW, category="roads.lamp", unit=UNIT,
            post="livelihood", sign_by=NOON + timedelta(hours=2), answer_by=NOON + timedelta(days=4),
            matter=f"路灯坏了，{mine}", place="新城花园三号楼", confidential=confidential,
        )  # fmt: skip
        profile = KeepProfile(name=f"姓{mine}", phone=f"138{self.serial:08d}", traditional=traditional)
        await self._commit(member, f"open/{number}", Conversation(traditional=traditional), profile, opened)
        return number

    def secret(self, number: str) -> str:
        """Words that nobody else may read."""
        return f"私{chr(0x4E00 + int(number[10:14]))}密"

    async def says(self, number: str, act: Act) -> None:
        """The member writes to their case, takes it back, or says that it is not solved."""
        self.serial += 1
        words = f"{self.secret(number)}又来说" if act is Act.ADD else ""
        found = await self.database.turns.gather(Gather(member=self.members[number].id, key="-"))
        case = next((case for case in found.cases if case.number == number), None)
        if case is None or (case.status, act) not in TABLE:
            return
        event = ActOnCase(number=number, act=act, words=words)
        await self._commit(self.members[number], f"says/{self.serial}", found.conversation, event)

    async def _commit(self, member: MemberKey, key: str, conversation: Conversation, *effects: Effect) -> None:
        found = await self.database.turns.gather(Gather(member=member.id, key=key))
        event = MemberSaid(text="…", folded="…") if key.startswith("says") else Noticed(what="before")
        await self.database.turns.commit(
            TurnWrite(
                member=member, key=key, event=event, at=self.clock.at, conversation=conversation,
                version=found.version, effects=effects, reply=b"",
            )
        )  # fmt: skip

    async def act(self, number: str, act: Act, words: str = "", to: str = "") -> Outcome:
        row = await self.database.cases.find(number)
        assert row is not None
        return await self.desk.wish(self.staff, number, Wish(act=act, version=row.version, words=words, to=to))

    async def heard(self, number: str) -> list[str]:
        """Everything that was to reach a member."""
        rows = t.deliveries.c
        mine = select(rows.text).where(rows.member == self.members[number].id).order_by(rows.id)
        sealed = await self.database.cases._engine.read(lambda conn: list(conn.scalars(mine)))
        return [self.keys.open("deliveries.text", text) for text in sealed]

    async def forget_that_it_was_done(self, bringing: int) -> None:
        sealed = self.keys.seal("bringings.words", "灯修好了")
        back = t.bringings.update().where(t.bringings.c.id == bringing).values(status="claimed", words=sealed)
        await self.database.cases._engine.write(lambda conn: conn.execute(back).rowcount)

    async def status(self, number: str) -> str:
        row = await self.database.cases.find(number)
        assert row is not None
        return row.status.value


@asynccontextmanager
async def town(url: str, keys: Keys, hot: Hot) -> AsyncIterator[Town]:
    clock = Clock()
    async with open_database(url, keys, clock=clock.now) as database:
        world = World(numbers=Numbers(database.numbers.lease), clock=clock)
        snapshots: Snapshots = SNAPSHOTS
        turns = Turns(
            database.turns, hot, now=clock.now, numbers=world.numbers, snapshots=lambda: snapshots,
            on_duty=frozenset, member_of=database.cases.member_of, metrics=Metrics(),
        )  # fmt: skip
        desk = Desk(
            cases=database.cases, calls=database.calls, people=database.staff, turns=turns, told=hot, now=clock.now,
            snapshots=lambda: snapshots,
        )  # fmt: skip
        group = Group(database, turns, hot, world, Metrics())
        await database.staff.add("刘站长", "-", "head", UNIT)
        stored = await database.staff.by_name("刘站长", clock.now())
        assert stored is not None
        yield Town(database, turns, desk, group, clock, keys, stored.staff)
        await turns.close()


@pytest.fixture
async def here(database_url: str, keys: Keys) -> AsyncIterator[Town]:
    async with open_hot(None) as hot, town(database_url, keys, hot) as found:
        yield found


async def grouped(here: Town, count: int) -> tuple[str, list[str]]:
    main, *others = [await here.arrives() for _ in range(count)]
    assert isinstance(await here.act(main, Act.CLAIM), Done)
    for number in others:
        assert isinstance(await here.act(number, Act.MERGE, to=main), Done)
    return main, others


async def nothing_leaked(here: Town) -> None:
    """No member was told another's words, name, telephone or number."""
    for number in here.members:
        told = "\n".join(await here.heard(number))
        for other in here.members.keys() - {number}:
            assert here.secret(other) not in told
            assert other not in told
            assert f"138{int(other[10:14]):08d}" not in told


async def test_one_answer_reaches_each_with_their_own_number(here: Town) -> None:
    main, others = await grouped(here, 4)
    assert isinstance(await here.act(main, Act.WRITE, "电工下午来"), Done)
    assert isinstance(await here.act(main, Act.ANSWER, "灯修好了"), Done)
    await here.group.once()

    for number in (main, *others):
        wrote, answered = await here.heard(number)
        assert "电工下午来" in wrote
        assert number in wrote
        assert "灯修好了" in answered
        assert number in answered
        assert await here.status(number) == "answered"
    assert "解決了嗎" in "".join(await here.heard(others[0])), "in their own script"
    assert await here.database.bringings.left(main) == 0
    await nothing_leaked(here)


async def test_more_time_is_told_to_each_and_their_clock_follows(here: Town) -> None:
    main, others = await grouped(here, 3)
    await here.act(main, Act.ASK_TIME, "等配件", to="3")
    assert isinstance(await here.act(main, Act.GIVE_TIME, "等配件"), Done)
    await here.group.once()
    row = await here.database.cases.find(main)
    assert row is not None
    for number in others:
        found = await here.database.cases.find(number)
        assert found is not None
        assert (found.status, found.answer_by) == ("merged", row.answer_by)
        (told,) = await here.heard(number)
        assert "等配件" in told
        assert number in told


async def test_each_is_rated_and_opened_again_by_itself(here: Town) -> None:
    main, others = await grouped(here, 3)
    await here.act(main, Act.ANSWER, "灯修好了")
    await here.group.once()
    await here.says(others[0], Act.REOPEN)
    row = await here.database.cases.find(others[0])
    assert row is not None
    assert (row.status, row.main, row.owner) == ("working", "", "刘站长")
    assert [await here.status(number) for number in (main, others[1])] == ["answered", "answered"]
    assert isinstance(await here.act(others[0], Act.ANSWER, "又修了一次"), Done)
    await here.group.once()
    assert len(await here.heard(others[1])) == 1, "an answer of its own is nobody else's"


async def test_who_left_the_group_is_not_told(here: Town) -> None:
    main, others = await grouped(here, 3)
    assert isinstance(await here.act(main, Act.ANSWER, "灯修好了"), Done)
    await here.act(others[0], Act.UNMERGE, "是另一盏")
    await here.says(others[1], Act.WITHDRAW)
    await here.group.once()
    assert [await here.heard(number) for number in others] == [[], []]
    assert await here.status(others[0]) == "accepted"


async def test_three_hundred_are_told_once_each_however_often_the_worker_dies(here: Town) -> None:
    main, others = await grouped(here, 40)
    assert isinstance(await here.act(main, Act.ANSWER, "灯修好了"), Done)
    for cut in (3, 7, 12):
        rows = await here.database.bringings.claim(f"dying{cut}", here.clock.now(), timedelta(minutes=1), cut)
        for row in rows[: cut - 1]:  # brought, and dead before it could say so
            await here.group.handle(row)
            await here.forget_that_it_was_done(row.id)
        here.clock.at += timedelta(minutes=2)
    await here.group.once()
    for number in others:
        assert len(await here.heard(number)) == 1
        assert await here.status(number) == "answered"


async def test_two_workers_tell_each_once(here: Town) -> None:
    main, others = await grouped(here, 12)
    await here.act(main, Act.ANSWER, "灯修好了")
    world = World(numbers=Numbers(here.database.numbers.lease), clock=here.clock)
    async with open_hot(None) as hot:
        second = Group(here.database, here.turns, hot, world, Metrics())
        await asyncio.gather(here.group.once(), second.once())
    assert [len(await here.heard(number)) for number in others] == [1] * 11


async def test_a_confidential_case_goes_with_no_other(here: Town) -> None:
    main = await here.arrives()
    hidden = await here.arrives(confidential=True)
    cleared = replace(here.staff, cleared=True)
    row = await here.database.cases.find(hidden)
    assert row is not None
    got = await here.desk.wish(cleared, hidden, Wish(act=Act.MERGE, version=row.version, to=main))
    assert got == Refused("sealed stands alone")


STEPS = st.lists(
    st.tuples(
        st.sampled_from(
            ["arrive", "merge", "merge", "unmerge", "claim", "write", "answer", "add", "withdraw", "reopen", "bring"]
        ),
        st.integers(0, 7),
        st.integers(0, 7),
    ),
    min_size=6,
    max_size=24,
)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=STEPS)
def test_whatever_is_done_nothing_leaks_and_nobody_is_told_twice(
    steps: list[tuple[str, int, int]], sqlite_migrated: Path, tmp_path: Path, keys: Keys
) -> None:
    path = tmp_path / "groups.db"
    for each in tmp_path.glob("groups.db*"):
        each.unlink()
    copyfile(sqlite_migrated, path)
    asyncio.run(_play(f"sqlite+aiosqlite:///{path}", keys, steps))


async def _play(url: str, keys: Keys, steps: list[tuple[str, int, int]]) -> None:
    async with open_hot(None) as hot, town(url, keys, hot) as here:
        numbers = [await here.arrives() for _ in range(4)]
        for nth, (what, one, other) in enumerate(steps):
            number, main = numbers[one % len(numbers)], numbers[other % len(numbers)]
            match what:
                case "arrive":
                    numbers.append(await here.arrives())
                case "merge":
                    await here.act(number, Act.MERGE, to=main)
                case "unmerge":
                    await here.act(number, Act.UNMERGE)
                case "claim":
                    await here.act(number, Act.CLAIM)
                case "write" | "answer":
                    await here.act(number, Act(what), f"第{nth}句话")
                case "bring":
                    await here.group.once()
                case _:
                    await here.says(number, Act(what))
            await _whole(here, numbers)
        await here.group.once()
        await nothing_leaked(here)
        for number in numbers:
            told = re.findall(r"第\d+句话", "\n".join(await here.heard(number)))
            assert len(told) == len(set(told)), "nobody is told twice"


async def _whole(here: Town, numbers: list[str]) -> None:
    """Every case of a group has a main case that stands for itself, and lies where that lies."""
    rows = {number: await here.database.cases.find(number) for number in numbers}
    for row in rows.values():
        assert row is not None
        if row.status == "merged":
            main = rows[row.main]
            assert main is not None
            assert main.status not in {"merged", "withdrawn", "closed"}
            assert (row.unit, row.owner) == (main.unit, main.owner)
