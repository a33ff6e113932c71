"""What the city is told from: places, words and the season, read from the files beside this one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from dialogs import reading, rules

_HERE = Path(__file__).parent
_CATEGORIES = Path(rules.__file__).parent / "categories.yaml"


@dataclass(frozen=True, slots=True)
class Script:
    """The three files as plain values, and what members call each category (its own words, plain ones only)."""

    places: Mapping[str, Any]
    words: Mapping[str, Any]
    season: Mapping[str, Any]
    called: Mapping[str, tuple[str, ...]]


@cache
def script() -> Script:
    """Read everything once."""
    return Script(_read("places.yaml"), _read("words.yaml"), _read("season.yaml"), _called())


def _read(name: str) -> Mapping[str, Any]:
    found: Mapping[str, Any] = reading.read((_HERE / name).read_text(encoding="utf-8")).value
    return found


def _called() -> dict[str, tuple[str, ...]]:
    found = {}
    for top in reading.read(_CATEGORIES.read_text(encoding="utf-8")).value["categories"]:
        for sub in top["of"]:
            plain = [word for word in str(sub.get("sure", "")).split() if "+" not in word and len(word) > 1]
            found[f"{top['key']}.{sub['key']}"] = tuple(plain[:6]) or (sub["title"],)
    return found
