"""Units side by side for a month, and the year's promises (年评诺). In the order of the organisation: no ranking."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from aiohttp import web

from bot.figures import Pack
from dialogs.desk.figures import FAMILIES, Share, Tally
from dialogs.desk.periods import Period, day_of, year_of
from dialogs.units import Units
from handlers.desk.frame.door import door, visit
from handlers.desk.frame.listing import bare_frame
from handlers.desk.frame.rendering import page
from handlers.desk.numbers.reading import (
    PLACE,
    RATES,
    TITLES,
    Linked,
    Linker,
    address,
    book,
    counting,
    eyes,
    period,
    taken,
    today,
    top,
)

_FIGURES: Mapping[str, tuple[str, ...]] = {
    "units": ("opened", "answered", "standing", "overdue"),
    "year": ("opened", "due", "kept", "extended", "reopened"),
}
_RATES: Mapping[str, tuple[str, ...]] = {
    "units": ("response", "on_time", "solved", "satisfied"),
    "year": ("on_time", "solved", "satisfied"),
}
_TITLES = {"units": "单位比较", "year": "年评诺"}
_SAID = {
    "units": "按组织顺序排，不排名次。分母不足 {small} 件的不写比率：两件事说明不了一个单位。",
    "year": (
        "承诺是受理时告诉群众的答复时限。到期的承诺里按时答复的算兑现，批准的延期按新的时限算。"
        "分母不足 {small} 件的不写比率。"
    ),
}
# What the year's promises call a figure.
_PROMISED = {"due": "到期的承诺", "kept": "兑现", "on_time": "兑现率"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One unit with all below it; `few` stands where a rate would tell too much of too little."""

    name: str
    href: str
    figures: tuple[Linked, ...]
    rates: tuple[str, ...]


async def show(request: web.Request) -> web.Response:
    """Show the units below the reader's, each with its figures."""
    kind = _kind(request)
    of, rows = await _rows(request, kind)
    here, unit = door(request), door(request).snapshots().units.get(top(request))
    return page(
        "numbers_units.html",
        **await bare_frame(request, PLACE),
        kind=kind,
        title=_TITLES[kind],
        period=of,
        earlier=of.before(),
        later=of.next() if of.after <= today(request) else None,
        unit=unit.name if unit else "",
        unit_id=request.query.get("unit", ""),
        printed=day_of(today(request)).title,
        figures=[_title(kind, key) for key in _FIGURES[kind]],
        rates=[_rate_title(kind, key) for key in _RATES[kind]],
        rows=rows,
        said=_SAID[kind].format(small=here.snapshots().rules.figures.smallest),
    )


async def export(request: web.Request) -> web.Response:
    """Give the same as a workbook."""
    kind = _kind(request)
    of, rows = await _rows(request, kind)
    titles = (*(_title(kind, key) for key in _FIGURES[kind]), *(_rate_title(kind, key) for key in _RATES[kind]))
    head = ["单位", *titles]
    found: list[list[str | float]] = [list(head)]
    found += [[row.name, *(int(one.said.replace(",", "")) for one in row.figures), *row.rates] for row in rows]
    await taken(request, f"{_TITLES[kind]} {of.title}", len(rows))
    return book([(_TITLES[kind], found)], f"{kind}-{of.key}")


def _kind(request: web.Request) -> str:
    return "year" if "/year" in request.path else "units"


def _title(kind: str, key: str) -> str:
    return (_PROMISED.get(key, "") if kind == "year" else "") or TITLES[key]


def _rate_title(kind: str, key: str) -> str:
    return (_PROMISED.get(key, "") if kind == "year" else "") or RATES[key]


async def _rows(request: web.Request, kind: str) -> tuple[Period, list[Row]]:
    counts = counting(request)
    of = period(request, year_of(today(request)) if kind == "year" else None)
    if kind == "year" and len(of.key) != len("2026"):
        raise web.HTTPNotFound
    units, mine = door(request).snapshots().units, top(request)
    tallies = await counts.tallies(of, eyes(request), by="unit", families=FAMILIES)
    parts = _parts(tallies, units, mine)
    whole = [("合计", "", [tally for part in parts.values() for tally in part])]
    own = [("本级", mine, parts[mine])] if parts.get(mine) else []
    below = [(unit.name, unit.id, parts.get(unit.id, [])) for unit in units.children(mine)]
    opens = "cases" in visit(request).rights
    rows = []
    for name, unit, part in (*own, *below, *whole):
        asked = unit or request.query.get("unit", "")
        link = Linker(of.key, asked, opens, own="1" if name == "本级" else "")
        rows.append(_row(name, counts.packed(of, part), kind, link, counts.rules().smallest))
    return of, rows


def _parts(tallies: Iterable[Tally], units: Units, mine: str) -> dict[str, list[Tally]]:
    """Gather the tallies under the units directly below this one."""
    under: dict[str, str] = {}
    for child in units.children(mine):
        under.update(dict.fromkeys(units.subtree(child.id), child.id))
    parts: dict[str, list[Tally]] = {}
    for each in tallies:
        parts.setdefault(under.get(each.key, mine), []).append(each)
    return parts


def _row(name: str, pack: Pack, kind: str, link: Linker, smallest: int) -> Row:
    shares = {share.rate.key: share for share in pack.shares}
    return Row(
        name=name,
        href="" if name in {"本级", "合计"} else address(kind, of=pack.period.key, unit=link.unit),
        figures=tuple(link.figure(key, pack.counts[key]) for key in _FIGURES[kind]),
        rates=tuple(_said(shares[key], smallest) for key in _RATES[kind]),
    )


def _said(share: Share, smallest: int) -> str:
    percent = share.percent
    if percent is None:
        return "—"
    return f"{percent:.1f}%" if share.whole >= smallest else "件数太少"
