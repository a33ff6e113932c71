"""The organisation as a sheet of rows: read with every mistake named by row, and written so that it reads back.

A sheet is the whole organisation. The first row that says anything holds the headings.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from dialogs.hours import parse_week, say_week
from dialogs.text import clean
from dialogs.units import LEVELS, Level, Unit

HEADINGS = (
    "编码", "名称", "全称", "级别", "上级编码", "党组织", "地址", "电话", "纬度", "经度", "场景码", "别名", "工作时间",
)  # fmt: skip
LEVEL_NAMES: Mapping[Level, str] = dict(zip(LEVELS, ("市", "区县", "街道镇", "社区村", "网格楼栋"), strict=True))
_NEEDED = ("编码", "名称", "级别", "上级编码")
# What such lists are usually headed and filled with.
_ALSO = {
    "单位编码": "编码", "代码": "编码", "单位名称": "名称", "单位全称": "全称", "层级": "级别", "上级": "上级编码",
    "上级单位编码": "上级编码", "党组织名称": "党组织", "联系电话": "电话", "场景值": "场景码", "站点码": "场景码",
    "开放时间": "工作时间", "办公时间": "工作时间", "小区": "别名",
}  # fmt: skip
_LEVEL_WORDS: dict[str, Level] = {
    **{name: level for level, name in LEVEL_NAMES.items()},
    "区": "district", "县": "district", "区/县": "district", "县区": "district", "县级市": "district",
    "街道": "town", "镇": "town", "乡": "town", "乡镇": "town", "镇街": "town", "街道/镇": "town", "乡镇街道": "town",
    "社区": "community", "村": "community", "社区/村": "community", "村社区": "community",
    "网格": "grid", "楼栋": "grid", "网格/楼栋": "grid",
}  # fmt: skip
_CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,39}")
_SCENE = re.compile(r"[A-Za-z0-9._-]{1,64}")
_PHONE = re.compile(r"\+?[0-9][0-9 ()-]{2,28}(?:(?:转|-)[0-9]{1,6})?")
_BETWEEN = re.compile(r"[、,，;；\n]+")
# Characters a cell may hold, as they fit on a page and into a sentence.
_MOST = {"名称": 40, "全称": 80, "党组织": 60, "地址": 120, "别名": 30}
# The mainland with its islands, in degrees.
_LATITUDES, _LONGITUDES = (3.0, 54.0), (73.0, 136.0)
# A spreadsheet would take these for a formula.
_FORMULA = ("=", "@", "+", "-")


@dataclass(frozen=True, slots=True, kw_only=True)
class Mistake:
    """Something wrong in a sheet. `row` counts from 1 as spreadsheets do."""

    row: int
    column: str
    words: str

    def __str__(self) -> str:
        """The mistake as it is listed."""
        return f"第 {self.row} 行{f'「{self.column}」' if self.column else ''}：{self.words}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """What was read: all units in their order, or no unit and every mistake."""

    units: tuple[Unit, ...] = ()
    mistakes: tuple[Mistake, ...] = ()


@dataclass(slots=True)
class _Row:
    """One row while it is read."""

    number: int
    cells: Mapping[str, str]
    mistakes: list[Mistake] = field(default_factory=list)

    def wrong(self, column: str, words: str) -> None:
        self.mistakes.append(Mistake(row=self.number, column=column, words=words))

    def get(self, column: str) -> str:
        return self.cells.get(column, "")

    def needed(self, column: str, words: str) -> str:
        if not self.get(column):
            self.wrong(column, words)
        return self.get(column)


# -- reading -------------------------------------------------------------------------------
def read(rows: Sequence[Sequence[str]]) -> Sheet:
    """Read a sheet whole. Full-width figures, spaces around, empty rows and a byte order mark do no harm."""
    numbered = [(number, [tidy(cell) for cell in row]) for number, row in enumerate(rows, 1)]
    filled = [(number, row) for number, row in numbered if any(row)]
    if not filled:
        return Sheet(mistakes=(Mistake(row=1, column="", words=f"表是空的。第一行写：{'、'.join(HEADINGS)}"),))
    number, first = filled[0]
    headings = [_ALSO.get(cell, cell) for cell in (re.sub(r"[*（(].*", "", cell).strip() for cell in first)]
    wrong = list(_wrong_headings(number, headings))
    if wrong:
        return Sheet(mistakes=tuple(wrong))
    below = [_Row(number, dict(zip(headings, row, strict=False))) for number, row in filled[1:]]
    units = [_read_row(row) for row in below]
    mistakes = [mistake for row in below for mistake in row.mistakes]
    mistakes += _wrong_tree(below, {row.number: unit for row, unit in zip(below, units, strict=True)})
    if not below:
        mistakes.append(Mistake(row=number, column="", words="只有表头，没有单位"))
    if mistakes:
        return Sheet(mistakes=tuple(sorted(mistakes, key=lambda each: each.row)))
    return Sheet(units=tuple(unit for unit in units if unit))


def read_one(cells: Mapping[str, str]) -> Unit | tuple[Mistake, ...]:
    """Read one unit from what stands under each heading: by the same rules, for the form at the desk."""
    row = _Row(1, {heading: tidy(cell) for heading, cell in cells.items()})
    unit = _read_row(row)
    return unit if unit and not row.mistakes else tuple(row.mistakes)


def tidy(cell: str) -> str:
    """Give a cell as it was meant: plain figures, nothing invisible, no spaces around."""
    return re.sub(r"[\u200b-\u200f\ufeff]", "", unicodedata.normalize("NFKC", clean(cell))).strip()


def _wrong_headings(number: int, headings: Sequence[str]) -> Iterator[Mistake]:
    known = "、".join(HEADINGS)
    for heading in dict.fromkeys(headings):
        if heading and heading not in HEADINGS:
            yield Mistake(row=number, column=heading[:20], words=f"没有这一列，请改名或删掉。可以有：{known}")
        elif heading and headings.count(heading) > 1:
            yield Mistake(row=number, column=heading, words="这一列有两个，请留下一个")
    for heading in _NEEDED:
        if heading not in headings:
            yield Mistake(row=number, column=heading, words="缺这一列")


def _read_row(row: _Row) -> Unit | None:
    """Read one row; what is wrong is noted in it."""
    code = row.needed("编码", "要写编码，每个单位一个，以后不再变")
    if code and not _CODE.fullmatch(code):
        row.wrong("编码", f"「{code[:20]}」不行：用字母、数字、点、横线，最多 40 个")
    name = _words(row, "名称", row.needed("名称", "要写名称"))
    level = _level(row)
    latitude, longitude = _coordinates(row)
    unit = Unit(
        id=code,
        name=name,
        full_name=_words(row, "全称", row.get("全称")) or name,
        level=level or "city",
        parent=row.get("上级编码"),
        scenes=_scenes(row),
        latitude=latitude,
        longitude=longitude,
        committee=_words(row, "党组织", row.get("党组织")),
        address=_words(row, "地址", row.get("地址")),
        phone=_phone(row),
        aliases=tuple(_words(row, "别名", alias) for alias in _parts(row.get("别名"))),
        hours=_hours(row),
    )
    return None if row.mistakes else unit


def _words(row: _Row, column: str, text: str) -> str:
    if len(text) > _MOST[column]:
        row.wrong(column, f"最多 {_MOST[column]} 个字，现在 {len(text)} 个")
    if text.startswith(_FORMULA):
        row.wrong(column, f"不能以 {text[0]} 开头：表格软件会当成公式")
    return text


def _level(row: _Row) -> Level | None:
    text = row.needed("级别", f"要写级别：{'、'.join(LEVEL_NAMES.values())}")
    level = _LEVEL_WORDS.get(text)
    if text and level is None:
        row.wrong("级别", f"没有「{text[:20]}」这一级，可以写：{'、'.join(LEVEL_NAMES.values())}")
    return level


def _phone(row: _Row) -> str:
    phone = row.get("电话")
    if phone and not _PHONE.fullmatch(phone):
        row.wrong("电话", f"「{phone[:30]}」不像电话号码（例：0512-55550100、0512-55550100转8）")
    return phone


def _coordinates(row: _Row) -> tuple[float | None, float | None]:
    latitude, longitude = (_degrees(row, column) for column in ("纬度", "经度"))
    if row.get("纬度") and not row.get("经度"):
        row.wrong("经度", "有纬度没有经度，请补上，或者两个都空着")
    if row.get("经度") and not row.get("纬度"):
        row.wrong("纬度", "有经度没有纬度，请补上，或者两个都空着")
    if latitude is None or longitude is None:
        return None, None
    if _within(longitude, _LATITUDES) and _within(latitude, _LONGITUDES):
        row.wrong("纬度", "经度和纬度写反了：纬度是小的那个")
    elif not (_within(latitude, _LATITUDES) and _within(longitude, _LONGITUDES)):
        row.wrong("纬度", f"{latitude:g}，{longitude:g} 不在中国境内，请核对")
    return latitude, longitude


def _degrees(row: _Row, column: str) -> float | None:
    text = row.get(column).rstrip("°")
    if not text:
        return None
    if not re.fullmatch(r"-?[0-9]{1,3}(?:\.[0-9]{1,20})?", text):
        row.wrong(column, f"「{text[:20]}」不是度数（例：{'31.3989' if column == '纬度' else '120.9472'}）")
        return None
    return float(text)


def _within(degrees: float, bounds: tuple[float, float]) -> bool:
    return bounds[0] <= degrees <= bounds[1]


def _scenes(row: _Row) -> tuple[str, ...]:
    scenes = _parts(row.get("场景码"))
    for scene in scenes:
        if not _SCENE.fullmatch(scene):
            row.wrong("场景码", f"「{scene[:20]}」不行：用字母、数字、点、横线，最多 64 个；几个之间用顿号")
    return scenes


def _hours(row: _Row) -> tuple[str, ...]:
    try:
        return parse_week(row.get("工作时间"))
    except ValueError as wrong:
        row.wrong("工作时间", str(wrong))
        return ()


def _parts(text: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(part.strip() for part in _BETWEEN.split(text) if part.strip()))


# -- the tree ------------------------------------------------------------------------------
def _wrong_tree(rows: Sequence[_Row], units: Mapping[int, Unit | None]) -> Iterator[Mistake]:
    """What no row shows by itself. A row with other mistakes still counts as a parent, so that one slip is one line."""
    first: dict[str, _Row] = {}
    for row in rows:
        code = row.get("编码")
        if code and code in first:
            words = f"{code} 和第 {first[code].number} 行重复，编码不能相同"
            yield Mistake(row=row.number, column="编码", words=words)
        elif code:
            first[code] = row
    yield from _wrong_scenes(rows)
    yield from _wrong_roots(rows)
    for row in first.values():
        yield from _wrong_parent(row, first, units)


def _wrong_scenes(rows: Sequence[_Row]) -> Iterator[Mistake]:
    first: dict[str, _Row] = {}
    for row in rows:
        for scene in _parts(row.get("场景码")):
            if first.setdefault(scene, row) is not row:
                words = f"{scene} 已经写在第 {first[scene].number} 行，一个码只能通到一个单位"
                yield Mistake(row=row.number, column="场景码", words=words)


def _wrong_roots(rows: Sequence[_Row]) -> Iterator[Mistake]:
    roots = [row for row in rows if row.get("编码") and not row.get("上级编码")]
    if rows and not roots:
        yield Mistake(row=rows[0].number, column="上级编码", words="没有最上面的单位：要有一行的上级编码空着")
    for row in roots[1:]:
        words = f"要写上级编码：最上面的单位只能有一个，第 {roots[0].number} 行已经是"
        yield Mistake(row=row.number, column="上级编码", words=words)


def _wrong_parent(row: _Row, rows: Mapping[str, _Row], units: Mapping[int, Unit | None]) -> Iterator[Mistake]:
    code, parent = row.get("编码"), row.get("上级编码")
    if not parent:
        return
    if parent not in rows:
        yield Mistake(row=row.number, column="上级编码", words=f"表里没有编码是 {parent[:40]} 的单位，请补上或改正")
        return
    circle = _circle(code, rows)
    if circle:
        if row.number == min(rows[each].number for each in circle):
            way = " → ".join((*circle, code))
            yield Mistake(row=row.number, column="上级编码", words=f"上级绕成了圈：{way}，请改正其中一个")
        return
    unit, above = units[row.number], units[rows[parent].number]
    if unit and above and LEVELS.index(unit.level) <= LEVELS.index(above.level):
        words = f"{LEVEL_NAMES[unit.level]}不能在{LEVEL_NAMES[above.level]}（{above.name}）下面"
        yield Mistake(row=row.number, column="级别", words=words)


def _circle(code: str, rows: Mapping[str, _Row]) -> tuple[str, ...]:
    """The codes from this one up and back to it, or nothing."""
    seen: list[str] = []
    here = code
    while here in rows and here not in seen:
        seen.append(here)
        here = rows[here].get("上级编码")
    return tuple(seen) if here == code else ()


# -- writing -------------------------------------------------------------------------------
def write(units: Iterable[Unit]) -> list[list[str]]:
    """Write units as a sheet; closed ones are left out, as they would come back open."""
    return [list(HEADINGS), *(list(cells(unit).values()) for unit in units if not unit.closed)]


def cells(unit: Unit) -> dict[str, str]:
    """Give what stands under each heading for one unit, in their order."""
    return {
        "编码": unit.id,
        "名称": unit.name,
        "全称": unit.full_name,
        "级别": LEVEL_NAMES[unit.level],
        "上级编码": unit.parent,
        "党组织": unit.committee,
        "地址": unit.address,
        "电话": unit.phone,
        "纬度": "" if unit.latitude is None else repr(unit.latitude),
        "经度": "" if unit.longitude is None else repr(unit.longitude),
        "场景码": "、".join(unit.scenes),
        "别名": "、".join(unit.aliases),
        "工作时间": say_week(unit.hours),
    }
