"""The organisation: its tree, and one unit with what an administrator may do to it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import assert_never

from aiohttp import web

from dialogs.desk import organisation
from dialogs.desk.organisation import Impossible, Plan
from dialogs.desk.units_sheet import LEVEL_NAMES, Mistake, read_one
from dialogs.units import Unit, Units
from handlers.desk.frame.door import door, require, visit
from handlers.desk.frame.listing import bare_frame
from handlers.desk.frame.rendering import page
from handlers.desk.frame.shown import Place
from handlers.desk.frame.unit_view import FIELDS, found, tree, unit_view
from storage.acts import Stale
from storage.units import InTheWay, Kept, OpenCase

PLACE = Place(key="units", title="单位")
STALE = "还没有存：您改的时候，别人改了单位。您填的还在下面，看过再存一次。"
_MARKED = "还没有存，请改一改标出来的地方。"
_TOLD = {
    "edit": "改好了。",
    "move": "移好了，历史里还留着原来的上级。",
    "merge": "并好了：下级、人员和二维码都归并入的单位。",
    "close": "停用了，旧件还看得到。",
    "add": "新单位设好了。",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Written:
    """What came back with a form."""

    kind: str
    form: Mapping[str, str]


async def show(request: web.Request) -> web.Response:
    """Show the tree; `q` looks for a unit."""
    allow(request)
    return await _page(request, None)


async def show_one(request: web.Request) -> web.Response:
    """Show one unit. `told` names an act that was just done."""
    unit = access_unit(request)
    return await _page(request, unit, told=_TOLD.get(request.query.get("told", ""), ""))


async def act(request: web.Request) -> web.Response:
    """Do what a form asks, or show it again with what stands against it and every word that was typed."""
    unit = access_unit(request)
    written = _Written(kind=request.match_info["act"], form=await _form(request))
    if written.kind not in _TOLD:
        raise web.HTTPNotFound
    here = door(request).organisation
    if written.form.get("revision", "") != str(here.revision):
        return await _page(request, unit, written, status=409, refused=(STALE,))
    plan = await _plan(request, unit, written)
    if isinstance(plan, tuple):
        return await _page(request, unit, written, status=422, mistakes=plan)
    if isinstance(plan, Impossible):
        return await _page(request, unit, written, status=422, refused=plan.reasons)
    got = await here.keep(plan, revision=here.revision, by=visit(request).staff.actor)
    match got:
        case Kept():
            made = plan.changes[0].unit if written.kind == "add" else unit.id
            raise web.HTTPSeeOther(f"/desk/unit/{made}?told={written.kind}")
        case InTheWay():
            words = "还有没办完的件，请经办的人先办完或转办。"
            return await _page(request, unit, written, status=409, refused=(words,), cases=got.cases)
        case Stale():
            await here.look()
            return await _page(request, unit, written, status=409, refused=(STALE,))
        case _:
            assert_never(got)


def allow(request: web.Request, *, whole: bool = False) -> None:
    """Answer that there is no such page to anybody but an administrator; `whole`: but one of the uppermost unit."""
    require(request, "organisation")
    if whole and visit(request).staff.unit != door(request).snapshots().units.root.id:
        raise web.HTTPNotFound


def access_unit(request: web.Request) -> Unit:
    """Find the unit of an address, if it is one of this administrator's."""
    allow(request)
    unit = door(request).snapshots().units.get(request.match_info["unit"])
    if unit is None or unit.id not in visit(request).units:
        raise web.HTTPNotFound
    return unit


async def _form(request: web.Request) -> dict[str, str]:
    return {key: str(value) for key, value in (await request.post()).items()}


async def _plan(request: web.Request, unit: Unit, written: _Written) -> Plan | Impossible | tuple[Mistake, ...]:
    here, form = door(request).organisation, written.form
    units, today = door(request).snapshots().units, here.today()
    if written.kind in {"edit", "add"}:
        wish = _read(unit, written)
        if isinstance(wish, tuple):
            return wish
        return organisation.edit(units, wish, today) if written.kind == "edit" else organisation.add(units, wish, today)
    day = _day(form.get("day", ""))
    if day is None:
        return Impossible(reasons=("请写从哪一天起，例：2026-11-23",))
    history = [each.change for each in await here.history(unit.id)]
    if written.kind == "close":
        return organisation.close(units, unit.id, day, today=today, history=history)
    other = meant(request, units, form.get("other", "").strip())
    if isinstance(other, Impossible):
        return other
    change = organisation.move if written.kind == "move" else organisation.merge
    return change(units, unit.id, other.id, day, today=today, history=history)


def _read(unit: Unit, written: _Written) -> Unit | tuple[Mistake, ...]:
    form = written.form
    told = {heading: form.get(key, "") for key, heading in FIELDS.items()}
    if written.kind == "add":
        return read_one({**told, "编码": form.get("code", ""), "级别": form.get("level", ""), "上级编码": unit.id})
    return read_one({**told, "编码": unit.id, "级别": LEVEL_NAMES[unit.level], "上级编码": unit.parent})


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def meant(request: web.Request, units: Units, words: str) -> Unit | Impossible:
    """The unit that a code or a name means, among those that this administrator has."""
    rights = visit(request).units
    exact = units.get(words)
    meant = [exact] if exact else [unit for unit in units if words in {unit.name, unit.full_name}]
    meant = [unit for unit in meant or units.by_name(words) if unit.id in rights and not unit.closed]
    if len(meant) == 1:
        return meant[0]
    if not meant:
        return Impossible(reasons=(f"没有找到「{words[:40]}」，请写单位的编码或名称",))
    named = "、".join(f"{unit.full_name}（{unit.id}）" for unit in meant[:10])
    return Impossible(reasons=(f"「{words[:40]}」可以是：{named}。请写编码",))


async def _page(
    request: web.Request,
    unit: Unit | None,
    written: _Written | None = None,
    *,
    status: int = 200,
    told: str = "",
    refused: Sequence[str] = (),
    mistakes: Sequence[Mistake] = (),
    cases: Sequence[OpenCase] = (),
) -> web.Response:
    here, who = door(request), visit(request)
    units, rights = here.snapshots().units, who.units
    words = request.query.get("q", "").strip()
    history = await here.organisation.history(unit.id) if unit else []
    chosen = unit.id if unit else ""
    acted = written.kind if written else ""
    typed = written.form if written and acted == "edit" else None
    # What is wrong with a field of the large form stands at the field; the small forms say it above.
    wrong = {mistake.column: mistake.words for mistake in mistakes} if typed else {}
    if mistakes:
        refused = (_MARKED,) if typed else [f"{mistake.column}：{mistake.words}" for mistake in mistakes]
    return page(
        "units.html",
        status=status,
        **await bare_frame(request, PLACE),
        q=words,
        found=found(units, rights, words) if words else (),
        nodes=tree(units, who.staff.unit, chosen),
        count=sum(1 for each in units if each.id in rights and not each.closed),
        whole=who.staff.unit == units.root.id,
        chosen=chosen,
        it=unit_view(units, unit, history, rights, here.zone, typed=typed, wrong=wrong) if unit else None,
        revision=here.organisation.revision,
        today=here.organisation.today().isoformat(),
        told=told,
        refused=refused,
        cases=cases,
        acted=acted,
        given=written.form if written else {},
    )
