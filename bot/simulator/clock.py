"""The platform's clock: CreateTime, windows and quotas read it, and it can be moved forward."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import Protocol

# The platform lives in China: its quotas turn over at midnight there (reference/wechat.md §3.3, hour unconfirmed).
BEIJING = timezone(timedelta(hours=8))


class Clock(Protocol):
    """A clock that somebody may move. Times are aware and in UTC."""

    def now(self) -> datetime:
        """Tell the time."""

    def advance(self, seconds: float) -> None:
        """Move forward by so many seconds."""


class WallClock:
    """Real time and an offset of our own."""

    def __init__(self, offset: timedelta = timedelta()) -> None:
        self._offset = offset

    def now(self) -> datetime:
        """Tell the moved time."""
        return datetime.now(UTC) + self._offset

    def advance(self, seconds: float) -> None:
        """Move forward by so many seconds."""
        self._offset += timedelta(seconds=seconds)


def day_of(at: datetime) -> str:
    """Name the platform's day, like `2026-11-22`."""
    return at.astimezone(BEIJING).date().isoformat()


def month_of(at: datetime) -> str:
    """Name the platform's month, like `2026-11`."""
    return day_of(at)[:7]


def stamp(at: datetime) -> str:
    """Write a time for JSON: ISO 8601 in UTC with milliseconds."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds")
