"""A day and an hour: 明天下午三点, 12 月 1 日 14:30, 今晚七点, 半小时后. One of them alone may not be enough."""

from __future__ import annotations

import re
from datetime import date, datetime, time, timedelta

from dialogs.fields.asked import Asked
from dialogs.fields.clock import clock_at, unmarked
from dialogs.fields.day import around
from dialogs.fields.days import finished, prepared, starts, take

_SOON = re.compile(
    r"(?:再过|过)?(?:([0-9]{1,3})个?半?(小时|钟头)|([0-9]{1,3})分钟|(半)个?(?:小时|钟头)|([123])刻钟)(?:之后|以后|后)"
)


def read(text: str, asked: Asked) -> str | None:
    """Give local YYYY-MM-DDTHH:MM. An hour without a day is the next such hour; a day without an hour is not enough."""
    if asked.now is None:
        return _stamp(*found, asked) if (found := _dated(text, asked)) else None
    soon = _soon(text, asked.now)
    if soon:
        return soon
    found = _dated(text, asked)
    if found:
        return _stamp(*found, asked)
    return _hour_alone(text, asked, asked.now)


def _dated(text: str, asked: Asked) -> tuple[date, int] | None:
    for start in starts(prepared(text)):
        found = take(start, around(asked))
        if found:
            day, rest = found
            minutes = clock_at(rest)
            minutes = _only_afternoon(day, rest, asked) if minutes is None else minutes
            return None if minutes is None else (day, minutes)
    return None


def _only_afternoon(day: date, rest: str, asked: Asked) -> int | None:
    """「今天三点」 in the forenoon can only be 15:00, where what is past cannot be meant."""
    minutes = unmarked(rest)
    if minutes is None or asked.now is None or asked.past_only or day != asked.now.date():
        return None
    now = asked.now.hour * 60 + asked.now.minute
    return minutes + 12 * 60 if minutes < now <= minutes + 12 * 60 else None


def _hour_alone(text: str, asked: Asked, now: datetime) -> str | None:
    for start in starts(prepared(text)):
        minutes = clock_at(start)
        if minutes is not None:
            today = datetime.combine(now.date(), time(), now.tzinfo) + timedelta(minutes=minutes)
            late = today > now if asked.past_only else today < now
            return _stamp(now.date() + timedelta(days=(-1 if asked.past_only else 1) * late), minutes, asked)
    return None


def _soon(text: str, now: datetime) -> str | None:
    for start in starts(prepared(text)):
        found = _SOON.match(start)
        if found and not finished(start[found.end() :]):
            hours, _, minutes, half, quarters = found.groups()
            more = 30 if half or "半小时" in found[0] or "半钟头" in found[0] else 0
            total = int(hours or 0) * 60 + int(minutes or 0) + 15 * int(quarters or 0) + more
            return (now + timedelta(minutes=total)).strftime("%Y-%m-%dT%H:%M")
    return None


def _stamp(day: date, minutes: int, asked: Asked) -> str | None:
    moment = datetime.combine(day, time()) + timedelta(minutes=minutes)
    if asked.past_only and asked.now and moment > asked.now.replace(tzinfo=None):
        return None
    return moment.strftime("%Y-%m-%dT%H:%M")
