"""Those who ask at the same moment share one round trip: while one batch runs, the next one fills."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")


class Batches(Generic[Item, Result]):
    """Runs `work` over everything that was asked for since it last ran, one batch at a time.

    `work` gives one result or exception for each item; if it raises, everybody in the batch gets that.
    """

    def __init__(self, work: Callable[[Sequence[Item]], Awaitable[Sequence[Result | BaseException]]]) -> None:
        self._work = work
        self._waiting: list[tuple[Item, asyncio.Future[Result]]] = []
        self._running: asyncio.Task[None] | None = None

    def add(self, item: Item) -> asyncio.Future[Result]:
        """Ask; the future is done when the item's batch is."""
        done: asyncio.Future[Result] = asyncio.get_running_loop().create_future()
        self._waiting.append((item, done))
        if self._running is None:
            self._running = asyncio.create_task(self._run())
        return done

    async def drain(self) -> None:
        """Wait until nothing is left to do."""
        while self._running is not None:
            await asyncio.wait([self._running])

    async def _run(self) -> None:
        try:
            while self._waiting:
                batch, self._waiting = self._waiting, []
                await self._one(batch)
        finally:
            self._running = None

    async def _one(self, batch: Sequence[tuple[Item, asyncio.Future[Result]]]) -> None:
        try:
            results = await self._work([item for item, _ in batch])
        except BaseException as failed:  # noqa: BLE001  it belongs to those who wait, whatever it is
            results = [failed] * len(batch)
        for (_, done), result in zip(batch, results, strict=True):
            if done.done():
                continue  # the asker went away
            if isinstance(result, BaseException):
                done.set_exception(result)
            else:
                done.set_result(result)
