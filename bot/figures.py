"""The figures of a period for whoever may read them: counted once, and kept where nothing can change them any more."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta, tzinfo

from dialogs.desk.figures import FAMILIES, FIGURES, Count, Share, Tally, count, rates, share
from dialogs.desk.periods import Period
from dialogs.rules.shapes import FigureRules
from storage.engines import Database
from storage.figures import By, Excluded, Eyes, Span

_KEPT = 256  # closed periods that are remembered
_Asked = tuple[str, Eyes, By, tuple[str, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Pack:
    """Everything that was counted of a period."""

    period: Period
    counts: Mapping[str, Count]
    shares: tuple[Share, ...]


@dataclass(frozen=True, slots=True)
class Counting:
    """Counts. What is over and settled is counted once a process."""

    database: Database
    rules: Callable[[], FigureRules]
    now: Callable[[], datetime]
    zone: tzinfo
    _kept: OrderedDict[_Asked, tuple[Tally, ...]] = field(default_factory=OrderedDict)

    def span(self, period: Period) -> Span:
        """Give a period as moments; one that goes on ends now."""
        start, end = period.moments(self.zone)
        settled = end + self.rules().exclude_within
        return Span(start=start, end=min(end, max(start, self.now() + timedelta(milliseconds=1))), settled=settled)

    async def tallies(
        self, period: Period, eyes: Eyes, *, by: By = "", families: Iterable[str] = FAMILIES
    ) -> tuple[Tally, ...]:
        """Count a period, each family of figures beside the others."""
        asked = (period.key, eyes, by, tuple(families))
        if asked in self._kept:
            self._kept.move_to_end(asked)
            return self._kept[asked]
        span, figures = self.span(period), self.database.figures
        parts = await asyncio.gather(*(figures.tallies(span, eyes, by=by, families=[each]) for each in asked[3]))
        found = tuple(tally for part in parts for tally in part)
        if span.settled <= self.now():
            self._kept[asked] = found
            if len(self._kept) > _KEPT:
                self._kept.popitem(last=False)
        return found

    async def pack(self, period: Period, eyes: Eyes, *, families: Iterable[str] = FAMILIES) -> Pack:
        """Count the figures of a period; those of other families are nothing."""
        return self.packed(period, await self.tallies(period, eyes, families=families))

    def packed(self, period: Period, tallies: Iterable[Tally]) -> Pack:
        """Make the figures of what was counted."""
        rules, found = self.rules(), tuple(tallies)
        return Pack(
            period=period,
            counts={key: count(figure, found, rules.smallest) for key, figure in FIGURES.items()},
            shares=tuple(share(rate, found, rules.smallest) for rate in rates(rules)),
        )

    async def excluded(self, period: Period, eyes: Eyes) -> list[Excluded]:
        """List what was left out of the rates of a period, with who left it out and why."""
        return await self.database.figures.excluded(self.span(period), eyes)
