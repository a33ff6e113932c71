"""The organisation tree, kept whole with its history: it is read at start and when it changed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

import msgspec
from sqlalchemy import Connection, delete, func, insert, or_, select, update

from dialogs.desk.organisation import Change, Plan
from dialogs.units import Unit
from storage import tables as t
from storage.acts import Stale
from storage.audit import Actor, Record, append
from storage.engine import Engine
from storage.moments import from_ms, to_ms

_encode = msgspec.json.Encoder().encode
_REVISION = select(func.coalesce(func.max(t.unit_changes.c.id), 0))
_u, _c = t.unit_changes.c, t.cases.c


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """All units, and the revision that they are."""

    units: tuple[Unit, ...]
    revision: int


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenCase:
    """A case that keeps its unit from closing. Who may close units sees no case: it is known by its number alone."""

    number: str
    unit: str


@dataclass(frozen=True, slots=True, kw_only=True)
class InTheWay:
    """These units cannot close: cases in them are open. Confidential ones are not named."""

    units: tuple[str, ...]
    cases: tuple[OpenCase, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """One change of a unit's history, with who recorded it and when."""

    change: Change
    by: str
    at: datetime


class UnitStore:
    """Keeps the units."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    async def all(self) -> list[Unit]:
        """Give every unit, closed ones too, in the order in which they were given."""
        return list((await self.kept()).units)

    async def kept(self) -> Kept:
        """Give every unit and the revision."""
        return await self._engine.read(_kept)

    async def revision(self) -> int:
        """Tell which revision the units are; 0 where nothing was ever changed."""
        return int(await self._engine.read(lambda conn: conn.scalar(_REVISION)) or 0)

    async def replace(self, units: Sequence[Unit]) -> None:
        """Put these in the place of all that were there, without history: to begin with."""
        await self._engine.write(lambda conn: _put(conn, units))

    async def reorganise(
        self, plan: Plan, *, revision: int, by: Actor, now: datetime, imported: bool = False
    ) -> Kept | Stale | InTheWay:
        """Do what was planned on this revision, whole or not at all.

        Stale where somebody else changed the units meanwhile; InTheWay where a unit that shall close has open
        cases. The people of a unit that was merged go along with it. `imported`: it comes from a sheet of all units.
        """
        rows = [_row(change, by.name, to_ms(now)) for change in plan.changes]
        records = [_recorded(change, by) for change in plan.changes]
        if imported:
            records.append(Record(actor=by, act="units.import", note=str(len(plan.changes))))

        def work(conn: Connection) -> Kept | Stale | InTheWay:
            _one_at_a_time(conn)
            found = int(conn.scalar(_REVISION) or 0)
            if found != revision:
                return Stale(version=found)
            in_the_way = _open_cases(conn, plan.closing)
            if in_the_way.units:
                return in_the_way
            if rows:
                _put(conn, plan.units)
                conn.execute(insert(t.unit_changes), rows)
            append(conn, self._engine.keys, to_ms(now), *records)
            for change in plan.changes:
                if change.after.into:
                    along = t.staff.c.unit == change.unit
                    conn.execute(update(t.staff).where(along).values(unit=change.after.into))
                    beside = t.posts_held.c.unit == change.unit
                    conn.execute(update(t.posts_held).where(beside).values(unit=change.after.into))
            return Kept(units=plan.units, revision=int(conn.scalar(_REVISION) or 0))

        return await self._engine.write(work, apart=True)

    async def history(self, unit: str) -> list[Recorded]:
        """List what became of a unit, oldest first."""
        question = select(_u.what, _u.day, _u.at, _u.by, _u.before, _u.after).where(_u.unit == unit).order_by(_u.id)
        rows = await self._engine.read(lambda conn: conn.execute(question).all())
        return [
            Recorded(
                change=Change(
                    what=row.what,
                    day=date.fromisoformat(row.day),
                    before=_decode(row.before) if row.before else None,
                    after=_decode(row.after),
                ),
                by=row.by,
                at=from_ms(row.at),
            )
            for row in rows
        ]


def _kept(conn: Connection) -> Kept:
    # The revision first: units that are newer than it are only read again, older ones would stay.
    revision = int(conn.scalar(_REVISION) or 0)
    bodies = conn.scalars(select(t.units.c.body).order_by(t.units.c.place)).all()
    return Kept(units=tuple(_decode(body) for body in bodies), revision=revision)


def _put(conn: Connection, units: Sequence[Unit]) -> None:
    conn.execute(delete(t.units))
    rows = [{"id": unit.id, "place": n, "body": _encode(unit).decode()} for n, unit in enumerate(units)]
    if rows:
        conn.execute(insert(t.units), rows)


def _one_at_a_time(conn: Connection) -> None:
    """Let whoever else reorganises wait: between their look at the revision and their commit nobody else looks."""
    if conn.dialect.name == "postgresql":
        conn.exec_driver_sql("LOCK TABLE unit_changes IN SHARE ROW EXCLUSIVE MODE")


def _open_cases(conn: Connection, units: Sequence[str]) -> InTheWay:
    if not units:
        return InTheWay(units=(), cases=())
    # Theirs to settle, or theirs to answer for: one that was raised to them, or sent back for them to decide.
    theirs = or_(_c.unit.in_(units), _c.above.in_(units))
    still = theirs & _c.status.in_(t.OPEN_STATUSES)
    question = select(_c.number, _c.unit, _c.confidential).where(still).order_by(_c.unit, _c.number)
    found = conn.execute(question).all()
    return InTheWay(
        units=tuple(dict.fromkeys(row.unit for row in found)),
        cases=tuple(OpenCase(number=row.number, unit=row.unit) for row in found if not row.confidential),
    )


def _row(change: Change, by: str, at: int) -> dict[str, object]:
    return {
        "unit": change.unit,
        "what": change.what,
        "day": change.day.isoformat(),
        "at": at,
        "by": by,
        "before": _encode(change.before).decode() if change.before else None,
        "after": _encode(change.after).decode(),
    }


def _recorded(change: Change, by: Actor) -> Record:
    """Give the audit log's record; the note is the unit above or the one it went into, where that is what changed."""
    after = change.after
    note = {"moved": after.parent or "", "merged": after.into or ""}.get(change.what, "")
    return Record(actor=by, act=f"units.{change.what}", kind="unit", subject=change.unit, note=note)


def _decode(body: str) -> Unit:
    return msgspec.json.decode(body, type=Unit)
