"""The only sender. Whatever reaches a member outside an HTTP reply leaves through here, once.

A delivery is leased, its way chosen by what the platform still allows, marked as begun, sent, and
settled by the class of the answer. 客服消息 has no id against doubles: where nobody knows whether it
arrived, it is `unknown` and never sent again by itself. The store hands out a member's words one at
a time and in order, so nothing overtakes what is being sent or tried again.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

import structlog

from bot.channels import Channel, NotSent, Sent
from bot.loops import LEASE, Loop, Wakes
from bot.metrics import Metrics
from bot.world import World
from dialogs.delivery import WindowFacts, choose
from dialogs.events import DeliverySettled, Fate, Way
from dialogs.rules import Rules
from storage.deliveries import Delivery, Windows
from storage.engines import Database
from storage.turns import MemberKey

log = structlog.get_logger(__name__)

WAY: Way = "customer"
# Seconds before the second and the third try after `busy`; each is spread.
_BUSY = (3.0, 20.0)
# A pause of one member's words; what is longer is a quota of the account and holds the whole route.
_ROUTE = 120.0
# A set-up that is wrong stays wrong until somebody acts; one delivery tries the route this often.
_STOPPED = timedelta(minutes=5)
# How far back a start looks for what a sender sent and died before it could tell the conversation.
_REMEMBERED = timedelta(days=2)
_COUNTED_EVERY = timedelta(seconds=10)

Route = tuple[str, str]


class Told(Protocol):
    """What the outbox needs of the turn."""

    async def settled(self, member: MemberKey, event: DeliverySettled) -> None:
        """Tell a conversation what became of its words."""


class Ruled(Protocol):
    """What the outbox needs of the snapshots."""

    @property
    def rules(self) -> Rules:
        """The rules as they now stand."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hold:
    """Why nothing is sent by a route for now, and until when."""

    until: datetime
    code: int
    words: str


