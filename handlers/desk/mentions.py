"""Where colleagues have named one in an internal note: a list that empties itself as one looks."""

from __future__ import annotations

from aiohttp import web

from handlers.desk.frame import words
from handlers.desk.frame.door import door, visit
from handlers.desk.frame.listing import bare_frame
from handlers.desk.frame.rendering import page
from handlers.desk.frame.shown import Place

PLACE = Place(key="mentions", title="@我")


async def show(request: web.Request) -> web.Response:
    """List them, what is new first."""
    here, who = door(request), visit(request)
    if "cases" not in who.rights:
        raise web.HTTPNotFound
    now = here.now()
    found = [
        {
            "number": each.number,
            "title": each.title,
            "by": each.by,
            "at": words.moment(each.at, now, here.zone),
            "fresh": not each.seen,
        }
        for each in await here.database.mentions.all(who.scope)
    ]
    return page("mentions.html", **await bare_frame(request, PLACE), found=found)
