"""A whole number of something: 3, 三个人, 大概3人, 俩, 一百二. A guess between two (两三个) is asked again."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from dialogs.fields.asked import Asked
from dialogs.lexicon import either, packaged
from dialogs.numerals import NUMERAL, whole
from dialogs.said import joined, said, trimmed

_LONGEST = 30
_MINUS = re.compile(r"(?:-|−|负)(.+)")


@dataclass(frozen=True, slots=True)
class _Words:
    around: re.Pattern[str]
    phrases: Mapping[str, int]


@cache
def _words() -> _Words:
    words = packaged("answers")
    before, after = either(words.words("integer_before")), either(words.words("integer_after"))
    units = either(words.words("integer_units"))
    phrases = {phrase: int(value) for value, each in words.table("integer_set").items() for phrase in each}
    phrases.update(dict.fromkeys(words.words("integer_none"), 0))
    return _Words(re.compile(rf"{before}*?([0-9,]+|{NUMERAL}+?)(?:{units})?{after}*"), phrases)


def read(text: str, asked: Asked) -> int | None:
    """Give the number if it lies within the bounds; without a minimum, below zero is asked again."""
    heard = said(text)
    value = _value(heard) if len(heard) <= _LONGEST else None
    floor = 0 if asked.minimum is None else asked.minimum
    if value is None or value < floor or (asked.maximum is not None and value > asked.maximum):
        return None
    return value


def _value(heard: str) -> int | None:
    minus = _MINUS.fullmatch(heard)
    if minus:
        below = whole(minus[1])
        return None if below is None else -below
    plain = trimmed(joined(heard))
    if plain in _words().phrases:
        return _words().phrases[plain]
    number = whole(plain)
    return _counted(plain) if number is None else number


def _counted(plain: str) -> int | None:
    found = _words().around.fullmatch(plain)
    return whole(found[1]) if found else None
