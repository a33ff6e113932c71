"""Shared sentences as data, and the one way a sentence becomes words.

A `Line` is a sentence with values. The sentence is ours and is written in the member's script;
a plain value is theirs (a name, a place) and is put in afterwards, exactly as they wrote it. A
value that is a `Line` itself is ours and is converted too.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, lru_cache
from importlib import resources
from types import MappingProxyType
from typing import NamedTuple

from dialogs import reading
from dialogs.text import cut, in_traditional, size

_VALUE = re.compile(r"\{(\w+)\}")


_NO_VALUES: Mapping[str, str | Line] = MappingProxyType({})


class Line(NamedTuple):
    """One sentence (or paragraph): a template with `{value}` places, and what to put there.

    A turn makes a dozen of them, and a tuple is the cheapest value there is.
    """

    template: str
    values: Mapping[str, str | Line] = _NO_VALUES


def ours(text: str) -> Line:
    """Words of ours that come from data (an option, a unit's post), to be written in the member's script."""
    return Line(text.replace("{", "{{").replace("}", "}}") if "{" in text else text)


def theirs(text: str) -> Line:
    """Words of the member's, kept exactly as they are."""
    return Line("{words}", {"words": text})


@dataclass(frozen=True, slots=True)
class Wording:
    """All shared sentences by key. `hant` holds the few that are not a plain conversion."""

    hans: Mapping[str, str]
    hant: Mapping[str, str] = field(default_factory=dict)

    def line(self, key: str, /, **values: str | Line) -> Line:
        """Take a sentence by its key. An unknown key is our slip and raises KeyError."""
        return Line(self.hans[key], values)

    def render(self, lines: Iterable[Line], *, in_traditional: bool) -> str:
        """Write lines as one text, each on its own line."""
        return "\n".join([self._write(line, in_traditional) for line in lines])

    def _write(self, line: Line, in_traditional: bool) -> str:
        template, values = line
        if in_traditional:
            template = self._convert(template)
        if not values:
            return template.replace("{{", "{").replace("}}", "}") if "{" in template else template
        first, rest = _parts(template)
        written = [first]
        for name, text in rest:
            value = values.get(name, "")
            written += (self._write(value, in_traditional) if isinstance(value, Line) else value, text)
        return "".join(written)

    def _convert(self, template: str) -> str:
        return self.hant.get(template) or _traditional(template)

    def fit(self, parts: Sequence[str], limit: int, *, in_traditional: bool) -> tuple[list[str], list[str]]:
        """Cut to `limit` bytes in all, with a sentence that says how to see the rest; give the rest.

        Both keep the places of the parts; a part of which nothing is said, or nothing left, is empty there.
        """
        if size("\n".join(parts)) <= limit:
            return list(parts), [""] * len(parts)
        tail = "\n" + self._write(self.line("more"), in_traditional)
        left, heads, rests = limit - size(tail), list[str](), list[str]()
        for part in parts:
            head, rest = ("", part) if any(rests) else cut(part, max(left, 0))
            left -= size(head) + 1
            heads.append(head)
            rests.append(rest)
        last = max((place for place, head in enumerate(heads) if head), default=0)
        heads[last] += tail
        return heads, rests


@lru_cache(maxsize=4096)
def _parts(template: str) -> tuple[str, tuple[tuple[str, str], ...]]:
    """Part a template into its first words and, for each value, its name and the words that follow."""
    pieces = _VALUE.split(template)
    first, *words = [piece.replace("{{", "{").replace("}}", "}") for piece in pieces[::2]]
    return first, tuple(zip(pieces[1::2], words, strict=True))


@cache
def _traditional(template: str) -> str:
    return in_traditional(template)


def load(text: str) -> Wording:
    """Read a sentences file: `hans` by key, and `hant` where plain conversion is not good enough."""
    data = reading.read(text).value
    hans = {key: str(value).strip("\n") for key, value in data["hans"].items()}
    hant = {hans[key]: str(value).strip("\n") for key, value in (data.get("hant") or {}).items()}
    return Wording(hans, hant)


@cache
def packaged() -> Wording:
    """The sentences that come with the program."""
    return load(resources.files(__name__).joinpath("sentences.yaml").read_text(encoding="utf-8"))
