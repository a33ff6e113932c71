"""The dispatch directory as a sheet of rows: every mistake is named by its row, and what is written reads back."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from dialogs.desk.directory import ANY, Directory, Entry
from dialogs.desk.units_sheet import LEVEL_NAMES, Mistake, tidy
from dialogs.rules import Rules
from dialogs.units import LEVELS, Units

HEADINGS = ("类别", "地点", "主办", "岗位", "协办")
_NEEDED = ("类别", "主办")
_ALL = frozenset({"", "全部", "所有", "全部类别", "全市", "不限"})
# How a mistake is noted: its column and its words; what it gives stands in for what could not be read.
Noting = Callable[[str, str], str]
_BETWEEN = re.compile(r"[、,，;；\s]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """What was read: all entries in their order, or none and every mistake."""

    entries: tuple[Entry, ...] = ()
    mistakes: tuple[Mistake, ...] = ()


def read(rows: Sequence[Sequence[str]], units: Units, rules: Rules) -> Sheet:
    """Read a sheet whole."""
    filled = [(number, [tidy(cell) for cell in row]) for number, row in enumerate(rows, 1)]
    filled = [(number, row) for number, row in filled if any(row)]
    if not filled:
        return Sheet(mistakes=(Mistake(row=1, column="", words=f"表是空的。第一行写：{'、'.join(HEADINGS)}"),))
    number, first = filled[0]
    headings = [re.sub(r"[*（(].*", "", cell).strip() for cell in first]
    wrong = [
        *(Mistake(row=number, column=each, words="缺这一列") for each in _NEEDED if each not in headings),
        *(
            Mistake(row=number, column=each[:20], words=f"没有这一列，请改名或删掉。可以有：{'、'.join(HEADINGS)}")
            for each in headings
            if each and each not in HEADINGS
        ),
    ]
    if wrong:
        return Sheet(mistakes=tuple(wrong))
    reader = Reader(units, rules)
    found = [(row, reader.read(dict(zip(headings, cells, strict=False)), row)) for row, cells in filled[1:]]
    mistakes = [each for _, got in found if not isinstance(got, Entry) for each in got]
    mistakes += _twice([(row, got) for row, got in found if isinstance(got, Entry)])
    if not found:
        mistakes.append(Mistake(row=number, column="", words="只有表头，没有内容"))
    if mistakes:
        return Sheet(mistakes=tuple(sorted(mistakes, key=lambda each: each.row)))
    return Sheet(entries=tuple(got for _, got in found if isinstance(got, Entry)))


def _twice(entries: Sequence[tuple[int, Entry]]) -> Iterator[Mistake]:
    first: dict[tuple[str, str], int] = {}
    for row, entry in entries:
        before = first.setdefault((entry.category, entry.place), row)
        if before != row:
            yield Mistake(row=row, column="类别", words=f"和第 {before} 行是同一类、同一个地点，请留下一行")


class Reader:
    """Reads rows by the names that people use, of categories and units."""

    def __init__(self, units: Units, rules: Rules) -> None:
        self._units, self._rules = units, rules
        self._categories = _by_name(categories(rules))
        standing = [unit for unit in units if not unit.closed]
        self._names = _by_name([(unit.id, name) for unit in standing for name in {unit.id, unit.name, unit.full_name}])
        self._levels = {say: level for level, name in LEVEL_NAMES.items() for say in (name, f"所在{name}", level)}
        self._posts = {name: post.key for post in rules.posts.values() for name in (post.key, post.title)}

    def read(self, cells: Mapping[str, str], row: int = 1) -> Entry | tuple[Mistake, ...]:
        """Read one row, or name every mistake in it."""
        wrong: list[Mistake] = []

        def note(column: str, words: str) -> str:
            wrong.append(Mistake(row=row, column=column, words=words))
            return ""

        category = self._category(cells.get("类别", ""), note)
        place = cells.get("地点", "")
        to = cells.get("主办", "")
        post = cells.get("岗位", "")
        if not to:
            note("主办", "要写主办单位，或者「所在社区村」「所在街道镇」「所在区县」「市」")
        entry = Entry(
            category=category,
            place=ANY if place in _ALL else self._unit("地点", place, note, levels=False),
            to=self._unit("主办", to, note) if to else "",
            post=self._posts.get(post, "") if post else "",
            helpers=tuple(self._unit("协办", each, note) for each in _BETWEEN.split(cells.get("协办", "")) if each),
        )
        if post and post not in self._posts:
            note("岗位", f"没有「{post[:20]}」这个岗位")
        return tuple(wrong) if wrong else entry

    def _category(self, words: str, note: Noting) -> str:
        if words in _ALL:
            return ANY
        found = self._categories.get(re.sub(r"\s", "", words), ())
        if len(found) == 1:
            return found[0]
        if not found:
            return note("类别", f"没有「{words[:20]}」这一类。写大类或二级类别，例：道路交通·路灯；全部类别写「全部」")
        return note(
            "类别", f"「{words[:20]}」有几个，请写全：{'、'.join(say_category(each, self._rules) for each in found)}"
        )

    def _unit(self, column: str, words: str, note: Noting, *, levels: bool = True) -> str:
        if levels and words in self._levels:
            return self._levels[words]
        found = self._names.get(re.sub(r"\s", "", words), ())
        if len(found) == 1:
            return found[0]
        if not found:
            return note(column, f"没有「{words[:20]}」这个单位。写编码、名称或全称")
        return note(column, f"叫「{words[:20]}」的有 {len(found)} 个，请写编码：{'、'.join(found[:5])}")


def _by_name(pairs: Sequence[tuple[str, str]]) -> dict[str, tuple[str, ...]]:
    found: dict[str, dict[str, None]] = {}
    for key, name in pairs:
        found.setdefault(re.sub(r"\s", "", name), {})[key] = None
    return {name: tuple(keys) for name, keys in found.items()}


def categories(rules: Rules) -> list[tuple[str, str]]:
    """Give every name by which a category may be written, with its key."""
    tops = [(top.key, name) for top in rules.categories.tops for name in (top.key, top.title)]
    subs = [
        (sub.key, name)
        for sub in rules.categories
        for name in (sub.key, sub.title, f"{sub.top_title}·{sub.title}", sub.shown)
    ]
    return [*tops, *subs]


# -- writing -------------------------------------------------------------------------------
def write(directory: Directory, units: Units, rules: Rules) -> list[list[str]]:
    """Write the directory as a sheet."""
    return [list(HEADINGS), *(list(cells(entry, units, rules).values()) for entry in directory)]


def cells(entry: Entry, units: Units, rules: Rules) -> dict[str, str]:
    """Give what stands under each heading for one entry."""
    return {
        "类别": say_category(entry.category, rules),
        "地点": say_unit(entry.place, units) if entry.place else "全市",
        "主办": say_unit(entry.to, units),
        "岗位": rules.post(entry.post) if entry.post else "",
        "协办": "、".join(say_unit(each, units) for each in entry.helpers),
    }


def say_category(key: str, rules: Rules) -> str:
    """Say a category of either level as it reads back."""
    found, top = rules.categories.get(key), rules.categories.top(key)
    return f"{found.top_title}·{found.title}" if found else top.title if top else key or "全部"


def say_unit(key: str, units: Units) -> str:
    """Say a unit or a level as it reads back: the full name, or the code where two have the same."""
    if key in LEVELS:
        name = LEVEL_NAMES[key]
        return "市" if key == "city" else f"所在{name}"
    found = units.get(key)
    if found is None:
        return key
    alike = [unit for unit in units if not unit.closed and unit.full_name == found.full_name]
    return found.full_name if len(alike) == 1 else found.id
