"""Tables as CSV and XLSX in pieces, for tables of any length: nothing is kept, nothing lies about in a temporary file.

What people typed stays text. A cell that a spreadsheet program would take for a formula, a number or a date gets an
apostrophe in front in CSV, and in XLSX the mark that says the same without being seen.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Final, Literal, Protocol
from unicodedata import category, normalize
from xml.sax.saxutils import escape
from zipfile import ZIP_DEFLATED, ZipFile

Cell = str | int | datetime | None
"""Text stays text whatever it looks like, a number is one, a moment is local and is written to the minute."""
Format = Literal["csv", "xlsx"]
TYPES: Final[dict[Format, str]] = {
    "csv": "text/csv",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
_STARTS: Final = frozenset("=+-@|%")
# Figures with what stands between figures in numbers, dates and times.
_LIKE_A_NUMBER: Final = re.compile(r"[0-9０-９][0-9０-９.,:/\-+eE%年月日]*")
_NO_XML: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_ESCAPED: Final = re.compile(r"_(?=x[0-9A-Fa-f]{4}_)")  # XLSX reads `_x000D_` as a character


class Sheet(Protocol):
    """A table in the making. Each call gives the bytes that are finished by then, perhaps none."""

    def add(self, rows: Iterable[Sequence[Cell]]) -> bytes:
        """Add rows."""

    def end(self) -> bytes:
        """End the table."""


def sheet(form: Format, title: str, headings: Sequence[str]) -> Sheet:
    """Begin a table with its headings."""
    return _Csv(headings) if form == "csv" else _Xlsx(title, headings)


def whole(form: Format, title: str, headings: Sequence[str], rows: Iterable[Sequence[Cell]]) -> bytes:
    """Write a short table at once."""
    made = sheet(form, title, headings)
    return made.add(rows) + made.end()


def harmless(text: str) -> str:
    """Give a text that no spreadsheet program takes for anything but text."""
    text = _NO_XML.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))
    return f"'{text}" if _acts(text) or _LIKE_A_NUMBER.fullmatch(text) else text


def _acts(text: str) -> bool:
    """Tell whether it begins like a formula: also in full width, and behind what is skipped or not seen."""
    if text[:1] in {"\t", "\n"}:
        return True
    first = next((letter for letter in text if not letter.isspace() and category(letter) not in {"Cf", "Cc"}), "")
    return normalize("NFKC", first)[:1] in _STARTS if first else False


class _Csv:
    """UTF-8 with its mark and CR LF: so Excel and WPS open Chinese by a double click."""

    def __init__(self, headings: Sequence[str]) -> None:
        self._out = io.StringIO(newline="")
        self._write = csv.writer(self._out)
        self._out.write("\ufeff")
        self._write.writerow(headings)

    def add(self, rows: Iterable[Sequence[Cell]]) -> bytes:
        self._write.writerows([_csv(cell) for cell in row] for row in rows)
        return self.end()

    def end(self) -> bytes:
        made = self._out.getvalue().encode()
        self._out.seek(0)
        self._out.truncate()
        return made


def _csv(cell: Cell) -> str | int:
    match cell:
        case None:
            return ""
        case datetime():
            return f"{cell:%Y-%m-%d %H:%M}"
        case int():
            return cell
        case str():
            return harmless(cell)


class _Sink(io.RawIOBase):
    """Takes what the archive writes, until it is fetched; it cannot go back, so that the archive does not try."""

    def __init__(self) -> None:
        super().__init__()
        self._made = bytearray()

    def writable(self) -> bool:
        return True

    def write(self, content: bytes) -> int:  # type: ignore[override]  # what a zip archive writes is bytes
        self._made += content
        return len(content)

    def fetch(self) -> bytes:
        made = bytes(self._made)
        self._made.clear()
        return made


_HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_KIND = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_PARTS: Final = {
    "[Content_Types].xml": (
        f'<Types xmlns="{_PACKAGE}/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Override PartName="/xl/workbook.xml" ContentType="{_KIND}.sheet.main+xml"/>'
        f'<Override PartName="/xl/styles.xml" ContentType="{_KIND}.styles+xml"/>'
        f'<Override PartName="/xl/worksheets/sheet1.xml" ContentType="{_KIND}.worksheet+xml"/></Types>'
    ),
    "_rels/.rels": (
        f'<Relationships xmlns="{_PACKAGE}/relationships">'
        f'<Relationship Id="rId1" Type="{_OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>'
    ),
    "xl/_rels/workbook.xml.rels": (
        f'<Relationships xmlns="{_PACKAGE}/relationships">'
        f'<Relationship Id="rId1" Type="{_OFFICE}/worksheet" Target="worksheets/sheet1.xml"/>'
        f'<Relationship Id="rId2" Type="{_OFFICE}/styles" Target="styles.xml"/></Relationships>'
    ),
    # Cell styles by number: 0 plain, 1 heading, 2 text whatever it looks like, 3 a moment to the minute.
    "xl/styles.xml": (
        f'<styleSheet xmlns="{_MAIN}"><numFmts count="1"><numFmt numFmtId="164" formatCode="yyyy\\-mm\\-dd\\ hh:mm"/>'
        '</numFmts><fonts count="2"><font><sz val="11"/><name val="等线"/></font>'
        '<font><b/><sz val="11"/><name val="等线"/></font></fonts>'
        '<fills count="2"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/>'
        '</fill></fills><borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders>'
        '<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>'
        '<cellXfs count="4"><xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/>'
        '<xf numFmtId="49" fontId="1" fillId="0" borderId="0" xfId="0" applyFont="1" applyNumberFormat="1"/>'
        '<xf numFmtId="49" fontId="0" fillId="0" borderId="0" xfId="0" quotePrefix="1" applyNumberFormat="1"/>'
        '<xf numFmtId="164" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/></cellXfs>'
        '<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>'
    ),
}
_EPOCH: Final = datetime(1899, 12, 30)  # noqa: DTZ001  a spreadsheet's moments have no zone


class _Xlsx:
    def __init__(self, title: str, headings: Sequence[str]) -> None:
        self._sink = _Sink()
        self._zip = ZipFile(self._sink, "w", ZIP_DEFLATED)
        for name, content in {**_PARTS, "xl/workbook.xml": _workbook(title)}.items():
            self._zip.writestr(name, _HEAD + content)
        self._page = self._zip.open("xl/worksheets/sheet1.xml", "w", force_zip64=True)
        self._count = 0
        self._put(
            f'{_HEAD}<worksheet xmlns="{_MAIN}"><sheetViews><sheetView workbookViewId="0">'
            '<pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/></sheetView></sheetViews>'
            f'<sheetFormatPr defaultRowHeight="16"/><cols><col min="1" max="{len(headings)}" width="18" '
            'customWidth="1"/></cols><sheetData>'
        )
        self._row(_string(name, 1) for name in headings)

    def add(self, rows: Iterable[Sequence[Cell]]) -> bytes:
        for row in rows:
            self._row(_xlsx(cell) for cell in row)
        return self._sink.fetch()

    def end(self) -> bytes:
        self._put("</sheetData></worksheet>")
        self._page.close()
        self._zip.close()
        return self._sink.fetch()

    def _row(self, cells: Iterable[str]) -> None:
        self._count += 1
        self._put(f'<row r="{self._count}">{"".join(cells)}</row>')

    def _put(self, text: str) -> None:
        self._page.write(text.encode())


def _workbook(title: str) -> str:
    return (
        f'<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}"><sheets>'
        f'<sheet name="{escape(title[:31], {chr(34): "&quot;"})}" sheetId="1" r:id="rId1"/></sheets></workbook>'
    )


def _xlsx(cell: Cell) -> str:
    match cell:
        case None | "":
            return "<c/>"
        case datetime():
            days = (cell.replace(tzinfo=None) - _EPOCH).total_seconds() / 86400
            return f'<c s="3"><v>{days:.9f}</v></c>'
        case int():
            return f"<c><v>{cell}</v></c>"
        case str():
            return _string(cell, 2)


def _string(text: str, style: int) -> str:
    clean = _ESCAPED.sub("_x005F_", _NO_XML.sub("", text.replace("\r\n", "\n").replace("\r", "\n")))
    return f'<c t="inlineStr" s="{style}"><is><t xml:space="preserve">{escape(clean)}</t></is></c>'
