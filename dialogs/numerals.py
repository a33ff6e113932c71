"""Numerals as people write them: 12, 十二, 一百二, 廿, 俩, 二〇二六, 幺三八."""

from __future__ import annotations

import re

_ONES = {
    "零": 0, "〇": 0, "○": 0, "一": 1, "壹": 1, "幺": 1, "二": 2, "贰": 2, "两": 2, "三": 3, "叁": 3, "参": 3,
    "四": 4, "肆": 4, "五": 5, "伍": 5, "六": 6, "陆": 6, "七": 7, "柒": 7, "八": 8, "捌": 8, "九": 9, "玖": 9,
}  # fmt: skip
_PLACES = {"十": 10, "拾": 10, "百": 100, "佰": 100, "千": 1000, "仟": 1000}
_GROUPS = (("亿", 10**8), ("万", 10**4))
_PAIRS = {"俩": 2, "仨": 3}
_ZEROS = "零〇○"

# Read out digit by digit; the last row is how soldiers, drivers and recognisers say or spell 0, 1, 7 and 9.
SPOKEN = {
    **{character: str(value) for character, value in _ONES.items()},
    "洞": "0", "腰": "1", "妖": "1", "夭": "1", "拐": "7", "勾": "9",
}  # fmt: skip

_RUN = re.compile("[零〇○一二两三四五六七八九十百]+")
_WEEKDAY = re.compile("(周|星期|礼拜)([一二三四五六日天])")
_IN_YEAR = re.compile("年[0-9一二三四五六七八九十]")
_DECADES = str.maketrans({"廿": "二十", "卅": "三十", "卄": "二十"})
_WEEKDAYS = {"一": "1", "二": "2", "三": "3", "四": "4", "五": "5", "六": "6", "日": "7", "天": "7"}
NUMERAL = f"[{''.join(_ONES)}{''.join(_PLACES)}万亿廿卅{''.join(_PAIRS)}]"
"""One character of a Chinese numeral, as a pattern."""

_PLAIN = re.compile(r"[0-9]{1,15}|[0-9]{1,3}(?:,[0-9]{3}){1,4}")


def whole(text: str) -> int | None:
    """Read a whole number that is the entire (folded) text; None for anything vague, mixed or negative."""
    if _PLAIN.fullmatch(text):
        return int(text.replace(",", ""))
    if text in _PAIRS:
        return _PAIRS[text]
    text = text.translate(_DECADES)
    if not text or any(each not in _ONES and each not in _PLACES and each not in "万亿" for each in text):
        return None
    if all(each in _ONES for each in text):
        return _read_out(text)
    return _grouped(text)


def _read_out(text: str) -> int | None:
    # Two figures side by side (三四个, 两三个) are a guess between them, not twenty-three.
    if len(text) == 2 and text[0] not in _ZEROS and text[1] not in _ZEROS:
        return None
    return int("".join(str(_ONES[each]) for each in text)) if len(text) <= 15 else None


def _grouped(text: str) -> int | None:
    for mark, size in _GROUPS:
        if mark in text:
            head, _, tail = text.partition(mark)
            high, low = _grouped(head), _tail(tail, size)
            return None if high is None or low is None else high * size + low
    return _section(text)


def _tail(text: str, size: int) -> int | None:
    if not text:
        return 0
    if len(text) == 1 and text in _ONES and text not in _ZEROS:
        return _ONES[text] * (size // 10)
    return _grouped(text)


def _section(text: str) -> int | None:
    """Read a numeral below ten thousand: 十二, 一百零五, 一百二 (120)."""
    total, last, figure, gap = 0, 10_000, None, False
    for each in text:
        if each in _ONES:
            if figure is not None:
                return None
            gap, figure = (True, None) if each in _ZEROS else (gap, _ONES[each])
            continue
        place = _PLACES.get(each, last)
        if place >= last or (figure is None and (place != 10 or total)):
            return None
        total, last, figure, gap = total + (1 if figure is None else figure) * place, place, None, False
    if figure is None:
        return total if total and not gap else None
    return total + figure * (last // 10 if total and not gap else 1)


def arabic(text: str) -> str:
    """Write the Chinese numerals of dates and hours in figures: 十二月一号 → 12月1号, 周三三点 → 周3 3点.

    Two figures side by side (三四点) stay as they are: they are a guess between two. Days of the
    week come first, with 7 for Sunday, because 周一十点 is Monday at ten.
    """
    text = _WEEKDAY.sub(lambda found: found[1] + _WEEKDAYS[found[2]] + " ", text.translate(_DECADES))
    return _RUN.sub(_figures, text)


def _figures(found: re.Match[str]) -> str:
    run = found[0]
    if all(each in _ONES for each in run):
        year = len(run) == 2 and _IN_YEAR.match(found.string, found.end()) is not None
        plain = len(run) in {1, 4} or run[0] in _ZEROS or year
        return "".join(str(_ONES[each]) for each in run) if plain else run
    value = _section(run)
    return run if value is None else str(value)
