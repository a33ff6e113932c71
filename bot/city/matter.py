"""What somebody brings: when, where, of what kind, in which words. One value a case."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache
from random import Random
from typing import Any

from bot.city.crew import full_name
from bot.city.plan import Piece, Plan, moments, weights
from bot.city.script import script
from bot.city.town import Town
from dialogs.numbers import case_number
from dialogs.units import Unit

_SEALED = frozenset({"party.petition", "health.mind"})
_REGULARS = 6000  # members who come again


@dataclass(frozen=True, slots=True, kw_only=True)
class Matter:
    """One case before anybody has looked at it. `nth` counts the season's cases; `leads` is the first of its kind."""

    number: str
    nth: int
    at: datetime
    service: str
    category: str
    unit: Unit
    said: str
    place: str
    user: str
    name: str
    phone: str
    anonymous: bool = False
    confidential: bool = False
    leads: str = ""


def matters(plan: Plan, piece: Piece, town: Town) -> list[Matter]:
    """Give the cases of a piece, in order; where many speak of one thing, the later ones name the first."""
    calendar = town.known.rules.calendar
    found: list[Matter] = []
    for at, serial in zip(
        moments(plan, piece, calendar)[piece.first - 1 :], range(piece.first, piece.first + piece.count), strict=False
    ):
        found.append(_one(plan, piece, town, at, serial))
    _together(found, Random(f"together/{plan.seed}/{piece.day}/{piece.first}"), piece)  # noqa: S311
    return found


def _one(plan: Plan, piece: Piece, town: Town, at: datetime, serial: int) -> Matter:
    chance = Random(f"matter/{plan.seed}/{piece.day}/{serial}")  # noqa: S311
    season, kind = script().season, chance.random()
    number, nth = case_number(piece.day, serial), piece.before + serial - piece.first
    home = town.home(chance)
    user, name, phone = _member(plan, chance, nth)
    plain: dict[str, Any] = {
        "number": number, "nth": nth, "at": at, "unit": home, "user": user, "name": name, "phone": phone,
    }  # fmt: skip
    if kind < season["check_in"]:
        said = chance.choice(script().words["check_in_said"])
        return Matter(**plain, service="check_in", category="", said=said, place="")
    if kind < season["check_in"] + season["human"]:
        said = chance.choice(script().words["talks"])
        return Matter(**plain, service="human", category="", said=said, place="")
    keys, shares = _kinds(piece.day)
    category = chance.choices(keys, shares)[0]
    place = chance.choice(home.aliases) + chance.choice(script().words["buildings"])
    return Matter(
        **{**plain, "unit": _where(home, town, chance)},
        service="help",
        category=category,
        said=sentence(category, place, town, chance),
        place=place,
        anonymous=chance.random() < season["shares"]["anonymous"],
        confidential=category in _SEALED,
    )


def _where(home: Unit, town: Town, chance: Random) -> Unit:
    """Mostly to the community; some say no more than the town, the district or the city."""
    rung = chance.choices((0, 1, 2, 3), (86, 8, 5, 1))[0]
    for _ in range(rung):
        home = town.known.units.get(home.above) or home
    return home


def _member(plan: Plan, chance: Random, nth: int) -> tuple[str, str, str]:
    """Who it is: one of the regulars, or somebody who comes once. Their numbers begin with what nobody was given."""
    key = f"r{chance.randrange(_REGULARS)}" if chance.random() < 0.22 else f"n{nth}"
    who = Random(f"member/{plan.seed}/{key}")  # noqa: S311
    return f"oCC{who.getrandbits(100):025x}"[:28], full_name(who), f"154{who.randrange(10**8):08d}"


@lru_cache(maxsize=8)
def _kinds(day: Any) -> tuple[Sequence[str], Sequence[float]]:
    found: Mapping[str, float] = weights(day)
    return tuple(found), tuple(found.values())


def sentence(category: str, place: str, town: Town, chance: Random) -> str:
    """Put a matter into words."""
    told, found = script().words, town.known.rules.categories.get(category)
    own = told["matters"]
    compound, building = _parted(place)
    said = chance.choice(own.get(category, own["other"])).format(
        place=compound,
        building=building,
        days=chance.choice(told["days"]),
        low=chance.randint(11, 17),
        title=found.title if found else "",
        word=chance.choice(script().called[category]),
    )
    closer = chance.choice(told["closers"])
    return f"{chance.choice(told['openers'])}{said}{'，' if closer else ''}{closer}"


def _parted(place: str) -> tuple[str, str]:
    building = next(each for each in script().words["buildings"] if place.endswith(each))
    return place.removesuffix(building), building


def _together(found: list[Matter], chance: Random, piece: Piece) -> None:
    """Let some speak of one thing: a whole compound without water, by and by."""
    told = script().season["together"]
    if chance.random() > told["a_day"] * piece.count / piece.of:
        return
    helps = [place for place, each in enumerate(found) if each.category.startswith("utilities.")]
    begins = chance.randrange(max(1, len(helps) - told["least"]))
    speaking = helps[begins : begins + chance.randint(told["least"], told["most"])]
    if not speaking:
        return
    lead = found[speaking[0]]
    for place in speaking[1:]:
        found[place] = replace(
            found[place], category=lead.category, unit=lead.unit, said=lead.said, place=lead.place, leads=lead.number
        )
