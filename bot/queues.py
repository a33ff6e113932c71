"""Waiting without polling: a member's turns in order of arrival, and a limit to how long one waits."""

from __future__ import annotations

import asyncio
from collections import deque

_Waiter = asyncio.Future[None]


class Queues:
    """One turn of a member at a time, in order of arrival. Of members whom nobody serves nothing is kept."""

    def __init__(self) -> None:
        self._queues: dict[str, deque[_Waiter]] = {}

    def held(self, member: str) -> _Held:
        """Hold a member's place for an `async with` block."""
        return _Held(self._queues, member)


class _Held:
    """The place is handed from who leaves to who came first, so nobody can slip in between."""

    __slots__ = ("_member", "_queues")

    def __init__(self, queues: dict[str, deque[_Waiter]], member: str) -> None:
        self._queues, self._member = queues, member

    async def __aenter__(self) -> None:
        queue = self._queues.get(self._member)
        if queue is None:
            self._queues[self._member] = deque()
            return
        mine: _Waiter = asyncio.get_running_loop().create_future()
        queue.append(mine)
        try:
            await mine
        except asyncio.CancelledError:
            if not mine.cancelled():  # it was ours already
                self._leave()
            raise

    async def __aexit__(self, *_: object) -> None:
        self._leave()

    def _leave(self) -> None:
        queue = self._queues[self._member]
        while queue:
            if wake(queue.popleft()):
                return
        del self._queues[self._member]


class Patience:
    """Futures that come true after a fixed time, unless somebody wakes them before.

    All of them wait equally long, so they are due in order: one timer serves them all, where a
    timer for each would be set and taken back at every push.
    """

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self._waiting: deque[tuple[float, _Waiter]] = deque()
        self._timer: asyncio.TimerHandle | None = None

    def future(self) -> _Waiter:
        """Give a future that is done after the fixed time at the latest."""
        loop = asyncio.get_running_loop()
        while self._waiting and self._waiting[0][1].done():
            self._waiting.popleft()
        mine: _Waiter = loop.create_future()
        due = loop.time() + self.seconds
        self._waiting.append((due, mine))
        if self._timer is None:
            self._timer = loop.call_at(due, self._ring)
        return mine

    def _ring(self) -> None:
        loop = asyncio.get_running_loop()
        now = loop.time()
        while self._waiting and (self._waiting[0][0] <= now or self._waiting[0][1].done()):
            wake(self._waiting.popleft()[1])
        self._timer = loop.call_at(self._waiting[0][0], self._ring) if self._waiting else None


def wake(waiter: _Waiter) -> bool:
    """Wake who waits; False where nobody waits any more."""
    if waiter.done():
        return False
    waiter.set_result(None)
    return True
