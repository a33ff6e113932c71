"""Cases for the desk: the queue, one case whole, and the one function that acts on a case."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, and_, func, or_, select

from dialogs.desk.cases import Act, Grade, Refused, Status
from dialogs.desk.wishes import Standing
from dialogs.effects import ActOnCase, Filled
from storage import tables as t
from storage.acts import NAMES_OWNER, STATE_COLUMNS, Applied, CaseState, Stale, apply_act
from storage.codec import decode_filled
from storage.crypto import Keys
from storage.engine import Engine, run_line
from storage.expand import act_lines
from storage.filters import NONE, Filters
from storage.groups import under
from storage.moments import from_ms, maybe_ms, to_ms
from storage.places import HURTS, counted, listed_in, order, reds, wanted
from storage.sight import Scope, visible
from storage.staff import Staff
from storage.statements import word
from storage.timeline import Happened, Item, happened, timeline
from storage.turns import MemberKey

_c, _m = t.cases.c, t.members.c


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseRow:
    """A case in a list. `due` is the deadline that counts now; `name` is '' where it must not be shown.

    `first_unit` is where it was opened; for `sent_by` to `paused` see Standing. `cursor` continues a list after
    this row.
    """

    number: str
    member: str
    name: str
    service: str
    title: str
    status: Status
    grade: Grade
    category: str
    unit: str
    post: str
    opened: datetime
    sign_by: datetime
    answer_by: datetime
    due: datetime
    signed: datetime | None
    answered: datetime | None
    closed: datetime | None
    owner: str
    first_owner: str
    first_unit: str
    sent_by: str
    above: str
    returns: int
    asked: int
    extended: bool
    paused: datetime | None
    excluded: str
    tags: str
    version: int
    place: str
    matter: str
    reach: str
    anonymous: bool
    talk: bool
    confidential: bool
    same_as: str
    neighbours: int
    main: str
    proposed: str
    spot: str
    why: str
    book: int
    came: str
    helpers: tuple[str, ...]
    solved: str
    satisfied: int
    last_who: str
    last_at: datetime
    began: datetime
    stage: str
    climbed: str
    contacts: int
    alarmed: bool
    urged: datetime | None
    cursor: str = ""

    @property
    def standing(self) -> Standing:
        """The case as its acts need it."""
        return Standing(**{name: getattr(self, name) for name in Standing.__slots__})


@dataclass(frozen=True, slots=True, kw_only=True)
class CasePage:
    """One case whole: its row, the answers of its form, who the member is, and everything that happened, in order."""

    row: CaseRow
    filled: tuple[Filled, ...]
    member: MemberKey
    name: str
    phone: str
    items: tuple[Item, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Red:
    """A red case for which nobody has signed, as far as an alarm goes."""

    number: str
    title: str
    due: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Pressing:
    """What stands on every page: how many cases each place has, and the red ones for which nobody has signed."""

    counts: dict[str, int]
    reds: tuple[Red, ...]


class Cases:
    """Reads cases and acts on them."""

    def __init__(self, engine: Engine, keys: Keys) -> None:
        self._engine, self._keys = engine, keys

    async def queue(
        self,
        place: str,
        scope: Scope,
        now: datetime,
        *,
        narrow: Filters = NONE,
        after: str | None = None,
        limit: int = 50,
    ) -> list[CaseRow]:
        """List a place of the rail for this person: red ones first, then what is due first; filed ones newest first.

        Keyset paging: `after` is the `cursor` of the last row shown. Raises ValueError for no place.
        """
        # First which, narrowly; then these few whole: what is sorted would else carry every row with it.
        some = listed_in(place, scope, to_ms(now), narrow=narrow, after=after, limit=limit).subquery()
        question = _rows(some.c.key).join(some, some.c.number == _c.number).order_by(some.c.key, some.c.number)
        found = await self._engine.read(lambda conn: conn.execute(question).mappings().all())
        return [self._row(row) for row in found]

    async def count(self, place: str, scope: Scope, now: datetime, narrow: Filters = NONE) -> int:
        """Count what `queue` would list in all."""
        question = select(func.count()).select_from(t.cases).where(*wanted(place, scope, to_ms(now), narrow))
        return await self._engine.read(lambda conn: conn.scalar(question)) or 0

    async def counters(self, scope: Scope, now: datetime) -> dict[str, int]:
        """Count every place of the rail but the closed ones, in one question; `pressed`: what is watched early."""
        return (await self.pressing(scope, now, most=0)).counts

    async def pressing(self, scope: Scope, now: datetime, *, most: int) -> Pressing:
        """Count every place of the rail but the closed ones; with the red cases for which nobody has signed."""

        def work(conn: Connection) -> Pressing:
            counts = conn.execute(counted(scope, to_ms(now))).mappings().one()
            found = conn.execute(reds(scope, most)).all() if most else ()
            return Pressing(
                counts=dict(counts),
                reds=tuple(Red(number=number, title=title, due=from_ms(due)) for number, title, due in found),
            )

        return await self._engine.read(work)

    async def access_case(self, number: str, scope: Scope) -> CasePage | None:
        """Give a case with its whole time-line, if it exists for this person."""

        def work(conn: Connection) -> tuple[Any, tuple[Item, ...]] | None:
            row = conn.execute(_rows().where(_c.number == number, visible(scope))).mappings().first()
            return None if row is None else (row, timeline(conn, row, self._keys))

        found = await self._engine.read(work)
        if found is None:
            return None
        row, items = found
        return CasePage(
            row=self._row(row),
            filled=decode_filled(self._keys.open_bytes("cases.filled", row["filled"])) if row["filled"] else (),
            member=MemberKey(row["channel"], row["account"], row["user_key"]),
            name="" if row["anonymous"] else self._keys.open("members.name", row["name"]),
            phone="" if row["anonymous"] else self._keys.open("members.phone", row["phone"]),
            items=items,
        )

    async def group(self, number: str, scope: Scope, limit: int = 500) -> list[CaseRow]:
        """List the cases that were put under this one and exist for this person, open ones first, then by number."""
        order = (_c.status != word("merged"), _c.number)
        question = _rows().where(_c.main == number, _c.main != word(""), visible(scope)).order_by(*order).limit(limit)
        found = await self._engine.read(lambda conn: conn.execute(question).mappings().all())
        return [self._row(row) for row in found]

    async def near(self, case: CaseRow, scope: Scope, since: datetime, limit: int = 30) -> list[CaseRow]:
        """List the open cases of the same category and unit that could be of the same cause, newest first."""
        alike = and_(_c.category == case.category, _c.unit == case.unit, _c.confidential == case.confidential)
        alone = and_(_c.status.in_([word("accepted"), word("working")]), _c.main == "", _c.talk.is_(False))
        question = _rows().where(alike, alone, _c.number != case.number, _c.opened >= to_ms(since), visible(scope))
        question = question.order_by(_c.opened.desc(), _c.number).limit(limit)
        found = await self._engine.read(lambda conn: conn.execute(question).mappings().all())
        return [self._row(row) for row in found]

    async def names_in_group(self, number: str) -> frozenset[str]:
        """Give what must not go to others in words for all of a group: its names, phones and numbers.

        Nothing where no other case was put under this one.
        """
        merged = and_(_c.main == number, _c.main != word(""), _c.status == word("merged"))
        question = select(_c.number, _m.name, _m.phone).join_from(t.cases, t.members, _m.id == _c.member)
        question = question.where(or_(_c.number == number, merged))
        rows = await self._engine.read(lambda conn: conn.execute(question).all())
        if len(rows) < 2:
            return frozenset()
        names = {self._keys.open("members.name", row.name) for row in rows}
        phones = {self._keys.open("members.phone", row.phone) for row in rows}
        return frozenset({each for each in names | phones if len(each) > 1} | {row.number for row in rows})

    async def newest_of(self, numbers: Sequence[str], scope: Scope) -> str:
        """Give the newest case that exists for this person and has one of these numbers; '' if there is none."""
        question = select(_c.number).where(_c.number.in_(numbers), visible(scope)).order_by(_c.opened.desc()).limit(1)
        return await self._engine.read(lambda conn: conn.scalar(question)) or ""

    async def several(self, numbers: Sequence[str], scope: Scope) -> list[CaseRow]:
        """Give those of these cases that exist for this person, in the order of the numbers."""
        question = _rows().where(_c.number.in_(numbers), visible(scope))
        found = await self._engine.read(lambda conn: conn.execute(question).mappings().all())
        rows = {row["number"]: self._row(row) for row in found}
        return [rows[number] for number in dict.fromkeys(numbers) if number in rows]

    async def deeds(self, number: str) -> tuple[Happened, ...]:
        """Give the acts on a case, oldest first: for the service itself, which asks what may come next."""
        return await self._engine.read(lambda conn: tuple(happened(conn, number, self._keys)))

    async def find(self, number: str) -> CaseRow | None:
        """Give a case's row wherever it lies: for the service itself, never for a page."""
        question = _rows().where(_c.number == number)
        row = await self._engine.read(lambda conn: conn.execute(question).mappings().first())
        return None if row is None else self._row(row)

    async def member_of(self, number: str) -> MemberKey | None:
        """Tell whose case it is."""
        question = select(_m.channel, _m.account, _m.user_key).join_from(t.cases, t.members, _m.id == _c.member)
        found = await self._engine.read(lambda conn: conn.execute(question.where(_c.number == number)).first())
        return None if found is None else MemberKey(*found)

    async def act(self, act: ActOnCase, *, staff: Staff | None, now: datetime) -> CaseRow | Refused | Stale:
        """Apply one act by the transition table. The case's row as it is now, or why it was not done."""
        at = to_ms(now)

        def work(conn: Connection) -> Any:
            result = acted(conn, act, staff, at, self._keys)
            if not isinstance(result, Applied):
                return result
            return conn.execute(_rows().where(_c.number == act.number)).mappings().one()

        found = await self._engine.write(work)
        return found if isinstance(found, (Refused, Stale)) else self._row(found)

    def _row(self, row: Any) -> CaseRow:
        hidden = row["anonymous"] or row["confidential"]
        given: dict[str, Any] = {name: row[name] for name in _PLAIN}
        given |= {name: maybe_ms(row[name]) for name in _MOMENTS}
        given |= {name: bool(row[name]) for name in _FLAGS}
        return CaseRow(
            **given,
            status=Status(row["status"]),
            helpers=tuple(row["helpers"].split()),
            grade=Grade(row["grade"]),
            name="" if hidden else self._keys.open("members.name", row["name"]),
            place=self._keys.open("cases.place", row["place"]),
            matter=self._keys.open("cases.matter", row["matter"]),
            cursor=f"{row['key']}.{row['number']}",
        )


