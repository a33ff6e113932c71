"""An hour of the day: 下午三点, 九点一刻, 15:30, 差五分九点, 晚上八点半."""

from __future__ import annotations

import re
from functools import cache

from dialogs.fields.days import finished, vocabulary
from dialogs.lexicon import either

_DAY = 24 * 60


@cache
def _shapes() -> tuple[re.Pattern[str], ...]:
    part = f"(?P<part>{either(vocabulary().parts)})?的?"
    about = "(?:大概|大约|差不多|约|就)?"
    minutes = r"(?:(?P<half>半)|(?P<quarter>[13])刻钟?|过?(?P<minute>[0-5]?[0-9])分?|(?P<sharp>钟|整|正|整点))?"
    less = r"差(?:(?P<less>[0-9]{1,2})分钟?|(?P<lessquarter>1刻)钟?)"
    tail = r"\s*(?P<after>am|pm)?"
    return tuple(
        re.compile(f"{part}{about}{shape}{tail}")
        for shape in (
            rf"(?P<hour>[0-9]{{1,2}})(?:点|时)钟?{minutes}",
            r"(?P<hour>[0-9]{1,2}):(?P<minute>[0-5][0-9])(?::[0-5][0-9])?",
            rf"{less}到?(?P<hour>[0-9]{{1,2}})点钟?",
            rf"(?P<hour>[0-9]{{1,2}})点{less}",
            r"(?P<hour>[0-9]{1,2})(?=\s*[ap]m)",
        )
    )


def clock_at(rest: str) -> int | None:
    """Read an hour that is the whole text; minutes since midnight (1440 and more: the next day).

    None if it is no hour, or could be morning and afternoon alike (三点).
    """
    found = _found(rest)
    return _minutes(found) if found else None


def unmarked(rest: str) -> int | None:
    """Read an hour from 1 to 6 that was said without its part of the day; minutes as of the morning."""
    found = _found(rest)
    if not found or _part(found) or _minutes(found) is not None or not 1 <= int(found["hour"]) <= 6:
        return None
    return _within(found, int(found["hour"]))


def _found(rest: str) -> re.Match[str] | None:
    plain = finished(rest)
    return next((found for shape in _shapes() if (found := shape.fullmatch(plain))), None)


def _part(found: re.Match[str]) -> str | None:
    word = found["part"] or found["after"]
    return vocabulary().parts[word] if word else None


def _minutes(found: re.Match[str]) -> int | None:
    if found["part"] and found["after"] and vocabulary().parts[found["part"]] != vocabulary().parts[found["after"]]:
        return None
    hour = _hour(int(found["hour"]), _part(found), padded=found["hour"].startswith("0"))
    return None if hour is None else _within(found, hour)


def _within(found: re.Match[str], hour: int) -> int:
    named = found.groupdict()
    if named.get("less") or named.get("lessquarter"):
        return hour * 60 - int(named.get("less") or 15)
    if named.get("half"):
        return hour * 60 + 30
    if named.get("quarter"):
        return hour * 60 + 15 * int(found["quarter"])
    return hour * 60 + int(named.get("minute") or 0)


def _hour(hour: int, part: str | None, *, padded: bool) -> int | None:
    """Bring an hour to the 24-hour clock; None where part and hour do not go together or leave it open."""
    match part:
        case None:
            return hour if hour in range(7, 25) or hour == 0 or padded else None
        case "dawn":
            return {12: 0, 24: 0}.get(hour, hour if hour <= 6 else None)
        case "morning":
            return hour if 4 <= hour <= 12 else None
        case "noon":
            return {11: 11, 12: 12, 1: 13, 2: 14, 13: 13, 14: 14}.get(hour)
        case "afternoon":
            return hour + 12 if 1 <= hour <= 7 else hour if 12 <= hour <= 19 else None
        case _:
            return {12: 24, 24: 24, 0: 24}.get(
                hour, hour + 12 if 5 <= hour <= 11 else hour if 17 <= hour <= 23 else None
            )
