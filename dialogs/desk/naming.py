"""Whom an internal note names with @: colleagues by their sign-in names, the longest name first."""

from __future__ import annotations

import re
from collections.abc import Iterable


def named(words: str, names: Iterable[str]) -> tuple[str, ...]:
    """Give which of these names stand behind an @ (full width too), in the order of the note, each once."""
    known = sorted(set(names), key=lambda name: (-len(name), name))
    if not known:
        return ()
    return tuple(dict.fromkeys(re.findall(f"[@＠]({'|'.join(map(re.escape, known))})", words)))
