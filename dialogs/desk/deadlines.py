"""Deadlines in Chinese working time, and the words in which members and staff read them.

Hours of the red and orange grades run by the wall clock; working hours and days run by the calendar. The day on
which a time begins is not counted; it ends when work ends on its last day; a last day that is a day off moves to
the next working day (民法典 第 201、203 条).
"""

from __future__ import annotations

from calendar import monthrange
from datetime import UTC, date, datetime, time, timedelta

from dialogs.rules.calendar import WEEKDAYS, Calendar, Spans
from dialogs.rules.limits import Limit, parse_limit

SOON = timedelta(minutes=90)
_DAY = timedelta(days=1)
_CLOSED_FOR_GOOD = 3660


# -- reckoning -----------------------------------------------------------------------------
def promise(limit: Limit | str, start: datetime, calendar: Calendar) -> datetime:
    """When this limit ends, in UTC: `2 working days`, `2 working hours`, `24 hours`, `15 days`, `3 months`.

    `0 working hours` is the next moment at which somebody is at work. A naive start is refused.
    """
    limit = parse_limit(limit) if isinstance(limit, str) else limit
    if limit.wall is not None:
        return calendar.local(start).astimezone(UTC) + limit.wall
    match limit.measure:
        case "working hours":
            return add_working_hours(start, limit.amount, calendar)
        case "working days":
            return add_working_days(start, limit.amount, calendar)
        case "months":
            return add_months(start, limit.amount, calendar)
        case _:
            return add_days(start, limit.amount, calendar)


def add_working_days(start: datetime, count: int, calendar: Calendar) -> datetime:
    """Give the end of the count-th working day after the day of `start`; with 0, of the first one from that day on."""
    day = calendar.local(start).date()
    if count == 0:
        return _close_of(_working_from(day, calendar), calendar)
    for _ in range(count):
        day = _working_from(day + _DAY, calendar)
    return _close_of(day, calendar)


def add_working_hours(start: datetime, hours: float, calendar: Calendar) -> datetime:
    """Give the moment at which so many hours have been worked since `start`; with 0, the next moment of work."""
    local = calendar.local(start)
    left = timedelta(hours=hours)
    day = _working_from(local.date(), calendar)
    while True:
        for begin, end in _spans_of(day, calendar):
            opened = max(begin, local)
            if opened >= end:
                continue
            if left <= end - opened:
                return (opened + left).astimezone(UTC)
            left -= end - opened
        day = _working_from(day + _DAY, calendar)


def before(limit: Limit, end: datetime, calendar: Calendar) -> datetime:
    """Say when so much is left until `end`, in UTC, for reminding somebody of it.

    Minutes, hours and working hours are counted back from the end; days and working days are the beginning of work
    on the day that lies so many days before, or before that if it is off.
    """
    if limit.wall is not None:
        return calendar.local(end).astimezone(UTC) - limit.wall
    local = calendar.local(end)
    match limit.measure:
        case "working hours":
            return _worked_before(local, timedelta(hours=limit.amount), calendar)
        case "working days":
            day = local.date()
            for _ in range(limit.amount):
                day = _working_until(day - _DAY, calendar)
        case "months":
            return add_months(end, -limit.amount, calendar)
        case _:
            day = local.date() - limit.amount * _DAY
    return _spans_of(_working_until(day, calendar), calendar)[0][0].astimezone(UTC)


def _worked_before(local: datetime, left: timedelta, calendar: Calendar) -> datetime:
    day = _working_until(local.date(), calendar)
    while True:
        for begin, end in reversed(_spans_of(day, calendar)):
            closed = min(end, local)
            if closed <= begin:
                continue
            if left <= closed - begin:
                return (closed - left).astimezone(UTC)
            left -= closed - begin
        day = _working_until(day - _DAY, calendar)


def working_time(start: datetime, end: datetime, calendar: Calendar) -> timedelta:
    """How much work time lies between two moments; nothing where the end is before the start."""
    begin, stop = calendar.local(start), calendar.local(end)
    total, day = timedelta(), begin.date()
    while day <= stop.date():
        for opens, closes in _spans_of(day, calendar):
            total += max(timedelta(), min(closes, stop) - max(opens, begin))
        day += _DAY
    return total


def add_days(start: datetime, count: int, calendar: Calendar) -> datetime:
    """Give the end of work on the count-th calendar day after `start`, or the next working day if that is off."""
    return _close_of(_working_from(calendar.local(start).date() + count * _DAY, calendar), calendar)


def add_months(start: datetime, count: int, calendar: Calendar) -> datetime:
    """Give the same time of day so many months later, in UTC; in a shorter month its last day. For greetings."""
    local = calendar.local(start)
    year, month = divmod(local.year * 12 + local.month - 1 + count, 12)
    day = min(local.day, monthrange(year, month + 1)[1])
    return local.replace(year=year, month=month + 1, day=day).astimezone(UTC)


def is_working(moment: datetime, calendar: Calendar) -> bool:
    """Tell whether it is working time now."""
    return calendar.open_at(moment)


