"""The find box: leads to a case by its number, else to what was found, under an address that tells nobody what."""

from __future__ import annotations

from aiohttp import web

from dialogs.desk.seeking import sought
from dialogs.numbers import meant, parse
from handlers.desk.frame.door import door, require, visit
from handlers.desk.frame.listing import bare_frame, frame
from handlers.desk.frame.rendering import page
from handlers.desk.frame.shown import Place
from handlers.desk.frame.where import FIND, Where, found_where

_LONGEST = 40  # of what was looked for, as it is said back


async def ask(request: web.Request) -> web.StreamResponse:
    """Look for what was typed. It comes in a form's body, and goes on sealed: no address holds a name or a phone."""
    require(request, "cases")
    here, who = door(request), visit(request)
    asked = sought(str((await request.post()).get("q", "")), here.organisation.today())
    if not asked.said:
        raise web.HTTPSeeOther("/desk/find")
    if not asked.nothing:
        found = await here.database.finding.find(asked, who.scope)
        if len(found.hits) == 1 and found.hits[0].by == "number":
            raise web.HTTPSeeOther(f"/desk/case/{found.hits[0].number}?in=mine")
    raise web.HTTPSeeOther(f"/desk/find/{here.database.finding.seal(asked.said, who.staff.name)}")


async def show(request: web.Request) -> web.Response:
    """Show what was found."""
    require(request, "cases")
    where = found_where(request, request.match_info["sealed"])
    if where is None:
        raise web.HTTPNotFound
    values = await frame(
        request, where, after=request.query.get("after", ""), open_number=request.query.get("open", "")
    )
    return page("find.html", **values)


async def box(request: web.Request) -> web.Response:
    """Show the box alone; `number` leads to that case, of its serial alone to the newest."""
    require(request, "cases")
    said = request.query.get("number", "").strip()
    if said:
        return await _by_number(request, said)
    return page("find.html", **await bare_frame(request, Place(key=FIND, title="找一件")), rows=(), boxed=True)


async def _by_number(request: web.Request, said: str) -> web.Response:
    here = door(request)
    whole = parse(said)
    numbers = [whole] if whole else meant(said, here.organisation.today())
    number = await here.database.cases.newest_of(numbers, visit(request).scope)
    if number:
        raise web.HTTPSeeOther(f"/desk/case/{number}?in=mine")
    values = await frame(request, Where())
    return page("queue.html", status=404, **values, told="", missing=whole or said[:_LONGEST])
