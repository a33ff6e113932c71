"""What staff look for, and where it stands in words: reading what was typed, pairs of characters, what to mark.

Words are folded character by character, so that a place in the folded text is a place in the text as written.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from dialogs.fields import phone
from dialogs.fields.asked import Asked
from dialogs.numbers import meant, parse
from dialogs.text import fold

LONGEST = 60
"""Characters of what is looked for; nobody types more into a find box."""

_RUN = re.compile(r"[^\W_]+")
_TAIL = re.compile(r"[0-9]{4}")
_NAME = re.compile(r"[^\W\d_]+(?:[ ·.'-][^\W\d_]+)*")
_BEFORE = 12  # characters of a line that are shown before the first hit


@dataclass(frozen=True, slots=True, kw_only=True)
class Sought:
    """What somebody looks for: everything that the words may mean. `terms` are folded; '' or () where it is not that.

    `whole` is a case number with its check figure, `serials` the numbers that a serial alone may mean, newest first.
    """

    said: str
    whole: str = ""
    serials: tuple[str, ...] = ()
    name: str = ""
    phone: str = ""
    tail: str = ""
    terms: tuple[str, ...] = ()

    @property
    def nothing(self) -> bool:
        """Tell whether there is nothing that could be looked for."""
        return not (self.whole or self.serials or self.name or self.phone or self.tail or self.grams)

    @property
    def grams(self) -> frozenset[str]:
        """The pairs of characters that a text must hold; none where a single character was typed."""
        found = frozenset[str]().union(*map(grams, self.terms))
        return frozenset(each for each in found if len(each) > 1)


def sought(typed: str, today: date) -> Sought:
    """Read what was typed into the find box."""
    said = " ".join(typed.split())[:LONGEST]
    whole = parse(said)
    if whole:
        return Sought(said=said, whole=whole)
    folded = _folded(said)[0]
    figures = re.sub(r"\s", "", folded)
    return Sought(
        said=said,
        serials=tuple(meant(said, today)),
        name=said if _NAME.fullmatch(said) else "",
        phone=phone.read(said, Asked()) or "" if len(figures) > 6 else "",
        tail=figures if _TAIL.fullmatch(figures) else "",
        terms=tuple(dict.fromkeys(folded.split())),
    )


def grams(text: str) -> set[str]:
    """Give the pairs of neighbouring characters of each run of letters and figures; a lone one stands for itself."""
    found = set[str]()
    for run in _RUN.findall(_folded(text)[0]):
        found.update([run] if len(run) == 1 else (run[at : at + 2] for at in range(len(run) - 1)))
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A piece of a line as it is shown; `hit` where it is what was looked for."""

    words: str
    hit: bool = False


def parts(line: str, terms: Sequence[str], most: int = 60) -> tuple[Part, ...]:
    """Cut a line around the first hit, at most so many characters of it, hits apart; nothing where none is in it."""
    spans = _spans(line, terms)
    if not spans:
        return ()
    start = max(spans[0][0] - _BEFORE, 0) if len(line) > most else 0
    end = min(start + most, len(line))
    cut, at = [Part(words="…")] if start else [], start
    for left, right in spans:
        if left >= end:
            break
        if left > at:
            cut.append(Part(words=line[at:left]))
        cut.append(Part(words=line[left : min(right, end)], hit=True))
        at = right
    if at < end:
        cut.append(Part(words=line[at:end]))
    return tuple(cut if end == len(line) else [*cut, Part(words="…")])


def holds(line: str, term: str) -> bool:
    """Tell whether a line holds a term, whatever signs stand between its parts."""
    return bool(_spans(line, (term,)))


def _spans(line: str, terms: Sequence[str]) -> list[tuple[int, int]]:
    """Give the places of all terms in the line as written, in order and apart."""
    folded, places = _folded(line)
    marks = bytearray(len(line))
    for term in terms:
        runs = _RUN.findall(term)
        for found in re.finditer(r"[\W_]*".join(map(re.escape, runs)), folded) if runs else ():
            left, right = places[found.start()], places[found.end() - 1] + 1
            marks[left:right] = b"\1" * (right - left)
    return [found.span() for found in re.finditer(b"\1+", bytes(marks))]


def _folded(text: str) -> tuple[str, list[int]]:
    """Fold a text, with the place of each folded character in it."""
    folded, places = [], []
    for at, letter in enumerate(text):
        for each in _letter(letter):
            folded.append(each)
            places.append(at)
    return "".join(folded), places


@lru_cache(maxsize=20_000)
def _letter(letter: str) -> str:
    return " " if letter.isspace() else fold(letter)
