"""What an administrator does to the organisation: pure. The tree goes in, what shall be kept comes out, or why not.

Every change has its day, so that a unit's parent at any past day can be told. Units are never deleted: one that is
closed or merged keeps its row, so that old cases keep its name.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Literal

from dialogs.desk.units_sheet import LEVEL_NAMES
from dialogs.units import LEVELS, Unit, Units

What = Literal["made", "changed", "moved", "merged", "closed"]
_NOT_YET = "日期不能在今天以后：到了那天再来办"


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What became of one unit, and from which day on."""

    what: What
    day: date
    before: Unit | None
    after: Unit

    @property
    def unit(self) -> str:
        """The unit's id."""
        return self.after.id


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """The organisation as it shall be, and the changes that lead there."""

    units: tuple[Unit, ...]
    changes: tuple[Change, ...]

    @property
    def closing(self) -> tuple[str, ...]:
        """The units that go: none of them may have an open case."""
        return tuple(change.unit for change in self.changes if change.after.closed)

    def count(self, what: What) -> int:
        """Count the changes of one kind."""
        return sum(1 for change in self.changes if change.what == what)


@dataclass(frozen=True, slots=True, kw_only=True)
class Impossible:
    """Why it cannot be done, in words for whoever wished it."""

    reasons: tuple[str, ...]


def add(tree: Units, unit: Unit, day: date) -> Plan | Impossible:
    """Add a unit below another."""
    reasons = [*_wrong_place(tree, unit, unit.parent), *_taken_scenes(tree, unit)]
    if tree.get(unit.id):
        reasons.insert(0, f"编码 {unit.id} 已经有单位在用：{_name(tree, unit.id)}")
    return _planned(tree, reasons, Change(what="made", day=day, before=None, after=unit))


def edit(tree: Units, unit: Unit, day: date) -> Plan | Impossible:
    """Change what is said of a unit; its parent stays, and whether it is open too."""
    before = tree.get(unit.id)
    if before is None or before.closed:
        return Impossible(reasons=("这个单位已经停用，不能再改",))
    after = replace(unit, parent=before.parent, level=before.level, closed="", into="")
    if after == before:
        return Plan(units=tree.all, changes=())
    return _planned(tree, _taken_scenes(tree, after), Change(what="changed", day=day, before=before, after=after))


def move(
    tree: Units, unit: str, parent: str, day: date, *, today: date, history: Sequence[Change] = ()
) -> Plan | Impossible:
    """Put a unit with all below it under another parent, from a day on."""
    before = tree.get(unit)
    if before is None or before.closed:
        return Impossible(reasons=("这个单位已经停用，不能再移",))
    reasons = [*_wrong_day(day, today, history), *_wrong_place(tree, before, parent)]
    if not before.parent:
        reasons = ["最上面的单位没有上级，不能移"]
    elif parent == before.parent:
        reasons = [f"它已经在{_name(tree, parent)}下面了"]
    after = replace(before, parent=parent)
    return _planned(tree, reasons, Change(what="moved", day=day, before=before, after=after))


def merge(
    tree: Units, unit: str, into: str, day: date, *, today: date, history: Sequence[Change] = ()
) -> Plan | Impossible:
    """Merge a unit into another, from a day on: what is below it goes along, its codes lead there."""
    before, target = tree.get(unit), tree.get(into)
    if before is None or before.closed:
        return Impossible(reasons=("这个单位已经停用",))
    reasons = list(_wrong_day(day, today, history))
    if not before.parent:
        reasons.append("最上面的单位不能并入别的单位")
    if target is None or target.closed:
        return Impossible(reasons=(*reasons, "请选择并到哪个单位"))
    if into in tree.subtree(unit):
        reasons.append(f"不能并入自己或自己的下级（{target.name}）")
    children = tree.children(unit)
    reasons += [
        f"{child.name}是{LEVEL_NAMES[child.level]}，不能放到{target.name}下面：先把它移走"
        for child in children
        if LEVELS.index(child.level) <= LEVELS.index(target.level)
    ]
    after = replace(before, closed=day.isoformat(), into=into)
    moved = [Change(what="moved", day=day, before=child, after=replace(child, parent=into)) for child in children]
    return _planned(tree, reasons, *moved, Change(what="merged", day=day, before=before, after=after))


