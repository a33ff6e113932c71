"""The turn's half of storage: what storage/turns.py promises, on either database."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, and_, func, select, update

from storage import tables as t
from storage.crypto import Keys
from storage.engine import Engine, run_line
from storage.expand import expand
from storage.moments import to_ms
from storage.statements import word
from storage.turns import Gather, Gathered, MemberKey, TurnWrite

# So many rows a transaction: nobody's turn waits long behind the sweep.
_PURGED_AT_ONCE = 500


class Turns:
    """Reads and writes turns; a TurnStore."""

    def __init__(self, engine: Engine, keys: Keys) -> None:
        self._engine, self._keys = engine, keys

    async def gather(self, ask: Gather) -> Gathered:
        """Read everything for one turn in one round trip (shared with whoever reads at the same moment)."""
        return await self._engine.gather(ask)

    async def commit(self, write: TurnWrite) -> None:
        """Store one turn durably. Raises Conflict (see storage/turns.py)."""
        await self._engine.commit(expand(write, self._keys))

    async def fetch(self, member: str, key: str, at: datetime) -> bool:
        """Note that a repeat takes the stored reply (see storage/turns.py)."""
        return await self._engine.write(lambda conn: _fetch(conn, member, key, to_ms(at)), apart=True)

    async def redirect(self, write: TurnWrite, *, taken: bool = False) -> bool:
        """Send by the outbox what a turn had answered and nobody fetched (see storage/turns.py)."""
        return await self._engine.write(lambda conn: _redirect(conn, write, self._keys, taken=taken), apart=True)

    async def unturned(self, limit: int) -> list[tuple[MemberKey, str]]:
        """Members (and the oldest key) with stored events that nobody has turned, oldest first."""
        return await self._engine.read(lambda conn: _unturned(conn, limit))

    async def purge(self, before: datetime) -> int:
        """Forget replies given before a moment, keep their keys. Gives how many."""
        count = 0
        while True:
            done = await self._engine.write(lambda conn: _purge(conn, to_ms(before)), apart=True)
            count += done
            if done < _PURGED_AT_ONCE:
                return count


def _fetch(conn: Connection, member: str, key: str, at: int) -> bool:
    return conn.execute(update(t.inbound).where(_unfetched(member, key)).values(fetched=at)).rowcount == 1


def _unfetched(member: str, key: str) -> ColumnElement[bool]:
    return and_(_replied(member, key), t.inbound.c.fetched.is_(None))


def _replied(member: str, key: str) -> ColumnElement[bool]:
    rows = t.inbound.c
    return and_(rows.key == key, rows.member == member, rows.reply.is_not(None))


def _redirect(conn: Connection, write: TurnWrite, keys: Keys, *, taken: bool) -> bool:
    silence = {"reply": keys.seal_bytes("inbound.reply", b""), "fetched": to_ms(write.at)}
    stored = (_replied if taken else _unfetched)(write.member.id, write.key)
    if not conn.execute(update(t.inbound).where(stored).values(silence)).rowcount:
        return False
    # Just the deliveries of a turn that came too late for a reply.
    for name, row in expand(replace(write, reply=None), keys).lines:
        if name == "delivery":
            run_line(conn, name, row)
    return True


def _unturned(conn: Connection, limit: int) -> list[tuple[MemberKey, str]]:
    rows, who = t.inbound.c, t.members.c
    # By member, as the partial index of what was received has it: nothing else of the table is looked at.
    oldest = select(func.min(rows.id)).where(rows.status == word("received")).group_by(rows.member)
    question = (
        select(who.channel, who.account, who.user_key, rows.key)
        .join_from(t.inbound, t.members, who.id == rows.member)
        .where(rows.id.in_(oldest))
        .order_by(rows.id)
        .limit(limit)
    )
    return [(MemberKey(channel, account, user), key) for channel, account, user, key in conn.execute(question)]


def _purge(conn: Connection, before: int) -> int:
    rows = t.inbound.c
    old = and_(rows.reply.is_not(None), rows.at < before)
    some = select(rows.id).where(old).limit(_PURGED_AT_ONCE)
    return conn.execute(update(t.inbound).where(rows.id.in_(some)).values(reply=None)).rowcount
