"""Taking down what somebody says by telephone, wrote in a letter or came to say: one page, filled while they speak."""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast, get_args

from aiohttp import web

from bot.rights import may
from dialogs.classify import propose
from dialogs.desk.cases import Act, Grade
from dialogs.effects import Came, Reach
from dialogs.emergency import alarm
from dialogs.events import StaffTook
from dialogs.facts import Snapshots
from dialogs.fields import phone as telephone
from dialogs.fields.asked import Asked
from dialogs.forms.registering import service_of, spot_of
from dialogs.numbers import parse
from handlers.desk.frame import words
from handlers.desk.frame.door import door, visit
from handlers.desk.frame.listing import bare_frame
from handlers.desk.frame.offered import unit_meant
from handlers.desk.frame.rendering import page
from handlers.desk.frame.shown import Place
from storage.persons import Known

PLACE = Place(key="intake", title="登记来件")
_KEY = re.compile(r"[0-9a-f]{32}")
_LONGEST = {"words": 2000, "place": 80, "since": 40, "name": 20, "phone": 40, "unit": 80}
_FIELDS = ("came", "words", "place", "unit", "since", "name", "phone", "anonymous", "reach", "category", "grade")
_SUGGESTED = 50
_WRONG = {
    "words": "还没有写是什么事。",
    "category": "从这些话里看不出是哪一类，请选一类。",
    "place": "还没有写在哪里。小区、路名都行；不清楚就写「不清楚」。",
    "unit": "没有这个单位。写几个字从名单里选，或者空着，按地点派。",
    "phone": "电话没有看懂，请核对。座机请带区号。",
    "reach": "要回电，请先写电话；对方不愿留，就选「不用回复」。",
    "wechat": "这个号码没有对应的微信，请选「回电」或「不用回复」。",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """What the words already say: categories that fit best, the unit that the place names, a danger and its script."""

    proposals: tuple[tuple[str, str], ...]
    grade: str
    unit: str
    danger: str
    known: Known | None


async def show(request: web.Request) -> web.Response:
    """Show an empty form. `done` names what was taken down and lies elsewhere."""
    _allow(request)
    told = f"登记好了，编号 {number}，已派到办理单位。" if (number := parse(request.query.get("done", ""))) else ""
    return await _page(request, {"key": secrets.token_hex(16), "came": "phone", "reach": "call"}, told=told)


async def look(request: web.Request) -> web.Response:
    """Show what the words so far lead to; nothing is kept."""
    _allow(request)
    return await _page(request, await _form(request))


async def take(request: web.Request) -> web.Response:
    """Take it down, or say what is missing; every word stays. The same form twice is one case."""
    _allow(request)
    form = await _form(request)
    here, who = door(request), visit(request)
    if not _KEY.fullmatch(form["key"]):
        raise web.HTTPBadRequest
    heard = await _heard(request, form)
    wrong = _mistakes(form, heard, here.snapshots())
    if wrong:
        return await _page(request, form, wrong=wrong, status=422)
    known = heard.known.account if heard.known and form["reach"] == "here" else None
    event = _event(request, form, heard, known=known is not None)
    member = known or here.database.persons.taken_down(event.phone, form["key"])
    await here.acts.turns.staff_took(member, event, read_out=known is None)
    number = await here.database.persons.took(member, form["key"])
    if await here.database.cases.newest_of([number], who.scope):
        raise web.HTTPSeeOther(f"/desk/case/{number}?told=took")
    raise web.HTTPSeeOther(f"/desk/intake?done={number}")


def may_take(request: web.Request) -> bool:
    """Tell whether this person takes down what others say."""
    known = door(request).snapshots()
    return (
        may(visit(request).staff, Act.CALL, known)
        and "cases" in visit(request).rights
        and service_of(known) is not None
    )


def _allow(request: web.Request) -> None:
    if not may_take(request):
        raise web.HTTPNotFound


async def _form(request: web.Request) -> dict[str, str]:
    posted = await request.post()
    form = {name: str(posted.get(name, "")).replace("\r\n", "\n").strip() for name in ("key", *_FIELDS)}
    if any(len(form[name]) > most for name, most in _LONGEST.items()):
        raise web.HTTPRequestEntityTooLarge(max_size=max(_LONGEST.values()), actual_size=0)
    form["came"] = form["came"] if form["came"] in get_args(Came) else "phone"
    form["reach"] = form["reach"] if form["reach"] in get_args(Reach) else "call"
    if form["anonymous"]:
        form |= {"name": "", "phone": "", "reach": "none"}
    return form


async def _heard(request: web.Request, form: Mapping[str, str]) -> Heard:
    here, known = door(request), door(request).snapshots()
    rules, text = known.rules, form.get("words", "")
    proposals = propose(text, rules)
    chosen = rules.categories.open(form.get("category", "") or (proposals[0].key if proposals else ""))
    kind = alarm(text)
    spot = spot_of(form.get("place", ""), text, known)
    number = telephone.read(form.get("phone", ""), Asked()) or ""
    return Heard(
        proposals=tuple((each.key, each.shown) for each in proposals),
        grade=Grade.RED.value if kind else chosen.grade if chosen else "",
        unit=spot.full_name if spot else "",
        danger=known.wording.render([known.wording.line(f"danger_{kind}")], in_traditional=False) if kind else "",
        known=await here.database.persons.known(number, visit(request).scope) if number else None,
    )


def _mistakes(form: Mapping[str, str], heard: Heard, known: Snapshots) -> dict[str, str]:
    """Name what is missing by its field."""
    number = telephone.read(form["phone"], Asked()) if form["phone"] else ""
    category = form["category"] or (heard.proposals[0][0] if heard.proposals else "")
    missing = {
        "words": not form["words"],
        # Nobody is kept waiting for a category while a house burns.
        "category": bool(form["words"]) and known.rules.categories.open(category) is None and not heard.danger,
        "place": not form["place"] and not heard.unit and not heard.danger,
        "unit": bool(form["unit"]) and not unit_meant(form["unit"], known.units),
        "phone": number is None,
        "reach": form["reach"] == "call" and not form["phone"],
    }
    wrong = {name: _WRONG[name] for name, is_wrong in missing.items() if is_wrong}
    if form["reach"] == "here" and not (heard.known and heard.known.account):
        wrong["reach"] = _WRONG["wechat"]
    return wrong


def _event(request: web.Request, form: Mapping[str, str], heard: Heard, *, known: bool) -> StaffTook:
    who, snapshots = visit(request), door(request).snapshots()
    grade = form["grade"] or (Grade.RED.value if heard.danger else "")
    return StaffTook(
        key=form["key"],
        came=cast("Came", form["came"]),
        text=form["words"],
        category=_category(form, heard, snapshots),
        by=who.staff.name,
        post=who.staff.post,
        staff_unit=who.staff.unit,
        source=who.staff.source,
        place=form["place"],
        unit=unit_meant(form["unit"], snapshots.units) if form["unit"] else "",
        since=form["since"],
        reach=cast("Reach", form["reach"]),
        name=form["name"],
        phone=telephone.read(form["phone"], Asked()) or "",
        anonymous=bool(form["anonymous"]),
        known=known,
        grade=Grade(grade) if grade in set(Grade) else None,
    )


def _category(form: Mapping[str, str], heard: Heard, known: Snapshots) -> str:
    keys = (form["category"], *(key for key, _ in heard.proposals))
    return next((key for key in keys if known.rules.categories.open(key)), "")


async def _page(
    request: web.Request,
    form: Mapping[str, str],
    *,
    status: int = 200,
    told: str = "",
    wrong: Mapping[str, str] | None = None,
) -> web.Response:
    here, known = door(request), door(request).snapshots()
    heard = await _heard(request, form)
    return page(
        "intake.html",
        status=status,
        **await bare_frame(request, PLACE),
        form={name: form.get(name, "") for name in ("key", *_FIELDS)},
        heard=heard,
        earlier=_earlier(here, heard.known),
        wechat=bool(heard.known and heard.known.account),
        wrong=dict(wrong or {}),
        told=told,
        tops=_tops(known),
        grades=[(key.value, rule.title, rule.means) for key, rule in known.rules.grades.items()],
        units=_units(form.get("unit", ""), known),
    )


def _earlier(here: Any, known: Known | None) -> list[dict[str, str]]:
    if known is None:
        return []
    names = here.snapshots().units
    return [
        {
            "number": each.number,
            "title": each.title,
            "stands": f"{words.STATUSES[each.status]} · {unit.name if (unit := names.get(each.unit)) else each.unit}",
        }
        for each in known.cases
    ]


def _tops(known: Snapshots) -> list[tuple[str, list[tuple[str, str]]]]:
    tops = known.rules.categories.offered
    return [(top.title, [(each.key, each.title) for each in top.offered]) for top in tops]


def _units(typed: str, known: Snapshots) -> list[str]:
    """Give the units that what was typed may mean; with nothing typed, none: the place says it."""
    if not typed:
        return []
    found = [*known.units.by_name(typed), *(unit for unit in known.units if typed in unit.full_name)]
    return [unit.full_name for unit in dict.fromkeys(found) if not unit.closed][:_SUGGESTED]
