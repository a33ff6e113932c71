"""The clocks of cases: those that are due are looked at together, and what fires is written with its events.

Looking and writing are one transaction: the locks on the rows are the lease. Any worker may die at any moment,
and what it had not committed never happened. What fires through something else (a member's turn, an act) is put
off until the lease is over, so that it comes again where its worker died.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Boolean,
    ColumnElement,
    Connection,
    Select,
    Text,
    any_,
    bindparam,
    cast,
    func,
    select,
    update,
)

from dialogs.desk.cases import Act, Grade, Status
from dialogs.desk.clocks import Clock, Look, Stage
from storage import tables as t
from storage.acts import fired_event, fired_row
from storage.engine import Engine
from storage.moments import from_ms, to_ms
from storage.statements import STATEMENTS, Insert, Row, compiled

_c = t.cases.c
# What a look at a clock changes of its case, in the order of `fired_row`; and what fires as an act of its own.
CHANGED = ("fires", "fired", "stage", "climbed", "alarmed")
_READ = (
    _c.number, _c.version, _c.status, _c.grade, _c.unit, _c.due, _c.fired, _c.owner, _c.above, _c.solved,
    _c.satisfied, _c.stage, _c.climbed, _c.contacts, _c.alarmed, _c.answer_by,
    _c.category,
)  # fmt: skip
# Its index holds all of the answer.
_WAITING = select(_c.number).where(_c.fires <= bindparam("at")).order_by(_c.fires, _c.number).limit(bindparam("most"))


def _due(among: ColumnElement[bool]) -> Select[Any]:
    due = select(*_READ).where(among, _c.fires <= bindparam("at")).order_by(_c.number)
    return due.with_for_update(skip_locked=True)


_GIVEN_ON_SQLITE = select(func.json_each(bindparam("numbers")).table_valued("value").c.value)
_DUE_ON_SQLITE = _due(_c.number.in_(_GIVEN_ON_SQLITE))
_DUE_ON_POSTGRES = _due(_c.number == any_(cast(bindparam("numbers"), ARRAY(Text))))
# Looking a word up costs a third of asking its enumeration, and a storm asks three hundred thousand times.
_STATUSES: Mapping[str, Status] = {each.value: each for each in Status}
_GRADES: Mapping[str, Grade] = {each.value: each for each in Grade}
_STAGES: Mapping[str, Stage] = {each.value: each for each in Stage}
ELSEWHERE = frozenset({Act.RESUME, Act.CLOSE})


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """A case of which something fires that is not only the clock's: it goes on, or is filed."""

    number: str
    version: int
    act: Act


@dataclass(frozen=True, slots=True, kw_only=True)
class Swept:
    """What one round came to: how many clocks were looked at, which fired (number, unit, act), what is to be done.

    `broken` could not be looked at (number, why): they are put off until the lease is over, and stop no other.
    """

    looked: int = 0
    fired: tuple[tuple[str, str, Act], ...] = ()
    due: tuple[Due, ...] = ()
    broken: tuple[tuple[str, Exception], ...] = ()


class Clocks:
    """Sweeps the clocks of cases."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    async def waiting(self, now: datetime, most: int) -> list[str]:
        """List the cases whose clocks are due, `most` at once of those that have been due longest, by their numbers.

        In that order they lie beside each other in the store, which makes a storm several times shorter.
        """
        given = {"at": to_ms(now), "most": most}
        return sorted(await self._engine.read(lambda conn: conn.scalars(_WAITING, given).all()))

    async def sweep(
        self, numbers: Sequence[str], now: datetime, lease: timedelta, look: Callable[[Clock], Look]
    ) -> Swept:
        """Look at those of these cases whose clocks are still due and in nobody else's hand; write what fired."""
        at, again = to_ms(now), now + lease
        return await self._engine.write(lambda conn: _sweep(conn, numbers, at, again, look), apart=True)


def _sweep(conn: Connection, numbers: Sequence[str], at: int, again: datetime, look: Callable[[Clock], Look]) -> Swept:
    changes: list[Row] = []
    events: list[Row] = []
    fired, due, broken = [], [], []
    on_sqlite = conn.dialect.name == "sqlite"
    given: Any = json.dumps(list(numbers)) if on_sqlite else list(numbers)
    for row in conn.execute(_DUE_ON_SQLITE if on_sqlite else _DUE_ON_POSTGRES, {"at": at, "numbers": given}).all():
        number = row.number
        try:
            clock = clock_of(row, row.category)
            seen = look(clock)
            event = None
            if seen.firing is not None and seen.firing.act in ELSEWHERE:
                due.append(Due(number=number, version=row.version, act=seen.firing.act))
                seen = Look(clock=clock, again=again)
            else:
                event = fired_event(number, seen, at, row.answer_by)
            changes.append(fired_row(number, seen))
        except Exception as why:  # noqa: BLE001  one that cannot be reckoned with, told by whoever sweeps
            broken.append((number, why))
            changes.append((to_ms(again), row.fired, row.stage, row.climbed, bool(row.alarmed), number))
            continue
        if event:
            events.append(event)
            fired.append((number, clock.unit, Act(event[2])))
    if changes:
        (_on_sqlite if on_sqlite else _on_postgres)(conn, changes, events)
    return Swept(looked=len(changes), fired=tuple(fired), due=tuple(due), broken=tuple(broken))


def clock_of(row: Any, category: str = "") -> Clock:
    """Give the clock of a case's state, or of a row that has the same columns."""
    return Clock(
        status=_STATUSES[row.status], grade=_GRADES[row.grade], unit=row.unit, category=category, due=from_ms(row.due),
        fired=from_ms(row.fired), owner=row.owner, above=row.above, rated=row.solved != "" or row.satisfied > 0,
        stage=_STAGES[row.stage], climbed=row.climbed, contacts=row.contacts, alarmed=bool(row.alarmed),
    )  # fmt: skip


# -- writing many at once ------------------------------------------------------------------
def _event() -> Insert:
    statement = STATEMENTS["case_event"]
    assert isinstance(statement, Insert)
    return statement


_EVENT = _event()
_ONE = update(t.cases).where(_c.number == bindparam("case")).values({name: bindparam(name) for name in CHANGED})
_ON_SQLITE, _ORDER = compiled(_ONE, "sqlite")
assert (*CHANGED, "case") == _ORDER, _ORDER


def _on_sqlite(conn: Connection, changes: Sequence[Row], events: Sequence[Row]) -> None:
    conn.exec_driver_sql(_ON_SQLITE, list(changes))
    for sql, values in _EVENT.pieces(events):
        conn.exec_driver_sql(sql, tuple(values))


_KINDS = {"fires": BigInteger, "fired": BigInteger, "stage": Text, "climbed": Text, "alarmed": Boolean, "number": Text}
_GIVEN = (
    func.unnest(*(cast(bindparam(f"given_{name}"), ARRAY(kind)) for name, kind in _KINDS.items()))
    .table_valued(*_KINDS, name="given")
    .render_derived()
)
_MANY = (
    update(t.cases).where(_c.number == _GIVEN.c.number).values({name: _GIVEN.c[name] for name in CHANGED})
)  # fmt: skip


def _on_postgres(conn: Connection, changes: Sequence[Row], events: Sequence[Row]) -> None:
    columns = zip(*changes, strict=True)
    conn.execute(_MANY, {f"given_{name}": list(column) for name, column in zip(_KINDS, columns, strict=True)})
    if events:
        conn.exec_driver_sql(_EVENT.postgres, tuple(list(column) for column in zip(*events, strict=True)))
