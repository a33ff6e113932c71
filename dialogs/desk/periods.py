"""Days, months and years as the centre's clock has them: what a figure is asked for."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo

_WRITTEN = re.compile(r"(20\d\d)(?:-(\d\d)(?:-(\d\d))?)?")
_WEEK = "一二三四五六日"


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """From the day `first` on until before the day `after`; `key` is how addresses write it."""

    key: str
    title: str
    first: date
    after: date

    def moments(self, zone: tzinfo) -> tuple[datetime, datetime]:
        """Give its first moment and the first one after it, in UTC."""
        begin, end = (datetime.combine(day, time(), zone).astimezone(UTC) for day in (self.first, self.after))
        return begin, end

    def before(self) -> Period:
        """Give the one before it, of the same length of the calendar."""
        return _around(self.first - timedelta(days=1), len(self.key))

    def next(self) -> Period:
        """Give the one after it."""
        return _around(self.after, len(self.key))


def parse(key: str) -> Period | None:
    """Read `2026`, `2026-11` or `2026-11-22`; None for anything else."""
    found = _WRITTEN.fullmatch(key)
    if found is None:
        return None
    try:
        day = date(int(found[1]), int(found[2] or 1), int(found[3] or 1))
    except ValueError:
        return None
    return _around(day, len(key))


def year_of(day: date) -> Period:
    """Give the year that a day lies in."""
    return Period(key=f"{day:%Y}", title=f"{day.year} 年", first=date(day.year, 1, 1), after=date(day.year + 1, 1, 1))


def month_of(day: date) -> Period:
    """Give the month that a day lies in."""
    first = day.replace(day=1)
    after = (first + timedelta(days=31)).replace(day=1)
    return Period(key=f"{day:%Y-%m}", title=f"{day.year} 年 {day.month} 月", first=first, after=after)


def day_of(day: date) -> Period:
    """Give a day."""
    title = f"{day.year} 年 {day.month} 月 {day.day} 日 星期{_WEEK[day.weekday()]}"
    return Period(key=day.isoformat(), title=title, first=day, after=day + timedelta(days=1))


def _around(day: date, length: int) -> Period:
    """Give the period around a day whose key is so long."""
    return {4: year_of, 7: month_of}.get(length, day_of)(day)
