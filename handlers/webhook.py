"""The door for the platforms' pushes: `GET` and `POST /wechat/{account}`.

What is bad is refused at once with a 4xx, counted by kind and changes nothing; no push ever meets
a 500. The answer's body is the same for every refusal: who may push knows why from /metrics.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Protocol

import structlog
from aiohttp import web

from bot.channels import BadPush, Channel, Push
from bot.metrics import Metrics
from bot.turn import TooLate
from handlers.whole import answer

# The biggest push of the platform is a few kilobytes.
LIMIT: Final = 64 * 1024
# The platform sends a push in one piece; who dribbles is not the platform. Seconds.
_BODY_TIMEOUT: Final = 5.0

_XML: Final = "application/xml; charset=utf-8"
_PLAIN: Final = "text/plain"

_log = structlog.get_logger(__name__)


class Turns(Protocol):
    """What takes a push through its turn."""

    async def answer(self, push: Push, channel: Channel) -> bytes:
        """Return the reply as stored, b"" for silence; raise TooLate where nothing could be committed in time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Door:
    """Everything the door needs: the channels by account, the turns, the clock and the counts."""

    channels: Mapping[str, Channel]
    turns: Turns
    now: Callable[[], datetime]
    metrics: Metrics


def open_door(app: web.Application, door: Door) -> None:
    """Add the push address of every account to an application, and refuse who asks for another."""
    for account, channel in door.channels.items():
        # An address without a variable is found by one look, and its handler has its channel at hand.
        entrance = _Entrance(door, channel)
        app.router.add_get(f"/wechat/{account}", entrance.greet, allow_head=False)
        app.router.add_post(f"/wechat/{account}", entrance.push)

    async def stranger(request: web.Request) -> web.Response:
        del request
        return _refusal(door, BadPush("unknown_account", 404))

    app.router.add_get("/wechat/{account}", stranger, allow_head=False)
    app.router.add_post("/wechat/{account}", stranger)


@dataclass(frozen=True, slots=True)
class _Entrance:
    """One account's address."""

    door: Door
    channel: Channel

    async def greet(self, request: web.Request) -> web.Response:
        """Answer the platform's check of our address: its `echostr`, byte for byte."""
        try:
            echo = self.channel.greet(request.query, self.door.now())
        except BadPush as bad:
            return _refusal(self.door, bad)
        return web.Response(text=echo, headers={"X-Content-Type-Options": "nosniff"})

    async def push(self, request: web.Request) -> web.StreamResponse:
        """Take one push: read it, have it turned, answer with the reply or with `success`."""
        door = self.door
        try:
            pushed = self.channel.read(request.query, await _body(request), door.now())
        except BadPush as bad:
            return _refusal(door, bad)
        except Exception:  # noqa: BLE001  whatever came in must not become a 500: the member would see an error
            _log.exception("push_unreadable")
            return _refusal(door, BadPush("unreadable"))
        _count(door.metrics, pushed)
        try:
            reply = await door.turns.answer(pushed, self.channel)
            now = door.now()
            sealed = self.channel.seal(pushed, reply, now)
        except TooLate:
            return _later(door)
        except Exception:  # noqa: BLE001  perhaps committed, perhaps not: pushed again, its key finds what was done
            _log.exception("turn_failed")
            return _later(door)
        return answer(request, sealed, _XML, now) if sealed else answer(request, b"success", _PLAIN, now)


async def _body(request: web.Request) -> bytes:
    """Read the body, and no more of it than a push may have."""
    if request.content.is_eof():  # it came in one piece with its head, as nearly all do
        return _within(request.content.read_nowait())
    if (request.content_length or 0) > LIMIT:
        raise BadPush("oversized", 413)
    try:
        async with asyncio.timeout(_BODY_TIMEOUT):
            # Counted as read, not as announced: a compressed or chunked body announces nothing.
            body = b""
            while chunk := await request.content.readany():
                body = _within(body + chunk)
            return body
    except TimeoutError:
        raise BadPush("slow", 408) from None


def _within(body: bytes) -> bytes:
    if len(body) > LIMIT:
        raise BadPush("oversized", 413)
    return body


def _count(metrics: Metrics, pushed: Push) -> None:
    metrics.accepted(type(pushed.event).__name__).inc()
    if pushed.drift is not None:
        metrics.drift.set(pushed.drift)


def _refusal(door: Door, bad: BadPush) -> web.Response:
    door.metrics.bad_pushes.labels(bad.kind).inc()
    response = web.Response(status=bad.status, text="refused\n")
    if bad.status in {408, 413}:
        response.force_close()
    return response


def _later(door: Door) -> web.Response:
    door.metrics.refused.inc()
    return web.Response(status=503, text="later\n", headers={"Retry-After": "5"})
