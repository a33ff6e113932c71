"""Case numbers that can be read over the telephone: HY-261121-0387-8, the last figure a check.

The check figure is H. M. Damm's (dissertation, Marburg 2004): it finds every single wrong figure and
every swap of neighbours.
"""

from __future__ import annotations

import re
from datetime import date, timedelta
from functools import lru_cache

from dialogs.numerals import SPOKEN
from dialogs.said import said

# The order-10 totally anti-symmetric quasigroup of the dissertation; row: check so far, column: next figure.
_DAMM = (
    "0317598642", "7092154863", "4206871359", "1750983426", "6123045978",
    "3674209581", "5869720134", "8945362017", "9438617205", "2581436790",
)  # fmt: skip

CASE_NUMBER = re.compile(r"hy-[0-9]{6}-[0-9]{4,9}-[0-9](?![0-9])")
"""A case number as written, in lower case."""

_GAP = r"[\s\-‐‑–—_.·,，、。:：杠]*"
_LOOSE = re.compile(rf"h{_GAP}y{_GAP}(?:{_GAP}[0-9]){{11,16}}(?![0-9])")
_BEGUN = re.compile(rf"h{_GAP}y{_GAP}[0-9]{{2}}")
_BARE = re.compile(rf"(?<![0-9\-])[0-9]{{6}}{_GAP}[0-9]{{4,9}}{_GAP}[0-9](?![0-9])")
_SPOKEN = str.maketrans(SPOKEN)
_MOBILE = re.compile("1[3-9][0-9]{9}")
_PART = re.compile(rf"{_GAP}([0-9]{{1,9}})(?:{_GAP}([0-9]))??{_GAP}")
_MEANT = 366  # days back in which a case may be named by its serial alone


def check_figure(figures: str) -> str:
    """Give the Damm check figure of these figures."""
    check = 0
    for figure in figures:
        check = int(_DAMM[check][int(figure)])
    return str(check)


def case_number(day: date, serial: int) -> str:
    """Write the number of the serial-th case of a local day; the serial has four figures or more."""
    left, right = f"{day:%y%m%d}", f"{serial:04d}"
    return f"HY-{left}-{right}-{check_figure(left + right)}"


@lru_cache(maxsize=2048)  # pure, and most messages are the same few words
def parse(text: str) -> str | None:
    """Find the one case number in a text, in its proper form; None if there is none or more than one.

    Lower case, spaces, missing dashes, full-width and spoken Chinese figures (幺, 洞) are understood.
    Without HY a number is taken only if the text holds no other figures.
    """
    heard = said(text)[:300].translate(_SPOKEN)
    found = {_proper(each[0]) for each in _LOOSE.finditer(heard)} - {None}
    if not found and not re.search("h.{0,3}y", heard):
        found = {_proper(each[0]) for each in _BARE.finditer(heard)} - {None} if _alone(heard) else set()
    return found.pop() if len(found) == 1 else None


def meant(text: str, today: date) -> list[str]:
    """Give the numbers, newest first, that somebody may mean who says a serial alone: 「0007」, 「7」, 「0007-2」."""
    part = _PART.fullmatch(said(text)[:40].translate(_SPOKEN))
    if not part:
        return []
    days = (today - timedelta(days=back) for back in range(_MEANT))
    return [number for day in days if (number := case_number(day, int(part[1]))).endswith(part[2] or "")]


def misread(text: str) -> bool:
    """Tell whether the text begins a case number (HY and figures) that is not one: too short, or the check is wrong."""
    return parse(text) is None and _BEGUN.search(said(text)[:300].translate(_SPOKEN)) is not None


def _alone(heard: str) -> bool:
    figures = re.sub("[^0-9]", "", heard)
    return 11 <= len(figures) <= 16 and not _MOBILE.fullmatch(figures)


def _proper(written: str) -> str | None:
    figures = re.sub("[^0-9]", "", written)
    day, serial, check = figures[:6], figures[6:-1], figures[-1]
    if not _is_day(day) or check_figure(day + serial) != check or (len(serial) > 4 and serial[0] == "0"):
        return None
    return f"HY-{day}-{serial}-{check}"


def _is_day(figures: str) -> bool:
    try:
        date(2000 + int(figures[:2]), int(figures[2:4]), int(figures[4:]))
    except ValueError:
        return False
    return True
