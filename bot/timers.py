"""Wakes conversations at the moments they asked for. A timer is leased, fired through its member's turn, and done.

Firing twice does no harm: the turn knows the timer's key and answers a repeat with what it did the first time.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import structlog

from bot.loops import LEASE, Loop, Wakes
from bot.metrics import Metrics
from bot.world import World
from dialogs.events import TimerFired
from storage.engines import Database
from storage.timers import Timer
from storage.turns import MemberKey

log = structlog.get_logger(__name__)

# A timer that breaks its turn so often has met a bug; it must not come back every minute for ever.
ENOUGH = 5


class FiredTimers(Protocol):
    """What the timers need of the turn."""

    async def timer_fired(self, member: MemberKey, event: TimerFired, key: str) -> None:
        """Take a timer through its member's conversation, once for each key."""


class Timers(Loop[Timer]):
    """Fires what is due."""

    name = "timers"
    at_once = 4

    def __init__(
        self, database: Database, turns: FiredTimers, hot: Wakes, world: World, metrics: Metrics, *, poll: float = 5.0
    ) -> None:
        super().__init__(hot, world, metrics, poll=poll)
        self._timers = database.timers
        self._turns = turns

    async def claim(self, limit: int) -> Sequence[Timer]:
        """Lease timers whose moment has come."""
        return await self._timers.claim(self._worker, self._world.now(), LEASE, limit)

    async def handle(self, row: Timer) -> None:
        """Take a timer through its member's turn; one that keeps breaking it is given up."""
        if row.attempts > ENOUGH:
            log.error("timer given up", attempts=row.attempts, **self.label(row))
            outcome = "given_up"
        else:
            event = TimerFired(kind=row.kind, number=row.number, data=row.data)
            await self._turns.timer_fired(row.member, event, row.key)
            outcome = "fired"
        self._metrics.timers.labels(outcome).inc()
        await self._timers.done(row.key, self._world.now())

    def whose(self, row: Timer) -> str:
        """Tell the member whose timer it is."""
        return row.member.id

    def label(self, row: Timer) -> dict[str, object]:
        """Name the timer."""
        return {"timer": row.key, "number": row.number}
