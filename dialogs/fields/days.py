"""The grammar of days, shared by date, datetime and month: what a text says at its beginning.

Texts come folded, without spaces beside Chinese characters, with Chinese numerals in figures.
"""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache

from dialogs.lexicon import either, packaged
from dialogs.numerals import arabic
from dialogs.said import joined, said, trimmed

EARLIEST, LATEST = 1900, 2100


@dataclass(frozen=True, slots=True)
class Around:
    """The day it is, if known, and whether only days up to it can be meant."""

    today: date | None
    past: bool = False


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """The words of rules/days.yaml, ready to match."""

    relative: Mapping[str, int]
    years: Mapping[str, int]
    fixed: Mapping[str, tuple[int, int]]
    lunar: Mapping[str, tuple[date, ...]]
    festive: re.Pattern[str]
    unsure: re.Pattern[str]
    before: re.Pattern[str]
    after: re.Pattern[str]
    rules: tuple[tuple[re.Pattern[str], Rule], ...]
    parts: Mapping[str, str]
    spans: Mapping[str, tuple[int, int]]


# 十一 is a day, but not in 十一月 or 十一点.
_NO_NUMBER = "(?![0-9一二三四五六七八九十月点时号日:个天周年])"

Rule = Callable[[re.Match[str], Around, Vocabulary], date | None]


@cache
def vocabulary() -> Vocabulary:
    """Give the packaged words of days."""
    words = packaged("days")
    tables = words.table("lunar")
    days = {name: tuple(map(date.fromisoformat, each)) for name, each in words.table("dates").items()}
    relative = {word: int(far) for far, each in words.table("relative").items() for word in each}
    years = {word: int(far) for far, each in words.table("years").items() for word in each}
    fixed = {word: _month_day(key) for key, each in words.table("fixed").items() for word in each}
    lunar = {word: days[name] for name, each in tables.items() for word in each}
    parts = {word: name for name, each in words.table("parts").items() for word in each}
    short = words.words("short")
    return Vocabulary(
        relative=relative,
        years=years,
        fixed=fixed,
        lunar=lunar,
        festive=re.compile(rf"{either(_counting([*fixed, *lunar]))}{_NO_NUMBER}"),
        unsure=re.compile(f"{either(words.words('unsure'))}(?![日号])"),
        before=re.compile(f"{either(words.words('before'))}+"),
        after=re.compile(rf"{either(words.words('after'))}+\Z"),
        rules=tuple(_rules(relative, years, [*fixed, *lunar], short, parts)),
        parts=parts,
        spans={name: _span(value) for name, value in words.values("spans").items()},
    )


def _counting(festivals: list[str]) -> list[str]:
    return [word for word in festivals if re.search("[一二三四五六七八九十]", word)]


def _month_day(key: str) -> tuple[int, int]:
    month, _, day = key.partition("-")
    return int(month), int(day)


def _span(value: str) -> tuple[int, int]:
    first, _, last = value.partition(" ")
    return int(first), int(last)


# -- making ready ----------------------------------------------------------------------------
_SPACES = re.compile(r"\s+")


def prepared(text: str) -> str:
    """Make a text ready: 「我想 下周三 上午九点」 → 「下周3 上午9点」."""
    heard = said(text)
    if len(heard) > 60:
        return ""
    plain = trimmed(joined(heard))
    kept: list[str] = []
    plain = vocabulary().festive.sub(lambda found: _keep(found[0], kept), plain)
    if vocabulary().unsure.search(plain):
        return ""
    plain = _SPACES.sub(" ", arabic(plain))
    for index, word in enumerate(kept):
        plain = plain.replace(chr(0xE000 + index), word)
    return plain


def _keep(word: str, kept: list[str]) -> str:
    """Set 五一 or 十一 aside, which are days and not numbers."""
    kept.append(word)
    return chr(0xE000 + len(kept) - 1)


def starts(plain: str) -> Iterator[str]:
    """Give the text as it is, and without the words that only lead up to a day."""
    yield plain
    found = vocabulary().before.match(plain)
    if found and found.end() < len(plain):
        yield plain[found.end() :].lstrip(" ,，:：")


def finished(rest: str) -> str:
    """Take off what may follow a day and changes nothing: 「吧」「过来」「那天」."""
    rest = rest.strip(" ,，。.!！的")
    return vocabulary().after.sub("", rest).strip(" ,，。.!！的")


