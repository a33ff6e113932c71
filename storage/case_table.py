"""Cases for a table: first which they are, in the order of their list, then their rows in pieces.

The numbers are one look at the database, so that a case that moves on meanwhile neither comes twice nor is left out;
each piece is held against the person's rights once more.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select

from dialogs.desk.cases import Grade, Status
from storage import tables as t
from storage.cases import listed
from storage.crypto import Keys
from storage.engine import Engine
from storage.filters import NONE, Filters
from storage.moments import from_ms, maybe_ms
from storage.sight import Scope, visible

_c, _m = t.cases.c, t.members.c


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseLine:
    """One case in a table. Of an anonymous case there is nobody; of a confidential one neither person nor words."""

    number: str
    title: str
    status: Status
    grade: Grade
    category: str
    unit: str
    owner: str
    first_owner: str
    opened: datetime
    due: datetime
    answer_by: datetime
    signed: datetime | None
    answered: datetime | None
    closed: datetime | None
    returns: int
    extended: bool
    solved: str
    satisfied: int
    confidential: bool
    anonymous: bool
    name: str
    phone: str
    place: str
    matter: str


class CaseTable:
    """Reads cases for tables."""

    def __init__(self, engine: Engine, keys: Keys) -> None:
        self._engine, self._keys = engine, keys

    async def numbers(
        self, place: str, scope: Scope, now: datetime, *, narrow: Filters = NONE, limit: int
    ) -> list[str]:
        """Give the numbers of a list's cases, in its order. Raises ValueError for no place."""
        where, order = listed(place, scope, now, narrow)
        question = select(_c.number).where(where).order_by(order, _c.number).limit(limit)
        return list(await self._engine.read(lambda conn: conn.scalars(question).all()))

    async def lines(self, numbers: Sequence[str], scope: Scope) -> list[CaseLine]:
        """Give the cases of these numbers that exist for this person, in this order."""
        question = select(t.cases, _m.name, _m.phone).join_from(t.cases, t.members, _m.id == _c.member)
        question = question.where(_c.number.in_(numbers), visible(scope))

        def work(conn: Connection) -> dict[str, CaseLine]:
            return {row["number"]: self._line(row) for row in conn.execute(question).mappings()}

        found = await self._engine.read(work)
        return [found[number] for number in numbers if number in found]

    def _line(self, row: Any) -> CaseLine:
        sealed, nobody = row["confidential"], row["confidential"] or row["anonymous"]
        return CaseLine(
            **{name: row[name] for name in _PLAIN},
            title="" if sealed else row["title"],
            status=Status(row["status"]),
            grade=Grade(row["grade"]),
            opened=from_ms(row["opened"]),
            due=from_ms(row["due"]),
            answer_by=from_ms(row["answer_by"]),
            signed=maybe_ms(row["signed"]),
            answered=maybe_ms(row["answered"]),
            closed=maybe_ms(row["closed"]),
            extended=bool(row["extended"]),
            confidential=bool(sealed),
            anonymous=bool(row["anonymous"]),
            name="" if nobody else self._keys.open("members.name", row["name"]),
            phone="" if nobody else self._keys.open("members.phone", row["phone"]),
            place="" if sealed else self._keys.open("cases.place", row["place"]),
            matter="" if sealed else self._keys.open("cases.matter", row["matter"]),
        )


_PLAIN = ("number", "category", "unit", "owner", "first_owner", "returns", "solved", "satisfied")
