"""The codes of a unit's stations, to print: one A4 page each."""

from __future__ import annotations

from aiohttp import web

from bot.channels import NotSent
from bot.codes import poster, stations
from bot.units import drawn_by
from handlers.desk.frame.door import door, visit
from handlers.desk.frame.rendering import page
from handlers.desk.units import access_unit
from storage.audit import Record

# The platform makes them one after the other while somebody waits; a whole city prints with `hongyan units codes`.
_MOST = 40


async def show(request: web.Request) -> web.Response:
    """Show the pages of this unit, or with `below` of all units below it too."""
    unit = access_unit(request)
    here = door(request)
    units = here.snapshots().units
    theirs = units.subtree(unit.id) if "below" in request.query else {unit.id}
    found = stations(each for each in units if each.id in theirs)
    drawn = await drawn_by(here.code, found[:_MOST])
    if not isinstance(drawn, NotSent):
        printed = Record(
            actor=visit(request).staff.actor, act="codes.print", kind="unit", subject=unit.id, note=str(len(drawn))
        )
        await here.database.audit.append(printed, now=here.now())
    refused = f"公众平台没有给出二维码：{drawn.words}。过一会儿再试。" if isinstance(drawn, NotSent) else ""
    centre = here.snapshots().rules.centre.name
    return page(
        "codes.html",
        status=502 if refused else 200,
        unit=unit,
        posters=[] if isinstance(drawn, NotSent) else [poster(station, centre) for station in drawn],
        left=max(0, len(found) - _MOST),
        refused=refused,
    )
