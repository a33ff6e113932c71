"""One policy answer with its source, and how a file of them is read."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Literal, cast

Confidence = Literal["high", "medium", "low"]
UNDATED = date.min
"""The day of checking of an article that says none."""

_CONFIDENCES = ("high", "medium", "low")


@dataclass(frozen=True, slots=True, kw_only=True)
class Article:
    """A question with its other wordings, its answer and what the answer rests on.

    `checked` is the day that a person last compared it with its source (「核对日期」). It answers
    from `valid_from` to `valid_until`, both included, and until `review_by` has passed.
    """

    id: str
    question: str
    answer: str
    alternatives: tuple[str, ...] = ()
    source: str = ""
    confidence: Confidence = "medium"
    topic: str = ""
    checked: date = UNDATED
    valid_from: date | None = None
    valid_until: date | None = None
    review_by: date | None = None

    def stands(self, today: date) -> bool:
        """Tell whether it may be said today (a day of the centre's own calendar)."""
        begun = self.valid_from is None or self.valid_from <= today
        ends = min(self.valid_until or date.max, self.review_by or date.max)
        return begun and today <= ends


class BadArticlesError(ValueError):
    """Articles have mistakes; the message names every one of them by its line."""

    def __init__(self, mistakes: Iterable[str]) -> None:
        self.mistakes = tuple(mistakes)
        super().__init__("\n".join(self.mistakes))


class _WrongError(ValueError):
    """One thing is wrong with one row; the message says what."""


def load(lines: Iterable[str], *, checked: date = UNDATED) -> tuple[Article, ...]:
    """Read articles, one JSON object a line; empty lines are passed over.

    `checked` is for articles that have no day of their own. Raises BadArticlesError with every mistake.
    """
    articles: dict[str, Article] = {}
    mistakes: list[str] = []
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            article = _read(line, checked)
        except _WrongError as wrong:
            mistakes.append(f"line {number}: {wrong}")
            continue
        if article.id in articles:
            mistakes.append(f"line {number}: the id {article.id!r} is used twice")
        articles[article.id] = article
    if mistakes:
        raise BadArticlesError(mistakes)
    return tuple(articles.values())


def _read(line: str, checked: date) -> Article:
    row = _object(line)
    return Article(
        id=_words(row, "id", needed=True),
        question=_words(row, "question", needed=True),
        answer=_words(row, "answer", needed=True),
        alternatives=_list(row, "alternatives"),
        source=_words(row, "source"),
        confidence=_confidence(row),
        topic=_words(row, "topic"),
        checked=_day(row, "checked") or checked,
        valid_from=_day(row, "valid_from"),
        valid_until=_day(row, "valid_until"),
        review_by=_day(row, "review_by"),
    )


def _object(line: str) -> Mapping[str, object]:
    try:
        row = json.loads(line.lstrip("\ufeff"))
    except (ValueError, RecursionError) as wrong:
        raise _WrongError("this is not JSON") from wrong
    if not isinstance(row, dict):
        raise _WrongError("this is not a JSON object")
    return row


def _words(row: Mapping[str, object], key: str, *, needed: bool = False) -> str:
    found = row.get(key)
    if found is None and not needed:
        return ""
    if not isinstance(found, str):
        raise _WrongError(f"{key} is missing or not text")
    if needed and not found.strip():
        raise _WrongError(f"{key} is empty")
    return found


def _list(row: Mapping[str, object], key: str) -> tuple[str, ...]:
    found = row.get(key)
    if found is None:
        return ()
    if not isinstance(found, list) or not all(isinstance(each, str) for each in found):
        raise _WrongError(f"{key} is not a list of texts")
    return tuple(each for each in found if each.strip())


def _confidence(row: Mapping[str, object]) -> Confidence:
    found = row.get("confidence", "medium")
    if found not in _CONFIDENCES:
        raise _WrongError(f"confidence is not one of {', '.join(_CONFIDENCES)}")
    return cast("Confidence", found)


def _day(row: Mapping[str, object], key: str) -> date | None:
    found = row.get(key)
    if found is None:
        return None
    read: Callable[[str], date] = date.fromisoformat
    try:
        return read(found) if isinstance(found, str) else read("")
    except ValueError as wrong:
        raise _WrongError(f"{key} is not a day such as 2026-11-21") from wrong
