"""The places of the rail as questions: which cases, in which order, how many; each with the index that answers it.

Open cases are few beside all that ever were. Two ways lead to them: by unit, for people of a few units, or along all
open ones in the order of the list, for people of many (`ix_cases_open`, which holds all that is asked). What is
written here must be in the words of the partial indexes: else SQLite does not use them.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any, Final, Literal, get_args

from sqlalchemy import BigInteger, ColumnElement, Select, and_, func, literal_column, or_, select, tuple_

from storage import tables as t
from storage.filters import NONE, Filters, narrowed
from storage.sight import RETURNED, Scope, visible, within
from storage.statements import word

Place = Literal[
    "mine", "unit", "unclaimed", "soon", "overdue", "watched", "above", "returned", "member", "sealed",
    "answered", "closed",
]  # fmt: skip
PLACES: Final[tuple[Place, ...]] = get_args(Place)
SOON: Final = timedelta(hours=2)  # 「2 小时内到期」 of the desk's rail
RECENT: Final = timedelta(days=30)  # how long a closed case stays in its place

_c = t.cases.c
# Without a type of its own: a Boolean one would be compared with 1, and the index not be seen.
OPEN: ColumnElement[Any] = literal_column(f"cases.{t.OPEN_WORDS}")
_FILED = _c.closed.is_not(None)
# What may be a matter of life comes before everything else, however late that is: further back than any moment.
HURTS: ColumnElement[int] = literal_column(
    t.HURTS.replace("grade", "cases.grade").replace("due", "cases.due"), BigInteger
)
_NEWEST: ColumnElement[int] = literal_column("(-cases.closed)", BigInteger)
_RED = literal_column("0", BigInteger)  # what is red lies before the epoch in this order


def listed_in(
    place: str, scope: Scope, at: int, *, narrow: Filters = NONE, after: str | None = None, limit: int | None = None
) -> Select[Any]:
    """Ask for the numbers of a place, in order, with the `key` of that order. Raises ValueError for no place.

    `after` is the `key.number` of the last one seen.
    """
    key = order(place)
    question = select(_c.number, key.label("key")).where(*wanted(place, scope, at, narrow))
    if after is not None:
        seen, _, number = after.partition(".")
        question = question.where(tuple_(key, _c.number) > tuple_(int(seen), number))
    return question.order_by(key, _c.number).limit(limit)


def order(place: str) -> ColumnElement[int]:
    """Give what a place is ordered by, and then by number: what hurts most first, of the filed the newest."""
    return _NEWEST if place == "closed" else HURTS


def wanted(place: str, scope: Scope, at: int, narrow: Filters = NONE) -> tuple[ColumnElement[bool], ...]:
    """Say what the cases of a place are."""
    # Whose they are is a shorter way to one's own than where they lie.
    seen = visible(scope) if place == "returned" else within(scope, along=place == "mine" or scope.wide)
    return (_where(place, scope, at), seen, *narrowed(narrow))


def counted(scope: Scope, at: int) -> Select[Any]:
    """Count every place of the rail but the filed ones; `pressed`: what is watched early."""
    along = scope.wide
    opened = {
        place: func.count().filter(_narrower(place, scope, at)).label(place)
        for place in (*PLACES, "pressed")
        if place not in {"closed", "returned", "answered", "unit"}
    }
    open_ones = select(func.count().label("unit"), *opened.values()).where(OPEN, within(scope, along=along)).subquery()
    answered = select(func.count()).where(_where("answered", scope, at), within(scope, along=along))
    returned = select(func.count()).where(RETURNED, visible(scope))
    return select(open_ones, answered.scalar_subquery().label("answered"), returned.scalar_subquery().label("returned"))


def reds(scope: Scope, limit: int) -> Select[Any]:
    """Ask for the red cases for which nobody has signed, the longest due first: number, title, due."""
    found = (OPEN, HURTS < _RED, _c.status == word("accepted"), within(scope, along=True))
    return select(_c.number, _c.title, _c.due).where(*found).order_by(HURTS, _c.number).limit(limit)


def _where(place: str, scope: Scope, at: int) -> ColumnElement[bool]:
    match place:
        case "unit":
            return OPEN
        case "answered":
            return _c.status == word("answered")
        case "closed":
            return and_(_FILED, _c.closed > at - RECENT // timedelta(milliseconds=1))
        case "returned":
            return RETURNED
        case _:
            return and_(OPEN, _narrower(place, scope, at))


def _narrower(place: str, scope: Scope, at: int) -> ColumnElement[bool]:
    """Say which of the open cases a place has."""
    soon = at + SOON // timedelta(milliseconds=1)
    match place:
        case "mine":
            return _c.owner.in_(scope.names)
        case "unclaimed":
            return _c.status == word("accepted")
        case "soon":
            return and_(_c.due > at, _c.due <= soon)
        case "overdue":
            # What is red and overdue lies before the epoch: said of the order too, the list ends where it ends.
            return and_(_c.due <= at, at >= HURTS)
        case "watched":
            return or_(_c.climbed.in_(sorted(scope.over)), _c.urged.is_not(None), _c.alarmed.is_(True))
        case "pressed":  # watched although there is time left: it presses like what is due
            return and_(_narrower("watched", scope, at), _c.due > soon)
        case "above":
            return _c.status == word("raised")
        case "member":
            return _c.status == word("paused")
        case "sealed":
            return _c.confidential.is_(True)
        case _:
            raise ValueError(f"no place of the rail: {place}")
