"""Yes or no: 是 对 中 要得 👌 1 / 不 莫得 唔系 2. Hedges and counter-questions are asked again."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

from dialogs.fields.asked import Asked
from dialogs.lexicon import either, packaged
from dialogs.said import joined, pieces, said, trimmed
from dialogs.understand import digit

_LONGEST = 24
_TWICE = re.compile(r"(.{1,3}?)\1+")


@dataclass(frozen=True, slots=True)
class _Words:
    yes: frozenset[str]
    no: frozenset[str]
    unsure: frozenset[str]
    thanks: frozenset[str]
    particle: re.Pattern[str]
    interjection: re.Pattern[str]
    several: re.Pattern[str]


@cache
def _words() -> _Words:
    words = packaged("answers")
    yes = frozenset(words.words("yes") + words.words("yes_signs"))
    long = either([*(word for word in yes if len(word) > 1), *words.words("yes_signs")])
    return _Words(
        yes=yes,
        no=frozenset(words.words("no") + words.words("no_signs")),
        unsure=frozenset(words.words("unsure")),
        thanks=frozenset(words.words("thanks")),
        particle=re.compile(rf"(?<=.){either(words.words('particles'))}+\Z"),
        interjection=re.compile(either(words.words("interjections"))),
        several=re.compile(rf"[对是好嗯行]?{long}+"),
    )


def read(text: str, asked: Asked) -> bool | None:  # noqa: ARG001 - every reader is called alike
    """Read yes (True) or no (False); 「1」 and 「2」 are the two choices shown."""
    heard = said(text)
    if not heard or len(heard) > _LONGEST:
        return None
    whole = _polarity(joined(heard))
    if whole is not None or heard in _words().unsure:
        return whole
    chosen = digit(heard, 2)
    if chosen is not None:
        return chosen == 0
    parts = [part for part in pieces(heard) if part not in _words().thanks]
    found = {_polarity(_without_thanks(part)) for part in parts if not _only_interjection(part, len(parts))}
    return found.pop() if len(found) == 1 else None


def _polarity(part: str) -> bool | None:
    """Tell what one piece says. Two negations in one piece are never added up: 不是没有."""
    words = _words()
    part = trimmed(part) or part
    if part in words.unsure:
        return None
    for form in (part, words.particle.sub("", part), _TWICE.sub(r"\1", part), _after_interjection(part)):
        if form in words.yes:
            return True
        if form in words.no:
            return False
        if form in words.unsure:
            return None
    return True if words.several.fullmatch(_after_interjection(part)) else None


def _after_interjection(part: str) -> str:
    found = _words().interjection.match(part)
    return part[found.end() :] if found and found.end() < len(part) else part


def _only_interjection(part: str, count: int) -> bool:
    return count > 1 and _words().interjection.fullmatch(part) is not None


def _without_thanks(part: str) -> str:
    """「好的谢谢」 → 「好的」. Only thanks go: a particle may change what is meant (是吧, 对吗)."""
    for word in _words().thanks:
        if part != word and part.endswith(word):
            return part.removesuffix(word)
        if part != word and part.startswith(word):
            return part.removeprefix(word)
    return part
