"""What handing out by duty and load goes by: cases for which nobody is proposed, who is away, who has what in hand."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, and_, func, not_, or_, select

from dialogs.desk.cases import Grade, Status
from dialogs.desk.duty import Hands
from storage import tables as t
from storage.engine import Engine
from storage.listed import listed
from storage.moments import to_ms
from storage.places import HURTS
from storage.statements import word

_c, _i, _k = t.cases.c, t.stand_ins.c, t.clearances.c
_HELD = ("working", "raised", "paused")


@dataclass(frozen=True, slots=True, kw_only=True)
class Unproposed:
    """A case that waits to be signed for, of which nobody is told that they should."""

    number: str
    version: int
    unit: str
    grade: Grade
    confidential: bool
    status: Status = Status.ACCEPTED
    owner: str = ""
    above: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Standings:
    """Of some people: who is away and who stands in for them, who is cleared, what each has in hand."""

    away: Mapping[str, tuple[str, ...]]
    cleared: frozenset[str]
    hands: Mapping[str, Hands]


class DutyStore:
    """Reads for handing out."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    async def unproposed(self, limit: int, but: Collection[str] = ()) -> list[Unproposed]:
        """List the cases for which nobody is proposed, what hurts most first, without these."""
        waits = and_(_c.status == word("accepted"), _c.proposed == word(""))
        question = select(_c.number, _c.version, _c.unit, _c.grade, _c.confidential).where(waits)
        if but:
            question = question.where(not_(listed(_c.number, but, along=True)))
        question = question.order_by(HURTS, _c.number).limit(limit)
        rows = await self._engine.read(lambda conn: conn.execute(question).all())
        return [
            Unproposed(
                number=row.number,
                version=row.version,
                unit=row.unit,
                grade=Grade(row.grade),
                confidential=bool(row.confidential),
            )
            for row in rows
        ]

    async def standings(self, names: Collection[str], weights: Mapping[Grade, int], now: datetime) -> Standings:
        """Say how these people stand at a moment, and those who stand in for them."""
        at = to_ms(now)

        def work(conn: Connection) -> Standings:
            away: dict[str, tuple[str, ...]] = {}
            held = and_(_i.since <= at, _i.until > at, _i.allowed.is_not(None), _i.ended.is_(None))
            absent = select(_i.absent, _i.stand_in).join_from(t.stand_ins, t.staff, t.staff.c.name == _i.stand_in)
            absent = absent.where(held, listed(_i.absent, names), t.staff.c.active)
            for row in conn.execute(absent.order_by(_i.absent, _i.stand_in)):
                away[row.absent] = (*away.get(row.absent, ()), row.stand_in)
            everybody = {*names, *(each for some in away.values() for each in some)}
            clear = and_(listed(_k.staff, everybody), _k.since <= at, _k.until > at, _k.ended.is_(None))
            return Standings(
                away=away,
                cleared=frozenset(conn.scalars(select(_k.staff).where(clear))),
                hands=_hands(conn, everybody, weights),
            )

        return await self._engine.read(work)


def _hands(conn: Connection, names: Collection[str], weights: Mapping[Grade, int]) -> dict[str, Hands]:
    held = and_(listed(_c.owner, names), or_(*(_c.status == word(each) for each in _HELD)))
    proposed = and_(_c.proposed != word(""), listed(_c.proposed, names), _c.status == word("accepted"))
    found: dict[str, Hands] = {}
    for who, condition, counts in ((_c.owner, held, 1), (_c.proposed, proposed, 0)):
        question = select(who.label("who"), _c.grade, func.count().label("n")).where(condition)
        for row in conn.execute(question.group_by(who, _c.grade)):
            was = found.get(row.who, Hands())
            weight = weights[Grade(row.grade)] * row.n
            found[row.who] = Hands(held=was.held + counts * row.n, load=was.load + weight)
    return found
