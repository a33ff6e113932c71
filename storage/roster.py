"""The people at the desk as their administrator keeps them: who holds which posts, and everything that changed.

Every change is a row of `staff_changes` and of the audit log in its own transaction. The last row's id is a person's
revision: a change that was decided on an older one is Stale, so that a form sent twice does nothing twice.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, and_, func, insert, or_, select, update
from sqlalchemy.exc import IntegrityError

from dialogs.desk.cases import Act
from dialogs.effects import ActOnCase, Moves
from storage import tables as t
from storage.acts import STATE_COLUMNS, Applied, CaseState, Stale, apply_act
from storage.audit import Record, append
from storage.crypto import Keys
from storage.engine import Engine, run_line
from storage.expand import act_lines
from storage.moments import from_ms, maybe_ms, to_ms
from storage.staff import NameTaken, Staff, token_hash

_s, _p, _h, _c, _k = t.staff.c, t.posts_held.c, t.staff_changes.c, t.cases.c, t.clearances.c
_OPEN = _c.status.in_(t.OPEN_STATUSES)
_REVISION = select(func.coalesce(func.max(_h.id), 0))


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """A person in the list."""

    name: str
    post: str
    unit: str
    active: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Beside:
    """A further post of a person; `until` is None where no end is known."""

    id: int
    post: str
    unit: str
    since: datetime
    until: datetime | None
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One thing that became of a person: who did it, when, what it was before and after, in code words."""

    what: str
    before: str
    after: str
    by: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """A person whole, with the posts held beside, their past, and their revision."""

    name: str
    post: str
    unit: str
    active: bool
    one_time: bool
    beside: tuple[Beside, ...]
    past: tuple[Change, ...]
    revision: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Holding:
    """A person cannot leave: they hold open cases. `confidential`: some among them are not named here."""

    cases: tuple[HeldCase, ...]

    @property
    def numbers(self) -> tuple[str, ...]:
        """The cases that may be named."""
        return tuple(case.number for case in self.cases if not case.confidential)


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldCase:
    """An open case that a person holds."""

    number: str
    unit: str
    confidential: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """It is done; `cases` went to a colleague along with it."""

    cases: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class NewPost:
    """What a person is from now on; what is None stays.

    `leaves`: they go away from the cases that they hold, which `to` takes over.
    """

    what: str
    leaves: bool
    post: str | None = None
    unit: str | None = None
    active: bool | None = None
    to: str = ""


