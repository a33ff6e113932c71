"""Checks the audit log against its chain, and names the first place that is wrong.

What can be seen: a record that was changed, taken out or slipped in; links changed, swapped, taken out or
added; an end cut off (the signed end and the signed anchors say how long the chain was). Who also holds an
anchor from the service's log sees a whole database set back to an earlier day.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any, Literal, NamedTuple

from sqlalchemy import Connection, and_, exists, func, select

from storage import tables as t
from storage.audit import SIGNED, signed, with_id, written
from storage.audit_chain import GENESIS, Anchor, chained, end_of
from storage.crypto import Keys
from storage.engine import Engine
from storage.moments import from_ms, to_ms

_a, _c, _h, _n = t.audit.c, t.audit_chain.c, t.audit_head.c, t.audit_anchors.c
_PAGE = 5000
Kind = Literal["changed", "missing", "inserted", "cut", "link", "end", "anchor"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Broken:
    """The first place that is wrong. `seq` is the link's number (0: it has none), `row` the record's id.

    `changed`, `missing`, `inserted`: a record. `link`: a link that does not continue the one before it, or is gone.
    `cut`: links at the end are gone. `end`, `anchor`: its signature is not the service's, or it is gone.
    """

    kind: Kind
    seq: int = 0
    row: int = 0
    at: datetime | None = None
    by: str = ""
    act: str = ""
    subject: str = ""
    day: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """So many links of so many are checked."""

    done: int
    total: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """The check is over: the links that were looked at, up to which; records that wait; what is wrong, if anything."""

    links: int
    upto: int
    records: int
    purged: int
    waiting: int
    broken: Broken | None


@dataclass(slots=True)
class _Walk:
    """Where the check stands: the last link's number and hash (None behind a gap), and the first mistake."""

    seq: int
    chain: bytes | None
    links: int = 0
    records: int = 0
    broken: Broken | None = None

    def found(self, broken: Broken) -> None:
        """Keep the first."""
        self.broken = self.broken or broken


@dataclass(frozen=True, slots=True, kw_only=True)
class _Frame:
    """What is signed: the end, the anchors by their links; and the first signature that is wrong."""

    seq: int
    chain: bytes
    purged: int
    anchors: dict[int, Anchor]
    broken: Broken | None


