"""A case's time-line: the words of its own run and those about it since, its events, what became of deliveries.

Never the words of the member's other services.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import ColumnElement, Connection, and_, or_, select

from storage import tables as t
from storage.crypto import Keys
from storage.moments import from_ms, maybe_ms

_PARTS = 1000  # more than one turn ever says
_DAY = 24 * 3600 * 1000
_w, _e, _d, _f = t.transcript.c, t.case_events.c, t.deliveries.c, t.media.c


@dataclass(frozen=True, slots=True, kw_only=True)
class Carried:
    """How words travelled outside a reply, and what the platform said."""

    status: str
    way: str
    code: int
    words: str
    attempts: int
    settled: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Spoken:
    """Something said or sent. `kind` as in the transcript (said, voice, photo, place, tapped, followed …).

    `photo` is the id in storage of what was sent, once it was asked for; `carried` is None for words
    that travelled in the reply.
    """

    id: int
    at: datetime
    who: Literal["member", "bot", "staff"]
    kind: str
    text: str
    led: str
    photo: int | None
    carried: Carried | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Happened:
    """An act on the case: by whom, what it led from and to, its words (a note, a reason).

    `target` is where it was sent, to whom, which grade, how many days, until when (ms): as the act has it.
    """

    id: int
    at: datetime
    act: str
    by: str
    before: str
    after: str
    words: str
    target: str = ""
    post: str = ""
    stood_for: str = ""


Item = Spoken | Happened


def timeline(conn: Connection, case: Any, keys: Keys) -> tuple[Item, ...]:
    """Read everything of one case (a row of `cases`), oldest first; at one moment, words before acts."""
    items: list[Item] = [*_spoken(conn, case, keys), *happened(conn, case["number"], keys)]
    return tuple(sorted(items, key=lambda item: (item.at, isinstance(item, Happened), item.id)))


def _since(case: Any) -> int:
    """Tell since when words may be the case's own, with a day to spare: older months need not be opened at all."""
    since: int = case["since"]
    began = int(case["run"].rpartition("/")[2]) if case["run"] else since
    return min(began, since) - _DAY


def _own(case: Any) -> ColumnElement[bool]:
    about = _w.number == case["number"]
    if case["run"]:
        return or_(about, and_(_w.run == case["run"], _w.at <= case["opened"]))
    before = and_(_w.run == "", _w.number == "", _w.at >= case["since"], _w.at <= case["opened"])
    return or_(about, before)


def _spoken(conn: Connection, case: Any, keys: Keys) -> Iterator[Spoken]:
    carried = {
        row["key"]: _carried(row)
        for row in conn.execute(
            select(_d.key, _d.status, _d.way, _d.code, _d.words, _d.attempts, _d.settled).where(
                _d.member == case["member"], _d.number == case["number"]
            )
        ).mappings()
    }
    photos = dict(conn.execute(select(_f.media, _f.id).where(_f.member == case["member"])).all())
    mine = select(t.transcript).where(_w.member == case["member"], _w.at >= _since(case), _own(case))
    mine = mine.order_by(_w.turn, _w.part)
    for row in conn.execute(mine).mappings():
        place, at = row["turn"] * _PARTS + row["part"] * 2, from_ms(row["at"])
        if row["kind"]:
            yield Spoken(
                id=place,
                at=at,
                who="member",
                kind=row["kind"],
                text=keys.open("transcript.heard", row["heard"]),
                led=row["led"],
                photo=photos.get(row["media"]) if row["media"] else None,
                carried=None,
            )
        if row["who"]:
            yield Spoken(
                id=place + 1,
                at=at,
                who=row["who"],
                kind="said",
                text=keys.open("transcript.said", row["said"]),
                led=row["led"],
                photo=None,
                carried=carried.get(row["delivery"]) if row["delivery"] else None,
            )


def _carried(row: Any) -> Carried:
    return Carried(
        status=row["status"],
        way=row["way"],
        code=row["code"],
        words=row["words"],
        attempts=row["attempts"],
        settled=maybe_ms(row["settled"]),
    )


def happened(conn: Connection, number: str, keys: Keys) -> Iterator[Happened]:
    """Read the acts on a case, oldest first."""
    for row in conn.execute(select(t.case_events).where(_e.number == number).order_by(_e.id)).mappings():
        yield Happened(
            id=row["id"],
            at=from_ms(row["at"]),
            act=row["act"],
            by=row["by"],
            before=row["before"],
            after=row["after"],
            words=keys.open("case_events.words", row["words"]),
            target=row["target"],
            post=row["post"],
            stood_for=row["stood_for"],
        )
