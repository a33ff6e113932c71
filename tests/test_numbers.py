"""Case numbers that can be read over the telephone."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialogs.numbers import case_number, check_figure, parse
from tests.strategies import said

DAYS = st.dates(date(2020, 1, 1), date(2099, 12, 31))
SERIALS = st.integers(1, 999_999)


def test_the_numbers_of_the_examples() -> None:
    assert case_number(date(2026, 11, 21), 387) == "HY-261121-0387-8"
    assert case_number(date(2026, 11, 21), 412) == "HY-261121-0412-6"
    assert case_number(date(2026, 11, 21), 12345).startswith("HY-261121-12345-")


@given(day=DAYS, serial=SERIALS)
def test_a_number_is_found_however_it_is_said(day: date, serial: int) -> None:
    number = case_number(day, serial)
    spoken = number.translate(str.maketrans("0123456789", "零幺二三四五六七八九"))
    wide = number.translate(str.maketrans("HY0123456789", "ＨＹ０１２３４５６７８９"))
    for text in (
        number,
        number.lower(),
        number.replace("-", " "),
        number.replace("-", ""),
        wide,
        spoken,
        f"我想问{number}办得怎样了",
        f"编号：{number}。",
    ):
        assert parse(text) == number


@given(day=DAYS, serial=SERIALS, place=st.integers(0, 9), figure=st.sampled_from("0123456789"))
def test_one_wrong_figure_is_always_found(day: date, serial: int, place: int, figure: str) -> None:
    figures = case_number(day, serial).replace("-", "")[2:]
    wrong = figures[:place] + figure + figures[place + 1 :]
    assert wrong == figures or check_figure(wrong[:-1]) != wrong[-1]


@given(day=DAYS, serial=SERIALS, place=st.integers(0, 8))
def test_two_neighbours_swapped_are_always_found(day: date, serial: int, place: int) -> None:
    figures = case_number(day, serial).replace("-", "")[2:]
    wrong = figures[:place] + figures[place + 1] + figures[place] + figures[place + 2 :]
    assert wrong == figures or check_figure(wrong[:-1]) != wrong[-1]


@pytest.mark.parametrize(
    "text",
    ["HY-261121-0387-7", "HY-261321-0387-8", "", "13812345678", "HY-261121-0387-8和HY-261121-0412-6", "261121", "今天"],
)
def test_what_is_no_number_of_ours(text: str) -> None:
    assert parse(text) is None


def test_without_its_letters_it_is_taken_if_nothing_else_is_said() -> None:
    assert parse("261121-0387-8") == "HY-261121-0387-8"
    assert parse("26112103878") == "HY-261121-0387-8"


@given(text=said())
def test_anything_may_be_said(text: str) -> None:
    assert parse(text) == parse(text)
