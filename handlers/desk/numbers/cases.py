"""The cases behind a number: exactly those, whatever became of them since."""

from __future__ import annotations

import re

from aiohttp import web

from dialogs.desk.figures import FAMILIES, FIGURES, count
from handlers.desk.frame.door import door, require, visit
from handlers.desk.frame.listing import bare_frame, row_shown
from handlers.desk.frame.rendering import page
from handlers.desk.numbers.reading import PLACE, TITLES, address, counting, eyes, period, top
from storage.figures import By

_PAGE = 50
_NUMBER = re.compile(r"[\w-]{0,40}")


async def show(request: web.Request) -> web.Response:
    """List the cases of a figure. Those that lie elsewhere now are named, but cannot be opened."""
    require(request, "cases")
    counts, of, whose, asked = counting(request), period(request), eyes(request), request.query
    key, category, after = asked.get("figure", ""), asked.get("category", ""), asked.get("after", "")
    figure = FIGURES.get(key)
    if figure is None or not _NUMBER.fullmatch(after):
        raise web.HTTPNotFound
    here = door(request)
    by: By = "category" if category else ""
    tallies = await counts.tallies(of, whose, by=by, families=["opened"] if category else _families(key))
    tallies = tuple(each for each in tallies if not category or (each.key == category and not each.sealed))
    total = count(figure, tallies, here.snapshots().rules.figures.smallest)
    span = counts.span(of)
    found = await here.database.figures.cases(figure, span, whose, of=category, after=after, limit=_PAGE + 1)
    listed = found[:_PAGE]
    rows = await here.database.cases.several([each.number for each in listed], visit(request).scope)
    known, now = here.snapshots(), here.now()
    shown = {row.number: row_shown(row, now, known.units, known.rules) for row in rows}
    unit, of_category = known.units.get(top(request)), known.rules.categories.get(category)
    return page(
        "numbers_cases.html",
        **await bare_frame(request, PLACE),
        title=f"{TITLES[key]}{f'：{of_category.shown}' if of_category else ''}",
        period=of,
        unit=unit.name if unit else "",
        total=total,
        listed=[(each.number, shown.get(each.number)) for each in listed],
        gone=len(listed) - len(shown),
        more=address(
            "cases",
            figure=key,
            of=of.key,
            unit=asked.get("unit", ""),
            own=asked.get("own", ""),
            category=category,
            after=listed[-1].number if len(found) > _PAGE else "",
        )
        if len(found) > _PAGE
        else "",
        back=address("month", of=of.key if len(of.key) == 7 else "", unit=asked.get("unit", "")),
    )


def _families(key: str) -> list[str]:
    """Give the families that a figure is made of: no other need be counted."""
    return [name for name, kinds in FAMILIES.items() if kinds & FIGURES[key].kinds]
