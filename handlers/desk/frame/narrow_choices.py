"""Units as they are picked from a list."""

from __future__ import annotations

from collections.abc import Set as AbstractSet

from dialogs.units import Units
from handlers.desk.frame.shown import Choice

# Beyond this a list is no help any more; grids are left out then, and found by their names.
_MANY = 400


def unit_choices(units: Units, seen: AbstractSet[str]) -> list[Choice]:
    """Give the units that somebody may pick, by the names that `unit_meant` reads."""
    found = [unit for unit in units if unit.id in seen and not unit.closed]
    if len(found) > _MANY:
        found = [unit for unit in found if unit.level != "grid"]
    return [Choice(value=unit.full_name, title=unit.name) for unit in found]
