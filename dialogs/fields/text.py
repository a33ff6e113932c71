"""Free words: kept as written, control characters and outer spaces gone."""

from __future__ import annotations

from dialogs.fields.asked import Asked
from dialogs.text import clean


def read(text: str, asked: Asked) -> str | None:
    """Give the words as written; None if there are none, only marks, or more than `max_length` characters."""
    words = clean(text).strip()
    if not any(each.isalnum() for each in words) or (asked.max_length and len(words) > asked.max_length):
        return None
    return words
