"""What every page of figures takes from a request: whose figures, of which period, and how they are written."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from urllib.parse import urlencode

from aiohttp import web

from bot import sheets
from bot.figures import Counting, Pack
from bot.rights import units_counted
from dialogs.desk.figures import Count, Share
from dialogs.desk.periods import Period, month_of, parse
from dialogs.rules.shapes import FigureRules
from handlers.desk.frame.door import DeskDoor, door, require, visit
from handlers.desk.frame.shown import Place
from storage.audit import Record
from storage.figures import Eyes

PLACE = Place(key="numbers", title="数字")
COUNTING: web.AppKey[Counting] = web.AppKey("COUNTING", Counting)
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

TITLES = {
    "opened": "受理",
    "answered": "答复",
    "standing": "期末在办",
    "overdue": "超期未答复",
    "late": "超时答复",
    "returned": "退单",
    "urged": "督办",
    "reopened": "重办",
    "raised": "上报",
    "withdrawn": "群众撤回",
    "extended": "延期",
    "contact_due": "应首次联系",
    "contacted": "按时首次联系",
    "solved_said": "说过解决与否",
    "solved": "已解决",
    "partly": "部分解决",
    "unsolved": "没解决",
    "satisfied_said": "评过满意度",
    "due": "应答复",
    "kept": "按时答复",
    "satisfied_5": "非常满意",
    "satisfied_4": "满意",
    "satisfied_3": "基本满意",
    "satisfied_2": "不满意",
    "satisfied_1": "很不满意",
}
RATES = {"response": "响应率", "on_time": "按时办结率", "solved": "解决率", "satisfied": "满意率"}
MEANINGS = {
    "response": "首次联系时限在本期到期的件里，时限内联系了本人的",
    "on_time": "本期答复的和期末超期未答复的件里，在时限内（含批准的延期）答复的",
    "solved": "本期说过解决与否的件里，已解决的；部分解决的一件算 {partly:g} 件",
    "satisfied": "本期评过满意度的件里，{pleased}以上的",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Linked:
    """A number that opens into its cases; no address where the reader sees no cases, or there is nothing to see."""

    title: str
    said: str
    href: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """A rate in words: 「94.4%」 of `above` out of `below`."""

    key: str
    title: str
    means: str
    percent: str
    above: tuple[Linked, ...]
    below: Linked


def counting(request: web.Request) -> Counting:
    """Give what counts."""
    require(request, "numbers")
    return request.config_dict[COUNTING]


def made(here: DeskDoor) -> Counting:
    """Make what counts for a desk."""
    return Counting(here.database, lambda: here.snapshots().rules.figures, here.now, here.zone)


def top(request: web.Request) -> str:
    """Give the unit whose figures these are: that of the post that has figures, or one below it that they ask for."""
    staff, unit = visit(request).staff, request.query.get("unit", "")
    theirs = units_counted(staff, door(request).snapshots())
    if unit and unit not in theirs:
        raise web.HTTPNotFound
    return unit or next((held.unit for held in staff.posts if held.unit in theirs), staff.unit)


def eyes(request: web.Request) -> Eyes:
    """Say whose figures these are and who reads them."""
    units = door(request).snapshots().units
    below = units.subtree(top(request))
    if "own" in request.query:  # 本级: without what the units below it have
        below = below.difference(*(units.subtree(child.id) for child in units.children(top(request))))
    everything = len(below) == len(units)
    return Eyes(units=None if everything else below, cleared=visit(request).scope.cleared & below)


def today(request: web.Request) -> date:
    """Give the day that it is at the centre."""
    here = door(request)
    return here.now().astimezone(here.zone).date()


def period(request: web.Request, usual: Period | None = None) -> Period:
    """Give the period of an address; this month where it names none. None that has not begun."""
    asked = request.query.get("of", "")
    found = parse(asked) if asked else usual or month_of(today(request))
    if found is None or found.first > today(request):
        raise web.HTTPNotFound
    return found


def address(page: str, **query: str) -> str:
    """Write an address of these pages."""
    given = {key: value for key, value in query.items() if value}
    return f"/desk/numbers/{page}?{urlencode(given)}" if given else f"/desk/numbers/{page}"


@dataclass(frozen=True, slots=True)
class Linker:
    """Makes numbers that open into their cases, of one period and one unit."""

    period: str
    unit: str
    opens: bool
    own: str = ""

    def figure(self, key: str, count: Count, **more: str) -> Linked:
        """Link one figure."""
        href = address("cases", figure=key, of=self.period, unit=self.unit, own=self.own, **more)
        return Linked(title=TITLES[key], said=f"{count.count:,}", href=href if self.opens and count.count else "")

    def rate(self, share: Share, rules: FigureRules) -> Shown:
        """Put a rate into words, both of its lines linked."""
        percent = share.percent
        keys = [key for key, _ in share.rate.parts]
        means = MEANINGS[share.rate.key].format(partly=rules.partly, pleased=TITLES[f"satisfied_{rules.satisfied}"])
        return Shown(
            key=share.rate.key,
            title=RATES[share.rate.key],
            means=means,
            percent="—" if percent is None else f"{percent:.1f}%",
            above=tuple(self.figure(key, count) for key, count in zip(keys, share.parts, strict=True)),
            below=self.figure(share.rate.of, Count(count=share.whole)),
        )


def linker(request: web.Request, of: Period) -> Linker:
    """Make links for whoever asks."""
    unit = request.query.get("unit", "")
    return Linker(of.key, unit, "cases" in visit(request).rights)


def changed(key: str, now: Pack, before: Pack) -> str:
    """Say how a figure stands to the period before: 「比上月多 12」."""
    more = now.counts[key].count - before.counts[key].count
    long = {4: "上年", 7: "上月"}.get(len(now.period.key), "前一天")
    return f"比{long}{'多' if more > 0 else '少'} {abs(more):,}" if more else f"和{long}一样多"


async def taken(request: web.Request, title: str, rows: int) -> None:
    """Record that figures leave the desk as a file."""
    here = door(request)
    left = Record(actor=visit(request).staff.actor, act="export.take", kind="export", subject=title, note=str(rows))
    await here.database.audit.append(left, now=here.now())


def book(pages: Sequence[tuple[str, Sequence[Sequence[str | float]]]], name: str) -> web.Response:
    """Answer with a workbook."""
    headers = {"Content-Disposition": f'attachment; filename="{name}.xlsx"', "Cache-Control": "no-store"}
    return web.Response(body=sheets.write_book(pages), content_type=XLSX, headers=headers)
