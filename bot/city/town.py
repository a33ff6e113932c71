"""One city put together: units, people and rules, as the makers of cases ask for them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from itertools import accumulate
from random import Random

from bot.city.crew import Crew, Person, crew
from bot.city.script import script
from bot.city.tree import units
from bot.snapshots import Shelf, packaged
from dialogs.desk.cases import Act
from dialogs.facts import Snapshots
from dialogs.units import Unit


@dataclass(frozen=True, slots=True)
class Town:
    """The city. `homes` are the communities, with how many cases the earlier ones have (cumulative)."""

    known: Snapshots
    crew: Crew
    people: Mapping[str, Person]
    homes: tuple[Unit, ...]
    busy: tuple[float, ...]
    _able: dict[tuple[str, Act], tuple[Person, ...]] = field(default_factory=dict)

    def able(self, unit: str, act: Act) -> tuple[Person, ...]:
        """Give who may do this to a case of this unit: its own people, else those of the nearest unit above."""
        found = self._able.get((unit, act))
        if found is None:
            told = [person for person in self.crew.get(unit, ()) if act in self.known.rules.may(person.post)]
            above = self.known.units.get(unit)
            found = tuple(told) or (self.able(above.above, act) if above and above.above else ())
            self._able[unit, act] = found
        return found

    def home(self, chance: Random) -> Unit:
        """Choose a community: a few have many cases, most have few."""
        return chance.choices(self.homes, cum_weights=self.busy)[0]


def dress(shelf: Shelf, all_units: tuple[Unit, ...]) -> None:
    """Make a shelf's material that of the city."""
    shelf.put_units(all_units)
    shelf.put_centre(**script().places["centre"])


@cache
def town(seed: int) -> Town:
    """Build the city of a seed, once a process."""
    all_units = units(seed)
    shelf = Shelf(packaged())
    dress(shelf, all_units)
    people = crew(all_units, seed)
    homes = tuple(unit for unit in all_units if unit.level == "community")
    chance = Random(f"busy/{seed}")  # noqa: S311
    shares = [chance.expovariate(1) * (3 if unit.name.endswith("社区") else 1) + 0.1 for unit in homes]
    return Town(
        shelf(),
        people,
        {person.name: person for some in people.values() for person in some},
        homes,
        tuple(accumulate(shares)),
    )
