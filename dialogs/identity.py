"""Identity-card numbers (GB 11643): division, birthday, check character."""

from __future__ import annotations

import re
from datetime import date

_SHAPE = re.compile(r"[0-9]{17}[0-9x]")
_OLD_SHAPE = re.compile(r"[0-9]{15}")
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECKS = "10x98765432"
# First two figures of the administrative division (GB/T 2260); 81 to 83 are residence permits of
# Hong Kong, Macao and Taiwan. A 9 before the division is a foreigner's permanent residence.
_DIVISIONS = frozenset(
    {*range(11, 16), *range(21, 24), *range(31, 38), *range(41, 47), *range(50, 55), *range(61, 66), 71, 81, 82, 83}
)


def valid(number: str, today: date | None = None) -> bool:
    """Tell whether 18 characters (X in either case) are an identity number of someone born by `today`."""
    number = number.lower()
    return plausible(number, today) and _CHECKS[_weighed(number)] == number[17]


def _weighed(number: str) -> int:
    return sum(int(figure) * weight for figure, weight in zip(number[:17], _WEIGHTS, strict=True)) % 11


def plausible(number: str, today: date | None = None) -> bool:
    """Tell whether 18 characters look like one: a division that exists and a day that exists."""
    if not _SHAPE.fullmatch(number.lower()) or not _division(number):
        return False
    born = _day(number[6:14])
    return born is not None and (today is None or born <= today)


def plausible_old(number: str) -> bool:
    """Tell whether 15 figures look like a number of the first kind, without century and check figure."""
    return _OLD_SHAPE.fullmatch(number) is not None and _division(number) and _day("19" + number[6:12]) is not None


def _division(number: str) -> bool:
    return int(number[:2]) in _DIVISIONS or (number[0] == "9" and int(number[1:3]) in _DIVISIONS)


def _day(figures: str) -> date | None:
    try:
        day = date(int(figures[:4]), int(figures[4:6]), int(figures[6:]))
    except ValueError:
        return None
    return day if day.year >= 1800 else None
