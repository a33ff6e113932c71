"""A small answer that leaves in one piece.

aiohttp puts an answer together step by step, from headers that middlewares, cookies or compression
may change until the last moment. That is a third of all it does for a small request, and the door
for pushes has none of them.
"""

from __future__ import annotations

from datetime import datetime
from email.utils import formatdate
from functools import lru_cache

from aiohttp import HttpVersion11, web
from aiohttp.abc import AbstractStreamWriter


def answer(request: web.Request, body: bytes, kind: str, at: datetime) -> web.StreamResponse:
    """Answer 200 with this body and Content-Type; in one piece where the connection stays open."""
    if request.keep_alive and request.version == HttpVersion11:
        return _Whole(b"%b%d\r\n\r\n%b" % (_head(kind, int(at.timestamp())), len(body), body))
    return web.Response(body=body, headers={"Content-Type": kind})


@lru_cache(maxsize=8)
def _head(kind: str, second: int) -> bytes:
    date = formatdate(second, usegmt=True)
    return f"HTTP/1.1 200 OK\r\nContent-Type: {kind}\r\nDate: {date}\r\nContent-Length: ".encode()


class _Whole(web.StreamResponse):
    """What goes out, head and body; the connection stays open."""

    def __init__(self, whole: bytes) -> None:
        super().__init__()
        self._whole = whole

    async def prepare(self, request: web.BaseRequest) -> AbstractStreamWriter:
        await request.writer.write(self._whole)
        return request.writer

    async def write_eof(self, data: bytes = b"") -> None:
        """Do nothing: everything has left."""

    @property
    def keep_alive(self) -> bool:
        return True
