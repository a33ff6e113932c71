"""The one door for time, ids and chance. Everyone else is given a `World` and asks it.

In the demo the service and the simulator are two processes that share one clock, which can be
moved: its offset from the real time is a small file that both read (`SharedClock`).
"""

from __future__ import annotations

import asyncio
import json
import os
import random
import secrets
import time
from collections import deque
from collections.abc import Awaitable, Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Protocol
from zoneinfo import ZoneInfo

from dialogs.numbers import case_number

LOCAL = ZoneInfo("Asia/Shanghai")
# A block is one write to the store; what is left of it at a restart is a gap, and gaps are fine.
BLOCK = 50


class Clock(Protocol):
    """What tells the time."""

    def now(self) -> datetime:
        """Return the present moment, aware and in UTC."""


class SystemClock:
    """The machine's own clock."""

    def now(self) -> datetime:
        """Return the present moment, aware and in UTC."""
        return datetime.now(UTC)


class SharedClock:
    """The machine's clock moved by an offset that lives in a file, so that several processes agree.

    A look at the file's status (about 2 µs) tells whether somebody moved it.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._seen: tuple[int, int, int] | None = None
        self._offset = timedelta()

    def now(self) -> datetime:
        """Return the present moment of the shared clock, aware and in UTC."""
        return datetime.now(UTC) + self.offset()

    def offset(self) -> timedelta:
        """Return how far the clock has been moved."""
        try:
            status = self._path.stat()
        except FileNotFoundError:
            return self._offset
        seen = (status.st_ino, status.st_mtime_ns, status.st_size)
        if seen != self._seen:
            stored = json.loads(self._path.read_text(encoding="utf-8"))
            self._offset, self._seen = timedelta(seconds=float(stored["offset_seconds"])), seen
        return self._offset

    def advance(self, seconds: float) -> None:
        """Move the clock by so many seconds. The file is replaced whole: no reader sees half of it."""
        total = self.offset().total_seconds() + seconds
        self._path.parent.mkdir(parents=True, exist_ok=True)
        fresh = self._path.with_name(f"{self._path.name}.{os.getpid()}.{secrets.token_hex(4)}")
        fresh.write_text(json.dumps({"offset_seconds": total}), encoding="utf-8")
        fresh.replace(self._path)


class Numbers:
    """Case numbers, leased from the store in blocks a day and lent to turns one at a time.

    `lease(day, count)` reserves `count` serials of the local day `YYMMDD`. A number that a turn
    did not use goes to the next turn.
    """

    def __init__(self, lease: Callable[[str, int], Awaitable[range]], *, block: int = BLOCK) -> None:
        self._lease = lease
        self._block = block
        self._begins = self._ends = datetime.min.replace(tzinfo=UTC)  # of the day whose numbers are at hand
        self._free: deque[str] = deque()
        self._leasing = asyncio.Lock()

    async def take(self, now: datetime) -> str:
        """Take a number of this moment's local day."""
        return self._free.popleft() if self._free and self._covers(now) else await self._next(now)

    def give_back(self, number: str, now: datetime) -> None:
        """Give back a number taken at that moment, which no case bears: the next one takes it."""
        if self._covers(now):
            self._free.appendleft(number)

    def _covers(self, now: datetime) -> bool:
        return self._begins <= now < self._ends

    async def _next(self, now: datetime) -> str:
        while not (self._free and self._covers(now)):
            async with self._leasing:  # those who wait here find the block that the first one leased
                if not (self._free and self._covers(now)):
                    day = now.astimezone(LOCAL).date()
                    leased = await self._lease(f"{day:%y%m%d}", self._block)
                    self._free = deque(case_number(day, serial) for serial in leased)
                    self._begins, self._ends = _midnight(day), _midnight(day + timedelta(days=1))
        return self._free.popleft()


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=LOCAL).astimezone(UTC)


class World:
    """Time, ids and chance as one value; `numbers` is there where cases can be opened."""

    def __init__(self, *, numbers: Numbers, clock: Clock | None = None) -> None:
        self.numbers = numbers
        self._clock = clock or SystemClock()
        self._chance = random.Random()  # noqa: S311  spreads retries; tokens come from `secrets`

    def now(self) -> datetime:
        """Return the present moment, aware and in UTC."""
        return self._clock.now()

    def ticks(self) -> float:
        """Return seconds of a clock that never jumps, for measuring how long something took."""
        return time.perf_counter()

    async def sleep(self, seconds: float) -> None:
        """Wait real seconds: a clock that was moved makes nobody wait longer."""
        await asyncio.sleep(seconds)

    def token(self, size: int = 32) -> str:
        """Return an unguessable text of `size` random bytes, fit for addresses and cookies."""
        return secrets.token_urlsafe(size)

    def spread(self, seconds: float) -> float:
        """Return a time between half of and the whole of `seconds`, so that retries do not march in step."""
        return self._chance.uniform(seconds / 2, seconds)


class DemoWorld(World):
    """The demo's world: its clock is the one in `folder`, shared with the simulator and movable."""

    def __init__(self, *, numbers: Numbers, folder: Path = Path("var/demo")) -> None:
        self.clock = SharedClock(folder / "clock.json")
        super().__init__(numbers=numbers, clock=self.clock)
