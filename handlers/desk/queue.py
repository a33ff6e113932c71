"""One place of the desk: its list, what hurts most first, narrowed as its address says."""

from __future__ import annotations

import re

from aiohttp import web

from handlers.desk.frame import rail, words
from handlers.desk.frame.door import require, visit
from handlers.desk.frame.listing import frame
from handlers.desk.frame.rendering import page
from handlers.desk.frame.where import Where, where_of

_LOADED = re.compile(r"[0-9]{1,6}")
_CURSOR = re.compile(r"(-?[0-9]{1,15}\.[\w-]{1,40})?")


async def show(request: web.Request) -> web.Response:
    """Show a place. `loaded` keeps as many rows as there were; `after` goes on behind the last."""
    require(request, "cases")
    key = request.match_info["place"]
    asked = request.query
    if not rail.known(key, visit(request).scope) or not _CURSOR.fullmatch(asked.get("after", "")):
        raise web.HTTPNotFound
    where = await where_of(request, key)
    _tidy(request, where)
    values = await frame(
        request,
        where,
        after=asked.get("after", ""),
        loaded=int(asked["loaded"]) if _LOADED.fullmatch(asked.get("loaded", "")) else 0,
        open_number=asked.get("open", ""),
    )
    return page("queue.html", **values, told=words.TOLD.get(asked.get("told", ""), ""), missing="")


def _tidy(request: web.Request, where: Where) -> None:
    """Lead a form that was sent with empty fields, or with a unit's name, to the address that says the same."""
    if "narrow" in request.query:
        raise web.HTTPSeeOther(where.place.href)
