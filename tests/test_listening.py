"""How the service listens: who begins a request and does not end it is not waited for without end."""

from __future__ import annotations

import asyncio

import pytest
from aiohttp import web

from bot import app
from tests.waiting import PATIENCE


async def hello(request: web.Request) -> web.Response:
    return web.Response(text="hello")


@pytest.mark.parametrize("before", [b"", b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"])
async def test_a_head_that_never_ends_is_hung_up_on(monkeypatch: pytest.MonkeyPatch, before: bytes) -> None:
    monkeypatch.setattr(app, "HEAD_TIMEOUT", 0.1)
    doors = web.Application()
    doors.add_routes([web.get("/", hello)])
    async with app.listening(doors, "127.0.0.1", 0) as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(before + b"GET / HTTP/1.1\r\nHost: x\r\nX: ")
        async with asyncio.timeout(PATIENCE):
            got = await reader.read()
        assert got.endswith(b"hello" if before else b"")
        assert got.count(b"hello") == bool(before)
        writer.close()


async def test_an_answer_that_takes_long_is_not_cut_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(app, "HEAD_TIMEOUT", 0.01)

    async def slow(request: web.Request) -> web.Response:
        await asyncio.sleep(0.1)
        return web.Response(text="hello")

    doors = web.Application()
    doors.add_routes([web.get("/", slow)])
    async with app.listening(doors, "127.0.0.1", 0) as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        async with asyncio.timeout(PATIENCE):
            assert (await reader.read()).endswith(b"hello")
        writer.close()