def take(plain: str, around: Around) -> tuple[date, str] | None:
    """Read the day that the text begins with; give it and the rest. None if none, impossible or unsure."""
    for pattern, rule in vocabulary().rules:
        found = pattern.match(plain)
        if found:
            day = rule(found, around, vocabulary())
            if day is None or not EARLIEST <= day.year <= LATEST:
                return None
            return _agreed(day, _AFTER_DAY.sub("", plain[found.end() :]), around)
    return None


_AFTER_DAY = re.compile(r"\A(?:[ ,，]+|t(?=[0-9]))")
_ALSO = re.compile(r"\(?(?:这|本|下)?(?:周|星期|礼拜)([1-7])\s*\)?")


def _agreed(day: date, rest: str, around: Around) -> tuple[date, str] | None:
    """A day of the week said besides (12 月 1 日周二) must be the same day."""
    if around.past and around.today and day > around.today:
        return None
    also = _ALSO.match(rest)
    if not also:
        return day, rest
    return (day, rest[also.end() :].lstrip(" ,，")) if day.isoweekday() == int(also[1]) else None


# -- arithmetic ------------------------------------------------------------------------------
def real(year: int, month: int, day: int) -> date | None:
    """Give the day if the calendar has it."""
    try:
        return date(year, month, day)
    except ValueError:
        return None


