"""A date: 明天, 下周三, 12 月 1 号, 2026.12.1, 元旦, 三天后, 去年国庆. What names no one day is asked again."""

from __future__ import annotations

from dialogs.fields.asked import Asked
from dialogs.fields.clock import clock_at
from dialogs.fields.days import Around, finished, prepared, starts, take, vocabulary


def around(asked: Asked) -> Around:
    """Give what the question knows of today."""
    return Around(asked.now.date() if asked.now else None, asked.past_only)


def read(text: str, asked: Asked) -> str | None:
    """Give YYYY-MM-DD, relative to `asked.now` (local, aware); an hour said besides is left aside."""
    plain = prepared(text)
    for start in starts(plain):
        found = take(start, around(asked))
        if found:
            day, rest = found
            return day.isoformat() if _harmless(finished(rest)) else None
    return None


def _harmless(rest: str) -> bool:
    return not rest or rest in vocabulary().parts or clock_at(rest) is not None
