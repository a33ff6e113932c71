"""Search: which of the cases that exist for a person somebody means, and by what each was found.

Numbers, names and telephones are found at once; words once `case_words` has them. By name and
telephone nobody finds a case whose person must not be known, and a confidential case has no words.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final, Literal

from sqlalchemy import ColumnElement, Connection, Row, and_, select

from dialogs.desk.seeking import Part, Sought, holds, parts
from storage import tables as t
from storage.case_words import Kind, opened
from storage.crypto import Keys, SealBroken
from storage.engine import Engine
from storage.grams import Numbered, gram_index
from storage.sight import Scope, visible
from storage.statements import word

By = Literal["number", "name", "phone", "tail", "words"]
MOST: Final = 50
"""Hits of one kind on a page."""
_LINES: Final = 2  # that say why a case was found; more is a case's page
_c, _m, _w = t.cases.c, t.members.c, t.case_words.c


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """One case that was found. `lines`: what of its words, each with its kind and the hits in it."""

    number: str
    by: By
    lines: tuple[tuple[Kind, tuple[Part, ...]], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """One page of hits, by number first, then by whose they are, then by words, each newest first.

    `after` continues it, 0 at the end.
    """

    hits: tuple[Hit, ...]
    after: int = 0


class Finding:
    """Finds cases."""

    def __init__(self, engine: Engine, keys: Keys) -> None:
        self._engine, self._keys = engine, keys
        self._index, self._numbered = gram_index(engine.name), Numbered(keys)

    async def find(self, asked: Sought, scope: Scope, *, after: int = 0) -> Found:
        """Find what somebody may mean; `after` goes on behind a page's last hit."""
        numbers = self._numbered.numbers(asked.grams)
        looks = [] if after else [self._by_number(asked), *self._by_person(asked)]

        def work(conn: Connection) -> tuple[list[tuple[By, str]], list[Row[Any]]]:
            found = [
                (by, number)
                for by, where in looks
                for number in conn.scalars(
                    select(_c.number).where(where, visible(scope)).order_by(_c.opened.desc(), _c.number).limit(MOST)
                )
            ]
            return found, list(conn.execute(self._by_words(numbers, scope, after))) if numbers else []

        by_keys, by_words = await self._engine.read(work)
        hits = {number: Hit(number=number, by=by) for by, number in reversed(by_keys)}
        first = [hits[number] for number in dict.fromkeys(number for _, number in by_keys)]
        more = len(by_words) > MOST
        rest = [hit for row in by_words[:MOST] if row.number not in hits and (hit := self._read(row, asked))]
        return Found(hits=(*first, *rest), after=by_words[MOST - 1].id if more else 0)

    def seal(self, said: str, staff: str) -> str:
        """Write what was looked for as part of an address: readable for nobody but this person's own visits."""
        return base64.urlsafe_b64encode(self._keys.seal(f"find/{staff}", said)).rstrip(b"=").decode()

    def unseal(self, sealed: str, staff: str) -> str:
        """Read it back; '' where it is nobody's, or another's."""
        try:
            raw = base64.urlsafe_b64decode(sealed + "=" * (-len(sealed) % 4))
            return self._keys.open(f"find/{staff}", raw)
        except (SealBroken, binascii.Error, ValueError):
            return ""

    def handle(self, staff: str) -> str:
        """Give what stands for a person in an address, where their name must not stand."""
        return self._keys.index("staff.name", staff)[:12]

    def _by_number(self, asked: Sought) -> tuple[By, ColumnElement[bool]]:
        return "number", _c.number.in_([asked.whole] if asked.whole else asked.serials)

    def _by_person(self, asked: Sought) -> Iterable[tuple[By, ColumnElement[bool]]]:
        columns: tuple[tuple[By, str, str, ColumnElement[str]], ...] = (
            ("name", asked.name, "members.name", _m.name_index),
            ("phone", asked.phone, "members.phone", _m.phone_index),
            ("tail", asked.tail, "members.tail", _m.tail_index),
        )
        for by, value, name, index in columns:
            if value:
                # In the words of the partial index: else SQLite reads every member.
                theirs = select(_m.id).where(index != word(""), index == self._keys.index(name, value))
                known = and_(_c.confidential.is_(False), _c.anonymous.is_(False))
                yield by, and_(_c.member.in_(theirs), known)

    def _by_words(self, numbers: list[int], scope: Scope, after: int) -> Any:
        row, has_all = self._index.having(numbers)
        question = (
            select(_w.id, _w.number, _w.words)
            .join_from(row.table, t.case_words, _w.id == row)
            .join(t.cases, _c.number == _w.number)
            .where(has_all, _c.confidential.is_(False), visible(scope))
        )
        return (question.where(row < after) if after else question).order_by(row.desc()).limit(MOST + 1)

    def _read(self, row: Row[Any], asked: Sought) -> Hit | None:
        """Say where the words stand; None where the pairs are all there, but not the words."""
        lines = opened(self._keys, row.words)
        if not all(any(holds(line, term) for _, line in lines) for term in asked.terms):
            return None
        found = ((kind, parts(" ".join(line.split()), asked.terms)) for kind, line in lines)
        return Hit(number=row.number, by="words", lines=tuple(each for each in found if each[1])[:_LINES])
