"""Where one arrives: one's own cases; for administrators, who see none, what is theirs to keep."""

from __future__ import annotations

from aiohttp import web

from dialogs.units import Units
from handlers.desk.frame import rail, words
from handlers.desk.frame.door import door, visit
from handlers.desk.frame.listing import bare_frame
from handlers.desk.frame.rendering import page
from handlers.desk.frame.shown import Place


async def show(request: web.Request) -> web.Response:
    """Lead to one's own cases, or show an administrator's home."""
    who = visit(request)
    if "cases" in who.rights:
        raise web.HTTPSeeOther("/desk/queue/mine")
    kept = [right for right in words.KEEPS if right in who.rights]
    return page(
        "home.html",
        **await bare_frame(request, Place(key="home", title="首页")),
        kept=[words.KEEPS[right] for right in kept],
        ways=[one for one in rail.pages(who.rights) if one.key != "home"],
        facts=await _facts(request) if "organisation" in kept else (),
    )


async def _facts(request: web.Request) -> tuple[tuple[str, str], ...]:
    here, mine = door(request), visit(request).units
    units = _standing(here.snapshots().units, mine)
    people = await here.database.staff.of_units(units)
    empty = len(set(units) - {each.unit for each in people})
    return (("单位", f"{len(units):,} 个"), ("人员", f"{len(people):,} 人"), ("还没有人员的单位", f"{empty:,} 个"))


def _standing(units: Units, mine: frozenset[str]) -> list[str]:
    return [unit.id for unit in units if unit.id in mine and not unit.closed]
