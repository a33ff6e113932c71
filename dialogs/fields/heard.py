"""What the words of a matter already say, so that it is not asked again."""

from __future__ import annotations

import re
from functools import cache, lru_cache

from dialogs.lexicon import either, packaged
from dialogs.said import bare, joined, said, trimmed

_SHORT, _LONG = 40, 600
_AROUND = " ,，。.、!！?？~\u3000"
_COUNT = "(?:好?几|[0-9]{1,4}|[一二两三四五六七八九十半多数]{1,4})"
_SPELL = "(?:年|月|周|星期|礼拜|天|日|小时|钟头|晚上|夜|宿|分钟|阵子)"
_LASTING = f"{_COUNT}个?多?半?{_SPELL}[多半来]?(?:了|没|前|以前|之前|以来|不|都没)"
_BEGUN = "(?:开始|起|就|以来)"
_FROM = (
    r"(?:从|自|自从|打).{1,12}?(?:开始|起|以来|到现在|就|至今)",
    rf"(?:[0-9]{{1,2}}|[一二三四五六七八九十]{{1,3}})(?:月份?|号|日).{{0,6}}{_BEGUN}",
    rf"(?:[0-9]{{4}}|今|去|前)年.{{0,6}}{_BEGUN}",
)


@cache
def _since() -> re.Pattern[str]:
    words = packaged("answers")
    lasted = rf"{either(words.words('since_verbs'))}[^,，。\s]{{0,3}}了{_COUNT}个?多?半?{_SPELL}(?![假班课])"
    return re.compile(f"{either(words.words('since'))}|{_LASTING}|{lasted}|{'|'.join(_FROM)}")


@cache
def _list(key: str) -> frozenset[str]:
    return frozenset(packaged("answers").words(key))


@cache
def _any_of(key: str) -> re.Pattern[str]:
    return re.compile(either(_list(key)))


@lru_cache(maxsize=1024)  # a form asks it of the same matter at every step
def since(text: str) -> bool:
    """Tell whether the words already say since when: 坏了好几天了, 昨天晚上开始, 一直."""
    return _since().search(joined(said(text[:_LONG]))) is not None


def unknown(text: str) -> bool:
    """Tell whether the whole answer is that the member does not know or remember."""
    return _is(text, "unknown")


def besides_unknown(text: str) -> str | None:
    """What is said besides not knowing: 村里的支部 of 「不知道叫什么 就是村里的支部」, "" of 「不知道」; else None."""
    whole = text.strip()
    if unknown(whole):
        return ""
    heard = said(whole)
    start = next((word for word in _longest_first() if heard.startswith(word)), None)
    if start is None or len(heard) != len(whole):
        return None
    rest = whole[len(start) :].strip(_AROUND)
    for filler in packaged("answers").words("unknown_fillers"):
        rest = rest.removeprefix(filler).strip(_AROUND)
    return rest


@cache
def _longest_first() -> tuple[str, ...]:
    return tuple(sorted(_list("unknown"), key=len, reverse=True))


def thanks(text: str) -> bool:
    """Tell whether the whole message is thanks."""
    return _is(text, "thanking")


def farewell(text: str) -> bool:
    """Tell whether the whole message only takes note or takes leave."""
    return _is(text, "parting")


def how(text: str) -> bool:
    """Tell whether the words ask how or where something is done."""
    return _any_of("how").search(joined(said(text))) is not None


def unchanged(text: str) -> bool:
    """Tell whether the whole answer is to leave it as it is."""
    return _is(text, "unchanged")


def nothing(text: str) -> bool:
    """Tell whether the whole answer is that there is nothing to add or to send."""
    return _is(text, "nothing")


def wonders(text: str) -> bool:
    """Tell whether the words end like a question without a question word: 「入党流程」."""
    heard = trimmed(joined(said(text)))
    return len(heard) < _SHORT and heard.endswith(packaged("answers").words("wondering"))


def asks_why(text: str) -> bool:
    """Tell whether words ask what an agreement means, what it is for, what it costs."""
    return len(text) < _SHORT and _any_of("asking_why").search(joined(said(text))) is not None


def no_phone(text: str) -> bool:
    """Tell whether the whole answer is that there is no telephone, or that its number is not remembered."""
    return _is(text, "no_phone") or unknown(text) or nothing(text)


def _is(text: str, key: str) -> bool:
    if len(text) >= _SHORT:
        return False
    heard = trimmed(joined(said(text)))
    if not _any_of(key).search(heard):  # politeness is taken off only where something may be left
        return False
    return heard in _list(key) or bare(heard) in _list(key)
