"""How many others reported the same matter: a counter on the case, exact whatever happens to those who join it."""

from __future__ import annotations

import asyncio
import random
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from dialogs.desk.cases import Act
from dialogs.effects import ActOnCase
from dialogs.facts import KnownCase, Wants
from storage import gathering
from storage import tables as t
from storage.crypto import Keys
from storage.engines import Database, open_database
from storage.turns import Conflict, Gather
from tests.storage.making import NOON, lamp, look, member, seeing, turn

HERE = ["yushan-xincheng"]
WANTS = Wants(category="road.lamp", unit=HERE[0])
FIRST = member("first")


async def nearby(database: Database, wants: Wants = WANTS, who: str = "stranger") -> tuple[KnownCase, ...]:
    return (await database.turns.gather(Gather(member=member(who).id, key="?", wants=wants))).nearby


async def counted(database: Database) -> int:
    """What the first member, the stranger and the desk are told of HY-1; they must be told the same."""
    (own,) = (await look(database, FIRST)).cases
    (near,) = await nearby(database)
    page = await database.cases.access_case("HY-1", seeing(HERE))
    queue = await database.cases.queue("unit", seeing(HERE), NOON)
    assert page is not None
    told = {own.neighbours, near.neighbours, page.row.neighbours}
    told |= {row.neighbours for row in queue if row.number == "HY-1"}
    assert len(told) == 1, told
    return told.pop()


async def join(database: Database, name: str, number: str) -> None:
    await database.turns.commit(turn(member(name), "join", lamp(number, same_as="HY-1")))


async def withdraw(database: Database, name: str, number: str) -> None:
    write = turn(member(name), "withdraw", ActOnCase(number=number, act=Act.WITHDRAW), version=1)
    await database.turns.commit(write)


async def test_who_joins_is_counted_and_who_withdraws_is_not(database: Database) -> None:
    await database.turns.commit(turn(FIRST, "k1", lamp("HY-1")))
    assert await counted(database) == 0
    await join(database, "b", "HY-2")
    assert await counted(database) == 1
    await join(database, "c", "HY-3")
    assert await counted(database) == 2
    await withdraw(database, "b", "HY-2")
    assert await counted(database) == 1
    leave = ActOnCase(number="HY-3", act=Act.WITHDRAW)
    await database.cases.act(leave, staff=None, now=NOON)
    assert await counted(database) == 0


async def test_what_else_happens_to_a_joined_case_changes_no_count(database: Database) -> None:
    await database.turns.commit(turn(FIRST, "k1", lamp("HY-1")))
    await join(database, "b", "HY-2")
    for act in (Act.CLAIM, Act.NOTE, Act.ANSWER, Act.CLOSE, Act.REOPEN):
        await database.cases.act(ActOnCase(number="HY-2", act=act, by="li"), staff=None, now=NOON)
        assert await counted(database) == 1
    await database.turns.commit(turn(member("c"), "k1", lamp("HY-3")))
    await withdraw(database, "c", "HY-3")
    assert await counted(database) == 1


async def test_a_turn_that_is_refused_or_repeated_counts_nothing(database: Database) -> None:
    await database.turns.commit(turn(FIRST, "k1", lamp("HY-1")))
    await join(database, "b", "HY-2")
    late = turn(member("b"), "late", lamp("HY-3", same_as="HY-1"), version=0)
    for again in (late, replace(late, key="join"), replace(late, key="join", version=1)):
        with pytest.raises(Conflict):
            await database.turns.commit(again)
    assert await counted(database) == 1
    leave = turn(member("b"), "leave", ActOnCase(number="HY-2", act=Act.WITHDRAW), version=1)
    await database.turns.commit(leave)
    for again in (leave, replace(leave, version=2), replace(leave, key="again", version=2)):
        with pytest.raises(Conflict):
            await database.turns.commit(again)
    assert await counted(database) == 0


async def test_of_many_who_join_at_once_the_guilty_are_not_counted(database: Database) -> None:
    await database.turns.commit(turn(FIRST, "k1", lamp("HY-1")))
    for n in (7, 27, 47):
        await database.turns.commit(turn(member(f"m{n}"), "earlier"))
    writes = [turn(member(f"m{n}"), "join", lamp(f"HY-1{n:02}", same_as="HY-1")) for n in range(60)]
    results = await asyncio.gather(*(database.turns.commit(write) for write in writes), return_exceptions=True)
    assert sum(isinstance(result, Conflict) for result in results) == 3
    assert await counted(database) == 57


