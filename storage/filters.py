"""What narrows a list of cases beside its place: one condition for rows and for counts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sqlalchemy import ColumnElement

from storage import tables as t
from storage.moments import to_ms
from storage.statements import word

Rating = Literal["", "solved", "partly", "unsolved", "content", "displeased", "unrated"]
_c = t.cases.c
_GOOD, _BAD = 4, 2  # of five: from here on content, down to here displeased


@dataclass(frozen=True, slots=True, kw_only=True)
class Filters:
    """What a case must be to stay in a list; whatever is None, '' or () asks for nothing.

    Spans of time are [from, until). `holder` is a person's name, '-' for nobody.
    """

    units: frozenset[str] | None = None
    grade: str = ""
    categories: frozenset[str] | None = None
    due: tuple[datetime | None, datetime | None] = (None, None)
    opened: tuple[datetime | None, datetime | None] = (None, None)
    rating: Rating = ""
    tag: str = ""
    holder: str = ""


NONE = Filters()


def narrowed(by: Filters) -> tuple[ColumnElement[bool], ...]:
    """Give the conditions, to be put beside those of the place and of the person's rights."""
    found: list[ColumnElement[bool]] = []
    if by.units is not None:
        found.append(_c.unit.in_(sorted(by.units)))
    if by.grade:
        found.append(_c.grade == by.grade)
    if by.categories is not None:
        found.append(_c.category.in_(sorted(by.categories)))
    if by.holder:
        found.append(_c.owner == ("" if by.holder == "-" else by.holder))
    if by.tag:
        # In the words of the partial index: else SQLite reads every case of the units.
        found += [_c.tags != word(""), _c.tags.contains(f" {by.tag} ", autoescape=True)]
    return (*found, *_span(_c.due, by.due), *_span(_c.opened, by.opened), *_rated(by.rating))


def _span(column: ColumnElement[int], span: tuple[datetime | None, datetime | None]) -> list[ColumnElement[bool]]:
    start, end = span
    return [*([column >= to_ms(start)] if start else []), *([column < to_ms(end)] if end else [])]


def _rated(rating: Rating) -> list[ColumnElement[bool]]:
    match rating:
        case "solved":
            return [_c.solved == "yes"]
        case "partly":
            return [_c.solved == "partly"]
        case "unsolved":
            return [_c.solved == "no"]
        case "content":
            return [_c.satisfied >= _GOOD]
        case "displeased":
            return [_c.satisfied > 0, _c.satisfied <= _BAD]
        case "unrated":
            return [_c.solved == "", _c.satisfied == 0]
        case _:
            return []
