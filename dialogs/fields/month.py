"""A month: 今年 3 月, 去年国庆, 前年年底, 2024.3, 三年前, 上个月, 刚来. A year alone (去年) is asked again."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, timedelta
from functools import cache

from dialogs.fields.asked import Asked
from dialogs.fields.day import around
from dialogs.fields.days import Around, finished, moved, prepared, said_year, starts, take, vocabulary
from dialogs.lexicon import either

_STAGE = r"(?:份|初|中|底|末|尾|上旬|中旬|下旬|月初|月中|月底|上半月|下半月)*"
_LASTED = re.compile(
    r"(?:已经|来了|来|有|住了|住|待了|呆了|在这|在这里|快)*([0-9]{1,3}|半)(个)?(天|周|星期|礼拜|月|年)(半)?了"
)
# 「去年国庆过后」 is still October; 「中秋过后」 may be the next month, so only what begins a month.
_ABOUT = re.compile(r"(?:节|假期|长假)?(?:过后|过完|之后|以后|后|前后|期间|那会儿?|那阵子?|的时候)(?:来的?|吧|了)*")
_AWAY = {"上上个": -2, "上上": -2, "上个": -1, "上": -1, "这个": 0, "这": 0, "本": 0, "当": 0, "下个": 1, "下": 1}


def read(text: str, asked: Asked) -> str | None:
    """Give YYYY-MM; with `past_only` none after this month, and a month without its year is the last such."""
    plain = prepared(text)
    known = around(asked)
    for start in starts(plain):
        month = _month(start, known)
        if month:
            return _allowed(month, known)
    return None


def _month(start: str, known: Around) -> date | None:
    for pattern, rule in _rules():
        found = pattern.match(start)
        if found and not finished(start[found.end() :]):
            return rule(found, known)
    taken = take(start, known)
    if taken is None or (finished(taken[1]) and not (taken[0].day == 1 and _ABOUT.fullmatch(taken[1]))):
        return None
    return taken[0].replace(day=1)


def _allowed(month: date, known: Around) -> str | None:
    if known.past and known.today and month > known.today:
        return None
    return f"{month:%Y-%m}"


def _first(year: int | None, month: int) -> date | None:
    return date(year, month, 1) if year and 1900 <= year <= 2100 and 1 <= month <= 12 else None


_Rule = Callable[[re.Match[str], Around], date | None]


@cache
def _rules() -> tuple[tuple[re.Pattern[str], _Rule], ...]:
    year = f"({either(vocabulary().years)}|[0-9]{{4}}年|[0-9]{{2}}年)的?"
    shapes: tuple[tuple[str, _Rule], ...] = (
        (rf"{year}([0-9]{{1,2}})月{_STAGE}", _of_said_year),
        (rf"([0-9]{{4}}|[0-9]{{2}})[-/.]([0-9]{{1,2}})(?:月{_STAGE})?(?![-/.0-9])", _of_said_year),
        (r"([0-9]{4})(0[1-9]|1[0-2])(?![0-9])", _of_said_year),
        (rf"(?:{year})?(?:年)?(初|头|底|尾|末)", _edge_of_year),
        (rf"([0-9]{{1,2}})月{_STAGE}", _yearless),
        (rf"({either(_AWAY)})月{_STAGE}", _away),
        (r"月(?:初|中|底)", _this),
        (_LASTED.pattern, _lasted),
        (rf"({either(vocabulary().spans)})", _span),
        (r"(上上|上|这|本)个?(?:周|星期|礼拜)(?:末|内|里)?", _week),
    )
    return tuple((re.compile(shape), rule) for shape, rule in shapes)


def _of_said_year(found: re.Match[str], known: Around) -> date | None:
    return _first(said_year(found[1], known, vocabulary()), int(found[2]))


def _edge_of_year(found: re.Match[str], known: Around) -> date | None:
    month = 1 if found[2] in "初头" else 12
    if found[1]:
        return _first(said_year(found[1], known, vocabulary()), month)
    if known.today is None or "年" not in found[0]:
        return None
    this = date(known.today.year, month, 1)
    return moved(this, -12) if known.past and this > known.today else this


def _yearless(found: re.Match[str], known: Around) -> date | None:
    if known.today is None:
        return None
    this = _first(known.today.year, int(found[1]))
    if this is None or this == known.today.replace(day=1):
        return this
    if known.past:
        return moved(this, -12) if this > known.today else this
    return moved(this, 12) if this < known.today else this


def _away(found: re.Match[str], known: Around) -> date | None:
    return moved(known.today.replace(day=1), _AWAY[found[1]]) if known.today else None


def _this(found: re.Match[str], known: Around) -> date | None:  # noqa: ARG001 - a rule
    return known.today.replace(day=1) if known.today else None


def _lasted(found: re.Match[str], known: Around) -> date | None:
    """「来了三年了」 began three years ago; weeks and days only if that leaves no doubt of the month."""
    if "快" in found[0]:
        return None
    taken = take(f"{found[1]}{found[2] or ''}{found[3]}{found[4] or ''}前", known)
    return taken[0].replace(day=1) if taken else None


def _span(found: re.Match[str], known: Around) -> date | None:
    first, last = vocabulary().spans[found[1]]
    return _same(known, first, last)


def _week(found: re.Match[str], known: Around) -> date | None:
    if known.today is None:
        return None
    monday = {"上上": -14, "上": -7}.get(found[1], 0) - known.today.weekday()
    return _same(known, monday, min(monday + 6, 0) if known.past else monday + 6)


def _same(known: Around, first: int, last: int) -> date | None:
    """Give the month if the whole span of days from today lies in it."""
    if known.today is None:
        return None
    ends = {(known.today + timedelta(days=days)).replace(day=1) for days in (first, last)}
    return ends.pop() if len(ends) == 1 else None
