"""Who stands in for whom, and who may know of confidential cases: asked for, allowed, ended; each with its day."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, and_, insert, or_, select, update

from storage import tables as t
from storage.audit import Record, append
from storage.crypto import Keys
from storage.engine import Engine
from storage.moments import from_ms, maybe_ms, to_ms
from storage.staff import Staff

_i, _k = t.stand_ins.c, t.clearances.c


@dataclass(frozen=True, slots=True, kw_only=True)
class StandIn:
    """Somebody stands in for a colleague in `since` <= now < `until`, once it is `allowed`, unless it is `ended`."""

    id: int
    absent: str
    stand_in: str
    since: datetime
    until: datetime
    asked_by: str
    decided_by: str
    allowed: datetime | None
    ended: datetime | None
    ended_by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Clearance:
    """Somebody may know of confidential cases until then."""

    id: int
    staff: str
    since: datetime
    until: datetime
    by: str


class Trust:
    """Keeps stand-ins and clearances."""

    def __init__(self, engine: Engine, keys: Keys) -> None:
        self._engine, self._keys = engine, keys

    async def ask(
        self, absent: str, stand_in: str, since: datetime, until: datetime, *, by: Staff, now: datetime
    ) -> StandIn | None:
        """Ask for a stand-in. Gives another of the same person that is in the way, where their days overlap."""
        first, last, at = to_ms(since), to_ms(until), to_ms(now)
        row = {"absent": absent, "stand_in": stand_in, "since": first, "until": last, "asked_by": by.name, "asked": at}
        meets = and_(_i.absent == absent, _i.ended.is_(None), _i.since < last, _i.until > first)

        def work(conn: Connection) -> StandIn | None:
            # The absent person's own row keeps two who ask at the same moment apart.
            conn.execute(select(t.staff.c.name).where(t.staff.c.name == absent).with_for_update())
            found = conn.execute(_stand_ins().where(meets).limit(1)).mappings().first()
            if found is not None:
                return _stand_in(found)
            conn.execute(insert(t.stand_ins), row)
            self._note(conn, at, _about("stand_in.ask", by, absent, stand_in))
            return None

        return await self._engine.write(work, apart=True)

    async def decide(self, number: int, *, allow: bool, by: Staff, now: datetime) -> bool:
        """Allow or refuse what was asked. False: it was decided or ended before."""
        at = to_ms(now)
        waits = and_(_i.id == number, _i.allowed.is_(None), _i.ended.is_(None))
        done = {"decided_by": by.name, "allowed": at} if allow else {"decided_by": by.name, **_ended(by, at)}
        return await self._settle(waits, done, "stand_in.allow" if allow else "stand_in.refuse", by, at)

    async def end(self, number: int, *, by: Staff, now: datetime) -> bool:
        """End it before its day. False: it had ended before."""
        at = to_ms(now)
        return await self._settle(and_(_i.id == number, _i.ended.is_(None)), _ended(by, at), "stand_in.end", by, at)

    async def stand_ins(self, now: datetime, names: Sequence[str] | None = None) -> list[StandIn]:
        """List what is asked for, holds or will hold; of these people, or of all."""
        live = and_(_i.ended.is_(None), _i.until > to_ms(now))
        question = _stand_ins().where(live).order_by(_i.since, _i.id)
        if names is not None:
            question = question.where(or_(_i.absent.in_(names), _i.stand_in.in_(names)))
        rows = await self._engine.read(lambda conn: conn.execute(question).mappings().all())
        return [_stand_in(row) for row in rows]

    async def clear(self, name: str, until: datetime, *, by: Staff, now: datetime) -> None:
        """Let somebody know of confidential cases until then; what they had before ends."""
        at = to_ms(now)
        row = {"staff": name, "since": at, "until": to_ms(until), "by": by.name}

        def work(conn: Connection) -> None:
            conn.execute(update(t.clearances).where(_k.staff == name, _k.ended.is_(None)).values(_ended(by, at)))
            conn.execute(insert(t.clearances), row)
            self._past(conn, by, at, name, "clear")

        await self._engine.write(work, apart=True)

    async def unclear(self, number: int, *, by: Staff, now: datetime) -> bool:
        """Take a clearance back. False: it had ended before."""
        at = to_ms(now)
        mine = and_(_k.id == number, _k.ended.is_(None))

        def work(conn: Connection) -> bool:
            name = conn.scalar(select(_k.staff).where(mine).with_for_update())
            if name is None:
                return False
            conn.execute(update(t.clearances).where(mine).values(_ended(by, at)))
            self._past(conn, by, at, name, "unclear")
            return True

        return await self._engine.write(work, apart=True)

    async def clearances(self, now: datetime) -> list[Clearance]:
        """List the clearances that hold."""
        holds = and_(_k.ended.is_(None), _k.until > to_ms(now))
        question = select(_k.id, _k.staff, _k.since, _k.until, _k.by).where(holds).order_by(_k.staff, _k.id)
        rows = await self._engine.read(lambda conn: conn.execute(question).all())
        return [
            Clearance(id=row.id, staff=row.staff, since=from_ms(row.since), until=from_ms(row.until), by=row.by)
            for row in rows
        ]

    async def names(self, now: datetime) -> frozenset[str]:
        """Give who is cleared now."""
        return frozenset(each.staff for each in await self.clearances(now))

    async def _settle(self, which: ColumnElement[bool], done: dict[str, Any], what: str, by: Staff, at: int) -> bool:
        def work(conn: Connection) -> bool:
            row = conn.execute(_stand_ins().where(which).with_for_update()).mappings().first()
            if row is None:
                return False
            conn.execute(update(t.stand_ins).where(which).values(done))
            self._note(conn, at, _about(what, by, row["absent"], row["stand_in"]))
            return True

        return await self._engine.write(work, apart=True)

    def _past(self, conn: Connection, by: Staff, at: int, name: str, what: str) -> None:
        conn.execute(insert(t.staff_changes), {"staff": name, "at": at, "by": by.name, "what": what})
        self._note(conn, at, _about(f"staff.{what}", by, name))

    def _note(self, conn: Connection, at: int, record: Record) -> None:
        append(conn, self._keys, at, record)


def _about(what: str, by: Staff, name: str, note: str = "") -> Record:
    return Record(actor=by.actor, act=what, kind="staff", subject=name, note=note)


def _ended(by: Staff, at: int) -> dict[str, Any]:
    return {"ended": at, "ended_by": by.name}


def _stand_ins() -> Select[Any]:
    return select(t.stand_ins)


def _stand_in(row: Any) -> StandIn:
    return StandIn(
        id=row["id"],
        absent=row["absent"],
        stand_in=row["stand_in"],
        since=from_ms(row["since"]),
        until=from_ms(row["until"]),
        asked_by=row["asked_by"],
        decided_by=row["decided_by"],
        allowed=maybe_ms(row["allowed"]),
        ended=maybe_ms(row["ended"]),
        ended_by=row["ended_by"],
    )