async def test_who_joins_and_withdraws_in_one_batch_is_counted_once_each_way(database: Database) -> None:
    await database.turns.commit(turn(FIRST, "k1", lamp("HY-1")))
    await join(database, "b", "HY-2")
    both = lamp("HY-4", same_as="HY-1"), ActOnCase(number="HY-4", act=Act.WITHDRAW)
    await asyncio.gather(
        join(database, "c", "HY-3"),
        withdraw(database, "b", "HY-2"),
        database.turns.commit(turn(member("d"), "k1", *both)),
    )
    assert await counted(database) == 1


async def test_two_processes_count_together(postgres_url: str, keys: Keys) -> None:
    async with open_database(postgres_url, keys) as one, open_database(postgres_url, keys) as two:
        for number, who in (("HY-1", FIRST), ("HY-2", member("second"))):
            await one.turns.commit(turn(who, "k1", lamp(number)))

        async def reported(database: Database, n: int) -> None:
            for number in chance.sample(["HY-1", "HY-2"], 2):
                join = lamp(f"{number}-{n}", same_as=number)
                await database.turns.commit(turn(member(f"{number}-{n}"), "k", join))

        chance = random.Random(1)
        await asyncio.gather(*(reported(chance.choice([one, two]), n) for n in range(80)))
        queue = await two.cases.queue("unit", seeing(HERE), NOON, limit=500)
        assert {row.number: row.neighbours for row in queue if not row.same_as} == {"HY-1": 80, "HY-2": 80}


async def recount(database: Database) -> dict[str, int]:
    """Count the old way: every case that joined one and was not withdrawn."""
    joined = t.cases.c.same_as
    question = select(joined, func.count()).where(joined != "", t.cases.c.status != "withdrawn").group_by(joined)
    return await database.turns._engine.read(lambda conn: dict(conn.execute(question).all()))


@pytest.mark.parametrize("seed", range(4))
async def test_the_counter_is_what_counting_would_give(database: Database, seed: int) -> None:
    chance = random.Random(seed)
    for name in ("HY-1", "HY-2"):
        await database.turns.commit(turn(member(name), "open", lamp(name)))
    numbers = [f"HY-{n}" for n in range(10, 60)]

    async def once(number: str) -> None:
        for act in range(chance.randrange(1, 4)):
            what = lamp(number, same_as=chance.choice(["HY-1", "HY-2"]))
            effect = ActOnCase(number=number, act=chance.choice([Act.ADD, Act.WITHDRAW])) if act else what
            version = chance.choice([act, act, 9])
            with suppress(Conflict):
                await database.turns.commit(turn(member(number), f"k{act}", effect, version=version))

    await asyncio.gather(*(once(number) for number in numbers))
    kept = {row.number: row.neighbours for row in await database.cases.queue("unit", seeing(HERE), NOON, limit=500)}
    counts = await recount(database)
    assert sum(counts.values())
    assert {number: kept[number] for number in ("HY-1", "HY-2")} == {n: counts.get(n, 0) for n in ("HY-1", "HY-2")}


async def test_the_one_who_is_remembered_learns_of_those_who_join(sqlite_url: str, keys: Keys) -> None:
    async with open_database(sqlite_url, keys) as database:
        await database.turns.commit(turn(FIRST, "k1", lamp("HY-1")))
        for number, name in enumerate(("b", "c"), start=1):
            await look(database, FIRST)
            await join(database, name, f"HY-{name}")
            assert [case.neighbours for case in (await look(database, FIRST)).cases] == [number]
        await withdraw(database, "b", "HY-b")
        assert [case.neighbours for case in (await look(database, FIRST)).cases] == [1]


async def test_only_the_newest_of_what_is_near_is_read(database: Database) -> None:
    most = gathering.MOST_NEAR
    water = Wants(category="water", unit=HERE[0])
    writes = [
        turn(member(f"{what}{n}"), "k1", lamp(f"HY-{what}-{n}", category=what), at=NOON + timedelta(minutes=n))
        for what, count in (("road.lamp", most + 5), ("water", 3))
        for n in range(count)
    ]
    await asyncio.gather(*(database.turns.commit(write) for write in writes))
    await database.turns.commit(turn(member("joined"), "k1", lamp("HY-2", same_as="HY-road.lamp-0")))
    lamps, waters = await asyncio.gather(nearby(database), nearby(database, water, "other"))
    assert [case.number for case in lamps] == [f"HY-road.lamp-{n}" for n in range(most + 4, 4, -1)]
    assert [case.number for case in waters] == [f"HY-water-{n}" for n in (2, 1, 0)]
