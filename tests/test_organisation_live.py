"""The organisation while it runs: every process soon sees a change, and members and cases follow it."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import datetime

import pytest

from bot.organisation import Organisation
from bot.snapshots import Shelf, packaged
from dialogs.desk.organisation import Impossible, Plan, edit, merge, move
from dialogs.effects import OpenCase
from dialogs.events import Scanned
from dialogs.facts import Snapshots
from storage.acts import Stale
from storage.audit import Actor
from storage.engines import Database
from storage.hot import Hot
from storage.units import Kept
from tests.player import Player
from tests.storage.making import NOON
from tests.transcript import ZONE
from tests.waiting import PATIENCE

TODAY = NOON.date()
HOME, NEXT = "yushan-xincheng", "yushan-tinglin"


@pytest.fixture(scope="module")
def snapshots() -> Snapshots:
    return packaged()


def process(database: Database, hot: Hot, snapshots: Snapshots) -> tuple[Organisation, Shelf]:
    shelf = Shelf(snapshots)
    return Organisation(database.units, shelf, hot, now=lambda: NOON), shelf


def planned(outcome: Plan | Impossible) -> Plan:
    assert isinstance(outcome, Plan), outcome
    return outcome


async def test_another_process_sees_a_change_at_once(database: Database, hot: Hot, snapshots: Snapshots) -> None:
    here, shelf = process(database, hot, snapshots)
    there, other = process(database, hot, snapshots)
    follows = asyncio.create_task(there.follow())
    await asyncio.sleep(0)
    plan = planned(move(shelf().units, HOME, "zhoushi", TODAY, today=here.today()))
    kept = await here.keep(plan, revision=here.revision, by=Actor(name="赵管理"))
    assert isinstance(kept, Kept)
    await asyncio.wait_for(follows, PATIENCE)
    for each, organisation in ((shelf, here), (other, there)):
        moved = each().units.get(HOME)
        assert moved is not None
        assert moved.parent == "zhoushi"
        assert organisation.revision == kept.revision
    assert [one.by for one in await here.history(HOME)] == ["赵管理"]


async def test_who_has_not_looked_is_told_and_looks(database: Database, hot: Hot, snapshots: Snapshots) -> None:
    here, shelf = process(database, hot, snapshots)
    there, other = process(database, hot, snapshots)
    await here.keep(
        planned(move(shelf().units, HOME, "zhoushi", TODAY, today=TODAY)), revision=0, by=Actor(name="赵管理")
    )
    late = planned(move(other().units, NEXT, "zhoushi", TODAY, today=TODAY))
    assert await there.keep(late, revision=there.revision, by=Actor(name="钱管理")) == Stale(version=here.revision)
    await there.look()
    assert other().units.all == shelf().units.all


def changed(snapshots: Snapshots, plan: Plan | Impossible) -> Snapshots:
    shelf = Shelf(snapshots)
    shelf.put_units(planned(plan).units)
    return shelf()


def told(snapshots: Snapshots, at: datetime, scene: str = "ks-111") -> OpenCase:
    """The case that somebody opens who scanned the code of 新城社区 long ago, or now."""
    player = Player(now=at, snapshots=snapshots)
    player.take(Scanned(scene=scene))
    for words in ("我们小区三号楼门口路灯坏了好几天了", "1", "新城花园", "没有", "1"):
        player.say(words)
    return next(effect for effect in player.effects if isinstance(effect, OpenCase))


MONDAY = datetime(2026, 11, 23, 10, 0, tzinfo=ZONE)


def test_a_scanned_code_of_a_merged_unit_opens_the_case_where_its_work_is_done(snapshots: Snapshots) -> None:
    units = snapshots.units
    assert told(snapshots, MONDAY).unit == HOME
    merged = changed(snapshots, merge(units, HOME, NEXT, TODAY, today=TODAY))
    player = Player(now=MONDAY, snapshots=snapshots)
    player.take(Scanned(scene="ks-111"))
    player.snapshots = merged
    player.say("人工")
    case = next(effect for effect in player.effects if isinstance(effect, OpenCase))
    assert case.unit == NEXT


def test_the_deadlines_of_a_case_are_counted_in_the_hours_of_its_unit(snapshots: Snapshots) -> None:
    unit = snapshots.units.get(HOME)
    assert unit is not None
    usual = told(snapshots, MONDAY)
    short = ("", "", "", "14:00-15:00", "", "", "")
    seldom = changed(snapshots, edit(snapshots.units, replace(unit, hours=short), TODAY))
    assert seldom.rules.calendar.of_unit(HOME).open_at(datetime(2026, 11, 26, 14, 30, tzinfo=ZONE))
    assert told(seldom, MONDAY).answer_by > usual.answer_by
    player = Player(now=MONDAY, snapshots=seldom)
    player.take(Scanned(scene="ks-111"))
    player.say("人工")
    case = next(effect for effect in player.effects if isinstance(effect, OpenCase))
    assert case.answer_by == datetime(2026, 11, 26, 15, 0, tzinfo=ZONE)
    back = Shelf(snapshots)
    back.put_units(seldom.units)
    back.put_units(snapshots.units)
    assert told(back(), MONDAY).answer_by == usual.answer_by
