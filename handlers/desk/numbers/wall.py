"""大屏: what presses now, by unit, to be read from across the room. Live without reload; nobody's name is on it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from aiohttp import web

from dialogs.desk.periods import day_of
from dialogs.units import Units
from handlers.desk.frame.door import door, visit
from handlers.desk.frame.rendering import page
from handlers.desk.numbers.reading import counting, eyes, today, top
from storage.figures import Waiting
from storage.places import SOON

# More lines than this cannot be read from four metres; the worst come first.
_LINES = 10
COLUMNS = (("soon", "2 小时内到期"), ("over", "超期"), ("red", "特急"), ("unsigned", "待签收"))


_KEYS = ("soon", "over", "red", "unsigned", "all")


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One unit with those below it."""

    name: str
    soon: int
    over: int
    red: int
    unsigned: int
    all: int


async def show(request: web.Request) -> web.Response:
    """Show the wall board of the reader's unit, or of one below it."""
    counting(request)
    here, now = door(request), door(request).now()
    known = here.snapshots()
    found = await here.database.figures.waiting(eyes(request), now, now + SOON)
    lines = by_unit(found, known.units, top(request), known.rules.figures.smallest)
    local, unit = now.astimezone(here.zone), known.units.get(top(request))
    return page(
        "numbers_wall.html",
        unit=unit.name if unit else "",
        whole=_sum("全部", lines),
        columns=COLUMNS,
        lines=lines[:_LINES],
        rest=max(0, len(lines) - _LINES),
        clock=f"{local:%H:%M}",
        day=day_of(today(request)).title,
        leaves="cases" in visit(request).rights,
    )


def by_unit(found: Iterable[Waiting], units: Units, top: str, smallest: int) -> list[Line]:
    """Gather what waits under the units directly below; what presses most comes first.

    Sealed cases count where a line has not too few of them.
    """
    plain: dict[str, Counter[str]] = {}
    sealed: dict[str, Counter[str]] = {}
    for each in found:
        under = _under(units, each.unit, top)
        into = (sealed if each.sealed else plain).setdefault(under, Counter())
        into.update({key: getattr(each, key) for key in _KEYS})
    lines = []
    for unit in dict.fromkeys((*plain, *sealed)):
        counts = plain.get(unit, Counter[str]())
        hidden = sealed.get(unit, Counter[str]())
        if hidden["all"] >= smallest:
            counts = counts + hidden
        known = units.get(unit)
        name = "本级" if unit == top else known.name if known else unit
        if counts["all"]:
            lines.append(Line(name=name, **{key: counts[key] for key in _KEYS}))
    return sorted(lines, key=lambda line: (-line.red, -line.over, -line.soon, -line.unsigned, line.name))


def _under(units: Units, unit: str, top: str) -> str:
    """Give the unit directly below `top` to which this one belongs; `top` itself for its own."""
    path = [each.id for each in units.path(unit)]
    if top not in path:
        return top
    place = path.index(top) + 1
    return path[place] if place < len(path) else top


def _sum(name: str, lines: Iterable[Line]) -> Line:
    found = list(lines)
    return Line(name=name, **{key: sum(getattr(line, key) for line in found) for key in _KEYS})