def guessed(at: datetime, calendar: Calendar) -> bool:
    """Tell whether a deadline falls in a year whose holidays are not known yet, so that it may move."""
    return not calendar.known(calendar.local(at).year)


# -- words ---------------------------------------------------------------------------------
def say_moment(at: datetime, now: datetime, calendar: Calendar) -> str:
    """Give a deadline in words: 「11 月 24 日下班前」, 「11 月 23 日上午」, 「今天下午」, 「今天 15 点 40 分」.

    Parts of the day are for working time; what runs by the wall clock or is near is said to the minute.
    """
    local = calendar.local(at)
    day = _day(local.date(), calendar.local(now).date())
    if _closes(local, calendar):
        return f"{day}下班前"
    if not _within_work(local, calendar) or timedelta() <= at - now < SOON:
        return f"{day} {_clock(local)}"
    return day + _part(local)


def say_day_of(at: datetime, now: datetime, calendar: Calendar) -> str:
    """Say what 「前」 follows in a sentence: 「11 月 27 日」 for the end of a day's work, else the moment itself."""
    local, today = calendar.local(at), calendar.local(now).date()
    if not _closes(local, calendar):
        return f"{_day(local.date(), today)} {_clock(local)}"
    if local.date() == today:
        return "今天下班"
    return _date(local.date(), today)


def say_left(due: datetime, now: datetime) -> str:
    """Time left on the wall clock: 「还剩 3 小时 12 分」, 「还剩 2 天 5 小时」, 「超期 1 天」."""
    late = due < now
    days, hours, minutes = _split(abs(due - now))
    if late:
        return f"超期 {f'{days} 天' if days else f'{hours} 小时' if hours else f'{max(minutes, 1)} 分'}"
    if days:
        return f"还剩 {days} 天 {hours} 小时" if hours else f"还剩 {days} 天"
    if hours:
        return f"还剩 {hours} 小时 {minutes} 分" if minutes else f"还剩 {hours} 小时"
    return f"还剩 {minutes} 分" if minutes else "马上到期"


def say_day(now: datetime, calendar: Calendar) -> str:
    """Say what day it is: 「今天是周六」, 「今天是国庆节假期」, 「今天是周六（调休上班）」, 「今天是周三」."""
    day = calendar.local(now).date()
    rest = calendar.name_of_rest(day)
    if rest:
        return f"今天是{rest}"
    return f"今天是周{WEEKDAYS[day.weekday()]}{'（调休上班）' if calendar.made_up(day) else ''}"


def say_rest_day(now: datetime, calendar: Calendar) -> str:
    """Why today is off: 「周六」, 「国庆节假期」; empty on a working day."""
    return calendar.name_of_rest(calendar.local(now).date())


# -- the calendar, day by day --------------------------------------------------------------
def _working_from(day: date, calendar: Calendar) -> date:
    """Give this day or the next that is worked; a calendar without any is refused when it is read."""
    for _ in range(_CLOSED_FOR_GOOD):
        if calendar.works(day):
            return day
        day += _DAY
    raise ValueError("the calendar has no working day for ten years")


def _working_until(day: date, calendar: Calendar) -> date:
    """Give this day or the last before it that is worked."""
    for _ in range(_CLOSED_FOR_GOOD):
        if calendar.works(day):
            return day
        day -= _DAY
    raise ValueError("the calendar has no working day for ten years")


def _spans_of(day: date, calendar: Calendar) -> list[tuple[datetime, datetime]]:
    return [(_at(day, begin, calendar), _at(day, end, calendar)) for begin, end in calendar.spans(day)]


def _at(day: date, clock: time, calendar: Calendar) -> datetime:
    return datetime.combine(day, clock, calendar.zone)


def _close_of(day: date, calendar: Calendar) -> datetime:
    return _at(day, calendar.spans(day)[-1][1], calendar).astimezone(UTC)


def _closes(local: datetime, calendar: Calendar) -> bool:
    """Whether this is the very end of a day's work."""
    spans: Spans = calendar.spans(local.date())
    return bool(spans) and local.time() == spans[-1][1]


def _within_work(local: datetime, calendar: Calendar) -> bool:
    """Whether a working-time limit can end here: within hours or at their end."""
    return any(begin <= local.time() <= end for begin, end in calendar.spans(local.date()))


def _day(day: date, today: date) -> str:
    if day == today:
        return "今天"
    return "明天" if day == today + _DAY else _date(day, today)


def _date(day: date, today: date) -> str:
    year = f"{day.year} 年 " if day.year != today.year else ""
    return f"{year}{day.month} 月 {day.day} 日"


def _part(local: datetime) -> str:
    minutes = local.hour * 60 + local.minute
    if minutes < 5 * 60:
        return "凌晨"
    return "上午" if minutes <= 12 * 60 else "下午" if minutes < 18 * 60 else "晚上"


def _clock(local: datetime) -> str:
    return f"{local.hour} 点 {local.minute} 分" if local.minute else f"{local.hour} 点"


def _split(span: timedelta) -> tuple[int, int, int]:
    minutes = int(span.total_seconds()) // 60
    return minutes // 1440, minutes // 60 % 24, minutes % 60
