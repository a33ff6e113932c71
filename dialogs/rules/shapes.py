"""What the rules are once read: plain frozen values, and the errors that no schema sees left behind."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from dialogs.desk.cases import Act, Grade
from dialogs.rules.limits import Limit


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """One rules file: where it is from, since when it holds, when it was checked and will be again."""

    file: str
    source: str
    in_force: date
    checked: date
    review: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Category:
    """A category of the second level. `whole` matters concern a whole compound: neighbours join without a building.

    `closed`: the day since which nobody is offered it, '' where it is open; cases that have it keep its name.
    """

    key: str
    title: str
    top: str
    top_title: str
    grade: Grade
    post: str
    whole: bool = False
    track: str = ""
    closed: str = ""

    @property
    def shown(self) -> str:
        """「道路交通 · 路灯」."""
        return f"{self.top_title} · {self.title}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Top:
    """A category of the first level with its second level. `trouble`: to speak of it is mostly to report it."""

    key: str
    title: str
    trouble: bool
    subs: tuple[Category, ...]

    @property
    def offered(self) -> tuple[Category, ...]:
        """Give those that are open."""
        return tuple(sub for sub in self.subs if not sub.closed)


@dataclass(frozen=True, slots=True)
class Categories:
    """Both levels, in the order in which members see them."""

    tops: tuple[Top, ...]
    by_key: Mapping[str, Category]
    version: int = 1

    @property
    def offered(self) -> tuple[Top, ...]:
        """Give the first level as somebody may choose from it: those with anything open below."""
        return tuple(top for top in self.tops if top.offered)

    def open(self, key: str) -> Category | None:
        """Give the category of the second level with this key where it is open, or None."""
        found = self.by_key.get(key)
        return None if found is None or found.closed else found

    def get(self, key: str) -> Category | None:
        """Give the category of the second level with this key, or None."""
        return self.by_key.get(key)

    def top(self, key: str) -> Top | None:
        """Give the category of the first level with this key, or None."""
        return next((top for top in self.tops if top.key == key), None)

    def top_of(self, key: str) -> Top | None:
        """Give the first level above a category of the second, or None."""
        found = self.by_key.get(key)
        return self.top(found.top) if found else None

    def __iter__(self) -> Iterator[Category]:
        return iter(self.by_key.values())


@dataclass(frozen=True, slots=True, kw_only=True)
class GradeRule:
    """A grade's words and limits. `icon` names the symbol that stands beside the word."""

    grade: Grade
    title: str
    colour: str
    icon: str
    means: str
    sign: Limit
    contact: Limit
    answer: Limit


@dataclass(frozen=True, slots=True, kw_only=True)
class TagRules:
    """How many tags a case may have, and how many characters one."""

    most: int
    longest: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """The limits of one matter: those of its grade, or of the track that a law sets (`title` says which).

    `extension` is the most that may be asked for, in `measure`. `from_signing`: the answer counts from then.
    """

    sign: Limit
    contact: Limit
    answer: Limit
    extension: int
    measure: Literal["working days", "days"] = "working days"
    from_signing: bool = False
    title: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Casework:
    """How long and how often: 退单, 上报, 挂起, 延期. `extension` is the most working days that a grade may ask for."""

    return_decided: Limit
    most_returns: int
    above_answers: Limit
    pause: Limit
    extension: Mapping[Grade, int]
    tags: TagRules


@dataclass(frozen=True, slots=True, kw_only=True)
class Starter:
    """A canned reply that a new centre begins with."""

    title: str
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Room:
    """The room where staff write: days that a draft is kept, tries of a call, presence in seconds.

    `replies` is for how many days a canned reply may be used before somebody checks it again.
    """

    drafts: int
    calls: int
    presence_every: int
    presence_gone: int
    replies: int
    starters: tuple[Starter, ...]
    starters_until: date


# What becomes of a case that came: somebody is proposed who signs for it, or it is handed to them.
Assign = Literal["propose", "auto"]


