"""密级和代班: what a security administrator allows, gives and takes back. No case is seen here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from aiohttp import web

from handlers.desk.frame.door import door, require, visit
from handlers.desk.frame.listing import bare_frame
from handlers.desk.frame.rendering import page
from handlers.desk.frame.shown import Place
from handlers.desk.frame.trust_view import clearance_view, stand_in_view

_PLACE = Place(key="trust", title="密级和代班")
_TOLD = {
    "allow": "同意了，到日子自己生效，也自己结束。",
    "refuse": "没有同意，申请人看得到。",
    "end": "结束了。",
    "clear": "密级给了，保密件他看得到了。",
    "unclear": "密级收回了，保密件他马上看不到了。",
}


async def show(request: web.Request) -> web.Response:
    """Show what waits, what holds and who is cleared."""
    require(request, "rights")
    return await _page(request, told=_TOLD.get(request.query.get("told", ""), ""))


async def decide(request: web.Request) -> web.Response:
    """Allow, refuse or end a stand-in."""
    require(request, "rights")
    number, act, by = int(request.match_info["id"]), request.match_info["act"], visit(request).staff
    trusting = door(request).trusting
    wrong = await (
        trusting.end(number, by=by) if act == "end" else trusting.decide(number, allow=act == "allow", by=by)
    )
    if wrong is not None:
        return await _page(request, refused=wrong.reasons, status=409)
    raise web.HTTPSeeOther(f"/desk/trust?told={act}")


async def clear(request: web.Request) -> web.Response:
    """Clear somebody for confidential cases."""
    require(request, "rights")
    form = {key: str(value) for key, value in (await request.post()).items()}
    who = visit(request)
    wrong = await door(request).trusting.clear(form.get("name", ""), form.get("last", ""), who.units, by=who.staff)
    if wrong is not None:
        return await _page(request, form, refused=wrong.reasons, status=422)
    raise web.HTTPSeeOther("/desk/trust?told=clear")


async def unclear(request: web.Request) -> web.Response:
    """Take a clearance back."""
    require(request, "rights")
    who = visit(request)
    wrong = await door(request).trusting.unclear(int(request.match_info["id"]), who.units, by=who.staff)
    if wrong is not None:
        return await _page(request, refused=wrong.reasons, status=409)
    raise web.HTTPSeeOther("/desk/trust?told=unclear")


async def _page(
    request: web.Request,
    form: Mapping[str, str] | None = None,
    *,
    refused: Sequence[str] = (),
    told: str = "",
    status: int = 200,
) -> web.Response:
    here, units = door(request), visit(request).units
    found = [stand_in_view(each, here.now(), here.zone) for each in await here.trusting.of(units)]
    return page(
        "trust.html",
        status=status,
        **await bare_frame(request, _PLACE),
        waiting=[each for each in found if each.waits],
        rows=[each for each in found if not each.waits],
        cleared=[clearance_view(each, here.now(), here.zone) for each in await here.trusting.cleared(units)],
        most=here.snapshots().rules.secrecy.clearance_days,
        today=here.trusting.today().isoformat(),
        given=form or {},
        refused=refused,
        told=told,
    )
