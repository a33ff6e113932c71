"""Who is behind a confidential case: what they are called meanwhile, and how two people open their identity.

One asks with a reason, another who is cleared agrees; then whoever asked may look for a while, and every look is an
act of the case. All of it is read from the case's acts: there is nothing else to keep.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Protocol

from dialogs.desk.cases import Act
from dialogs.masking import mask_text
from dialogs.rules.shapes import Secrecy

ACTS = frozenset({Act.ASK_IDENTITY, Act.OPEN_IDENTITY, Act.KEEP_IDENTITY, Act.SEE_IDENTITY})
# Of a masked number enough is left to know one's neighbour by.
_MASKED = re.compile(r"[\w.-]*\*{3,}[\w.@-]*", re.ASCII)
_STEMS = "甲乙丙丁戊己庚辛壬癸"


class Deed(Protocol):
    """An act as the time-line has it."""

    @property
    def act(self) -> str:
        """Which."""

    @property
    def by(self) -> str:
        """Who did it."""

    @property
    def at(self) -> datetime:
        """When."""

    @property
    def words(self) -> str:
        """Why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asking:
    """Somebody asks to know who it is; nobody has decided yet."""

    by: str
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """How far it is opened: who asks, who may look until when, who looks until when."""

    asking: Asking | None = None
    open: tuple[tuple[str, datetime], ...] = ()
    shown: tuple[tuple[str, datetime], ...] = ()

    def may_look(self, name: str, now: datetime) -> bool:
        """Tell whether somebody may look now."""
        return any(who == name and now < until for who, until in self.open)

    def looks(self, name: str, now: datetime) -> bool:
        """Tell whether somebody sees it now: they pressed for it, and may."""
        return self.may_look(name, now) and any(who == name and now < until for who, until in self.shown)

    def against(self, act: Act, name: str, now: datetime) -> str:
        """Say what stands against an act of this person, as a code word; '' for nothing."""
        match act:
            case Act.ASK_IDENTITY if self.asking is not None or self.may_look(name, now):
                return "identity asked already"
            case Act.OPEN_IDENTITY | Act.KEEP_IDENTITY if self.asking is None:
                return "identity not asked"
            case Act.OPEN_IDENTITY if self.asking is not None and self.asking.by == name:
                return "identity takes two"
            case Act.SEE_IDENTITY if not self.may_look(name, now):
                return "identity not open"
            case _:
                return ""


def identity(deeds: Iterable[Deed], rules: Secrecy) -> Identity:
    """Read from a case's acts, oldest first, how far the identity is opened."""
    asking: Asking | None = None
    opened: list[tuple[str, datetime]] = []
    shown: list[tuple[str, datetime]] = []
    for deed in deeds:
        if deed.act == Act.ASK_IDENTITY:
            asking = Asking(by=deed.by, why=deed.words)
        elif deed.act == Act.OPEN_IDENTITY and asking is not None:
            opened.append((asking.by, deed.at + rules.identity_stands))
            asking = None
        elif deed.act == Act.KEEP_IDENTITY:
            asking = None
        elif deed.act == Act.SEE_IDENTITY:
            shown.append((deed.by, deed.at + rules.identity_shown))
    return Identity(asking=asking, open=tuple(opened), shown=tuple(shown))


def alias(number: str, word: str) -> str:
    """Call somebody 「来访人 甲-0312」: always the same of a case, of a person's two cases never the same."""
    drawn = int.from_bytes(sha256(f"alias {number}".encode()).digest()[:8], "big")
    return f"{word} {_STEMS[drawn % 10]}-{drawn // 10 % 10000:04d}"


def veil(text: str, known: Iterable[str], called: str) -> str:
    """Put what somebody is called in the place of what is known of them, and leave out every number, masked or not."""
    secret = sorted({each for each in known if len(each) > 1}, key=len, reverse=True)
    said = re.sub("|".join(map(re.escape, secret)), f"［{called}］", text) if secret else text
    return _MASKED.sub("［号码］", mask_text(said))
