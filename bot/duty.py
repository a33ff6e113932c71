"""Handing out within a unit: behind the turns, somebody on duty and little loaded is proposed for each new case.

Nothing is leased: an act that meets a case on which somebody acted meanwhile, or for which another worker has proposed
somebody, is refused by the store.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import groupby
from typing import Protocol

import structlog

from bot.desk import TOPIC
from bot.rights import scope_of
from bot.rosters import Rosters
from bot.world import World
from dialogs.desk.cases import Act, Refused
from dialogs.desk.clocks import BY
from dialogs.desk.duty import Able, Hands, Proposed, proposed
from dialogs.effects import ActOnCase, Moves
from dialogs.facts import Snapshots
from storage.acts import Stale
from storage.duty import Standings, Unproposed
from storage.engines import Database
from storage.staff import Staff

log = structlog.get_logger(__name__)

AT_ONCE = 200
BREATH = 0.01  # s between two units: turns go first
AGAIN = timedelta(minutes=1)  # before it is asked again whether there is somebody for a case that had nobody


class Told(Protocol):
    """What this needs of the hot store."""

    async def publish(self, channel: str, ids: str) -> None:
        """Tell everybody who listens."""


@dataclass(slots=True)
class _Round:
    """What is known of a unit's people while its cases are handed out; what is handed out counts at once."""

    staff: Sequence[Staff]
    path: tuple[str, ...]
    duty: Mapping[str, Collection[str]]
    now: Standings
    hands: dict[str, Hands]


class HandingOut:
    """Proposes somebody for each case that waits to be signed for, or hands it to them, as the unit has it."""

    def __init__(
        self, database: Database, rosters: Rosters, told: Told, world: World, *, snapshots: Callable[[], Snapshots]
    ) -> None:
        self._database, self._rosters, self._told = database, rosters, told
        self._world, self._snapshots = world, snapshots
        self._nobody: dict[str, datetime] = {}

    async def once(self) -> int:
        """Look at every case for which nobody is proposed, and return for how many somebody is now."""
        count, now = 0, self._world.now()
        self._nobody = {number: at for number, at in self._nobody.items() if now < at + AGAIN}
        seen: set[str] = set()
        while cases := await self._database.duty.unproposed(AT_ONCE, but={*self._nobody, *seen}):
            seen |= {case.number for case in cases}
            for unit, some in groupby(sorted(cases, key=lambda case: case.unit), key=lambda case: case.unit):
                count += await self._guarded(unit, list(some), now)
                await asyncio.sleep(BREATH)
        return count

    async def _guarded(self, unit: str, cases: Sequence[Unproposed], now: datetime) -> int:
        try:
            return await self._unit(unit, cases, now)
        except Exception:  # one unit's trouble must not keep the others waiting
            log.exception("not handed out", unit=unit)
            self._nobody.update({case.number: now for case in cases})
            return 0

    async def _unit(self, unit: str, cases: Sequence[Unproposed], now: datetime) -> int:
        known, count = self._snapshots(), 0
        path = tuple(each.id for each in reversed(known.units.path(unit)))
        staff = await self._database.staff.of_units(path, now)
        names = {each.name for each in staff}
        standings = await self._database.duty.standings(names, known.rules.duty.weights, now)
        duty = await self._rosters.on_duty(path, now)
        here = _Round(staff=staff, path=path, duty=duty, now=standings, hands=dict(standings.hands))
        for case in cases:
            able = tuple(self._able(case, here, known))
            found = proposed(able, duty, here.hands, path=path or (unit,), grade=case.grade)
            if found is None:
                self._nobody[case.number] = now
                continue
            count += await self._hand(case, found, here, known)
        return count

    def _able(self, case: Unproposed, here: _Round, known: Snapshots) -> Iterator[Able]:
        """Say who could sign for a case: by one of their posts, and there, or whoever stands in for them."""
        for each in here.staff:
            if each.one_time or Act.CLAIM not in known.rules.may(each.post):  # nobody who never signed in
                continue
            away = here.now.away.get(each.name)
            cleared = each.name in here.now.cleared and not away
            if not scope_of(replace(each, cleared=cleared), known).sees(case):
                continue
            if away is None:
                yield Able(name=each.name, unit=each.unit)
            else:
                others = [name for name in away if name not in here.now.away]
                yield from (Able(name=name, unit=each.unit, stands_for=each.name) for name in others)

    async def _hand(self, case: Unproposed, found: Proposed, here: _Round, known: Snapshots) -> bool:
        auto = known.rules.duty.of(case.unit) == "auto"
        moves = Moves(owner=found.name) if auto else Moves(proposed=found.name)
        act = ActOnCase(
            number=case.number,
            act=Act.ASSIGN if auto else Act.PROPOSE,
            by=BY,
            words=found.why,
            version=case.version,
            moves=moves,
        )
        got = await self._database.cases.act(act, staff=None, now=self._world.now())
        if isinstance(got, Refused | Stale):  # somebody was quicker: it is looked at again, if it waits still
            return False
        was = here.hands.get(found.name, Hands())
        weight = known.rules.duty.weights[case.grade]
        here.hands[found.name] = Hands(held=was.held + auto, load=was.load + weight)
        await self._told.publish(TOPIC, case.number)
        return True
