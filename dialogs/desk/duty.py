"""The duty roster (值班表) of a unit and its load: who is proposed for a case. Pure: all that it goes by goes in."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from dialogs.desk.cases import Grade

_DAY = timedelta(days=1)
WEEK = "1234567"  # as in ISO: 1 is Monday


@dataclass(frozen=True, slots=True, kw_only=True)
class Shift:
    """One row: who, on which days, from when to when by the centre's clock.

    `days` are days of the week (`12345`), or one date (`2026-10-01`), whose rows stand in place of the week's.
    Where `end` is not after `start`, it is on the day after.
    """

    person: str
    days: str
    start: time
    end: time

    @property
    def dated(self) -> bool:
        """Whether it is for one date."""
        return "-" in self.days


@dataclass(frozen=True, slots=True, kw_only=True)
class Roster:
    """One version of a unit's roster; 0 is the empty one that there is before the first."""

    unit: str
    version: int = 0
    shifts: tuple[Shift, ...] = ()

    def on_duty(self, local: datetime) -> tuple[str, ...]:
        """Name who is on duty at a moment of the centre's clock, by name."""
        clock = local.time()
        now = (each.person for each in self._of(local) if each.start <= clock and (clock < each.end or _over(each)))
        before = (each.person for each in self._of(local - _DAY) if _over(each) and clock < each.end)
        return tuple(sorted({*now, *before}))

    def _of(self, local: datetime) -> Iterator[Shift]:
        date, weekday = local.date().isoformat(), str(local.isoweekday())
        own = [each for each in self.shifts if each.days == date]
        return iter(own or [each for each in self.shifts if not each.dated and weekday in each.days])


def _over(shift: Shift) -> bool:
    return shift.end <= shift.start


@dataclass(frozen=True, slots=True, kw_only=True)
class Hands:
    """What a person has: `held` cases in hand, `load` these and what is proposed to them, weighed by grade."""

    held: int = 0
    load: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Able:
    """Somebody who could sign for a case. `unit` is that of the post by which; `stands_for` whom they stand in for."""

    name: str
    unit: str
    stands_for: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposed:
    """Who should sign, and why in a line."""

    name: str
    why: str


def proposed(
    able: Sequence[Able],
    duty: Mapping[str, Collection[str]],
    hands: Mapping[str, Hands],
    *,
    path: Sequence[str],
    grade: Grade,
) -> Proposed | None:
    """Choose among those who could sign: who is on duty in the unit, else anybody of the unit; the least loaded one.

    `path` is the unit and those above it. What is red goes to whoever is on duty nearest above before it goes to
    somebody of the unit who is not on duty. None where there is nobody.
    """
    for unit in path if grade is Grade.RED else path[:1]:
        here = [each for each in able if (each.stands_for or each.name) in duty.get(unit, ())]
        if here:
            return _least(here, hands, "今天值班" if unit == path[0] else "上级今天值班")
    own = [each for each in able if each.unit == path[0]]
    return _least(own, hands, "在本单位") if own else None


def _least(able: Sequence[Able], hands: Mapping[str, Hands], what: str) -> Proposed:
    none = Hands()
    chosen = min(able, key=lambda each: (hands.get(each.name, none).load, each.stands_for != "", each.name))
    told = f"代{chosen.stands_for}，{what}" if chosen.stands_for else what
    held = hands.get(chosen.name, none).held
    several = len({each.name for each in able}) > 1
    return Proposed(name=chosen.name, why=f"{told}，手上 {held} 件" + ("，最空" if several else ""))
