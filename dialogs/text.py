"""Text as members write it and as we match it: cleaning, folding, the two scripts, bytes."""

from __future__ import annotations

import re
import unicodedata
from functools import cache, lru_cache

from opencc import OpenCC

# XML 1.0 forbids these; WeChat pushes them all the same (offu/WeRoBot#420, silenceper/wechat#750).
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
_INVISIBLE = re.compile("[\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff]")
_ASCII = re.compile(r"[\x20-\x7e]*\Z")


@cache
def _converter(table: str) -> OpenCC:
    return OpenCC(table)


def clean(text: str) -> str:
    """Remove what no screen shows and no XML carries: control characters, lone surrogates."""
    return _CONTROL.sub("", text)


@lru_cache(maxsize=1024)  # a turn asks about the same words several times
def simplified(text: str) -> str:
    """Write Traditional characters as Simplified ones, for matching only."""
    return text if text.isascii() else _converter("t2s").convert(text)


def traditional(text: str) -> str:
    """Write Simplified characters as Traditional ones, character by character and by phrase."""
    return text if text.isascii() else _converter("s2t").convert(text)


def in_traditional(text: str) -> str:
    """Write a sentence of ours in Traditional, with the characters that are usual today (為, 核, 裡, 眾)."""
    return text if text.isascii() else _converter("s2tw").convert(text).replace("回復", "回覆")


@lru_cache(maxsize=1024)
def fold(text: str) -> str:
    """Fold for matching: NFKC, Simplified, lower case, invisible characters gone, ends trimmed.

    Never stored and never read back: `１` and `²` and `Ａ` become `1`, `2` and `a` here.
    """
    if _ASCII.match(text):
        return text.strip().lower()
    plain = _INVISIBLE.sub("", unicodedata.normalize("NFKC", clean(text)))
    return simplified(plain).strip().lower()


def is_traditional(text: str) -> bool:
    """Tell whether the text has characters that only Traditional script uses."""
    return not text.isascii() and simplified(text) != text and traditional(text) == text


def size(text: str) -> int:
    """Length in UTF-8 bytes, which is what the platform's limits count."""
    return len(text.encode())


def cut(text: str, limit: int) -> tuple[str, str]:
    """Split into a head of at most `limit` bytes and the rest, never inside a character.

    Prefers to end at a line, then at a sentence, in the last third of the head.
    """
    raw = text.encode()
    if len(raw) <= limit:
        return text, ""
    head = raw[:limit].decode(errors="ignore")
    floor = len(head) * 2 // 3
    for mark in ("\n", "。", "；", "，"):
        place = head.rfind(mark, floor)
        if place >= 0:
            head = head[: place + 1]
            break
    return head.rstrip("\n"), text[len(head) :].lstrip("\n")
