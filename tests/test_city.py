"""The demo's city: the same each time, as large as the real one, and every case the sum of what happened to it."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import UTC, datetime
from itertools import pairwise
from typing import Any

import pytest
from sqlalchemy import select

from bot.city.plan import Plan, daily, pieces
from bot.city.rows import Rows, make
from bot.city.showing import grow, settle
from bot.city.town import town
from dialogs.desk.cases import TABLE, Act, Status
from dialogs.numbers import parse
from storage import tables as t
from storage.crypto import Keys
from storage.engines import Database
from storage.moments import to_ms
from tests.conftest import SECRET

UNTIL = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)
FIRED = (Act.REMIND, Act.OVERDUE, Act.CLIMB, Act.TOP, Act.ALARM)  # by the clock: nobody's work is stale for that
SMALL = Plan(seed=7, until=UNTIL, cases=300, days=60)


def made(plan: Plan, keys: Keys) -> list[Rows]:
    calendar = town(plan.seed).known.rules.calendar
    return [make(plan, piece, keys) for piece in pieces(plan, calendar)]


def rows(made: list[Rows], table: str) -> list[dict[str, Any]]:
    return [dict(zip(some.tables[table][0], row, strict=True)) for some in made for row in some.tables[table][1]]


@pytest.fixture(scope="module")
def small(keys: Keys) -> list[Rows]:
    return made(SMALL, keys)


def test_the_city_is_as_large_as_the_real_one() -> None:
    here = town(7)
    levels = Counter(unit.level for unit in here.known.units)
    assert levels == {"city": 1, "district": 15, "town": 172, "community": 2038, "grid": 175}
    assert len({scene for unit in here.known.units for scene in unit.scenes}) == 2401
    assert len(here.people) == 4683
    assert {person.post for person in here.people.values()} >= {"intake", "coordinator", "supervisor", "head", "grid"}
    assert sum(daily(Plan(seed=7, until=UNTIL), here.known.rules.calendar).values()) == 57_000


def test_the_same_seed_is_the_same_city(small: list[Rows], keys: Keys) -> None:
    def plain(made: list[Rows]) -> list[Any]:
        return [
            [{name: value for name, value in row.items() if not isinstance(value, bytes)} for row in rows(made, table)]
            for table in ("members", "cases", "case_events", "transcript", "deliveries")
        ]

    assert plain(made(SMALL, keys)) == plain(small)
    assert plain(made(Plan(seed=8, until=UNTIL, cases=300, days=60), keys)) != plain(small)


def test_what_happened_to_a_case_leads_to_its_row(small: list[Rows]) -> None:
    """Replay each case's events by the table, and compare with what is stored."""
    happened: defaultdict[str, list[dict[str, Any]]] = defaultdict(list)
    for event in rows(small, "case_events"):
        happened[event["number"]].append(event)
    cases = rows(small, "cases")
    assert len(cases) == 300
    for case in cases:
        opened, *acts = happened[case["number"]]
        assert (opened["act"], opened["after"], opened["at"]) == ("open", "accepted", case["opened"])
        told = {"status": "accepted", "unit": case["first_unit"], "owner": "", "first_owner": "", "returns": 0}
        told |= {"signed": None, "answered": None, "closed": None, "version": 1}
        for before, after in pairwise([opened, *acts]):
            assert before["at"] <= after["at"] < to_ms(UNTIL)
        for event in acts:
            assert event["before"] == told["status"]
            act = Act(event["act"])
            assert TABLE[Status(event["before"]), act] == event["after"]
            told |= {"status": event["after"]} | changes(act, event, told)
        assert told == {name: case[name] for name in told}, case["number"]


def changes(act: Act, event: dict[str, Any], told: dict[str, Any]) -> dict[str, Any]:
    """What an act changes, as the plan's words say it (not as the code does it)."""
    grown = {"version": told["version"] + (act not in {Act.REVEAL, *FIRED})}
    match act:
        case Act.CLAIM:
            return grown | {
                "owner": event["by"],
                "signed": event["at"],
                "first_owner": told["first_owner"] or event["by"],
            }
        case Act.HAND_OVER:
            return grown | {"owner": event["target"]}
        case Act.DISPATCH | Act.TAKE_BACK:
            return grown | {"unit": event["target"], "owner": ""}
        case Act.TRANSFER:
            return grown | {"unit": event["target"], "owner": "", "signed": None}
        case Act.RETURN:
            return grown | {"returns": told["returns"] + 1}
        case Act.ANSWER | Act.REFER:
            return grown | {"answered": event["at"]}
        case Act.CLOSE | Act.WITHDRAW:
            return grown | {"closed": event["at"]}
        case Act.REOPEN:
            return grown | {"closed": None}
        case _:
            return grown


def test_it_is_a_season_as_people_live_it(keys: Keys) -> None:
    """Heating is what October ends with; nights and Sundays are quiet; most is answered in time, not all."""
    many = rows(made(Plan(seed=3, until=UNTIL, cases=600, days=60), keys), "cases")
    heating = [row for row in many if row["category"] == "utilities.heating"]
    october = to_ms(datetime(2026, 10, 19, 16, tzinfo=UTC))
    assert len([row for row in heating if row["opened"] > october]) > 4 * len(heating) / 5
    assert len(heating) > len(many) / 12
    hours = Counter((row["opened"] // 3_600_000 + 8) % 24 for row in many)
    assert sum(hours[hour] for hour in range(6)) < len(many) / 20
    late = [row for row in many if row["answered"] and row["answered"] > row["answer_by"]]
    answered = [row for row in many if row["answered"]]
    assert 0.02 < len(late) / len(answered) < 0.2
    assert {"closed", "answered", "working", "accepted", "withdrawn"} <= {row["status"] for row in many}
    assert all(parse(row["number"]) == row["number"] for row in many)
    said = {keys.open("cases.matter", row["matter"]) for row in many}
    assert len(said) > len(many) * 3 / 5
    assert not [words for words in said if "{" in words]


async def test_it_goes_on_where_it_was_killed(database: Database) -> None:
    plan = Plan(seed=7, until=UNTIL, cases=300, days=3)
    here = town(plan.seed)
    await database.units.replace(here.known.units.all)
    await settle(plan, database.bulk, "!", UNTIL)
    heard: list[tuple[int, int]] = []

    class Killed(Exception):  # noqa: N818
        pass

    def killed(done: int, of: int) -> None:
        heard.append((done, of))
        if len(heard) == 2:
            raise Killed

    with pytest.raises(Killed):
        await grow(plan, database.bulk, SECRET, killed)
    await grow(plan, database.bulk, SECRET, lambda done, of: heard.append((done, of)))
    assert 0 < heard[1][0] == heard[2][0] < 300
    assert heard[-1] == (300, 300)
    stored = await database.bulk._engine.read(
        lambda conn: [dict(row) for row in conn.execute(select(t.cases).order_by(t.cases.c.number)).mappings()]
    )
    assert [row["number"] for row in stored] == sorted(parse(row["number"]) or "" for row in stored)
    assert len(stored) == 300
    today = await database.numbers.lease("261122", 1)
    assert today.start == daily(plan, here.known.rules.calendar)[UNTIL.date()] + 1
