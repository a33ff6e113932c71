"""A service's background work over a real store, with a platform that answers as it is told."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from sqlalchemy import select

from bot.channels import Channel, Media, NotSent, Sent, Trouble
from bot.indexer import Indexer
from bot.media import Fetcher
from bot.metrics import Metrics
from bot.outbox import Outbox
from bot.timers import Timers
from bot.world import Numbers, World
from dialogs.conversation import Conversation
from dialogs.effects import Effect, Say
from dialogs.events import DeliverySettled, Left, MemberSaid, MemberTapped, TimerFired
from dialogs.rules import Rules
from storage import tables
from storage.crypto import Keys
from storage.engines import Database, open_database
from storage.hot import open_hot
from storage.media import Kept
from storage.turns import Gather, MemberKey, TurnWrite
from tests.waiting import PATIENCE

NOON = datetime(2026, 11, 21, 4, 0, tzinfo=UTC)
ZHOU = MemberKey("wechat", "main", "oZHOU")
LI = MemberKey("wechat", "main", "oLI")
Answer = Sent | NotSent | Callable[[], "Sent | NotSent"]


class Clock:
    """A clock that stands until it is moved."""

    def __init__(self) -> None:
        self.at = NOON

    def now(self) -> datetime:
        return self.at

    def forward(self, **span: float) -> None:
        self.at += timedelta(**span)


class Platform:
    """A channel that takes what it is told to take, and remembers the order."""

    name = "wechat"
    account = "main"
    limit = 2047

    def __init__(self) -> None:
        self.took: list[tuple[str, str]] = []
        self.asked: list[tuple[str, str]] = []
        self.answers: list[Answer] = []
        self.photos: dict[str, Media | NotSent] = {}
        self.meet: asyncio.Barrier | None = None
        self.began = asyncio.Event()

    async def send(self, user: str, text: str) -> Sent | NotSent:
        self.began.set()
        if self.meet is not None:
            async with asyncio.timeout(PATIENCE):
                await self.meet.wait()
        await asyncio.sleep(0.002)
        self.asked.append((user, text))
        answer = self.answers.pop(0) if self.answers else Sent()
        answer = answer() if callable(answer) else answer
        if isinstance(answer, Sent):
            self.took.append((user, text))
        return answer

    async def fetch(self, media: str) -> Media | NotSent:
        return self.photos[media]


@dataclass
class Told:
    """Stands where the turn does: what it is told, in order."""

    settled_as: list[tuple[str, str, str]] = field(default_factory=list)
    fired: list[tuple[str, str]] = field(default_factory=list)
    breaks: bool = False

    async def settled(self, member: MemberKey, event: DeliverySettled) -> None:
        self.settled_as.append((member.user, event.fate, event.asks))

    async def timer_fired(self, member: MemberKey, event: TimerFired, key: str) -> None:
        if self.breaks:
            raise ValueError("a bug in a turn")
        self.fired.append((member.user, event.kind))


@dataclass
class House:
    """A service's background work over a store of its own."""

    database: Database
    platform: Platform
    told: Told
    clock: Clock
    world: World
    metrics: Metrics
    outbox: Outbox
    timers: Timers
    media: Fetcher
    indexer: Indexer

    async def commit(self, member: MemberKey, event: object, *effects: Effect, at: datetime | None = None) -> None:
        found = await self.database.turns.gather(Gather(member=member.id, key="-"))
        key = f"{type(event).__name__}/{found.version}"
        await self.database.turns.commit(
            TurnWrite(
                member=member,
                key=key,
                event=event,  # type: ignore[arg-type]
                at=at or self.clock.now(),
                conversation=Conversation(),
                version=found.version,
                effects=effects,
                reply=b"" if isinstance(event, (MemberSaid, MemberTapped, Left)) else None,
            )
        )

    async def hears(self, member: MemberKey, text: str = "在吗") -> None:
        await self.commit(member, MemberSaid(text=text, folded=text))

    async def says(self, member: MemberKey, *texts: str, asks: str = "", number: str = "") -> None:
        for text in texts:
            await self.commit(member, TimerFired(kind="test"), Say(text=text, asks=asks, number=number))

    async def statuses(self) -> dict[str, int]:
        found = await self.database.deliveries.counts(self.clock.now())
        return {status: count for status, count in found.items() if status != "due" and count}

    async def kept(self) -> list[Kept | None]:
        ids = await self.database._engine.read(
            lambda conn: conn.execute(select(tables.media.c.id).order_by(tables.media.c.id)).scalars().all()
        )
        return [await self.database.media.get(item) for item in ids]

    def counted(self, outcome: str) -> float:
        found = self.metrics.registry.get_sample_value(
            "hongyan_outbox_attempts_total", {"way": "customer", "outcome": outcome}
        )
        return found or 0.0


@dataclass(frozen=True)
class Material:
    """As much of the snapshots as sending needs."""

    rules: Rules


@asynccontextmanager
async def built(database_url: str, keys: Keys, material: Material) -> AsyncIterator[House]:
    told, clock, metrics, platform = Told(), Clock(), Metrics(), Platform()
    channels: dict[tuple[str, str], Channel] = {("wechat", "main"): platform}  # type: ignore[dict-item]
    async with open_hot(None) as hot, open_database(database_url, keys, clock=clock.now) as database:
        world = World(numbers=Numbers(database.numbers.lease), clock=clock)
        yield House(
            database,
            platform,
            told,
            clock,
            world,
            metrics,
            Outbox(database, told, hot, world, metrics, channels=channels, snapshots=lambda: material, poll=0.02),
            Timers(database, told, hot, world, metrics, poll=0.02),
            Fetcher(database, hot, world, metrics, channels=channels, poll=0.02),
            Indexer(database, hot, world, metrics, poll=0.02),
        )


def no(trouble: Trouble, code: int = 1, wait: float = 0.0) -> NotSent:
    return NotSent(trouble=trouble, code=code, words="平台的话", wait=wait)
