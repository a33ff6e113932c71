"""What is hot and never the truth: shared tokens, wake-ups, rate counters, live desk events, who is where.

One protocol, an in-process twin and Redis. When Redis fails, its half goes on by the twin alone:
processes then know less of each other, work is found by its row a little later, and nothing is lost.
"""

from __future__ import annotations

import asyncio
import time
from collections import defaultdict
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from types import TracebackType
from typing import Protocol, Self
from weakref import WeakSet

FLIGHT = 15.0  # s; how long a lock of single_flight lives if its holder dies
_QUEUED = 1000  # messages kept for a listener that does not listen; ids only, and pages reload what they miss
_COUNTED = 10_000  # rate counters kept before those that ended are let go


class Hot(Protocol):
    """The protocol. Keys and channels are our own short names; values are short texts without members' data."""

    async def token(self, key: str) -> str | None:
        """Give a value that still lives."""

    async def keep_token(self, key: str, value: str, ttl: float) -> None:
        """Keep a value for `ttl` seconds."""

    def single_flight(self, key: str) -> AbstractAsyncContextManager[object]:
        """Hold the lock of this name; others wait. It falls by itself after FLIGHT seconds."""

    async def wake(self, topic: str) -> None:
        """Tell whoever waits for a topic that there is work."""

    async def woken(self, topic: str, timeout: float) -> bool:  # noqa: ASYNC109  it waits that long, then goes on
        """Wait until a topic was woken since this process last waited for it, at most so many seconds."""

    def wakes(self, topic: str) -> AsyncIterator[None]:
        """Give a turn of the loop for every wake-up (several at once are one)."""

    async def publish(self, channel: str, ids: str) -> None:
        """Tell everybody who listens now."""

    def listen(self, channel: str) -> AsyncIterator[str]:
        """Hear what is published from the first `anext` on."""

    async def count(self, key: str, ttl: float) -> int:
        """Count one more within a window of `ttl` seconds that begins with the first; gives the count."""

    async def enter(self, place: str, who: str, what: str, ttl: float) -> bool:
        """Say that somebody is at a place, doing this, for `ttl` seconds more; gives whether that is news."""

    async def leave(self, place: str, who: str) -> bool:
        """Say that they are not there any more; gives whether they were."""

    async def present(self, place: str) -> dict[str, str]:
        """Tell who is at a place now, and what each does there."""

    async def reachable(self) -> bool:
        """Tell whether what it stands on answers."""

    async def close(self) -> None:
        """Let go of everything."""

    async def __aenter__(self) -> Self: ...

    async def __aexit__(self, kind: type[BaseException] | None, error: object, trace: TracebackType | None) -> None: ...


def open_hot(url: str | None, *, prefix: str = "hongyan:") -> Hot:
    """Open the hot store within a running loop: Redis at `url`, or without one the in-process twin."""
    if not url:
        return LocalHot()
    from storage.hot_redis import RedisHot  # the driver is loaded only where there is a Redis

    return RedisHot(url, prefix)


class _Wakes:
    """Wake-ups of one topic for one waiter; those that come together are one."""

    def __init__(self) -> None:
        self.event = asyncio.Event()

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> None:
        await self.event.wait()
        self.event.clear()


class _Heard:
    """What one listener hears. A cancelled wait loses nothing; whoever lets go of it has stopped listening."""

    def __init__(self) -> None:
        self.messages: asyncio.Queue[str] = asyncio.Queue(_QUEUED)

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> str:
        return await self.messages.get()

    def put(self, ids: str) -> None:
        """Take a message; a listener that is far behind loses the oldest."""
        if self.messages.full():
            self.messages.get_nowait()
        self.messages.put_nowait(ids)


