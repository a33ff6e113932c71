"""Deadlines, worked out by hand from the published arrangements for 2024, 2025 and 2026."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialogs.desk.deadlines import (
    add_months,
    guessed,
    is_working,
    promise,
    say_day,
    say_day_of,
    say_left,
    say_moment,
    say_rest_day,
    working_time,
)
from dialogs.rules import packaged
from dialogs.rules.calendar import Year, parse_days, parse_spans

CALENDAR = packaged().calendar
SATURDAY = "2026-11-21 14:00"


class Counted(dict[int, Year]):
    """Years that count how often they are looked at."""

    looks = 0

    def get(self, year: int, other: Year | None = None) -> Year | None:  # type: ignore[override]
        self.looks += 1
        return super().get(year, other)


def test_a_day_is_worked_out_once_and_for_each_calendar() -> None:
    years = Counted({2026: Year()})
    calendar = replace(CALENDAR, years=years)
    start = at(SATURDAY)
    assert promise("5 working days", start, calendar) == promise("5 working days", start, calendar)
    looked = years.looks
    promise("5 working days", start, calendar)
    assert years.looks == looked
    assert not replace(calendar, week=((),) * 7).works(date(2026, 11, 23)), "a copy begins anew"


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=CALENDAR.zone)


DAYS = """
    2026-11-21 14:00 | 2 | 2026-11-24  周六报到，周一算第一天
    2026-11-21 14:00 | 5 | 2026-11-27
    2026-11-23 10:00 | 2 | 2026-11-25  当天不算
    2026-11-20 18:00 | 1 | 2026-11-23  周五下班后
    2026-11-20 09:00 | 1 | 2026-11-23
    2026-11-23 03:00 | 1 | 2026-11-24  凌晨也是当天
    2026-02-13 10:00 | 1 | 2026-02-14  春节前的周六上班
    2026-02-13 10:00 | 2 | 2026-02-24  春节九天
    2026-02-14 10:00 | 1 | 2026-02-24
    2026-02-17 08:00 | 1 | 2026-02-24  大年初一
    2026-02-23 20:00 | 1 | 2026-02-24  假期最后一天
    2026-02-24 09:30 | 5 | 2026-03-02  2 月 28 日周六上班
    2026-02-27 09:30 | 1 | 2026-02-28
    2026-02-28 09:30 | 1 | 2026-03-02
    2026-04-03 16:00 | 1 | 2026-04-07  清明
    2026-04-30 16:00 | 1 | 2026-05-06  劳动节
    2026-04-30 16:00 | 4 | 2026-05-09  5 月 9 日周六上班
    2026-06-18 16:00 | 1 | 2026-06-22  端午
    2026-09-18 16:00 | 1 | 2026-09-20  周日上班
    2026-09-18 16:00 | 2 | 2026-09-21
    2026-09-24 16:00 | 1 | 2026-09-28  中秋
    2026-09-30 16:00 | 1 | 2026-10-08  国庆
    2026-09-30 16:00 | 5 | 2026-10-13  8、9、10（周六）、12、13
    2026-10-03 16:00 | 2 | 2026-10-09
    2026-10-09 16:00 | 1 | 2026-10-10
    2026-10-10 16:00 | 1 | 2026-10-12
    2025-12-31 16:00 | 1 | 2026-01-04  元旦三天，周日上班
    2026-01-02 16:00 | 2 | 2026-01-05
    2025-09-30 16:00 | 1 | 2025-10-09  2025 年国庆中秋八天
    2025-10-10 16:00 | 1 | 2025-10-11
    2024-02-09 16:00 | 1 | 2024-02-18  2024 年除夕上班，正月初九周日上班
    2026-12-31 16:00 | 1 | 2027-01-01  2027 年还没公布：只按周末
    2026-12-30 16:00 | 5 | 2027-01-06
    2026-02-12 10:00 | 2 | 2026-02-14  周五、调休的周六
    2026-02-12 10:00 | 3 | 2026-02-24  周五、周六，再跨过春节
    2026-02-14 18:00 | 5 | 2026-02-28  24、25、26、27 和调休的周六 28
    2026-02-28 18:00 | 5 | 2026-03-06  节后第一个整周
    2026-04-04 09:00 | 1 | 2026-04-07  清明当天，周一也放假
    2026-05-03 10:00 | 5 | 2026-05-11  6、7、8、9（周六上班）、11
    2026-06-17 16:00 | 2 | 2026-06-22  18 日一天，端午三天
    2026-09-19 10:00 | 1 | 2026-09-20  周六来的，第二天周日上班
    2026-09-24 16:00 | 5 | 2026-10-09  28、29、30，跨过国庆，8、9
    2026-10-07 23:59 | 1 | 2026-10-08  假期最后一分钟
    2026-12-25 16:00 | 5 | 2027-01-01  28 到 31 四天，2027 年元旦还没公布，只按周末
