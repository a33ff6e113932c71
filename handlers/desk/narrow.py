"""What a list can be narrowed to: a form beside it, which sends itself to the list's address."""

from __future__ import annotations

from aiohttp import web

from handlers.desk.frame import rail
from handlers.desk.frame.door import door, require, visit
from handlers.desk.frame.listing import frame
from handlers.desk.frame.narrow_choices import unit_choices
from handlers.desk.frame.narrowing import DUES, MINE, NOBODY, RATINGS, Ground, category_choices
from handlers.desk.frame.rendering import page
from handlers.desk.frame.shown import Choice
from handlers.desk.frame.where import ground_of, where_of


async def show(request: web.Request) -> web.Response:
    """Show the form, with what is on filled in, beside the list as it is."""
    require(request, "cases")
    key = request.match_info["place"]
    if not rail.known(key):
        raise web.HTTPNotFound
    where, ground = await where_of(request, key), await ground_of(request)
    known = door(request).snapshots()
    unit = known.units.get(where.asked.unit)
    return page(
        "narrow.html",
        **await frame(request, where),
        asked=where.asked,
        unit=unit.full_name if unit else "",
        units=unit_choices(known.units, visit(request).units),
        grades=[Choice(value=grade, title=rule.title) for grade, rule in known.rules.grades.items()],
        categories=category_choices(known),
        dues=[Choice(value=each, title=title) for each, title in DUES.items()],
        ratings=[Choice(value=each, title=title) for each, title in RATINGS.items()],
        holders=_holders(ground),
        tags=await door(request).database.tags.used(visit(request).scope),
    )


def _holders(ground: Ground) -> list[Choice]:
    fixed = [Choice(value=MINE, title="我"), Choice(value=NOBODY, title="还没有人")]
    return [*fixed, *(Choice(value=key, title=name) for key, name in ground.holders.items())]
