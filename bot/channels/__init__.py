"""One file or folder a channel: verify, read, write, send. This page is what every channel gives."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol

from dialogs.events import MemberEvent
from storage.turns import MemberKey

# Why a sending did not succeed, by what can be done about it (reference: the platform's error codes).
Trouble = Literal[
    "busy",  # -1: try again, with back-off and jitter, three times at most
    "later",  # 45011, 45009: this route is over its frequency or quota until `wait` seconds have passed
    "window",  # 45015: no word from the member in 48 hours; wait for their next
    "count",  # 45047: this window's messages are used up; wait for their next
    "unreachable",  # 40003, 43004, 48002 …: this member cannot be reached here
    "refused",  # 45002, 47003 …: this message can never be sent as it is
    "stopped",  # 40013, 40125, 40164, 48001 …: the account's set-up is wrong; stop the route and alert
    "unknown",  # a time-out after the request went out, HTTP 5xx: it may have arrived; never again blindly
]


class BadPush(Exception):  # noqa: N818  the name is the plan's
    """A push that is not to be believed or cannot be read: answered with `status` at once, counted by `kind`."""

    def __init__(self, kind: str, status: int = 400) -> None:
        super().__init__(kind)
        self.kind = kind
        self.status = status


@dataclass(frozen=True, slots=True, kw_only=True)
class Push:
    """One push, verified and read. `seal` is the channel's own note on how its reply must be wrapped.

    `drift` is the push's signed time less ours, in seconds, where the platform signs one.
    """

    key: str
    member: MemberKey
    event: MemberEvent
    at: datetime
    to: str
    seal: object = None
    drift: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """The platform took it."""

    reference: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class NotSent:
    """It was not taken, or nobody knows. `wait` is in seconds, 0 where the caller decides."""

    trouble: Trouble
    code: int
    words: str
    wait: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Media:
    """A photo or recording as fetched from the platform."""

    content: bytes
    kind: str


class Channel(Protocol):
    """What the turn, the door and the outbox need of a channel."""

    name: str
    account: str
    limit: int

    def greet(self, query: Mapping[str, str], now: datetime) -> str:
        """Answer the platform's check of our address (GET), or raise BadPush."""

    def read(self, query: Mapping[str, str], body: bytes, now: datetime) -> Push:
        """Verify and read one push, or raise BadPush; never anything else."""

    def render(self, push: Push, text: str, at: datetime) -> bytes:
        """Write the reply that is stored and repeated byte for byte."""

    def seal(self, push: Push, reply: bytes, at: datetime) -> bytes:
        """Wrap a stored reply for the wire (encrypted afresh where the push was); b"" means no reply."""

    async def send(self, user: str, text: str) -> Sent | NotSent:
        """Send words outside a reply."""

    async def fetch(self, media: str) -> Media | NotSent:
        """Fetch a photo or recording by its id."""
