"""Where a matter goes, and why: pure. Category and place in, unit, post and helpers out, by the dispatch directory."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from dialogs.desk.directory import ANY, Entry
from dialogs.units import LEVELS, Unit

if TYPE_CHECKING:
    from dialogs.rules import Rules
    from dialogs.units import Units


@dataclass(frozen=True, slots=True, kw_only=True)
class Routed:
    """Where a matter goes. `spot` is the unit in whose area it is, `version` the directory's that sent it.

    `post` is '' where the directory leaves it to the category; `why` is one line for the desk.
    """

    unit: Unit
    spot: Unit
    post: str = ""
    helpers: tuple[Unit, ...] = ()
    version: int = 0
    why: str = ""


def route(category: str, spot: Unit, units: Units, rules: Rules) -> Routed:
    """Give the nearest entry's unit; where no entry fits, or its unit is no more, the unit of the place itself.

    First by the category (second level, first level, any), then by the place, from the place upwards.
    """
    directory = rules.directory
    places = [each.id for each in reversed(units.path(spot.id))]
    top = rules.categories.top_of(category)
    keys = [category, top.key, ANY] if top else [ANY]
    for entry in directory.found(keys, [*places, ANY]):
        unit = meant(entry.to, spot, units)
        if unit is not None:
            helpers = dict.fromkeys(meant(each, spot, units) for each in entry.helpers)
            return Routed(
                unit=unit,
                spot=spot,
                post=entry.post,
                helpers=tuple(each for each in helpers if each is not None and each != unit),
                version=directory.version,
                why=_why(entry, category, unit, spot, rules),
            )
    unwritten = f"派单目录 第 {directory.version} 版没有写这一类，" if top else ""
    why = f"{unwritten}按地点归{spot.name}"
    return Routed(unit=spot, spot=spot, version=directory.version, why=why)


def meant(to: str, spot: Unit, units: Units) -> Unit | None:
    """Give the unit that an entry means for a place: a level is the one above the place, or the nearest there is."""
    if to not in LEVELS:
        return units.standing(to)
    level = LEVELS.index(to)
    path = [each for each in units.path(spot.id) if LEVELS.index(each.level) <= level]
    return path[-1] if path else None


def _why(entry: Entry, category: str, unit: Unit, spot: Unit, rules: Rules) -> str:
    found = rules.categories.get(category)
    what = found.title if found else "这件事"
    if entry.category and found and entry.category == found.top:
        what = f"{found.top_title}（{found.title}）"
    version = f"派单目录 第 {rules.directory.version} 版"
    where = "地点就在这里" if unit == spot else f"地点在{spot.name}"
    return f"{what}归{unit.name}（{version}），{where}"
