"""Everyday speech as the rules have it: what sounds like trouble, a question or courtesy; how places are said."""

from __future__ import annotations

from dataclasses import dataclass

from dialogs.rules.phrases import Dialect, Phrases


@dataclass(frozen=True, slots=True, kw_only=True)
class Places:
    """Words with which places are said, folded."""

    building: tuple[str, ...]
    entrance: tuple[str, ...]
    road_number: tuple[str, ...]
    compounds: tuple[str, ...]
    spots: tuple[str, ...]
    loose: tuple[str, ...]
    noise: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Fillers:
    """Courtesies and filler words, folded and longest first."""

    lead: tuple[str, ...]
    anywhere: tuple[str, ...]
    tail: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Everyday:
    """All of it. A phrase's owner says its kind (see OWNERS)."""

    phrases: Phrases
    dialect: Dialect
    short: int
    least: int
    fillers: Fillers
    places: Places


OWNERS = ("trouble", "sign", "asks", "question", "never", "elsewhere")


@dataclass(frozen=True, slots=True, kw_only=True)
class Lexicon:
    """Words of the categories: `keys[owner]` is the category of a phrase; a negative owner is neutral."""

    phrases: Phrases
    dialect: Dialect
    keys: tuple[str, ...]
    least: float
    sure: float