"""

HOURS = """
    2026-11-21 14:00 | 2 | 2026-11-23 11:00  周六
    2026-11-23 07:00 | 2 | 2026-11-23 11:00  上班前
    2026-11-23 09:00 | 2 | 2026-11-23 11:00
    2026-11-23 10:00 | 2 | 2026-11-23 12:00  正好到午休
    2026-11-23 11:00 | 2 | 2026-11-23 14:30  隔着午休
    2026-11-23 12:15 | 2 | 2026-11-23 15:30  午休里
    2026-11-23 13:30 | 2 | 2026-11-23 15:30
    2026-11-23 15:30 | 2 | 2026-11-23 17:30  正好到下班
    2026-11-23 16:30 | 2 | 2026-11-24 10:00  隔夜
    2026-11-23 17:30 | 2 | 2026-11-24 11:00
    2026-11-23 23:59 | 2 | 2026-11-24 11:00
    2026-11-20 17:00 | 2 | 2026-11-23 10:30  隔周末
    2026-09-30 17:00 | 2 | 2026-10-08 10:30  隔国庆
    2026-10-09 17:00 | 2 | 2026-10-10 10:30  调休的周六
    2026-10-10 17:00 | 2 | 2026-10-12 10:30
    2026-02-14 16:00 | 2 | 2026-02-24 09:30  隔春节
    2026-12-31 17:00 | 2 | 2027-01-01 10:30  隔年，2027 年只按周末
    2026-11-23 09:00 | 7 | 2026-11-23 17:30  一整天
    2026-11-23 09:00 | 8 | 2026-11-24 10:00
    2026-11-21 14:00 | 0 | 2026-11-23 09:00  下一个上班的时刻
    2026-11-23 12:15 | 0 | 2026-11-23 13:30
    2026-11-23 10:10 | 0 | 2026-11-23 10:10  正在上班
    2026-11-23 17:30 | 0 | 2026-11-24 09:00
    2026-11-23 11:59 | 1 | 2026-11-23 14:29  午休前一分钟
    2026-02-14 17:00 | 1 | 2026-02-24 09:30  节前半小时，节后半小时
    2026-02-18 12:00 | 2 | 2026-02-24 11:00  春节当中
    2026-09-20 16:30 | 2 | 2026-09-21 10:00  上班的周日一小时，周一一小时
    2026-05-09 11:00 | 7 | 2026-05-11 11:00  调休的周六五小时，周一两小时
    2026-01-04 09:00 | 2 | 2026-01-04 11:00  元旦后上班的周日
    2026-06-18 16:30 | 3 | 2026-06-22 11:00  节前一小时，节后两小时
