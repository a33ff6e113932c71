"""Places as members say them: compound, building, entrance, spot; and whether two of them are the same.

Joining is conservative: a wrong join hides somebody's broken lamp, a missed one costs staff one more glance.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

from dialogs.lexicon import either, packaged
from dialogs.rules import Rules
from dialogs.rules.everyday import Places
from dialogs.text import fold
from dialogs.units import Unit, Units

_NUMBER = r"(\d{1,4}|[零〇一二两三四五六七八九十幺]{1,4}|[a-z])"
_DIGITS = {
    "零": 0,
    "〇": 0,
    "一": 1,
    "幺": 1,
    "二": 2,
    "两": 2,
    "三": 3,
    "四": 4,
    "五": 5,
    "六": 6,
    "七": 7,
    "八": 8,
    "九": 9,
}
_BEFORE = re.compile(r".*(?:市|区|县|镇|乡|街道|社区|村|路|街|在|是|住|到|的)\Z")
_MARK = r"[\s,，。.、;；:：!！?？~…]"
_SHORTEST_NAME = 3
_OTHER = re.compile(r"[^\u4e00-\u9fffa-z0-9]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A place taken apart, folded. Empty where nothing was said of it."""

    name: str = ""
    building: str = ""
    entrance: str = ""
    road_number: str = ""
    spots: frozenset[str] = frozenset()


def same_place(a: str, b: str, rules: Rules, *, whole: bool = False) -> bool:
    """Tell whether two places are surely one: the same compound, and the same building or spot in it.

    Where neither names a building or spot, the compound decides; where only one does, they are not
    joined, unless the matter concerns a `whole` compound (no water, no power).
    """
    words = rules.everyday.places
    here, there = read_place(a, words), read_place(b, words)
    if not _same_name(here.name, there.name):
        return False
    if whole:
        return all(not x or not y or x == y for x, y in _numbers(here, there))
    return all(x == y for x, y in _numbers(here, there)) and _same_spots(here, there, words)


def place_of(place: str, text: str, rules: Rules) -> str:
    """Give the place with the building or spot that the words name besides: 「新城花园」 → 「新城花园三号楼门口」.

    What is added are the member's own words; a place that names a building or spot already stays as it is.
    """
    words = rules.everyday.places
    said = read_place(place, words)
    folded = fold(text)
    if said.building or said.spots or len(folded) != len(text):
        return place
    found = _detail(words).search(folded)
    return place.rstrip() + text[found.start() : found.end()] if found else place


def named(text: str, units: Units, rules: Rules) -> tuple[str, Unit] | None:
    """Give the one compound that the words of a matter surely happen in, as they say it, and its community.

    Only a name with nothing unknown before it and a known word, a building or nothing after it counts:
    「新城花园三号楼路灯坏了」, but neither 「新城花园路积水」 nor 「新城花园对面的工地」. What is not sure is asked.
    """
    folded = fold(text)
    found = units.compounds(folded) if len(folded) == len(text) else []
    ends = rules.everyday.places.compounds
    if len(found) != 1 or not found[0][0].endswith(ends) or len(found[0][0]) < _SHORTEST_NAME:
        return None
    (name, unit), words = found[0], _around(rules.everyday.places)
    before, after = folded.split(name, 1)
    if name in after or words.beside.search(folded) or not words.before.search(before) or not words.after.match(after):
        return None
    return place_of(text[len(before) : len(before) + len(name)], text, rules), unit


@dataclass(frozen=True, slots=True)
class _Around:
    before: re.Pattern[str]
    after: re.Pattern[str]
    beside: re.Pattern[str]


@cache
def _around(places: Places) -> _Around:
    words = packaged("answers")
    number = f"{_NUMBER}(?:{'|'.join(places.building)})"
    return _Around(
        before=re.compile(rf"(?:\A|{_MARK}){either(words.words('place_before'))}*\Z"),
        after=re.compile(rf"\Z|{_MARK}|{number}|{either(words.words('place_after'))}"),
        beside=re.compile(either(words.words("place_beside"))),
    )


def read_place(text: str, words: Places) -> Place:
    """Take a place apart."""
    left = _OTHER.sub("", fold(text))
    building, left = _number(left, words.building)
    entrance, left = _number(left, words.entrance)
    road_number, left = _number(left, words.road_number)
    spots: frozenset[str] = frozenset()
    if _besides(words).search(left):  # mostly the name is all that is left
        spots = frozenset(spot for spot in words.spots if spot in left)
        for spot in (*words.spots, *words.noise):
            left = left.replace(spot, "")
    return Place(
        name=_compound(left, words), building=building, entrance=entrance, road_number=road_number, spots=spots
    )


@cache
def _besides(words: Places) -> re.Pattern[str]:
    return re.compile(either((*words.spots, *words.noise)))


def _compound(left: str, words: Places) -> str:
    """Give the name of the compound: up to the last word that compounds end in, else all that is left."""
    ends = [left.rfind(each) + len(each) for each in words.compounds if each in left]
    return left[: max(ends)] if ends else left


def _same_name(a: str, b: str) -> bool:
    short, long = sorted((a, b), key=len)
    if len(short) < 2:
        return False
    if short == long:
        return True
    return len(short) >= 3 and long.endswith(short) and bool(_BEFORE.match(long[: -len(short)]))


def _numbers(a: Place, b: Place) -> tuple[tuple[str, str], ...]:
    return ((a.building, b.building), (a.entrance, b.entrance), (a.road_number, b.road_number))


def _same_spots(a: Place, b: Place, words: Places) -> bool:
    """Spots must agree; the loose ones (门口, 楼道) may be left out by one where the building is said."""
    if a.spots == b.spots or a.spots & b.spots:
        return True
    loose = frozenset(words.loose)
    return bool(a.building) and (not a.spots or not b.spots) and (a.spots | b.spots) <= loose


def _number(text: str, units: tuple[str, ...]) -> tuple[str, str]:
    """Give the number before one of these words, as digits, and the text without it."""
    found = _before(units).search(text)
    if not found:
        return "", text
    return _value(found[1]), text[: found.start()] + text[found.end() :]


@cache
def _before(units: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile(_NUMBER + f"(?:{'|'.join(map(re.escape, units))})")


@cache
def _detail(words: Places) -> re.Pattern[str]:
    """Give a building with its entrance and spot, or a spot that stands by itself."""
    building, entrance = "|".join(words.building), "|".join(words.entrance)
    spots = "|".join(words.spots)
    alone = "|".join(spot for spot in words.spots if spot not in words.loose)
    return re.compile(f"{_NUMBER}(?:{building})(?:{_NUMBER}(?:{entrance}))?(?:{spots})?|(?:{alone})")


def _value(number: str) -> str:
    """Chinese numerals up to 99 as digits; digit by digit where there is no ten (「一〇三」)."""
    if number.isascii():
        return number.lstrip("0") or "0"
    if "十" not in number:
        return "".join(str(_DIGITS[each]) for each in number).lstrip("0") or "0"
    tens, _, ones = number.partition("十")
    return str((_DIGITS.get(tens[-1:], 1) if tens else 1) * 10 + (_DIGITS.get(ones[:1], 0) if ones else 0))
