"""One of the numbered options: by number, letter, ordinal, its words, part of its words, or another word for it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import cache, lru_cache

from dialogs.fields import confirm
from dialogs.fields.asked import WORDS_ALONE, Asked
from dialogs.lexicon import either, packaged
from dialogs.said import bare, joined, said, trimmed
from dialogs.understand import digit

_LONGEST = 60
_LETTER = re.compile(r"(?:选择?|第)?([a-z])(?:项|选项)?")
_NUMBERED = re.compile(r"(?:选择?|第)?([0-9]{1,2}|[一二三四五六七八九十])[\s.、,，:：)）]*(\D.+)")
_MARKS = re.compile(r"[\s·、,，。.:：;；!！?？()（）\"'“”「」/\-]+")


@cache
def _filler() -> re.Pattern[str]:
    return re.compile(f"{either(packaged('answers').words('choice_filler'))}*")


@cache
def _same() -> Mapping[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for group in packaged("answers").groups("same"):
        found.update(dict.fromkeys(group, group))
    return found


def read(text: str, asked: Asked) -> int | None:
    """Give the index (from 0) of the option meant, or None if none or several could be meant."""
    heard = said(text)
    labels = _labels(asked.options)
    if not heard or not labels or len(heard) > _LONGEST:
        return None
    plain = _plain(heard)
    if plain in labels:
        return labels.index(plain)
    by_number, by_words = _numbered(heard, len(labels)), _worded(plain, labels)
    if by_number is not None and by_words is not None:
        return by_number if by_number == by_words else None
    if by_number is not None:
        return by_number
    return _both(heard, labels) if by_words is None else by_words


@lru_cache(maxsize=256)
def _labels(options: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(_plain(option) for option in options)


def _plain(text: str) -> str:
    return _MARKS.sub("", said(text))


def _numbered(heard: str, count: int) -> int | None:
    letter = _LETTER.fullmatch(trimmed(joined(heard)))
    if letter:
        index = ord(letter[1]) - ord("a")
        return index if index < count else None
    return digit(heard, count)


def _both(heard: str, labels: tuple[str, ...]) -> int | None:
    """Read 「1、水电气热」, where number and words must agree, and 「好的」 to a yes and a no."""
    found = _NUMBERED.fullmatch(trimmed(heard))
    if found:
        number, words = digit(found[1], len(labels)), _worded(_plain(found[2]), labels)
        return number if number == words else None
    return _agreed(heard, labels)


def _agreed(heard: str, labels: tuple[str, ...]) -> int | None:
    meant = confirm.read(heard, WORDS_ALONE)
    if meant is None:
        return None
    alike = [index for index, label in enumerate(labels) if _stance(label) is meant]
    other = [index for index, label in enumerate(labels) if _stance(label) is (not meant)]
    return alike[0] if len(alike) == len(other) == 1 else None


@lru_cache(maxsize=256)
def _stance(label: str) -> bool | None:
    return confirm.read(label, WORDS_ALONE)


def _worded(plain: str, labels: tuple[str, ...]) -> int | None:
    """Match by words: the whole label, another word for it, part of it, or the label among filler."""
    forms = tuple(dict.fromkeys(form for form in (plain, _MARKS.sub("", bare(plain))) if form))
    tests = (_exactly, _alike, _part, _within, _short)
    for test in tests:
        for form in forms:
            found = {index for index, label in enumerate(labels) if test(form, label)}
            if found:
                return found.pop() if len(found) == 1 else None
    return None


@lru_cache(maxsize=256)
def _core(label: str) -> str:
    return bare(label)


def _exactly(form: str, label: str) -> bool:
    return form in {label, _core(label)}


def _alike(form: str, label: str) -> bool:
    same = _same().get(form, ())
    return label in same or _core(label) in same


def _part(form: str, label: str) -> bool:
    return len(form) >= 2 and form in label and not form.isdigit()


def _within(form: str, label: str) -> bool:
    """Tell whether the label, or a word for it, stands in the answer and the rest says nothing more."""
    return any(_surrounded(form, word) for word in _words_for(label))


def _surrounded(form: str, word: str) -> bool:
    if len(word) < 2 or word not in form:
        return False
    head, _, tail = form.partition(word)
    return all(_filler().fullmatch(rest) for rest in (head, tail))


def _words_for(label: str) -> Iterable[str]:
    return (label, *_same().get(label, ()))


def _short(form: str, label: str) -> bool:
    """Tell whether the answer shortens the label: the same beginning, its characters in order (社保, 社会保障)."""
    if len(form) < 2 or form[0] != label[:1] or not form.isalpha() or form.isascii():
        return False
    rest = iter(label)
    return all(letter in rest for letter in form)
