"""What a person may do at the desk, out of the post that they hold: which cases they see, what they administer."""

from __future__ import annotations

from typing import Literal

from dialogs.facts import Snapshots
from dialogs.rules.shapes import Keeps
from storage.sight import Scope
from storage.staff import Staff

# `cases`: the queue and its pages; `numbers`: the figures of the subtree; the others are what a post keeps.
Right = Literal["cases", "numbers"] | Keeps


def scope_of(staff: Staff, known: Snapshots) -> Scope:
    """Say what of the cases this person sees now."""
    post, unit = known.rules.posts.get(staff.post), known.units.get(staff.unit)
    if post is None or unit is None:
        return Scope(staff=staff.name)
    match post.sees:
        case "subtree":
            return Scope(staff=staff.name, whole=known.units.subtree(unit.id))
        case "unit":
            return Scope(staff=staff.name, whole=frozenset({unit.id}))
        case "own":
            # At a grid whoever works there is whom its cases are for; in a larger unit they are handed to somebody.
            given = frozenset({unit.id}) if unit.level == "grid" else frozenset[str]()
            return Scope(staff=staff.name, held=known.units.subtree(unit.id), given=given)
        case "nothing":
            return Scope(staff=staff.name)


def rights_of(staff: Staff, known: Snapshots) -> frozenset[Right]:
    """Say which parts of the desk are open to this person."""
    post = known.rules.posts.get(staff.post)
    if post is None:
        return frozenset()
    kept: frozenset[Right] = frozenset({post.keeps}) if post.keeps else frozenset()
    if post.sees == "nothing":
        return kept
    return kept | ({"cases", "numbers"} if post.numbers else {"cases"})
