"""Fills the words that search looks in, behind the turns: a few cases at a time, so that no turn waits for it long."""

from __future__ import annotations

from collections.abc import Sequence

from bot.loops import LEASE, Loop, Wakes
from bot.metrics import Metrics
from bot.world import World
from storage.case_words import Behind
from storage.engines import Database

# Cases a commit. On SQLite the turns that come meanwhile wait for it: some milliseconds.
FEW = 16


class Indexer(Loop[Behind]):
    """Brings the words of cases that moved on up to date."""

    name = "indexer"
    at_once = 1

    def __init__(self, database: Database, hot: Wakes, world: World, metrics: Metrics, *, poll: float = 2.0) -> None:
        super().__init__(hot, world, metrics, poll=poll)
        self._words = database.case_words

    async def claim(self, limit: int) -> Sequence[Behind]:
        """Give the next few cases that are behind, while the lease is ours."""
        del limit
        found = await self._words.claim(self._worker, self._world.now(), LEASE, FEW)
        return [found] if found else []

    async def handle(self, row: Behind) -> None:
        """Bring them up."""
        await self._words.bring_up(row)

    def whose(self, row: Behind) -> str:
        """All are one queue."""
        del row
        return self.name

    def label(self, row: Behind) -> dict[str, object]:
        """Name the first of them."""
        return {"number": next(iter(row.numbers), ""), "cases": len(row.numbers)}
