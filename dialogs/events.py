"""What can happen in a member's conversation. Past tense, plain values.

A channel makes the member's events from what the platform pushed; the desk, the timers and the
outbox make theirs. All of them go through the same lock and the same `step`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from dialogs.desk.cases import Act, Grade
from dialogs.effects import Came, Moves, Reach

Sent = Literal["photo", "voice", "video", "place", "file", "link", "other"]
Way = Literal["passive", "customer", "subscribe", "template", "mass", "phone", "letter"]
Fate = Literal["sent", "failed", "unknown", "waiting"]


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberSaid:
    """Words. `text` as written without control characters; `folded` for matching only.

    `voice` is true when the words are the platform's recognition of a recording.
    """

    text: str
    folded: str
    voice: bool = False
    media: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberSent:
    """Something that is not words. `media` is the platform's id; latitude and longitude in degrees (GCJ-02)."""

    what: Sent
    media: str = ""
    text: str = ""
    latitude: float | None = None
    longitude: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberTapped:
    """A menu entry was tapped; `key` is one of the words in the services' registry."""

    key: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Followed:
    """The member followed the account, perhaps by a station's code (`scene`, without `qrscene_`)."""

    scene: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scanned:
    """A follower scanned a station's code."""

    scene: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Left:
    """The member unfollowed: nothing can reach them until they come back."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Noticed:
    """The platform told us something that no member said (a job's end, an unknown event): kept, not answered."""

    what: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StaffAnswered:
    """A person at the desk wrote to the member about a case. `final` makes it the case's answer.

    `unit` and `source` (from which kind of address) are for the audit log.
    """

    number: str
    text: str
    by: str
    post: str
    final: bool
    version: int
    unit: str = ""
    source: str = ""
    stands_for: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class StaffActed:
    """A person at the desk did something with a case that its member hears of: 转办, 延期, 挂起, 转外部.

    `to` as they wished it; `moves` as it was decided for this version, None where the case had moved on by then.
    `unit` and `source` as above.
    """

    number: str
    act: Act
    text: str
    by: str
    post: str
    version: int
    to: str = ""
    moves: Moves | None = None
    unit: str = ""
    source: str = ""
    stands_for: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class StaffTook:
    """A person at the desk took down what somebody said by telephone, wrote in a letter or came to say.

    `key` is the form's own: the same form twice is one. `unit` is '' where the place says whose it is, `grade` ''
    where the category does. `known`: the member is one of the account's, whose name and telephone stay as they are.
    """

    key: str
    came: Came
    text: str
    category: str
    by: str
    post: str
    staff_unit: str
    source: str = ""
    place: str = ""
    unit: str = ""
    since: str = ""
    reach: Reach = "call"
    name: str = ""
    phone: str = ""
    anonymous: bool = False
    known: bool = False
    grade: Grade | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StaffHeard:
    """A person at the desk heard on the telephone whether it is solved, and perhaps how satisfied they are (5 to 1)."""

    number: str
    solved: Literal["yes", "no", "partly"]
    satisfied: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class TimerFired:
    """A moment that we asked to be woken at has come."""

    kind: str
    number: str = ""
    data: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliverySettled:
    """What we had sent outside a reply has an outcome; `asks` is the question it put, as stored."""

    delivery: int
    fate: Fate
    asks: str = ""
    number: str = ""


MemberEvent = MemberSaid | MemberSent | MemberTapped | Followed | Scanned | Left | Noticed
Event = MemberEvent | StaffAnswered | StaffActed | StaffTook | StaffHeard | TimerFired | DeliverySettled
