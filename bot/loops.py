"""Background loops over leased rows: woken or polling, a few attempts at once, never stopped by one of them.

The outbox, the timers and the photos are three of these. Rows are leased in the store, so any
process may die at any moment: what it held is claimed again when its lease ends.
"""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Hashable, Sequence
from contextlib import suppress
from datetime import timedelta
from typing import ClassVar, Generic, Protocol, TypeVar

import structlog

from bot.metrics import Metrics
from bot.world import World

log = structlog.get_logger(__name__)

LEASE = timedelta(seconds=60)
# Seconds. A call of the platform ends within 8; a service manager waits 15 before it kills.
GRACE = 12.0
_AFTER_A_CRASH = 1.0

_Row = TypeVar("_Row")


class Wakes(Protocol):
    """What a loop needs of the hot store."""

    def wakes(self, topic: str) -> AsyncIterator[None]:
        """Give a turn of the loop for every wake-up of this topic."""


class Loop(ABC, Generic[_Row]):
    """Claims rows and handles each once; rows of one `whose` are handled one after the other, as claimed.

    A `handle` that raises is logged with the row's label and counted; its row comes back when the
    lease ends, and what the same one had behind it waits as long. `poll` is in real seconds.
    """

    name: ClassVar[str]
    at_once: ClassVar[int] = 8

    def __init__(self, hot: Wakes, world: World, metrics: Metrics, *, poll: float = 5.0) -> None:
        self._hot = hot
        self._world = world
        self._metrics = metrics
        self._poll = poll
        self._worker = world.token(6)
        self._woken = asyncio.Event()
        self._stopping = False
        self._working: set[asyncio.Task[None]] = set()

    @abstractmethod
    async def claim(self, limit: int) -> Sequence[_Row]:
        """Lease at most so many rows that are due."""

    @abstractmethod
    async def handle(self, row: _Row) -> None:
        """Do what the row asks for, and settle it."""

    @abstractmethod
    def whose(self, row: _Row) -> Hashable:
        """Tell whose row it is, so that theirs stay in order."""

    @abstractmethod
    def label(self, row: _Row) -> dict[str, object]:
        """Name the row for the log: numbers only."""

    async def run(self) -> None:
        """Work until `stop` or until cancelled; what is in hand is finished first, for 12 s at most."""
        listening = asyncio.create_task(self._listen(), name=f"{self.name}-wakes")
        try:
            while not self._stopping:
                self._woken.clear()
                if not await self._round():
                    with suppress(TimeoutError):
                        await asyncio.wait_for(self._woken.wait(), self._poll)
        finally:
            listening.cancel()
            await self._finish()
            await asyncio.gather(listening, return_exceptions=True)

    def stop(self) -> None:
        """Take nothing new; `run` returns when what is in hand is done."""
        self._stopping = True
        self._woken.set()

    async def once(self) -> int:
        """Handle everything that is due now, and return how many rows that was."""
        count = 0
        while found := await self._round():
            count += found
            await asyncio.gather(*self._working)
        return count

    async def _listen(self) -> None:
        async for _ in self._hot.wakes(self.name):
            self._woken.set()

    async def _round(self) -> int:
        """Claim as many rows as there is room for and set to work on them; how many they were."""
        room = self.at_once - len(self._working)
        if room <= 0:
            return 0
        rows = await self._claimed(room)
        groups: dict[Hashable, list[_Row]] = {}
        for row in rows:
            groups.setdefault(self.whose(row), []).append(row)
        for group in groups.values():
            task = asyncio.create_task(self._in_order(group), name=f"{self.name}-work")
            self._working.add(task)
            task.add_done_callback(self._done)
        return len(rows)

    async def _claimed(self, room: int) -> Sequence[_Row]:
        try:
            return await self.claim(room)
        except Exception:  # the supervisor of a background loop: the store may be away for a minute
            log.exception("claiming failed", loop=self.name)
            self._metrics.crashes.labels(self.name).inc()
            await self._world.sleep(_AFTER_A_CRASH)
            return ()

    def _done(self, task: asyncio.Task[None]) -> None:
        self._working.discard(task)
        self._woken.set()  # there is room again, and perhaps a next row of the same member

    async def _in_order(self, rows: Sequence[_Row]) -> None:
        for row in rows:
            try:
                await self.handle(row)
            except Exception:  # the supervisor of one attempt
                log.exception("attempt failed", loop=self.name, **self.label(row))
                self._metrics.crashes.labels(self.name).inc()
                return  # what follows for the same member must not overtake this one

    async def _finish(self) -> None:
        if self._working:
            _, late = await asyncio.wait(self._working, timeout=GRACE)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)
