"""The people at the desk, their sessions, and failed sign-ins."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, and_, delete, insert, or_, select, union, update
from sqlalchemy.exc import IntegrityError

from storage import tables as t
from storage.audit import Actor, Record, Source, append
from storage.engine import Engine
from storage.moments import from_ms, to_ms

_s, _o, _x = t.staff.c, t.sessions.c, t.failures.c
_p, _i, _k = t.posts_held.c, t.stand_ins.c, t.clearances.c
_LASTS = timedelta(hours=12)  # a working day; after that one signs in again, however busy one was
_IDLE = timedelta(hours=1)
_TOUCH = timedelta(minutes=1)  # how exactly "last seen" is kept: not a write for every page
_KEPT_FAILURES = timedelta(days=1)


class NameTaken(Exception):  # noqa: N818  an outcome
    """There is already a member of staff of this name."""


@dataclass(frozen=True, slots=True)
class Held:
    """A post in a unit."""

    post: str
    unit: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Absent:
    """A colleague for whom somebody stands in, with the posts that they hold."""

    name: str
    posts: tuple[Held, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Staff:
    """A person at the desk. The name is the id; `post` in `unit` is what they were taken on for.

    `more` are further posts, `absent` the colleagues for whom they stand in now, `cleared` whether they may know of
    confidential cases; `one_time`: they must first choose a password of their own. `source` is where their browser is,
    if known.
    """

    name: str
    post: str
    unit: str
    source: Source = ""
    more: tuple[Held, ...] = ()
    absent: tuple[Absent, ...] = ()
    cleared: bool = False
    one_time: bool = False

    @property
    def posts(self) -> tuple[Held, ...]:
        """Every post that they hold themselves."""
        return (Held(self.post, self.unit), *self.more)

    @property
    def id(self) -> str:
        """The same as the name."""
        return self.name

    @property
    def actor(self) -> Actor:
        """The person as the audit log names them."""
        return Actor(name=self.name, post=self.post, unit=self.unit, source=self.source)


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredStaff:
    """A person with their password's hash, for signing in only."""

    staff: Staff
    password_hash: str

    @property
    def name(self) -> str:
        """The person's name."""
        return self.staff.name


