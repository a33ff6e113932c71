"""走势: some months side by side, drawn as lines, with the same numbers in a table beside them."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from aiohttp import web

from bot.figures import Pack
from dialogs.desk.periods import Period, day_of
from handlers.desk.frame.door import door
from handlers.desk.frame.listing import bare_frame
from handlers.desk.frame.rendering import page
from handlers.desk.numbers.reading import PLACE, RATES, TITLES, counting, eyes, linker, period, today, top

_COUNTS = ("opened", "answered", "overdue")
WIDTH, HEIGHT, EDGE = 480, 120, 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart:
    """One line: its dots, the way through them in pieces, and what it shows in words."""

    title: str
    said: str
    dots: tuple[tuple[float, float], ...]
    paths: tuple[str, ...]
    last: str
    highest: str


async def show(request: web.Request) -> web.Response:
    """Show the months up to this one."""
    counts, of, whose = counting(request), period(request), eyes(request)
    months = _months(of, door(request).snapshots().rules.figures.months)
    packs = await asyncio.gather(*(counts.pack(month, whose) for month in months))
    unit = door(request).snapshots().units.get(top(request))
    return page(
        "numbers_trends.html",
        **await bare_frame(request, PLACE),
        period=of,
        unit=unit.name if unit else "",
        unit_id=request.query.get("unit", ""),
        printed=day_of(today(request)).title,
        charts=[*_counted(packs), *_rated(packs)],
        width=WIDTH,
        height=HEIGHT,
        figures=[TITLES[key] for key in _COUNTS],
        rates=list(RATES.values()),
        rows=[
            (
                pack.period.title,
                [linker(request, pack.period).figure(key, pack.counts[key]) for key in _COUNTS],
                [_percent(share.percent) for share in pack.shares],
            )
            for pack in reversed(packs)
        ],
    )


def _months(last: Period, count: int) -> list[Period]:
    months = [last]
    while len(months) < count:
        months.append(months[-1].before())
    return months[::-1]


def _percent(percent: float | None) -> str:
    return "—" if percent is None else f"{percent:.1f}%"


def _counted(packs: Sequence[Pack]) -> list[Chart]:
    found = []
    for key in _COUNTS:
        values: list[float | None] = [pack.counts[key].count for pack in packs]
        found.append(chart(TITLES[key], values, packs, unit=" 件", least=1))
    return found


def _rated(packs: Sequence[Pack]) -> list[Chart]:
    return [
        chart(RATES[share.rate.key], [pack.shares[place].percent for pack in packs], packs, unit="%", most=100)
        for place, share in enumerate(packs[0].shares)
    ]


def chart(
    title: str, values: Sequence[float | None], packs: Sequence[Pack], *, unit: str, least: float = 0, most: float = 0
) -> Chart:
    """Lay a line out; where there is no value, it is broken."""
    known = [value for value in values if value is not None]
    highest = most or max([least, *known])
    step, room = (WIDTH - 2 * EDGE) / max(len(values) - 1, 1), HEIGHT - 2 * EDGE
    spots = [
        None if value is None else (round(EDGE + place * step, 1), round(HEIGHT - EDGE - value / highest * room, 1))
        for place, value in enumerate(values)
    ]
    pieces: list[list[tuple[float, float]]] = [[]]
    for spot in spots:
        if spot is None:
            pieces.append([])
        else:
            pieces[-1].append(spot)
    named = [(pack.period.title, value) for pack, value in zip(packs, values, strict=True)]
    said = "，".join(f"{month} {_said(value, unit)}" for month, value in named if value is not None)
    return Chart(
        title=title,
        said=said or "还没有数",
        dots=tuple(spot for spot in spots if spot),
        paths=tuple(" ".join(f"{x},{y}" for x, y in piece) for piece in pieces if len(piece) > 1),
        last=_said(values[-1], unit),
        highest=_said(highest, unit),
    )


def _said(value: float | None, unit: str) -> str:
    return "—" if value is None else f"{value:.1f}{unit}" if unit == "%" else f"{value:,.0f}{unit}"
