"""Random lives of cases, as staff and members really may lead them, and the figures counted one case at a time.

The recount looks at nothing but what happened and how the case stood then: it shares no line with what it checks.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from hypothesis import strategies as st
from sqlalchemy import Connection, delete, insert

from dialogs.desk.cases import TABLE, Act
from dialogs.desk.figures import Kind
from dialogs.desk.wishes import Actor, Wish, decide, may, offers
from dialogs.effects import ActOnCase, Moves
from storage import tables as t
from storage.acts import Applied, CaseState, apply_act, event_row
from storage.moments import from_ms, to_ms
from storage.statements import STATEMENTS
from tests.desk.test_case_lives import HEAD, NOW, PEOPLE, UNITS, known, opened, standing

OPEN = ("accepted", "returned", "working", "raised", "paused", "merged")
_EVENT = STATEMENTS["case_event"]
_COLUMNS = _EVENT.columns
CATEGORIES = ("road.lamp", "water.cut")


@dataclass(frozen=True, slots=True)
class Step:
    """What happened, when, and how the case stood before and after."""

    at: int
    act: str
    by: str
    solved: str
    satisfied: int
    before: CaseState | None
    after: CaseState


@dataclass(slots=True)
class Life:
    """One case from its opening on, with the rows that it leaves in the database."""

    state: CaseState
    confidential: bool
    category: str
    opened: int
    contact_by: int
    steps: list[Step] = field(default_factory=list)
    rows: list[dict[str, Any]] = field(default_factory=list)

    def act(self, act: ActOnCase, at: datetime) -> bool:
        applied = apply_act(self.state, act, to_ms(at))
        if not isinstance(applied, Applied):
            return False
        self.rows.append(dict(zip(_COLUMNS, event_row(applied, act, to_ms(at), None), strict=True)))
        self.steps.append(
            Step(to_ms(at), act.act.value, act.by, act.solved, act.satisfied, applied.before, applied.state)
        )
        self.state = applied.state
        return True


def begun(serial: int, at: datetime, unit: str, category: str, *, confidential: bool) -> Life:
    state = replace(
        opened(),
        number=f"HY-261101-{serial:04d}-0",
        unit=unit,
        sign_by=to_ms(at + timedelta(hours=2)),
        answer_by=to_ms(at + timedelta(days=5)),
        due=to_ms(at + timedelta(hours=2)),
        last_at=to_ms(at),
    )
    life = Life(state, confidential, category, to_ms(at), to_ms(at + timedelta(days=1)))
    life.steps.append(Step(to_ms(at), "open", "member", "", 0, None, state))
    plain = {"number": state.number, "at": to_ms(at), "act": "open", "by": "member", "before": "", "after": "accepted"}
    more = {"target": category, "unit": unit, "answer_by": state.answer_by, "from_unit": "", "from_limit": None}
    life.rows.append({**dict.fromkeys(_COLUMNS, ""), **plain, **more, "words": None})
    return life


@st.composite
def lives(draw: st.DrawFn) -> list[Life]:
    """Some cases over two months, in which a lot happens."""
    found = []
    for serial in range(draw(st.integers(1, 4))):
        at = NOW - timedelta(days=40) + timedelta(hours=draw(st.integers(0, 24 * 30)))
        unit, category = draw(st.sampled_from(UNITS)), draw(st.sampled_from(CATEGORIES))
        life = begun(serial, at, unit, category, confidential=draw(st.booleans()))
        for hours, pick in draw(st.lists(st.tuples(st.integers(0, 24 * 6), st.integers(0, 2**20)), max_size=14)):
            at += timedelta(hours=hours)
            _something(life, at, pick)
        found.append(life)
    return found


def _something(life: Life, at: datetime, pick: int) -> None:
    """Let one of those who may do something next do it."""
    case = replace(standing(life.state), opened=from_ms(life.opened))
    if pick % 4 == 0:
        _member(life, at, pick // 4)
        return
    holder = [each for each in PEOPLE if each.name == life.state.owner]
    who = (holder or [HEAD])[0] if pick % 3 else HEAD
    able = [Wish(act=act, version=case.version, words="…") for act in _PLAIN if not may(act, case, (who,), at, known())]
    for offer in offers(case, (who,), at, known()):
        to = offer.choices[pick % len(offer.choices)] if offer.choices else HEAD.name
        able.append(Wish(act=offer.act, version=case.version, words="…", to=to))
    leading = [wish for wish in able if TABLE[case.status, wish.act] is not case.status]
    wishes = leading if leading and pick % 5 else able
    if wishes:
        _wish(life, at, who, wishes[pick // 7 % len(wishes)])


_PLAIN = (Act.CLAIM, Act.WRITE, Act.ANSWER, Act.CLOSE)


def _wish(life: Life, at: datetime, who: Actor, wish: Wish) -> None:
    done = decide(wish, replace(standing(life.state), opened=from_ms(life.opened)), who, at, known())
    if isinstance(done, ActOnCase):
        life.act(done, at)


def _member(life: Life, at: datetime, pick: int) -> None:
    number = life.state.number
    acts: tuple[dict[str, Any], ...] = (
        {"act": Act.ADD},
        {"act": Act.RATE, "solved": ("yes", "partly", "no")[pick % 3]},
        {"act": Act.RATE, "satisfied": 1 + pick % 5},
        {"act": Act.REOPEN, "moves": Moves(answer_by=at + timedelta(days=2), due=at + timedelta(days=2))},
        {"act": Act.WITHDRAW} if pick % 11 == 0 else {"act": Act.ADD},
    )
    life.act(ActOnCase(number=number, **acts[pick % len(acts)]), at)


def keep(conn: Connection, found: Sequence[Life]) -> None:
    """Put these cases, and no others, into a database."""
    conn.execute(delete(t.case_events))
    conn.execute(delete(t.cases))
    conn.execute(insert(t.cases), [_case(life) for life in found])
    # In the order in which it happened, as a real service writes it.
    rows = sorted((row for life in found for row in life.rows), key=lambda row: int(row["at"]))
    conn.execute(insert(t.case_events), rows)


def _case(life: Life) -> dict[str, Any]:
    state = {name: getattr(life.state, name) for name in CaseState.__slots__}
    first = life.steps[0].after.unit
    plain = {"member": "m", "service": "help", "title": "路灯", "first_unit": first, "reach": "here", "since": 0}
    more = {"opened": life.opened, "contact_by": life.contact_by, "category": life.category}
    return {**plain, **more, **state, "confidential": life.confidential}


Counted = tuple[str, str, Kind]  # the number, the unit, the kind


def recount(life: Life, start: int, end: int) -> Iterator[Counted]:
    """Say as what a case counts in a period."""
    number = life.state.number
    within = [step for step in life.steps if start <= step.at < end]
    for step in within[:1]:
        if step.act == "open":
            yield number, step.after.unit, Kind.OPENED
    for act in ("return", "urge", "reopen", "raise", "withdraw", "give_time"):
        for step in [step for step in within if step.act == act][-1:]:
            yield number, step.after.unit, Kind(act)
    for step in [step for step in within if step.act in {"answer", "refer", "reopen"}][-1:]:
        if step.act != "reopen":
            yield number, step.after.unit, Kind.KEPT if step.at <= step.after.answer_by else Kind.LATE
    for step in [step for step in within if step.act == "rate" and step.solved][-1:]:
        yield number, step.after.unit, Kind(step.solved)
    for step in [step for step in within if step.act == "rate" and step.satisfied][-1:]:
        yield number, step.after.unit, Kind(str(step.satisfied))
    yield from _stood(life, end)
    yield from _contacted(life, start, end)


def _stood(life: Life, end: int) -> Iterator[Counted]:
    for step in [step for step in life.steps if step.at < end][-1:]:
        if step.after.status == "paused":
            yield life.state.number, step.after.unit, Kind.PAUSED
        elif step.after.status in OPEN:
            yield life.state.number, step.after.unit, Kind.OVERDUE if step.after.answer_by < end else Kind.RUNNING


def _contacted(life: Life, start: int, end: int) -> Iterator[Counted]:
    if not start <= life.contact_by < end:
        return
    first, unit = life.contact_by, life.steps[0].after.unit
    written = [step.at for step in life.steps if step.act in {"write", "answer", "refer", "pause"}]
    gone = [step.at for step in life.steps if step.act == "withdraw"]
    if written and written[0] <= first:
        yield life.state.number, unit, Kind.CONTACTED
    elif not (gone and gone[-1] <= first):
        yield life.state.number, unit, Kind.MISSED


def left_out(life: Life, settled: int) -> bool:
    """Whether it does not count in the rates."""
    said = [step.act for step in life.steps if step.act in {"exclude", "include"} and step.at < settled]
    return said[-1:] == ["exclude"]
