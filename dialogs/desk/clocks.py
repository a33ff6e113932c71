"""The clocks of a case: what fires next, when, and whom it tells. Pure: the case, the rules and the tree go in.

While a case waits on staff: a reminder before the limit, its passing once, then the levels above one after the
other, and at the top no more. A case that waits for its member goes on by itself when that time is over; one
that has its answer is filed by itself. A firing is looked at again at its moment, so that a late one skips what
has no use any more, and what has fired is part of the case, so that nothing fires twice.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from functools import cache
from typing import TYPE_CHECKING

from dialogs.desk.cases import OPEN, Act, Grade, Status
from dialogs.desk.deadlines import before, promise

if TYPE_CHECKING:
    from dialogs.facts import Snapshots
    from dialogs.rules.limits import Limit
    from dialogs.rules.shapes import Climb, GradeClock

# In whose name the clock acts: it is nobody's act, and the time-line says so.
BY = "鸿雁"


class Stage(StrEnum):
    """What has fired since the limit that runs now began to run."""

    FRESH = ""
    REMINDED = "reminded"
    OVERDUE = "overdue"
    CLIMBED = "climbed"
    TOP = "top"


@dataclass(frozen=True, slots=True, kw_only=True)
class Clock:
    """A case as its clock needs it. Moments are aware.

    `fired`: when the last of it fired, or else when the limit that runs now began to run. `climbed` is the unit that
    it has climbed to, '' while it has not; `contacts` how often the member was asked for more.
    """

    status: Status
    grade: Grade
    unit: str
    due: datetime
    fired: datetime
    category: str = ""
    owner: str = ""
    above: str = ""
    rated: bool = False
    stage: Stage = Stage.FRESH
    climbed: str = ""
    contacts: int = 0
    alarmed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Firing:
    """What fires at a moment, and whom it tells: a person's name or a unit's id, and a post there."""

    at: datetime
    act: Act
    to: str = ""
    post: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """What came of looking at a clock: what fired, the clock after it, and when to look again; None is never."""

    clock: Clock
    firing: Firing | None = None
    again: datetime | None = None


class Clocks:
    """Reads clocks by what is known now. Made for one round: it keeps what it worked out."""

    def __init__(self, known: Snapshots) -> None:
        self._known = known
        self._rules = known.rules.clocks
        self._calendar = known.rules.calendar
        # In a storm thousands of cases ask for the same span from the same moment, or before the same end of work.
        self._promise: Callable[[Limit, datetime, str], datetime] = cache(self._promised)
        self._before: Callable[[Limit, datetime, str], datetime] = cache(self._counted_back)
        self._path: Callable[[str], tuple[str, ...]] = cache(self._up)

    def look(self, clock: Clock, now: datetime) -> Look:
        """Say what fires now and when to look again; at most one thing at a time."""
        firing = self.following(clock)
        if firing is not None and firing.act is Act.REMIND and clock.due <= now:
            clock = replace(clock, stage=Stage.REMINDED)  # nobody needs to hear that what is over comes near
            firing = self.following(clock)
        if firing is None or firing.at > now:
            return Look(clock=clock, again=firing.at if firing else None)
        after = fired(clock, firing, now)
        following = self.following(after)
        return Look(clock=after, firing=firing, again=following.at if following else None)

    def following(self, clock: Clock) -> Firing | None:
        """Say what fires next; None where nothing ever will unless somebody acts."""
        if clock.status is Status.MERGED:  # its main case's clock is its own
            return None
        if clock.status in OPEN and clock.contacts > self._rules.contacts and not clock.alarmed:
            return self._alarm(clock)
        match clock.status:
            case Status.PAUSED:
                return Firing(at=clock.due, act=Act.RESUME)
            case Status.ANSWERED:
                filed = self._rules.rated if clock.rated else self._rules.unrated
                return Firing(at=self._promise(filed, clock.fired, self._hours(clock.unit)), act=Act.CLOSE)
            case Status.ACCEPTED | Status.RETURNED | Status.WORKING | Status.RAISED:
                return self._of_limit(clock)
            case _:
                return None

    def _alarm(self, clock: Clock) -> Firing:
        above = self._above(clock.unit) or clock.unit
        return Firing(at=clock.fired, act=Act.ALARM, to=above, post=self._rules.contacts_tell)

    def _of_limit(self, clock: Clock) -> Firing | None:
        match clock.stage:
            case Stage.FRESH:
                remind = self._remind_at(clock)
                if clock.fired < remind < clock.due:
                    return Firing(at=remind, act=Act.REMIND, to=_holder(clock))
                return self._overdue(clock)
            case Stage.REMINDED:
                return self._overdue(clock)
            case Stage.OVERDUE | Stage.CLIMBED:
                return self._climb(clock)
            case Stage.TOP:
                return None

    def _remind_at(self, clock: Clock) -> datetime:
        rule = self._of_grade(clock)
        match clock.status:
            case Status.ACCEPTED:
                limit = rule.sign
            case Status.WORKING:
                limit = rule.answer
            case _:
                limit = rule.above
        return self._before(limit, clock.due, self._hours(_base(clock)))

    def _overdue(self, clock: Clock) -> Firing:
        return Firing(at=clock.due, act=Act.OVERDUE, to=_holder(clock), post=self._rules.overdue)

    def _climb(self, clock: Clock) -> Firing:
        """The next level up, so long after the last; at the top it says once that there is none."""
        path = self._path(_base(clock))
        here = path.index(clock.climbed) if clock.climbed in path else 0
        step = self._step(clock, here)
        at = self._promise(step.after, clock.fired, self._hours(_base(clock)))
        if here + 1 < len(path):
            return Firing(at=at, act=Act.CLIMB, to=path[here + 1], post=step.tell)
        return Firing(at=at, act=Act.TOP, to=path[here] if path else _base(clock), post=step.tell)

    def _step(self, clock: Clock, level: int) -> Climb:
        climbs = self._of_grade(clock).climbs
        return climbs[min(level, len(climbs) - 1)]

    def _of_grade(self, clock: Clock) -> GradeClock:
        category = self._known.rules.categories.get(clock.category) if clock.category else None
        if category and category.track:
            return self._rules.tracks[category.track]
        return self._rules.grades[clock.grade]

    def _above(self, unit: str) -> str:
        return next(iter(self._path(unit)[1:]), "")

    def _up(self, unit: str) -> tuple[str, ...]:
        """The unit and those above it, up to the top."""
        return tuple(each.id for each in reversed(self._known.units.path(unit)))

    def _hours(self, unit: str) -> str:
        """Whose hours hold for a unit: its own, or '' for those of the centre."""
        return unit if unit in self._calendar.units else ""

    def _promised(self, limit: Limit, start: datetime, hours: str) -> datetime:
        return promise(limit, start, self._calendar.of_unit(hours))

    def _counted_back(self, limit: Limit, end: datetime, hours: str) -> datetime:
        return before(limit, end, self._calendar.of_unit(hours))


def fired(clock: Clock, firing: Firing, now: datetime) -> Clock:
    """Give the clock after a firing. What changes the case itself (恢复, 归档) begins a clock of its own."""
    match firing.act:
        case Act.REMIND:
            return replace(clock, stage=Stage.REMINDED, fired=now)
        case Act.OVERDUE:
            return replace(clock, stage=Stage.OVERDUE, fired=now)
        case Act.CLIMB:
            return replace(clock, stage=Stage.CLIMBED, climbed=firing.to, fired=now)
        case Act.TOP:
            return replace(clock, stage=Stage.TOP, climbed=firing.to, fired=now)
        case Act.ALARM:
            return replace(clock, alarmed=True)
        case _:
            return clock


def _base(clock: Clock) -> str:
    """Whose limit runs: the unit that holds the case, or the one above that owes a decision or an answer."""
    return clock.above if clock.status in {Status.RETURNED, Status.RAISED} and clock.above else clock.unit


def _holder(clock: Clock) -> str:
    """Who is told first: the person who holds it, where it is theirs to do; else the unit whose it is."""
    return clock.owner if clock.status is Status.WORKING and clock.owner else _base(clock)
