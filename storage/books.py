"""What the desk's routing goes by, every version whole: the dispatch directory and the duty roster."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sqlalchemy import Connection, func, insert, select
from sqlalchemy.exc import IntegrityError

from storage import tables as t
from storage.audit import Actor, Record, append
from storage.engine import Engine
from storage.moments import from_ms, to_ms

Kind = Literal["directory", "duty"]
_b, _e, _c = t.books.c, t.case_events.c, t.cases.c


@dataclass(frozen=True, slots=True, kw_only=True)
class Book:
    """One version. `why` is what the change is for."""

    kind: str
    version: int
    at: datetime
    by: str
    why: str
    body: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TakenBack:
    """A return that was right: a case of this category, in the area of `spot`, belongs to `unit`."""

    event: int
    number: str
    at: datetime
    by: str
    category: str
    spot: str
    unit: str


class Books:
    """Keeps the books."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    async def versions(self) -> dict[str, int]:
        """Tell the newest version of each kind."""
        question = select(_b.kind, func.max(_b.version)).group_by(_b.kind)
        rows = await self._engine.read(lambda conn: conn.execute(question).all())
        return {kind: int(version) for kind, version in rows}

    async def latest(self, kind: Kind) -> Book | None:
        """Give the newest version, if there is one."""
        return next(iter(await self.history(kind, 1)), None)

    async def history(self, kind: Kind, limit: int = 20) -> list[Book]:
        """List the versions, newest first."""
        question = select(t.books).where(_b.kind == kind).order_by(_b.version.desc()).limit(limit)
        rows = await self._engine.read(lambda conn: conn.execute(question).mappings().all())
        return [Book(**{**row, "at": from_ms(row["at"])}) for row in rows]

    async def keep(self, book: Book, actor: Actor) -> bool:
        """Keep a new version with its record; False where somebody else has kept one of this number already."""
        at = to_ms(book.at)
        row = {name: getattr(book, name) for name in ("kind", "version", "by", "why", "body")}
        change = Record(actor=actor, act="rules.change", kind=book.kind, subject=str(book.version), note=book.why)

        def work(conn: Connection) -> None:
            conn.execute(insert(t.books), {**row, "at": at})
            append(conn, self._engine.keys, at, change)

        try:
            await self._engine.write(work, apart=True)
        except IntegrityError:
            return False
        return True

    async def taken_back(self, since: datetime, limit: int = 100) -> list[TakenBack]:
        """List the returns that were found right, newest first."""
        question = (
            select(_e.id, _e.number, _e.at, _e.by, _e.target, _c.category, _c.spot)
            .join_from(t.case_events, t.cases, _c.number == _e.number)
            .where(_e.act == "take_back", _e.at >= to_ms(since), _c.category != "", _c.spot != "")
            .where(_c.confidential.is_(False))
            .order_by(_e.at.desc(), _e.id.desc())
            .limit(limit)
        )
        rows = await self._engine.read(lambda conn: conn.execute(question).all())
        return [
            TakenBack(
                event=row.id, number=row.number, at=from_ms(row.at), by=row.by, category=row.category,
                spot=row.spot, unit=row.target,
            )
            for row in rows
        ]  # fmt: skip
