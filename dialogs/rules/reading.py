"""Reading one dated rules file: a strict form, every mistake kept with its line."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from dialogs.reading import BadYamlError, Mistake, Path, Strict, Tree, read, slips


class Header(Strict):
    """What every rules file says about itself: where it is from, since when, when it was checked and will be again."""

    source: str
    in_force: date
    checked: date
    review: date


Form = TypeVar("Form", bound=BaseModel)


class RulesError(ValueError):
    """Rules files have mistakes: all of them are named, and the service does not start with them."""

    def __init__(self, mistakes: Iterable[Mistake]) -> None:
        self.mistakes = tuple(sorted(set(mistakes)))
        super().__init__("\n".join(map(str, self.mistakes)))


@dataclass(frozen=True, slots=True)
class Page:
    """One file in reading: its text and tree, and the list where its mistakes are gathered."""

    file: str
    text: str
    tree: Tree
    mistakes: list[Mistake]

    def line(self, path: Path, word: str = "") -> int:
        """Give the line (from 1) of the deepest part of the path; `word` looks on from there to where it stands."""
        line = self.tree.line(path)
        if not word:
            return line
        below = enumerate(self.text.splitlines()[line - 1 :], start=line)
        return next((number for number, words in below if word in words), line)

    def wrong(self, path: Path, words: str, word: str = "") -> None:
        """Note a mistake at this path."""
        self.mistakes.append(Mistake(self.file, self.line(path, word), words))

    def tried(self, path: Path, make: Callable[[], Any], default: Any, word: str = "") -> Any:
        """Give what `make` gives; a ValueError becomes a mistake here and `default` stands in: reading goes on."""
        try:
            return make()
        except ValueError as wrong:
            self.wrong(path, str(wrong), word)
            return default


def open_page(file: str, text: str, mistakes: list[Mistake]) -> Page | None:
    """Read the YAML of one file; None (and a mistake) where it cannot be read at all."""
    try:
        tree = read(text)
    except BadYamlError as wrong:
        mistakes.append(Mistake(file, wrong.line, str(wrong)))
        return None
    if not isinstance(tree.value, dict):
        mistakes.append(Mistake(file, 1, "应当是「键: 值」"))
        return None
    return Page(file, text, tree, mistakes)


def fill(page: Page, form: type[Form]) -> Form | None:
    """Fill a strict form from a page; None (and every mistake by its line) where it does not fit."""
    try:
        return form.model_validate(page.tree.value)
    except ValidationError as wrong:
        for path, words in slips(wrong):
            page.wrong(path, words)
        return None
