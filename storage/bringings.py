"""What has to be brought to each member of a group: rows with leases, so that any worker may die at any moment."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, and_, func, select, update

from dialogs.desk.cases import Act
from storage import tables as t
from storage.crypto import Keys, SealBroken
from storage.engine import Engine
from storage.moments import to_ms
from storage.statements import among, word

_b = t.bringings.c
_OPEN = ("ready", "claimed")


@dataclass(frozen=True, slots=True, kw_only=True)
class Bringing:
    """One act on a main case that one member of its group shall hear of. `attempts` counts this claim too.

    `words` are None where they cannot be opened any more.
    """

    id: int
    main: str
    number: str
    act: Act
    by: str
    post: str
    words: str | None
    attempts: int


class Bringings:
    """Claims and finishes what is brought. A claim is a lease: whoever dies loses it."""

    def __init__(self, engine: Engine, keys: Keys) -> None:
        self._engine, self._keys = engine, keys

    async def claim(self, worker: str, now: datetime, lease: timedelta, limit: int) -> list[Bringing]:
        """Lease what is ready, oldest first; of one case only what comes first, so that nothing overtakes it."""
        at, until = to_ms(now), to_ms(now + lease)
        return await self._engine.write(lambda conn: self._claim(conn, worker, at, until, limit), apart=True)

    async def done(self, bringing: int, now: datetime) -> None:
        """Mark it as brought, and forget its words."""
        ours = and_(_b.id == bringing, _b.status == "claimed")
        change = update(t.bringings).where(ours).values(status="done", settled=to_ms(now), words=None)
        await self._engine.write(lambda conn: conn.execute(change).rowcount, apart=True)

    async def left(self, main: str) -> int:
        """Tell to how many cases of a group something is still to be brought."""
        question = select(func.count(_b.number.distinct())).where(_b.main == main, _b.status.in_(_OPEN))
        return await self._engine.read(lambda conn: conn.scalar(question)) or 0

    def _claim(self, conn: Connection, worker: str, at: int, until: int, limit: int) -> list[Bringing]:
        dead = and_(among(_b.status, "claimed", _OPEN), _b.lease_until <= at)
        conn.execute(update(t.bringings).where(dead).values(status="ready"))
        other = t.bringings.alias("other")
        sooner = and_(other.c.main == _b.main, other.c.number == _b.number, other.c.id < _b.id)
        blocked = select(other.c.id).where(sooner, other.c.status.in_([word(each) for each in _OPEN]))
        ready = (
            select(_b.id)
            .where(among(_b.status, "ready", _OPEN), ~blocked.exists())
            .order_by(_b.id)
            .limit(limit)
            .with_for_update(skip_locked=True)
        )
        leased = {"status": "claimed", "lease_by": worker, "lease_until": until, "attempts": _b.attempts + 1}
        ids = list(conn.scalars(update(t.bringings).where(_b.id.in_(ready)).values(leased).returning(_b.id)))
        columns = (_b.id, _b.main, _b.number, _b.act, _b.by, _b.post, _b.words, _b.attempts)
        found = conn.execute(select(*columns).where(_b.id.in_(ids)).order_by(_b.id)).all() if ids else ()
        return [
            Bringing(
                id=row.id,
                main=row.main,
                number=row.number,
                act=Act(row.act),
                by=row.by,
                post=row.post,
                words=self._opened(row.words),
                attempts=row.attempts,
            )
            for row in found
        ]

    def _opened(self, sealed: bytes | None) -> str | None:
        try:
            return self._keys.open("bringings.words", sealed)
        except SealBroken:  # it keeps none of the others waiting
            return None
