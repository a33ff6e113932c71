"""The hot store in Redis, for several processes; see hot.py."""

from __future__ import annotations

import asyncio
import secrets
import time
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from typing import Any, TypeVar

import redis.asyncio as redis
import structlog
from redis.exceptions import RedisError

from storage.hot import FLIGHT, LocalHot

_log = structlog.get_logger(__name__)
Result = TypeVar("Result")

RETRY = 2.0  # s; how soon Redis is tried again after it failed
_OUTGOING = 10_000  # messages kept for Redis while it is slow; the oldest go first
_POOL = 16
_POLL = 0.05  # s; how often a lock that another process holds is tried
PATIENCE = 2.0  # s; a Redis that does not answer by then is away
_FAILURES = (RedisError, OSError, TimeoutError)


class RedisHot(LocalHot):
    """Redis, with the twin beneath it: this process's own waiters and listeners are always told directly.

    What goes to other processes is sent by a task of its own, so that no turn waits for Redis.
    """

    def __init__(self, url: str, prefix: str) -> None:
        super().__init__()
        self._prefix, self._origin = prefix, secrets.token_hex(8)
        pool: redis.BlockingConnectionPool = redis.BlockingConnectionPool.from_url(
            url,
            max_connections=_POOL,
            timeout=PATIENCE,
            socket_timeout=PATIENCE,
            socket_connect_timeout=PATIENCE / 2,
            decode_responses=True,
            encoding_errors="replace",  # whatever is written in our Redis, hearing goes on
        )
        self._redis = redis.Redis.from_pool(pool)
        self._down_until = 0.0
        self._outgoing: deque[tuple[str, str]] = deque(maxlen=_OUTGOING)
        self._more = asyncio.Event()
        self.hearing = asyncio.Event()
        self._tasks = [asyncio.create_task(self._send()), asyncio.create_task(self._hear())]

    async def token(self, key: str) -> str | None:
        """Give a value that still lives; what this process knows while Redis is away."""
        here = super().token
        name = f"{self._prefix}token:{key}"

        async def there() -> str | None:
            found = await self._redis.get(name)
            return None if found is None else str(found)

        return await self._try(there, lambda: here(key))

    async def keep_token(self, key: str, value: str, ttl: float) -> None:
        """Keep a value for `ttl` seconds, here and for the others."""
        await super().keep_token(key, value, ttl)
        name, ms = f"{self._prefix}token:{key}", max(1, int(ttl * 1000))
        await self._try(lambda: self._redis.set(name, value, px=ms), _nothing)

    @asynccontextmanager
    async def single_flight(self, key: str) -> AsyncIterator[None]:
        """Hold the lock of this name among all processes; among ours alone while Redis is away."""
        name, mine = f"{self._prefix}flight:{key}", secrets.token_hex(8)
        async with super().single_flight(key):
            held = await self._take(name, mine)
            try:
                yield
            finally:
                if held:
                    await self._try(lambda: self._release(name, mine), _nothing)

    async def wake(self, topic: str) -> None:
        """Tell whoever waits, here at once and elsewhere a moment later."""
        await super().wake(topic)
        self._queue("wake", f"{topic} ")

    async def publish(self, channel: str, ids: str) -> None:
        """Tell everybody who listens, here at once and elsewhere a moment later."""
        await super().publish(channel, ids)
        self._queue("say", f"{channel} {ids}")

    async def count(self, key: str, ttl: float) -> int:
        """Count one more among all processes; among ours alone while Redis is away."""
        here, name, ms = super().count, f"{self._prefix}count:{key}", max(1, int(ttl * 1000))

        async def there() -> int:
            async with self._redis.pipeline(transaction=True) as pipe:
                pipe.set(name, 0, px=ms, nx=True)
                pipe.incr(name)
                return int((await pipe.execute())[1])

        return await self._try(there, lambda: here(key, ttl))

    async def enter(self, place: str, who: str, what: str, ttl: float) -> bool:
        """Say that somebody is at a place, among all processes; gives whether that is news."""
        here, name = await super().enter(place, who, what, ttl), f"{self._prefix}place:{place}"

        async def there() -> bool:
            # Redis's own clock: those of two machines need not agree.
            now, found = await self._look(lambda pipe: pipe.hget(name, who))
            async with self._redis.pipeline(transaction=True) as pipe:
                pipe.hset(name, who, f"{now + ttl} {what}")
                pipe.pexpire(name, max(1, int(ttl * 2000)))
                await pipe.execute()
            return _doing(found, now) != what

        return await self._try(there, lambda: _given(here))

    async def leave(self, place: str, who: str) -> bool:
        """Say that they are not there any more; gives whether they were."""
        here, name = await super().leave(place, who), f"{self._prefix}place:{place}"

        async def there() -> bool:
            now, found = await self._look(lambda pipe: pipe.hget(name, who))
            await self._redis.hdel(name, who)
            return _doing(found, now) is not None

        return await self._try(there, lambda: _given(here))

    async def present(self, place: str) -> dict[str, str]:
        """Tell who is at a place in any process; in ours alone while Redis is away."""
        name = f"{self._prefix}place:{place}"

        async def there() -> dict[str, str]:
            now, found = await self._look(lambda pipe: pipe.hgetall(name))
            doing = {who: _doing(value, now) for who, value in sorted(found.items())}
            return {who: what for who, what in doing.items() if what is not None}

        return await self._try(there, lambda: self._at(place))

    async def _look(self, question: Callable[[Any], object]) -> tuple[float, Any]:
        """Ask something together with the time by which it was asked."""
        async with self._redis.pipeline(transaction=False) as pipe:
            pipe.time()
            question(pipe)
            (seconds, micros), found = await pipe.execute()
        return seconds + micros / 1e6, found

    async def reachable(self) -> bool:
        """Tell whether Redis answers now."""
        try:
            return bool(await self._redis.ping())
        except _FAILURES:
            return False

    async def close(self) -> None:
        """Send what is still to be sent, if Redis is there, and hang up."""
        with suppress(*_FAILURES):
            await self._flush()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        with suppress(*_FAILURES):
            await self._redis.aclose()

    async def _try(self, there: Callable[[], Awaitable[Result]], here: Callable[[], Awaitable[Result]]) -> Result:
        """Ask Redis; while it is away, answer from here and leave it in peace for a moment."""
        if time.monotonic() >= self._down_until:
            try:
                return await there()
            except _FAILURES as failed:
                self._failed(failed)
        return await here()

    def _failed(self, failed: BaseException) -> None:
        self._down_until = time.monotonic() + RETRY
        _log.warning("redis.away", reason=type(failed).__name__)

    async def _take(self, name: str, mine: str) -> bool:
        async def there() -> bool:
            # The holder may be another process, or dead: nobody would tell us, so we look.
            while not await self._redis.set(name, mine, px=int(FLIGHT * 1000), nx=True):  # noqa: ASYNC110
                await asyncio.sleep(_POLL)
            return True

        return await self._try(there, _no)

    async def _release(self, name: str, mine: str) -> None:
        if await self._redis.get(name) == mine:
            await self._redis.delete(name)

    def _queue(self, kind: str, words: str) -> None:
        self._outgoing.append((f"{self._prefix}{kind}", f"{self._origin} {words}"))
        self._more.set()

    async def _send(self) -> None:
        while True:
            await self._more.wait()
            self._more.clear()
            try:
                await self._flush()
            except _FAILURES as failed:
                self._failed(failed)
                await asyncio.sleep(RETRY)
                self._more.set()

    async def _flush(self) -> None:
        while self._outgoing:
            batch = list(self._outgoing)
            async with self._redis.pipeline(transaction=False) as pipe:
                for channel, words in batch:
                    pipe.publish(channel, words)
                await pipe.execute()
            for _ in batch:
                if self._outgoing:
                    self._outgoing.popleft()

    async def _hear(self) -> None:
        while True:
            try:
                async with self._redis.pubsub() as heard:
                    await heard.subscribe(f"{self._prefix}wake", f"{self._prefix}say")
                    self.hearing.set()
                    while True:
                        await self._take_in(await heard.get_message(ignore_subscribe_messages=True, timeout=30))
            except _FAILURES as failed:
                self._failed(failed)
            except Exception:  # noqa: BLE001  the supervisor of hearing: without it this process would be deaf for good
                _log.exception("redis.hearing_failed")
            self.hearing.clear()
            await asyncio.sleep(RETRY)

    async def _take_in(self, message: dict[str, Any] | None) -> None:
        if message is None:
            return
        parts = str(message["data"]).split(" ", 2)
        if len(parts) != 3:
            _log.warning("redis.not_ours", channel=message["channel"])
            return
        origin, name, words = parts
        if origin == self._origin:
            return
        if message["channel"] == f"{self._prefix}wake":
            await super().wake(name)
        else:
            await super().publish(name, words)


def _doing(value: str | None, now: float) -> str | None:
    """What somebody does who said so with an end that has not come yet."""
    until, _, what = (value or "0 ").partition(" ")
    try:
        return what if float(until) > now else None
    except ValueError:  # somebody else writes into our Redis
        return None


async def _given(value: Result) -> Result:
    return value


async def _nothing() -> None:
    return None


async def _no() -> bool:
    return False
