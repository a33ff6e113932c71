"""What narrows a list, as it stands in the address and in words; the address holds no names of people and no words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import date, datetime, time, timedelta, tzinfo
from typing import get_args

from dialogs.desk.cases import Grade
from dialogs.facts import Snapshots
from dialogs.rules import Category
from handlers.desk.frame.offered import unit_meant
from handlers.desk.frame.shown import Choice
from storage.filters import Filters, Rating

DUES = {"over": "已超期", "today": "今天到期", "week": "本周到期"}
RATINGS: dict[Rating, str] = {
    "solved": "已解决",
    "partly": "部分解决",
    "unsolved": "没有解决",
    "content": "满意（4、5 分）",
    "displeased": "不满意（1、2 分）",
    "unrated": "还没有评价",
}
MINE, NOBODY = "me", "nobody"
_LONGEST_TAG = 20
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What somebody asked a list to be narrowed to, checked: '' asks for nothing. Days are `2026-11-23`."""

    unit: str = ""
    grade: str = ""
    category: str = ""
    due: str = ""
    due_from: str = ""
    due_to: str = ""
    opened_from: str = ""
    opened_to: str = ""
    rating: str = ""
    tag: str = ""
    holder: str = ""

    @property
    def pairs(self) -> list[tuple[str, str]]:
        """What is asked, in the order of the address."""
        return [(each.name, value) for each in fields(self) if (value := getattr(self, each.name))]


@dataclass(frozen=True, slots=True, kw_only=True)
class Chip:
    """One thing that is on, in words, and the list without it."""

    words: str
    without: Asked


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """What reading and wording need to know. `holders` are colleagues, by the key that stands for them in addresses."""

    known: Snapshots
    me: str
    holders: Mapping[str, str]
    now: datetime
    zone: tzinfo

    @property
    def today(self) -> date:
        """The day here."""
        return self.now.astimezone(self.zone).date()


def read(query: Mapping[str, str], ground: Ground) -> Asked:
    """Read an address or a form; what is no such thing asks for nothing."""
    given = {each.name: query.get(each.name, "").strip() for each in fields(Asked)}
    rules = ground.known.rules
    fine = {
        "grade": given["grade"] in set(Grade),
        "category": bool(rules.categories.get(given["category"]) or rules.categories.top(given["category"])),
        "due": given["due"] in DUES,
        "rating": given["rating"] in get_args(Rating),
        "tag": len(given["tag"]) <= _LONGEST_TAG,
        "holder": given["holder"] in {MINE, NOBODY, *ground.holders},
        **{name: _day(given[name]) is not None for name in ("due_from", "due_to", "opened_from", "opened_to")},
    }
    given["unit"] = unit_meant(given["unit"], ground.known.units)
    return Asked(**{name: value if fine.get(name, True) else "" for name, value in given.items()})


def filters(asked: Asked, ground: Ground) -> Filters:
    """Make it exact, at this moment."""
    holder = {MINE: ground.me, NOBODY: "-", "": ""}.get(asked.holder) or ground.holders.get(asked.holder, "")
    return Filters(
        units=ground.known.units.subtree(asked.unit) if asked.unit else None,
        grade=asked.grade,
        categories=_categories(asked.category, ground.known) if asked.category else None,
        due=_due(asked, ground),
        opened=_days(asked.opened_from, asked.opened_to, ground.zone),
        rating=next((each for each in get_args(Rating) if each == asked.rating), ""),
        tag=asked.tag,
        holder=holder,
    )


def chips(asked: Asked, ground: Ground) -> tuple[Chip, ...]:
    """Say what is on, one chip for one thing."""
    known = ground.known
    unit = known.units.get(asked.unit)
    holders = {MINE: "我经办", NOBODY: "没有人经办", **{key: f"{name}经办" for key, name in ground.holders.items()}}
    found = [
        (f"{unit.name}及以下" if unit else "", ("unit",)),
        (known.rules.grades[Grade(asked.grade)].title if asked.grade else "", ("grade",)),
        (_category(asked.category, known), ("category",)),
        (DUES.get(asked.due, ""), ("due",)),
        (_range("到期", asked.due_from, asked.due_to), ("due_from", "due_to")),
        (_range("受理", asked.opened_from, asked.opened_to), ("opened_from", "opened_to")),
        (next((words for key, words in RATINGS.items() if key == asked.rating), ""), ("rating",)),
        (f"标签 {asked.tag}" if asked.tag else "", ("tag",)),
        (holders.get(asked.holder, ""), ("holder",)),
    ]
    return tuple(
        Chip(words=words, without=replace(asked, **dict.fromkeys(names, ""))) for words, names in found if words
    )


def category_choices(known: Snapshots) -> Sequence[tuple[Choice, tuple[Choice, ...]]]:
    """Give both levels of categories, as they are picked."""
    return [
        (Choice(value=top.key, title=top.title), tuple(Choice(value=sub.key, title=_called(sub)) for sub in top.subs))
        for top in known.rules.categories.tops
    ]


def _called(sub: Category) -> str:
    return f"{sub.title}（已停用）" if sub.closed else sub.title


def _categories(key: str, known: Snapshots) -> frozenset[str]:
    top = known.rules.categories.top(key)
    return frozenset({key} | {sub.key for sub in top.subs} if top else {key})


def _category(key: str, known: Snapshots) -> str:
    sub, top = known.rules.categories.get(key), known.rules.categories.top(key)
    return sub.shown if sub else top.title if top else ""


def _due(asked: Asked, ground: Ground) -> tuple[datetime | None, datetime | None]:
    today = ground.today
    match asked.due:
        case "over":
            return None, ground.now
        case "today":
            return _start(today, ground.zone), _start(today + _DAY, ground.zone)
        case "week":
            return _start(today, ground.zone), _start(today + (7 - today.weekday()) * _DAY, ground.zone)
        case _:
            return _days(asked.due_from, asked.due_to, ground.zone)


def _days(first: str, last: str, zone: tzinfo) -> tuple[datetime | None, datetime | None]:
    start, end = _day(first), _day(last)
    return (_start(start, zone) if start else None), (_start(end + _DAY, zone) if end else None)


def _start(day: date, zone: tzinfo) -> datetime:
    return datetime.combine(day, time(), zone)


def _day(text: str) -> date | None:
    try:
        found = date.fromisoformat(text)
    except ValueError:
        return None
    # Years beyond these are slips of the hand, and their ends no moments.
    return found if 2000 <= found.year <= 2999 else None


def _range(what: str, first: str, last: str) -> str:
    start, end = _day(first), _day(last)
    if start and end:
        return f"{_said(start)}{what}" if start == end else f"{_said(start)}至{_said(end)}{what}"
    return f"{_said(start)}起{what}" if start else f"{_said(end)}以前{what}" if end else ""


def _said(day: date) -> str:
    return f"{day.year} 年 {day.month} 月 {day.day} 日"