class LocalHot:
    """The in-process twin."""

    def __init__(self) -> None:
        self._tokens: dict[str, tuple[str, float]] = {}
        self._counts: dict[str, tuple[int, float]] = {}
        self._locks: dict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._wakes: dict[str, WeakSet[_Wakes]] = defaultdict(WeakSet)
        self._heard: dict[str, WeakSet[_Heard]] = defaultdict(WeakSet)
        self._own: dict[str, _Wakes] = {}
        self._places: dict[str, dict[str, tuple[str, float]]] = {}

    async def token(self, key: str) -> str | None:
        """Give a value that still lives."""
        value, until = self._tokens.get(key, ("", 0.0))
        return value if until > time.monotonic() else None

    async def keep_token(self, key: str, value: str, ttl: float) -> None:
        """Keep a value for `ttl` seconds."""
        self._tokens[key] = (value, time.monotonic() + ttl)

    @asynccontextmanager
    async def single_flight(self, key: str) -> AsyncIterator[None]:
        """Hold the lock of this name; others wait."""
        async with self._locks[key]:
            yield

    async def wake(self, topic: str) -> None:
        """Tell whoever waits for a topic that there is work."""
        for waiter in self._wakes.get(topic, ()):
            waiter.event.set()

    async def woken(self, topic: str, timeout: float) -> bool:  # noqa: ASYNC109  it waits that long, then goes on
        """Wait until a topic was woken since this process last waited for it, at most so many seconds."""
        waiter = self._own.get(topic) or self._own.setdefault(topic, self._waiter(topic))
        try:
            await asyncio.wait_for(anext(waiter), timeout)
        except TimeoutError:
            return False
        return True

    def wakes(self, topic: str) -> AsyncIterator[None]:
        """Give a turn of the loop for every wake-up (several at once are one)."""
        return self._waiter(topic)

    def _waiter(self, topic: str) -> _Wakes:
        waiter = _Wakes()
        self._wakes[topic].add(waiter)
        return waiter

    async def publish(self, channel: str, ids: str) -> None:
        """Tell everybody who listens now."""
        for listener in self._heard.get(channel, ()):
            listener.put(ids)

    def listen(self, channel: str) -> AsyncIterator[str]:
        """Hear what is published from now on."""
        listener = _Heard()
        self._heard[channel].add(listener)
        return listener

    async def count(self, key: str, ttl: float) -> int:
        """Count one more within a window of `ttl` seconds that begins with the first; gives the count."""
        now = time.monotonic()
        count, until = self._counts.get(key, (0, 0.0))
        if until <= now:
            self._forget(now)
            count, until = 0, now + ttl
        self._counts[key] = (count + 1, until)
        return count + 1

    def _forget(self, now: float) -> None:
        if len(self._counts) > _COUNTED:
            self._counts = {key: kept for key, kept in self._counts.items() if kept[1] > now}

    async def enter(self, place: str, who: str, what: str, ttl: float) -> bool:
        """Say that somebody is at a place, doing this, for `ttl` seconds more; gives whether that is news."""
        before = (await self._at(place)).get(who)
        self._places.setdefault(place, {})[who] = (what, time.monotonic() + ttl)
        return before != what

    async def leave(self, place: str, who: str) -> bool:
        """Say that they are not there any more; gives whether they were."""
        there = await self._at(place)
        self._places.get(place, {}).pop(who, None)
        return who in there

    async def present(self, place: str) -> dict[str, str]:
        """Tell who is at a place now, and what each does there."""
        return await self._at(place)

    async def _at(self, place: str) -> dict[str, str]:
        """Tell who is at a place as far as this process knows; who is gone for long is let go, wherever it was."""
        now = time.monotonic()
        for name in [name for name, there in self._places.items() if all(until <= now for _, until in there.values())]:
            del self._places[name]
        there = self._places.get(place, {})
        return {who: what for who, (what, until) in sorted(there.items()) if until > now}

    async def reachable(self) -> bool:
        """Say yes: the twin is always there."""
        return True

    async def close(self) -> None:
        """Nothing to let go of."""

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: object, trace: TracebackType | None) -> None:
        await self.close()
