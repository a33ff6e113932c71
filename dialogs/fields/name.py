"""A person's name, as written: never made Simplified, rare characters and minority names welcome.

What is no name (a greeting, a refusal, a place, a question, a title) is asked again. A surname that
is not known is believed where the member says that it is a name (我叫…, 姓名：…).
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import cache

from dialogs.fields.asked import Asked
from dialogs.lexicon import either, packaged
from dialogs.said import said
from dialogs.text import clean, simplified
from dialogs.understand import command

_LONGEST, _SHORTEST = 20, 2
_HAN = "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U000323af\u3007"
_GAP = re.compile(rf"(?<=[{_HAN}·])\s+(?=[{_HAN}·])")
_DOT = re.compile(rf"(?<=[{_HAN}])\s*[·•‧∙⋅・･.．\u2e31\u30fb]\s*(?=[{_HAN}])")
_UNSEEN = re.compile("[\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\u061c\ufe00-\ufe0f\u00ad\U000e0100-\U000e01ef]")
_EDGES = " \t\n\r\u3000，,。.、;；:：!！~～\"'“”‘’「」『』()（）【】《》…"
_SURNAME_FIRST = re.compile(rf"\A(?:我|俺|本人)?(?:免贵)?姓[{_HAN}]{{1,2}}[\s，,]+(?=叫|名|我叫)")
_CUT = re.compile(r"[，,。;；!！\n]")
_HAN_NAME = re.compile(rf"[{_HAN}]+(?:·[{_HAN}]+)*")
_LATIN_NAME = re.compile(r"[^\W\d_]+(?:[ .'’\-]{1,2}[^\W\d_]+)*\.?")
_NUMERALS = frozenset("零〇一二三四五六七八九十百千两")
_COMMON = re.compile("[\u4e00-\u9fff]+")


@dataclass(frozen=True, slots=True)
class _Words:
    greetings: frozenset[str]
    before: re.Pattern[str]
    plain: frozenset[str]
    latin: re.Pattern[str]
    after: re.Pattern[str]
    titles: re.Pattern[str]
    called: re.Pattern[str]
    surnames: frozenset[str]
    compound: tuple[str, ...]
    syllables: frozenset[str]
    words: frozenset[str]
    tails: frozenset[str]
    asking: frozenset[str]
    never: frozenset[str]
    seldom: frozenset[str]
    places: re.Pattern[str]
    latin_words: frozenset[str]


@cache
def _words() -> _Words:
    words = packaged("names")
    return _Words(
        greetings=frozenset(words.words("greetings")),
        before=re.compile(rf"({either(words.words('before'))})[\s:：，,是叫为]*"),
        plain=frozenset(words.words("plain")),
        latin=re.compile(rf"(?:{words.data['latin_before']})\s*[:：]?\s+", re.IGNORECASE),
        after=re.compile(rf"{either(words.words('after'))}+\Z"),
        titles=re.compile(rf"{either(words.words('titles'))}\Z"),
        called=re.compile(rf"..?{either(words.words('called'))}"),
        surnames=frozenset("".join(words.words("surnames"))),
        compound=words.words("compound"),
        syllables=frozenset("".join(words.words("syllables"))),
        words=frozenset(words.words("words")),
        tails=frozenset("".join(words.words("tails"))),
        asking=frozenset("".join(words.words("asking"))),
        never=frozenset("".join(words.words("never"))),
        seldom=frozenset("".join(words.words("seldom"))),
        places=re.compile(rf"{either(words.words('places'))}\Z"),
        latin_words=frozenset(words.words("latin_words")),
    )


def read(text: str, asked: Asked) -> str | None:  # noqa: ARG001 - every reader is called alike
    """Give the name: NFKC, spaces trimmed and those between Chinese characters gone, parts joined by 「·」."""
    written = _written(text)
    if not written or len(written) > 60:
        return None
    name, plain = _unwrapped(written)
    if len(name) < _SHORTEST or len(name) > _LONGEST or command(name, zero=False) is not None:
        return None
    if _HAN_NAME.fullmatch(name):
        return _chinese(name, plain=plain)
    return name if _latin(name, plain=plain) else None


def _written(text: str) -> str:
    normal = unicodedata.normalize("NFKC", _UNSEEN.sub("", clean(text)))
    return _DOT.sub("·", _GAP.sub("", normal.strip(_EDGES)))


def _unwrapped(written: str) -> tuple[str, bool]:
    """Take 「我叫」 and the like off; tell whether it was said plainly that a name follows."""
    words = _words()
    written = _SURNAME_FIRST.sub("", written)
    head, *more = _CUT.split(written, maxsplit=1)
    if more and said(head) in words.greetings:
        written = more[0].strip(_EDGES)
    folded = simplified(written)
    if len(folded) != len(written):
        return written, False
    found, latin = words.before.match(folded), words.latin.match(written)
    if latin:
        return written[latin.end() :].strip(_EDGES), True
    if not found or found.end() >= len(written):
        return _shorn(written), False
    rest = _CUT.split(written[found.end() :])[0]
    marked = bool(re.search("[:：]", found[0]))
    return _shorn(rest.strip(_EDGES)), found[1] in words.plain or (marked and found[1] not in {"我", "是"})


def _shorn(name: str) -> str:
    """Take a particle and a title off the end, where a whole name is left."""
    less = _words().after.sub("", simplified(name)) if len(simplified(name)) == len(name) else name
    name = name[: len(less)].strip(_EDGES) if len(less) >= _SHORTEST else name
    title = _words().titles.search(simplified(name))
    return name[: title.start()] if title and title.start() >= _SHORTEST else name


def _chinese(name: str, *, plain: bool) -> str | None:
    """Tell by its surname, its dots, its rare or its minority characters that this is a name."""
    words, folded = _words(), said(name)
    if folded in words.words or set(folded) <= _NUMERALS or words.called.fullmatch(folded):
        return None
    if folded.removesuffix("人") in words.words or (len(folded) > 2 and len(set(folded)) == 1):
        return None
    if "·" in name:
        return name if not set(folded) & words.asking else None
    if set(folded) & words.never or (words.places.search(folded) and len(folded) > 2):
        return None
    return name if _believed(folded, plain=plain) else None


def _believed(folded: str, *, plain: bool) -> bool:
    words = _words()
    surname = next((each for each in words.compound if folded.startswith(each)), "")
    if surname and 1 <= len(folded) - len(surname) <= 3:
        return True
    if len(folded) == 3 and folded[:2] in words.words and folded[2] in words.tails:
        return plain
    if set(folded) & words.seldom and not plain and not words.syllables.issuperset(folded):
        return False
    if len(folded) <= 3 and (folded[0] in words.surnames or not _COMMON.fullmatch(folded)):
        return True
    if len(folded) == 4 and {folded[0], folded[1]} <= words.surnames and folded[:2] not in words.words:
        return True
    if all(each in words.syllables for each in folded) and (len(folded) >= 4 or plain):
        return True
    return (plain and len(folded) <= 4) or (len(folded) == 4 and not _COMMON.fullmatch(folded))


def _latin(name: str, *, plain: bool) -> bool:
    if not _LATIN_NAME.fullmatch(name) or not all(_is_latin(each) for each in name if each.isalpha()):
        return False
    parts = re.split(r"[ .'’\-]+", name.lower().strip("."))
    if any(part in _words().latin_words for part in parts) or sum(map(len, parts)) < _SHORTEST:
        return False
    return plain or any(each.isupper() for each in name)


def _is_latin(letter: str) -> bool:
    return letter.isascii() or unicodedata.name(letter, "").startswith("LATIN")
