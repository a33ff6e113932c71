"""Tables that any spreadsheet program opens, and in which nothing that people typed does anything."""

from __future__ import annotations

import csv
import io
from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import load_workbook

from bot.sheet_streams import Cell, Format, harmless, sheet, whole

EVIL = [
    "=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", " =1", "\u3000=1", "\u200b=1", "\ufeff=1", "＝1+1",
    "＋1", "－1", "＠x", "﹢1", "﹦1", "|cmd", "%x", "=cmd|' /C calc'!A0",
]  # fmt: skip


def rows_of(form: Format, content: bytes) -> list[list[object]]:
    if form == "csv":
        return [list(row) for row in csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""))]
    book = load_workbook(io.BytesIO(content))
    return [[cell.value for cell in row] for row in book.worksheets[0].iter_rows()]


@pytest.mark.parametrize("evil", EVIL)
def test_what_looks_like_a_formula_is_text(evil: str) -> None:
    (_, (cell,)) = rows_of("csv", whole("csv", "表", ["标题"], [[evil]]))
    assert str(cell).startswith("'")
    (typed,) = load_workbook(io.BytesIO(whole("xlsx", "表", ["标题"], [[evil]]))).worksheets[0]["A2":"A2"][0]
    assert (typed.data_type, typed.quotePrefix, typed.number_format) == ("s", True, "@")


@pytest.mark.parametrize("text", ["13812345678", "007", "3-5", "2026/11/21", "1e5", "１２", "12:30", "5%"])
def test_figures_that_people_typed_stay_as_they_were_typed(text: str) -> None:
    assert harmless(text) == f"'{text}"
    (_, (cell,)) = rows_of("xlsx", whole("xlsx", "表", ["号"], [[text]]))
    assert cell == text


@pytest.mark.parametrize("text", ["路灯坏了", "HY-261121-0387-8", "138****5678", "张*", "3 号楼", ""])
def test_ordinary_words_are_left_alone(text: str) -> None:
    assert harmless(text) == text


def test_csv_opens_in_excel_and_wps() -> None:
    content = whole("csv", "表", ["受理编号", "标题"], [["HY-1", '新城，"3 号"\r\n楼']])
    assert content.startswith(b"\xef\xbb\xbf")
    assert b"\r\n" in content
    assert rows_of("csv", content) == [["受理编号", "标题"], ["HY-1", '新城，"3 号"\n楼']]


def test_numbers_and_moments_are_what_they_are() -> None:
    row: list[Cell] = [3, datetime(2026, 11, 21, 14, 2), None, ""]  # noqa: DTZ001
    (_, made) = rows_of("xlsx", whole("xlsx", "表", ["a", "b", "c", "d"], [row]))
    assert made == [3, datetime(2026, 11, 21, 14, 2), None, None]  # noqa: DTZ001
    assert rows_of("csv", whole("csv", "表", ["a", "b", "c", "d"], [row]))[1] == ["3", "2026-11-21 14:02", "", ""]


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_a_table_in_pieces_is_the_table_at_once(form: Format) -> None:
    made = sheet(form, "很长的单子" * 9, ["号", "名"])
    content = b"".join([made.add([[f"{n}号", "名" * 50]]) for n in range(500)]) + made.end()
    found = rows_of(form, content)
    assert (len(found), found[1][0], found[-1][0]) == (501, "0号", "499号")


@given(cells=st.lists(st.text(), min_size=1, max_size=4))
def test_no_text_breaks_a_table(cells: list[str]) -> None:
    clean = [harmless(cell) for cell in cells]
    assert all(cell[:1] not in set("=+-@\t\r\n＝＋－＠") for cell in clean)
    heads = ["列"] * len(cells)
    assert rows_of("csv", whole("csv", "表", heads, [cells]))[1:] in ([clean], []) or any("\n" in c for c in clean)
    rows_of("xlsx", whole("xlsx", "表", heads, [cells]))
