"""One place of the desk: its list, what hurts most first."""

from __future__ import annotations

import re

from aiohttp import web

from dialogs.numbers import meant, parse
from handlers.desk.frame import rail, words
from handlers.desk.frame.door import door, require, visit
from handlers.desk.frame.listing import frame
from handlers.desk.frame.rendering import page

_LONGEST = 40  # of what was looked for, as it is said back
_LOADED = re.compile(r"[0-9]{1,6}")
_CURSOR = re.compile(r"(-?[0-9]{1,15}\.[\w-]{1,40})?")


async def show(request: web.Request) -> web.Response:
    """Show a place. `loaded` keeps as many rows as there were; `after` goes on behind the last."""
    require(request, "cases")
    key = request.match_info["place"]
    asked = request.query
    if not rail.known(key) or not _CURSOR.fullmatch(asked.get("after", "")):
        raise web.HTTPNotFound
    values = await frame(
        request,
        key,
        after=asked.get("after", ""),
        loaded=int(asked["loaded"]) if _LOADED.fullmatch(asked.get("loaded", "")) else 0,
        open_number=asked.get("open", ""),
    )
    return page("queue.html", **values, told=words.TOLD.get(asked.get("told", ""), ""), missing="")


async def find(request: web.Request) -> web.Response:
    """Lead to the case of a number that was read over the telephone; of its serial alone, to the newest."""
    require(request, "cases")
    here, said = door(request), request.query.get("number", "").strip()
    if not said:
        raise web.HTTPSeeOther("/desk/queue/mine")
    whole = parse(said)
    numbers = [whole] if whole else meant(said, here.organisation.today())
    number = await here.database.cases.newest_of(numbers, visit(request).scope)
    if number:
        raise web.HTTPSeeOther(f"/desk/case/{number}?in=mine")
    return page("queue.html", status=404, **await frame(request, "mine"), told="", missing=whole or said[:_LONGEST])