class Proof:
    """Checks the chain."""

    def __init__(self, engine: Engine, keys: Keys) -> None:
        self._engine, self._keys = engine, keys

    async def check(
        self, *, since: datetime | None = None, anchor: str = "", page: int = _PAGE
    ) -> AsyncIterator[Progress | Checked]:
        """Check everything, or from the last good anchor before a moment on; says how far it is, then what it found.

        `anchor` is one from the service's log (`seq:hash`), which the chain must hold.
        """
        frame = await self._engine.read(self._frame)
        start = max((seq for seq, each in frame.anchors.items() if since and each.at <= to_ms(since)), default=0)
        walk = _Walk(seq=start, chain=frame.anchors[start].chain if start else GENESIS)
        if start:
            await self._engine.read(lambda conn: self._base(conn, walk))
        total = await self._engine.read(lambda conn: conn.scalar(select(func.count()).where(_c.seq > start))) or 0
        log = _logged(anchor)
        while rows := await self._engine.read(lambda conn: _links(conn, walk.seq, page)):
            for row in rows:
                self._link(_Link(*row), walk, frame)
            if log and rows[0][0] <= log[0] <= walk.seq:
                await self._engine.read(lambda conn: self._held_against(conn, walk, log))
            yield Progress(done=walk.links, total=total)
        self._ended(walk, frame, log)
        waiting = await self._engine.read(lambda conn: self._loose(conn, walk))
        yield Checked(
            links=walk.links,
            upto=walk.seq,
            records=walk.records,
            purged=frame.purged,
            waiting=waiting,
            broken=walk.broken,
        )

    def _frame(self, conn: Connection) -> _Frame:
        head = conn.execute(select(t.audit_head)).first()
        anchors: dict[int, Anchor] = {}
        broken = None
        for row in conn.execute(select(t.audit_anchors).order_by(_n.day)):
            anchor = Anchor(day=row.day, seq=row.seq, chain=row.chain, at=row.at)
            if self._keys.sign(anchor.content) == row.mac:
                anchors[anchor.seq] = anchor
            else:
                broken = broken or Broken(kind="anchor", seq=row.seq, day=row.day)
        if head is None:
            linked = anchors or conn.scalar(select(_c.seq).limit(1)) is not None
            return _Frame(
                seq=0, chain=GENESIS, purged=0, anchors=anchors, broken=Broken(kind="end") if linked else broken
            )
        end = end_of(head)
        if self._keys.sign(end.content) != head.mac:
            broken = broken or Broken(kind="end", seq=end.seq)
        return _Frame(seq=end.seq, chain=end.chain, purged=end.purged, anchors=anchors, broken=broken)

    def _held_against(self, conn: Connection, walk: _Walk, log: tuple[int, bytes]) -> None:
        """Hold the chain against an anchor of the log."""
        if conn.scalar(select(_c.chain).where(_c.seq == log[0])) != log[1]:
            walk.found(Broken(kind="anchor", seq=log[0]))

    def _base(self, conn: Connection, walk: _Walk) -> None:
        """Hold the link that a later check begins behind against its anchor."""
        if conn.scalar(select(_c.chain).where(_c.seq == walk.seq)) != walk.chain:
            walk.found(Broken(kind="anchor", seq=walk.seq))

    def _link(self, row: _Link, walk: _Walk, frame: _Frame) -> None:
        """Look at one link and its record: the record first, so that what was done to it is said by its name."""
        if row.seq != walk.seq + 1:
            walk.found(Broken(kind="link", seq=walk.seq + 1))
            walk.chain = None
        if row.id is not None:
            walk.records += 1
            if wrong := self._wrong(row):
                walk.found(_named(wrong, row))
        elif row.seq > frame.purged:
            walk.found(Broken(kind="missing", seq=row.seq, row=row.row))
        if walk.chain is not None and chained(walk.chain, row.hash) != row.chain:
            walk.found(_named("link", row))
        anchor = frame.anchors.get(row.seq)
        if anchor is not None and anchor.chain != row.chain:
            walk.found(Broken(kind="anchor", seq=row.seq, day=anchor.day))
        walk.seq, walk.chain, walk.links = row.seq, row.chain, walk.links + 1

    def _wrong(self, row: _Link) -> Kind | None:
        """Tell what is wrong with a record that has a link."""
        assert row.id is not None
        assert row.mac is not None
        content = written((row.at, *row[6:15]))
        fits = sha256(with_id(row.id, content, row.mac)).digest() == row.hash
        if self._keys.sign(content) != row.mac:
            # One that the service never wrote, linked by itself, fits its link all the same.
            return "inserted" if fits else "changed"
        return None if fits and row.place == row.seq else "changed"

    def _ended(self, walk: _Walk, frame: _Frame, log: tuple[int, bytes] | None) -> None:
        known = max([frame.seq, *frame.anchors, log[0] if log else 0])
        if walk.seq < known:
            walk.found(Broken(kind="cut", seq=walk.seq + 1))
        elif walk.seq > frame.seq:
            walk.found(Broken(kind="link", seq=frame.seq + 1))
        elif walk.links and walk.chain != frame.chain:
            walk.found(Broken(kind="end", seq=frame.seq))
        # After the records: whoever wrote a whole new chain could not sign its end, but began somewhere.
        if frame.broken is not None:
            walk.found(frame.broken)

    def _loose(self, conn: Connection, walk: _Walk) -> int:
        """Look at the records without a link: they wait for one, or were slipped in. Gives how many wait."""
        unlinked = ~exists().where(_c.row == _a.id)
        marked = select(_a.id, _a.at, _a.by, _a.act, _a.subject, _a.seq).where(_a.seq.is_not(None), unlinked)
        if (row := conn.execute(marked.order_by(_a.id).limit(1)).first()) is not None:
            walk.found(_named("inserted", row))
        waiting = 0
        fields = (_a.id, *SIGNED, _a.mac)
        for row in conn.execute(select(*fields).where(and_(_a.seq.is_(None), unlinked)).order_by(_a.id)):
            waiting += 1
            if self._keys.sign(written(signed(row))) != row.mac:
                walk.found(_named("inserted", row))
        unmarked = select(*fields).join(t.audit_chain, _c.row == _a.id).where(_a.seq.is_(None)).order_by(_a.id).limit(1)
        if (row := conn.execute(unmarked).first()) is not None:
            walk.found(_named("changed", row))
        return waiting


class _Link(NamedTuple):
    """A link with its record, whose fields are None where that is gone."""

    seq: int
    row: int
    hash: bytes
    chain: bytes
    id: int | None
    at: int
    by: str
    post: str
    unit: str
    act: str
    kind: str
    subject: str
    note: str
    source: str
    key: str
    mac: bytes | None
    place: int | None


def _links(conn: Connection, after: int, page: int) -> Sequence[Any]:
    columns = (_c.seq, _c.row, _c.hash, _c.chain, _a.id, *SIGNED, _a.mac, _a.seq.label("place"))
    question = select(*columns).join_from(t.audit_chain, t.audit, _a.id == _c.row, isouter=True)
    return conn.execute(question.where(_c.seq > after).order_by(_c.seq).limit(page)).all()


def _named(kind: Kind, row: Any) -> Broken:
    if row.id is None:
        return Broken(kind=kind, seq=row.seq, row=row.row)
    seq = getattr(row, "seq", 0) or 0
    return Broken(kind=kind, seq=seq, row=row.id, at=from_ms(row.at), by=row.by, act=row.act, subject=row.subject)


def _logged(anchor: str) -> tuple[int, bytes] | None:
    """Read an anchor of the log. Raises ValueError."""
    if not anchor:
        return None
    seq, _, chain = anchor.partition(":")
    return int(seq), bytes.fromhex(chain)
