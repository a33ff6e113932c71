"""The city's units: five levels, each with a station and its code."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from random import Random
from typing import Any

from bot.city.script import script
from dialogs.units import Level, Unit

_NAMES = {"town": ("街道", "镇", "乡"), "community": ("社区", "村")}


def units(seed: int) -> tuple[Unit, ...]:
    """Make all units, the city first and parents before what is below them."""
    return tuple(_Tree(Random(f"tree/{seed}")).all())  # noqa: S311  it is to be the same each time


class _Tree:
    def __init__(self, chance: Random) -> None:
        self._chance, self._places = chance, script().places
        self._taken: set[str] = set()

    def all(self) -> Iterator[Unit]:
        told = self._places
        city = self._city(told["city"])
        districts = [self._district(each, city) for each in told["districts"]]
        towns = [
            town
            for unit, each, many in zip(districts, told["districts"], _shared(told, "towns"), strict=True)
            for town in self._towns(unit, each, many)
        ]
        communities = [
            each for town, many in zip(towns, self._many(towns), strict=True) for each in self._below(town, many)
        ]
        rest = told["stations"] - 1 - len(districts) - len(towns) - len(communities)
        step = max(1, len(communities) // max(rest, 1))
        grids = [self._grid(community) for community in communities[::step][:rest]]
        yield from (city, *districts, *towns, *communities, *grids)

    def _many(self, towns: list[Unit]) -> list[int]:
        """How many communities each town has: some more, some fewer, all together what was told."""
        total, least = self._places["communities"], 4
        cuts = sorted(self._chance.randrange(total - least * len(towns) + 1) for _ in towns[1:])
        return [least + end - begin for begin, end in zip([0, *cuts], [*cuts, total - least * len(towns)], strict=True)]

    def _city(self, told: Mapping[str, Any]) -> Unit:
        plain = {key: told[key] for key in ("id", "name", "committee", "latitude", "longitude")}
        scenes = (f"{told['id']}-000",)
        return Unit(
            **plain, full_name=told["name"], level="city", scenes=scenes, address=f"{told['name']}人民大街 1 号"
        )

    def _district(self, told: Mapping[str, Any], city: Unit) -> Unit:
        return Unit(
            id=told["id"],
            name=told["name"],
            full_name=f"{city.name}{told['name']}",
            level="district",
            parent=city.id,
            scenes=(f"{city.id}-{told['id']}",),
            latitude=told["latitude"],
            longitude=told["longitude"],
            committee=f"{told['name']}党工委",
            address=f"{city.name}{told['name']}政务大厅",
        )

    def _towns(self, above: Unit, told: Mapping[str, Any], many: int) -> Iterator[Unit]:
        for number in range(1, many + 1):
            kind = "街道" if self._chance.random() > told["rural"] else self._chance.choice(("镇", "镇", "乡"))
            yield self._unit(above, "town", self._name(kind), number, spread=0.08)

    def _below(self, town: Unit, many: int) -> Iterator[Unit]:
        kind = "社区" if town.name.endswith("街道") else "村"
        for number in range(1, many + 1):
            told = "社区" if kind == "村" and number == 1 else kind
            yield self._unit(town, "community", self._name(told, within=town.id), number, spread=0.02)

    def _grid(self, community: Unit) -> Unit:
        called = (
            f"{community.name.removesuffix('社区').removesuffix('村')}{self._chance.choice(self._places['buildings'])}"
        )
        return self._unit(community, "grid", called, 1, spread=0.003)

    def _unit(self, above: Unit, level: Level, name: str, number: int, *, spread: float) -> Unit:
        assert above.latitude is not None
        assert above.longitude is not None
        key = f"{above.id}-{'g' if level == 'grid' else ''}{number}"
        whole = f"{above.name if level == 'town' else above.full_name}{name}"
        return Unit(
            id=key,
            name=name,
            full_name=whole,
            level=level,
            parent=above.id,
            scenes=(f"cc-{key}",),
            latitude=round(above.latitude + self._chance.uniform(-spread, spread), 5),
            longitude=round(above.longitude + self._chance.uniform(-spread, spread), 5),
            committee=f"{name}党委" if level != "grid" else "",
            address=f"{whole}党群服务中心",
            aliases=self._compounds() if level == "community" else (),
        )

    def _compounds(self) -> tuple[str, ...]:
        return tuple(self._name(self._chance.choice(self._places["compounds"])) for _ in range(2))

    def _name(self, kind: str, within: str = "") -> str:
        """Give a name that nobody has yet; communities may be called alike in different towns, as they are."""
        told = self._places
        while True:
            parts = [self._chance.choice(told["first"]), self._chance.choice(told["second"])]
            if kind in told["compounds"]:
                parts.append(self._chance.choice(told["second"]))
            name = "".join(parts) + kind
            if f"{within}/{name}" not in self._taken:
                self._taken.add(f"{within}/{name}")
                return name


def _shared(told: Mapping[str, Any], what: str) -> list[int]:
    """Share out so many by the districts' shares, none left over."""
    shares = [each["share"] for each in told["districts"]]
    total: int = told[what]
    given: list[int] = []
    for place, share in enumerate(shares):
        left = sum(shares[place:])
        given.append(round((total - sum(given)) * share / left))
    return given
