"""Which way may a member's own matter reach them now: windows and counts of the platform as arithmetic.

How the platform's windows add up is not documented. Each window is counted by itself and from all that was sent
since it opened, the margin is ours, and when the platform says no (45015, 45047) it is right.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from dialogs.rules.shapes import Quotas, Window

Route = Literal["customer", "wait"]


@dataclass(frozen=True, slots=True, kw_only=True)
class WindowFacts:
    """What opens windows: when the member last wrote, last tapped, followed or scanned, and what we sent since each."""

    last_message: datetime | None = None
    last_tap: datetime | None = None
    sent_since_message: int = 0
    sent_since_tap: int = 0
    follows: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """The way to take and why, in a sentence for staff. `left` counts this message too; the way shuts at `until`."""

    way: Route
    why: str
    left: int = 0
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class _Open:
    name: Literal["message", "tap"]
    left: int
    until: datetime


def choose(facts: WindowFacts, now: datetime, quotas: Quotas) -> Choice:
    """Give the way for a message about the member's own matter, outside a passive reply.

    客服消息 while a window is open and has messages left; else the words wait for the member's next visit.
    """
    words = quotas.words
    if not facts.follows:
        return Choice(way="wait", why=words["gone"])
    open_windows = [
        window
        for window in (
            _window("message", facts.last_message, facts.sent_since_message, quotas.message, now),
            _window("tap", facts.last_tap, facts.sent_since_tap, quotas.tap, now),
        )
        if window
    ]
    usable = [window for window in open_windows if window.left > 0]
    if usable:
        best = max(usable, key=lambda window: (window.left, window.until))
        return Choice(way="customer", why=words[best.name], left=best.left, until=best.until)
    if open_windows:
        return Choice(way="wait", why=words["spent"])
    never = facts.last_message is None and facts.last_tap is None
    return Choice(way="wait", why=words["never" if never else "shut"])


def compose(choice: Choice, now: datetime, size: int, quotas: Quotas) -> str:
    """Say what stands below the composer: the way, how long and how many, and the bytes used.

    「将以客服消息送达（窗口还剩 31 小时，本轮还可发 4 条）· 186 字节」.
    """
    if choice.way == "wait" or choice.until is None:
        said = quotas.words["compose_wait"].format(why=choice.why, bytes=size)
    else:
        left = say_span(choice.until - now)
        said = quotas.words["compose"].format(left=left, count=choice.left, bytes=size)
    parts = -(-size // quotas.bytes)
    return said + (quotas.words["too_long"].format(limit=quotas.bytes, parts=parts) if parts > 1 else "")


def say_span(span: timedelta) -> str:
    """Give a span in its largest whole unit: 「31 小时」, 「12 分钟」, 「40 秒」."""
    seconds = max(0, int(span.total_seconds()))
    if seconds >= 3600:
        return f"{seconds // 3600} 小时"
    return f"{seconds // 60} 分钟" if seconds >= 60 else f"{seconds} 秒"


def _window(
    name: Literal["message", "tap"], opened: datetime | None, sent: int, window: Window, now: datetime
) -> _Open | None:
    """Give the window if it is open now. One that opens in the future (clocks differ) is taken as opening now."""
    if opened is None:
        return None
    until = min(opened, now) + window.lasts - window.early
    return _Open(name, max(0, window.count - max(0, sent)), until) if now < until else None