def moved(day: date, months: int) -> date:
    """Move a day by months; the 31st becomes the last day of a shorter month."""
    count = day.year * 12 + day.month - 1 + months
    year, month = divmod(count, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def full_year(figures: str) -> int:
    """Read a year of two or four figures; two figures are of this century."""
    return int(figures) + (2000 if len(figures) == 2 else 0)


def _nearest(around: Around, of_year: Callable[[int], date | None]) -> date | None:
    """Choose the year that was not said: the next such day from today on, or the last one up to it."""
    if around.today is None:
        return None
    years = (around.today.year, around.today.year + (-1 if around.past else 1))
    for day in map(of_year, years):
        if day and (day <= around.today if around.past else day >= around.today):
            return day
    return None


def said_year(words: str, around: Around, known: Vocabulary) -> int | None:
    """Read 去年, 2025年 or 25年."""
    if words in known.years:
        return around.today.year + known.years[words] if around.today else None
    return full_year(words.removesuffix("年"))


# -- rules -----------------------------------------------------------------------------------
_MONTHS_AWAY = {"上上": -2, "上": -1, "这": 0, "本": 0, "当": 0, "": 0, "下": 1, "下下": 2}
_MOVE = r"(上上|上|这|本|当|下下|下)"
_AGO = r"(?:之前|以前|前)"
_AHEAD = r"(?:之后|以后|后)"


def _rules(
    relative: Mapping[str, int],
    years: Mapping[str, int],
    festivals: list[str],
    short: tuple[str, ...],
    parts: Mapping[str, str],
) -> Iterator[tuple[re.Pattern[str], Rule]]:
    year = rf"({either(years)}|[0-9]{{4}}年|[0-9]{{2}}年)的?"
    near = either(word for word in relative if word not in short)
    before_part = f"(?={either(part for part in parts if not part.isascii())})"
    shapes: tuple[tuple[str, Rule], ...] = (
        (rf"{year}({near}|这一天|同一天)", _same_day),
        (rf"(?:{year})?({either(festivals)})(?:节|假期第1天)?(?!后|前|之|以|期|放|假|过)", _festival),
        (rf"({near}|(?:{'|'.join(short)}){before_part})", _relative),
        (rf"{year}([0-9]{{1,2}})月份?的?([0-9]{{1,2}})(?:日|号|(?![0-9]))", _full),
        (r"([0-9]{4})[-/.年]([0-9]{1,2})[-/.月]([0-9]{1,2})(?:日|号|(?![0-9]))", _full),
        (r"([0-9]{4})([0-9]{2})([0-9]{2})(?![0-9])", _full),
        (r"([0-9]{2})[-/.]([0-9]{1,2})[-/.]([0-9]{1,2})(?![0-9])", _full),
        (r"([0-9]{1,2})月份?的?([0-9]{1,2})(?:日|号|(?![0-9个天]))", _yearless),
        (r"([0-9]{1,2})[-/.]([0-9]{1,2})(?![0-9.\-/:]|个|天|点)", _yearless),
        (rf"{_MOVE}个?月的?([0-9]{{1,2}})(?:日|号)", _month_away),
        (rf"{_MOVE}?个?月(?:底|末|的?最后[1一]天)", _month_end),
        (rf"{_MOVE}?(?:1个|个)?(?:周|星期|礼拜)([1-7])", _weekday),
        (rf"(?:再过|过)?([0-9]{{1,3}}|半)(个半|个)?(天|日|周|星期|礼拜|月|年)(半)?({_AGO}|{_AHEAD})", _away),
        (r"(?:再过|过)([3-9]|[1-9][0-9])(个)?(天|周|星期|礼拜|月|年)()()", _away),
        (r"([0-9]{1,2})(?:日|号)(?!楼|线|院|门)", _day_only),
    )
    for shape, rule in shapes:
        yield re.compile(shape), rule


def _same_day(found: re.Match[str], around: Around, known: Vocabulary) -> date | None:
    year = said_year(found[1], around, known)
    far = known.relative.get(found[2], 0)
    if year is None or around.today is None:
        return None
    day = around.today + timedelta(days=far)
    return real(year, day.month, day.day)


def _festival(found: re.Match[str], around: Around, known: Vocabulary) -> date | None:
    def of_year(year: int) -> date | None:
        if found[2] in known.fixed:
            return real(year, *known.fixed[found[2]])
        return next((day for day in known.lunar[found[2]] if day.year == year), None)

    if not found[1]:
        return _nearest(around, of_year)
    year = said_year(found[1], around, known)
    return of_year(year) if year else None


def _relative(found: re.Match[str], around: Around, known: Vocabulary) -> date | None:
    return around.today + timedelta(days=known.relative[found[1]]) if around.today else None


def _full(found: re.Match[str], around: Around, known: Vocabulary) -> date | None:
    year = said_year(found[1], around, known)
    return real(year, int(found[2]), int(found[3])) if year else None


def _yearless(found: re.Match[str], around: Around, known: Vocabulary) -> date | None:  # noqa: ARG001 - a Rule
    return _nearest(around, lambda year: real(year, int(found[1]), int(found[2])))


def _month_away(found: re.Match[str], around: Around, known: Vocabulary) -> date | None:  # noqa: ARG001 - a Rule
    if around.today is None:
        return None
    month = moved(around.today.replace(day=1), _MONTHS_AWAY[found[1]])
    return real(month.year, month.month, int(found[2]))


def _month_end(found: re.Match[str], around: Around, known: Vocabulary) -> date | None:  # noqa: ARG001 - a Rule
    if around.today is None:
        return None
    return moved(around.today.replace(day=1), _MONTHS_AWAY[found[1] or ""] + 1) - timedelta(days=1)


def _weekday(found: re.Match[str], around: Around, known: Vocabulary) -> date | None:  # noqa: ARG001 - a Rule
    """A week runs from Monday; a bare 周三 is the next one from today on (or the last one up to today)."""
    if around.today is None:
        return None
    monday = around.today - timedelta(days=around.today.weekday())
    day = monday + timedelta(days=int(found[2]) - 1)
    if found[1]:
        return day + timedelta(weeks=_MONTHS_AWAY[found[1]])
    if around.past:
        return day if day <= around.today else day - timedelta(weeks=1)
    return day if day >= around.today else day + timedelta(weeks=1)


def _away(found: re.Match[str], around: Around, known: Vocabulary) -> date | None:  # noqa: ARG001 - a Rule
    amount, measure, unit, half, side = found.groups()
    sign = -1 if side in {"前", "之前", "以前"} else 1
    if around.today is None or measure == "个半" or (measure and unit in {"天", "日", "周", "年"}):
        return None
    if amount == "半":
        return _half_away(around.today, unit, sign, whole=not half)
    if half and unit != "年":
        return None
    return _moved_by(around.today, int(amount), unit, sign, half=bool(half))


def _half_away(today: date, unit: str, sign: int, *, whole: bool) -> date | None:
    if not whole or unit not in {"年", "月"}:
        return None
    return moved(today, 6 * sign) if unit == "年" else today + timedelta(days=15 * sign)


def _moved_by(today: date, amount: int, unit: str, sign: int, *, half: bool) -> date | None:
    if unit in {"天", "日"}:
        return today + timedelta(days=amount * sign)
    if unit in {"周", "星期", "礼拜"}:
        return today + timedelta(weeks=amount * sign)
    months = amount * (12 if unit == "年" else 1) + (6 if half else 0)
    return moved(today, months * sign) if months < 1200 else None


def _day_only(found: re.Match[str], around: Around, known: Vocabulary) -> date | None:  # noqa: ARG001 - a Rule
    """「5号」 is the next 5th from today on; in the past, the last one up to today."""
    if around.today is None:
        return None
    for months in (0, -1 if around.past else 1):
        month = moved(around.today.replace(day=1), months)
        day = real(month.year, month.month, int(found[1]))
        if day and (day <= around.today if around.past else day >= around.today):
            return day
    return None
