"""The figures of a period, counted by the database from the events of cases; each opens into exactly its cases.

One relation a family of kinds (dialogs/desk/figures.py): a case once, with its kind and the unit where it lay.
Counting groups it, listing reads it, so that both are the same question.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final, Literal

from sqlalchemy import (
    Boolean,
    ColumnElement,
    Connection,
    Integer,
    Label,
    Select,
    and_,
    case,
    false,
    func,
    literal,
    literal_column,
    null,
    or_,
    select,
    text,
    union_all,
)

from dialogs.desk.cases import OPEN, Act, Status
from dialogs.desk.figures import ANSWERS, COUNTED, FAMILIES, FIGURES, SATISFIED, SOLVED, Figure, Kind, Tally
from storage import tables as t
from storage.crypto import Keys
from storage.engine import Engine
from storage.moments import from_ms, to_ms
from storage.statements import word

_c, _e = t.cases.c, t.case_events.c
_OPENED: Final = "open"
# Whatever waits on somebody, also what goes with another case: to its member it is open.
_OPEN: Final = tuple(word(status.value) for status in Status if status in OPEN)
_SEALED = select(_c.number).where(text("confidential IS TRUE"))
_NOBODY = word("")
# What the rates count, above or below their lines.
_RATED: Final = frozenset[Kind]().union(*(figure.kinds for figure in FIGURES.values() if figure.valid))


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """A period as moments: from `start` until before `end`; exclusions count that were made before `settled`.

    `only`: of these cases.
    """

    start: datetime
    end: datetime
    settled: datetime
    only: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Eyes:
    """Whose figures these are, and who reads them: the units that count (None: all), those cleared for confidential."""

    units: AbstractSet[str] | None = None
    cleared: AbstractSet[str] = frozenset()


By = Literal["", "unit", "category"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A case that a figure counts, and the unit in which it counts there."""

    number: str
    unit: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Excluded:
    """A case that does not count in the rates: who said so, when, for which reason of the rules, in which words."""

    number: str
    by: str
    at: datetime
    reason: str
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """What waits in a unit now, by the clock that runs: how many are due soon, over, red, not signed for; in all."""

    unit: str
    sealed: bool
    soon: int
    over: int
    red: int
    unsigned: int
    all: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Logged:
    """One act of a day."""

    id: int
    number: str
    title: str
    at: datetime
    act: str
    by: str
    unit: str
    target: str


class Figures:
    """Counts and lists."""

    def __init__(self, engine: Engine, keys: Keys) -> None:
        self._engine, self._keys = engine, keys

    async def tallies(
        self, span: Span, eyes: Eyes, *, by: By = "", families: Iterable[str] = FAMILIES
    ) -> tuple[Tally, ...]:
        """Count the cases of a period by kind, and `by` unit or category where that is wished."""
        questions = [_counted(FAMILY[each](span), span, eyes, by) for each in families]

        def work(conn: Connection) -> list[Any]:
            return [row for question in questions for row in conn.execute(question)]

        return tuple(_tally(row) for row in await self._engine.read(work))

    async def cases(
        self, figure: Figure, span: Span, eyes: Eyes, *, of: str = "", after: str = "", limit: int = 50
    ) -> list[Found]:
        """List the cases of a figure by number, but those that are sealed.

        `after` goes on behind a number; `of` is a category.
        """
        found = _listed(figure, span, of)
        wanted = and_(*_within(found, eyes), found.c.number > after, ~_sealed(found, eyes))
        question = select(found.c.number, found.c.unit).where(wanted).order_by(found.c.number).limit(limit)
        rows = await self._engine.read(lambda conn: conn.execute(question).all())
        return [Found(number=row.number, unit=row.unit) for row in rows]

    async def excluded(self, span: Span, eyes: Eyes) -> list[Excluded]:
        """List the cases that a rate of the period would count, had they not been left out; newest first."""

        def work(conn: Connection) -> list[Any]:
            numbers = tuple(conn.scalars(_excluded(span)).all())
            if not numbers:
                return []
            found = _listed(Figure(kinds=_RATED), replace(span, only=numbers), "")
            counted = select(found.c.number).where(*_within(found, eyes), ~_sealed(found, eyes))
            acts = and_(_acts(Act.EXCLUDE.value), _e.at < to_ms(span.settled), _e.number.in_(numbers))
            last = _last(acts, _e.by, _e.words)
            question = select(last).where(last.c.number.in_(counted)).order_by(last.c.at.desc(), last.c.number)
            return list(conn.execute(question))

        return [
            Excluded(
                number=row.number,
                by=row.by,
                at=from_ms(row.at),
                reason=row.target,
                words=self._keys.open("case_events.words", row.words),
            )
            for row in await self._engine.read(work)
        ]

    async def waiting(self, eyes: Eyes, now: datetime, soon: datetime) -> list[Waiting]:
        """Count what waits now in each unit; `soon` is the moment until which something is due soon."""
        at = to_ms(now)
        secret = _sealed(t.cases, eyes).label("sealed")
        question = select(
            _c.unit,
            secret,
            func.count().filter(_c.due > at, _c.due <= to_ms(soon)).label("soon"),
            func.count().filter(_c.due <= at).label("over"),
            func.count().filter(_c.grade == word("red")).label("red"),
            func.count().filter(_c.status == word("accepted")).label("unsigned"),
            func.count().label("all"),
        )
        question = question.where(
            _c.status.in_([word(each) for each in t.OPEN_STATUSES]), *_within(t.cases, eyes)
        ).group_by(_c.unit, secret)
        rows = await self._engine.read(lambda conn: conn.execute(question).mappings().all())
        return [Waiting(**{**row, "sealed": bool(row["sealed"])}) for row in rows]

    async def log(self, span: Span, eyes: Eyes, *, limit: int) -> list[Logged]:
        """List the acts of a period in the order in which they were done, but on what is sealed."""
        acts = _e.act.in_([word(each) for each in (_OPENED, *(act.value for act in Act))])
        mine = () if eyes.units is None else (_e.unit.in_(sorted(eyes.units)),)
        columns = (_e.id, _e.number, _c.title, _e.at, _e.act, _e.by, _e.unit, _e.target)
        question = select(*columns).join_from(t.case_events, t.cases, _c.number == _e.number)
        question = question.where(acts, _in(span), *mine, ~_sealed(t.cases, eyes)).order_by(_e.at, _e.id).limit(limit)
        rows = await self._engine.read(lambda conn: conn.execute(question).mappings().all())
        return [Logged(**{**row, "at": from_ms(row["at"])}) for row in rows]


