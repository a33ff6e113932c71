"""日记实: every act of a day in order, by unit; it prints, and goes out as a workbook."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from aiohttp import web

from dialogs.desk.drawing import ACTS
from dialogs.desk.periods import Period, day_of
from dialogs.facts import Snapshots
from dialogs.masking import mask_text
from handlers.desk.frame.door import door, visit
from handlers.desk.frame.listing import bare_frame
from handlers.desk.frame.rendering import page
from handlers.desk.numbers.reading import PLACE, book, counting, eyes, period, taken, today, top
from storage.figures import Logged

_MOST = 500  # on a page; the workbook has them all
_ALL = 50_000
_SAID = {"open": "受理", **{act.value: said for act, said in ACTS.items()}}
_MEMBER = {"member": "群众", "clock": "到时自动", "bot": "鸿雁"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One act in words."""

    at: str
    unit: str
    who: str
    what: str
    number: str
    title: str


async def show(request: web.Request) -> web.Response:
    """Show a day."""
    of = _day(request)
    found = await _found(request, of, _MOST + 1)
    here, unit = door(request), door(request).snapshots().units.get(top(request))
    seen = await here.database.cases.several([each.number for each in found[:_MOST]], visit(request).scope)
    return page(
        "numbers_log.html",
        **await bare_frame(request, PLACE),
        period=of,
        earlier=of.before(),
        later=of.next() if of.after <= today(request) else None,
        unit=unit.name if unit else "",
        unit_id=request.query.get("unit", ""),
        printed=day_of(today(request)).title,
        lines=_lines(request, found[:_MOST]),
        opens={row.number for row in seen},
        cut=len(found) > _MOST,
        most=_MOST,
    )


async def export(request: web.Request) -> web.Response:
    """Give a day as a workbook."""
    of = _day(request)
    lines = _lines(request, await _found(request, of, _ALL))
    await taken(request, f"日记实 {of.title}", len(lines))
    head: list[Sequence[str | float]] = [["时间", "单位", "谁", "做了什么", "受理编号", "事由"]]
    rows = [[line.at, line.unit, line.who, line.what, line.number, mask_text(line.title)] for line in lines]
    return book([("日记实", [*head, *rows])], f"day-{of.key}")


def _day(request: web.Request) -> Period:
    counting(request)
    of = period(request, day_of(today(request)))
    if len(of.key) != len("2026-11-22"):
        raise web.HTTPNotFound
    return of


async def _found(request: web.Request, of: Period, limit: int) -> list[Logged]:
    return await door(request).database.figures.log(counting(request).span(of), eyes(request), limit=limit)


def _lines(request: web.Request, found: Sequence[Logged]) -> list[Line]:
    here = door(request)
    known = here.snapshots()
    return [
        Line(
            at=f"{each.at.astimezone(here.zone):%H:%M}",
            unit=_name(known, each.unit),
            who=_MEMBER.get(each.by, each.by),
            what=_what(known, each),
            number=each.number,
            title=each.title,
        )
        for each in found
    ]


def _what(known: Snapshots, each: Logged) -> str:
    said = _SAID.get(each.act, each.act)
    to = known.units.get(each.target) if each.act in {"dispatch", "transfer", "take_back", "raise"} else None
    return f"{said}到{to.name}" if to else said


def _name(known: Snapshots, unit: str) -> str:
    found = known.units.get(unit)
    return found.name if found else unit
