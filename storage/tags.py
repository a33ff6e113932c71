"""Which tags are in use, for whoever gives the next one."""

from __future__ import annotations

from collections import Counter
from typing import Final

from sqlalchemy import select

from dialogs.desk.tags import split
from storage import tables as t
from storage.engine import Engine
from storage.sight import Scope, within
from storage.statements import word

_LOOKED_AT: Final = 500  # of the newest cases that have any: what was said last year helps nobody
_MOST: Final = 30
_c = t.cases.c


class Tags:
    """Reads tags."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    async def used(self, scope: Scope) -> tuple[str, ...]:
        """Give the tags of the cases that this person sees, those most used of late first."""
        # In the words of the partial index: else SQLite reads every case of the units.
        question = select(_c.tags).where(_c.tags != word(""), within(scope)).order_by(_c.opened.desc(), _c.number)
        found = await self._engine.read(lambda conn: conn.scalars(question.limit(_LOOKED_AT)).all())
        counted = Counter(each for tags in found for each in split(tags))
        return tuple(each for each, _ in counted.most_common(_MOST))
