"""What of the cases a person sees: said once for SQL and once in Python, and both say the same."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from itertools import product

import pytest
from sqlalchemy import ColumnElement, Connection, Update, select, update

from dialogs.desk.cases import Status
from storage import tables as t
from storage.engines import Database
from storage.sight import Scope, visible, within
from tests.storage.making import NOON, lamp, member, turn

HERE, GRID, THERE = "xincheng", "xincheng-g1", "tinglin"
PEOPLE = {
    "nobody": Scope(staff="li"),
    "coordinator": Scope(staff="li", whole=frozenset({HERE, GRID})),
    "cleared": Scope(staff="li", whole=frozenset({HERE, GRID}), cleared=frozenset({HERE, GRID})),
    "cleared for a part": Scope(staff="li", whole=frozenset({HERE, GRID}), cleared=frozenset({GRID})),
    "at a grid": Scope(staff="li", held=frozenset({GRID}), given=frozenset({GRID})),
    "at a grid, cleared": Scope(staff="li", held=frozenset({GRID}), given=frozenset({GRID}), cleared=frozenset({GRID})),
    "volunteer": Scope(staff="li", held=frozenset({HERE, GRID})),
    "stands in": Scope(staff="li", held=frozenset({GRID}), absent=frozenset({"wang"})),
    "two posts": Scope(staff="li", whole=frozenset({THERE}), held=frozenset({GRID}), cleared=frozenset({THERE})),
}


async def seed(database: Database) -> None:
    """One case of every kind that could make a difference."""
    kinds = product((HERE, GRID, THERE), ("", "li", "wang"), ("accepted", "working", "returned"), (False, True))
    for n, (unit, owner, status, confidential) in enumerate(kinds):
        number = f"HY-{n:02}"
        await database.turns.commit(turn(member(number), "k", lamp(number, unit=unit, confidential=confidential)))
        above = THERE if status == "returned" and owner == "wang" else ""
        change = update(t.cases).where(t.cases.c.number == number).values(owner=owner, status=status, above=above)
        await database._engine.write(partial(_do, change))


def _do(change: Update, conn: Connection) -> int:
    return conn.execute(change).rowcount


async def asked(database: Database, condition: ColumnElement[bool]) -> list[str]:
    """The numbers of the cases of which a condition holds, in order."""
    question = select(t.cases.c.number).where(condition).order_by(t.cases.c.number)
    return await database._engine.read(lambda conn: list(conn.scalars(question)))


@pytest.mark.parametrize("name", PEOPLE)
async def test_the_database_and_a_live_event_agree_on_who_sees_a_case(database: Database, name: str) -> None:
    await seed(database)
    scope = PEOPLE[name]
    cases = [await database.cases.find(f"HY-{n:02}") for n in range(54)]
    for condition, said in ((visible, scope.sees), (within, scope.within)):
        assert await asked(database, condition(scope)) == [case.number for case in cases if case and said(case)]


async def test_what_each_sees_in_words(database: Database) -> None:
    await seed(database)
    rows = {n: await database.cases.find(f"HY-{n:02}") for n in range(54)}
    cases = [case for case in rows.values() if case]

    def seen(name: str) -> set[tuple[str, str, str, bool]]:
        return {(c.unit, c.owner, c.status.value, c.confidential) for c in cases if PEOPLE[name].sees(c)}

    assert not seen("nobody")
    assert len(seen("coordinator")) == 18
    assert len(seen("cleared")) == 36
    grid = {(GRID, "li", status, False) for status in ("accepted", "working", "returned")}
    assert seen("at a grid") == grid | {(GRID, owner, "accepted", False) for owner in ("", "wang")}
    assert {unit for unit, *_ in seen("volunteer")} == {HERE, GRID}
    assert {owner for _, owner, *_ in seen("volunteer")} == {"li"}
    assert {owner for _, owner, *_ in seen("stands in")} == {"li", "wang"}
    assert (HERE, "wang", "returned", True) in seen("two posts"), "theirs to decide, and they are cleared"


async def test_places_and_counters_agree_for_everybody(database: Database) -> None:
    await seed(database)
    at = NOON - timedelta(hours=1)
    for scope in PEOPLE.values():
        counts = await database.cases.counters(scope, at)
        for place, count in counts.items():
            found = await database.cases.queue(place, scope, at, limit=100)
            assert len(found) == count, (scope, place)
            assert all(scope.sees(case) for case in found)
    assert Status.RETURNED in {
        case.status for case in await database.cases.queue("returned", PEOPLE["two posts"], at, limit=100)
    }
