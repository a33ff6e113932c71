"""The organisation while it runs: what an administrator did is kept, and every process soon sees it.

Whoever reorganises tells the others through the hot store; who did not hear looks for itself every few seconds.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from typing import Protocol

import structlog

from bot.snapshots import Shelf
from dialogs.desk.organisation import Plan
from storage.acts import Stale
from storage.audit import Actor
from storage.units import InTheWay, Kept, Recorded

_log = structlog.get_logger(__name__)

# The topic of the hot store on which processes hear that the units changed.
TOPIC = "units"
LOOK_EVERY = 5.0  # s; for those whom no word reached


class Store(Protocol):
    """What this needs of storage."""

    async def kept(self) -> Kept:
        """Give every unit and the revision."""

    async def revision(self) -> int:
        """Tell which revision the units are."""

    async def reorganise(
        self, plan: Plan, *, revision: int, by: Actor, now: datetime, imported: bool
    ) -> Kept | Stale | InTheWay:
        """Do what was planned."""

    async def history(self, unit: str) -> list[Recorded]:
        """List what became of a unit."""


class Told(Protocol):
    """What this needs of the hot store."""

    async def wake(self, topic: str) -> None:
        """Tell whoever waits."""

    async def woken(self, topic: str, timeout: float) -> bool:  # noqa: ASYNC109  it waits that long, then goes on
        """Wait until somebody told."""


class Organisation:
    """Keeps the shelf's units at what the database says."""

    def __init__(self, store: Store, shelf: Shelf, told: Told, *, now: Callable[[], datetime]) -> None:
        self._store, self._shelf, self._told, self._now = store, shelf, told, now
        self.revision = 0

    def today(self) -> date:
        """Give the centre's day."""
        return self._shelf().rules.calendar.local(self._now()).date()

    async def look(self) -> None:
        """Take the units as they now stand, if they changed."""
        if await self._store.revision() != self.revision:
            self._take(await self._store.kept())

    async def keep(self, plan: Plan, *, revision: int, by: Actor, imported: bool = False) -> Kept | Stale | InTheWay:
        """Do what was planned on a revision and tell every process, or say what stands against it."""
        got = await self._store.reorganise(plan, revision=revision, by=by, now=self._now(), imported=imported)
        if isinstance(got, Kept):
            self._take(got)
            await self._told.wake(TOPIC)
            _log.info("units.changed", revision=got.revision, changes=len(plan.changes))
        return got

    async def history(self, unit: str) -> list[Recorded]:
        """List what became of a unit, oldest first."""
        return await self._store.history(unit)

    async def follow(self) -> None:
        """Wait for word of a change, at most so long, and look."""
        await self._told.woken(TOPIC, LOOK_EVERY)
        await self.look()

    def _take(self, kept: Kept) -> None:
        self._shelf.put_units(kept.units)
        self.revision = kept.revision
