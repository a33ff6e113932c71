"""The organisation tree: 市, 区县, 街道镇, 社区村, 网格; found by code, by name as members say it, by place."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain
from math import asin, cos, radians, sin, sqrt
from typing import TYPE_CHECKING, Literal, get_args

from dialogs.text import fold

if TYPE_CHECKING:
    from dialogs.rules.shapes import Post

Level = Literal["city", "district", "town", "community", "grid"]
LEVELS: tuple[Level, ...] = get_args(Level)
_EARTH = 6_371_000.0
_ALIAS = 2  # the rank of an alias among a unit's names (see _Name)
_ENDINGS = (
    "经济技术开发区", "经济开发区", "开发区", "高新区", "街道办事处", "街道办", "街道", "居民委员会", "居委会",
    "社区", "村委会", "村", "镇", "乡", "区", "县", "市",
)  # fmt: skip
_AROUND = (
    "党群服务中心", "党员服务中心", "我们", "我家", "我", "就", "住在", "住", "在", "是", "那边", "这边", "附近",
    "里面", "这里", "那里", "那个", "这个", "小区", "的", "呢", "啊", "吧",
)  # fmt: skip
MANY = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Unit:
    """A node of the tree. Coordinates are GCJ-02 degrees; `scenes` are the codes of its stations.

    `hours` are its own opening hours from Monday (`09:00-12:00,13:30-17:30`, empty: not open); () is as the
    centre. A unit that is `closed` (since that day, 2026-11-23) stays, so that old cases keep a name; `into`
    is the unit that it was merged into.
    """

    id: str
    name: str
    full_name: str
    level: Level
    parent: str = ""
    scenes: tuple[str, ...] = ()
    latitude: float | None = None
    longitude: float | None = None
    committee: str = ""
    address: str = ""
    phone: str = ""
    aliases: tuple[str, ...] = ()
    hours: tuple[str, ...] = ()
    closed: str = ""
    into: str = ""

    @property
    def above(self) -> str:
        """The unit that answers for it: the one it was merged into, else its parent."""
        return self.into or self.parent

    @property
    def scene(self) -> str:
        """The code of its first station, or nothing."""
        return self.scenes[0] if self.scenes else ""

    def holder(self, post: Post) -> str:
        """Who will do it, as members hear it: 「新城社区党委的党务专干」, 「新城社区民生岗」."""
        if post.of == "committee" and self.committee:
            return f"{self.committee}的{post.title}"
        return f"{self.name}{post.title}"


@dataclass(frozen=True, slots=True)
class Slip:
    """Something wrong with the tree: the unit's place in the list, which of its fields, and what."""

    place: int
    part: str
    words: str


class UnitsError(ValueError):
    """The units are no tree: all slips are named."""

    def __init__(self, slips: Iterable[Slip]) -> None:
        self.slips = tuple(slips)
        super().__init__("；".join(slip.words for slip in self.slips))


@dataclass(frozen=True, slots=True)
class _Name:
    """One way to say a unit, folded. `rank`: full name 4, name 3, alias 2, short 1."""

    words: str
    unit: int
    rank: int


@dataclass(frozen=True, slots=True)
class _Books:
    """What the tree looks things up in, made once."""

    by_id: dict[str, Unit] = field(default_factory=dict)
    by_scene: dict[str, Unit] = field(default_factory=dict)
    children: dict[str, list[Unit]] = field(default_factory=dict)
    below: dict[str, list[str]] = field(default_factory=dict)
    under: dict[str, frozenset[str]] = field(default_factory=dict)
    names: list[_Name] = field(default_factory=list)
    by_letter: dict[str, list[_Name]] = field(default_factory=dict)


