"""The account's menu: at most three entries with at most five below each, as data in menu.yaml.

An entry's key is a word that members may type as well: menu, typed word and scanned code are one
registry. The platform switches off the menu made on its website once pushes are on, so this one
must be published (`hongyan menu push`).
"""

from __future__ import annotations

import unicodedata
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

from dialogs.reading import BadYamlError, Path, read


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One entry: a word to act on, or entries below it."""

    name: str
    word: str = ""
    below: tuple[Entry, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Menu:
    """The whole menu."""

    entries: tuple[Entry, ...]

    def body(self) -> dict[str, object]:
        """Write it as `menu/create` wants it."""
        return {"button": [_button(entry) for entry in self.entries]}


def packaged(known: Collection[str] | None = None) -> Menu:
    """Read menu.yaml, as `load` does."""
    return load(files(__package__).joinpath("menu.yaml").read_text(encoding="utf-8"), known, "menu.yaml")


def load(text: str, known: Collection[str] | None, source: str) -> Menu:
    """Read a menu's YAML. Raises ValueError with every mistake, one a line, by file and line.

    `known` are the words of the services and commands; None leaves the entries' words unchecked.
    """
    try:
        tree = read(text)
    except BadYamlError as wrong:
        raise ValueError(f"{source}:{wrong.line}: {wrong}") from None
    try:
        mistakes = [f"{source}:{tree.line(path)}: {what}" for path, what in _mistakes(tree.value, known)]
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"{source}:1: not a menu ({type(error).__name__}: {error})") from None
    if mistakes:
        raise ValueError("\n".join(mistakes))
    return Menu(entries=tuple(_entry(row) for row in tree.value["menu"]))


def _entry(row: Mapping[str, Any]) -> Entry:
    below = tuple(_entry(one) for one in row.get("below", ()))
    return Entry(name=str(row["name"]), word=str(row.get("word", "")), below=below)


def _button(entry: Entry) -> dict[str, object]:
    if entry.below:
        return {"name": entry.name, "sub_button": [_button(one) for one in entry.below]}
    return {"type": "click", "name": entry.name, "key": entry.word}


def _mistakes(menu: Any, known: Collection[str] | None) -> Iterator[tuple[Path, str]]:
    limits, rows = menu["limits"], menu["menu"]
    if not 1 <= len(rows) <= limits["entries"]:
        yield ("menu",), f"a menu has 1 to {limits['entries']} entries, not {len(rows)}"
    for place, row in enumerate(rows):
        path: Path = ("menu", place)
        yield from _row_mistakes(path, row, limits["name"], known)
        below = row.get("below", ())
        if len(below) > limits["below"]:
            yield (*path, "below"), f"「{row['name']}」 has {len(below)} entries below it; {limits['below']} fit"
        for number, one in enumerate(below):
            yield from _row_mistakes((*path, "below", number), one, limits["name_below"], known)
            if "below" in one:
                yield (*path, "below", number, "below"), "a menu has two levels only"


def _row_mistakes(path: Path, row: Any, limit: int, known: Collection[str] | None) -> Iterator[tuple[Path, str]]:
    name, word = str(row["name"]), str(row.get("word", ""))
    if not name.strip() or _width(name) > limit:
        yield (*path, "name"), f"「{name}」: a name here has 1 to {limit // 2} Chinese characters"
    if bool(word) == bool(row.get("below")):
        yield (*path, "name"), f"「{name}」 needs either a word or entries below it"
    if word and known is not None and word not in known:
        yield (*path, "word"), f"「{word}」 is no word of a service or command"
    if unknown := [key for key in row if key not in {"name", "word", "below"}]:
        yield (*path, unknown[0]), f"「{name}」 has no use for {', '.join(map(str, unknown))}"


def _width(name: str) -> int:
    return sum(2 if unicodedata.east_asian_width(char) in "WFA" else 1 for char in name)