"""

CALENDAR_DAYS = """
    2026-11-23 10:00 | 15 | 2026-12-08
    2026-11-21 10:00 | 15 | 2026-12-07  第十五天是周日，顺延
    2026-09-17 10:00 | 15 | 2026-10-08  落在国庆
    2026-01-31 10:00 | 15 | 2026-02-24  落在春节
    2026-02-05 10:00 | 9  | 2026-02-14  落在调休上班的周六
    2026-11-23 10:00 | 60 | 2027-01-22  信访件六十日，跨年，落在周五
    2026-12-08 10:00 | 60 | 2027-02-08  第六十日是周六，顺延到周一
    2026-09-01 10:00 | 30 | 2026-10-08  第三十日是国庆
    2026-08-02 10:00 | 60 | 2026-10-08  第六十日是国庆
    2026-01-20 10:00 | 30 | 2026-02-24  第三十日在春节里
    2026-04-20 10:00 | 15 | 2026-05-06  第十五日是劳动节假期最后一天
"""

# A station that is shut on Mondays and works on Saturday mornings, 09:00 to 11:30.
OF_A_UNIT = """
    2026-11-20 16:30 | 2 working hours | 2026-11-21 10:00  周五一小时，周六一小时
    2026-11-21 11:00 | 1 working hours | 2026-11-24 09:30  周六半小时，周一不开门，周二半小时
    2026-11-20 10:00 | 1 working days  | 2026-11-21 11:30  到周六中午下班
    2026-11-21 10:00 | 1 working days  | 2026-11-24 17:30  周一不开门
    2026-10-09 10:00 | 1 working days  | 2026-10-10 17:30  调休的周六按调休的时间上全天
    2026-10-10 10:00 | 1 working days  | 2026-10-13 17:30  周日、周一都不开门
    2026-10-02 09:00 | 1 working days  | 2026-10-08 17:30  国庆照放
    2026-11-20 10:00 | 3 days          | 2026-11-24 17:30  第三日是周一，不开门
