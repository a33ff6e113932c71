"""How answers are read: promises that hold for anything that is said, and what a member would notice."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from dialogs.fields import READERS, Asked, shown
from dialogs.fields.heard import nothing, since, unknown
from tests.strategies import NASTY, mobiles, said

NOW = datetime(2026, 11, 21, 10, 30, tzinfo=ZoneInfo("Asia/Shanghai"))
ASKED = Asked(options=("水电气热", "物业管理", "就业创业", "社会保障", "其他"), now=NOW, minimum=0, maximum=999)
PAST = Asked(now=NOW, past_only=True)


@pytest.mark.parametrize("kind", READERS)
@given(text=said())
@example(text="9" * 5000)
def test_no_reader_raises_and_each_answers_alike_twice(kind: str, text: str) -> None:
    assert READERS[kind](text, ASKED) == READERS[kind](text, ASKED)


@pytest.mark.parametrize("kind", READERS)
@pytest.mark.parametrize("text", NASTY)
def test_nasty_values_are_read_or_asked_again_even_without_bounds_or_clock(kind: str, text: str) -> None:
    value = READERS[kind](text, Asked())
    assert value is None or isinstance(value, (bool, int, str))


@given(text=said())
def test_values_have_the_form_that_is_promised(text: str) -> None:
    chosen, count, grade = (READERS[kind](text, ASKED) for kind in ("choice", "integer", "rating"))
    assert chosen is None or chosen in range(5)
    assert count is None or count in range(1000)
    assert grade is None or grade in range(1, 6)
    phone = READERS["phone"](text, ASKED)
    assert phone is None or (isinstance(phone, str) and phone.isascii() and phone.isdigit())


@given(text=said())
def test_what_must_be_past_is_never_in_the_future(text: str) -> None:
    day, month, moment = (READERS[kind](text, PAST) for kind in ("date", "month", "datetime"))
    assert day is None or str(day) <= "2026-11-21"
    assert month is None or str(month) <= "2026-11"
    assert moment is None or str(moment) <= "2026-11-21T10:30"


@given(day=st.dates(date(1901, 1, 1), date(2099, 12, 31)), hour=st.times())
def test_what_was_read_back_is_read_the_same(day: date, hour: time) -> None:
    moment = f"{day.isoformat()}T{hour:%H:%M}"
    for kind, value in (("date", day.isoformat()), ("datetime", moment), ("month", f"{day:%Y-%m}")):
        assert READERS[kind](shown(kind, value), ASKED) == value


@given(number=st.integers(0, 999), grade=st.integers(1, 5), yes=st.booleans(), chosen=st.integers(0, 4))
def test_numbers_and_choices_read_back_are_read_the_same(number: int, grade: int, yes: bool, chosen: int) -> None:
    for kind, value in (("integer", number), ("rating", grade), ("confirm", yes), ("choice", chosen)):
        assert READERS[kind](shown(kind, value), ASKED) == value


@given(phone=mobiles())
def test_a_mobile_number_is_read_however_it_is_written_and_read_back_masked(phone: str) -> None:
    spoken = phone.translate(str.maketrans("0123456789", "零幺二三四五六七八九"))
    for text in (
        phone,
        f"+86 {phone[:3]}-{phone[3:7]}-{phone[7:]}",
        f"我的手机是{phone}。",
        f"{spoken[:3]}，{spoken[3:7]}，{spoken[7:]}",
    ):
        assert READERS["phone"](text, ASKED) == phone
    assert shown("phone", phone) == f"{phone[:3]}****{phone[-4:]}"


def test_values_are_worded_for_reading_back() -> None:
    assert shown("month", "2025-10") == "2025 年 10 月"
    assert shown("date", "2026-12-01") == "2026 年 12 月 1 日"
    assert shown("datetime", "2026-12-01T14:05") == "2026 年 12 月 1 日 14:05"
    assert shown("phone", "051257123456") == "0512****3456"
    assert "1949" not in shown("id_number", "11010519491231002X")
    assert shown("name", "張偉") == "張偉"


def test_a_name_stays_in_the_script_it_was_written_in() -> None:
    assert READERS["name"]("我叫張偉", ASKED) == "張偉"
    assert READERS["name"]("我是陳國強", ASKED) == "陳國強"


@pytest.mark.parametrize(
    ("text", "month"),
    [
        ("今年 3 月", "2026-03"),
        ("去年国庆", "2025-10"),
        ("去年国庆节过后", "2025-10"),
        ("12月", "2025-12"),
        ("刚来", "2026-11"),
        ("三年前", "2023-11"),
    ],
)
def test_since_when_a_member_has_been_here(text: str, month: str) -> None:
    assert READERS["month"](text, PAST) == month


@pytest.mark.parametrize("text", ["去年", "2024年", "好几年了", "明年3月", "忘了", "去年中秋过后"])
def test_what_names_no_month_is_asked_again(text: str) -> None:
    assert READERS["month"](text, PAST) is None


def test_last_weeks_end_is_asked_again_where_it_may_be_either_month() -> None:
    early = Asked(now=datetime(2026, 12, 3, 9, tzinfo=ZoneInfo("Asia/Shanghai")), past_only=True)
    assert READERS["month"]("前几天", early) is None
    assert READERS["month"]("前几天", PAST) == "2026-11"


def test_a_bare_weekday_looks_forward_or_back_as_the_question_does() -> None:
    assert READERS["date"]("周三", ASKED) == "2026-11-25"
    assert READERS["date"]("周三", PAST) == "2026-11-18"


def test_an_hour_that_has_passed_is_tomorrows() -> None:
    assert READERS["datetime"]("上午九点", ASKED) == "2026-11-22T09:00"
    assert READERS["datetime"]("下午三点", ASKED) == "2026-11-21T15:00"


def test_an_hour_that_may_be_morning_or_afternoon_is_asked_again_unless_only_one_is_left() -> None:
    assert READERS["datetime"]("明天三点", ASKED) is None
    assert READERS["datetime"]("今天三点", ASKED) == "2026-11-21T15:00"


def test_without_a_clock_only_whole_dates_are_read() -> None:
    assert READERS["date"]("2026年12月1日", Asked()) == "2026-12-01"
    assert READERS["date"]("明天", Asked()) is None


def test_free_words_are_kept_as_written_up_to_their_length() -> None:
    assert READERS["text"]("  村里的支部\x00 ", Asked(max_length=60)) == "村里的支部"
    assert READERS["text"]("长" * 61, Asked(max_length=60)) is None
    assert READERS["text"]("。。。", Asked()) is None


def test_an_identity_number_of_someone_not_yet_born_is_none() -> None:
    later = Asked(now=datetime(1940, 1, 1, tzinfo=UTC))
    assert READERS["id_number"]("11010519491231002X", later) is None


@pytest.mark.parametrize(
    "text",
    [
        "路灯坏了好几天了",
        "昨天晚上开始没水",
        "从上个月开始就这样",
        "一直没人管",
        "电梯停了三天了",
        "臭了半个多月了",
        "11月5号开始停的",
        "這幾天都沒水",
        "水管漏了两个星期了",
    ],
)
def test_a_matter_that_says_since_when_is_not_asked_again(text: str) -> None:
    assert since(text)


@pytest.mark.parametrize("text", ["路灯坏了", "三号楼门口没灯", "2号楼3单元漏水", "小区太吵", "有两个井盖丢了"])
def test_a_matter_that_does_not_say_since_when_is_asked(text: str) -> None:
    assert not since(text)


def test_not_knowing_and_having_nothing_are_heard() -> None:
    assert unknown("不晓得啊")
    assert unknown("记不清了。")
    assert not unknown("不知道叫什么 就是村里的支部")
    assert nothing("沒有")
    assert not nothing("没有路灯")


@given(text=said())
def test_listening_never_raises(text: str) -> None:
    assert {since(text), unknown(text), nothing(text)} <= {True, False}
