"""The dispatch directory (派单目录): which category at which place goes to which unit, who leads and who helps."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from types import MappingProxyType

ANY = ""
"""In place of a category or of a place: whatever it is, wherever it is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One row. `category` is a key of either level, `place` a unit in whose subtree it holds; ANY is any.

    `to` is the unit that leads (主办): its id, or a level (`community`: the one that the place lies in).
    `helpers` (协办) likewise. `post` is who does it there, '' as the category says.
    """

    category: str = ANY
    place: str = ANY
    to: str
    post: str = ""
    helpers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Directory:
    """One version of the directory and its day. No two entries are for the same category and place."""

    version: int
    since: date
    entries: tuple[Entry, ...]
    _by: Mapping[tuple[str, str], Entry] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        by = {(entry.category, entry.place): entry for entry in self.entries}
        object.__setattr__(self, "_by", MappingProxyType(by))

    def __iter__(self) -> Iterator[Entry]:
        return iter(self.entries)

    def get(self, category: str, place: str) -> Entry | None:
        """Give the entry that is for exactly this."""
        return self._by.get((category, place))

    def found(self, categories: Sequence[str], places: Sequence[str]) -> Iterator[Entry]:
        """Give the entries that fit, the nearest first: first by the category, then by the place."""
        for category in categories:
            for place in places:
                entry = self._by.get((category, place))
                if entry is not None:
                    yield entry
