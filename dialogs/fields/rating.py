"""How satisfied, from 1 to 5: 5, 四分, 三颗星, ⭐⭐⭐⭐, 很满意, 一般, 差评."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from dialogs.fields.asked import Asked
from dialogs.lexicon import either, packaged
from dialogs.numerals import whole
from dialogs.said import Wrapping, bare, joined, said, trimmed, wrapping

_LONGEST = 30
_STARS = re.compile("[⭐★🌟✨]{1,5}[☆✩]{0,4}")
_BREAKS = re.compile(r"[\s，,。.、!！~～]+")
_MINUS = re.compile(r"[-−—]\s*[0-9]|负")
_NUMERAL = re.compile("[0-9一二两三四五壹贰叁肆伍]")
_EDGE = re.compile(r"\A[\s，,。、!！~～]+|[\s，,。.、!！~～]+\Z")


@dataclass(frozen=True, slots=True)
class _Words:
    grades: Mapping[str, int]
    around: Wrapping
    scored: re.Pattern[str]


@cache
def _words() -> _Words:
    words = packaged("answers")
    return _Words(
        grades={word: int(grade) for grade, each in words.table("rating").items() for word in each},
        around=wrapping(words.words("rating_before"), words.words("rating_after")),
        scored=re.compile(rf"(.+?)(?:{either(words.words('rating_units'))})?"),
    )


def read(text: str, asked: Asked) -> int | None:  # noqa: ARG001 - every reader is called alike
    """Give 1 (very dissatisfied) to 5 (very satisfied); any other scale is asked again."""
    heard = joined(said(text))
    if not heard or len(heard) > _LONGEST or _MINUS.match(heard):
        return None
    stars = _STARS.fullmatch(heard)
    if stars:
        return sum(each in "⭐★🌟✨" for each in heard)
    return _grade(heard) or _of_pieces(heard)


def _of_pieces(heard: str) -> int | None:
    """Read 「5分，非常满意」: the pieces that give a grade must give the same one."""
    parts = [part for part in _BREAKS.split(heard) if part]
    grades = [_grade(part) for part in parts if part not in packaged("answers").words("thanks")]
    return grades[0] if len(parts) > 1 and len(set(grades)) == 1 else None


def _grade(heard: str) -> int | None:
    words, plain = _words(), _EDGE.sub("", heard)
    if len(plain) > 16:
        return None
    if plain in words.grades:
        return words.grades[plain]
    forms = [plain[start:end] for start in words.around.starts(plain) for end in words.around.ends(plain)]
    for form in (*forms, bare(plain)):
        grade = words.grades.get(form) or _score(form)
        if grade:
            return grade
    return None


def _score(form: str) -> int | None:
    found = _words().scored.fullmatch(trimmed(form)) if _NUMERAL.match(form) else None
    value = whole(found[1]) if found else None
    return value if value is not None and 1 <= value <= 5 else None
