"""Rows of the list in words, and the frame that every page of the desk stands in."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from aiohttp import web

from bot.rights import may, units_acting
from dialogs.desk.cases import OPEN, Act, Status
from dialogs.desk.deadlines import say_left
from dialogs.desk.identity import alias
from dialogs.desk.seeking import Part, Sought, parts
from dialogs.desk.tags import split
from dialogs.forms.registering import service_of
from dialogs.masking import mask_text
from dialogs.rules import Rules
from dialogs.units import Units
from handlers.desk.frame import rail, words
from handlers.desk.frame.door import DeskDoor, door, visit
from handlers.desk.frame.narrowing import Asked, Ground, chips, filters
from handlers.desk.frame.picking import bulk_kinds
from handlers.desk.frame.shown import Alarm, Empty, Kept, Link, Page, Place, Row, Tone, Why
from handlers.desk.frame.where import Where, ground_of
from storage.cases import CaseRow, Pressing, Red
from storage.filters import NONE
from storage.finding import Hit
from storage.places import SOON

PAGE = 50
# Beyond this a list that refreshes itself costs more than it tells; 更多 goes on from there.
_MOST = 200
# So many red cases that nobody has signed for are counted; beyond that the exact number helps nobody.
_REDS = 20
# One line of the list holds less.
_GIST = 60
_ROW = re.compile(r"[0-9]{1,15}")
# What stands where the queue would stand, for those who see no case.
_NO_CASES: dict[str, Any] = {"alarm": None, "pressing": 0, "places": [], "views": []}


def left(row: CaseRow, now: datetime) -> tuple[Tone, str, str]:
    """Say how much time is left: its tone, the words and the symbol. It is that of the limit which is running now."""
    if row.status not in OPEN:
        return "settled", words.STATUSES[row.status], "answered" if row.status is Status.ANSWERED else "closed"
    said = f"{words.LIMITS.get(row.status, '')}{say_left(row.due, now)}"
    if row.due <= now:
        return "over", said, "overdue"
    return ("soon" if row.due - now <= SOON else "calm"), said, "soon"


def row_shown(
    row: CaseRow, now: datetime, units: Units, rules: Rules, *, absent: AbstractSet[str] = frozenset(), me: str = ""
) -> Row:
    """Put one case into words for the list; whose holder is `absent` says for whom the reader (`me`) stands in."""
    tone, said, mark = left(row, now)
    unit = units.get(row.unit)
    theirs = row.last_who == "member"
    who = "群众" if theirs else "我方" if row.last_who == "staff" else "鸿雁"
    return Row(
        number=row.number,
        title=row.title,
        gist=gist(row),
        name=alias(row.number, rules.secrecy.alias) if row.confidential else "匿名" if row.anonymous else row.name,
        unit=unit.name if unit else row.unit,
        owner=waits(row, units) or (f"代 {row.owner}" if row.owner in absent else row.owner) or _awaited(row, me),
        grade=row.grade.value,
        grade_word=rules.grades[row.grade].title,
        tone=tone,
        left=said,
        left_mark=mark,
        spoke=f"{who} {words.ago(row.last_at, now)}",
        spoke_who="theirs" if theirs else "ours",
        came=words.CAME.get(row.came, ""),
        watched=watched(row, units),
        tags=split(row.tags),
    )


def _awaited(row: CaseRow, me: str) -> str:
    if row.status is not Status.ACCEPTED or not row.proposed:
        return "待签收"
    return words.PROPOSED_TO_YOU if row.proposed == me else words.PROPOSED.format(name=row.proposed)


def why(hit: Hit, row: CaseRow, asked: Sought) -> tuple[Why, ...]:
    """Say why a case was found; of a telephone no more than was typed."""
    match hit.by:
        case "number":
            return (Why(where="编号", parts=parts(row.number, [asked.said])),)
        case "name":
            return (Why(where="姓名", parts=(Part(words=row.name, hit=True),)),)
        case "phone":
            return (Why(where="手机号", parts=(Part(words=f"尾号 {asked.phone[-4:]}", hit=True),)),)
        case "tail":
            return (Why(where="手机尾号", parts=(Part(words=asked.tail, hit=True),)),)
        case "words":
            return tuple(Why(where=words.KINDS[kind], parts=line) for kind, line in hit.lines)


def watched(row: CaseRow, units: Units) -> str:
    """Say why somebody keeps an eye on it: 「已升到玉山镇」, 「督办中」; '' where nobody does."""
    if row.status not in OPEN:
        return ""
    climbed = units.get(row.climbed)
    parts = (
        words.WATCHED["climbed"].format(unit=climbed.name) if climbed else "",
        words.WATCHED["urged"] if row.urged else "",
        words.WATCHED["alarmed"].format(times=row.contacts) if row.alarmed else "",
    )
    return "，".join(filter(None, parts))


def gist(row: CaseRow) -> str:
    """Give what the member said it is about, so that six of 「路灯」 differ."""
    said = "" if row.confidential else mask_text(" ".join(row.matter.split()))[:_GIST]
    return "" if said in row.title else said


def waits(row: CaseRow, units: Units) -> str:
    """Say whom it waits for: 「等玉山镇书面答复」; '' where that is the person who holds it, or nobody yet."""
    above = units.get(row.above)
    return words.WAITS.get(row.status, "").format(above=above.name if above else "上级")


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """The rows of a list as they are shown. `after` goes on behind the last, '' at the end; `summary` counts them."""

    rows: tuple[Row, ...]
    after: str
    summary: str
    chips: tuple[Link, ...] = ()
    empty: Empty | None = None


async def frame(
    request: web.Request, where: Where, *, after: str = "", loaded: int = 0, open_number: str = ""
) -> dict[str, Any]:
    """Gather what the frame shows: the rail with its counters, and one list."""
    here, who = door(request), visit(request)
    pressing = await here.database.cases.pressing(who.scope, here.now(), most=_REDS)
    shown = rail.places(pressing.counts)
    if where.sought:
        listed = await found_list(request, where.sought, after=after)
        place = Place(key=where.key, title="找到的", narrowed=where.narrowed)
    else:
        place = replace(shown[where.key], narrowed=where.narrowed)
        listed = await _listed(request, where, place, after=after, limit=min(max(loaded, PAGE), _MOST))
    return {
        **await _signed_in(request, shown, pressing),
        "place": place,
        "rows": listed.rows,
        "after": listed.after,
        "summary": listed.summary,
        "chips": listed.chips,
        "empty": listed.empty or (rail.empty(place.key, shown) if not listed.rows else Empty(words="")),
        "open": open_number,
        "bulk": bulk_kinds(who.staff, here.snapshots()),
    }


async def _listed(request: web.Request, where: Where, place: Place, *, after: str, limit: int) -> Listed:
    here, who = door(request), visit(request)
    now, cases, known = here.now(), here.database.cases, here.snapshots()
    ground = await ground_of(request) if where.narrowed else None
    narrow = filters(where.asked, ground) if ground else NONE
    found = await cases.queue(place.key, who.scope, now, narrow=narrow, after=after or None, limit=limit + 1)
    rows = found[:limit]
    listed = Listed(
        rows=tuple(
            row_shown(
                row, now, known.units, known.rules, absent=visit(request).scope.absent, me=visit(request).staff.name
            )
            for row in rows
        ),
        after=rows[-1].cursor if len(found) > limit else "",
        summary=_summary(place, len(rows)),
    )
    if ground is None:
        return listed
    count = await cases.count(place.key, who.scope, now, narrow)
    off = Empty(words="没有这样的件", next="去掉一两个条件再看。", href=f"/desk/queue/{place.key}", link="全部去掉")
    summary = f"{count:,} 件符合" if count else ""
    return replace(listed, summary=summary, chips=_chips(where, ground), empty=None if rows else off)


def _chips(where: Where, ground: Ground) -> tuple[Link, ...]:
    on = chips(where.asked, ground)
    off = [Link(words=chip.words, href=replace(where, asked=chip.without).place.href) for chip in on]
    return (*off, Link(words="全部", href=replace(where, asked=Asked()).place.href)) if len(off) > 1 else tuple(off)


async def found_list(request: web.Request, asked: Sought, *, after: str) -> Listed:
    """List what was found, with why."""
    here, who = door(request), visit(request)
    now, known = here.now(), here.snapshots()
    found = await here.database.finding.find(asked, who.scope, after=int(after) if _ROW.fullmatch(after) else 0)
    cases = await here.database.cases.several([hit.number for hit in found.hits], who.scope)
    hits = {hit.number: hit for hit in found.hits}
    rows = [
        replace(
            row_shown(
                row, now, known.units, known.rules, absent=visit(request).scope.absent, me=visit(request).staff.name
            ),
            why=why(hits[row.number], row, asked),
        )
        for row in cases
    ]
    count = f"{len(rows)} 件" if rows and not after and not found.after else ""
    return Listed(
        rows=tuple(rows),
        after=str(found.after or ""),
        summary=count,
        empty=None if rows else Empty(words=f"没有找到「{asked.said}」", next=words.NOT_FOUND),
    )


async def bare_frame(request: web.Request, place: Place) -> dict[str, Any]:
    """Gather what the frame shows around a page that is no list of cases."""
    here, who = door(request), visit(request)
    if "cases" not in who.rights or who.staff.one_time:
        return {**await _person(request), **_NO_CASES, "place": place}
    pressing = await here.database.cases.pressing(who.scope, here.now(), most=_REDS)
    return {**await _signed_in(request, rail.places(pressing.counts), pressing), "place": place}


async def _signed_in(request: web.Request, shown: Mapping[str, Place], pressing: Pressing) -> dict[str, Any]:
    now, counts = door(request).now(), pressing.counts
    return {
        **await _person(request),
        "alarm": _alarm(pressing.reds, now),
        "pressing": counts["soon"]
        + counts["overdue"]
        + counts["pressed"]
        + sum(red.due - now > SOON for red in pressing.reds),
        "places": [place for place in shown.values() if rail.known(place.key, visit(request).scope)],
        "views": await _views(request),
    }


async def _views(request: web.Request) -> list[Kept]:
    """The lists that this person comes back to: their own, and those that their units share."""
    staff = visit(request).staff
    found = await door(request).database.views.of(staff.name, sorted({held.unit for held in staff.posts}))
    return [
        Kept(
            id=each.id,
            words=each.title,
            href=Place(key=each.place, title="", narrowed=each.narrowed).href,
            shared=each.unit != "",
            own=each.staff == staff.name,
        )
        for each in found
        if rail.known(each.place, visit(request).scope)
    ]


async def _own_pages(request: web.Request) -> list[Page]:
    """The pages of whoever works on cases: who calls for them, whom to ring up, what to take down."""
    here, who = door(request), visit(request)
    known = here.snapshots()
    if "cases" not in who.rights:
        return []
    named = await here.database.mentions.count(who.scope)
    found = [Page(key="mentions", title="@我", href="/desk/mentions", mark="at", count=named)]
    if may(who.staff, Act.CALL, known):
        waiting = await here.database.calls.count(who.scope)
        found.append(Page(key="calls", title="请回电", href="/desk/calls", mark="phone", count=waiting))
        if service_of(known) is not None:
            found.append(Page(key="intake", title="登记来件", href="/desk/intake", mark="pen"))
    if may(who.staff, Act.ANSWER, known):
        found.append(Page(key="replies", title="常用语", href="/desk/replies", mark="quick"))
    return found


def _routing(request: web.Request) -> list[Page]:
    """The pages of who decides where cases go and who is on duty."""
    who, known = visit(request), door(request).snapshots()
    root = known.units.root.id
    keeps = "organisation" in who.rights and who.staff.unit == root
    posts = (known.rules.posts.get(held.post) for held in who.staff.posts)
    found = []
    if any(post and post.leads for post in posts):
        found.append(Page(key="duty", title="值班表", href="/desk/duty", mark="soon"))
    if keeps or root in units_acting(who.staff, Act.TAKE_BACK, known):
        found.append(Page(key="directory", title="派单目录", href="/desk/directory", mark="tree"))
        found.append(Page(key="categories", title="诉求类别", href="/desk/categories", mark="tree"))
    return found


async def _person(request: web.Request) -> dict[str, Any]:
    """What the frame shows of whoever is signed in: the pages that are open to them beside the queue."""
    who = visit(request)
    return {
        "csrf": who.csrf,
        "me": me(request, door(request)),
        "sees_cases": "cases" in who.rights,
        "pages": (*await _own_pages(request), *_routing(request), *rail.pages(who.rights)),
    }


def _alarm(red: Sequence[Red], now: datetime) -> Alarm | None:
    if not red:
        return None
    count = f"{len(red)} 件以上" if len(red) == _REDS else f"{len(red)} 件"
    return Alarm(
        words=f"{count}特急还没人签收：{red[0].title}",
        left=say_left(red[0].due, now),
        href=f"/desk/case/{red[0].number}?in=unclaimed",
    )


def _summary(place: Place, rows: int) -> str:
    if place.count is None:
        return "最近三十天，新的在前" if rows else ""
    if place.count > _MOST:
        return f"{place.said} 件，先看最急的"
    return f"{place.said} 件，最急的在前" if rows else ""


def me(request: web.Request, here: DeskDoor) -> dict[str, str]:
    """Say who is signed in: name, post, unit."""
    staff = visit(request).staff
    unit, posts = here.snapshots().units.get(staff.unit), here.snapshots().rules.posts
    return {
        "name": staff.name,
        "post": posts[staff.post].title if staff.post in posts else staff.post,
        "unit": unit.name if unit else staff.unit,
        "absent": "、".join(each.name for each in staff.absent),
    }
