"""The dispatch directory: its rows, one of them to change, what returns showed, the whole from a spreadsheet."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence

from aiohttp import web
from aiohttp.web_request import FileField

from bot import sheets
from bot.rights import units_acting
from dialogs.desk.cases import Act
from dialogs.desk.directory import ANY, Directory, Entry
from dialogs.desk.directory_sheet import HEADINGS, Reader, Sheet, cells, read, say_category, say_unit, write
from handlers.desk.frame.door import door, visit
from handlers.desk.frame.listing import bare_frame
from handlers.desk.frame.rendering import page
from handlers.desk.frame.shown import Place, Proposal
from storage.acts import Stale
from storage.books import TakenBack

PLACE = Place(key="directory", title="派单目录")
FIELDS = dict(zip(("category", "place", "to", "post", "helpers"), HEADINGS, strict=True))
_HINTS = {
    "category": "例：道路交通·路灯",
    "place": "空着是全市",
    "to": "例：所在街道镇，或者单位名称",
    "post": "空着按类别定",
    "helpers": "没有就空着",
}
_CHANGED = "还没有存：您改的时候，别人改了派单目录。您填的还在下面，看过再存一次。"
_TYPES = {
    "csv": ("text/csv", sheets.write_csv),
    "xlsx": ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", sheets.write_xlsx),
}
_TOLD = {
    "save": "存好了，是新的一版。以后的件照它走，已经派出的不动。",
    "remove": "删掉了，是新的一版。",
    "import": "导入好了，是新的一版。",
    "accept": "采纳了，派单目录有了新的一版。",
    "decline": "没有采纳，记下了。",
}


def allowed(request: web.Request, *, whole: bool = False) -> bool:
    """Tell whether this page is open: to who keeps the organisation or decides returns, of the uppermost unit.

    `whole`: whether all of it may be changed at once.
    """
    who, known = visit(request), door(request).snapshots()
    root = known.units.root.id
    if "organisation" in who.rights and who.staff.unit == root:
        return True
    return not whole and root in units_acting(who.staff, Act.TAKE_BACK, known)


async def show(request: web.Request) -> web.Response:
    """Show the directory. `row` is the row to change."""
    _allow(request)
    return await _page(request, told=_TOLD.get(request.query.get("told", ""), ""))


async def act(request: web.Request) -> web.Response:
    """Change one row or take it away: a new version."""
    _allow(request)
    kind, form = request.match_info["act"], await _form(request)
    here = door(request).books
    known = door(request).snapshots()
    entry = Reader(known.units, known.rules).read({heading: form.get(key, "") for key, heading in FIELDS.items()})
    if not isinstance(entry, Entry):
        wrong = [f"{mistake.column}：{mistake.words}" for mistake in entry]
        return await _page(request, status=422, refused=wrong, given=form)
    kept = [each for each in here.directory if (each.category, each.place) != (entry.category, entry.place)]
    before = form.get("was", "").partition("|")
    kept = [each for each in kept if kind == "remove" or (each.category, "|", each.place) != before]
    return await _keep(request, kept if kind == "remove" else [*kept, entry], form, kind)


async def decide(request: web.Request) -> web.Response:
    """Take over what a return showed, or not."""
    _allow(request)
    form, here = await _form(request), door(request).books
    event = int(request.match_info["event"])
    found = next((each for each in await here.proposals() if each.event == event), None)
    if found is None:  # decided already, perhaps by this very form
        raise web.HTTPSeeOther("/desk/directory")
    accepted = request.match_info["act"] == "accept"
    if accepted:
        known = door(request).snapshots()
        places = {unit.id for unit in known.units.path(found.spot)}
        place = form.get("place", "")
        entry = Entry(category=found.category, place=place if place in places else ANY, to=found.unit)
        others = [each for each in here.directory if (each.category, each.place) != (entry.category, entry.place)]
        by = visit(request).staff.actor
        got = await here.keep([*others, entry], version=here.directory.version, by=by, why=found.number)
        if isinstance(got, Stale):
            return await _page(request, status=409, refused=(_CHANGED,))
    await here.decide(event, accepted=accepted, by=visit(request).staff.actor)
    raise web.HTTPSeeOther(f"/desk/directory?told={request.match_info['act']}")


async def check(request: web.Request) -> web.Response:
    """Read a file: list every mistake, or show what it holds. Nothing is changed here."""
    _allow(request, whole=True)
    given = (await request.post()).get("file")
    content = b""
    if isinstance(given, FileField):
        with given.file as file:
            content = file.read()
    if not content:
        return await _page(request, status=422, refused=("请先选一个文件。",))
    return await _read(request, content)


async def confirm(request: web.Request) -> web.Response:
    """Make the directory what the sheet says that was shown."""
    _allow(request, whole=True)
    form = await _form(request)
    known = door(request).snapshots()
    try:
        sheet = read(sheets.read(form.get("sheet", "").encode()), known.units, known.rules)
    except sheets.NoSheet as wrong:
        return await _page(request, status=422, refused=(str(wrong),))
    if sheet.mistakes:
        return await _page(request, status=422, sheet=sheet)
    return await _keep(request, sheet.entries, form, "import")


async def export(request: web.Request) -> web.Response:
    """Give the directory as a file that can be changed and brought back."""
    _allow(request)
    known = door(request).snapshots()
    kind, made = _TYPES[request.match_info["kind"]]
    name = f"directory-{known.rules.directory.version}.{request.match_info['kind']}"
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    body = made(write(known.rules.directory, known.units, known.rules))
    return web.Response(body=body, content_type=kind, headers=headers)


def _allow(request: web.Request, *, whole: bool = False) -> None:
    if not allowed(request, whole=whole):
        raise web.HTTPNotFound


async def _form(request: web.Request) -> dict[str, str]:
    return {key: str(value) for key, value in (await request.post()).items()}


async def _keep(request: web.Request, entries: Sequence[Entry], form: Mapping[str, str], told: str) -> web.Response:
    here = door(request).books
    seen = form.get("revision", "")
    version = int(seen) if seen.isascii() and seen.isdigit() and len(seen) < 9 else 0
    got = await here.keep(entries, version=version, by=visit(request).staff.actor)
    if isinstance(got, Directory):
        raise web.HTTPSeeOther(f"/desk/directory?told={told}")
    return await _page(request, status=409, refused=(_CHANGED,), given=form)


async def _read(request: web.Request, content: bytes) -> web.Response:
    known = door(request).snapshots()
    try:
        rows = await asyncio.to_thread(sheets.read, content)
    except sheets.NoSheet as wrong:
        return await _page(request, status=422, refused=(str(wrong),))
    sheet = read(rows, known.units, known.rules)
    return await _page(request, status=422 if sheet.mistakes else 200, sheet=sheet)


async def _page(
    request: web.Request,
    *,
    status: int = 200,
    told: str = "",
    refused: Sequence[str] = (),
    given: Mapping[str, str] | None = None,
    sheet: Sheet | None = None,
) -> web.Response:
    here, known = door(request), door(request).snapshots()
    directory, units, rules = known.rules.directory, known.units, known.rules
    rows = [(f"{entry.category}|{entry.place}", cells(entry, units, rules)) for entry in directory]
    wanted = request.query.get("row", "")
    chosen = next(({key: each[name] for key, name in FIELDS.items()} for was, each in rows if was == wanted), None)
    ready = sheet if sheet and not sheet.mistakes else None
    written = write(Directory(version=0, since=directory.since, entries=ready.entries), units, rules) if ready else []
    return page(
        "directory.html",
        status=status,
        **await bare_frame(request, PLACE),
        version=directory.version,
        since=directory.since.isoformat(),
        rows=rows,
        was=wanted if chosen else (given or {}).get("was", ""),
        given=given or chosen or {},
        fields=FIELDS,
        categories=[say_category(sub.key, rules) for sub in rules.categories if not sub.closed]
        + [top.title for top in rules.categories.tops],
        names=[say_unit(level, units) for level in ("community", "town", "district", "city")]
        + [unit.full_name for unit in units if not unit.closed and unit.level != "grid"],
        hints=_HINTS,
        posts=[post.title for post in rules.posts.values()],
        proposals=[_proposal(each, request) for each in await here.books.proposals()],
        history=[
            f"第 {book.version} 版：{book.at.astimezone(here.zone):%Y-%m-%d %H:%M} {book.by}"
            + (f"，因为 {book.why} 退单成立" if book.why else "")
            for book in await here.books.history()
        ],
        whole=allowed(request, whole=True),
        headings="、".join(HEADINGS),
        told=told,
        refused=refused,
        mistakes=[str(mistake) for mistake in sheet.mistakes] if sheet else (),
        ready=len(ready.entries) if ready else 0,
        sheet=sheets.write_csv(written).decode("utf-8-sig") if ready else "",
    )


def _proposal(found: TakenBack, request: web.Request) -> Proposal:
    known, here = door(request).snapshots(), door(request)
    path = tuple(reversed(known.units.path(found.spot)))
    return Proposal(
        event=found.event,
        number=found.number,
        link="cases" in visit(request).rights,
        words=f"{say_category(found.category, known.rules)}，地点在{path[0].name if path else found.spot}："
        f"{found.by} {found.at.astimezone(here.zone):%m-%d %H:%M} 改派{say_unit(found.unit, known.units)}",
        places=tuple((unit.id, f"在{unit.name}的" if unit.parent else "全市的") for unit in path),
    )
