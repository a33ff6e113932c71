"""Word lists as dated data: how a file in rules/ becomes words to match with.

A list is written as words with spaces between; a table as a mapping of such lists. Words are
folded on the way in, so that both scripts and both widths may stand in the files.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import TypeVar

from dialogs import reading
from dialogs.text import fold

T = TypeVar("T")

_DATED = ("source", "in_force", "checked", "review")


class BadWordsError(ValueError):
    """A word-list file lacks its date, its source or one of its lists; the message names the file."""


@dataclass(frozen=True, slots=True)
class Lexicon:
    """One file of words, by the name of the list. Missing names raise BadWordsError."""

    name: str
    data: Mapping[str, object]

    def words(self, key: str) -> tuple[str, ...]:
        """Give one list of words, folded."""
        return _split(self._get(key, str))

    def table(self, key: str) -> Mapping[str, tuple[str, ...]]:
        """Give a mapping of lists: its keys as written, its words folded."""
        found = self._get(key, dict)
        return {str(name): _split(str(value)) for name, value in found.items()}

    def values(self, key: str) -> Mapping[str, str]:
        """Give a mapping of single values, as written; the keys are folded."""
        found = self._get(key, dict)
        return {fold(str(name)): str(value) for name, value in found.items()}

    def lists(self, key: str) -> Mapping[str, tuple[str, ...]]:
        """Give a mapping of lists of patterns, as written."""
        found = self._get(key, dict)
        return {str(name): tuple(str(each) for each in value) for name, value in found.items()}

    def patterns(self, key: str) -> tuple[str, ...]:
        """Give a list of patterns, as written."""
        return tuple(str(each) for each in self._get(key, list))

    def text(self, key: str) -> str:
        """Give one sentence, as written."""
        return self._get(key, str)

    def labels(self, key: str) -> Mapping[str, str]:
        """Give a mapping of names to what is shown for them, both as written."""
        return {str(name): str(value) for name, value in self._get(key, dict).items()}

    def number(self, key: str) -> int:
        """Give one whole number."""
        return self._get(key, int)

    def rows(self, key: str) -> tuple[Lexicon, ...]:
        """Give a list of tables, each read like a file of its own."""
        return tuple(Lexicon(f"{self.name}: {key}", row) for row in self._get(key, list))

    def groups(self, key: str) -> tuple[tuple[str, ...], ...]:
        """Give a list of lists of words, folded."""
        return tuple(_split(str(each)) for each in self._get(key, list))

    def _get(self, key: str, shape: type[T]) -> T:
        found = self.data.get(key)
        if not isinstance(found, shape):
            raise BadWordsError(f"{self.name}: {key} is missing or not a {shape.__name__}")
        return found


def _split(text: str) -> tuple[str, ...]:
    return tuple(fold(word) for word in text.split())


def load(name: str, text: str) -> Lexicon:
    """Read a word-list file. Every file says its source, since when, when checked, when to check again."""
    data = reading.read(text).value
    missing = [key for key in _DATED if not isinstance(data, dict) or key not in data]
    if missing:
        raise BadWordsError(f"{name}: {', '.join(missing)} is missing")
    return Lexicon(name, data)


@cache
def packaged(name: str) -> Lexicon:
    """Read a file that comes with the program, from rules/, once."""
    file = resources.files("dialogs").joinpath("rules", f"{name}.yaml")
    return load(file.name, file.read_text(encoding="utf-8"))


def either(words: Iterable[str]) -> str:
    """Write words as one pattern that prefers the longest, branching at each character (so that it is quick)."""
    tree: dict[str, dict[str, object]] = {}
    for word in words:
        branch = tree
        for letter in word:
            branch = branch.setdefault(letter, {})  # type: ignore[assignment]
        branch[""] = {}
    return _branches(tree)


def _branches(tree: Mapping[str, Mapping[str, object]]) -> str:
    ways = [re.escape(letter) + _branches(rest) for letter, rest in tree.items() if letter]  # type: ignore[arg-type]
    if not ways:
        return ""
    if "" in tree:
        return f"(?:{'|'.join(ways)})?"
    return ways[0] if len(ways) == 1 else f"(?:{'|'.join(ways)})"
