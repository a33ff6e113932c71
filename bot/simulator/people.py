"""Members as the platform sees them: who follows, what was said, what the account may still send."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal

Act = Literal["message", "tap", "follow", "scan"]
Way = Literal["passive", "customer", "subscribe", "template", "mass"]

# What each act of a member allows: so many customer messages for so long (reference/wechat.md §3.4).
_ALLOWS: dict[Act, tuple[int, timedelta]] = {
    "message": (5, timedelta(hours=48)),
    "tap": (3, timedelta(minutes=1)),
    "follow": (3, timedelta(minutes=1)),
    "scan": (3, timedelta(minutes=1)),
}


@dataclass(slots=True, kw_only=True)
class Window:
    """One act's allowance: open until `closes`, `left` messages to go."""

    closes: datetime
    left: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """A row that can be tapped inside a message: what it says and the id that comes back with it."""

    id: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One thing in the chat. `seq` counts over all members; `push` names the push that a passive reply answers."""

    seq: int
    sender: Literal["member", "account", "platform"]
    type: str
    text: str
    way: str
    at: datetime
    push: int = 0
    media: str = ""
    choices: tuple[Choice, ...] = ()


@dataclass(slots=True, kw_only=True)
class Member:
    """One phone. `left` is true after unfollowing: then nothing can be said or sent."""

    openid: str
    name: str
    since: datetime
    following: bool = False
    left: bool = False
    scene: str = ""
    followed_at: datetime | None = None
    messages: list[Message] = field(default_factory=list)
    windows: dict[Act, Window] = field(default_factory=dict)
    agreed: dict[str, int] = field(default_factory=dict)  # one-time acceptances left, by template id
    refused: set[str] = field(default_factory=set)
    mass: dict[str, int] = field(default_factory=dict)  # mass messages received, by month
    typing_until: datetime | None = None

    def acted(self, act: Act, now: datetime) -> None:
        """Open (or open afresh) the window that this act gives."""
        count, length = _ALLOWS[act]
        self.windows[act] = Window(closes=now + length, left=count)

    def open_windows(self, now: datetime) -> list[Window]:
        """List the windows that are still open, used up or not."""
        return [window for window in self.windows.values() if now < window.closes]

    def may_send(self, now: datetime) -> tuple[bool, bool]:
        """Tell whether any window is open, and whether one of the open ones has messages left."""
        windows = self.open_windows(now)
        return bool(windows), any(window.left > 0 for window in windows)

    def used(self, now: datetime) -> None:
        """Count one customer message, in every open window.

        How windows add up is unconfirmed (§3.4): the stricter reading, they do not.
        """
        for window in self.open_windows(now):
            window.left = max(0, window.left - 1)

    def follow(self, scene: str, now: datetime) -> None:
        """Follow, perhaps by a code."""
        self.following, self.left = True, False
        self.scene, self.followed_at = scene, now

    def leave(self) -> None:
        """Unfollow: windows and acceptances go with it."""
        self.following, self.left = False, True
        self.windows.clear()
        self.agreed.clear()


def best(windows: Iterable[Window]) -> Window | None:
    """Choose the window to show: the one with messages left that stays open longest, else the longest open."""
    return max(windows, key=lambda window: (window.left > 0, window.closes), default=None)
