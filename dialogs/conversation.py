"""The state of one member's conversation, and what a turn gives back. Stored as JSON, encrypted.

`wants` and `step` live in step.py; this page is what they hand around.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from dialogs.effects import Effect

Stage = Literal["consent", "asking", "confirming", "resting"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """One answer already given: the value, and the words that read it back.

    `told`: nobody asked for it; the words of the matter said it.
    """

    value: str
    shown: str
    vague: bool = False
    ours: bool = False
    told: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """A service in work, pinned to the version it began. `step` is a key, never an index.

    `consent` is the version of the consent text that the member was shown.
    """

    service: str
    version: int
    stage: Stage
    step: str
    held: dict[str, Held]
    began: datetime
    touched: datetime
    editing: bool = False
    scanned: str = ""
    consent: str = ""
    offered: tuple[str, ...] = ()
    media: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """A numbered question outside a form, as last put to the member: what it is about and what each number means.

    `options` are code words in the order of the numbers; `data` is what the question is about.
    """

    kind: str
    options: tuple[str, ...] = ()
    number: str = ""
    data: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """Words that did not fit into a message any more; `number` is the case whose words they are, if one's."""

    words: str
    number: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Conversation:
    """All that is remembered from turn to turn. The default is a member never heard of.

    `answered` is the matter whose answer the member was told last, and `answered_at` when. `hinted` is
    the talk in which they heard already how something else is registered.
    """

    form: Form | None = None
    question: Question | None = None
    later: tuple[Question, ...] = ()
    misses: int = 0
    talking: tuple[str, ...] = ()
    acknowledged: bool = False
    hinted: str = ""
    more: tuple[Part, ...] = ()
    traditional: bool = False
    plain: bool = False
    greeted: bool = False
    unit: str = ""
    last: datetime | None = None
    answered: str = ""
    answered_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """What a step decided: the conversation as it is now, and what shall be done, in order."""

    conversation: Conversation
    effects: tuple[Effect, ...] = ()
