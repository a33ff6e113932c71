"""One act on one case: the only place that applies the transition table of dialogs/desk/cases.py.

Pure: the state as read and locked goes in, the state as it shall be comes out. Turns and the desk
both come through here.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from operator import attrgetter
from typing import Any

from dialogs.desk.cases import BROUGHT, OPEN, UNSETTLED, Act, Grade, Refused, Status, after
from dialogs.desk.clocks import BY, Look
from dialogs.desk.figures import CONTACTS, clock, said_of_it
from dialogs.desk.tags import changed as changed_tags
from dialogs.effects import ActOnCase, Moves
from storage import tables as t
from storage.moments import to_ms
from storage.statements import STATE, Row


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseState:
    """The columns of a case that acts change, and which case it joined. Moments are milliseconds since the epoch."""

    number: str
    status: str
    grade: str
    unit: str
    version: int
    sign_by: int
    answer_by: int
    due: int
    signed: int | None
    answered: int | None
    closed: int | None
    owner: str
    first_owner: str
    sent_by: str
    above: str
    returns: int
    asked: int
    extended: bool
    paused: int | None
    solved: str
    satisfied: int
    last_who: str
    last_at: int
    same_as: str
    contacted: int | None
    excluded: str
    began: int
    fires: int | None
    fired: int
    stage: str
    climbed: str
    contacts: int
    alarmed: bool
    urged: int | None
    tags: str
    main: str
    proposed: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Stale:
    """The case moved on since it was read; `version` is the one it has now."""

    version: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Applied:
    """What an act made of a case."""

    before: CaseState
    state: CaseState


# To look changes nothing that others read.
_LOOKS = frozenset({Act.REVEAL, Act.SEE_IDENTITY})
# To propose somebody changes nothing that anybody decides by: whoever has the case open may still sign for it.
_QUIET = _LOOKS | {Act.PROPOSE}
NAMES_OWNER = frozenset({Act.HAND_OVER, Act.ASSIGN})
STATE_COLUMNS = tuple(t.cases.c[name] for name in CaseState.__slots__)
_MINUTE = 60_000  # ms
_BY_STAFF = frozenset({Act.WRITE, Act.ANSWER, Act.REFER})
_BY_MEMBER = frozenset({Act.ADD, Act.RATE, Act.REOPEN, Act.WITHDRAW})
_changed = attrgetter(*STATE)
_values = attrgetter(*CaseState.__slots__)


def replace(state: CaseState, **changes: Any) -> CaseState:
    """Give the state with these changes: as that of dataclasses, which looks at each field by itself and is slower."""
    return CaseState(**{**dict(zip(CaseState.__slots__, _values(state), strict=True)), **changes})


def apply_act(state: CaseState, act: ActOnCase, at: int) -> Applied | Refused | Stale:
    """Apply one act at a moment (ms), or say why not. The version grows with every act that changes what is read."""
    if act.version is not None and act.version != state.version:
        return Stale(version=state.version)
    status = after(Status(state.status), act.act)
    if isinstance(status, Refused):
        return status
    if act.act in NAMES_OWNER and not (act.moves and act.moves.owner):
        return Refused("nobody named")
    if act.act is Act.PROPOSE and (state.proposed or not (act.moves and act.moves.proposed)):
        return Refused("proposed already" if state.proposed else "nobody named")
    grown = state.version + (act.act not in _QUIET)
    new = replace(state, status=status.value, version=grown)
    for change in (_going_on, _marked, _moved, _spoken):
        new = change(new, act, at)
    new = replace(new, first_owner=state.first_owner or new.owner)
    return Applied(before=state, state=_wound(state, new, at))


def _going_on(state: CaseState, act: ActOnCase, at: int) -> CaseState:
    """A case that waits for its member no longer: its clock goes on from where it stood still, to the minute.

    Else a limit at the end of work would move some seconds past it, and be told by the clock.
    """
    del act
    if state.paused is None or state.status == Status.PAUSED:
        return state
    stood = max(at - state.paused, 0) // _MINUTE * _MINUTE
    answer_by = state.answer_by + stood
    return replace(state, answer_by=answer_by, due=answer_by, began=state.began + stood, paused=None)


def _marked(state: CaseState, act: ActOnCase, at: int) -> CaseState:
    match act.act:
        case Act.CLAIM:
            return replace(state, due=state.answer_by, signed=at, owner=act.by, proposed="")
        case Act.ASSIGN:
            return replace(state, due=state.answer_by, signed=at, proposed="")
        case Act.TRANSFER:
            return replace(state, signed=None)
        case Act.ANSWER | Act.REFER:
            return replace(state, answered=at)
        case Act.REOPEN:
            # It may have been answered with others; what is done again is its own matter.
            return _rated(replace(state, closed=None, began=at, main=""), act)
        case Act.PAUSE:
            return replace(state, contacts=state.contacts + 1)
        case Act.URGE:
            return replace(state, urged=at)
        case Act.CLOSE | Act.WITHDRAW:
            return replace(state, closed=at)
        case Act.RATE:
            return _rated(state, act)
        case _:
            return state


def _moved(state: CaseState, act: ActOnCase, at: int) -> CaseState:
    del at
    if act.moves is None:
        return state
    moved = replace(state, **_changes(act.moves))
    return moved if moved.unit == state.unit else replace(moved, proposed="")


def _changes(moves: Moves) -> dict[str, Any]:
    given = {name: getattr(moves, name) for name in Moves.__slots__}
    return {name: _stored(value) for name, value in given.items() if value is not None}


def _stored(value: Any) -> Any:
    match value:
        case datetime():
            return to_ms(value)
        case Grade():
            return value.value
        case _:
            return value


def _rated(state: CaseState, act: ActOnCase) -> CaseState:
    return replace(state, solved=act.solved or state.solved, satisfied=act.satisfied or state.satisfied)


def _spoken(state: CaseState, act: ActOnCase, at: int) -> CaseState:
    if state.contacted is None and act.act in CONTACTS and act.by != "member":
        state = replace(state, contacted=at)
    if act.act in _BY_STAFF:
        return replace(state, last_who="staff", last_at=at)
    if act.act in _BY_MEMBER and act.by == "member":
        return replace(state, last_who="member", last_at=at)
    return state


_limit = attrgetter("status", "due", "grade", "unit", "above", "solved", "satisfied")


def _wound(before: CaseState, state: CaseState, at: int) -> CaseState:
    """Wind the clock up anew where another limit runs now: it is looked at at once, which says when it fires.

    What had climbed comes down again where there is time left; where there is none, the level above keeps an eye on it.
    """
    if Status(state.status) not in OPEN:
        state = replace(state, climbed="", urged=None)
    if state.status == Status.MERGED:  # its main case's clock is its own
        return replace(state, fires=None, stage="", climbed="")
    if Status(state.status) not in UNSETTLED:
        return replace(state, fires=None, stage="")
    if _limit(state) == _limit(before):
        return state
    climbed = state.climbed if min(state.due, state.answer_by) <= at else ""
    return replace(state, fires=at, fired=at, stage="", climbed=climbed)


def state_row(applied: Applied) -> tuple[object, ...]:
    """Give the row of the `act` statement."""
    return (*_changed(applied.state), applied.state.number, applied.before.version)


def fired_row(number: str, seen: Look) -> Row:
    """Give the row of the `fired` statement: a clock that was looked at, as it is now.

    It is the one change of a case beside `apply_act`: of what a person sees or decides by it touches nothing, so the
    case keeps its version, and whoever is writing an answer is not told that the case moved on.
    """
    clock, again = seen.clock, None if seen.again is None else to_ms(seen.again)
    return (again, to_ms(clock.fired), clock.stage.value, clock.climbed, clock.alarmed, number)


def fired_event(number: str, seen: Look, at: int, answer_by: int) -> Row | None:
    """Give the row of the `case_event` statement for what fired, if anything did; `answer_by` as the case has it."""
    if seen.firing is None:
        return None
    status = seen.clock.status
    if isinstance(after(status, seen.firing.act), Refused):
        raise ValueError(  # noqa: TRY004  it is no argument of the wrong type
            f"a clock cannot {seen.firing.act} a case that is {status}"
        )
    told = f"{seen.firing.to}/{seen.firing.post}"
    plain = (number, at, seen.firing.act.value, BY, status.value, status.value, None, told)
    return (*plain, seen.clock.unit, answer_by, None, None, "", "")  # nobody's post allowed it, and nobody's case moved


def joined_row(applied: Applied) -> tuple[object, ...] | None:
    """Give the row of the `joined` statement, where the act changes how many others the joined case counts."""
    more = _counted(applied.state) - _counted(applied.before)
    return (more, applied.state.same_as) if more else None


# Where a case lies, who holds it and its clock: what its group has of it.
_SHARED = attrgetter("unit", "owner", "sign_by", "answer_by", "due")


def group_rows(applied: Applied, act: ActOnCase, at: int, words: bytes | None) -> list[tuple[str, tuple[object, ...]]]:
    """Give the lines by which the group of a main case follows it (statement, row); none for any other case.

    What members hear is brought to them one by one, with where it lies and its clock; all else goes with the act.
    """
    old, new = applied.before, applied.state
    if new.main or old.main:
        return []
    number = new.number
    if act.act in BROUGHT and act.by != "member":
        return [("bring", (number, act.act.value, act.by, act.post, words, at, number))]
    if act.act is Act.WITHDRAW:
        return [("orphans", (at, *[number] * 5)), ("inherit", (number,) * 3), ("heir", (at, at, number))]
    if _SHARED(old) != _SHARED(new):
        followed = (at, act.by, new.unit, new.unit, new.answer_by, act.post, number, new.unit, new.answer_by)
        shared = (new.unit, new.sign_by, new.answer_by, new.due, new.owner, new.owner, number)
        return [("followed", followed), ("follow", shared)]
    return []


def _counted(state: CaseState) -> bool:
    return state.same_as != "" and state.status != Status.WITHDRAWN


def event_row(applied: Applied, act: ActOnCase, at: int, words: bytes | None) -> tuple[object, ...]:
    """Give the row of the `case_event` statement."""
    before, state = applied.before, applied.state
    to = changed_tags(before.tags, state.tags) if act.act is Act.TAG else target(state, act)
    plain = (state.number, at, act.act.value, act.by, before.status, state.status, words, to)
    moved = _answers(before) != _answers(state)
    was = (before.unit, before.answer_by) if moved else (None, None)
    return (*plain, state.unit, state.answer_by, *was, act.post, act.stands_for)


def _answers(state: CaseState) -> tuple[str, int, str]:
    """Give who must answer, until when, and whether that clock runs."""
    return state.unit, state.answer_by, clock(state.status)


_TARGETS = {
    Act.DISPATCH: "unit",
    Act.TRANSFER: "unit",
    Act.TAKE_BACK: "unit",
    Act.RETURN: "above",
    Act.RAISE: "above",
    Act.HAND_OVER: "owner",
    Act.PROPOSE: "proposed",
    Act.ASSIGN: "owner",
    Act.MERGE: "main",
    Act.REGRADE: "grade",
    Act.ASK_TIME: "asked",
    Act.GIVE_TIME: "answer_by",
    Act.PAUSE: "due",
    Act.EXCLUDE: "excluded",
}


def target(state: CaseState, act: ActOnCase) -> str:
    """Where it was sent, to whom, which grade, how many days, until when (ms), how it was rated."""
    if act.act is Act.RATE:
        return said_of_it(act.solved, act.satisfied)
    name = _TARGETS.get(act.act)
    return str(getattr(state, name)) if name else ""
