"""One act on many cases: what it shall be, a look at what would come of it, one confirmation, and what came of it."""

from __future__ import annotations

import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web
from multidict import MultiDictProxy

from bot.bulk import GONE, MOST, STALE, Kind, Wanted
from dialogs.desk.cases import Act, Grade
from dialogs.numbers import parse
from handlers.desk.frame import words
from handlers.desk.frame.door import door, require, visit
from handlers.desk.frame.listing import frame, gist
from handlers.desk.frame.narrow_choices import unit_choices
from handlers.desk.frame.offered import unit_meant
from handlers.desk.frame.picking import KINDS
from handlers.desk.frame.rendering import page
from handlers.desk.frame.shown import Choice
from handlers.desk.frame.where import Where, where_of
from storage.bulk_runs import BulkRun, RanRow
from storage.cases import CaseRow

_PICKS: dict[Kind, str] = {
    "hand_over": "交给",
    "send": "派给哪个单位",
    "regrade": "改为",
    "tag": "加上的标签，用空格分开；前面写「-」就是去掉",
    "merge": "都并到哪一件（受理编号）",
}
_RUN = re.compile(r"[0-9a-f]{24}")
_NUMBER = re.compile(r"[\w-]{1,40}")
_VERSION = re.compile(r"[0-9]{1,9}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One case in the look or in the result. `why` is '' where it can be, or was, done."""

    number: str
    title: str
    gist: str = ""
    why: str = ""
    version: int = 0
    said: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Form:
    """What came with the form."""

    kind: Kind
    numbers: tuple[str, ...]
    versions: dict[str, int] = field(default_factory=dict)
    to: str = ""
    words: str = ""
    run: str = ""


async def look(request: web.Request) -> web.Response:
    """Show the form for what was picked; once it says to whom or what, show what would come of each."""
    require(request, "cases")
    form = _read(await request.post())
    rows = await door(request).database.cases.several(form.numbers, visit(request).scope)
    if not rows:
        raise web.HTTPSeeOther((await _where(request)).place.href)
    wanted = await _wanted(request, form)
    looked = await door(request).bulk.look(visit(request).staff, rows, wanted) if form.to else []
    lines = [
        Line(
            number=row.number,
            title=row.title,
            gist=gist(row),
            version=row.version,
            why=words.refused(why) if why else "",
        )
        for row, why in looked or [(row, "") for row in rows]
    ]
    return await _page(request, form, lines, looked=bool(looked), rows=rows)


async def do(request: web.Request) -> web.Response:
    """Do it, once, and lead to what came of it."""
    require(request, "cases")
    form = _read(await request.post())
    if not _RUN.fullmatch(form.run) or not form.to:
        raise web.HTTPBadRequest
    who = visit(request)
    run = await door(request).bulk.do(who.staff, who.scope, form.run, form.versions, await _wanted(request, form))
    raise web.HTTPSeeOther(f"/desk/bulk/{run.id}?in={(await _where(request)).place.within}")


async def show(request: web.Request) -> web.Response:
    """Show what came of it, case by case."""
    run = await _run(request)
    done, title = [row for row in run.rows if row.outcome == "done"], KINDS[_kind(run.kind)]
    there = await door(request).database.cases.several([row.number for row in run.rows], visit(request).scope)
    seen = {row.number for row in there}
    return page(
        "bulk_done.html",
        sheet=True,
        **await frame(request, await _where(request)),
        run=run,
        title=title,
        lines=[_came(row, title, seen=row.number in seen) for row in run.rows],
        done=len(done),
        undone=any(row.undone for row in run.rows),
        can_undo=any(row.can_go_back for row in run.rows),
        heard=any(not row.back for row in done),
    )


async def undo(request: web.Request) -> web.Response:
    """Take back what can be taken back."""
    run, who = await _run(request), visit(request)
    await door(request).bulk.undo(who.staff, who.scope, run)
    raise web.HTTPSeeOther(f"/desk/bulk/{run.id}?in={(await _where(request)).place.within}")


async def _run(request: web.Request) -> BulkRun:
    require(request, "cases")
    found = await door(request).database.bulk_runs.get(request.match_info["run"], visit(request).staff.name)
    if found is None:
        raise web.HTTPNotFound
    return found


async def _where(request: web.Request) -> Where:
    return await where_of(request, request.query.get("in", "mine"))


def _read(form: MultiDictProxy[Any]) -> _Form:
    picked = [str(each) for each in form.getall("pick", [])][:MOST]
    numbers = [each.partition("/")[0] for each in picked]
    if not all(map(_NUMBER.fullmatch, numbers)):
        raise web.HTTPBadRequest
    versions = {number: version for number, _, version in (each.partition("/") for each in picked)}
    return _Form(
        kind=_kind(str(form.get("kind", ""))),
        numbers=tuple(dict.fromkeys(numbers)),
        versions={number: int(version) for number, version in versions.items() if _VERSION.fullmatch(version)},
        to=str(form.get("to", "")).strip(),
        words=str(form.get("words", "")).replace("\r\n", "\n").strip(),
        run=str(form.get("run", "")),
    )


def _kind(text: str) -> Kind:
    found = next((each for each in KINDS if each == text), None)
    if found is None:
        raise web.HTTPBadRequest
    return found


async def _wanted(request: web.Request, form: _Form) -> Wanted:
    to = form.to
    if form.kind == "merge":
        # What is not theirs to see does not exist for them: there is nothing to put others under.
        there = await door(request).database.cases.several([parse(form.to) or ""], visit(request).scope)
        to = there[0].number if there else ""
    if form.kind == "send":
        to = unit_meant(form.to, door(request).snapshots().units)
    elif form.kind == "tag":
        to = " ".join(each if each[0] in "+-" else f"+{each}" for each in form.to.split())
    return Wanted(kind=form.kind, to=to, words=form.words)


async def _page(
    request: web.Request, form: _Form, lines: Sequence[Line], *, looked: bool, rows: Sequence[CaseRow]
) -> web.Response:
    return page(
        "bulk.html",
        sheet=True,
        **await frame(request, await _where(request)),
        form=form,
        title=KINDS[form.kind],
        pick=_PICKS[form.kind],
        choices=await _choices(request, form.kind, rows),
        lines=lines,
        looked=looked,
        able=sum(not line.why for line in lines) if looked else 0,
        run=secrets.token_hex(12),
    )


async def _choices(request: web.Request, kind: Kind, rows: Sequence[CaseRow]) -> list[Choice]:
    here, who = door(request), visit(request)
    known = here.snapshots()
    match kind:
        case "hand_over":
            units = {unit.id for row in rows for unit in known.units.path(row.unit)}
            found = await here.database.staff.of_units(sorted(units), here.now())
            able = dict.fromkeys(each.name for each in found if Act.CLAIM in known.rules.may(each.post))
            return [Choice(value=name, title=name) for name in able]
        case "send":
            # What is passed on goes to neighbours too: as far as the unit above.
            above = {unit.above for row in rows if (unit := known.units.get(row.unit)) and unit.above}
            return unit_choices(known.units, who.units.union(*map(known.units.subtree, sorted(above))))
        case "regrade":
            return [Choice(value=grade.value, title=known.rules.grades[grade].title) for grade in Grade]
        case "merge":
            return [Choice(value=row.number, title=row.title) for row in rows]
        case "tag":
            return [Choice(value=tag, title=tag) for tag in await here.database.tags.used(who.scope)]


def _came(row: RanRow, title: str, *, seen: bool) -> Line:
    said = {"": "不清楚办没办成，请打开看", "done": f"已{title}"}.get(row.outcome) or _why(row.outcome)
    if row.undone:
        said = "已撤销" if row.undone == "done" else f"没有撤销：{_why(row.undone)}"
    elif row.outcome == "done" and not row.back:
        said = f"已{title}；群众已经知道，不能撤销"
    # What was to be seen then may not be theirs any more.
    shown = row.title if seen else ""
    return Line(number=row.number, title=shown, said=said, why="" if row.outcome == "done" else row.outcome or "?")


def _why(reason: str) -> str:
    fixed = {STALE: "看过以后又有新情况，没有办。请打开看看再办。", GONE: "已经不在您能看的范围里。"}
    return fixed.get(reason) or words.refused(reason)
