"""Spreadsheets as people's programs write them."""

from __future__ import annotations

import io
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook

from bot.sheets import MOST_BYTES, MOST_ROWS, NoSheet, read, write_csv, write_xlsx

ROWS = [["编码", "名称"], ["001", "新城社区, 一期"], ["002", '「"老街"」']]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize("comma", [",", ";", "\t"])
def test_csv_in_every_dress(encoding: str, comma: str) -> None:
    text = "\r\n".join(comma.join(f'"{cell.replace(chr(34), chr(34) * 2)}"' for cell in row) for row in ROWS)
    assert read(text.encode(encoding)) == ROWS


@pytest.mark.parametrize("write", [write_csv, write_xlsx])
def test_what_was_written_reads_back(write: Callable[[list[list[str]]], bytes]) -> None:
    assert read(write(ROWS)) == ROWS


CELL = st.text("新a1 ,;\t'\"=0", max_size=6)


@given(st.lists(st.lists(CELL, min_size=2, max_size=2), max_size=4))
def test_any_cells_read_back_from_csv(rows: list[list[str]]) -> None:
    written = [["编码", "名称"], *rows]
    read_back = read(write_csv(written))
    assert read_back == written[: len(read_back)]
    assert not any(any(row) for row in written[len(read_back) :])


def test_numbers_of_a_spreadsheet_are_read_as_they_look() -> None:
    book, out = Workbook(), io.BytesIO()
    page = book.active
    page.append(["编码", "纬度", "空", "数"])
    page.append([320583100001, 31.3986, None, 7])
    page.append([1.0, 120.0, " ", True])
    book.save(out)
    rows = read(out.getvalue())
    assert rows[1:] == [["320583100001", "31.3986", "", "7"], ["1", "120", " ", "True"]]


def packed(**parts: bytes) -> bytes:
    out = io.BytesIO()
    with ZipFile(out, "w", ZIP_DEFLATED) as book:
        for name, content in parts.items():
            book.writestr(name, content)
    return out.getvalue()


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"\xd0\xcf\x11\xe0\xa1\xb1", "旧的 .xls"),
        (b"PK\x03\x04 and nothing more", "打不开"),
        (packed(readme=b"no book"), "打不开"),
        (packed(bomb=b"0" * 201 * 1024 * 1024), "文件太大了"),
        (b"\xff\xfe\x00", "读不懂这个文件的文字"),
        (b"\x80\x81\xff\xff\xff", "读不懂这个文件的文字"),
        (b"a\x00b", "读不懂这个文件的文字"),
        (b"x" * (MOST_BYTES + 1), "文件太大了"),
        (b"a\n" * (MOST_ROWS + 1), "行太多了"),
    ],
)
def test_what_is_no_spreadsheet_is_said(content: bytes, said: str) -> None:
    with pytest.raises(NoSheet, match=said):
        read(content)


@given(st.binary(max_size=200))
def test_any_bytes_are_rows_or_a_sentence(content: bytes) -> None:
    for each in (content, b"PK\x03\x04" + content):
        with suppress(NoSheet):
            assert all(isinstance(cell, str) for row in read(each) for cell in row)


def test_a_file_saved_by_a_spreadsheet_keeps_its_zeros(tmp_path: Path) -> None:
    path = tmp_path / "units.xlsx"
    path.write_bytes(write_xlsx([["编码"], ["007"]]))
    assert read(path.read_bytes()) == [["编码"], ["007"]]
