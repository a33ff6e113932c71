"""Chinese working time as a value: which days are worked, from when to when, and for which years that is known.

A day's hours come from the centre's extra days, else from the year as the centre wrote it, else from the State
Council's arrangements (chinese-calendar, 2004 to 2026), else from the week alone.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta, tzinfo
from functools import cache, lru_cache
from itertools import pairwise
from zoneinfo import ZoneInfo

import chinese_calendar as published

Spans = tuple[tuple[time, time], ...]
Week = tuple[Spans, Spans, Spans, Spans, Spans, Spans, Spans]
WEEKDAYS = "一二三四五六日"
_FESTIVALS = {
    "New Year's Day": "元旦",
    "Spring Festival": "春节",
    "Tomb-sweeping Day": "清明节",
    "Labour Day": "劳动节",
    "Dragon Boat Festival": "端午节",
    "National Day": "国庆节",
    "Mid-autumn Festival": "中秋节",
}
_SPAN = re.compile(r"(\d{1,2}):(\d{2})\s*-\s*(\d{1,2}):(\d{2})\Z")


@dataclass(frozen=True, slots=True, kw_only=True)
class Year:
    """A year's arrangements as the centre wrote them: days off, and weekend days that are worked."""

    holidays: frozenset[date] = frozenset()
    workdays: frozenset[date] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Calendar:
    """Working time. `week` has seven days from Monday; a day without spans is not worked.

    A deadline asks for the same days again and again, so each day is worked out once.
    """

    zone: tzinfo
    week: Week
    make_up: Spans
    years: Mapping[int, Year] = field(default_factory=dict)
    extra: Mapping[date, Spans] = field(default_factory=dict)
    why: Mapping[date, str] = field(default_factory=dict)
    units: Mapping[str, Week] = field(default_factory=dict)
    _days: dict[date, Spans] = field(default_factory=dict, init=False, repr=False, compare=False)

    def of_unit(self, unit: str) -> Calendar:
        """Give the calendar with the unit's own hours, where it has any."""
        week = self.units.get(unit)
        return replace(self, week=week) if week else self

    def known(self, year: int) -> bool:
        """Tell whether the year's holidays are known; if not, only weekends count as days off."""
        return year in self.years or _published(year)

    def last_known(self, year: int) -> int:
        """Give the last year from `year` on whose holidays are known; `year - 1` if it is not known itself."""
        while self.known(year):
            year += 1
        return year - 1

    def spans(self, day: date) -> Spans:
        """From when to when this day is worked, in local time; empty on a day off."""
        found = self._days.get(day)
        if found is None:
            found = self._days[day] = self._worked_out(day)
        return found

    def _worked_out(self, day: date) -> Spans:
        if day in self.extra:
            return self.extra[day]
        usual = self.week[day.weekday()]
        written = self.years.get(day.year)
        if written:
            return () if day in written.holidays else self.make_up if day in written.workdays else usual
        if not _published(day.year):
            return usual
        off, festival = _detail(day)
        if off:
            return () if festival else usual
        return self.make_up if day.weekday() >= 5 else usual

    def works(self, day: date) -> bool:
        """Tell whether the day counts as a working day."""
        return bool(self.spans(day))

    def made_up(self, day: date) -> bool:
        """Tell whether this is a weekend day worked in place of another (调休)."""
        return day.weekday() >= 5 and not self.week[day.weekday()] and self.works(day) and day not in self.extra

    def name_of_rest(self, day: date) -> str:
        """Why the day is off: 「周六」, 「国庆节假期」, 「休息日」; empty on a working day."""
        if self.works(day):
            return ""
        if day in self.why:
            return self.why[day]
        festival = _festival(day) if day.year not in self.years and day not in self.extra else ""
        if festival:
            return f"{festival}假期"
        return f"周{WEEKDAYS[day.weekday()]}" if day.weekday() >= 5 else "休息日"

    def local(self, moment: datetime) -> datetime:
        """Give an aware moment in local time; a naive one is our slip and is refused."""
        if moment.tzinfo is None:
            raise ValueError("a naive datetime has no place here")
        return moment.astimezone(self.zone)

    def open_at(self, moment: datetime) -> bool:
        """Tell whether somebody is at the desk at this moment by the hours on the wall."""
        local = self.local(moment)
        clock = local.time()
        return any(begin <= clock < end for begin, end in self.spans(local.date()))


def parse_spans(text: str) -> Spans:
    """Read `09:00-12:00, 13:30-17:30`; empty is a day off. ValueError says what is wrong."""
    spans = tuple(_span(part.strip()) for part in text.split(",") if part.strip())
    for (_, end), (begin, _) in pairwise(spans):
        if begin < end:
            raise ValueError(f"「{text}」里的时段要从早到晚，不能重叠")
    return spans


def parse_days(text: str) -> frozenset[date]:
    """Read `2027-01-01` or `2027-01-01..2027-01-03`. ValueError says what is wrong."""
    first, dots, last = text.partition("..")
    try:
        begin = date.fromisoformat(first.strip())
        end = date.fromisoformat(last.strip()) if dots else begin
    except ValueError:
        raise ValueError(f"「{text}」应写作 2027-01-01 或 2027-01-01..2027-01-03") from None
    if end < begin or (end - begin).days > 31:
        raise ValueError(f"「{text}」的起止不对")
    return frozenset(begin + timedelta(days=n) for n in range((end - begin).days + 1))


def zone(name: str) -> tzinfo:
    """Give the time zone of this name; ValueError where there is none."""
    try:
        return ZoneInfo(name)
    except (KeyError, OSError):
        raise ValueError(f"没有叫「{name}」的时区") from None


def _span(text: str) -> tuple[time, time]:
    found = _SPAN.match(text)
    hours = [int(part) for part in found.groups()] if found else [24, 0, 0, 0]
    if max(hours[0], hours[2]) > 23 or max(hours[1], hours[3]) > 59:
        raise ValueError(f"「{text}」应写作 09:00-12:00")
    begin, end = time(hours[0], hours[1]), time(hours[2], hours[3])
    if end <= begin:
        raise ValueError(f"「{text}」的结束要晚于开始")
    return begin, end


@lru_cache(maxsize=4096)  # the library searches all its years for the first and the last at every question
def _detail(day: date) -> tuple[bool, str | None]:
    """Give whether the State Council's arrangements have this day off, and the festival it belongs to, in English."""
    off, festival = published.get_holiday_detail(day)  # type: ignore[no-untyped-call]  # the library has no types
    return bool(off), festival


@cache
def _published(year: int) -> bool:
    """Whether the library knows this year: it raises for the years that it has no arrangements for."""
    try:
        _detail(date(year, 1, 1))
    except NotImplementedError:
        return False
    return True


def _festival(day: date) -> str:
    """Give the festival of a day off in Chinese, or nothing."""
    if not _published(day.year):
        return ""
    off, name = _detail(day)
    return _FESTIVALS.get(name, "节日") if off and name else ""