"""


def rows(table: str) -> list[tuple[str, int, str]]:
    found = []
    for line in table.strip().splitlines():
        start, count, due = (part.strip() for part in line.split("|"))
        found.append((start, int(count), due.split("  ")[0]))
    return found


@pytest.mark.parametrize(("start", "count", "due"), rows(DAYS))
def test_working_days_end_when_work_ends(start: str, count: int, due: str) -> None:
    assert promise(f"{count} working days", at(start), CALENDAR) == at(f"{due} 17:30")


@pytest.mark.parametrize(("start", "count", "due"), rows(HOURS))
def test_working_hours_run_only_while_somebody_is_at_work(start: str, count: int, due: str) -> None:
    assert promise(f"{count} working hours", at(start), CALENDAR) == at(due)


@pytest.mark.parametrize(("start", "count", "due"), rows(CALENDAR_DAYS))
def test_calendar_days_move_off_a_day_of_rest(start: str, count: int, due: str) -> None:
    assert promise(f"{count} days", at(start), CALENDAR) == at(f"{due} 17:30")


@pytest.mark.parametrize("line", OF_A_UNIT.strip().splitlines())
def test_a_units_own_hours_count(line: str) -> None:
    start, limit, due = (part.strip() for part in line.split("|"))
    week = ((), *CALENDAR.week[1:5], parse_spans("09:00-11:30"), ())
    calendar = replace(CALENDAR, units={"yushan-xincheng": week}).of_unit("yushan-xincheng")
    assert promise(limit, at(start), calendar) == at(due.split("  ")[0])


def test_hours_on_the_wall_do_not_rest() -> None:
    assert promise("2 hours", at("2026-10-01 23:30"), CALENDAR) == at("2026-10-02 01:30")
    assert promise("24 hours", at(SATURDAY), CALENDAR) == at("2026-11-22 14:00")


def test_the_grades_of_the_help_line_on_a_saturday_as_the_voice_has_them() -> None:
    yellow = packaged().grades["yellow"]  # type: ignore[index]  # a StrEnum's value is its key
    now = at(SATURDAY)
    sign, answer = promise(yellow.sign, now, CALENDAR), promise(yellow.answer, now, CALENDAR)
    assert say_day(now, CALENDAR) == "今天是周六"
    assert say_moment(sign, now, CALENDAR) == "11 月 23 日上午"
    assert say_day_of(answer, now, CALENDAR) + "前" == "11 月 27 日前"
    assert say_moment(promise("2 working days", now, CALENDAR), now, CALENDAR) == "11 月 24 日下班前"


@pytest.mark.parametrize(
    ("due", "now", "said"),
    [
        ("2026-11-23 17:30", "2026-11-23 09:00", "今天下班前"),
        ("2026-11-23 15:00", "2026-11-23 09:00", "今天下午"),
        ("2026-11-24 10:00", "2026-11-23 16:30", "明天上午"),
        ("2026-11-24 17:30", "2026-11-23 16:30", "明天下班前"),
        ("2026-11-23 12:00", "2026-11-23 10:00", "今天上午"),
        ("2026-11-23 10:00", "2026-11-23 09:30", "今天 10 点"),
        ("2026-11-22 01:05", "2026-11-21 23:05", "明天 1 点 5 分"),
        ("2027-01-04 17:30", "2026-12-30 09:00", "2027 年 1 月 4 日下班前"),
        ("2026-10-10 17:30", "2026-10-08 09:00", "10 月 10 日下班前"),
    ],
)
def test_moments_in_words(due: str, now: str, said: str) -> None:
    assert say_moment(at(due), at(now), CALENDAR) == said


def test_what_comes_before_the_word_before() -> None:
    now = at("2026-11-23 09:00")
    assert say_day_of(at("2026-11-23 17:30"), now, CALENDAR) == "今天下班"
    assert say_day_of(at("2026-11-24 17:30"), now, CALENDAR) == "11 月 24 日"
    assert say_day_of(at("2026-11-23 11:30"), now, CALENDAR) == "今天 11 点 30 分"


@pytest.mark.parametrize(
    ("minutes", "said"),
    [
        (192, "还剩 3 小时 12 分"),
        (180, "还剩 3 小时"),
        (12, "还剩 12 分"),
        (0, "马上到期"),
        (3 * 1440 + 120, "还剩 3 天 2 小时"),
        (2 * 1440, "还剩 2 天"),
        (-1440, "超期 1 天"),
        (-1440 * 3 - 5, "超期 3 天"),
        (-125, "超期 2 小时"),
        (-0.5, "超期 1 分"),
    ],
)
def test_time_left_in_words(minutes: float, said: str) -> None:
    now = at(SATURDAY)
    assert say_left(now + timedelta(minutes=minutes), now) == said


@pytest.mark.parametrize(
    ("day", "said", "rest"),
    [
        ("2026-11-21", "今天是周六", "周六"),
        ("2026-11-25", "今天是周三", ""),
        ("2026-10-03", "今天是国庆节假期", "国庆节假期"),
        ("2026-10-10", "今天是周六（调休上班）", ""),
        ("2026-02-18", "今天是春节假期", "春节假期"),
        ("2027-01-02", "今天是周六", "周六"),
    ],
)
def test_what_day_it_is(day: str, said: str, rest: str) -> None:
    assert say_day(at(f"{day} 10:00"), CALENDAR) == said
    assert say_rest_day(at(f"{day} 10:00"), CALENDAR) == rest


def test_lunch_and_nights_are_not_working_time() -> None:
    for clock, works in [("08:59", False), ("09:00", True), ("12:00", False), ("13:30", True), ("17:30", False)]:
        assert is_working(at(f"2026-11-23 {clock}"), CALENDAR) is works


def test_the_centre_writes_2027_and_it_holds() -> None:
    year = Year(holidays=parse_days("2027-01-01..2027-01-03"), workdays=frozenset({date(2027, 1, 9)}))
    ours = replace(CALENDAR, years={2027: year})
    assert not CALENDAR.known(2027)
    assert guessed(promise("1 working days", at("2026-12-31 16:00"), CALENDAR), CALENDAR)
    assert ours.known(2027)
    assert promise("1 working days", at("2026-12-31 16:00"), ours) == at("2027-01-04 17:30")
    assert promise("5 working days", at("2027-01-04 10:00"), ours) == at("2027-01-09 17:30")
    assert not guessed(at("2027-01-04 17:30"), ours)


def test_a_day_of_the_centres_own_comes_before_everything() -> None:
    day = date(2026, 12, 5)
    open_day = replace(CALENDAR, extra={day: parse_spans("09:00-12:00")})
    assert promise("1 working days", at("2026-12-04 10:00"), open_day) == at("2026-12-05 12:00")
    closed = replace(CALENDAR, extra={date(2026, 12, 7): ()}, why={date(2026, 12, 7): "停电检修"})
    assert promise("1 working days", at("2026-12-04 10:00"), closed) == at("2026-12-08 17:30")
    assert say_day(at("2026-12-07 10:00"), closed) == "今天是停电检修"


def test_a_unit_keeps_its_own_hours() -> None:
    saturday_too = (*CALENDAR.week[:5], parse_spans("09:00-11:30"), ())
    calendar = replace(CALENDAR, units={"yushan-xincheng": saturday_too})
    here, elsewhere = calendar.of_unit("yushan-xincheng"), calendar.of_unit("yushan-beimen")
    assert promise("2 working hours", at("2026-11-21 09:00"), here) == at("2026-11-21 11:00")
    assert promise("2 working hours", at("2026-11-21 09:00"), elsewhere) == at("2026-11-23 11:00")
    assert promise("1 working days", at("2026-10-02 09:00"), here) == at("2026-10-08 17:30")


def test_months_end_on_a_day_that_exists() -> None:
    assert add_months(at("2026-11-30 10:00"), 3, CALENDAR) == at("2027-02-28 10:00")
    assert add_months(at("2026-11-21 14:00"), 3, CALENDAR) == at("2027-02-21 14:00")


@pytest.mark.parametrize("text", ["2 days ago", "two days", "", "-1 days", "3 weeks"])
def test_a_limit_that_is_none_is_refused_in_words(text: str) -> None:
    with pytest.raises(ValueError, match="应写作"):
        promise(text, at(SATURDAY), CALENDAR)


def test_a_naive_time_is_refused() -> None:
    with pytest.raises(ValueError, match="naive"):
        promise("2 working days", datetime(2026, 11, 21, 14, 0), CALENDAR)  # noqa: DTZ001


moments = st.datetimes(datetime(2020, 1, 1), datetime(2030, 12, 31)).map(lambda each: each.replace(tzinfo=UTC))  # noqa: DTZ001
limits = st.builds("{} {}".format, st.integers(1, 30), st.sampled_from(["working hours", "working days", "days"]))


@given(moments, limits)
def test_a_promise_lies_ahead_and_ends_while_somebody_works(start: datetime, limit: str) -> None:
    due = promise(limit, start, CALENDAR)
    assert due > start
    assert due.tzinfo is UTC
    assert CALENDAR.works(due.astimezone(CALENDAR.zone).date())
    assert due == promise(limit, start, CALENDAR)


@given(moments, st.integers(1, 60))
def test_the_hours_that_were_promised_are_the_hours_that_are_worked(start: datetime, hours: int) -> None:
    assert working_time(start, promise(f"{hours} working hours", start, CALENDAR), CALENDAR) == timedelta(hours=hours)


@given(moments, st.integers(0, 20))
def test_starting_later_never_ends_earlier(start: datetime, count: int) -> None:
    later = start + timedelta(hours=5)
    limit = f"{count} working days"
    assert promise(limit, start, CALENDAR) <= promise(limit, later, CALENDAR)
    assert say_moment(promise(limit, start, CALENDAR), start, CALENDAR)