class Units:
    """All units. Raises UnitsError where ids repeat, parents are missing or the tree runs in a circle."""

    __slots__ = ("_books", "_reach", "all")

    def __init__(self, units: Sequence[Unit], reach_metres: int = 3000) -> None:
        slips = list(check(units))
        if slips:
            raise UnitsError(slips)
        self.all = tuple(units)
        self._reach = reach_metres
        self._books = _books(self.all)

    def __iter__(self) -> Iterator[Unit]:
        return iter(self.all)

    def __len__(self) -> int:
        return len(self.all)

    @property
    def root(self) -> Unit:
        """The unit above all others: the first without a parent."""
        return _root(self.all)

    def get(self, unit: str) -> Unit | None:
        """Give the unit of this id, closed ones too, or None."""
        return self._books.by_id.get(unit)

    def standing(self, unit: str) -> Unit | None:
        """Give the unit that does this one's work today: itself, or what a closed one was merged into or belonged to.

        None if there never was one of this id.
        """
        found = self._books.by_id.get(unit)
        return _standing(found, self._books.by_id, self.root) if found else None

    def by_scene(self, scene: str) -> Unit | None:
        """Give the unit to which this station's code leads today, or None."""
        return self._books.by_scene.get(scene.removeprefix("qrscene_"))

    def children(self, unit: str) -> tuple[Unit, ...]:
        """Give the units directly below that are not closed."""
        return tuple(self._books.children.get(unit, ()))

    def path(self, unit: str) -> tuple[Unit, ...]:
        """Give the units from the root down to this one; empty if there is none of this id."""
        up: list[Unit] = []
        here = self.get(unit)
        while here:
            up.append(here)
            here = self.get(here.above)
        return tuple(reversed(up))

    def subtree(self, unit: str) -> frozenset[str]:
        """Give the ids of this unit and of all below it; empty if there is none of this id.

        Closed ones belong to whoever answers for them now: nobody loses sight of an old case.
        """
        if unit not in self._books.by_id:
            return frozenset()
        kept = self._books.under.get(unit)
        if kept is None:
            kept = self._books.under[unit] = self._under(unit)
        return kept

    def _under(self, unit: str) -> frozenset[str]:
        found, waiting = {unit}, [unit]
        while waiting:
            below = self._books.below.get(waiting.pop(), [])
            found.update(below)
            waiting.extend(below)
        return frozenset(found)

    def above(self, unit: str, level: Level) -> Unit | None:
        """Give this unit or the one above it that is of this level."""
        return next((each for each in self.path(unit) if each.level == level), None)

    def nearest(
        self, latitude: float, longitude: float, level: Level = "community", within: float | None = None
    ) -> tuple[Unit, int] | None:
        """Give the nearest unit of this level and its distance in metres.

        None beyond `within` metres (by default the reach that the tree was made with).
        """
        limit = self._reach if within is None else within
        measured = [
            (_metres(latitude, longitude, unit.latitude, unit.longitude), unit.id, unit)
            for unit in self.all
            if unit.level == level and not unit.closed and unit.latitude is not None and unit.longitude is not None
        ]
        if not measured:
            return None
        metres, _, unit = min(measured)
        return (unit, round(metres)) if metres <= limit else None

    def by_name(self, text: str, level: Level | None = None) -> list[Unit]:
        """Give the units that these words may mean, best first; several where they are ambiguous.

        Full and short names, aliases and parts of names count, in both scripts. Words that name a
        town mean its communities too, when they are few. With `level`, only units of that level.
        """
        found = self._found(fold(text))
        if found and LEVELS.index(found[0].level) < LEVELS.index("community"):
            below = [self._books.by_id[each] for each in sorted(self.subtree(found[0].id), key=self._place)]
            communities = [unit for unit in below if unit.level == "community" and unit not in found]
            found += communities if len(communities) <= MANY else []
        if level is None:
            return found
        lifted = [unit if unit.level == level else self._lift(unit, level) for unit in found]
        return list(dict.fromkeys(unit for unit in lifted if unit))

    def compounds(self, words: str) -> list[tuple[str, Unit]]:
        """Give the names of compounds (aliases of communities) that stand in these folded words, with their units.

        A name within a longer one that stands there too is none.
        """
        near = chain.from_iterable(self._books.by_letter.get(letter, ()) for letter in set(words))
        said = {name.words: self.all[name.unit] for name in near if name.rank == _ALIAS and name.words in words}
        return [
            (name, unit)
            for name, unit in said.items()
            if unit.level == "community" and not any(name in other for other in said if other != name)
        ]

    def _lift(self, unit: Unit, level: Level) -> Unit | None:
        return self.above(unit.id, level) if LEVELS.index(unit.level) > LEVELS.index(level) else None

    def _place(self, unit: str) -> int:
        return self.all.index(self._books.by_id[unit])

    def _found(self, words: str) -> list[Unit]:
        scores = self._scores(words) or self._scores_of_parts(_bare(words))
        if len(scores) < 2:
            return [self.all[place] for place in scores]
        best = max(scores.values())
        named = {place for place, score in scores.items() if score >= best - 1}
        for place in list(scores):  # a parent that is named too only says where: 「玉山镇同心社区」
            unit = self.all[place]
            above = {each.id for each in self.path(unit.id)[:-1]}
            scores[place] += sum(1 for other in scores if self.all[other].id in above)
        named -= {place for place in named for other in named if self._holds(place, other)}
        top = max(scores[place] for place in named)
        order = sorted((place for place in named if scores[place] >= top), key=lambda place: (-scores[place], place))
        return [self.all[place] for place in order]

    def _holds(self, above: int, below: int) -> bool:
        return above != below and self.all[above] in self.path(self.all[below].id)[:-1]

    def _scores(self, words: str) -> dict[int, float]:
        """Units one of whose names stands in the words: the deeper and the longer the name, the better."""
        scores: dict[int, float] = {}
        for name in chain.from_iterable(self._books.by_letter.get(letter, ()) for letter in set(words)):
            if name.words in words:
                score = 10.0 * LEVELS.index(self.all[name.unit].level) + len(name.words) + name.rank
                if name.words == words:
                    score += 100
                scores[name.unit] = max(scores.get(name.unit, 0.0), score)
        return scores

    def _scores_of_parts(self, words: str) -> dict[int, float]:
        """Units whose name the words are the beginning or a part of; one character is too little."""
        if len(words) < 2:
            return {}
        scores: dict[int, float] = {}
        for name in self._books.names:
            if words in name.words and self.all[name.unit].level != "grid":
                score = 2.0 * name.words.startswith(words) + 1.0
                scores[name.unit] = max(scores.get(name.unit, 0.0), score)
        return scores