class StaffStore:
    """Keeps staff, sessions and failures."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    async def add(self, name: str, password_hash: str, post: str, unit: str, *, now: datetime | None = None) -> Staff:
        """Add a person. Raises NameTaken."""
        created = to_ms(now) if now else 0
        row = {"name": name, "password_hash": password_hash, "post": post, "unit": unit, "created": created}
        try:
            await self._engine.write(lambda conn: conn.execute(insert(t.staff), row).rowcount, apart=True)
        except IntegrityError as taken:
            raise NameTaken(name) from taken
        return Staff(name=name, post=post, unit=unit)

    async def by_name(self, name: str, now: datetime | None = None) -> StoredStaff | None:
        """Find an active person with their password's hash; what they hold for a time, at this moment."""
        question = _people().add_columns(_s.password_hash).where(_s.name == name, _s.active)
        at = to_ms(now) if now else None

        def work(conn: Connection) -> StoredStaff | None:
            row = conn.execute(question).first()
            return None if row is None else StoredStaff(staff=_whole(conn, row, at), password_hash=row.password_hash)

        return await self._engine.read(work)

    async def of_units(self, units: Sequence[str], now: datetime | None = None) -> list[Staff]:
        """List the active people with a post in these units, by unit: once for each post, as they hold it there."""
        at = to_ms(now) if now else None
        first = select(_s.unit, _s.name, _s.post, _s.one_time).where(_s.unit.in_(units), _s.active)
        more = select(_p.unit, _s.name, _p.post, _s.one_time).join_from(t.posts_held, t.staff, _s.name == _p.staff)
        question = union(first, more.where(_p.unit.in_(units), _s.active, _holds(at))).order_by("unit", "name", "post")
        rows = await self._engine.read(lambda conn: conn.execute(question).all())
        return [Staff(name=row.name, post=row.post, unit=row.unit, one_time=bool(row.one_time)) for row in rows]

    async def open_session(
        self, staff: str, now: datetime, *, address: str = "", lasts: timedelta = _LASTS, actor: Actor | None = None
    ) -> str:
        """Open a session and give its token; only the hash of the token is stored. `actor` is who signs in by it."""
        token, at = secrets.token_urlsafe(32), to_ms(now)
        row = {"token_hash": token_hash(token), "staff": staff, "opened": at, "seen": at, "until": to_ms(now + lasts)}
        row["address"] = address

        def work(conn: Connection) -> None:
            conn.execute(insert(t.sessions), row)
            if actor is not None:
                append(conn, self._engine.keys, at, Record(actor=actor, act="sign_in"))

        await self._engine.write(work, apart=True)
        return token

    async def session(self, token: str, now: datetime, *, idle: timedelta = _IDLE, touch: bool = True) -> Staff | None:
        """Tell whose session this is, if it is open and was used within `idle`; `touch` counts this as use."""
        question = (
            _people()
            .add_columns(_o.seen)
            .join(t.sessions, _s.name == _o.staff)
            .where(_o.token_hash == token_hash(token), _o.closed.is_(None), _o.until > to_ms(now))
            .where(_o.seen > to_ms(now - idle), _s.active)
        )

        def work(conn: Connection) -> tuple[int, Staff] | None:
            row = conn.execute(question).first()
            return None if row is None else (row.seen, _whole(conn, row, to_ms(now)))

        found = await self._engine.read(work)
        if found is None:
            return None
        last, staff = found
        if touch and from_ms(last) <= now - _TOUCH:
            seen = update(t.sessions).where(_o.token_hash == token_hash(token)).values(seen=to_ms(now))
            await self._engine.write(lambda conn: conn.execute(seen).rowcount, apart=True)
        return staff

    async def close_session(self, token: str, now: datetime, *, actor: Actor | None = None) -> None:
        """End a session; `actor` is who signs out."""
        ours = and_(_o.token_hash == token_hash(token), _o.closed.is_(None))
        change = update(t.sessions).where(ours).values(closed=to_ms(now))

        def work(conn: Connection) -> None:
            if conn.execute(change).rowcount and actor is not None:
                append(conn, self._engine.keys, to_ms(now), Record(actor=actor, act="sign_out"))

        await self._engine.write(work, apart=True)

    async def on_duty(self, since: datetime) -> frozenset[str]:
        """Give the units of whose staff somebody was at the desk, signed in, since a moment."""
        here = and_(_o.closed.is_(None), _o.seen >= to_ms(since), _s.active)
        question = select(_s.unit).join_from(t.sessions, t.staff, _s.name == _o.staff).where(here).distinct()
        return frozenset(await self._engine.read(lambda conn: list(conn.scalars(question))))

    async def record_failure(self, who: str, now: datetime) -> int:
        """Remember a failed sign-in of a name or an address; those of yesterday are forgotten. Gives its id."""

        def work(conn: Connection) -> int:
            kept = conn.execute(insert(t.failures).returning(_x.id), {"who": who, "at": to_ms(now)}).scalar_one()
            conn.execute(delete(t.failures).where(_x.at < to_ms(now - _KEPT_FAILURES)))
            return int(kept)

        return await self._engine.write(work, apart=True)

    async def record_refused(self, name: str, source: Source, now: datetime) -> None:
        """Record a sign-in that failed. A name that nobody has is not kept: it may be a password in the wrong field."""

        def work(conn: Connection) -> None:
            known = conn.scalar(select(_s.name).where(_s.name == name)) or ""
            kind = "staff" if known else ""
            refused = Record(actor=Actor(name="", source=source), act="sign_in.failed", kind=kind, subject=known)
            append(conn, self._engine.keys, to_ms(now), refused)

        await self._engine.write(work, apart=True)

    async def forget_failures(self, ids: Sequence[int]) -> None:
        """Take back tries that were put down before they were looked at, and did not fail."""
        change = delete(t.failures).where(_x.id.in_(ids))
        await self._engine.write(lambda conn: conn.execute(change).rowcount, apart=True)

    async def failures(self, who: str, since: datetime) -> list[datetime]:
        """List the failed sign-ins since a moment, oldest first."""
        question = select(_x.at).where(_x.who == who, _x.at >= to_ms(since)).order_by(_x.at)
        return [from_ms(at) for at in await self._engine.read(lambda conn: conn.scalars(question).all())]

    async def count_failures(self, who: str, since: datetime) -> int:
        """Count the failed sign-ins since a moment."""
        return len(await self.failures(who, since))


def _people() -> Select[Any]:
    return select(_s.name, _s.post, _s.unit, _s.one_time)


def _holds(at: int | None) -> ColumnElement[bool]:
    """Which further posts hold at this moment; without one, those that have no end."""
    return _p.until.is_(None) if at is None else and_(_p.since <= at, or_(_p.until.is_(None), _p.until > at))


def _whole(conn: Connection, row: Any, at: int | None) -> Staff:
    """Read what a person holds beside their post: further posts, colleagues for whom they stand in, clearance."""
    absent = conn.execute(_absent(row.name, at)).all() if at is not None else []
    names = [row.name, *(each.name for each in absent)]
    held = select(_p.staff, _p.post, _p.unit).where(_p.staff.in_(names), _holds(at)).order_by(_p.id)
    more: dict[str, list[Held]] = {name: [] for name in names}
    for each in conn.execute(held):
        more[each.staff].append(Held(each.post, each.unit))
    away = (Absent(name=each.name, posts=(Held(each.post, each.unit), *more[each.name])) for each in absent)
    return Staff(
        name=row.name,
        post=row.post,
        unit=row.unit,
        more=tuple(more[row.name]),
        absent=tuple(away),
        cleared=at is not None and conn.scalar(_clearance(row.name, at)) is not None,
        one_time=row.one_time,
    )


def _absent(name: str, at: int) -> Select[Any]:
    now = and_(_i.since <= at, _i.until > at, _i.allowed.is_not(None), _i.ended.is_(None))
    there = select(_s.name, _s.post, _s.unit).join_from(t.stand_ins, t.staff, _s.name == _i.absent)
    return there.where(_i.stand_in == name, now, _s.active).distinct().order_by(_s.name)


def _clearance(name: str, at: int) -> Select[tuple[int]]:
    return select(_k.id).where(_k.staff == name, _k.since <= at, _k.until > at, _k.ended.is_(None)).limit(1)


def token_hash(token: str) -> str:
    """Give what is stored of a session's token."""
    return sha256(token.encode()).hexdigest()
