"""The organisation from a spreadsheet: every mistake by its row, or what would change, and only then the change."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from aiohttp import web
from aiohttp.web_request import FileField

from bot import sheets
from bot.units import in_the_way_words, planned_words, read
from dialogs.desk import units_sheet
from dialogs.desk.organisation import Plan, become
from dialogs.desk.units_sheet import HEADINGS, Sheet
from handlers.desk.frame.door import door, visit
from handlers.desk.frame.listing import bare_frame
from handlers.desk.frame.rendering import page
from handlers.desk.units import PLACE, allow
from storage.acts import Stale
from storage.audit import Record
from storage.units import InTheWay

_CHANGED = "别人刚改过单位，没有导入。下面是现在会改的，看过再确认。"
_TYPES = {
    "csv": ("text/csv", sheets.write_csv),
    "xlsx": ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", sheets.write_xlsx),
}


async def show(request: web.Request) -> web.Response:
    """Show where to put the file."""
    allow(request, whole=True)
    return await _page(request)


async def check(request: web.Request) -> web.Response:
    """Read the file: list every mistake, or show what it would change. Nothing is changed here."""
    allow(request, whole=True)
    content = _content((await request.post()).get("file"))
    try:
        sheet = await asyncio.to_thread(read, content) if content else None
    except sheets.NoSheet as wrong:
        return await _page(request, status=422, refused=(str(wrong),))
    if sheet is None:
        return await _page(request, status=422, refused=("请先选一个文件。",))
    return await _preview(request, sheet)


async def confirm(request: web.Request) -> web.Response:
    """Make the organisation what the sheet says that was shown."""
    allow(request, whole=True)
    form = await request.post()
    try:
        sheet = await asyncio.to_thread(read, str(form.get("sheet", "")).encode())
    except sheets.NoSheet as wrong:
        return await _page(request, status=422, refused=(str(wrong),))
    here = door(request).organisation
    if sheet.mistakes or str(form.get("revision", "")) != str(here.revision):
        return await _preview(request, sheet, status=409, refused=(_CHANGED,))
    units = door(request).snapshots().units
    plan = become(units, sheet.units, here.today())
    got = await here.keep(plan, revision=here.revision, by=visit(request).staff.actor, imported=True)
    if isinstance(got, InTheWay):
        words = ("没有导入：这些单位要停用，可还有没办完的件。", *in_the_way_words(got, units))
        return await _preview(request, sheet, status=409, refused=words)
    if isinstance(got, Stale):
        await here.look()
        return await _preview(request, sheet, status=409, refused=(_CHANGED,))
    return await _page(request, told=f"导入好了，现在有 {len(sheet.units)} 个单位。")


async def export(request: web.Request) -> web.Response:
    """Give the organisation as a file that can be changed and brought back."""
    allow(request, whole=True)
    kind, write = _TYPES[request.match_info["kind"]]
    content = write(units_sheet.write(door(request).snapshots().units))
    left = Record(actor=visit(request).staff.actor, act="units.export", note=request.match_info["kind"])
    await door(request).database.audit.append(left, now=door(request).now())
    name = f"units-{door(request).organisation.today()}.{request.match_info['kind']}"
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    return web.Response(body=content, content_type=kind, headers=headers)


def _content(given: object) -> bytes:
    if not isinstance(given, FileField):
        return b""
    with given.file as file:
        return file.read()


async def _preview(
    request: web.Request, sheet: Sheet, *, status: int = 200, refused: Sequence[str] = ()
) -> web.Response:
    if sheet.mistakes:
        return await _page(request, status=422, mistakes=[str(mistake) for mistake in sheet.mistakes])
    plan = become(door(request).snapshots().units, sheet.units, door(request).organisation.today())
    return await _page(request, status=status, refused=refused, plan=plan, sheet=sheet)


async def _page(
    request: web.Request,
    *,
    status: int = 200,
    told: str = "",
    refused: Sequence[str] = (),
    mistakes: Sequence[str] = (),
    plan: Plan | None = None,
    sheet: Sheet | None = None,
) -> web.Response:
    return page(
        "import_units.html",
        status=status,
        **await bare_frame(request, PLACE),
        headings="、".join(HEADINGS),
        told=told,
        refused=refused,
        mistakes=mistakes,
        planned=planned_words(plan) if plan else (),
        units=len(sheet.units) if sheet else 0,
        sheet=sheets.write_csv(units_sheet.write(sheet.units)).decode("utf-8-sig") if sheet and plan else "",
        revision=door(request).organisation.revision,
    )
