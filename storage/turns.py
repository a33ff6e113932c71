"""One turn's reading and writing: gathered together, committed together.

Conversations that read or commit at the same moment share a round trip (group commit). A
`TurnWrite` is everything that one turn changes; it is stored whole or not at all.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from hashlib import blake2b
from typing import Literal, Protocol

from dialogs.conversation import Conversation
from dialogs.effects import Effect
from dialogs.events import Event
from dialogs.facts import KnownCase, Profile, Waiting, Wants


@dataclass(frozen=True, slots=True)
class MemberKey:
    """Who a member is to a channel: its name, our account there, and their user key (openid)."""

    channel: str
    account: str
    user: str
    id: str = field(init=False, repr=False, compare=False)
    """The member's id everywhere else: 32 hexadecimal digits, the same on every machine."""

    def __post_init__(self) -> None:
        whole = f"{self.channel}/{self.account}/{self.user}".encode()
        object.__setattr__(self, "id", blake2b(whole, digest_size=16).hexdigest())


class Conflict(Exception):  # noqa: N818  it is an outcome, not a fault
    """Another process changed this conversation or case since it was read; read again and decide again."""


class NotAllowed(Conflict):
    """A turn wants an act that its case does not allow: the case moved on, or the dialog has a mistake.

    Read again and decide again; if it comes back, it is the mistake.
    """


@dataclass(frozen=True, slots=True, kw_only=True)
class Received:
    """A push that is stored. `reply` is the exact reply (bytes of inner XML) once it was answered; b"" is silence.

    `event` is whole until it was answered; then only the transcript has its words.
    """

    key: str
    status: Literal["received", "answered"]
    reply: bytes | None
    event: Event
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Gather:
    """What to read for one turn. `key` is the push's (or our own event's) key, unique per account."""

    member: str
    key: str
    wants: Wants | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Gathered:
    """What was found. `version` 0 means that the conversation was never stored.

    `backlog` holds this member's events that are stored but not yet turned, oldest first.
    """

    already: Received | None
    conversation: Conversation
    version: int
    profile: Profile
    cases: tuple[KnownCase, ...]
    waiting: tuple[Waiting, ...]
    nearby: tuple[KnownCase, ...]
    backlog: tuple[Received, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class TurnWrite:
    """One turn, whole. `answered` False stores only the event (status `received`, answered `success`).

    `reply`: what goes back on the wire when the words travel in the HTTP answer (way passive);
    None when they are to go through the outbox. `version` is the conversation's as read.
    """

    member: MemberKey
    key: str
    event: Event
    at: datetime
    answered: bool = True
    conversation: Conversation | None = None
    version: int = 0
    effects: tuple[Effect, ...] = ()
    reply: bytes | None = None
    text: str = ""


class TurnStore(Protocol):
    """What the turn needs of storage; on SQLite and PostgreSQL alike."""

    async def gather(self, ask: Gather) -> Gathered:
        """Read everything for one turn in one round trip (shared with whoever reads at the same moment)."""

    async def commit(self, write: TurnWrite) -> None:
        """Store one turn durably. Raises Conflict if the conversation's version or a case's moved on.

        A key that is already stored as answered raises Conflict as well: gather again and you
        will find its reply.
        """

    async def fetch(self, member: str, key: str, at: datetime) -> bool:
        """Note that a repeat takes the stored reply, before it does: from then on nobody redirects it.

        False where that was noted before, or the outbox has taken its words: gather again.
        """

    async def redirect(self, write: TurnWrite, *, taken: bool = False) -> bool:
        """Send by the outbox what a turn had answered and nobody fetched; its stored reply becomes silence.

        False where there is no such reply any more, or a repeat has fetched it; `taken` says that whoever fetched it
        could not hand it over.
        """

    async def unturned(self, limit: int) -> list[tuple[MemberKey, str]]:
        """Members (and the oldest key) with stored events that nobody has turned, oldest first."""