@dataclass(frozen=True, slots=True, kw_only=True)
class DutyRule:
    """How cases are handed out within a unit; `weights` is what a case of each grade counts in somebody's load."""

    assign: Assign
    units: Mapping[str, Assign]
    weights: Mapping[Grade, int]

    def of(self, unit: str) -> Assign:
        """Say how a unit does it."""
        return self.units.get(unit, self.assign)


@dataclass(frozen=True, slots=True, kw_only=True)
class FigureRules:
    """How the figures are counted. `partly` is what is solved in part counts, `satisfied` the least grade that pleases.

    `exclude_within`: days after a period within which an exclusion still counts for it. `smallest`: below it no rate
    of a unit is shown, and no confidential case counted. `hot_*`: least cases, most lines, least rise. `reasons`: why a
    case may be left out of the rates.
    """

    partly: float
    satisfied: int
    exclude_within: timedelta
    smallest: int
    hot_least: int
    hot_most: int
    hot_more: int
    months: int
    reasons: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Climb:
    """One step up the tree: how long after the step before it, and the post that it tells there."""

    after: Limit
    tell: str


@dataclass(frozen=True, slots=True, kw_only=True)
class GradeClock:
    """When the clock of a grade fires: so long before each limit, then step by step up, the last step again and again.

    `above` is before the limit of a unit that owes a decision or an answer.
    """

    sign: Limit
    answer: Limit
    above: Limit
    climbs: tuple[Climb, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Clocks:
    """Every clock that fires. `overdue` and `contacts_tell` are posts; after `contacts` requests one more alarms."""

    grades: Mapping[Grade, GradeClock]
    tracks: Mapping[str, GradeClock]
    overdue: str
    unrated: Limit
    rated: Limit
    contacts: int
    contacts_tell: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Secrecy:
    """How long somebody may stand in, be cleared, and look at who is behind a confidential case; what that is called.

    `identity_stands`: so long after two people agreed; `identity_shown`: so long after each look.
    """

    stand_in_days: int
    clearance_days: int
    identity_stands: timedelta
    identity_shown: timedelta
    alias: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Records:
    """Exports and the audit log: rows given at once, rows at most, how long files and records are kept."""

    export_at_once: int
    export_most: int
    export_kept: timedelta
    audit_kept: timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class Centre:
    """The centre's own name, numbers and promises."""

    name: str
    bot: str
    city: str
    unit: str
    phone: str
    duty_phone: str
    address: str
    demo: bool
    reach_metres: int
    pledge: str
    talk_answer: Limit


@dataclass(frozen=True, slots=True, kw_only=True)
class Consent:
    """A text that members agree to, by its version."""

    name: str
    version: str
    title: str
    text: str


# What of the cases a post sees: its unit's subtree; its unit's own; what the person holds, and what waits at their own
# grid to be signed for; nothing.
Sees = Literal["subtree", "unit", "own", "nothing"]
# What a post keeps, which nobody else does and nobody two of (三员分立): units, people and settings; who may do what;
# the record of it.
Keeps = Literal["organisation", "rights", "audit"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Post:
    """A post: what it is called, whose it is when said to a member, whether it signs in at the desk, what it may do.

    `sees` is what of the cases it sees, `numbers` whether it reads the figures of its
    subtree, `keeps` what it administers, if anything.
    """

    key: str
    title: str
    of: Literal["committee", "unit"]
    desk: bool
    may: frozenset[Act] = frozenset()
    sees: Sees = "nothing"
    leads: bool = False  # it may ask for a stand-in for its people
    export_whole: bool = False
    numbers: bool = False
    keeps: Keeps | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """What the platform allows after one kind of action: so many messages for so long; `early` is our margin."""

    count: int
    lasts: timedelta
    early: timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class Quotas:
    """The platform's limits, and the sentences in which staff read them."""

    bytes: int
    message: Window
    tap: Window
    mass_a_month: int
    words: Mapping[str, str]
