"""代班: who stands in for whom, asked for by the absent person or by who leads them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from aiohttp import web

from handlers.desk.frame.door import door, require, visit
from handlers.desk.frame.listing import bare_frame
from handlers.desk.frame.rendering import page
from handlers.desk.frame.shown import Place
from handlers.desk.frame.trust_view import stand_in_view

_PLACE = Place(key="standing", title="代班")
_TOLD = {"ask": "申请交上去了，等安全管理员同意。", "end": "结束了。"}
_MOST = 200  # colleagues to choose from; beyond that the name is written


async def show(request: web.Request) -> web.Response:
    """Show what concerns this person, and the form to ask."""
    require(request, "cases")
    return await _page(request, told=_TOLD.get(request.query.get("told", ""), ""))


async def ask(request: web.Request) -> web.Response:
    """Ask for a stand-in."""
    require(request, "cases")
    form = {key: str(value) for key, value in (await request.post()).items()}
    said = (form.get("absent", ""), form.get("stand_in", ""), form.get("first", ""), form.get("last", ""))
    wrong = await door(request).trusting.ask(*said, by=visit(request).staff)
    if wrong is not None:
        return await _page(request, form, refused=wrong.reasons, status=422)
    raise web.HTTPSeeOther("/desk/standing?told=ask")


async def end(request: web.Request) -> web.Response:
    """End one before its day."""
    require(request, "cases")
    wrong = await door(request).trusting.end(int(request.match_info["id"]), by=visit(request).staff)
    if wrong is not None:
        return await _page(request, refused=wrong.reasons, status=409)
    raise web.HTTPSeeOther("/desk/standing?told=end")


async def _page(
    request: web.Request,
    form: Mapping[str, str] | None = None,
    *,
    refused: Sequence[str] = (),
    told: str = "",
    status: int = 200,
) -> web.Response:
    here, me = door(request), visit(request).staff
    known = here.snapshots()
    near = {unit.id for held in me.posts for unit in known.units.path(held.unit)} | visit(request).units
    colleagues = list(dict.fromkeys(each.name for each in await here.database.staff.of_units(list(near), here.now())))
    led = await here.database.staff.of_units(list(visit(request).units), here.now())
    people = list(dict.fromkeys(each.name for each in led if here.trusting.leads(me, each)))
    found = await here.trusting.seen_by(me, people)
    return page(
        "standing.html",
        status=status,
        **await bare_frame(request, _PLACE),
        own=me.name,
        people=[name for name in people if name != me.name][:_MOST],
        colleagues=colleagues[:_MOST],
        rows=[stand_in_view(each, here.now(), here.zone) for each in found],
        today=here.trusting.today().isoformat(),
        given=form or {},
        refused=refused,
        told=told,
    )
