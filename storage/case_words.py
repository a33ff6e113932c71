"""The words of cases as search knows them: filled in behind the turns, never by them.

A cursor goes along `case_events`; whoever holds its lease brings the words of every case that moved
on since to what they are now. A case is behind while the version of its words is not its own, so that
doing it twice does nothing. On PostgreSQL a row may appear after a later one: the cursor itself goes only
so far as nothing comes late any more, and what lies before it is looked through again and again.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, Literal

import msgspec
from sqlalchemy import Connection, and_, func, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite

from dialogs.desk.cases import Act
from storage import tables as t
from storage.codec import decode_filled
from storage.crypto import Keys, SealBroken
from storage.engine import Engine
from storage.grams import Numbered, gram_index
from storage.moments import to_ms
from storage.timeline import Happened, Item, Spoken, timeline

Kind = Literal["title", "place", "matter", "form", "member", "staff", "note"]
Line = tuple[Kind, str]

# Rows of case_events that are looked through at once, and how far back it begins.
_WINDOW: Final = 2000
_AGAIN: Final = 500
_LONGEST: Final = 20_000  # characters of one case; beyond that it is a pasted file
# ms. No transaction of a turn or an act is open so long.
_SETTLED: Final = 10_000
_NAME = "case_words"
_c, _e, _w, _k = t.cases.c, t.case_events.c, t.case_words.c, t.cursors.c
_encoder = msgspec.json.Encoder()
_decoder = msgspec.json.Decoder(list[Line])
# The words of these acts are in the transcript as well, as they were said.
_SAID = frozenset({Act.ADD, Act.WRITE, Act.ANSWER, Act.REFER})


@dataclass(frozen=True, slots=True, kw_only=True)
class Behind:
    """Cases whose words are behind, and where the cursor goes once they are not; `at` is where it stands."""

    numbers: tuple[str, ...]
    at: int
    to: int


class CaseWords:
    """Keeps the words of cases where search finds them."""

    def __init__(self, engine: Engine, keys: Keys) -> None:
        self._engine, self._keys = engine, keys
        self._index, self._numbered = gram_index(engine.name), Numbered(keys)

    async def claim(self, worker: str, now: datetime, lease: timedelta, limit: int) -> Behind | None:
        """Give at most so many cases that are behind; None where there are none, or where somebody else is at it."""
        at, until = to_ms(now), to_ms(now + lease)
        cursor = await self._engine.read(lambda conn: conn.execute(select(t.cursors).where(_k.name == _NAME)).first())
        if cursor is None or cursor.lease_by != worker or cursor.lease_until - at < (until - at) // 2:
            taken = await self._engine.write(lambda conn: _take(conn, worker, at, until), apart=True)
            if taken is None:
                return None
            stands = taken
        else:
            stands = cursor.at
        found = await self._engine.read(lambda conn: _behind(conn, stands, limit, at))
        return found if found.numbers or found.to != found.at else None

    async def bring_up(self, behind: Behind) -> None:
        """Bring the words of these cases to what they are now, and move the cursor on."""
        read = [found for number in behind.numbers if (found := await self._read(number))]
        words = [
            (number, version, lines, self._numbered.of_lines(each for _, each in lines))
            for number, version, lines in read
        ]

        def work(conn: Connection) -> None:
            for number, version, lines, grams in words:
                self._put(conn, number, version, lines, grams)
            moved = update(t.cursors).where(_k.name == _NAME, _k.at == behind.at).values(at=behind.to)
            conn.execute(moved)

        await self._engine.write(work, apart=True)

    async def _read(self, number: str) -> tuple[str, int, tuple[Line, ...]] | None:
        def work(conn: Connection) -> tuple[Any, tuple[Item, ...]] | None:
            row = conn.execute(select(t.cases).where(_c.number == number)).mappings().first()
            if row is None or row["confidential"]:
                return None
            try:
                return row, timeline(conn, row, self._keys)
            except SealBroken:  # it cannot be read at its own page either, which says so
                return row, ()

        found = await self._engine.read(work)
        if found is None:
            return None
        row, items = found
        return number, row["version"], _lines(row, items, self._keys)

    def _put(self, conn: Connection, number: str, version: int, lines: Sequence[Line], grams: list[int]) -> None:
        sealed = self._keys.seal_bytes("case_words.words", _encoder.encode(lines))
        maker = sqlite.insert if conn.dialect.name == "sqlite" else postgresql.insert
        put = maker(t.case_words).values(number=number, version=version, words=sealed)
        put = put.on_conflict_do_update(
            index_elements=[_w.number], set_={"version": put.excluded.version, "words": put.excluded.words}
        )
        row, before = conn.execute(put.returning(_w.id, _w.grams)).one()
        kept = self._index.put(conn, row, grams, before)
        if kept != before:
            conn.execute(update(t.case_words).where(_w.id == row).values(grams=kept))


def opened(keys: Keys, sealed: bytes) -> list[Line]:
    """Open the words of a case: kinds and lines."""
    return _decoder.decode(keys.open_bytes("case_words.words", sealed))


def _take(conn: Connection, worker: str, at: int, until: int) -> int | None:
    """Take the lease, if nobody has it; gives where the cursor stands."""
    maker = sqlite.insert if conn.dialect.name == "sqlite" else postgresql.insert
    conn.execute(maker(t.cursors).values(name=_NAME).on_conflict_do_nothing(index_elements=[_k.name]))
    free = and_(_k.name == _NAME, or_(_k.lease_by == worker, _k.lease_until <= at))
    taken = update(t.cursors).where(free).values(lease_by=worker, lease_until=until).returning(_k.at)
    return conn.execute(taken).scalar()


def _behind(conn: Connection, at: int, limit: int, now: int) -> Behind:
    newest = conn.scalar(select(func.max(_e.id))) or 0
    to = min(at + _WINDOW, newest)
    passed = and_(_e.id > at - _AGAIN, _e.id <= to)
    late = or_(_w.version.is_(None), _w.version != _c.version)
    question = (
        select(_e.number)
        .join_from(t.case_events, t.cases, _c.number == _e.number)
        .outerjoin(t.case_words, _w.number == _e.number)
        .where(passed, late, _c.confidential.is_(False))
        .group_by(_e.number)
        .order_by(func.min(_e.id))
        .limit(limit)
    )
    numbers = tuple(conn.scalars(question))
    if len(numbers) == limit:
        return Behind(numbers=numbers, at=at, to=at)
    # What is later than now was written before the clock was put back.
    settled = or_(_e.at <= now - _SETTLED, _e.at > now)
    passing = conn.scalar(select(func.max(_e.id)).where(_e.id > at, _e.id <= to, settled))
    return Behind(numbers=numbers, at=at, to=passing or at)


def _lines(row: Any, items: Iterable[Item], keys: Keys) -> tuple[Line, ...]:
    """Gather what people wrote about a case and what its form says; not what the service says of itself."""
    found = dict.fromkeys(each for each in _written(row, items, keys) if each[1].strip())
    kept, size = list[Line](), 0
    for kind, words in found:
        size += len(words)
        if size > _LONGEST:
            break
        kept.append((kind, words))
    return tuple(kept)


def _written(row: Any, items: Iterable[Item], keys: Keys) -> Iterator[Line]:
    yield "title", row["title"]
    try:
        yield "place", keys.open("cases.place", row["place"])
        yield "matter", keys.open("cases.matter", row["matter"])
        filled = decode_filled(keys.open_bytes("cases.filled", row["filled"])) if row["filled"] else ()
    except SealBroken:
        return
    for answer in filled:
        if not answer.private:
            yield "form", answer.shown
    for item in items:
        match item:
            case Spoken(who="member", kind="said" | "voice" | "photo" | "place", text=text):
                yield "member", text
            case Spoken(who="staff", text=text):
                yield "staff", text
            case Happened(act=act, words=words) if act not in _SAID:
                yield "note", words
            case _:
                pass
