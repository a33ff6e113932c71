"""What the templates show: plain values in words, made from rows of storage by listing.py and timeline.py."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from dialogs.desk.seeking import Part

Tone = Literal["over", "soon", "calm", "settled"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A place of the rail with its counter.

    `narrowed` is what narrows it, as it stands in an address; of what was found (`find`) it is which words.
    """

    key: str
    title: str
    count: int | None = None
    tone: str = ""
    narrowed: str = ""

    @property
    def href(self) -> str:
        """Its address, with what narrows it."""
        if self.key == "find":
            return f"/desk/find/{self.narrowed}"
        return f"/desk/queue/{self.key}{'?' if self.narrowed else ''}{self.narrowed}"

    def next(self, after: str) -> str:
        """Its address behind a row."""
        return self._with("after", after)

    def told(self, act: str) -> str:
        """Its address, to say there that an act was done."""
        return self._with("told", act)

    def _with(self, name: str, value: str) -> str:
        return f"{self.href}{'&' if '?' in self.href else '?'}{name}={value}"

    @property
    def within(self) -> str:
        """Its name for the pages of its cases, behind `in=`."""
        how = "&q=" if self.key == "find" else "&" if self.narrowed else ""
        return f"{self.key}{how}{self.narrowed}"

    @property
    def said(self) -> str:
        """The counter as it is read; beyond four figures the exact number helps nobody."""
        if self.count is None:
            return ""
        return f"{self.count:,}" if self.count < 10000 else "9,999+"


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """A page of the rail beside the queue. `key` is the name of its place, `mark` its symbol."""

    key: str
    title: str
    href: str
    mark: str
    count: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """Words that lead somewhere."""

    words: str
    href: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept(Link):
    """A list that somebody comes back to. `shared` with a unit; `own`: theirs to forget."""

    id: int
    shared: bool
    own: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Empty:
    """What an empty place says, and where to go next."""

    words: str
    next: str = ""
    href: str = ""
    link: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Alarm:
    """What may be a matter of life and nobody has signed for: said on every page until somebody does."""

    words: str
    left: str
    href: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Why:
    """Why a case was found: where the words stand, and the line with the hits in it."""

    where: str
    parts: tuple[Part, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One case in a list: everything that one glance needs. `gist` is what the member said it is about."""

    number: str
    title: str
    gist: str
    name: str
    unit: str
    owner: str
    grade: str
    grade_word: str
    tone: Tone
    left: str
    left_mark: str
    spoke: str
    spoke_who: Literal["theirs", "ours"]
    why: tuple[Why, ...] = ()
    came: str = ""
    watched: str = ""
    tags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One thing in the time-line. `kind`: member's words, ours by staff or by the service, a note, a move.

    `stamp` is its moment in milliseconds since the epoch.
    """

    id: str
    kind: Literal["theirs", "ours", "bot", "note", "move"]
    at: str
    stamp: int = 0
    by: str = ""
    words: str = ""
    day: str = ""
    photos: tuple[str, ...] = ()
    sent: str = ""
    sent_tone: str = ""
    final: bool = False
    fresh: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Button:
    """An act with a button of its own."""

    key: str
    title: str
    hint: str
    main: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Mode:
    """One way to write."""

    key: str
    title: str
    hint: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """One thing that an act can go to."""

    value: str
    title: str


@dataclass(frozen=True, slots=True, kw_only=True)
class More:
    """An act with a form of its own under 「更多」: what it goes to, and words.

    `pick` is '' where it goes to nothing, `ask` where it takes no words; `told`: the member hears the words.
    """

    title: str
    button: str
    key: str = ""
    hint: str = ""
    pick: str = ""
    typed: bool = False
    choices: tuple[Choice, ...] = ()
    to: str = ""
    ask: str = ""
    needed: bool = False
    told: bool = False
    words: str = ""
    open: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Errand:
    """Words that a person has to bring: by which task, how often it was tried in vain."""

    id: int
    tries: int
    letter: bool
    words: str
    asks: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """A draft that may be taken up again: in which box it was, since when, how it begins."""

    box: str
    title: str
    at: str
    begins: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Earlier:
    """Another case of the same person."""

    number: str
    title: str
    stands: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """The member's card. `sealed`: only an alias is shown; `look`: whoever asks may see who it is.

    While `hidden`, `phone` is masked, and so are numbers in other answers.
    """

    name: str
    kind: str
    phone: str = ""
    hidden: bool = True
    reach: str = ""
    sealed: bool = False
    look: bool = False
    earlier: tuple[Earlier, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One answer of the form as it is read back."""

    label: str
    shown: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """One case of a group, or one that could belong to it: a line with a link."""

    number: str
    version: int
    name: str
    what: str
    said: str
    fresh: bool = False
    open: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """What a return showed of the dispatch directory. `link`: whether who looks may open the case."""

    event: int
    number: str
    link: bool
    words: str
    places: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseView:
    """One case on its page."""

    number: str
    title: str
    service: str
    status: str
    grade: str
    grade_word: str
    tone: Tone
    left: str
    left_mark: str
    owner: str
    unit: str
    opened: str
    version: int
    seen: str
    member: Person
    due: str = ""
    watched: str = ""
    same: str = ""
    tags: tuple[str, ...] = ()
    why: str = ""
    helpers: str = ""
    main: str = ""
    group: tuple[Member, ...] = ()
    merged: int = 0
    near: tuple[Member, ...] = ()
    filled: tuple[Line, ...] = ()
    photos: tuple[str, ...] = ()
    items: tuple[Item, ...] = ()
    buttons: tuple[Button, ...] = ()
    modes: tuple[Mode, ...] = ()
    more: tuple[More, ...] = ()
    waits: str = ""
    may_write: bool = False
    why_not: str = ""
    way: str = ""
    limit: int = 2047
    came: str = ""
    tasks: tuple[Errand, ...] = ()
