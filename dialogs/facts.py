"""What a turn may know: gathered once, before the decision, in one round trip. Read-only values."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from dialogs.desk.cases import Grade, Status

if TYPE_CHECKING:
    from dialogs.catalogue import Catalogue
    from dialogs.knowledge import Index
    from dialogs.rules import Rules
    from dialogs.units import Units
    from dialogs.wording import Wording


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """What the member told us about themselves, in clear."""

    name: str = ""
    phone: str = ""
    unit: str = ""
    follows: bool = True
    consents: frozenset[tuple[str, str]] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownCase:
    """A case as a turn sees it: the member's own, or an open one of the same category and unit nearby."""

    number: str
    service: str
    title: str
    status: Status
    grade: Grade
    category: str
    unit: str
    post: str
    opened: datetime
    sign_by: datetime
    answer_by: datetime
    version: int
    place: str = ""
    signed: bool = False
    talk: bool = False
    same_as: str = ""
    solved: str = ""
    satisfied: int = 0
    neighbours: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """Words that could not be sent and wait for the member's next visit."""

    delivery: int
    text: str
    asks: str = ""
    number: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wants:
    """What the decision needs beyond the usual: open cases of this category and unit."""

    category: str = ""
    unit: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshots:
    """Read-only, versioned material that bot refreshes; the same object until something changes."""

    services: Catalogue
    units: Units
    articles: Index
    rules: Rules
    wording: Wording


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """Everything that one decision may use. `number` is a case number leased for this turn, used or not.

    `on_duty` are the units of whose staff somebody is at the desk.
    """

    now: datetime
    number: str
    snapshots: Snapshots
    limit: int = 2047
    profile: Profile = field(default_factory=Profile)
    cases: tuple[KnownCase, ...] = ()
    nearby: tuple[KnownCase, ...] = ()
    waiting: tuple[Waiting, ...] = ()
    on_duty: frozenset[str] = frozenset()
