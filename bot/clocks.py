"""The clocks of cases, fired: rounds of a few hundred with a breath between them, so that turns go first.

Several workers may do this at once, on PostgreSQL each takes what no other has in hand. What the member hears of
(a case that waited for them goes on) goes through their own turn, as acts of staff do.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import timedelta
from typing import Protocol

import structlog

from bot.desk import TOPIC, Outcome
from bot.loops import Wakes
from bot.metrics import Metrics
from bot.world import World
from dialogs.desk.cases import Act
from dialogs.desk.clocks import BY, Clock, Clocks, Look
from dialogs.effects import ActOnCase, Moves
from dialogs.events import StaffActed
from dialogs.facts import Snapshots
from storage.clocks import Due, Swept
from storage.engines import Database

log = structlog.get_logger(__name__)

# A round holds the writer for some ten milliseconds; a turn has four seconds.
AT_ONCE = 250
BREATH = 0.01  # s between two rounds
MOST = 20_000  # cases whose turn comes before it is asked again which are due
LEASE = timedelta(minutes=5)
# Beyond so many the desks look again anyway: every number is a question of each desk that is open.
_TOLD = 50
_AFTER_A_CRASH = 5.0


class Turns(Protocol):
    """What the clocks need of the turn."""

    async def staff_acted(self, event: StaffActed) -> Outcome:
        """Take an act of which the member hears through their conversation."""


class Hot(Wakes, Protocol):
    """What the clocks need of the hot store."""

    async def publish(self, channel: str, ids: str) -> None:
        """Tell everybody who listens."""


class Winder:
    """Looks at what is due, again and again. `poll` is in real seconds."""

    name = "clocks"

    def __init__(
        self,
        database: Database,
        turns: Turns,
        hot: Hot,
        world: World,
        metrics: Metrics,
        *,
        snapshots: Callable[[], Snapshots],
        poll: float = 5.0,
        at_once: int = AT_ONCE,
    ) -> None:
        self._database, self._turns, self._hot = database, turns, hot
        self._world, self._metrics, self._snapshots = world, metrics, snapshots
        self._poll, self._at_once = poll, at_once
        self._woken = asyncio.Event()

    async def run(self) -> None:
        """Work until cancelled; a round that fails is logged and tried again."""
        listening = asyncio.create_task(self._listen(), name="clocks-wakes")
        try:
            while True:
                self._woken.clear()
                try:
                    await self.once()
                except Exception:  # the supervisor of a background loop: the store may be away for a minute
                    log.exception("clocks failed")
                    self._metrics.crashes.labels(self.name).inc()
                    await asyncio.sleep(_AFTER_A_CRASH)
                with suppress(TimeoutError):
                    await asyncio.wait_for(self._woken.wait(), self._poll)
        finally:
            listening.cancel()
            await asyncio.gather(listening, return_exceptions=True)

    async def once(self) -> int:
        """Look at everything that is due now, and return how many cases that was."""
        count, now = 0, self._world.now()
        while waiting := await self._database.clocks.waiting(now, MOST):
            looked = 0
            for start in range(0, len(waiting), self._at_once):
                if start:
                    await asyncio.sleep(BREATH)
                looked += (await self._round(waiting[start : start + self._at_once])).looked
            count += looked
            if len(waiting) < MOST or not looked:  # what is left is in another worker's hand
                break
        return count

    async def _round(self, numbers: Sequence[str]) -> Swept:
        now, clocks = self._world.now(), Clocks(self._snapshots())

        def look(clock: Clock) -> Look:
            return clocks.look(clock, now)

        swept = await self._database.clocks.sweep(numbers, now, LEASE, look)
        for _, _, act in swept.fired:
            self._metrics.clocks.labels(act.value).inc()
        for number, why in swept.broken:
            log.error("clock broken", number=number, exc_info=why)
            self._metrics.crashes.labels(self.name).inc()
        for number in _told(swept):
            await self._hot.publish(TOPIC, number)
        await asyncio.gather(*(self._do(due) for due in swept.due))
        return swept

    async def _do(self, due: Due) -> None:
        """Have a case go on or file it, as it was seen; where it moved on since, its clock was wound up anew."""
        try:
            if due.act is Act.RESUME:
                await self._turns.staff_acted(
                    StaffActed(
                        number=due.number, act=due.act, text="", by=BY, post="", version=due.version, moves=Moves()
                    )
                )
            else:
                act = ActOnCase(number=due.number, act=due.act, by=BY, version=due.version)
                await self._database.cases.act(act, staff=None, now=self._world.now())
                await self._hot.publish(TOPIC, due.number)
            self._metrics.clocks.labels(due.act.value).inc()
        except Exception:  # the supervisor of one firing: it comes again when its lease is over
            log.exception("firing failed", number=due.number, act=due.act.value)
            self._metrics.crashes.labels(self.name).inc()

    async def _listen(self) -> None:
        async for _ in self._hot.wakes(self.name):
            self._woken.set()


def _told(swept: Swept) -> list[str]:
    """Which cases open desks hear of: all; in a storm one of each unit, which has its desks look again all the same."""
    if len(swept.fired) <= _TOLD:
        return [number for number, _, _ in swept.fired]
    return list({unit: number for number, unit, _ in swept.fired}.values())[:_TOLD]
