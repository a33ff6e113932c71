"""The organisation in words for its page: the tree, one unit's form, what may be done to it, what became of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import assert_never
from zoneinfo import ZoneInfo

from dialogs.desk.organisation import Change
from dialogs.desk.units_sheet import LEVEL_NAMES, cells
from dialogs.units import LEVELS, Unit, Units
from storage.units import Recorded

# A form's fields by the heading that the sheet has for them: both are read by the same rules.
FIELDS = {
    "name": "名称",
    "committee": "党组织",
    "full": "全称",
    "address": "地址",
    "phone": "电话",
    "scenes": "场景码",
    "latitude": "纬度",
    "longitude": "经度",
    "aliases": "别名",
    "hours": "工作时间",
}
HINTS = {
    "full": "办理时读给群众听的全名",
    "scenes": "站点二维码里的码，几个用顿号隔开",
    "aliases": "小区名、老地名，几个用顿号隔开",
    "hours": "和中心一样就空着。例：周一至周五 09:00-12:00,13:30-17:30；周六 09:00-11:30",
}
# Beyond so many suggestions a list helps nobody; a name or a code that is typed is found all the same.
_SUGGESTED = 200
_FOUND = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """A unit in the tree with those below it."""

    id: str
    name: str
    level: str
    closed: bool = False
    open: bool = False
    below: tuple[Node, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One field of a form; `wrong` says what is wrong with what stands in it."""

    key: str
    label: str
    value: str
    hint: str = ""
    wrong: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """A unit that may be meant, suggested while one types."""

    code: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitView:
    """One unit on its page."""

    id: str
    name: str
    level: str
    path: str
    closed: str
    top: bool
    stations: int
    fields: tuple[Field, ...]
    parents: tuple[Choice, ...]
    siblings: tuple[Choice, ...]
    lower: tuple[str, ...]
    history: tuple[str, ...]


def tree(units: Units, root: str, chosen: str) -> tuple[Node, ...]:
    """Give the tree below a unit, opened along the way to the one that is chosen."""
    way = {unit.id for unit in units.path(chosen)}
    top = units.get(root)
    return (_node(units, top, way, chosen, first=True),) if top else ()


def found(units: Units, rights: AbstractSet[str], words: str) -> tuple[Node, ...]:
    """Give the units that these words name: by code, by station, by name as members say it, by any part of a name."""
    said = [units.get(words), units.by_scene(words), *units.by_name(words)]
    parts = [unit for unit in units if words in unit.full_name or words in unit.id or words in unit.name]
    all_ = dict.fromkeys(unit for unit in (*said, *parts) if unit and unit.id in rights)
    return tuple(_leaf(unit) for unit in list(all_)[:_FOUND])


def unit_view(
    units: Units,
    unit: Unit,
    history: Sequence[Recorded],
    rights: AbstractSet[str],
    zone: ZoneInfo,
    *,
    typed: Mapping[str, str] | None = None,
    wrong: Mapping[str, str] | None = None,
) -> UnitView:
    """Put one unit into words; `typed` and `wrong` are what came with a form that was not kept, and why."""
    held = cells(unit)
    depth = LEVELS.index(unit.level)
    below = units.subtree(unit.id)
    open_ = [each for each in units if not each.closed and each.id in rights and each.id not in below]
    return UnitView(
        id=unit.id,
        name=unit.name,
        level=LEVEL_NAMES[unit.level],
        path=" › ".join(each.name for each in units.path(unit.id)),
        closed=_closed(units, unit),
        top=not unit.parent or unit.parent not in rights,
        stations=len(unit.scenes),
        fields=tuple(
            Field(
                key=key,
                label=heading,
                value=(typed or {}).get(key, held[heading]),
                hint=HINTS.get(key, ""),
                wrong=(wrong or {}).get(heading, ""),
            )
            for key, heading in FIELDS.items()
        ),
        parents=_choices(each for each in open_ if LEVELS.index(each.level) < depth and each.id != unit.parent),
        siblings=_choices(each for each in open_ if each.level == unit.level),
        lower=tuple(LEVEL_NAMES[level] for level in LEVELS[depth + 1 :]),
        history=tuple(_told(units, each, zone) for each in reversed(history)),
    )


def _node(units: Units, unit: Unit, way: AbstractSet[str], chosen: str, *, first: bool = False) -> Node:
    below = tuple(_node(units, child, way, chosen) for child in units.children(unit.id))
    return Node(id=unit.id, name=unit.name, level=LEVEL_NAMES[unit.level], open=first or unit.id in way, below=below)


def _leaf(unit: Unit) -> Node:
    return Node(id=unit.id, name=unit.full_name, level=LEVEL_NAMES[unit.level], closed=bool(unit.closed))


def _choices(units: Iterable[Unit]) -> tuple[Choice, ...]:
    return tuple(Choice(code=unit.id, name=unit.full_name) for unit in list(units)[:_SUGGESTED])


def _closed(units: Units, unit: Unit) -> str:
    if not unit.closed:
        return ""
    into = units.get(unit.into)
    return f"{unit.closed} 起并入{into.name}" if into else f"{unit.closed} 起停用"


def _told(units: Units, recorded: Recorded, zone: ZoneInfo) -> str:
    change = recorded.change
    at = recorded.at.astimezone(zone)
    by = "表格导入" if recorded.by == "import" else recorded.by
    return f"{change.day} 起{_became(units, change)}（{by}，{at:%Y-%m-%d %H:%M} 记）"


def _became(units: Units, change: Change) -> str:
    before, after = change.before, change.after
    match change.what:
        case "made":
            return f"设在{_name(units, after.parent)}下面" if after.parent else "设为最上面的单位"
        case "changed":
            held = cells(before) if before else {}
            return f"改了{'、'.join(heading for heading, value in cells(after).items() if held.get(heading) != value)}"
        case "moved":
            return f"从{_name(units, before.parent if before else '')}移到{_name(units, after.parent)}"
        case "merged":
            return f"并入{_name(units, after.into)}"
        case "closed":
            return "停用"
        case _:
            assert_never(change.what)


def _name(units: Units, unit: str) -> str:
    found_ = units.get(unit)
    return found_.name if found_ else unit
