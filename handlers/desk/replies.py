"""Canned replies: those of one's unit and the shared ones from above; written, checked and put away at the desk."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from aiohttp import web

from bot.rights import may, units_acting
from dialogs.desk.cases import Act
from dialogs.desk.replies import VARIABLES, fill, unknown
from handlers.desk.frame.canned import today, usable
from handlers.desk.frame.door import door, visit
from handlers.desk.frame.listing import bare_frame
from handlers.desk.frame.rendering import page
from handlers.desk.frame.shown import Place
from storage.acts import Stale
from storage.replies import Reply

PLACE = Place(key="replies", title="常用语")
_NUMBER = re.compile(r"[0-9]{1,15}")
_LONGEST_TITLE, _LONGEST = 30, 1000
_STALE = "还没有存：您改的时候，别人改了这一条。您写的还在下面，看过再存一次。"
_TOLD = {"kept": "存好了。", "away": "收起来了，回复时不再出现。", "back": "又能用了。"}
_SAMPLE = {
    "姓名": "周建国",
    "称呼": "周建国同志",
    "编号": "HY-261121-0387-8",
    "事项": "三号楼路灯坏了",
    "办结时限": "11 月 27 日",
    "经办": "民生岗",
    "今天": "11 月 23 日",
}


async def show(request: web.Request) -> web.Response:
    """Show the list and one reply, or an empty form. `told` names what was just done."""
    _allow(request)
    wanted = request.query.get("reply", "")
    reply = await _access(request, wanted) if wanted else None
    return await _page(request, reply, told=_TOLD.get(request.query.get("told", ""), ""))


async def keep(request: web.Request) -> web.Response:
    """Keep a new reply or a changed one, or say what is wrong with it; every word stays."""
    _allow(request)
    here, who, form = door(request), visit(request), await _form(request)
    reply = await _access(request, form["reply"]) if form["reply"] else None
    unit = reply.unit if reply else form["unit"]
    if unit not in _kept_units(request):
        raise web.HTTPNotFound
    if form["act"] in {"away", "back"} and reply is not None:
        got = await here.database.replies.put_away(
            reply.id, int(form["version"] or 0), away=form["act"] == "away", by=who.staff.name, now=here.now()
        )
        return await _kept(request, reply, form, got, form["act"])
    wrong = _mistakes(form)
    if wrong:
        return await _page(request, reply, form=form, wrong=wrong, status=422)
    said: dict[str, Any] = {
        "title": form["title"],
        "words": form["words"],
        "until": date.fromisoformat(form["until"]),
        "by": who.staff.name,
        "now": here.now(),
    }
    if reply is None:
        made = await here.database.replies.add(unit, **said)
        raise web.HTTPSeeOther(f"/desk/replies?reply={made}&told=kept")
    got = await here.database.replies.change(reply.id, int(form["version"] or 0), **said)
    return await _kept(request, reply, form, got, "kept")


async def _kept(
    request: web.Request, reply: Reply, form: Mapping[str, str], got: int | Stale, told: str
) -> web.Response:
    if isinstance(got, Stale):
        fresh = await door(request).database.replies.get(reply.id)
        return await _page(request, fresh, form=form, refused=_STALE, status=409)
    raise web.HTTPSeeOther(f"/desk/replies?reply={reply.id}&told={told}")


def _allow(request: web.Request) -> None:
    if "cases" not in visit(request).rights or not may(visit(request).staff, Act.ANSWER, door(request).snapshots()):
        raise web.HTTPNotFound


def _kept_units(request: web.Request) -> frozenset[str]:
    """Give the units whose canned replies this person keeps: where one of their posts answers, and below."""
    return units_acting(visit(request).staff, Act.ANSWER, door(request).snapshots())


def _home(request: web.Request) -> str:
    """Give the unit for which this person writes a new one."""
    staff, kept = visit(request).staff, _kept_units(request)
    return next((held.unit for held in staff.posts if held.unit in kept), staff.unit)


async def _access(request: web.Request, wanted: str) -> Reply:
    found = await door(request).database.replies.get(int(wanted)) if _NUMBER.fullmatch(wanted) else None
    if found is None or found.id not in {reply.id for reply in await _listed(request)}:
        raise web.HTTPNotFound
    return found


async def _listed(request: web.Request) -> list[Reply]:
    """Those that one uses, and those of the units below, which one keeps."""
    own, below = await usable(request), await door(request).database.replies.of_units(_kept_units(request))
    return list({reply.id: reply for reply in (*own, *below)}.values())


async def _form(request: web.Request) -> dict[str, str]:
    posted = await request.post()
    names = ("reply", "version", "act", "unit", "title", "words", "until")
    form = {name: str(posted.get(name, "")).replace("\r\n", "\n").strip() for name in names}
    if form["version"] and not _NUMBER.fullmatch(form["version"]):
        raise web.HTTPBadRequest
    return form


def _mistakes(form: Mapping[str, str]) -> dict[str, str]:
    wrong = {}
    if not form["title"] or len(form["title"]) > _LONGEST_TITLE:
        wrong["title"] = f"起个名字，不超过 {_LONGEST_TITLE} 个字。"
    strange = unknown(form["words"])
    if not form["words"] or len(form["words"]) > _LONGEST:
        wrong["words"] = f"还没有写，或者太长了（不超过 {_LONGEST} 个字）。"
    elif strange:
        wrong["words"] = f"不认识{'、'.join(f'「{{{name}}}」' for name in strange)}。能用的在下面。"
    try:
        date.fromisoformat(form["until"])
    except ValueError:
        wrong["until"] = "请写用到哪一天，例：2027-05-31。"
    return wrong


async def _page(
    request: web.Request,
    reply: Reply | None,
    *,
    form: Mapping[str, str] | None = None,
    wrong: Mapping[str, str] | None = None,
    refused: str = "",
    told: str = "",
    status: int = 200,
) -> web.Response:
    here, who, day = door(request), visit(request), today(request)
    units, rules = here.snapshots().units, here.snapshots().rules
    listed = sorted(await _listed(request), key=lambda each: (each.closed, each.stands(day), each.title))
    given = form or {
        "title": reply.title if reply else "",
        "words": reply.words if reply else "",
        "until": (reply.until if reply else day + timedelta(days=rules.room.replies)).isoformat(),
        "unit": reply.unit if reply else _home(request),
    }
    return page(
        "replies.html",
        status=status,
        **await bare_frame(request, PLACE),
        listed=[(each, _stands(each, day), _name(each.unit, units)) for each in listed],
        it=reply,
        mine=reply is None or reply.unit in _kept_units(request),
        given=given,
        owner=_name(given.get("unit") or _home(request), units),
        wrong=dict(wrong or {}),
        refused=refused,
        told=told,
        variables=VARIABLES,
        preview=fill(given["words"], {**_SAMPLE, "单位": _name(who.staff.unit, units), "电话": "0512-5555 0101"}),
        stands=_stands(reply, day) if reply else "",
    )


def _stands(reply: Reply, day: date) -> str:
    if reply.closed:
        return "已收起"
    return f"用到 {reply.until}" if reply.stands(day) else f"{reply.until} 已过期"


def _name(unit: str, units: Any) -> str:
    found = units.get(unit)
    return found.name if found else unit
