"""月例会: one page of a month, that prints on A4, and the same as a workbook."""

from __future__ import annotations

from typing import Any

from aiohttp import web

from bot.figures import Counting, Pack
from dialogs.desk.figures import FIGURES, Count
from dialogs.desk.hot import Topic, topics
from dialogs.desk.periods import Period, day_of
from dialogs.masking import mask_text
from handlers.desk.frame.door import door, visit
from handlers.desk.frame.listing import bare_frame, row_shown
from handlers.desk.frame.rendering import page
from handlers.desk.numbers.reading import (
    PLACE,
    RATES,
    TITLES,
    Linker,
    book,
    changed,
    counting,
    eyes,
    linker,
    period,
    taken,
    today,
    top,
)
from storage.figures import Excluded, Eyes

_BIG = ("opened", "answered", "standing", "overdue")
# What the month before is needed for.
_COMPARED = ("opened", "decided", "standing")
_MORE = ("late", "reopened", "returned", "urged", "raised", "extended", "withdrawn")
_LONGEST = 8


async def show(request: web.Request) -> web.Response:
    """Show the month."""
    counts, of = counting(request), period(request)
    whose = eyes(request)
    now, before = await counts.pack(of, whose), await counts.pack(of.before(), whose, families=_COMPARED)
    hot, excluded = await _hot(counts, of, whose, request), await counts.excluded(of, whose)
    link = linker(request, of)
    here, unit = door(request), door(request).snapshots().units.get(top(request))
    return page(
        "numbers_month.html",
        **await bare_frame(request, PLACE),
        period=of,
        earlier=of.before(),
        later=of.next() if of.after <= today(request) else None,
        going=of.after > today(request),
        unit=unit.name if unit else "",
        unit_id=request.query.get("unit", ""),
        printed=day_of(today(request)).title,
        big=[(link.figure(key, now.counts[key]), changed(key, now, before)) for key in _BIG],
        more=[link.figure(key, now.counts[key]) for key in _MORE],
        rates=[link.rate(share, here.snapshots().rules.figures) for share in now.shares],
        hot=[(each, _topic_link(each, link)) for each in hot],
        longest=await _longest(request, of, whose),
        excluded=[_told(each, request) for each in excluded],
        small=here.snapshots().rules.figures.smallest,
        within=here.snapshots().rules.figures.exclude_within.days,
    )


async def export(request: web.Request) -> web.Response:
    """Give the month as a workbook."""
    counts, of = counting(request), period(request)
    whose = eyes(request)
    now, before = await counts.pack(of, whose), await counts.pack(of.before(), whose)
    hot, excluded = await _hot(counts, of, whose, request), await counts.excluded(of, whose)
    unit = door(request).snapshots().units.get(top(request))
    head: list[list[str | float]] = [["单位", unit.full_name if unit else ""], ["期间", of.title]]
    figures: list[list[str | float]] = [["数字", "本期", "上期"]]
    figures += [[TITLES[key], now.counts[key].count, before.counts[key].count] for key in FIGURES]
    hottest: list[list[str | float]] = [["类别", "本期", "上期"]]
    hottest += [[each.title, each.count, each.before] for each in hot]
    left_out: list[list[str | float]] = [["受理编号", "理由", "情况", "谁定的", "什么时候"]]
    left_out += [_told(each, request) for each in excluded]
    await taken(request, f"月例会 {of.title}", len(excluded))
    return book(
        [
            ("四率", [*head, *_rate_rows(now)]),
            ("数字", figures),
            ("热点", hottest),
            ("不计入", left_out),
        ],
        f"month-{of.key}",
    )


def _rate_rows(pack: Pack) -> list[list[str | float]]:
    rows: list[list[str | float]] = [["率", "百分比", "分子", "分母"]]
    for share in pack.shares:
        percent = share.percent
        rows.append([RATES[share.rate.key], "" if percent is None else round(percent, 2), share.part, share.whole])
    return rows


async def _hot(counts: Counting, of: Period, whose: Eyes, request: web.Request) -> tuple[Topic, ...]:
    rules = door(request).snapshots().rules
    opened = [await counts.tallies(each, whose, by="category", families=["opened"]) for each in (of, of.before())]
    titles = {each.key: each.shown for each in rules.categories}
    return topics(opened[0], opened[1], titles, rules.figures)


def _topic_link(topic: Topic, link: Linker) -> str:
    return link.figure("opened", Count(count=topic.count), category=topic.key).href


async def _longest(request: web.Request, of: Period, whose: Eyes) -> list[Any]:
    """Those that have been open longest, of those open at the period's end that the reader may open."""
    here, who = door(request), visit(request)
    if "cases" not in who.rights:
        return []
    span = counting(request).span(of)
    found = await here.database.figures.cases(FIGURES["standing"], span, whose, limit=_LONGEST)
    rows = await here.database.cases.several([each.number for each in found], who.scope)
    known, now = here.snapshots(), here.now()
    return [(row_shown(row, now, known.units, known.rules), (now - row.opened).days) for row in rows]


def _told(each: Excluded, request: web.Request) -> list[str | float]:
    here = door(request)
    reasons = here.snapshots().rules.figures.reasons
    at = each.at.astimezone(here.zone)
    return [each.number, reasons.get(each.reason, each.reason), mask_text(each.words), each.by, f"{at:%Y-%m-%d %H:%M}"]
