"""What a person may do at the desk, out of the posts that they hold: which cases they see, what they administer.

Rights are the union of one's posts, and of those of the colleagues for whom one stands in. Clearance for confidential
cases is a person's own: it does not pass to who stands in for them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Literal

from dialogs.desk.cases import Act
from dialogs.desk.wishes import Actor
from dialogs.facts import Snapshots
from dialogs.rules.shapes import Keeps
from storage.sight import Lying, Scope
from storage.staff import Held, Staff

# `cases`: the queue and its pages; `numbers`: the figures of the subtree; the others are what a post keeps.
Right = Literal["cases", "numbers"] | Keeps


def scope_of(staff: Staff, known: Snapshots) -> Scope:
    """Say what of the cases this person sees now."""
    own = [_seen(held, known) for held in staff.posts]
    theirs = [_seen(held, known) for each in staff.absent for held in each.posts]
    whole, held, given = (frozenset[str]().union(*sets) for sets in zip(*own, *theirs, strict=True))
    cleared = frozenset[str]().union(*(units for sets in own for units in sets)) if staff.cleared else frozenset[str]()
    absent = frozenset(each.name for each in staff.absent)
    posts = (*staff.posts, *(held for each in staff.absent for held in each.posts))
    over = frozenset(unit.id for post in posts for unit in known.units.path(post.unit))
    return Scope(
        staff=staff.name,
        whole=whole,
        held=held,
        given=given,
        cleared=cleared,
        absent=absent,
        over=over,
        everywhere=len(whole) == len(known.units),
    )


def rights_of(staff: Staff, known: Snapshots) -> frozenset[Right]:
    """Say which parts of the desk are open to this person. What an administrator keeps passes to nobody."""
    posts = [post for held in staff.posts if (post := known.rules.posts.get(held.post))]
    kept: frozenset[Right] = frozenset(post.keeps for post in posts if post.keeps)
    if any(post.numbers for post in posts):
        kept |= {"numbers"}
    return kept | {"cases"} if scope_of(staff, known).units else kept


def may(staff: Staff, act: Act, known: Snapshots) -> bool:
    """Tell whether one of this person's own posts has an act, wherever that may be."""
    return any(act in known.rules.may(held.post) for held in staff.posts)


def units_acting(staff: Staff, act: Act, known: Snapshots) -> frozenset[str]:
    """Give the units in which one of this person's own posts has an act, and those below them."""
    return _below([held.unit for held in staff.posts if act in known.rules.may(held.post)], known)


def units_counted(staff: Staff, known: Snapshots) -> frozenset[str]:
    """Give the units whose figures this person reads: those of the posts that have figures, and those below them."""
    posts = known.rules.posts
    return _below([held.unit for held in staff.posts if (post := posts.get(held.post)) and post.numbers], known)


def _below(units: Iterable[str], known: Snapshots) -> frozenset[str]:
    return frozenset[str]().union(*(known.units.subtree(unit) for unit in units if known.units.get(unit)))


def actors_of(staff: Staff, case: Lying, known: Snapshots) -> tuple[Actor, ...]:
    """Say as whom this person may act on a case: by each post that sees it, their own before those of the absent."""
    return tuple(_actors(staff, case, known))


def _actors(staff: Staff, case: Lying, known: Snapshots) -> Iterator[Actor]:
    everybody = [(staff.name, "", held) for held in staff.posts]
    everybody += [(each.name, each.name, held) for each in staff.absent for held in each.posts]
    for name, stands_for, post in everybody:
        whole, held, given = _seen(post, known)
        cleared = whole | held | given if staff.cleared and not stands_for else frozenset[str]()
        if Scope(staff=name, whole=whole, held=held, given=given, cleared=cleared).sees(case):
            yield Actor(name=staff.name, post=post.post, unit=post.unit, stands_for=stands_for)


def _seen(held: Held, known: Snapshots) -> tuple[frozenset[str], frozenset[str], frozenset[str]]:
    """Of which units a post sees every case, those that its holder holds, those that wait there to be signed for."""
    none = frozenset[str]()
    post, unit = known.rules.posts.get(held.post), known.units.get(held.unit)
    if post is None or unit is None:
        return none, none, none
    match post.sees:
        case "subtree":
            return known.units.subtree(unit.id), none, none
        case "unit":
            return frozenset({unit.id}), none, none
        case "own":
            # At a grid whoever works there is whom its cases are for; in a larger unit they are handed to somebody.
            return none, known.units.subtree(unit.id), frozenset({unit.id}) if unit.level == "grid" else none
        case "nothing":
            return none, none, none
