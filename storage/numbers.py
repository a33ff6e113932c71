"""Serial numbers of cases, leased in blocks: a process that dies leaves a gap, never a double."""

from __future__ import annotations

from sqlalchemy import Connection, update
from sqlalchemy.dialects import postgresql, sqlite

from storage import tables as t
from storage.engine import Engine


class Numbers:
    """Leases blocks of serial numbers."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    async def lease(self, day: str, count: int) -> range:
        """Lease the next `count` serials of a day (`YYMMDD`), counted from 1."""
        return await self._engine.write(lambda conn: _lease(conn, day, count), apart=True)


def _lease(conn: Connection, day: str, count: int) -> range:
    maker = sqlite.insert if conn.dialect.name == "sqlite" else postgresql.insert
    conn.execute(maker(t.numbers).values(day=day, next=1).on_conflict_do_nothing())
    more = update(t.numbers).where(t.numbers.c.day == day).values(next=t.numbers.c.next + count)
    end = conn.scalars(more.returning(t.numbers.c.next)).one()
    return range(end - count, end)
