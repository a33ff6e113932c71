"""Exported tables as rows: asked for, made in the background under a lease, fetched for some days, then gone.

A file is kept in sealed pieces, each written in the transaction that says how far the table is. Who takes an export up
again begins it anew: its pieces go first, so that no row comes twice.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from sqlalchemy import ColumnElement, Connection, and_, delete, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite

from storage import tables as t
from storage.audit import Actor, Record, append, known_source
from storage.crypto import Keys
from storage.engine import Engine
from storage.moments import from_ms, maybe_ms, to_ms
from storage.statements import among

_e, _p = t.exports.c, t.export_parts.c
Status = Literal["waiting", "claimed", "ready", "failed", "gone"]
_STILL = ("waiting", "claimed")


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What is asked for: by whom, which table in which form, under which title, and what narrows it (`words`, JSON).

    `rights` is a digest of what the person is allowed, held against theirs when the table is made and fetched.
    """

    id: str
    actor: Actor
    kind: str
    form: str
    title: str
    words: str
    rights: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Export:
    """One export and how far it is: `done` rows of `total`. `said` is why it failed. The file is kept `until` then."""

    wish: Wish
    status: Status
    asked: datetime
    total: int
    done: int
    bytes: int
    attempts: int
    finished: datetime | None
    until: datetime | None
    said: str


class LeaseLost(Exception):  # noqa: N818  an outcome
    """Another worker has taken this export up."""


