"""The season in numbers: how many cases each day, cut into pieces that are made and written one by one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from random import Random

from bot.city.script import script
from dialogs.rules.calendar import Calendar

PIECE = 120  # cases made by one call and written in one transaction: a turn waits some tens of milliseconds for it
DAYS = 92
CASES = 57_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """One city: everything else follows from this. `until` is the last moment of which it tells, aware."""

    seed: int
    until: datetime
    cases: int = CASES
    days: int = DAYS


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """Some cases of one day: serials `first` to `first + count - 1` of `of`; `before` cases came earlier."""

    day: date
    first: int
    count: int
    of: int
    before: int


def pieces(plan: Plan, calendar: Calendar) -> Iterator[Piece]:
    """Cut the season, oldest first."""
    before = 0
    for day, many in daily(plan, calendar).items():
        for first in range(1, many + 1, PIECE):
            count = min(PIECE, many - first + 1)
            yield Piece(day=day, first=first, count=count, of=many, before=before + first - 1)
        before += many


def daily(plan: Plan, calendar: Calendar) -> dict[date, int]:
    """Share the cases out among the days: weekdays, holidays, hot topics, a little chance; exactly so many in all."""
    last = calendar.local(plan.until).date()
    days = [last - timedelta(days=back) for back in reversed(range(plan.days))]
    chance = Random(f"days/{plan.seed}")  # noqa: S311
    weights = [_busy(day, calendar) * chance.uniform(0.9, 1.1) for day in days]
    weights[-1] *= _passed(calendar.local(plan.until))
    found, left, weight = {}, plan.cases, sum(weights)
    for day, own in zip(days, weights, strict=True):
        found[day] = round(left * own / weight) if weight else left
        left, weight = left - found[day], weight - own
    return found


def weights(day: date) -> Mapping[str, float]:
    """How often each category comes up on a day."""
    told = script().season
    found = {key: float(told["weights"].get(key, 1)) for key in script().called}
    for topic in told["hot"]:
        if _within(day, topic["from"], topic["to"]):
            found[topic["category"]] *= topic["times"]
    return found


def moments(plan: Plan, piece: Piece, calendar: Calendar) -> list[datetime]:
    """When each case of the whole day was opened, in order; none after the plan's last moment."""
    chance = Random(f"moments/{plan.seed}/{piece.day}")  # noqa: S311
    hours = script().season["hours"]
    begins = datetime(piece.day.year, piece.day.month, piece.day.day, tzinfo=calendar.zone)
    room = min((plan.until - begins).total_seconds(), 86_400) - 60
    found: list[datetime] = []
    while len(found) < piece.of:
        at = chance.choices(range(24), hours)[0] * 3600 + chance.random() * 3600
        if at < room:
            found.append(begins.astimezone(UTC) + timedelta(milliseconds=int(at * 1000)))
    return sorted(found)


def _busy(day: date, calendar: Calendar) -> float:
    told = script().season
    rest = 1.0 if calendar.works(day) or day.weekday() >= 5 else told["rest"]
    many = sum(weights(day).values())
    return float(told["weekdays"][day.weekday()] * rest * (many / sum(told["weights"].values())) ** 0.5)


def _passed(local: datetime) -> float:
    """How much of a day's cases have come by this time of day."""
    hours = script().season["hours"]
    passed: float = sum(hours[: local.hour]) + hours[local.hour] * local.minute / 60
    return passed / float(sum(hours))


def _within(day: date, begin: str, end: str) -> bool:
    here = f"{day:%m-%d}"
    return begin <= here <= end if begin <= end else here >= begin or here <= end
