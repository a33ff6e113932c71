"""Lists that somebody wants to come back to: their own, and those that their unit shares."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import Connection, and_, delete, func, insert, or_, select

from storage import tables as t
from storage.engine import Engine
from storage.moments import to_ms
from storage.statements import word

MOST: Final = 12
"""Views of one person, or shared in one unit: a rail that scrolls is none."""
_v = t.views.c


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """A list under a name. `narrowed` is what narrows it as its address says it; `unit` shares it, '' keeps it."""

    id: int
    staff: str
    unit: str
    title: str
    place: str
    narrowed: str


class Views:
    """Keeps views."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    async def of(self, staff: str, units: Sequence[str]) -> list[View]:
        """Give somebody's own, then those of their units, each oldest first."""
        shared = and_(_v.unit != word(""), _v.unit.in_(units))
        columns = (_v.id, _v.staff, _v.unit, _v.title, _v.place, _v.narrowed)
        question = select(*columns).where(or_(_v.staff == staff, shared)).order_by(_v.unit != word(""), _v.id)
        rows = await self._engine.read(lambda conn: conn.execute(question).mappings().all())
        return [View(**row) for row in rows]

    async def keep(self, view: View, now: datetime) -> bool:
        """Keep one; False where there are too many. One of the same name in the same place is replaced."""
        theirs = and_(_v.staff == view.staff, _v.unit == view.unit)
        row = {name: getattr(view, name) for name in ("staff", "unit", "title", "place", "narrowed")}

        def work(conn: Connection) -> bool:
            conn.execute(delete(t.views).where(theirs, _v.title == view.title))
            if (conn.scalar(select(func.count()).select_from(t.views).where(theirs)) or 0) >= MOST:
                return False
            conn.execute(insert(t.views), {**row, "at": to_ms(now)})
            return True

        return await self._engine.write(work, apart=True)

    async def drop(self, view: int, staff: str) -> None:
        """Forget one of somebody's own."""
        gone = delete(t.views).where(_v.id == view, _v.staff == staff)
        await self._engine.write(lambda conn: conn.execute(gone).rowcount, apart=True)
