"""Whether what came in can be read at all: looked at once, before any page, so that no page meets what is not.

A NUL byte and half a character are text to Python and to no database; a form may be cut short or
name an alphabet that nobody has. No browser sends these of itself. Who does gets a 400.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable

from aiohttp import web
from aiohttp.web_request import FileField

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


def legible(text: str) -> bool:
    """Tell whether a database keeps this: every character a whole one, and no NUL."""
    return "\0" not in text and not any("\ud800" <= letter <= "\udfff" for letter in text)


@web.middleware
async def address(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Refuse an address that cannot be read, its path or its query."""
    if not all(map(legible, (request.path, *request.query, *request.query.values()))):
        raise web.HTTPBadRequest
    return await handler(request)


async def form(request: web.Request, *, files: bool = False) -> None:
    """Refuse a form that cannot be read, or that holds a file where none is asked for. Others read it after this."""
    try:
        found = await request.post()
    except (web.HTTPException, OSError):
        raise  # too long, or the browser has left
    except Exception:  # noqa: BLE001  each way to break a form raises something else, and none is our mistake
        raise web.HTTPBadRequest from None
    for name, value in found.items():
        fine = legible(value) if isinstance(value, str) else files
        if not fine or not legible(name):
            _close(found.values())
            raise web.HTTPBadRequest


def _close(values: Iterable[object]) -> None:
    for value in values:
        if isinstance(value, FileField):
            value.file.close()
