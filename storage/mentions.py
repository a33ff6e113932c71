"""Who was named with @ in an internal note, until they have looked at the case."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, and_, func, select, update

from storage import tables as t
from storage.engine import Engine
from storage.moments import from_ms, to_ms
from storage.sight import Scope, visible

_n, _c = t.mentions.c, t.cases.c
MOST = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Mention:
    """Somebody was named in a note on a case."""

    number: str
    title: str
    by: str
    at: datetime
    seen: bool


class Mentions:
    """Reads mentions, and marks them as seen. They are written with the note itself."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    async def all(self, scope: Scope) -> list[Mention]:
        """List where somebody was named, on cases that they see, what is new first."""
        question = (
            select(_n.number, _c.title, _n.by, _n.at, _n.seen)
            .join_from(t.mentions, t.cases, _c.number == _n.number)
            .where(_n.staff == scope.staff, visible(scope))
            .order_by(_n.seen.is_not(None), _n.id.desc())
            .limit(MOST)
        )
        rows = await self._engine.read(lambda conn: conn.execute(question).all())
        return [Mention(number=n, title=title, by=by, at=from_ms(at), seen=bool(s)) for n, title, by, at, s in rows]

    async def count(self, scope: Scope) -> int:
        """Count those that are new."""
        unseen = and_(_n.staff == scope.staff, _n.seen.is_(None))
        question = select(func.count()).join_from(t.mentions, t.cases, _c.number == _n.number)
        question = question.where(unseen, visible(scope))
        return await self._engine.read(lambda conn: conn.scalar(question)) or 0

    async def seen(self, staff: str, number: str, now: datetime) -> int:
        """Mark what is new on a case as seen, because they look at it. Gives how many."""
        mine = and_(_n.staff == staff, _n.number == number, _n.seen.is_(None))
        if not await self._engine.read(lambda conn: conn.scalar(select(func.count()).where(mine))):
            return 0
        change = update(t.mentions).where(mine).values(seen=to_ms(now))

        def work(conn: Connection) -> int:
            return conn.execute(change).rowcount

        return await self._engine.write(work, apart=True)
