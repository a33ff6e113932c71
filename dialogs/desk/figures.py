"""What the figures mean: which cases each one counts, and how the four rates are made of them.

A figure of a period is told by what happened until the period's end, so that later acts never change it. Every
case counts under one kind of each family, in the unit where it lay then: figures of units add up to that of the
unit above, and each opens into exactly its cases.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from dialogs.desk.cases import OPEN, Act, Status

if TYPE_CHECKING:
    from dialogs.rules.shapes import FigureRules

# What staff do that reaches the member: the first of them is the contact that is promised (首次联系).
CONTACTS = frozenset({Act.WRITE, Act.ANSWER, Act.REFER, Act.PAUSE})
ANSWERS = frozenset({Act.ANSWER, Act.REFER})
# Cases are counted by the last such act of the period.
COUNTED = (Act.RETURN, Act.URGE, Act.REOPEN, Act.RAISE, Act.WITHDRAW, Act.GIVE_TIME)


class Kind(StrEnum):
    """What a case can count as. Kinds of one family exclude each other."""

    OPENED = "open"  # 受理
    RETURNED = "return"
    URGED = "urge"
    REOPENED = "reopen"
    RAISED = "raise"
    WITHDRAWN = "withdraw"
    EXTENDED = "give_time"
    KEPT = "kept"  # answered within the limit, extensions that were granted included, and not taken up again
    LATE = "late"  # answered after it
    RUNNING = "running"  # open at the end of the period, and its time not over
    PAUSED = "paused"  # open, and its clock stands still
    OVERDUE = "overdue"  # open, and its time over
    CONTACTED = "contacted"  # the limit of the first contact came, and staff had written by then
    MISSED = "missed"  # it came, and nobody had
    YES = "yes"  # solved, as the member says
    PARTLY = "partly"
    NO = "no"
    FIVE = "5"
    FOUR = "4"
    THREE = "3"
    TWO = "2"
    ONE = "1"


SOLVED = (Kind.YES, Kind.PARTLY, Kind.NO)
SATISFIED = (Kind.FIVE, Kind.FOUR, Kind.THREE, Kind.TWO, Kind.ONE)
FAMILIES: Mapping[str, frozenset[Kind]] = {
    "opened": frozenset({Kind.OPENED}),
    "acts": frozenset(Kind(act.value) for act in COUNTED),
    "decided": frozenset({Kind.KEPT, Kind.LATE}),
    "standing": frozenset({Kind.RUNNING, Kind.PAUSED, Kind.OVERDUE}),
    "contact": frozenset({Kind.CONTACTED, Kind.MISSED}),
    "solved": frozenset(SOLVED),
    "satisfied": frozenset(SATISFIED),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One figure: the kinds that it counts; `valid`: without what was excluded."""

    kinds: frozenset[Kind]
    valid: bool = False


def _plain(*kinds: Kind) -> Figure:
    return Figure(kinds=frozenset(kinds))


def _valid(*kinds: Kind) -> Figure:
    return Figure(kinds=frozenset(kinds), valid=True)


# Every figure of the pages, by the key that stands in their addresses.
FIGURES: Mapping[str, Figure] = {
    "opened": _plain(Kind.OPENED),
    "answered": _plain(Kind.KEPT, Kind.LATE),
    "standing": _plain(Kind.RUNNING, Kind.PAUSED, Kind.OVERDUE),
    "overdue": _plain(Kind.OVERDUE),
    "late": _plain(Kind.LATE),
    "returned": _plain(Kind.RETURNED),
    "urged": _plain(Kind.URGED),
    "reopened": _plain(Kind.REOPENED),
    "raised": _plain(Kind.RAISED),
    "withdrawn": _plain(Kind.WITHDRAWN),
    "extended": _plain(Kind.EXTENDED),
    "contact_due": _valid(Kind.CONTACTED, Kind.MISSED),
    "contacted": _valid(Kind.CONTACTED),
    "solved_said": _valid(*SOLVED),
    "solved": _valid(Kind.YES),
    "partly": _valid(Kind.PARTLY),
    "unsolved": _valid(Kind.NO),
    "satisfied_said": _valid(*SATISFIED),
    "due": _valid(Kind.KEPT, Kind.LATE, Kind.OVERDUE),
    "kept": _valid(Kind.KEPT),
    **{f"satisfied_{kind}": _valid(kind) for kind in SATISFIED},
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """So many cases of a kind. `key`: the unit or the category; `sealed`: confidential, not the reader's to open."""

    kind: Kind
    count: int
    excluded: bool = False
    sealed: bool = False
    key: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Count:
    """A figure: how many cases, and how many of them the reader may not open."""

    count: int
    sealed: int = 0


def count(figure: Figure, tallies: Iterable[Tally], smallest: int) -> Count:
    """Add up a figure. Confidential cases that the reader may not open count only where they are not too few."""
    plain = sealed = 0
    for each in tallies:
        if each.kind in figure.kinds and not (figure.valid and each.excluded):
            plain += 0 if each.sealed else each.count
            sealed += each.count if each.sealed else 0
    return Count(count=plain + sealed, sealed=sealed) if sealed >= smallest else Count(count=plain)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rate:
    """One of the four rates. `of` is the figure below the line, `parts` those above it, each with what it weighs."""

    key: str
    of: str
    parts: tuple[tuple[str, float], ...]


def rates(rules: FigureRules) -> tuple[Rate, ...]:
    """Give the four rates as the rules define them (domain.md §4.5)."""
    pleased = tuple((f"satisfied_{kind}", 1.0) for kind in SATISFIED if int(kind) >= rules.satisfied)
    return (
        Rate(key="response", of="contact_due", parts=(("contacted", 1.0),)),
        Rate(key="on_time", of="due", parts=(("kept", 1.0),)),
        Rate(key="solved", of="solved_said", parts=(("solved", 1.0), ("partly", rules.partly))),
        Rate(key="satisfied", of="satisfied_said", parts=pleased),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """A rate as counted: above and below the line. `part` is fractional where something counts by half."""

    rate: Rate
    part: float
    whole: int
    parts: tuple[Count, ...] = ()

    @property
    def percent(self) -> float | None:
        """Give the rate in hundredths; None where nothing is below the line."""
        return 100 * self.part / self.whole if self.whole else None


def share(rate: Rate, tallies: Iterable[Tally], smallest: int) -> Share:
    """Count a rate."""
    found = tuple(tallies)
    parts = tuple(count(FIGURES[key], found, smallest) for key, _ in rate.parts)
    whole = count(FIGURES[rate.of], found, smallest).count
    part = sum(each.count * weight for each, (_, weight) in zip(parts, rate.parts, strict=True))
    # Both lines leave out few sealed cases each by itself: what is above must not outgrow what is below.
    return Share(rate=rate, part=min(part, whole), whole=whole, parts=parts)


# -- how events say it -----------------------------------------------------------------------------
def clock(status: str) -> str:
    """Tell whether a case's clock runs, stands still, or is no more."""
    if status == Status.PAUSED:
        return "paused"
    return "runs" if status in OPEN else ""


def said_of_it(solved: str, satisfied: int) -> str:
    """Write down what the member said: `yes/5`, `no/`, `/3`."""
    return f"{solved}/{satisfied or ''}"