_PLAIN = (
    "number", "member", "service", "title", "category", "unit", "post", "owner", "first_owner", "first_unit",
    "sent_by", "above", "returns", "asked", "version", "reach", "same_as", "neighbours", "main", "proposed",
    "spot", "why", "book", "came", "solved", "satisfied", "last_who", "excluded", "stage", "climbed", "contacts",
    "tags",
)  # fmt: skip
_MOMENTS = (
    "opened", "sign_by", "answer_by", "due", "last_at", "signed", "answered", "closed", "paused", "began", "urged",
)  # fmt: skip
_FLAGS = ("anonymous", "talk", "confidential", "extended", "alarmed")


def _rows(key: ColumnElement[int] = HURTS) -> Select[Any]:
    who = (_m.channel, _m.account, _m.user_key, _m.name, _m.phone)
    return select(t.cases, key.label("key"), *who).join_from(t.cases, t.members, _m.id == _c.member)


def listed(
    place: str, scope: Scope, now: datetime, narrow: Filters = NONE
) -> tuple[ColumnElement[bool], ColumnElement[int]]:
    """Give the condition and the order of a place's list, for other readers. Raises ValueError for no place."""
    return and_(*wanted(place, scope, to_ms(now), narrow)), order(place)


def acted(conn: Connection, wish: ActOnCase, staff: Staff | None, at: int, keys: Keys) -> Applied | Refused | Stale:
    """Apply one act within a transaction of the caller's; nothing is written where it is refused."""
    act = under(conn, wish) if wish.act is Act.MERGE else wish
    if isinstance(act, Refused):
        return act
    row = conn.execute(select(*STATE_COLUMNS).where(_c.number == act.number).with_for_update()).mappings().first()
    if row is None:
        return Refused("no such case")
    to = act.moves.owner if act.act in NAMES_OWNER and act.moves else None
    if to and not _colleague(conn, to):
        return Refused("no such colleague")
    by = act if staff is None else replace(act, by=staff.name)
    result = apply_act(CaseState(**row), by, at)
    if isinstance(result, Applied):
        for name, line in act_lines(result, by, at, keys, staff.actor if staff else None):
            run_line(conn, name, line)
    return result


def _colleague(conn: Connection, name: str) -> bool:
    there = select(t.staff.c.name).where(t.staff.c.name == name, t.staff.c.active)
    return conn.scalar(there) is not None
