"""The chain over the audit log: what is committed is linked within seconds, by one linker at a time.

Why no record can be skipped: a record is found by its own mark (`seq` is empty), not by a watermark over
ids. Ids are given before the commit, so on PostgreSQL a lower one may appear after a higher one, and a
watermark would have passed it by; the mark is still empty whenever it appears. What the linker reads is
committed (READ COMMITTED, one writer on SQLite), so nothing that is taken back is ever linked. The chain
has an order of its own (`seq`, without gaps): the order in which commits were found, within one look by id.

Why it cannot fork or break: links, marks and the new signed end are one transaction, which holds the end's
row. A second linker waits for that row and then sees the new end; who dies in the middle leaves nothing.

The new link always continues the *signed* end, never whatever the table's last row says: a chain that was
cut keeps its gap, and no later signature covers it up.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any, Final

from sqlalchemy import Connection, bindparam, func, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite

from storage import tables as t
from storage.audit import SIGNED, canonical, signed
from storage.crypto import Keys
from storage.engine import Engine
from storage.moments import from_ms, to_ms

GENESIS: Final = sha256(b"hongyan audit chain 1").digest()
_ID: Final = 1  # of the one row of the signed end
_PURGED_AT_ONCE: Final = 2000  # nobody's turn waits long behind it
_a, _c, _h, _n = t.audit.c, t.audit_chain.c, t.audit_head.c, t.audit_anchors.c
_WAITS = _a.seq.is_(None)


class EndBroken(Exception):  # noqa: N818  it says what was found
    """The audit chain's signed end is gone or was not signed by this service: nothing is linked behind it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class End:
    """The chain's end: how many links, the last one's hash, when it was linked, up to where records were purged."""

    seq: int
    chain: bytes
    at: int
    purged: int

    @property
    def content(self) -> bytes:
        """The bytes that are signed."""
        return f"end/{self.seq}/{self.chain.hex()}/{self.at}/{self.purged}".encode()