class Roster:
    """Keeps the people."""

    def __init__(self, engine: Engine, keys: Keys) -> None:
        self._engine, self._keys = engine, keys

    async def of_units(
        self, units: Sequence[str], *, words: str = "", posts: Sequence[str] = (), start: int = 0, limit: int = 100
    ) -> list[Listed]:
        """List the people of these units, unit by unit in the order of the tree; those switched off come last.

        `words` are part of a name; who holds one of `posts` is found by it as well.
        """
        found = _s.name.contains(words, autoescape=True)
        wanted = or_(found, _s.post.in_(posts)) if words else None
        question = (
            select(_s.name, _s.post, _s.unit, _s.active)
            .join_from(t.staff, t.units, t.units.c.id == _s.unit, isouter=True)
            .where(_s.unit.in_(units), *([] if wanted is None else [wanted]))
            .order_by(_s.active.desc(), t.units.c.place, _s.unit, _s.name)
        )
        question = question.offset(start).limit(limit)
        rows = await self._engine.read(lambda conn: conn.execute(question).mappings().all())
        return [Listed(**row) for row in rows]

    async def names(self, units: Sequence[str]) -> list[str]:
        """Give the names of everybody of these units, switched off or not."""
        question = select(_s.name).where(_s.unit.in_(units)).order_by(_s.name)
        return await self._engine.read(lambda conn: list(conn.scalars(question)))

    async def person(self, name: str) -> Person | None:
        """Give a person whole."""
        return await self._engine.read(lambda conn: _person(conn, name))

    async def held(self, name: str) -> Holding:
        """Give the open cases that a person holds."""
        return await self._engine.read(lambda conn: _holding(conn, name))

    async def add(self, name: str, password_hash: str, post: str, unit: str, *, by: Staff, now: datetime) -> None:
        """Add a person with a one-time password. Raises NameTaken."""
        at = to_ms(now)
        row = {"name": name, "password_hash": password_hash, "post": post, "unit": unit, "created": at}

        def work(conn: Connection) -> None:
            conn.execute(insert(t.staff), {**row, "one_time": True})
            self._past(conn, by, at, name, "add", after=f"{post}@{unit}")

        try:
            await self._engine.write(work, apart=True)
        except IntegrityError as taken:
            raise NameTaken(name) from taken

    async def change(
        self, name: str, new: NewPost, *, revision: int, by: Staff, now: datetime
    ) -> Kept | Stale | Holding:
        """Give a person another post or unit, switch them off or on again.

        Who leaves a unit or the desk and holds open cases is Holding, unless a colleague takes them over in the
        same step. Whoever calls has checked that the colleague may.
        """
        at = to_ms(now)

        def work(conn: Connection) -> Kept | Stale | Holding:
            person = _locked(conn, name)
            if person is None or person.revision != revision:
                return Stale(version=person.revision if person else 0)
            holding = _holding(conn, name) if new.leaves else Holding(cases=())
            if holding.cases and not new.to:
                return holding
            for case in holding.cases:
                self._hand_over(conn, case.number, new.to, by, at)
            wanted = {"post": new.post, "unit": new.unit, "active": new.active}
            values = {key: value for key, value in wanted.items() if value is not None}
            conn.execute(update(t.staff).where(_s.name == name).values(values))
            if new.active is False:
                _sign_out(conn, name, at)
            after = f"{new.post or person.post}@{new.unit or person.unit}" if new.active is None else new.to
            self._unclear(conn, by, at, name)
            self._past(conn, by, at, name, new.what, before=f"{person.post}@{person.unit}", after=after)
            return Kept(cases=tuple(case.number for case in holding.cases))

        return await self._engine.write(work, apart=True)

    async def hold(
        self, name: str, post: str, unit: str, until: datetime | None, *, revision: int, by: Staff, now: datetime
    ) -> Kept | Stale:
        """Give a person a further post, from now on, until a moment if that is known."""
        at, end = to_ms(now), to_ms(until) if until else None
        row = {"staff": name, "post": post, "unit": unit, "since": at, "until": end, "by": by.name}

        def work(conn: Connection) -> Kept | Stale:
            person = _locked(conn, name)
            if person is None or person.revision != revision:
                return Stale(version=person.revision if person else 0)
            conn.execute(insert(t.posts_held), row)
            self._unclear(conn, by, at, name)
            self._past(conn, by, at, name, "hold", after=f"{post}@{unit}")
            return Kept()

        return await self._engine.write(work, apart=True)

    async def leave(self, name: str, held: int, *, revision: int, by: Staff, now: datetime) -> Kept | Stale:
        """End a further post of a person."""
        at = to_ms(now)

        def work(conn: Connection) -> Kept | Stale:
            person = _locked(conn, name)
            ends = next((each for each in person.beside if each.id == held), None) if person else None
            if person is None or person.revision != revision or ends is None:
                return Stale(version=person.revision if person else 0)
            conn.execute(update(t.posts_held).where(_p.id == held).values(until=at))
            self._past(conn, by, at, name, "leave", before=f"{ends.post}@{ends.unit}")
            return Kept()

        return await self._engine.write(work, apart=True)

    async def reset(self, name: str, password_hash: str, *, revision: int, by: Staff, now: datetime) -> Kept | Stale:
        """Give a person a one-time password; where they are signed in, they are so no longer."""
        at = to_ms(now)

        def work(conn: Connection) -> Kept | Stale:
            person = _locked(conn, name)
            if person is None or person.revision != revision:
                return Stale(version=person.revision if person else 0)
            conn.execute(update(t.staff).where(_s.name == name).values(password_hash=password_hash, one_time=True))
            _sign_out(conn, name, at)
            self._unclear(conn, by, at, name)
            self._past(conn, by, at, name, "reset")
            return Kept()

        return await self._engine.write(work, apart=True)

    async def choose(self, staff: Staff, password_hash: str, *, token: str, now: datetime) -> None:
        """Keep the password that a person chose for themselves; of their sessions only this one goes on."""
        at = to_ms(now)

        def work(conn: Connection) -> None:
            chosen = {"password_hash": password_hash, "one_time": False}
            conn.execute(update(t.staff).where(_s.name == staff.name).values(chosen))
            _sign_out(conn, staff.name, at, but=token_hash(token))
            self._past(conn, staff, at, staff.name, "choose")

        await self._engine.write(work, apart=True)

    def _past(
        self, conn: Connection, by: Staff, at: int, name: str, what: str, *, before: str = "", after: str = ""
    ) -> None:
        row = {"staff": name, "at": at, "by": by.name, "what": what, "before": before, "after": after}
        conn.execute(insert(t.staff_changes), row)
        record = Record(actor=by.actor, act=f"staff.{what}", kind="staff", subject=name, note=after or before)
        append(conn, self._keys, at, record)

    def _unclear(self, conn: Connection, by: Staff, at: int, name: str) -> None:
        """End a clearance with what it was given for.

        Else who keeps the people could carry it to another unit, or sign in with the one-time password and use it.
        """
        holds = and_(_k.staff == name, _k.ended.is_(None), _k.until > at)
        if conn.execute(update(t.clearances).where(holds).values(ended=at, ended_by=by.name)).rowcount:
            self._past(conn, by, at, name, "unclear")

    def _hand_over(self, conn: Connection, number: str, to: str, by: Staff, at: int) -> None:
        """One case to a colleague, through the table of acts like every other."""
        row = conn.execute(select(*STATE_COLUMNS).where(_c.number == number).with_for_update()).mappings().one()
        act = ActOnCase(number=number, act=Act.HAND_OVER, by=by.name, post=by.post, moves=Moves(owner=to))
        result = apply_act(CaseState(**row), act, at)
        if isinstance(result, Applied):
            for name, line in act_lines(result, act, at, self._keys, by.actor):
                run_line(conn, name, line)