def close(tree: Units, unit: str, day: date, *, today: date, history: Sequence[Change] = ()) -> Plan | Impossible:
    """Close a unit from a day on. What is below it must have gone elsewhere first."""
    before = tree.get(unit)
    if before is None or before.closed:
        return Impossible(reasons=("这个单位已经停用",))
    reasons = list(_wrong_day(day, today, history))
    if not before.parent:
        reasons.append("最上面的单位不能停用")
    below = tree.children(unit)
    if below:
        names = "、".join(child.name for child in below[:10])
        reasons.append(f"下面还有 {len(below)} 个单位：{names}。先移走、合并或停用它们")
    after = replace(before, closed=day.isoformat())
    return _planned(tree, reasons, Change(what="closed", day=day, before=before, after=after))


def become(tree: Units | None, wanted: Sequence[Unit], day: date) -> Plan:
    """Make the organisation what a sheet says, from a day on: what it does not name is closed.

    An uppermost unit that is gone has become the new one: its people and old cases are that one's.
    """
    known: Mapping[str, Unit] = {unit.id: unit for unit in tree or ()}
    named = {unit.id for unit in wanted}
    root = next(unit.id for unit in wanted if not unit.parent)
    changes = [change for unit in wanted if (change := _became(known.get(unit.id), unit, day))]
    gone = []
    for unit in tree or ():
        if unit.id in named:
            continue
        if unit.closed:
            gone.append(unit)
            continue
        into = "" if unit.parent else root
        after = replace(unit, closed=day.isoformat(), into=into)
        changes.append(Change(what="merged" if into else "closed", day=day, before=unit, after=after))
        gone.append(after)
    return Plan(units=(*wanted, *gone), changes=tuple(changes))


def parent_on(unit: Unit, day: date, history: Sequence[Change]) -> str:
    """Tell which parent a unit had on a day; '' for the uppermost and for days before there was the unit.

    `history` is the unit's, oldest first.
    """
    for change in reversed(history):
        if change.day <= day:
            return change.after.parent
    first = history[0].before if history else unit
    return first.parent if first else ""


def _became(before: Unit | None, unit: Unit, day: date) -> Change | None:
    if before is None or before.closed:
        return Change(what="made", day=day, before=before, after=unit)
    if before == unit:
        return None
    return Change(what="moved" if before.parent != unit.parent else "changed", day=day, before=before, after=unit)


def _planned(tree: Units, reasons: Sequence[str], *changes: Change) -> Plan | Impossible:
    if reasons:
        return Impossible(reasons=tuple(dict.fromkeys(reasons)))
    changed = {change.unit: change.after for change in changes}
    kept = [changed.pop(unit.id, unit) for unit in tree]
    return Plan(units=(*kept, *changed.values()), changes=changes)


def _wrong_day(day: date, today: date, history: Sequence[Change]) -> list[str]:
    if day > today:
        return [_NOT_YET]
    last = max((change.day for change in history), default=day)
    return [f"{last} 已经有过改动，日期不能在它以前"] if day < last else []


def _wrong_place(tree: Units, unit: Unit, parent: str) -> list[str]:
    above = tree.get(parent)
    if above is None or above.closed:
        return ["请选择上级单位"]
    if parent in tree.subtree(unit.id):
        return [f"不能放到自己或自己的下级（{above.name}）下面"]
    if LEVELS.index(unit.level) <= LEVELS.index(above.level):
        return [f"{LEVEL_NAMES[unit.level]}不能在{LEVEL_NAMES[above.level]}（{above.name}）下面"]
    return []


def _taken_scenes(tree: Units, unit: Unit) -> list[str]:
    """A code that leads to another unit that is open; what a closed one had may be used again."""
    return [
        f"场景码 {scene} 已经通到{other.name}，一个码只能通到一个单位"
        for other in tree
        if other.id != unit.id and not other.closed
        for scene in unit.scenes
        if scene in other.scenes
    ]


def _name(tree: Units, unit: str) -> str:
    found = tree.get(unit)
    return found.name if found else unit