@dataclass(frozen=True, slots=True, kw_only=True)
class Anchor:
    """The chain's end as it was at some moment of a day, for the service's log."""

    day: str
    seq: int
    chain: bytes
    at: int

    @property
    def content(self) -> bytes:
        """The bytes that are signed."""
        return f"anchor/{self.day}/{self.seq}/{self.chain.hex()}/{self.at}".encode()

    @property
    def said(self) -> str:
        """The anchor as it stands in the log: `seq:hash`."""
        return f"{self.seq}:{self.chain.hex()}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Linked:
    """What one look did: how many records it linked, and the day's anchor where this was the day's first."""

    count: int
    anchor: Anchor | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How the chain stands. `waiting` records are not linked yet, the oldest since `oldest`; see `audit_head`."""

    seq: int
    at: datetime | None
    waiting: int
    oldest: datetime | None
    checked: datetime | None
    checked_seq: int
    broken: str


class Chain:
    """Links the audit log."""

    def __init__(self, engine: Engine, keys: Keys) -> None:
        self._engine, self._keys = engine, keys

    async def link(self, worker: str, now: datetime, day: str, *, lease: timedelta, limit: int = 500) -> Linked | None:
        """Link what waits, at most so much; None where another worker links. Raises EndBroken.

        The first look of a `day` leaves its anchor.
        """
        lent = {"lease_by": worker, "lease_until": to_ms(now + lease)}
        return await self._engine.write(lambda conn: self._link(conn, lent, to_ms(now), day, limit), apart=True)

    async def idle(self, day: str) -> bool:
        """Tell whether nothing waits, without writing."""

        def work(conn: Connection) -> bool:
            waits = conn.scalar(select(_a.id).where(_WAITS).limit(1)) is not None
            return not waits and conn.scalar(select(_n.day).where(_n.day == day)) is not None

        return await self._engine.read(work)

    async def last_anchor(self) -> Anchor | None:
        """Give the newest anchor."""
        question = select(_n.day, _n.seq, _n.chain, _n.at).order_by(_n.day.desc()).limit(1)
        row = await self._engine.read(lambda conn: conn.execute(question).first())
        return None if row is None else Anchor(day=row.day, seq=row.seq, chain=row.chain, at=row.at)

    async def standing(self) -> Standing:
        """Tell how the chain stands."""

        def work(conn: Connection) -> Standing:
            head = conn.execute(select(t.audit_head)).first()
            waiting, oldest = conn.execute(select(func.count(), func.min(_a.at)).where(_WAITS)).one()
            return Standing(
                seq=head.seq if head else 0,
                at=from_ms(head.at) if head else None,
                waiting=waiting,
                oldest=None if oldest is None else from_ms(oldest),
                checked=from_ms(head.checked) if head and head.checked else None,
                checked_seq=head.checked_seq or 0 if head else 0,
                broken=head.broken if head else "",
            )

        return await self._engine.read(work)

    async def keep_check(self, now: datetime, seq: int, broken: str) -> None:
        """Remember what a check up to `seq` found: '' is nothing wrong."""
        change = update(t.audit_head).values(checked=to_ms(now), checked_seq=seq, broken=broken)
        await self._engine.write(lambda conn: conn.execute(change).rowcount, apart=True)

    async def purge(self, before: datetime) -> int:
        """Forget the records before a moment, as far as they are the chain's first; their links stay. Gives how many.

        Raises EndBroken.
        """
        count = 0
        while done := await self._engine.write(lambda conn: self._purge(conn, to_ms(before)), apart=True):
            count += done
        return count

    def _link(self, conn: Connection, lent: dict[str, Any], at: int, day: str, limit: int) -> Linked | None:
        head = self._held(conn, at)
        if head.lease_by not in {"", lent["lease_by"]} and (head.lease_until or 0) > at:
            return None
        end = self._signed_end(head)
        rows = conn.execute(select(_a.id, *SIGNED, _a.mac).where(_WAITS).order_by(_a.id).limit(limit)).all()
        # Somebody else's rows behind the signed end stay where they are, for the check to name.
        last = max(end.seq, int(conn.scalar(select(func.max(_c.seq))) or 0))
        links = _links(rows, end.chain, last, at)
        if links:
            conn.execute(insert(t.audit_chain), links)
            mark = update(t.audit).where(_a.id == bindparam("row_id"), _WAITS).values(seq=bindparam("place"))
            conn.execute(mark, [{"row_id": link["row"], "place": link["seq"]} for link in links])
            end = End(seq=links[-1]["seq"], chain=links[-1]["chain"], at=at, purged=end.purged)
        self._keep(conn, end, **lent)
        return Linked(count=len(links), anchor=self._anchored(conn, end, day, at))

    def _held(self, conn: Connection, at: int) -> Any:
        """Give the row of the signed end, held until the transaction ends; made where nothing was ever linked."""
        held = select(t.audit_head).where(_h.id == _ID).with_for_update()
        head = conn.execute(held).first()
        if head is not None:
            return head
        if any(conn.scalar(select(func.count()).select_from(table)) for table in (t.audit_chain, t.audit_anchors)):
            # Perhaps another linker began the chain between the two questions: then its end is there now.
            head = conn.execute(held).first()
            if head is None:
                raise EndBroken("the end of the chain is gone")
            return head
        first = End(seq=0, chain=GENESIS, at=at, purged=0)
        maker = sqlite.insert if conn.dialect.name == "sqlite" else postgresql.insert
        made = {"seq": 0, "chain": GENESIS, "at": at, "purged": 0, "mac": self._keys.sign(first.content)}
        conn.execute(maker(t.audit_head).values(id=_ID, **made).on_conflict_do_nothing())
        return conn.execute(held).one()

    def _signed_end(self, head: Any) -> End:
        end = end_of(head)
        if self._keys.sign(end.content) != head.mac:
            raise EndBroken("the end of the chain was not signed by this service")
        return end

    def _keep(self, conn: Connection, end: End, **more: object) -> None:
        values = {"seq": end.seq, "chain": end.chain, "at": end.at, "purged": end.purged}
        change = update(t.audit_head).where(_h.id == _ID)
        conn.execute(change.values(**values, mac=self._keys.sign(end.content), **more))

    def _anchored(self, conn: Connection, end: End, day: str, at: int) -> Anchor | None:
        if conn.scalar(select(_n.day).where(_n.day == day)) is not None:
            return None
        anchor = Anchor(day=day, seq=end.seq, chain=end.chain, at=at)
        row = {"day": day, "seq": anchor.seq, "chain": anchor.chain, "at": at, "mac": self._keys.sign(anchor.content)}
        conn.execute(insert(t.audit_anchors), row)
        return anchor

    def _purge(self, conn: Connection, before: int) -> int:
        head = conn.execute(select(t.audit_head).where(_h.id == _ID).with_for_update()).first()
        if head is None:
            return 0
        end = self._signed_end(head)
        kept = conn.scalar(select(func.min(_a.seq)).where(_a.at >= before, _a.seq.is_not(None)))
        upto = min(end.seq if kept is None else int(kept) - 1, end.purged + _PURGED_AT_ONCE)
        if upto <= end.purged:
            return 0
        count = conn.execute(t.audit.delete().where(_a.seq <= upto)).rowcount
        self._keep(conn, End(seq=end.seq, chain=end.chain, at=end.at, purged=upto))
        return count


def end_of(head: Any) -> End:
    """Read the end from its row."""
    return End(seq=head.seq, chain=head.chain, at=head.at, purged=head.purged)


def chained(before: bytes, hashed: bytes) -> bytes:
    """Give the chain's next hash."""
    return sha256(before + hashed).digest()


def _links(rows: Any, chain: bytes, last: int, at: int) -> list[dict[str, Any]]:
    links = []
    for seq, row in enumerate(rows, last + 1):
        hashed = sha256(canonical(row.id, signed(row), row.mac)).digest()
        chain = chained(chain, hashed)
        links.append({"seq": seq, "row": row.id, "hash": hashed, "chain": chain, "at": at})
    return links