def _sign_out(conn: Connection, name: str, at: int, *, but: str = "") -> None:
    theirs = and_(t.sessions.c.staff == name, t.sessions.c.closed.is_(None), t.sessions.c.token_hash != but)
    conn.execute(update(t.sessions).where(theirs).values(closed=at))


def _locked(conn: Connection, name: str) -> Person | None:
    """Read a person so that nobody else changes them before this is over."""
    conn.execute(select(_s.name).where(_s.name == name).with_for_update())
    return _person(conn, name)


def _person(conn: Connection, name: str) -> Person | None:
    row = conn.execute(select(_s.name, _s.post, _s.unit, _s.active, _s.one_time).where(_s.name == name)).first()
    if row is None:
        return None
    beside = conn.execute(select(t.posts_held).where(_p.staff == name).order_by(_p.id)).mappings()
    past = conn.execute(select(t.staff_changes).where(_h.staff == name).order_by(_h.id)).mappings().all()
    return Person(
        name=row.name,
        post=row.post,
        unit=row.unit,
        active=row.active,
        one_time=row.one_time,
        beside=tuple(
            Beside(
                id=each["id"],
                post=each["post"],
                unit=each["unit"],
                since=from_ms(each["since"]),
                until=maybe_ms(each["until"]),
                by=each["by"],
            )
            for each in beside
        ),
        past=tuple(
            Change(what=each["what"], before=each["before"], after=each["after"], by=each["by"], at=from_ms(each["at"]))
            for each in past
        ),
        revision=past[-1]["id"] if past else 0,
    )


def _holding(conn: Connection, name: str) -> Holding:
    theirs: ColumnElement[bool] = and_(_c.owner == name, _OPEN)
    rows = conn.execute(select(_c.number, _c.unit, _c.confidential).where(theirs).order_by(_c.number)).mappings()
    return Holding(cases=tuple(HeldCase(**row) for row in rows))
