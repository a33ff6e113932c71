"""Spreadsheets as rows of text: CSV as people's programs write it, and XLSX."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Sequence

# A city has some 2,400 stations and ten times as many grids; what is larger is another file.
MOST_ROWS, MOST_COLUMNS, MOST_BYTES = 50_000, 60, 8 * 1024 * 1024
_UNPACKED = 200 * 1024 * 1024
_ZIP = b"PK\x03\x04"
_ILLEGAL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")  # in XML
_OLD = b"\xd0\xcf\x11\xe0"


class NoSheet(ValueError):  # noqa: N818  it is told to a person
    """The file is no spreadsheet that can be read; the message says what to do."""


def read(content: bytes) -> list[list[str]]:
    """Read the rows of a file: XLSX by its first sheet, anything else as CSV. Raises NoSheet."""
    if len(content) > MOST_BYTES:
        raise NoSheet(f"文件太大了，最多 {MOST_BYTES // 1024 // 1024} MB。")
    if content.startswith(_OLD):
        raise NoSheet("这是旧的 .xls 文件：请在表格软件里另存为 .xlsx 或 .csv。")
    return _xlsx(content) if content.startswith(_ZIP) else _csv(content)


def write_csv(rows: Iterable[Sequence[str]]) -> bytes:
    """Write CSV as Excel opens it by a double click: UTF-8 with its mark, CR LF."""
    out = io.StringIO(newline="")
    csv.writer(out).writerows(rows)
    return out.getvalue().encode("utf-8-sig")


def write_xlsx(rows: Iterable[Sequence[str]]) -> bytes:
    """Write XLSX; every cell is text, so that codes and telephone numbers keep their zeros."""
    from openpyxl import Workbook

    book = Workbook(write_only=True)
    page = book.create_sheet("单位")
    page.freeze_panes = "A2"
    for row in rows:
        page.append([cell or None for cell in row])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def write_book(pages: Iterable[tuple[str, Iterable[Sequence[str | float]]]]) -> bytes:
    """Write XLSX of several named sheets. Numbers are numbers; words are words, whatever they begin with."""
    from openpyxl import Workbook
    from openpyxl.cell import WriteOnlyCell

    book = Workbook(write_only=True)
    for title, rows in pages:
        page = book.create_sheet(title)
        page.freeze_panes = "A2"
        for row in rows:
            cells = []
            for value in row:
                cell = WriteOnlyCell(page, _ILLEGAL.sub("", value) if isinstance(value, str) else value)
                if isinstance(value, str):
                    cell.data_type = "s"  # else what begins with = is a formula
                cells.append(cell)
            page.append(cells)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _csv(content: bytes) -> list[list[str]]:
    text = _decoded(content)
    first = text.partition("\n")[0]
    comma = max(",;\t", key=first.count)
    try:
        rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=comma))
    except csv.Error:
        raise NoSheet("读不懂这个文件：请用表格软件另存为 .xlsx，或者 .csv（UTF-8）。") from None
    return _limited(rows)


def _decoded(content: bytes) -> str:
    marked = content.startswith((b"\xff\xfe", b"\xfe\xff"))  # 「Unicode 文本」 of Excel
    for encoding in ("utf-16",) if marked else ("utf-8-sig", "gb18030"):
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\x00" not in text:
            return text
    raise NoSheet("读不懂这个文件的文字：请用表格软件另存为 .xlsx，或者 .csv（UTF-8）。")


def _xlsx(content: bytes) -> list[list[str]]:
    from zipfile import BadZipFile, ZipFile

    from openpyxl import load_workbook

    try:
        with ZipFile(io.BytesIO(content)) as parts:
            if sum(part.file_size for part in parts.infolist()) > _UNPACKED:
                raise NoSheet("文件太大了：请只留下单位这一张表，再另存一次。")
        book = load_workbook(io.BytesIO(content), read_only=True, data_only=True)
    except (BadZipFile, KeyError, ValueError, OSError) as broken:
        if isinstance(broken, NoSheet):
            raise
        raise NoSheet("打不开这个 .xlsx 文件：可能没有传完整，或者设了密码。请另存一次再试。") from None
    try:
        page = book.worksheets[0] if book.worksheets else None
        if page is None:
            raise NoSheet("这个文件里没有表。")
        rows = page.iter_rows(max_row=MOST_ROWS + 1, max_col=MOST_COLUMNS, values_only=True)
        return _limited([_ended([_text(value) for value in row]) for row in rows])
    finally:
        book.close()


def _ended(row: list[str]) -> list[str]:
    """A spreadsheet's row goes on in empty cells for as far as anybody ever looked."""
    while row and not row[-1]:
        row.pop()
    return row


def _limited(rows: list[list[str]]) -> list[list[str]]:
    while rows and not any(rows[-1]):
        rows.pop()
    if len(rows) > MOST_ROWS:
        raise NoSheet(f"行太多了，最多 {MOST_ROWS:,} 行。")
    return rows


def _text(value: object) -> str:
    """A cell as it is read: whole numbers without the `.0` that a spreadsheet gives them."""
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    return str(value)
