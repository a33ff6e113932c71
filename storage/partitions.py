"""PostgreSQL keeps the transcript, by far the largest table, in one partition a month (UTC) of `at`.

Partitions are made ahead. A row of a month that has none goes to the partition of all the others,
from where it moves to its own as soon as that is made: nothing is lost, and nothing has to wait.
SQLite keeps the same table whole, and the questions are the same.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Final

from sqlalchemy import Connection, text

from storage.engine import Engine
from storage.moments import to_ms

OTHERS: Final = "transcript_others"
_MONTH: Final = re.compile(r"transcript_(\d{4})(\d{2})")
_AHEAD: Final = 2  # months after this one
# Any number: of two processes that make partitions at once, one waits.
_ONE_AT_A_TIME: Final = 4_807_527
# Whoever reads the partition of the others meanwhile is waited for so long; the next round tries again.
_PATIENCE: Final = "5s"


def is_partition(table: str) -> bool:
    """Tell whether a table of the database is a part of the transcript (and no table of ours by itself)."""
    return table == OTHERS or _MONTH.fullmatch(table) is not None


class Partitions:
    """Makes the months of the transcript."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    async def ensure(self, now: datetime) -> list[str]:
        """Make what is missing of this month and the next two, and of every month that has rows. Gives the new ones."""
        if self._engine.name == "sqlite":
            return []
        return await self._engine.write(lambda conn: ensure(conn, now), apart=True)


def ensure(conn: Connection, now: datetime) -> list[str]:
    """Make the partitions that are missing, in the open transaction of a PostgreSQL connection."""
    conn.execute(text("SELECT pg_advisory_xact_lock(:only)"), {"only": _ONE_AT_A_TIME})
    there = set(conn.scalars(text("SELECT inhrelid::regclass::text FROM pg_inherits "
                                  "WHERE inhparent = 'transcript'::regclass")))  # fmt: skip
    missing = sorted({*_ahead(now), *_rowed(conn)} - there)
    if missing:
        conn.execute(text(f"SET LOCAL lock_timeout = '{_PATIENCE}'"))
        conn.execute(text(f"LOCK TABLE {OTHERS} IN ACCESS EXCLUSIVE MODE"))
    for name in missing:
        _make(conn, name)
    return missing


def _ahead(now: datetime) -> Iterator[str]:
    month = now.astimezone(UTC).replace(day=1)
    for _ in range(_AHEAD + 1):
        yield f"transcript_{month:%Y%m}"
        month = _next(month)


def _rowed(conn: Connection) -> Iterator[str]:
    month = f"SELECT DISTINCT to_char(to_timestamp(at / 1000) AT TIME ZONE 'UTC', 'YYYYMM') FROM {OTHERS}"  # noqa: S608
    return (f"transcript_{each}" for each in conn.scalars(text(month)))


def _make(conn: Connection, name: str) -> None:
    """Make a month beside the table and attach it filled: writers of other months need not wait for it."""
    found = _MONTH.fullmatch(name)
    assert found is not None
    first = datetime(int(found[1]), int(found[2]), 1, tzinfo=UTC)
    start, end = to_ms(first), to_ms(_next(first))
    moved = f"DELETE FROM {OTHERS} WHERE at >= {start} AND at < {end} RETURNING *"  # noqa: S608  our own names
    for statement in (
        f"CREATE TABLE {name} (LIKE transcript INCLUDING ALL)",
        f"WITH moved AS ({moved}) INSERT INTO {name} SELECT * FROM moved",  # noqa: S608
        f"ALTER TABLE transcript ATTACH PARTITION {name} FOR VALUES FROM ({start}) TO ({end})",
    ):
        conn.execute(text(statement))


def _next(month: datetime) -> datetime:
    return month.replace(year=month.year + month.month // 12, month=month.month % 12 + 1)
