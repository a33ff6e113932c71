"""What the desk's routing goes by, every version whole: the dispatch directory and the duty roster."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from sqlalchemy import Connection, Update, func, insert, select, tuple_, update
from sqlalchemy.exc import IntegrityError

from storage import tables as t
from storage.audit import Actor, Record, append
from storage.engine import Engine
from storage.listed import listed
from storage.moments import from_ms, to_ms
from storage.statements import word

Kind = str
"""`directory`, `categories`, or `duty/` and a unit: its roster."""
_ROUND = 500  # cases that are called otherwise at a time: a turn between two rounds waits for one only
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

    async def newest(self, kinds: Collection[str]) -> dict[str, Book]:
        """Give the newest version of each of these kinds that has one."""
        last = select(_b.kind, func.max(_b.version)).where(listed(_b.kind, kinds)).group_by(_b.kind)
        question = select(t.books).where(tuple_(_b.kind, _b.version).in_(last)).order_by(_b.kind)
        rows = await self._engine.read(lambda conn: conn.execute(question).mappings().all())
        return {row["kind"]: Book(**{**row, "at": from_ms(row["at"])}) for row in rows}

    async def history(self, kind: Kind, limit: int = 20) -> list[Book]:
        """List the versions, newest first."""
        question = select(t.books).where(_b.kind == kind).order_by(_b.version.desc()).limit(limit)
        rows = await self._engine.read(lambda conn: conn.execute(question).mappings().all())
        return [Book(**{**row, "at": from_ms(row["at"])}) for row in rows]

    async def keep(self, book: Book, actor: Actor) -> bool:
        """Keep a new version with its record; False where somebody else has kept one of this number already."""
        at = to_ms(book.at)
        row = {name: getattr(book, name) for name in ("kind", "version", "by", "why", "body")}
        kind, _, of = book.kind.partition("/")
        subject = f"{of} {book.version}".strip()
        change = Record(actor=actor, act="rules.change", kind=kind, subject=subject, note=book.why)

        def work(conn: Connection) -> None:
            conn.execute(insert(t.books), {**row, "at": at})
            append(conn, self._engine.keys, at, change)

        try:
            await self._engine.write(work, apart=True)
        except IntegrityError:
            return False
        return True

    async def retitle(self, category: str, former: Sequence[str], title: str) -> int:
        """Call the cases of a category by its title now where they have an earlier one; gives how many."""
        question = select(_c.number).where(_c.category == category, _c.title.in_(former), _c.title != title)
        numbers = list(await self._engine.read(lambda conn: conn.scalars(question.order_by(_c.number)).all()))
        for start in range(0, len(numbers), _ROUND):
            some = numbers[start : start + _ROUND]
            change = update(t.cases).where(_c.number.in_(some)).values(title=title)
            await self._engine.write(partial(_do, change))
        return len(numbers)

    async def open_by_category(self) -> dict[str, int]:
        """Count the open cases of each category, but confidential ones."""
        is_open = _c.status.in_([word(each) for each in t.OPEN_STATUSES])
        question = select(_c.category, func.count()).where(is_open, _c.confidential.is_(False)).group_by(_c.category)
        rows = await self._engine.read(lambda conn: conn.execute(question).all())
        return {category: int(count) for category, count in rows}

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


def _do(change: Update, conn: Connection) -> None:
    conn.execute(change)
