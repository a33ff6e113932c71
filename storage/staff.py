"""The people at the desk, their sessions, and failed sign-ins."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256

from sqlalchemy import Connection, and_, delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from storage import tables as t
from storage.audit import Actor, Source
from storage.engine import Engine
from storage.moments import from_ms, to_ms

_s, _o, _x = t.staff.c, t.sessions.c, t.failures.c
_LASTS = timedelta(hours=12)  # a working day; after that one signs in again, however busy one was
_IDLE = timedelta(hours=1)
_TOUCH = timedelta(minutes=1)  # how exactly "last seen" is kept: not a write for every page
_KEPT_FAILURES = timedelta(days=1)


class NameTaken(Exception):  # noqa: N818  an outcome
    """There is already a member of staff of this name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Staff:
    """A person at the desk. The name is the id; one post in one unit. `source` is where their browser is, if known."""

    name: str
    post: str
    unit: str
    source: Source = ""

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

    async def by_name(self, name: str) -> StoredStaff | None:
        """Find an active person with their password's hash."""
        question = select(_s.name, _s.post, _s.unit, _s.password_hash).where(_s.name == name, _s.active)
        row = await self._engine.read(lambda conn: conn.execute(question).first())
        if row is None:
            return None
        return StoredStaff(staff=Staff(name=row.name, post=row.post, unit=row.unit), password_hash=row.password_hash)

    async def of_units(self, units: Sequence[str]) -> list[Staff]:
        """List the active people of these units, for handing a case over."""
        question = select(_s.name, _s.post, _s.unit).where(_s.unit.in_(units), _s.active).order_by(_s.unit, _s.name)
        rows = await self._engine.read(lambda conn: conn.execute(question).all())
        return [Staff(name=row.name, post=row.post, unit=row.unit) for row in rows]

    async def open_session(self, staff: str, now: datetime, *, address: str = "", lasts: timedelta = _LASTS) -> str:
        """Open a session and give its token; only the hash of the token is stored."""
        token, at = secrets.token_urlsafe(32), to_ms(now)
        row = {"token_hash": _hash(token), "staff": staff, "opened": at, "seen": at, "until": to_ms(now + lasts)}
        row["address"] = address
        await self._engine.write(lambda conn: conn.execute(insert(t.sessions), row).rowcount, apart=True)
        return token

    async def session(self, token: str, now: datetime, *, idle: timedelta = _IDLE, touch: bool = True) -> Staff | None:
        """Tell whose session this is, if it is open and was used within `idle`; `touch` counts this as use."""
        question = (
            select(_s.name, _s.post, _s.unit, _o.seen)
            .join_from(t.sessions, t.staff, _s.name == _o.staff)
            .where(_o.token_hash == _hash(token), _o.closed.is_(None), _o.until > to_ms(now))
            .where(_o.seen > to_ms(now - idle), _s.active)
        )
        row = await self._engine.read(lambda conn: conn.execute(question).first())
        if row is None:
            return None
        if touch and from_ms(row.seen) <= now - _TOUCH:
            seen = update(t.sessions).where(_o.token_hash == _hash(token)).values(seen=to_ms(now))
            await self._engine.write(lambda conn: conn.execute(seen).rowcount, apart=True)
        return Staff(name=row.name, post=row.post, unit=row.unit)

    async def close_session(self, token: str, now: datetime) -> None:
        """End a session."""
        ours = and_(_o.token_hash == _hash(token), _o.closed.is_(None))
        change = update(t.sessions).where(ours).values(closed=to_ms(now))
        await self._engine.write(lambda conn: conn.execute(change).rowcount, apart=True)

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


def _hash(token: str) -> str:
    return sha256(token.encode()).hexdigest()
