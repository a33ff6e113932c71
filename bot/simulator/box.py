"""The platform's memory: members and what reached them, the menu, media, counts, faults, what went over the wire."""

from __future__ import annotations

import asyncio
import secrets
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Literal

from bot.simulator.cipher import Envelope
from bot.simulator.clock import Clock, day_of
from bot.simulator.people import Member, Message
from bot.simulator.settings import SimSettings
from bot.simulator.words import Shown

_NAMES = ("王秀英", "周建国", "李师傅", "陈小雨", "赵大爷", "孙敏", "吴强", "郑阿姨")
_REMEMBERED = 400  # messages kept of one phone
_MEDIA_LIFE = timedelta(days=3)  # temporary media (reference/wechat.md §3.8)


@dataclass(frozen=True, slots=True, kw_only=True)
class Media:
    """A picture or recording under its id. `sample` names a drawn picture; else the content lies in `content`."""

    id: str
    kind: str
    made: datetime
    sample: str = ""
    content: bytes = b""


@dataclass(frozen=True, slots=True, kw_only=True)
class MassJob:
    """One mass send: its id, when it was asked for, and the name that makes it the same when asked again."""

    id: int
    name: str
    at: datetime
    to_all: bool = False


@dataclass(slots=True, kw_only=True)
class Kept:
    """What outlives the process."""

    members: dict[str, Member] = field(default_factory=dict)
    menu: dict[str, object] | None = None
    media: dict[str, Media] = field(default_factory=dict)
    scenes: dict[str, str] = field(default_factory=dict)  # ticket -> scene, of codes that the account made
    counts: dict[str, int] = field(default_factory=dict)  # "2026-11-22 /cgi-bin/…" -> calls
    jobs: list[MassJob] = field(default_factory=list)
    templates: dict[str, tuple[int, datetime]] = field(default_factory=dict)  # openid + client_msg_id -> msgid, when
    seq: int = 0


@dataclass(slots=True, kw_only=True)
class Fault:
    """What goes wrong with the next calls of a path."""

    path: str
    times: int
    errcode: int | None = None
    status: int | None = None
    delay: float = 0.0


@dataclass(slots=True, kw_only=True)
class Call:
    """One call of the account's at the platform."""

    path: str
    body: object
    at: datetime
    status: int = 0
    errcode: int = 0
    answer: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Try:
    """One try of a push: status 0 when nothing came back, and then `note` says why."""

    status: int
    answer: str
    plain: str
    note: str
    took: float


@dataclass(slots=True, kw_only=True)
class Push:
    """One push and its tries. `plain` is the XML inside; `sent` is what the last try carried."""

    id: int
    openid: str
    at: datetime
    plain: str
    url: str = ""
    sent: str = ""
    tries: list[Try] = field(default_factory=list)
    verdict: str = ""


class Box:
    """Everything that the platform knows. One event loop; nothing here waits."""

    def __init__(self, settings: SimSettings, clock: Clock, kept: Kept | None = None) -> None:
        self.settings = settings
        self.clock = clock
        self.kept = kept or Kept()
        self.envelope = Envelope(settings.aes_key, settings.app_id) if settings.mode != "plain" else None
        self.calls: deque[Call] = deque(maxlen=5000)
        self.pushes: deque[Push] = deque(maxlen=300)
        self.faults: list[Fault] = []
        self.arrived: dict[str, float] = {}  # openid -> when something last reached them, on the loop's clock
        self.dirty = asyncio.Event()
        self._listeners: set[asyncio.Queue[str]] = set()
        self._last_id = 0
        self._last_event: dict[tuple[str, str, str], int] = {}

    def now(self) -> datetime:
        """Tell the platform's time: CreateTime, windows, quotas."""
        return self.clock.now()

    def real(self) -> datetime:
        """Tell the time that signatures carry and tokens live by."""
        return self.clock.now() if self.settings.shared_clock else datetime.now(UTC)

    def new_id(self) -> int:
        """Make a 64-bit id, growing, never used before (not in an earlier run either)."""
        self._last_id = max(self._last_id + 1, time.time_ns())
        return self._last_id

    def event_second(self, openid: str, event: str, key: str) -> int:
        """Give an event its CreateTime: one member's same event never twice in a second.

        Events have no MsgId: the second is part of what tells them from a repeat.
        """
        name = (openid, event, key)
        second = max(int(self.now().timestamp()), self._last_event.get(name, 0) + 1)
        self._last_event[name] = second
        return second

    def add_member(self, name: str = "") -> Member:
        """Make somebody who has a phone and does not follow yet."""
        count = len(self.kept.members)
        turn = f"（{count // len(_NAMES) + 1}）" if count >= len(_NAMES) else ""
        openid = "o" + secrets.token_urlsafe(21)[:27]
        member = Member(openid=openid, name=name or _NAMES[count % len(_NAMES)] + turn, since=self.now())
        self.kept.members[openid] = member
        self.tell("members")
        return member

    def write(
        self, member: Member, sender: Literal["member", "account"], shown: Shown, way: str = "", push: int = 0
    ) -> Message:
        """Put something into a chat."""
        self.kept.seq += 1
        message = Message(
            seq=self.kept.seq,
            sender=sender,
            type=shown.type,
            text=shown.text,
            way=way,
            at=self.now(),
            push=push,
            media=shown.media,
            choices=shown.choices,
        )
        member.messages.append(message)
        del member.messages[:-_REMEMBERED]
        if sender == "account":
            self.arrived[member.openid] = time.monotonic()
            member.typing_until = None
        self.tell(member.openid)
        return message

    def keep_media(self, kind: str, *, sample: str = "", content: bytes = b"") -> Media:
        """Keep a picture or a recording for three days."""
        self.kept.media = {name: one for name, one in self.kept.media.items() if self.now() - one.made < _MEDIA_LIFE}
        media = Media(id=secrets.token_urlsafe(48), kind=kind, made=self.now(), sample=sample, content=content)
        self.kept.media[media.id] = media
        return media

    def media(self, name: str) -> Media | None:
        """Find media that has not expired."""
        found = self.kept.media.get(name)
        return found if found and self.now() - found.made < _MEDIA_LIFE else None

    def count(self, name: str) -> int:
        """Count one more of these today; returns how many that makes."""
        today = day_of(self.now())
        if not any(key.startswith(today) for key in self.kept.counts):
            self.kept.counts = {key: n for key, n in self.kept.counts.items() if key.startswith(today[:7])}
        key = f"{today} {name}"
        self.kept.counts[key] = self.kept.counts.get(key, 0) + 1
        return self.kept.counts[key]

    def counted(self, name: str) -> int:
        """Tell how many of these there have been today."""
        return self.kept.counts.get(f"{day_of(self.now())} {name}", 0)

    def fault(self, path: str) -> Fault | None:
        """Take the next fault that was ordered for this path."""
        for fault in self.faults:
            if fault.path == path:
                fault.times -= 1
                self.faults = [one for one in self.faults if one.times > 0]
                return fault
        return None

    def tell(self, what: str) -> None:
        """Tell the phones that something changed: an openid, or `board`, or `members`."""
        self.dirty.set()
        for listener in self._listeners:
            if listener.qsize() < 1000:
                listener.put_nowait(what)

    def hush(self) -> None:
        """Let every listener go: the box is closing."""
        for listener in self._listeners:
            listener.put_nowait("")

    @contextmanager
    def listening(self) -> Iterator[asyncio.Queue[str]]:
        """Hear what `tell` tells."""
        queue: asyncio.Queue[str] = asyncio.Queue()
        self._listeners.add(queue)
        try:
            yield queue
        finally:
            self._listeners.discard(queue)
