"""The box put together: an aiohttp application, and running it by itself."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator

import aiohttp
from aiohttp import web

from bot.simulator.api.call import Later
from bot.simulator.api.door import Api
from bot.simulator.box import Box
from bot.simulator.clock import Clock, WallClock
from bot.simulator.control import Control, speak_json
from bot.simulator.keeping import keep, load, save
from bot.simulator.phone import PhonePage, guard
from bot.simulator.pushing import Pusher
from bot.simulator.settings import SimSettings
from bot.simulator.tokens import TokenOffice

_LARGEST = 16 << 20  # bytes of a request: a picture of 10 MB in base64

BOX = web.AppKey("box", Box)
OFFICE = web.AppKey("office", TokenOffice)


async def make_app(settings: SimSettings, clock: Clock) -> web.Application:
    """Put the platform together. The application owns its HTTP session and its file; both close with it."""
    box = Box(settings, clock, await asyncio.to_thread(load, settings.state))
    office, later = TokenOffice(box), Later()
    # An account's server is asked once a message: no connection is worth keeping open across its restarts.
    session = aiohttp.ClientSession(connector=aiohttp.TCPConnector(force_close=True, limit=0))
    pusher = Pusher(box, session)
    control = Control(box, pusher, later)
    app = web.Application(client_max_size=_LARGEST, middlewares=[guard, speak_json])
    app[BOX], app[OFFICE] = box, office
    app.add_routes(control.routes())
    app.add_routes(PhonePage(box, control).routes())
    app.router.add_route("*", "/cgi-bin/{path:.+}", Api(box, pusher, office, later).serve)

    async def life(_: web.Application) -> AsyncIterator[None]:
        keeping = asyncio.create_task(keep(box))
        yield
        keeping.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await keeping
        await later.stop()
        await save(box)
        await session.close()

    async def hush(_: web.Application) -> None:
        box.hush()

    app.on_shutdown.append(hush)
    app.cleanup_ctx.append(life)
    return app


async def run(settings: SimSettings, clock: Clock | None = None) -> None:
    """Serve until cancelled."""
    runner = web.AppRunner(await make_app(settings, clock or WallClock()), access_log=None)
    await runner.setup()
    try:
        await web.TCPSite(runner, settings.host, settings.port).start()
        await asyncio.Event().wait()
    finally:
        await runner.cleanup()