def _tally(row: Any) -> Tally:
    excluded, sealed = bool(row.excluded), bool(row.sealed)
    return Tally(kind=Kind(row.kind), count=row.count, excluded=excluded, sealed=sealed, key=row.key or "")


def _counted(family: Select[Any], span: Span, eyes: Eyes, by: By) -> Select[Any]:
    found = family.subquery()
    key = {"unit": found.c.unit, "category": found.c.of}.get(by, _NOBODY).label("key")
    excluded = found.c.number.in_(_excluded(span)).label("excluded")
    sealed = _sealed(found, eyes).label("sealed")
    rows = select(found.c.kind, key, excluded, sealed).where(*_within(found, eyes)).subquery()
    return select(*rows.c, func.count().label("count")).group_by(*rows.c)


def _within(found: Any, eyes: Eyes) -> tuple[ColumnElement[bool], ...]:
    return () if eyes.units is None else (found.c.unit.in_(sorted(eyes.units)),)


def _sealed(found: Any, eyes: Eyes) -> ColumnElement[bool]:
    """Tell what is confidential, and where it counts not open to the reader."""
    if eyes.units is not None and eyes.cleared >= eyes.units:
        return literal_column("FALSE", Boolean)
    secret: ColumnElement[bool] = found.c.number.in_(_SEALED)
    return and_(secret, found.c.unit.not_in(sorted(eyes.cleared))) if eyes.cleared else secret


def _listed(figure: Figure, span: Span, of: str) -> Any:
    parts = []
    for name, kinds in FAMILIES.items():
        wanted = [
            word(kind.value) if kind.value.isidentifier() else literal(kind.value) for kind in figure.kinds & kinds
        ]
        if not wanted:
            continue
        found = FAMILY[name](span).subquery()
        part = select(found.c.number, found.c.unit).where(found.c.kind.in_(wanted))
        if of:
            part = part.where(found.c.of == of)
        if figure.valid:
            part = part.where(found.c.number.not_in(_excluded(span)))
        parts.append(part)
    return union_all(*parts).subquery()


# -- the families ----------------------------------------------------------------------------------
def _in(span: Span) -> ColumnElement[bool]:
    within = and_(_e.at >= to_ms(span.start), _e.at < to_ms(span.end))
    return within if span.only is None else and_(within, _e.number.in_(span.only))


def _acts(*acts: str) -> ColumnElement[bool]:
    return _e.act.in_([word(act) for act in acts])


def _last(
    where: ColumnElement[bool], *columns: ColumnElement[Any], by: Sequence[ColumnElement[Any]] = (_e.number,)
) -> Any:
    """Give the last such event of each case."""
    # By the ids first: the index alone tells them, and SQLite's windows are slow.
    newest = select(func.max(_e.id)).where(where).group_by(*by)
    found = select(_e.number, _e.unit, _e.act, _e.at, _e.answer_by, _e.target, *columns)
    return found.where(_e.id.in_(newest)).subquery()


