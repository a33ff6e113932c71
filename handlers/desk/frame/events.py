"""Live without reload: which case changed, by number only, to those who may see it.

A browser holds one connection however many tabs it has (static/desk/js/live.js). What an event
means is fetched again with the person's own rights, so a lost or doubled event harms nobody.
"""

from __future__ import annotations

import asyncio
from time import monotonic

from aiohttp import web
from aiohttp_sse import EventSourceResponse, sse_response

from bot.desk import PRESENT, TOPIC
from bot.rights import scope_of
from handlers.desk.frame.door import door
from handlers.desk.frame.guard import COOKIE, IDLE
from storage.cases import CaseRow, Cases
from storage.hot import Hot
from storage.sight import Scope

_EVENTS = {"case": TOPIC, "here": PRESENT}
BEAT = 15.0  # s; proxies close what is silent for a minute


class Streams(set[asyncio.Task[None]]):
    """The streams that are open."""


STREAMS = web.AppKey("STREAMS", Streams)


class Whereabouts:
    """Looks up a changed case once for all the streams that hear of it at the same moment."""

    LASTS = 1.0  # s; long enough for one event's streams, too short for a transfer to be missed

    def __init__(self, cases: Cases) -> None:
        self._cases = cases
        self._found: dict[str, tuple[float, asyncio.Future[CaseRow | None]]] = {}

    async def case(self, number: str) -> CaseRow | None:
        """Give a case as it now stands."""
        now = monotonic()
        self._found = {each: seen for each, seen in self._found.items() if now - seen[0] < self.LASTS}
        if number not in self._found:
            self._found[number] = (now, asyncio.ensure_future(self._cases.find(number)))
        return await asyncio.shield(self._found[number][1])


WHEREABOUTS = web.AppKey("WHEREABOUTS", Whereabouts)


async def stream(request: web.Request) -> web.StreamResponse:
    """Send events until the browser leaves, the session ends or the service stops."""
    async with sse_response(request) as response:
        sender = asyncio.create_task(_send(request, response))
        streams = request.config_dict[STREAMS]
        streams.add(sender)
        try:
            await sender
        except ConnectionResetError:
            pass
        except asyncio.CancelledError:
            # The service stops (the sender was cancelled), or the browser left (this request was).
            sender.cancel()
        finally:
            streams.discard(sender)
    return response


async def stop(app: web.Application) -> None:
    """End all streams, so that stopping the service does not wait for browsers."""
    streams = app[STREAMS]
    for sender in tuple(streams):
        sender.cancel()


async def _send(request: web.Request, response: EventSourceResponse) -> None:
    where = request.config_dict[WHEREABOUTS]
    heard = _Heard(door(request).hot)
    try:
        await response.send("", event="beat", retry=3000)
        while True:
            told = await heard.wait(BEAT)
            cases = [await where.case(number) for _, number in told]
            # Looked up last, and every time: a stream stays open for hours, and rights may change at any moment.
            scope = await _scope(request)
            if scope is None:
                return
            if not told:
                await response.send("", event="beat")
            for (event, number), case in zip(told, cases, strict=True):
                if case is not None and _concerns(scope, case):
                    await response.send(number, event=event)
    finally:
        heard.stop()


class _Heard:
    """What is published, by the name of its event. The same wait is taken up again: cancelling it ends listening."""

    def __init__(self, hot: Hot) -> None:
        self._changes = {event: aiter(hot.listen(topic)) for event, topic in _EVENTS.items()}
        self._waits = {event: asyncio.ensure_future(anext(changes)) for event, changes in self._changes.items()}

    async def wait(self, seconds: float) -> list[tuple[str, str]]:
        """Wait for what comes next, at most so long; gives events and numbers."""
        await asyncio.wait(self._waits.values(), timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        told = [(event, wait.result()) for event, wait in self._waits.items() if wait.done()]
        for event, _ in told:
            self._waits[event] = asyncio.ensure_future(anext(self._changes[event]))
        return told

    def stop(self) -> None:
        """Listen no more."""
        for wait in self._waits.values():
            wait.cancel()


def _concerns(scope: Scope, case: CaseRow) -> bool:
    """Tell whether this person sees the case, or it has just gone from where they saw it and must leave their lists."""
    left = {case.above, case.sent_by, case.first_unit} & scope.whole
    return scope.sees(case) or bool(left & scope.cleared if case.confidential else left)


async def _scope(request: web.Request) -> Scope | None:
    """Give what this person sees now; None once the session has ended or they were struck off."""
    here = door(request)
    token = request.cookies.get(COOKIE, "")
    staff = await here.database.staff.session(token, here.now(), idle=IDLE, touch=False)
    return scope_of(staff, here.snapshots()) if staff else None
