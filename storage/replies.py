"""Canned replies of units: who wrote them, until when each may be used."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, func, insert, select, update

from storage import tables as t
from storage.acts import Stale
from storage.engine import Engine
from storage.moments import from_ms, to_ms

_r = t.replies.c


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """A canned reply. It is for its unit and all below; `until` is the last day on which it may be used."""

    id: int
    unit: str
    title: str
    words: str
    until: date
    by: str
    at: datetime
    version: int
    closed: bool

    def stands(self, today: date) -> bool:
        """Tell whether it may be used today."""
        return not self.closed and today <= self.until


class Replies:
    """Keeps canned replies."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    async def of_units(self, units: Collection[str]) -> list[Reply]:
        """List the replies of these units, those that were put away too, by title."""
        question = select(t.replies).where(_r.unit.in_(list(units))).order_by(_r.title, _r.id)
        rows = await self._engine.read(lambda conn: conn.execute(question).mappings().all())
        return [_reply(row) for row in rows]

    async def get(self, reply: int) -> Reply | None:
        """Find one."""
        question = select(t.replies).where(_r.id == reply)
        row = await self._engine.read(lambda conn: conn.execute(question).mappings().first())
        return None if row is None else _reply(row)

    async def add(self, unit: str, title: str, words: str, until: date, *, by: str, now: datetime) -> int:
        """Add a reply; the very same one of the same unit is not added twice. Gives its id."""
        row = {"unit": unit, "title": title, "words": words, "until": until.isoformat(), "by": by, "at": to_ms(now)}
        same = select(_r.id).where(_r.unit == unit, _r.title == title, _r.words == words, _r.closed.is_(None))

        def work(conn: Connection) -> int:
            there = conn.scalar(same)
            return int(there or conn.execute(insert(t.replies).returning(_r.id), row).scalar_one())

        return await self._engine.write(work, apart=True)

    async def change(
        self, reply: int, version: int, *, title: str, words: str, until: date, by: str, now: datetime
    ) -> int | Stale:
        """Change a reply that is as it was read; the version it has now."""
        values = {"title": title, "words": words, "until": until.isoformat()}
        return await self._changed(reply, version, {**values, "by": by, "at": to_ms(now)})

    async def put_away(self, reply: int, version: int, *, away: bool, by: str, now: datetime) -> int | Stale:
        """Put a reply away, or take it up again."""
        return await self._changed(reply, version, {"closed": to_ms(now) if away else None, "by": by, "at": to_ms(now)})

    async def stock(self, unit: str, starters: Iterable[tuple[str, str]], until: date) -> None:
        """Put the packaged replies on an empty shelf, once."""
        rows = [
            {"unit": unit, "title": title, "words": words, "until": until.isoformat(), "by": "", "at": 0}
            for title, words in starters
        ]

        def work(conn: Connection) -> int:
            if not rows or conn.scalar(select(func.count()).select_from(t.replies)):
                return 0
            return conn.execute(insert(t.replies), rows).rowcount

        await self._engine.write(work, apart=True)

    async def _changed(self, reply: int, version: int, values: dict[str, Any]) -> int | Stale:
        same = update(t.replies).where(_r.id == reply, _r.version == version).values(**values, version=version + 1)

        def work(conn: Connection) -> int | Stale:
            if conn.execute(same).rowcount:
                return version + 1
            return Stale(version=conn.scalar(select(_r.version).where(_r.id == reply)) or 0)

        found: int | Stale = await self._engine.write(work, apart=True)
        return found


def _reply(row: Any) -> Reply:
    return Reply(
        id=row["id"],
        unit=row["unit"],
        title=row["title"],
        words=row["words"],
        until=date.fromisoformat(row["until"]),
        by=row["by"],
        at=from_ms(row["at"]),
        version=row["version"],
        closed=row["closed"] is not None,
    )
