"""The organisation, kept: dated history, one change at a time, never a unit lost, on each engine."""

from __future__ import annotations

import asyncio
from datetime import date, timedelta

import pytest
from alembic import command
from sqlalchemy import inspect

from dialogs.desk.cases import Act
from dialogs.desk.organisation import Impossible, Plan, become, close, edit, merge, move, parent_on
from dialogs.effects import ActOnCase, Moves
from dialogs.rules import packaged_town
from dialogs.units import Unit, Units
from storage.acts import Stale
from storage.audit import Actor
from storage.cases import CaseRow
from storage.engines import Database
from storage.migrate import config, connected, migrate, state
from storage.staff import Staff
from storage.tables import unit_changes
from storage.units import InTheWay, Kept
from tests.storage.making import NOON, lamp, member, turn

TODAY = NOON.date()
HOME, NEXT = "yushan-xincheng", "yushan-tinglin"


def planned(outcome: Plan | Impossible) -> Plan:
    assert isinstance(outcome, Plan), outcome
    return outcome


@pytest.fixture
async def tree(database: Database) -> Units:
    await database.units.replace(packaged_town())
    return Units(await database.units.all())


async def reorganise(database: Database, plan: Plan | Impossible, revision: int = 0) -> Kept | Stale | InTheWay:
    return await database.units.reorganise(planned(plan), revision=revision, by=Actor(name="赵管理"), now=NOON)


async def done(database: Database, plan: Plan | Impossible, revision: int = 0) -> Kept:
    kept = await reorganise(database, plan, revision)
    assert isinstance(kept, Kept), kept
    return kept


async def test_a_move_is_kept_with_its_day_and_who_did_it(database: Database, tree: Units) -> None:
    assert await database.units.revision() == 0
    day = TODAY - timedelta(days=30)
    kept = await done(database, move(tree, HOME, "zhoushi", day, today=TODAY))
    assert kept.revision == await database.units.revision() > 0
    assert await database.units.kept() == kept
    (only,) = await database.units.history(HOME)
    assert (only.by, only.at, only.change.day, only.change.what) == ("赵管理", NOON, day, "moved")
    now = Units(kept.units).get(HOME)
    assert now is not None
    assert parent_on(now, day - timedelta(days=1), [only.change]) == "yushan"
    assert parent_on(now, day, [only.change]) == now.parent == "zhoushi"
    assert await database.units.history(NEXT) == []


async def test_of_two_who_plan_on_the_same_tree_one_is_told(database: Database, tree: Units) -> None:
    plans = [move(tree, HOME, "zhoushi", TODAY, today=TODAY), move(tree, NEXT, "zhoushi", TODAY, today=TODAY)]
    got = await asyncio.gather(*(reorganise(database, plan) for plan in plans))
    kept = [each for each in got if isinstance(each, Kept)]
    assert len(kept) == 1
    assert [each for each in got if isinstance(each, Stale)] == [Stale(version=kept[0].revision)]
    assert await database.units.all() == list(kept[0].units)


async def test_a_unit_with_open_cases_does_not_close_and_they_are_named(database: Database, tree: Units) -> None:
    await database.turns.commit(turn(member(), "k1", lamp("HY-1")))
    for plan in (
        merge(tree, HOME, NEXT, TODAY, today=TODAY),
        become(tree, [unit for unit in tree if HOME not in (unit.id, unit.parent)], TODAY),
    ):
        got = await reorganise(database, plan)
        assert isinstance(got, InTheWay)
        assert [(case.number, case.unit) for case in got.cases] == [("HY-1", HOME)]
    assert await database.units.all() == list(packaged_town())
    assert await database.units.revision() == 0
    await done(database, move(tree, HOME, "zhoushi", TODAY, today=TODAY))


async def test_a_unit_that_owes_an_answer_to_a_case_below_does_not_close(database: Database, tree: Units) -> None:
    await database.turns.commit(turn(member(), "k1", lamp("HY-1", unit="yushan-xincheng-g1")))
    for act, moves in ((Act.CLAIM, Moves()), (Act.RAISE, Moves(above="yushan-beimen"))):
        wish = ActOnCase(number="HY-1", act=act, by="li", words="本级办不了", moves=moves)
        assert isinstance(
            await database.cases.act(wish, staff=Staff(name="li", post="head", unit=HOME), now=NOON), CaseRow
        )
    got = await reorganise(database, merge(tree, "yushan-beimen", NEXT, TODAY, today=TODAY))
    assert isinstance(got, InTheWay)
    assert [case.number for case in got.cases] == ["HY-1"]


async def test_the_people_of_a_merged_unit_go_along(database: Database, tree: Units) -> None:
    await database.staff.add("李新城", "hash", "coordinator", HOME)
    await database.staff.add("吴网格", "hash", "intake", "yushan-xincheng-g1")
    kept = await done(database, merge(tree, HOME, NEXT, TODAY, today=TODAY))
    assert [(one.name, one.unit) for one in await database.staff.of_units([HOME, NEXT])] == [("李新城", NEXT)]
    tree = Units(kept.units)
    await done(database, close(tree, "yushan-xincheng-g1", TODAY, today=TODAY), kept.revision)
    assert [one.name for one in await database.staff.of_units(["yushan-xincheng-g1"])] == ["吴网格"]


async def test_closed_units_and_opening_hours_come_back_as_they_were(database: Database, tree: Units) -> None:
    unit = tree.get(NEXT)
    assert unit is not None
    hours = ("09:00-12:00", "", "", "", "", "", "10:00-11:00")
    wish = Unit(id=NEXT, name="亭林", full_name="亭林", level="community", hours=hours, latitude=31.4, longitude=120.9)
    kept = await done(database, edit(tree, wish, TODAY))
    kept = await done(database, merge(Units(kept.units), HOME, NEXT, TODAY, today=TODAY), kept.revision)
    found = Units(await database.units.all())
    assert found.all == kept.units
    home, other = found.get(HOME), found.get(NEXT)
    assert home is not None
    assert other is not None
    assert (home.closed, home.into, home.name) == (TODAY.isoformat(), NEXT, "新城社区")
    assert other.hours == hours


async def test_nothing_changed_is_no_revision(database: Database, tree: Units) -> None:
    kept = await done(database, become(tree, packaged_town(), date(2026, 1, 1)))
    assert kept.revision == 0


def test_a_database_of_the_first_schema_is_brought_along(empty_url: str) -> None:
    with connected(empty_url) as conn:
        command.upgrade(config(conn), "0001")
    assert state(empty_url) == "older"
    migrate(empty_url)
    assert state(empty_url) == "current"
    with connected(empty_url) as conn:
        columns = {column["name"] for column in inspect(conn).get_columns("unit_changes")}
    assert columns == set(unit_changes.c.keys())
