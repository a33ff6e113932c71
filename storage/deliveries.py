"""The outbox's rows: what has to reach a member, who is sending it, and what became of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from sqlalchemy import ColumnElement, Connection, Select, Text, and_, cast, exists, func, literal, or_, select, update

from dialogs.events import Fate, Way
from storage import tables as t
from storage.crypto import Keys, SealBroken
from storage.engine import Engine
from storage.moments import maybe_ms, to_ms
from storage.statements import among, word
from storage.turns import MemberKey

_d, _m, _i = t.deliveries.c, t.members.c, t.inbound.c
_COUNTED = timedelta(days=1)


def _is(status: Literal["ready", "claimed", "waiting"]) -> ColumnElement[bool]:
    return among(_d.status, status, ("ready", "claimed", "waiting"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Windows:
    """When the member last did what opens a window, and how many messages of ours were sent since each."""

    said: datetime | None = None
    said_sent: int = 0
    tapped: datetime | None = None
    tapped_sent: int = 0
    followed: datetime | None = None
    followed_sent: int = 0
    scanned: datetime | None = None
    scanned_sent: int = 0
    follows: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """One thing to bring to one member. `attempts` counts this claim too."""

    id: int
    key: str
    member: MemberKey
    text: str
    asks: str
    number: str
    attempts: int
    created: datetime
    windows: Windows


class Deliveries:
    """Claims, marks and settles deliveries. A claim is a lease: whoever dies loses it."""

    def __init__(self, engine: Engine, keys: Keys) -> None:
        self._engine, self._keys = engine, keys

    async def claim(self, worker: str, now: datetime, lease: timedelta, limit: int) -> list[Delivery]:
        """Lease what is ready and due, most urgent first, at most one member's in one worker's hands at a time.

        A lease that ran out before `begin` is free again. One that ran out after it becomes
        `unknown`: nobody knows whether it arrived (see `lapse`).
        """
        at, until = to_ms(now), to_ms(now + lease)

        def work(conn: Connection) -> list[int]:
            _lapse(conn, at)
            return _claim(conn, worker, at, until, limit)

        return await self._found(await self._engine.write(work, apart=True), now)

    async def lapse(self, now: datetime) -> list[Delivery]:
        """Mark as `unknown` what was being sent when its worker died, and give those."""
        return await self._found(await self._engine.write(lambda conn: _lapse(conn, to_ms(now)), apart=True))

    async def untold(self, since: datetime) -> list[Delivery]:
        """Give what was sent since a moment with a question that its conversation never heard of: a sender died."""
        key = literal("delivery/") + cast(_d.id, Text) + literal("/sent")
        heard = exists().where(_i.member == _d.member, _i.key == key)
        question = select(_d.id).where(_d.status == "sent", _d.settled >= to_ms(since), _d.number != "", ~heard)
        return await self._found(await self._engine.read(lambda conn: list(conn.scalars(question))))

    async def begin(self, ids: Sequence[int], now: datetime) -> list[int]:
        """Mark that the calls go out now; gives those that are still ours to send."""
        mine = and_(_d.id.in_(ids), _d.status == "claimed", _d.began.is_(None))
        marked = update(t.deliveries).where(mine).values(began=to_ms(now)).returning(_d.id)
        return await self._engine.write(lambda conn: list(conn.scalars(marked)), apart=True)

    async def settle(
        self,
        delivery: int,
        fate: Fate,
        *,
        way: Way | None = None,
        code: int = 0,
        words: str = "",
        now: datetime,
        retry_at: datetime | None = None,
    ) -> bool:
        """Store what became of a delivery in our hands; False if it was not ours.

        With `retry_at` it is tried again then. A message sent by way of customer service counts
        against every window that is open.
        """
        values = {"way": way or "", "code": code, "words": words, **_outcome(fate, to_ms(now), retry_at)}

        def work(conn: Connection) -> bool:
            ours = and_(_d.id == delivery, _d.status == "claimed")
            member = conn.scalar(update(t.deliveries).where(ours).values(values).returning(_d.member))
            if member is not None and fate in {"sent", "unknown"} and way == "customer" and retry_at is None:
                _count(conn, member)
            return member is not None

        # A turn reads only what waits.
        return await self._engine.write(work, apart=fate != "waiting" or retry_at is not None)

    async def revive(self, member: str, now: datetime) -> int:
        """Make what waits for this member ready again, because a window opened. Gives how many."""
        waits = and_(_d.member == member, _d.status == "waiting")
        change = update(t.deliveries).where(waits).values(status="ready", due=to_ms(now), settled=None)
        return await self._engine.write(lambda conn: conn.execute(change).rowcount)

    async def windows(self, member: str) -> Windows:
        """Give a member's windows, for the desk's words on how an answer will travel."""
        question = select(*_WINDOWS).where(_m.id == member)
        row = await self._engine.read(lambda conn: conn.execute(question).mappings().first())
        return _windows(row) if row is not None else Windows()

    async def counts(self, now: datetime) -> dict[str, int]:
        """Count deliveries by status, and as `due` those that should be on their way by now.

        What was settled for good counts for a day: an outbox of years must not be counted through.
        """
        settled = and_(_d.settled >= to_ms(now - _COUNTED), _d.status != "waiting")

        def work(conn: Connection) -> dict[str, int]:
            found = {row[0]: int(row[1]) for row in conn.execute(_counted(settled))}
            for status in (_is("ready"), _is("claimed"), _is("waiting")):
                found |= {row[0]: int(row[1]) for row in conn.execute(_counted(status))}
            due = select(func.count()).where(_is("ready"), _d.due <= to_ms(now))
            return {**found, "due": conn.scalar(due) or 0}

        return await self._engine.read(work)

    async def _found(self, ids: Sequence[int], now: datetime | None = None) -> list[Delivery]:
        """Give them; what is leased and cannot be opened any more has failed, and keeps no other waiting."""
        if not ids:
            return []
        question = _full().where(_d.id.in_(ids)).order_by(_d.priority, _d.id)
        rows = await self._engine.read(lambda conn: conn.execute(question).mappings().all())
        found = []
        for row in rows:
            try:
                found.append(self._delivery(row))
            except SealBroken:
                if now is not None:
                    await self.settle(row["id"], "failed", words=_UNREADABLE, now=now)
        return found

    def _delivery(self, row: Any) -> Delivery:
        return Delivery(
            id=row["id"],
            key=row["key"],
            member=MemberKey(row["channel"], row["account"], row["user_key"]),
            text=self._keys.open("deliveries.text", row["text"]),
            asks=row["asks"],
            number=row["number"],
            attempts=row["attempts"],
            created=_moment(row["created"]),
            windows=_windows(row),
        )


_UNREADABLE = "存的字打不开了，没有发出。"
_WINDOWS = (
    _m.said, _m.said_sent, _m.tapped, _m.tapped_sent, _m.followed, _m.followed_sent,
    _m.scanned, _m.scanned_sent, _m.follows,
)  # fmt: skip


def _counted(which: ColumnElement[bool]) -> Select[Any]:
    return select(_d.status, func.count()).where(which).group_by(_d.status)


def _full() -> Select[Any]:
    own = (_d.id, _d.key, _d.text, _d.asks, _d.number, _d.attempts, _d.created)
    who = (_m.channel, _m.account, _m.user_key, *_WINDOWS)
    return select(*own, *who).join_from(t.deliveries, t.members, _m.id == _d.member)


def _moment(ms: int) -> datetime:
    found = maybe_ms(ms)
    assert found is not None
    return found


def _windows(row: Any) -> Windows:
    return Windows(
        said=maybe_ms(row["said"] or None),
        said_sent=row["said_sent"],
        tapped=maybe_ms(row["tapped"] or None),
        tapped_sent=row["tapped_sent"],
        followed=maybe_ms(row["followed"] or None),
        followed_sent=row["followed_sent"],
        scanned=maybe_ms(row["scanned"] or None),
        scanned_sent=row["scanned_sent"],
        follows=bool(row["follows"]),
    )


def _lapse(conn: Connection, at: int) -> list[int]:
    dead = and_(_is("claimed"), _d.lease_until <= at, _d.began.is_not(None))
    mark = update(t.deliveries).where(dead).values(status="unknown", settled=at, words="lease ended while sending")
    return list(conn.scalars(mark.returning(_d.id)))


def _claim(conn: Connection, worker: str, at: int, until: int, limit: int) -> list[int]:
    dead = and_(_is("claimed"), _d.lease_until <= at, _d.began.is_(None))
    conn.execute(update(t.deliveries).where(dead).values(status="ready"))
    # A member's words leave one after the other: nothing overtakes what is being sent or is to be tried again.
    other = t.deliveries.alias("other")
    sooner = or_(other.c.priority < _d.priority, and_(other.c.priority == _d.priority, other.c.id < _d.id))
    ahead = or_(other.c.status == word("claimed"), and_(other.c.status == word("ready"), sooner))
    unsent = other.c.status.in_([word("ready"), word("claimed")])
    blocked = select(other.c.id).where(other.c.member == _d.member, unsent, ahead)
    ready = (
        select(_d.id)
        .where(_is("ready"), _d.due <= at, ~blocked.exists())
        .order_by(_d.priority, _d.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    take = (
        update(t.deliveries)
        .where(_d.id.in_(ready))
        .values(status="claimed", lease_by=worker, lease_until=until, began=None, attempts=_d.attempts + 1)
        .returning(_d.id)
    )
    return list(conn.scalars(take))


def _outcome(fate: Fate, at: int, retry_at: datetime | None) -> dict[str, Any]:
    free = {"lease_by": "", "lease_until": None, "began": None}
    if retry_at is None:
        return {"status": fate, "settled": at, **free}
    return {"status": "ready", "due": to_ms(retry_at), "settled": None, **free}


def _count(conn: Connection, member: str) -> None:
    names = ("said_sent", "tapped_sent", "followed_sent", "scanned_sent")
    more = {name: t.members.c[name] + 1 for name in names}
    conn.execute(update(t.members).where(_m.id == member).values(more))
