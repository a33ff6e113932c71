"""Exports: what can be taken along from here, how far those are that take a while, and the files themselves."""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import parse_qsl, quote

from aiohttp import web

from bot.exports import Asked, AtOnce, NotTheirs, units_whole
from bot.sheet_streams import TYPES, Format
from handlers.desk.audit import narrowed, wanted_of
from handlers.desk.frame import rail, words
from handlers.desk.frame.door import DeskDoor, door, visit
from handlers.desk.frame.listing import bare_frame
from handlers.desk.frame.narrowing import chips, filters
from handlers.desk.frame.rendering import page
from handlers.desk.frame.shown import Place
from handlers.desk.frame.where import Where, ground_of, where_of
from storage.exports import Export
from storage.filters import NONE

PLACE = Place(key="exports", title="导出")
_FORMS: dict[str, Format] = {"xlsx": "xlsx", "csv": "csv"}
_ONCE = re.compile(r"[\w-]{16,64}")
_AUDIT = ("by", "what", "on", "since", "until")


@dataclass(frozen=True, slots=True, kw_only=True)
class File:
    """One export as it is shown. `share` is how much of it is done, in per cent; `href` is where the file is."""

    title: str
    form: str
    asked: str
    said: str
    share: int | None = None
    href: str = ""
    failed: bool = False


async def show(request: web.Request) -> web.Response:
    """Show what was asked for and how far it is; `place` names a list that can be taken along."""
    _allow(request)
    key = request.query.get("place", "")
    offered = (
        await where_of(request, key)
        if rail.known(key, visit(request).scope) and "cases" in visit(request).rights
        else None
    )
    return await _page(request, offered)


async def ask(request: web.Request) -> web.Response:
    """Give a short table at once; have a long one made, and show how far it is."""
    _allow(request)
    form = await request.post()
    given = {key: str(value) for key, value in form.items()}
    kind, once = _FORMS.get(given.get("form", "")), given.get("once", "")
    if kind is None or not _ONCE.fullmatch(once):
        raise web.HTTPBadRequest
    asked = await _asked(request, given, kind)
    try:
        got = await door(request).exports.ask(visit(request).staff, asked, once)
    except NotTheirs:
        raise web.HTTPNotFound from None
    if isinstance(got, AtOnce):
        return web.Response(body=got.content, headers=_headers(asked.title, kind, door(request)))
    await door(request).hot.wake("exports")
    raise web.HTTPSeeOther("/desk/exports")


async def fetch(request: web.Request) -> web.StreamResponse:
    """Give a file that is ready to who asked for it, if they still may have it."""
    _allow(request)
    try:
        found, content = await door(request).exports.fetch(visit(request).staff, request.match_info["export"])
    except NotTheirs:
        raise web.HTTPNotFound from None
    kind = _FORMS[found.wish.form]
    response = web.StreamResponse(headers=_headers(found.wish.title, kind, door(request)))
    response.content_length = found.bytes
    await response.prepare(request)
    async for piece in content:
        await response.write(piece)
    await response.write_eof()
    return response


def _allow(request: web.Request) -> None:
    if not visit(request).rights & {"cases", "audit"}:
        raise web.HTTPNotFound


async def _title(request: web.Request, where: Where) -> str:
    """Name a list with what narrows it."""
    title = rail.places({})[where.key].title
    on = "，".join(chip.words for chip in chips(where.asked, await ground_of(request))) if where.narrowed else ""
    return f"{title}（{on}）" if on else title


async def _asked(request: web.Request, given: dict[str, str], kind: Format) -> Asked:
    if given.get("kind") == "audit":
        narrow = narrowed(given.get(key, "") for key in _AUDIT)
        wanted = wanted_of(request, narrow)
        if wanted is None:
            raise web.HTTPBadRequest
        return Asked(kind="audit", title="审计日志", form=kind, audit=wanted)
    if not rail.known(given.get("place", ""), visit(request).scope):
        raise web.HTTPBadRequest
    where = await where_of(request, given["place"], dict(parse_qsl(given.get("narrow", ""))))
    by = filters(where.asked, await ground_of(request)) if where.narrowed else NONE
    return Asked(kind="cases", title=await _title(request, where), form=kind, place=where.key, narrow=by)


def _headers(title: str, kind: Format, here: DeskDoor) -> dict[str, str]:
    day = here.organisation.today()
    name = quote(f"{title}-{day}.{kind}")
    return {
        "Content-Type": TYPES[kind],
        "Content-Disposition": f"attachment; filename=\"{day}.{kind}\"; filename*=UTF-8''{name}",
        "Cache-Control": "no-store",
    }


async def _page(request: web.Request, offered: Where | None) -> web.Response:
    here, who = door(request), visit(request)
    found = await here.exports.mine(who.staff)
    limits = here.snapshots().rules.records
    return page(
        "exports.html",
        **await bare_frame(request, PLACE),
        offered=offered,
        title=await _title(request, offered) if offered else "",
        whole=bool(units_whole(who.staff, here.snapshots())),
        files=list(_files(found, here)),
        moving=any(each.status in {"waiting", "claimed"} for each in found),
        at_once=f"{limits.export_at_once:,}",
        most=f"{limits.export_most:,}",
        kept=limits.export_kept.days,
        once=secrets.token_urlsafe(16),
    )


def _files(found: list[Export], here: DeskDoor) -> Iterator[File]:
    now = here.now()
    for each in found:
        yield File(
            title=each.wish.title,
            form=each.wish.form.upper(),
            asked=words.moment(each.asked, now, here.zone),
            said=_said(each, now, here),
            share=_share(each),
            href=f"/desk/exports/{each.wish.id}" if each.status == "ready" else "",
            failed=each.status == "failed",
        )


def _share(each: Export) -> int | None:
    match each.status:
        case "waiting":
            return 0
        case "claimed":
            return each.done * 100 // each.total if each.total else 0
        case _:
            return None


def _said(each: Export, now: datetime, here: DeskDoor) -> str:
    match each.status:
        case "waiting":
            return "排着队，轮到就做"
        case "claimed" if each.total:
            return f"做了 {each.done:,} / {each.total:,} 行"
        case "claimed":
            return "正在数有多少行"
        case "ready":
            until = words.moment(each.until, now, here.zone) if each.until else ""
            return f"{each.done:,} 行，{_size(each.bytes)}，留到 {until}"
        case "failed":
            return each.said
        case "gone":
            return f"{each.done:,} 行，过期已清除"


def _size(count: int) -> str:
    return f"{count / 1024 / 1024:.1f} MB" if count >= 1024 * 1024 else f"{max(1, count // 1024)} KB"
