"""Reading the audit log, and appending to it where what is done writes nothing else."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, or_, select, tuple_

from storage import tables as t
from storage.audit import Actor, Record, append
from storage.engine import Engine
from storage.moments import from_ms, to_ms

_a = t.audit.c
_COLUMNS = (_a.id, _a.at, _a.by, _a.post, _a.unit, _a.act, _a.kind, _a.subject, _a.note, _a.source, _a.seq)


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """One record as it is read. `seq` is its place in the chain, None while it waits for it."""

    id: int
    at: datetime
    record: Record
    seq: int | None

    @property
    def cursor(self) -> str:
        """Continues a list behind this record."""
        return f"{to_ms(self.at)}.{self.id}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which records: of a person, of acts that begin so, about a case or another subject, from a moment until another.

    What is empty or None does not matter. `units`: done by people of these alone.
    """

    by: str = ""
    acts: tuple[str, ...] = ()
    subject: str = ""
    units: frozenset[str] | None = None
    since: datetime | None = None
    before: datetime | None = None


class AuditLog:
    """The audit log for whoever reads it."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    async def append(self, *records: Record, now: datetime) -> None:
        """Append what is done without writing anything else: reading what is sealed, giving out codes or files."""
        keys, at = self._engine.keys, to_ms(now)
        await self._engine.write(lambda conn: append(conn, keys, at, *records), apart=True)

    async def append_once(self, record: Record, *, now: datetime, within: timedelta) -> None:
        """Append, unless the same person did the same to the same a moment ago: a page that looks again by itself."""
        keys, at = self._engine.keys, to_ms(now)
        who = record.actor.name
        same = and_(_a.by == who, _a.at > to_ms(now - within), _a.act == record.act, _a.subject == record.subject)
        again = select(_a.id).where(same).limit(1)
        if await self._engine.read(lambda conn: conn.scalar(again)) is None:
            await self._engine.write(lambda conn: append(conn, keys, at, record), apart=True)

    async def records(self, wanted: Wanted, *, after: str = "", limit: int = 100) -> list[Recorded]:
        """List records, the newest first. `after` is the cursor of the last one shown."""
        question = _question(wanted)
        if after:
            at, _, row = after.partition(".")
            question = question.where(tuple_(_a.at, _a.id) < tuple_(int(at), int(row)))
        question = question.order_by(_a.at.desc(), _a.id.desc()).limit(limit)
        rows = await self._engine.read(lambda conn: conn.execute(question).all())
        return [_recorded(row) for row in rows]

    async def ids(self, wanted: Wanted, limit: int) -> list[int]:
        """Give the ids of records, the newest first: one look."""
        question = _question(wanted).with_only_columns(_a.id).order_by(_a.at.desc(), _a.id.desc()).limit(limit)
        return list(await self._engine.read(lambda conn: conn.scalars(question).all()))

    async def of_ids(self, ids: Sequence[int]) -> list[Recorded]:
        """Give the records of these ids, in this order."""
        question = select(*_COLUMNS).where(_a.id.in_(ids))
        rows = await self._engine.read(lambda conn: conn.execute(question).all())
        found = {row.id: _recorded(row) for row in rows}
        return [found[each] for each in ids if each in found]

    async def people(self, starts: str, limit: int = 20) -> Sequence[str]:
        """Give names that the log knows and that begin so, for whoever types one."""
        known = select(_a.by).where(_a.by.startswith(starts, autoescape=True)).distinct().order_by(_a.by).limit(limit)
        return await self._engine.read(lambda conn: conn.scalars(known).all())


def _question(wanted: Wanted) -> Select[Any]:
    parts: list[ColumnElement[bool]] = []
    if wanted.by:
        # What was done to somebody (a sign-in that failed, rights that changed) is theirs to be found by as well.
        parts.append(or_(_a.by == wanted.by, and_(_a.kind == "staff", _a.subject == wanted.by)))
    if wanted.acts:
        parts.append(or_(*(_a.act.startswith(act, autoescape=True) for act in wanted.acts)))
    if wanted.units is not None:
        parts.append(_a.unit.in_(sorted(wanted.units)))
    if wanted.subject:
        parts.append(_a.subject == wanted.subject)
    if wanted.since:
        parts.append(_a.at >= to_ms(wanted.since))
    if wanted.before:
        parts.append(_a.at < to_ms(wanted.before))
    return select(*_COLUMNS).where(*parts)


def _recorded(row: Any) -> Recorded:
    actor = Actor(name=row.by, post=row.post, unit=row.unit, source=row.source)
    record = Record(actor=actor, act=row.act, kind=row.kind, subject=row.subject, note=row.note)
    return Recorded(id=row.id, at=from_ms(row.at), record=record, seq=row.seq)
