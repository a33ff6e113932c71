"""Doors for whoever watches the service: is it alive, may it be given work, and what does it count."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress

from aiohttp import web

from bot.metrics import CONTENT_TYPE, Metrics

# The platform's API is not asked: when it is down we still take pushes, store them and answer them.
PATIENCE = 2.0
Ready = Callable[[], Awaitable[bool]]


def routes(metrics: Metrics, ready: Ready) -> web.RouteTableDef:
    """Give `/healthz`, `/readyz` (200 or 503: database reachable and migrated) and `/metrics`.

    `ready` answers for the store, False where it cannot be asked; one that does not answer is not ready either.
    """
    table = web.RouteTableDef()

    @table.get("/healthz")
    async def alive(request: web.Request) -> web.Response:
        del request
        return web.Response(text="ok\n")

    @table.get("/readyz")
    async def may_be_given_work(request: web.Request) -> web.Response:
        del request
        with suppress(TimeoutError):
            if await asyncio.wait_for(ready(), PATIENCE):
                return web.Response(text="ready\n")
        return web.Response(status=503, text="database not reachable or not migrated\n")

    @table.get("/metrics")
    async def counts(request: web.Request) -> web.Response:
        del request
        return web.Response(body=metrics.text(), headers={"Content-Type": CONTENT_TYPE})

    return table
