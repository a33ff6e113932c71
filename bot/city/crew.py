"""The people at the desks of the city: so many as the city has, each with one post in one unit."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import cycle
from random import Random

from bot.city.script import script
from dialogs.units import Unit

# Who works at each level before the rest is shared out among the communities.
_POSTS = {
    "city": ("supervisor", "coordinator", "coordinator", "intake", "intake", "admin", "security", "audit"),
    "district": ("supervisor", "coordinator", "coordinator", "intake"),
    "town": ("supervisor", "head", "coordinator", "intake"),
    "community": ("head",),
    "grid": ("grid",),
}
_REST = ("coordinator", "grid", "coordinator", "volunteer")


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """One of them; the name is the sign-in."""

    name: str
    post: str
    unit: str


Crew = Mapping[str, Sequence[Person]]


def crew(units: Sequence[Unit], seed: int) -> dict[str, list[Person]]:
    """Give everybody by unit; the first of each post is there before the second."""
    chance = Random(f"crew/{seed}")  # noqa: S311
    names, total = _names(chance), script().places["staff"]
    posts = [(unit.id, post) for unit in units for post in _POSTS[unit.level]]
    communities = [unit.id for unit in units if unit.level == "community"]
    more = zip(cycle(communities), _spread(len(communities)), strict=False)
    posts += [next(more) for _ in range(total - len(posts))]
    found: defaultdict[str, list[Person]] = defaultdict(list)
    for unit, post in posts:
        found[unit].append(Person(name=next(names), post=post, unit=unit))
    return dict(found)


def _spread(round_: int) -> Iterator[str]:
    """The posts beside the head: another one at each round through the communities."""
    turn = 0
    while True:
        for place in range(round_):
            yield _REST[(turn + place) % len(_REST)]
        turn += 1


def _names(chance: Random) -> Iterator[str]:
    taken: set[str] = set()
    while True:
        name = full_name(chance)
        if name not in taken:
            taken.add(name)
            yield name


def full_name(chance: Random) -> str:
    """Make up a name of two or three characters."""
    told = script().words
    begun = f"{chance.choice(told['surnames'])}{chance.choice(told['first'])}"
    return begun + str(chance.choice(told["second"])) if chance.random() < 0.8 else begun