def _of() -> Label[Any]:
    return null().cast(t.case_events.c.target.type).label("of")


def _opened(span: Span) -> Select[Any]:
    kind = word(_OPENED).label("kind")
    return select(_e.number, _e.unit, kind, _e.target.label("of")).where(_acts(_OPENED), _in(span))


def _acted(span: Span) -> Select[Any]:
    found = _last(and_(_acts(*(act.value for act in COUNTED)), _in(span)), by=(_e.number, _e.act))
    return select(found.c.number, found.c.unit, found.c.act.label("kind"), _of())


def _decided(span: Span) -> Select[Any]:
    """What was answered, and not taken up again within the period."""
    answers = [act.value for act in ANSWERS]
    found = _last(and_(_acts(*answers, Act.REOPEN.value), _in(span)))
    kind = case((found.c.at <= found.c.answer_by, word(Kind.KEPT.value)), else_=word(Kind.LATE.value)).label("kind")
    asked = select(found.c.number, found.c.unit, kind, _of())
    return asked.where(found.c.act.in_([word(act) for act in answers]))


def _rated(span: Span, kinds: Mapping[Kind, str], silent: str) -> Select[Any]:
    """What members said, each the last time that they said it."""
    found = _last(and_(_acts(Act.RATE.value), _in(span), _e.target.not_like(silent)))
    kind = case(*((found.c.target.like(said), literal(kind.value)) for kind, said in kinds.items()))
    return select(found.c.number, found.c.unit, kind.label("kind"), _of()).where(kind.is_not(None))


def _solved(span: Span) -> Select[Any]:
    return _rated(span, {kind: f"{kind.value}/%" for kind in SOLVED}, "/%")


def _satisfied(span: Span) -> Select[Any]:
    return _rated(span, {kind: f"%/{kind.value}" for kind in SATISFIED}, "%/")


def _contact(span: Span) -> Select[Any]:
    """Whose first contact came due; who was withdrawn before that and had not been written to yet was owed none."""
    done = _c.contacted <= _c.contact_by
    due = and_(_c.contact_by >= to_ms(span.start), _c.contact_by < to_ms(span.end))
    gone = and_(_c.status == word(Status.WITHDRAWN.value), _c.closed <= _c.contact_by)
    kind = case((done, word(Kind.CONTACTED.value)), else_=word(Kind.MISSED.value)).label("kind")
    asked = select(_c.number, _c.first_unit.label("unit"), kind, _of())
    asked = asked if span.only is None else asked.where(_c.number.in_(span.only))
    return asked.where(due, or_(func.coalesce(done, false()), ~func.coalesce(gone, false())))


def _standing(span: Span) -> Select[Any]:
    """What was open at the end: what is now, less what changed since."""
    at = to_ms(span.end)
    moved = and_(_e.from_unit.is_not(None), _e.at >= at)
    now = select(_c.number, _c.unit, _stood(_c.status, _c.answer_by, at), _more(1)).where(_c.status.in_(_OPEN))
    after = select(_e.number, _e.unit, _stood(_e.after, _e.answer_by, at), _more(-1)).where(moved)
    before = select(_e.number, _e.from_unit, _stood(_e.before, _e.from_limit, at), _more(1)).where(moved)
    if span.only is not None:
        now, after, before = (part.where(part.selected_columns.number.in_(span.only)) for part in (now, after, before))
    parts = union_all(now, after, before).subquery()
    by = (parts.c.number, parts.c.unit, parts.c.kind)
    return select(*by, _of()).where(parts.c.kind != _NOBODY).group_by(*by).having(func.sum(parts.c.more) > 0)


def _more(more: int) -> Label[int]:
    return literal_column(str(more), Integer).label("more")


def _stood(status: ColumnElement[str], limit: ColumnElement[Any], at: int) -> Label[str]:
    """Say as what a case counts that stands so at a moment; as nothing where it is not open."""
    return case(
        (status == word(Status.PAUSED.value), word(Kind.PAUSED.value)),
        (status.not_in(_OPEN), _NOBODY),
        (limit < at, word(Kind.OVERDUE.value)),
        else_=word(Kind.RUNNING.value),
    ).label("kind")


def _excluded(span: Span) -> Select[Any]:
    """What is left out of the rates of a period: whatever the last word on it was, until it is settled."""
    acts = _acts(Act.EXCLUDE.value, Act.INCLUDE.value)
    found = _last(and_(acts, _e.at < to_ms(span.settled)))
    return select(found.c.number).where(found.c.act == word(Act.EXCLUDE.value))


FAMILY: Final[Mapping[str, Callable[[Span], Select[Any]]]] = {
    "opened": _opened,
    "acts": _acted,
    "decided": _decided,
    "standing": _standing,
    "contact": _contact,
    "solved": _solved,
    "satisfied": _satisfied,
}