class Exports:
    """Keeps exports."""

    def __init__(self, engine: Engine, keys: Keys) -> None:
        self._engine, self._keys = engine, keys

    async def ask(self, wish: Wish, now: datetime) -> None:
        """Ask for one, and record that. The same id twice is one."""
        at, who = to_ms(now), wish.actor
        row = {
            "id": wish.id, "staff": who.name, "post": who.post, "unit": who.unit, "source": who.source,
            "kind": wish.kind, "form": wish.form, "title": wish.title, "rights": wish.rights,
            "wish": self._keys.seal("exports.wish", wish.words), "status": "waiting", "asked": at,
        }  # fmt: skip

        def work(conn: Connection) -> None:
            maker = sqlite.insert if conn.dialect.name == "sqlite" else postgresql.insert
            if conn.scalar(maker(t.exports).values(row).on_conflict_do_nothing().returning(_e.id)) is not None:
                append(conn, self._keys, at, _record(wish, "export.ask"))

        await self._engine.write(work, apart=True)

    async def claim(self, worker: str, now: datetime, lease: timedelta) -> Export | None:
        """Lease the export that waits longest, or one whose worker died; what that one made of it goes first."""
        at, until = to_ms(now), to_ms(now + lease)

        def work(conn: Connection) -> str | None:
            dead = and_(among(_e.status, "claimed", _STILL), _e.lease_until <= at)
            conn.execute(update(t.exports).where(dead).values(status="waiting"))
            first = select(_e.id).where(among(_e.status, "waiting", _STILL)).order_by(_e.asked, _e.id).limit(1)
            leased = {"status": "claimed", "lease_by": worker, "lease_until": until, "attempts": _e.attempts + 1}
            change = update(t.exports).where(_e.id == first.with_for_update(skip_locked=True).scalar_subquery())
            got = conn.scalars(change.values(**leased, done=0, total=0, bytes=0).returning(_e.id)).first()
            if got is not None:
                conn.execute(delete(t.export_parts).where(_p.export == got))
            return got

        if await self._engine.read(self._nothing):
            return None
        got = await self._engine.write(work, apart=True)
        return None if got is None else await self.get(got)

    async def keep(
        self, export: str, part: int, content: bytes, *, done: int, total: int, worker: str, until: datetime
    ) -> None:
        """Keep one more piece, how far the table is, and the lease for a while longer. Raises LeaseLost."""
        sealed = self._keys.seal_bytes(_column(export, part), content) if content else None

        def work(conn: Connection) -> None:
            change = update(t.exports).where(_ours(export, worker))
            more = {"done": done, "total": total, "bytes": _e.bytes + len(content), "lease_until": to_ms(until)}
            if not conn.execute(change.values(**more)).rowcount:
                raise LeaseLost(export)
            if sealed is not None:
                conn.execute(insert(t.export_parts), {"export": export, "part": part, "content": sealed})

        await self._engine.write(work, apart=True)

    async def finish(self, export: str, worker: str, now: datetime, until: datetime) -> None:
        """Say that the file is whole, and until when it is kept. Raises LeaseLost."""
        await self._settle(export, worker, status="ready", finished=to_ms(now), until=to_ms(until))

    async def fail(self, export: str, worker: str, now: datetime, words: str) -> None:
        """Say in words that it cannot be made. Raises LeaseLost."""
        await self._settle(export, worker, status="failed", finished=to_ms(now), words=words)

    async def get(self, export: str) -> Export | None:
        """Give an export, whosever it is."""
        row = await self._engine.read(
            lambda conn: conn.execute(select(t.exports).where(_e.id == export)).mappings().first()
        )
        return None if row is None else self._export(row)

    async def of_staff(self, staff: str, limit: int = 50) -> list[Export]:
        """List a person's exports, the newest first."""
        question = select(t.exports).where(_e.staff == staff).order_by(_e.asked.desc(), _e.id).limit(limit)
        rows = await self._engine.read(lambda conn: conn.execute(question).mappings().all())
        return [self._export(row) for row in rows]

    async def part(self, export: str, part: int) -> bytes | None:
        """Give one piece of a file, in order from 0; None behind the last. Raises SealBroken."""
        question = select(_p.content).where(_p.export == export, _p.part == part)
        sealed = await self._engine.read(lambda conn: conn.scalar(question))
        return None if sealed is None else self._keys.open_bytes(_column(export, part), sealed)

    async def took(self, wish: Wish, now: datetime, rows: int) -> None:
        """Record that somebody fetched a file, or a short table at once, of so many rows."""
        record = _record(wish, "export.take", str(rows))
        await self._engine.write(lambda conn: append(conn, self._keys, to_ms(now), record), apart=True)

    async def purge(self, now: datetime) -> int:
        """Take away the files whose time is over. Gives how many."""

        def work(conn: Connection) -> int:
            over = _e.status == "ready", _e.until <= to_ms(now)
            gone: Sequence[str] = conn.scalars(select(_e.id).where(*over).order_by(_e.id).limit(20)).all()
            conn.execute(delete(t.export_parts).where(_p.export.in_(gone)))
            conn.execute(update(t.exports).where(_e.id.in_(gone)).values(status="gone"))
            return len(gone)

        return await self._engine.write(work, apart=True)

    async def _settle(self, export: str, worker: str, **values: object) -> None:
        def work(conn: Connection) -> None:
            if not conn.execute(update(t.exports).where(_ours(export, worker)).values(**values)).rowcount:
                raise LeaseLost(export)
            if values["status"] == "failed":
                conn.execute(delete(t.export_parts).where(_p.export == export))

        await self._engine.write(work, apart=True)

    def _nothing(self, conn: Connection) -> bool:
        return conn.scalar(select(_e.id).where(_e.status.in_(_STILL)).limit(1)) is None

    def _export(self, row: Any) -> Export:
        actor = Actor(name=row["staff"], post=row["post"], unit=row["unit"], source=known_source(row["source"]))
        wish = Wish(
            id=row["id"],
            actor=actor,
            kind=row["kind"],
            form=row["form"],
            title=row["title"],
            words=self._keys.open("exports.wish", row["wish"]),
            rights=row["rights"],
        )
        return Export(
            wish=wish,
            status=row["status"],
            asked=from_ms(row["asked"]),
            total=row["total"],
            done=row["done"],
            bytes=row["bytes"],
            attempts=row["attempts"],
            finished=maybe_ms(row["finished"]),
            until=maybe_ms(row["until"]),
            said=row["words"],
        )


def _ours(export: str, worker: str) -> ColumnElement[bool]:
    return and_(_e.id == export, _e.status == "claimed", _e.lease_by == worker)


def _column(export: str, part: int) -> str:
    """A piece moved to another file or place does not open."""
    return f"export_parts.content/{export}/{part}"


def _record(wish: Wish, act: str, note: str = "") -> Record:
    """An export's record says which table, never what was looked for."""
    return Record(actor=wish.actor, act=act, kind=wish.kind, subject=wish.title, note=f"{wish.form} {note}".strip())
