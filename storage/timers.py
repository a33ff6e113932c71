"""Moments at which a conversation asked to be woken: leased like deliveries, so that any worker may die."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from sqlalchemy import ColumnElement, Connection, and_, select, update

from storage import tables as t
from storage.engine import Engine
from storage.moments import from_ms, to_ms
from storage.statements import among
from storage.turns import MemberKey

_t, _m = t.timers.c, t.members.c


def _is(status: Literal["set", "claimed"]) -> ColumnElement[bool]:
    return among(_t.status, status, ("set", "claimed"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Timer:
    """One moment that has come. `key` is unique among all timers; the work it starts must be idempotent by it."""

    key: str
    member: MemberKey
    kind: str
    at: datetime
    number: str
    data: str
    attempts: int


class Timers:
    """Claims and finishes timers."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    async def claim(self, worker: str, now: datetime, lease: timedelta, limit: int) -> list[Timer]:
        """Lease what has come, earliest first; a lease that ran out is free again."""
        at, until = to_ms(now), to_ms(now + lease)
        return await self._engine.write(lambda conn: _claim(conn, worker, at, until, limit), apart=True)

    async def done(self, key: str, now: datetime) -> None:
        """Mark a leased timer as done."""
        ours = and_(_t.key == key, _t.status == "claimed")
        change = update(t.timers).where(ours).values(status="done", settled=to_ms(now))
        await self._engine.write(lambda conn: conn.execute(change).rowcount, apart=True)

    async def next_at(self) -> datetime | None:
        """Tell when the next timer is due, for whoever sleeps until then."""
        question = select(_t.at).where(_is("set")).order_by(_t.at).limit(1)
        found = await self._engine.read(lambda conn: conn.scalar(question))
        return None if found is None else from_ms(found)


def _claim(conn: Connection, worker: str, at: int, until: int, limit: int) -> list[Timer]:
    dead = and_(_is("claimed"), _t.lease_until <= at)
    conn.execute(update(t.timers).where(dead).values(status="set"))
    due = select(_t.key).where(_is("set"), _t.at <= at).order_by(_t.at).limit(limit).with_for_update(skip_locked=True)
    leased = {"status": "claimed", "lease_by": worker, "lease_until": until, "attempts": _t.attempts + 1}
    keys = list(conn.scalars(update(t.timers).where(_t.key.in_(due)).values(leased).returning(_t.key)))
    if not keys:
        return []
    columns = (_t.key, _m.channel, _m.account, _m.user_key, _t.kind, _t.at, _t.number, _t.data, _t.attempts)
    found = select(*columns).join_from(t.timers, t.members, _m.id == _t.member).where(_t.key.in_(keys))
    return [
        Timer(
            key=key,
            member=MemberKey(channel, account, user),
            kind=kind,
            at=from_ms(moment),
            number=number,
            data=data,
            attempts=attempts,
        )
        for key, channel, account, user, kind, moment, number, data, attempts in conn.execute(found.order_by(_t.at))
    ]
