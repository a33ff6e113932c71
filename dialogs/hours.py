"""A unit's own opening hours: written as people write them, kept as seven days, read by the calendar."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from itertools import groupby

from dialogs.rules.calendar import WEEKDAYS, Spans, Week, parse_spans

EXAMPLE = "周一至周五 09:00-12:00,13:30-17:30；周六 09:00-11:30"
_WORDS = {"每天": "周一至周日", "工作日": "周一至周五", "天": "日"}
_NAME = re.compile("周|星期|礼拜")
_DAYS = re.compile(f"[{WEEKDAYS}](?:-[{WEEKDAYS}])?")
_TO = re.compile("[—–~－至到]+")
_AND = re.compile(r"[、,，和\s]+")
_REST = frozenset({"", "休息", "不办公", "不开放"})


def parse_week(text: str) -> tuple[str, ...]:
    """Read 「周一至周五 09:00-12:00,13:30-17:30；周六 09:00-11:30」: seven days from Monday; () for no words.

    A day that is not named is a day off. ValueError says what is wrong.
    """
    days: dict[int, str] = {}
    for part in re.split(r"[;；\n]+", unicodedata.normalize("NFKC", text)):
        if not part.strip():
            continue
        named, hours = _split(part.strip())
        for day in named:
            if day in days:
                raise ValueError(f"周{WEEKDAYS[day]}写了两次")
            days[day] = hours
    if days and not any(days.values()):
        raise ValueError("一周里至少要有一天办公")
    return tuple(days.get(day, "") for day in range(7)) if days else ()


def say_week(hours: Sequence[str]) -> str:
    """Write it as it is read: days that follow each other and have the same hours together; nothing for none."""
    runs = [(open_, [day for day, _ in run]) for open_, run in groupby(enumerate(hours), key=lambda each: each[1])]
    return "；".join(f"{_said(days)} {open_}" for open_, days in runs if open_)


def week(hours: Sequence[str]) -> Week:
    """Give the same for the calendar."""
    days = [parse_spans(day) for day in hours]
    return (days[0], days[1], days[2], days[3], days[4], days[5], days[6])


def _said(days: Sequence[int]) -> str:
    first, last = f"周{WEEKDAYS[days[0]]}", f"周{WEEKDAYS[days[-1]]}"
    return first if len(days) == 1 else f"{first}、{last}" if len(days) == 2 else f"{first}至{last}"


def _split(part: str) -> tuple[list[int], str]:
    begin = re.search(r"[0-9休不]", part)
    named, hours = (part[: begin.start()], part[begin.start() :]) if begin else (part, "")
    for word, plain in _WORDS.items():
        named = named.replace(word, plain)
    named = _AND.sub("", _TO.sub("-", _NAME.sub("", named)).rstrip(":： "))
    if not named or _DAYS.sub("", named):
        raise ValueError(f"「{part}」里看不出是哪几天（例：{EXAMPLE}）")
    days = [day for run in _DAYS.findall(named) for day in _run(run, part)]
    return days, _open(hours)


def _run(run: str, part: str) -> range:
    first, last = WEEKDAYS.index(run[0]), WEEKDAYS.index(run[-1])
    if last < first:
        raise ValueError(f"「{part}」里的「周{run[0]}至周{run[-1]}」是倒着的")
    return range(first, last + 1)


def _open(hours: str) -> str:
    if hours.strip() in _REST:
        return ""
    found = parse_spans(_AND.sub(",", _TO.sub("-", re.sub(r"\s*([-—–~－至到])\s*", r"\1", hours.strip()))))
    return _written(found)


def _written(spans: Spans) -> str:
    return ",".join(f"{begin:%H:%M}-{end:%H:%M}" for begin, end in spans)
