"""What we may want done. Imperative, plain frozen data: it can be stored, compared and printed."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from dialogs.desk.cases import Act, Grade

Reach = Literal["here", "call", "none", "letter"]
Came = Literal["phone", "letter", "visit"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Filled:
    """One answer of a form: its step, its label, the value, and how it is read back (masked)."""

    key: str
    label: str
    value: str
    shown: str
    private: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Say:
    """Say this to the member. `asks` names the question that a bare number will answer (see conversation.Question).

    `urgent`: somebody may be in danger; it leaves before everything else that waits to be sent. `rode`: words
    from before, of the case `number` and of no other, that go out with this turn's own.
    """

    text: str
    asks: str = ""
    number: str = ""
    urgent: bool = False
    rode: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenCase:
    """Open a case. Times are aware and in UTC; `same_as` joins it to an open case of the same matter.

    `spot` is the unit in whose area it is; `why` says in a line why it goes to `unit`, `book` which version of the
    dispatch directory sent it there (0: none), `helpers` are the units that help.
    `contact_by`: until when staff must have written to the member for the first time; without it, until the answer.
    `came`: how it came where staff took it down; '' for what a member wrote themselves.
    """

    number: str
    service: str
    title: str
    grade: Grade
    category: str
    unit: str
    post: str
    sign_by: datetime
    answer_by: datetime
    matter: str = ""
    place: str = ""
    filled: tuple[Filled, ...] = ()
    reach: Reach = "here"
    anonymous: bool = False
    talk: bool = False
    confidential: bool = False
    same_as: str = ""
    spot: str = ""
    why: str = ""
    book: int = 0
    helpers: tuple[str, ...] = ()
    contact_by: datetime | None = None
    came: Came | Literal[""] = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Moves:
    """What an act of staff changes besides the status; None leaves a field as it is (see desk/wishes.py)."""

    unit: str | None = None
    owner: str | None = None
    grade: Grade | None = None
    due: datetime | None = None
    sign_by: datetime | None = None
    answer_by: datetime | None = None
    sent_by: str | None = None
    above: str | None = None
    returns: int | None = None
    asked: int | None = None
    extended: bool | None = None
    paused: datetime | None = None
    excluded: str | None = None
    tags: str | None = None
    main: str | None = None
    proposed: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ActOnCase:
    """Apply one act of the case table. `version` is set where the act must meet the case it was decided on.

    `mentions` are colleagues whom an internal note names with @.
    `post` is the post that allows it; whose post that is says `stands_for` where `by` stands in for a colleague.
    """

    number: str
    act: Act
    by: str = "member"
    words: str = ""
    version: int | None = None
    solved: Literal["", "yes", "no", "partly"] = ""
    satisfied: int = 0
    moves: Moves | None = None
    post: str = ""
    stands_for: str = ""
    mentions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class KeepProfile:
    """Keep what the member told us about themselves; None leaves a field as it is."""

    name: str | None = None
    phone: str | None = None
    unit: str | None = None
    plain: bool | None = None
    traditional: bool | None = None
    follows: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class KeepConsent:
    """The member agreed to (or withdrew) a consent text of this version."""

    name: str
    version: str
    given: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Remind:
    """Wake this conversation at a moment. `key` makes it idempotent: the same key is set once."""

    key: str
    kind: str
    at: datetime
    number: str = ""
    data: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CancelReminders:
    """Forget the reminders about a case."""

    number: str


@dataclass(frozen=True, slots=True, kw_only=True)
class KeepMedia:
    """Fetch this photo or recording from the platform and keep it with the case, if there is one yet."""

    media: str
    what: Literal["photo", "voice", "video"]
    number: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RideAlong:
    """These waiting deliveries went out with this turn's words."""

    deliveries: tuple[int, ...] = field(default=())


@dataclass(frozen=True, slots=True, kw_only=True)
class LedTo:
    """What this turn led to, in a few code words (`check_in/phone`, `article F012`): kept with the transcript."""

    what: str
    number: str = ""


Effect = (
    Say | OpenCase | ActOnCase | KeepProfile | KeepConsent | Remind | CancelReminders | KeepMedia | RideAlong | LedTo
)
