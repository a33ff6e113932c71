"""Questions that no article may answer: whose they are, and how that is said."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache

from dialogs.emergency import danger
from dialogs.knowledge.starter import lists
from dialogs.text import fold


@dataclass(frozen=True, slots=True, kw_only=True)
class Intent:
    """One kind of question that is handed over: `route` names who, `why` is said to the member.

    `offer`: ask whether it shall go to staff. `general`: the general rule may be said first. `danger`:
    it is in the list of danger words, which are answered before any question.
    """

    key: str
    route: str
    why: str
    offer: bool
    general: bool = False
    danger: bool = False
    says: re.Pattern[str] | None = None
    unless: re.Pattern[str] | None = None

    def meant(self, folded: str) -> bool:
        """Tell whether a folded text is of this kind."""
        if self.says is None or not self.says.search(folded):
            return False
        return self.unless is None or not self.unless.search(folded)


class BadScopeError(ValueError):
    """The file of questions out of scope has a mistake; the message names the kind."""


@dataclass(frozen=True, slots=True)
class Scope:
    """All kinds, in order, and what is said when nothing matches or the answer has expired.

    `dangers` are by the name of the danger; those of them that are missing are answered like any question.
    """

    dangers: Mapping[str, Intent]
    intents: tuple[Intent, ...]
    default: Intent
    expired: Intent

    def intent(self, text: str) -> Intent | None:
        """Give the first kind that the text is of, if any."""
        folded = fold(text)
        every = (*self.dangers.values(), *self.intents)
        said = next((each for each in every if each.meant(folded)), None)
        present = self.dangers.get(danger(text) or "")
        return said or (replace(present, danger=True) if present else None)


def read(data: Mapping[str, object]) -> Scope:
    """Make a scope of a file's content. Raises BadScopeError."""
    dangers, intents = (_table(data, key) for key in ("dangers", "intents"))
    return Scope(
        dangers,
        tuple(intents.values()),
        _intent("default", data.get("default")),
        _intent("expired", data.get("expired")),
    )


@cache
def packaged() -> Scope:
    """Give the kinds that come with the program."""
    return read(lists("out_of_scope").data)


def _table(data: Mapping[str, object], name: str) -> Mapping[str, Intent]:
    rows = data.get(name)
    if not isinstance(rows, Mapping) or not rows:
        raise BadScopeError(f"{name} is missing")
    return {str(key): _intent(str(key), row) for key, row in rows.items()}


def _intent(key: str, row: object) -> Intent:
    if not isinstance(row, Mapping) or not all(isinstance(row.get(each), str) for each in ("route", "why")):
        raise BadScopeError(f"{key}: route and why must be texts")
    try:
        says, unless = (_pattern(row.get(each)) for each in ("says", "unless"))
    except re.error as wrong:
        raise BadScopeError(f"{key}: {wrong}") from wrong
    flags = {each: row.get(each) is True for each in ("offer", "general")}
    return Intent(key=key, route=row["route"], why=row["why"], says=says, unless=unless, **flags)


def _pattern(says: object) -> re.Pattern[str] | None:
    patterns = [says] if isinstance(says, str) else says
    return re.compile("|".join(f"(?:{each})" for each in patterns)) if isinstance(patterns, list) else None