def check(units: Sequence[Unit]) -> Iterator[Slip]:
    """Everything that keeps these units from being one tree."""
    ids: set[str] = set()
    scenes: set[str] = set()
    parents = {unit.id: unit.above for unit in units}
    closed = {unit.id for unit in units if unit.closed}
    if not any(not unit.parent and not unit.closed for unit in units):
        yield Slip(0, "parent", "没有最上面的单位（不写 parent 的那一个）")
    for place, unit in enumerate(units):
        if unit.id in ids:
            yield Slip(place, "id", f"单位 {unit.id} 写了两次")
        ids.add(unit.id)
        for scene in () if unit.closed else unit.scenes:
            if scene in scenes:
                yield Slip(place, "scenes", f"场景值 {scene} 已经属于另一个单位")
            scenes.add(scene)
        if unit.above and unit.above not in parents:
            yield Slip(place, "parent", f"上级 {unit.above} 不存在")
        elif not unit.closed and unit.parent in closed:
            yield Slip(place, "parent", f"上级 {unit.parent} 已经停用")
        elif _circles(unit.id, parents):
            yield Slip(place, "parent", f"单位 {unit.id} 绕回了自己的下级")


def _circles(unit: str, parents: dict[str, str]) -> bool:
    seen: set[str] = set()
    here = unit
    while here in parents:
        if here in seen:
            return here == unit
        seen.add(here)
        here = parents[here]
    return False


def _books(units: tuple[Unit, ...]) -> _Books:
    books, root = _Books(by_id={unit.id: unit for unit in units}), _root(units)
    for unit in units:
        above = unit.above or ("" if unit is root else root.id if unit.closed else "")
        if above:
            books.below.setdefault(above, []).append(unit.id)
        if unit.parent and not unit.closed:
            books.children.setdefault(unit.parent, []).append(unit)
    for unit in sorted(units, key=lambda each: not each.closed):  # a code that is in use again leads to its new unit
        books.by_scene.update(dict.fromkeys(unit.scenes, _standing(unit, books.by_id, root)))
    for place, unit in enumerate(units):
        if unit.closed:
            continue
        above_names = _names_above(unit, books.by_id)
        books.names.extend(
            _Name(words, place, rank) for words, rank in _names(unit).items() if rank > 1 or words not in above_names
        )
    for name in books.names:
        books.by_letter.setdefault(name.words[0], []).append(name)
    return books


def _root(units: tuple[Unit, ...]) -> Unit:
    return next(unit for unit in units if not unit.parent and not unit.closed)


def _standing(unit: Unit, by_id: dict[str, Unit], root: Unit) -> Unit:
    while unit.closed:
        unit = by_id.get(unit.above) or root
    return unit


def _names_above(unit: Unit, by_id: dict[str, Unit]) -> set[str]:
    """Names of the units above: 「昆山」 is the city, never short for 「昆山高新区」."""
    names: set[str] = set()
    here = by_id.get(unit.parent)
    while here:
        names.update(_names(here))
        here = by_id.get(here.parent)
    return names


def _names(unit: Unit) -> dict[str, int]:
    """Every way to say a unit, folded, with its rank; the best rank where two are the same."""
    names = {fold(unit.full_name): 4}
    names.setdefault(fold(unit.name), 3)
    for alias in unit.aliases:
        names.setdefault(fold(alias), _ALIAS)
    short = _short(fold(unit.name))
    if len(short) >= 2 and unit.level != "grid":
        names.setdefault(short, 1)
    return {words: rank for words, rank in names.items() if words}


def _short(name: str) -> str:
    ending = next((end for end in _ENDINGS if name.endswith(end) and len(name) - len(end) >= 2), "")
    return name.removesuffix(ending)


def _bare(words: str) -> str:
    """Give the words without what people say around a place."""
    for around in _AROUND:
        words = words.replace(around, "")
    return _short(words.strip(" ,，。.!?？！"))


def _metres(latitude: float, longitude: float, to_latitude: float | None, to_longitude: float | None) -> float:
    """Great-circle distance (haversine)."""
    assert to_latitude is not None
    assert to_longitude is not None
    here, there = radians(latitude), radians(to_latitude)
    half = sin((there - here) / 2) ** 2 + cos(here) * cos(there) * sin(radians(to_longitude - longitude) / 2) ** 2
    return 2 * _EARTH * asin(sqrt(min(1.0, half)))
