"""值班表: who is on duty in a unit and when, kept by those who lead there; every change is a new version."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date, time

from aiohttp import web

from bot.rosters import Rosters
from dialogs.desk.cases import Act
from dialogs.desk.duty import WEEK, Roster, Shift
from dialogs.units import Unit
from handlers.desk.frame.door import door, visit
from handlers.desk.frame.listing import bare_frame
from handlers.desk.frame.rendering import page
from handlers.desk.frame.shown import Place
from handlers.desk.frame.words import say_days, say_span
from storage.acts import Stale

_PLACE = Place(key="duty", title="值班表")
_TOLD = {"add": "排好了，是新的一版。", "remove": "去掉了，是新的一版。"}
_CHANGED = "还没有存：您改的时候，别人改了值班表。您填的还在下面，看过再存一次。"
_DAYS = ("12345", "67", WEEK, *WEEK)
_TIME = re.compile(r"([01]?\d|2[0-3])[:：]([0-5]\d)")
_MOST = 300  # units to choose from; beyond that the name is written


def led(request: web.Request) -> list[Unit]:
    """List the units whose rosters this person keeps: of the posts by which they lead, and below; nearest first."""
    known = door(request).snapshots()
    posts = known.rules.posts
    own = [held.unit for held in visit(request).staff.posts if (post := posts.get(held.post)) and post.leads]
    ids = dict.fromkeys([*own, *sorted({each for unit in own for each in known.units.subtree(unit)})])
    return [unit for each in ids if (unit := known.units.get(each)) and not unit.closed]


async def show(request: web.Request) -> web.Response:
    """Show a unit's roster."""
    told = _TOLD.get(request.query.get("told", ""), "")
    return await _page(request, _unit(request, request.query.get("unit", "")), told=told)


async def act(request: web.Request) -> web.Response:
    """Add a row or take one away: a new version."""
    form = {key: str(value) for key, value in (await request.post()).items()}
    unit, kind = _unit(request, form.get("unit", "")), request.match_info["act"]
    rosters = _rosters(request)
    roster = await rosters.of(unit.id)
    if kind == "remove":
        shifts = [each for each in roster.shifts if _key(each) != form.get("shift", "")]
    else:
        shift, wrong = _read(form, await _people(request, unit))
        if shift is None:
            return await _page(request, unit, status=422, refused=wrong, given=form)
        shifts = [*roster.shifts, shift]
    if set(shifts) == set(roster.shifts):  # a form that was sent twice
        raise web.HTTPSeeOther(f"/desk/duty?unit={unit.id}&told={kind}")
    version = int(seen) if (seen := form.get("revision", "")).isascii() and seen.isdigit() and len(seen) < 9 else 0
    got = await rosters.keep(unit.id, shifts, version=version, by=visit(request).staff.actor)
    if isinstance(got, Stale):
        return await _page(request, unit, status=409, refused=(_CHANGED,), given=form)
    raise web.HTTPSeeOther(f"/desk/duty?unit={unit.id}&told={kind}")


def _unit(request: web.Request, said: str) -> Unit:
    """Give the unit that is meant, by its id or its name; without one the person's own. None of theirs is a 404."""
    units, said = led(request), said.strip()
    meant = [unit for unit in units if said in {"", unit.id, unit.full_name}] or [
        unit for unit in units if unit.name == said
    ]
    if not meant:
        raise web.HTTPNotFound
    return meant[0]


def _rosters(request: web.Request) -> Rosters:
    return door(request).rosters


async def _people(request: web.Request, unit: Unit) -> list[str]:
    """Name who could sign for a case of this unit: of the unit or above it."""
    here, known = door(request), door(request).snapshots()
    staff = await here.database.staff.of_units([each.id for each in known.units.path(unit.id)], here.now())
    able = [each for each in staff if Act.CLAIM in known.rules.may(each.post)]
    own = [each.name for each in able if each.unit == unit.id]
    return list(dict.fromkeys([*own, *(each.name for each in able)]))


def _read(form: Mapping[str, str], people: Sequence[str]) -> tuple[Shift | None, tuple[str, ...]]:
    person, days, on = form.get("person", "").strip(), form.get("days", ""), form.get("on", "").strip()
    start, end = _time(form.get("start", "")), _time(form.get("end", ""))
    wrong = []
    if person not in people:
        wrong.append(f"值班人：没有「{person}」，或者他的岗位不能签收。请从名单里选。" if person else "请选值班人。")
    if on:
        days = _date(on)
    if not days or (not on and days not in _DAYS):
        wrong.append("日期要写成 2026-10-01 这样。" if on else "请选星期几，或者写一个日期。")
    if start is None or end is None:
        wrong.append("几点到几点要写成 09:00 这样。")
    if wrong or start is None or end is None:
        return None, tuple(wrong)
    return Shift(person=person, days=days, start=start, end=end), ()


def _date(said: str) -> str:
    try:
        return date.fromisoformat(said).isoformat()
    except ValueError:
        return ""


def _time(said: str) -> time | None:
    found = _TIME.fullmatch(said.strip())
    return time(int(found[1]), int(found[2])) if found else None


def _key(shift: Shift) -> str:
    return f"{shift.person}|{shift.days}|{shift.start:%H:%M}|{shift.end:%H:%M}"


def _rows(roster: Roster) -> list[dict[str, str]]:
    return [
        {
            "key": _key(each),
            "days": say_days(each.days),
            "span": say_span(each.start, each.end),
            "person": each.person,
        }
        for each in roster.shifts
    ]


async def _page(
    request: web.Request,
    unit: Unit,
    *,
    status: int = 200,
    told: str = "",
    refused: Sequence[str] = (),
    given: Mapping[str, str] | None = None,
) -> web.Response:
    here, known = door(request), door(request).snapshots()
    roster = await _rosters(request).of(unit.id)
    now = roster.on_duty(known.rules.calendar.local(here.now()))
    units = led(request)
    return page(
        "duty.html",
        status=status,
        **await bare_frame(request, _PLACE),
        unit=unit,
        units=[each.full_name for each in units[:_MOST]] if len(units) > 1 else (),
        version=roster.version,
        now="、".join(now),
        auto=known.rules.duty.of(unit.id) == "auto",
        rows=_rows(roster),
        people=await _people(request, unit),
        days=[(each, say_days(each)) for each in _DAYS],
        given=given or {},
        told=told,
        refused=refused,
        history=[
            f"第 {book.version} 版：{book.at.astimezone(here.zone):%Y-%m-%d %H:%M} {book.by}"
            for book in await _rosters(request).history(unit.id)
        ],
    )
