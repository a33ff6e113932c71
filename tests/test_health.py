"""What a watchman sees: alive, ready, and counts without anybody's name."""

from __future__ import annotations

import asyncio
import re

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from bot.metrics import Metrics
from handlers import health


async def door(ready: health.Ready, metrics: Metrics | None = None) -> TestClient[web.Request, web.Application]:
    app = web.Application()
    app.add_routes(health.routes(metrics or Metrics(), ready))
    client = TestClient(TestServer(app))
    await client.start_server()
    return client


async def says(answer: bool) -> bool:
    return answer


async def test_alive_asks_nobody() -> None:
    async def never() -> bool:
        raise AssertionError("alive must not ask the database")

    async with await door(never) as client:
        assert (await client.get("/healthz")).status == 200


@pytest.mark.parametrize(("answer", "status"), [(True, 200), (False, 503)])
async def test_ready_is_what_the_store_says(answer: bool, status: int) -> None:
    async with await door(lambda: says(answer)) as client:
        assert (await client.get("/readyz")).status == status


async def test_a_store_that_hangs_is_not_ready(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health, "PATIENCE", 0.05)

    async def hangs() -> bool:
        await asyncio.sleep(60)
        return True

    async with await door(hangs) as client:
        assert (await client.get("/readyz")).status == 503


async def test_metrics_are_ours_alone_and_each_object_counts_for_itself() -> None:
    metrics, other = Metrics(), Metrics()
    metrics.bad_pushes.labels("unsigned").inc()
    async with await door(lambda: says(True), metrics) as client:
        answer = await client.get("/metrics")
        shown = await answer.text()
    assert answer.headers["Content-Type"].startswith("text/plain")
    assert 'hongyan_bad_pushes_total{kind="unsigned"} 1.0' in shown
    names = set(re.findall(r"^# TYPE (\S+)", shown, re.MULTILINE))
    assert names
    assert all(name.startswith("hongyan_") for name in names)
    assert b'kind="unsigned"' not in other.text()