class Outbox(Loop[Delivery]):
    """Sends deliveries. `channels` by their name and account."""

    name = "outbox"

    def __init__(
        self,
        database: Database,
        turns: Told,
        hot: Wakes,
        world: World,
        metrics: Metrics,
        *,
        channels: Mapping[Route, Channel],
        snapshots: Callable[[], Ruled],
        poll: float = 5.0,
    ) -> None:
        super().__init__(hot, world, metrics, poll=poll)
        self._deliveries = database.deliveries
        self._turns = turns
        self._channels = channels
        self._snapshots = snapshots
        self._held: dict[Route, Hold] = {}
        self._busy: dict[int, int] = {}
        self._count_at: datetime | None = None
        self._caught_up = False

    async def claim(self, limit: int) -> Sequence[Delivery]:
        """Lease what is ready, after telling of what was being sent when its sender died."""
        now = self._world.now()
        await self._count(now)
        if not self._caught_up:
            for untold in await self._deliveries.untold(now - _REMEMBERED):
                await self._tell(untold, "sent")
            self._caught_up = True
        for lost in await self._deliveries.lapse(now):
            log.warning("delivery unknown", why="its sender died while sending", **self.label(lost))
            self._metrics.outbox.labels(WAY, "unknown").inc()
            await self._tell(lost, "unknown")
        return await self._deliveries.claim(self._worker, now, LEASE, limit)

    async def handle(self, row: Delivery) -> None:
        """Bring one delivery one step further: sent, settled otherwise, or ready again later."""
        route = (row.member.channel, row.member.account)
        channel, hold = self._channels.get(route), self._holds(route)
        if channel is None:
            await self._settle(row, "failed", "no_channel", words="这个公众号没有接上")
        elif hold is not None:
            await self._later(row, "held", hold.until, hold.code, hold.words)
        else:
            choice = choose(window_facts(row.windows), self._world.now(), self._snapshots().rules.quotas)
            if choice.way == "wait":
                await self._settle(row, "waiting", "waits", words=choice.why)
            else:
                await self._send(row, channel, route)

    def whose(self, row: Delivery) -> str:
        """Tell the member it is for."""
        return row.member.id

    def label(self, row: Delivery) -> dict[str, object]:
        """Name the delivery and its case."""
        return {"delivery": row.id, "number": row.number}

    async def _count(self, now: datetime) -> None:
        if self._count_at is not None and abs(now - self._count_at) < _COUNTED_EVERY:
            return
        self._count_at = now
        self._metrics.deliveries.clear()
        for status, count in (await self._deliveries.counts(now)).items():
            self._metrics.deliveries.labels(status).set(count)

    async def _send(self, delivery: Delivery, channel: Channel, route: Route) -> None:
        if not await self._deliveries.begin([delivery.id], self._world.now()):
            return  # the lease ran out and it is somebody else's now
        began = self._world.ticks()
        answer = await channel.send(delivery.member.user, delivery.text)
        self._metrics.sending_seconds.observe(self._world.ticks() - began)
        if isinstance(answer, Sent):
            self._open(route)
            await self._settle(delivery, "sent", "sent", way=WAY)
        else:
            await self._not_sent(delivery, route, answer)

    async def _not_sent(self, delivery: Delivery, route: Route, answer: NotSent) -> None:
        now = self._world.now()
        match answer.trouble:
            case "busy":
                await self._busy_again(delivery, answer, now)
            case "later":
                until = now + timedelta(seconds=answer.wait or self._world.spread(60.0))
                if answer.wait > _ROUTE:
                    self._hold(route, until, answer)
                await self._later(delivery, "later", until, answer.code, answer.words)
            case "stopped":
                until = now + max(_STOPPED, timedelta(seconds=answer.wait))
                self._hold(route, until, answer)
                self._metrics.stopped.labels(WAY).set(1)
                await self._later(delivery, "stopped", until, answer.code, answer.words)
            case "window" | "count":
                await self._settle(delivery, "waiting", answer.trouble, code=answer.code, words=answer.words)
            case "unreachable" | "refused":
                await self._settle(delivery, "failed", answer.trouble, code=answer.code, words=answer.words)
            case "unknown":
                await self._settle(delivery, "unknown", "unknown", way=WAY, code=answer.code, words=answer.words)

    async def _busy_again(self, delivery: Delivery, answer: NotSent, now: datetime) -> None:
        tries = self._busy.get(delivery.id, 0)
        if tries >= len(_BUSY):
            await self._settle(delivery, "waiting", "busy", code=answer.code, words=answer.words)
            return
        self._busy[delivery.id] = tries + 1
        pause = timedelta(seconds=self._world.spread(_BUSY[tries]))
        await self._later(delivery, "busy", now + pause, answer.code, answer.words)

    async def _later(self, delivery: Delivery, outcome: str, until: datetime, code: int, words: str) -> None:
        """Put a delivery back; it keeps its place before whatever else waits for the same member."""
        self._metrics.outbox.labels(WAY, outcome).inc()
        log.info("delivery put back", **self.label(delivery), outcome=outcome, code=code, until=until.isoformat())
        await self._deliveries.settle(
            delivery.id, "waiting", way=WAY, code=code, words=words, now=self._world.now(), retry_at=until
        )

    async def _settle(
        self, delivery: Delivery, fate: Fate, outcome: str, *, way: Way | None = None, code: int = 0, words: str = ""
    ) -> None:
        self._busy.pop(delivery.id, None)
        self._metrics.outbox.labels(WAY, outcome).inc()
        log.info("delivery settled", **self.label(delivery), fate=fate, outcome=outcome, code=code)
        now = self._world.now()
        if await self._deliveries.settle(delivery.id, fate, way=way, code=code, words=words, now=now):
            await self._tell(delivery, fate)

    async def _tell(self, delivery: Delivery, fate: Fate) -> None:
        event = DeliverySettled(delivery=delivery.id, fate=fate, asks=delivery.asks, number=delivery.number)
        await self._turns.settled(delivery.member, event)

    def _holds(self, route: Route) -> Hold | None:
        hold = self._held.get(route)
        return hold if hold is not None and self._world.now() < hold.until else None

    def _hold(self, route: Route, until: datetime, answer: NotSent) -> None:
        self._held[route] = Hold(until=until, code=answer.code, words=answer.words)
        log.error("route stopped", channel=route[0], account=route[1], code=answer.code, until=until.isoformat())

    def _open(self, route: Route) -> None:
        if self._held.pop(route, None) is not None:
            log.info("route open again", channel=route[0], account=route[1])
        self._metrics.stopped.labels(WAY).set(0)


def window_facts(windows: Windows) -> WindowFacts:
    """Say what the store knows of a member's windows in the words of the rule that chooses the way.

    A tap, a follow and a scan open windows of one kind; the youngest has the most left.
    """
    taps = (
        (windows.tapped, windows.tapped_sent),
        (windows.followed, windows.followed_sent),
        (windows.scanned, windows.scanned_sent),
    )
    at, sent = max(((at, sent) for at, sent in taps if at is not None), default=(None, 0))
    return WindowFacts(
        last_message=windows.said,
        sent_since_message=windows.said_sent,
        last_tap=at,
        sent_since_tap=sent,
        follows=windows.follows,
    )
