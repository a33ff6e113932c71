"""What a list can be narrowed to: a form that sends itself to the list's address; and lists that are kept."""

from __future__ import annotations

from aiohttp import web

from dialogs.masking import mask_text
from handlers.desk.frame import rail, words
from handlers.desk.frame.door import door, require, visit
from handlers.desk.frame.listing import frame
from handlers.desk.frame.narrow_choices import unit_choices
from handlers.desk.frame.narrowing import DUES, MINE, NOBODY, RATINGS, Ground, category_choices
from handlers.desk.frame.rendering import page
from handlers.desk.frame.shown import Choice
from handlers.desk.frame.where import ground_of, where_of
from storage.views import View

_LONGEST = 12  # characters of a kept list's name: what the rail holds in one line


async def show(request: web.Request) -> web.Response:
    """Show the form, with what is on filled in, beside the list as it is."""
    require(request, "cases")
    key = request.match_info["place"]
    if not rail.known(key, visit(request).scope):
        raise web.HTTPNotFound
    where, ground = await where_of(request, key), await ground_of(request)
    known = door(request).snapshots()
    unit = known.units.get(where.asked.unit)
    return page(
        "narrow.html",
        sheet=True,
        **await frame(request, where),
        asked=where.asked,
        told=words.TOLD.get(request.query.get("told", ""), ""),
        unit=unit.full_name if unit else "",
        units=unit_choices(known.units, visit(request).units),
        grades=[Choice(value=grade, title=rule.title) for grade, rule in known.rules.grades.items()],
        categories=category_choices(known),
        dues=[Choice(value=each, title=title) for each, title in DUES.items()],
        ratings=[Choice(value=each, title=title) for each, title in RATINGS.items()],
        holders=_holders(ground),
        tags=await door(request).database.tags.used(visit(request).scope),
    )


async def keep(request: web.Request) -> web.Response:
    """Keep a list as it is narrowed, under a name, and lead to it."""
    require(request, "cases")
    here, staff, form = door(request), visit(request).staff, await request.post()
    given = {name: str(value) for name, value in form.items()}
    title, key = " ".join(given.get("title", "").split())[:_LONGEST], given.get("place", "")
    if not rail.known(key, visit(request).scope):
        raise web.HTTPNotFound
    where = await where_of(request, key, given)
    if not title or mask_text(title) != title:
        raise web.HTTPSeeOther(f"/desk/filter/{key}?{where.narrowed}&told=no_title")
    unit = staff.unit if given.get("share") else ""
    view = View(id=0, staff=staff.name, unit=unit, title=title, place=key, narrowed=where.narrowed)
    if not await here.database.views.keep(view, here.now()):
        raise web.HTTPSeeOther(f"/desk/filter/{key}?{where.narrowed}&told=many_views")
    raise web.HTTPSeeOther(where.place.told("view"))


async def drop(request: web.Request) -> web.Response:
    """Forget one of one's own."""
    require(request, "cases")
    await door(request).database.views.drop(int(request.match_info["view"]), visit(request).staff.name)
    raise web.HTTPSeeOther("/desk/queue/mine?told=view_gone")


def _holders(ground: Ground) -> list[Choice]:
    fixed = [Choice(value=MINE, title="我"), Choice(value=NOBODY, title="还没有人")]
    return [*fixed, *(Choice(value=key, title=name) for key, name in ground.holders.items())]
