"""Reads a file of evaluation rows and writes what was understood, or answered, to another.

`want` and `relevant` are never read: whoever scores the answers has them.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date, datetime
from pathlib import Path
from time import perf_counter
from typing import TypeVar

from dialogs.emergency import danger
from dialogs.fields import READERS, Asked
from dialogs.knowledge import Answered, Article, BadArticlesError, Index, find, load
from dialogs.understand import STANDARD, command

Row = Mapping[str, object]
Got = TypeVar("Got")


class BadRowsError(ValueError):
    """A file of evaluation rows cannot be read; the message names every mistake by file and line."""


class _WrongError(ValueError):
    """One thing is wrong with one row; the message says what."""


def understand(rows_path: Path, out_path: Path) -> int:
    """Read `{id, kind, text, options?, now?, minimum?, maximum?}` rows, write `{id, got}` rows; gives their number.

    `got` has the form that eval/README.md gives for `want`; null means: asks again. Raises BadRowsError.
    """
    return _write(out_path, _each(rows_path, _understood))


def answers(articles_path: Path, queries_path: Path, outside_path: Path | None, out_path: Path) -> int:
    """Ask every query of the articles, and every query out of scope; gives the number of rows written.

    A row is `{query, answered: id or null, ranked: [[id, score], …] (10), ms}`; `ms` is what one
    question costs a member, on an index that stands. Raises BadRowsError.
    """
    index = Index(_articles(articles_path))
    today = max((article.checked for article in index.articles), default=date.min)
    paths = [queries_path, *([outside_path] if outside_path else [])]
    queries = [query for path in paths for query in _each(path, _query)]
    if queries:
        _answer(index, queries[0], today)  # the first question builds the index; that is not its own time
    return _write(out_path, [_answer(index, query, today) for query in queries])


def _answer(index: Index, query: str, today: date) -> Row:
    began = perf_counter()
    found = find(index, query, today)
    spent = (perf_counter() - began) * 1000
    ranked = index.rank(query)
    answered = found.article.id if isinstance(found, Answered) else None
    return {"query": query, "answered": answered, "ranked": ranked, "ms": round(spent, 3)}


# -- one row
def _understood(row: Row) -> Row:
    text, kind = _text(row, "text"), _text(row, "kind")
    if "id" not in row:
        raise _WrongError("id is missing")
    match kind:
        case "command":
            found = command(text)
            got: object = found if found in STANDARD else None
        case "emergency":
            got = danger(text)
        case _ if kind in READERS:
            got = READERS[kind](text, _asked(row))
        case _:
            raise _WrongError(f"the kind {kind!r} is not known")
    return {"id": row["id"], "got": got}


def _asked(row: Row) -> Asked:
    return Asked(
        options=_options(row),
        now=_moment(row),
        minimum=_whole(row, "minimum"),
        maximum=_whole(row, "maximum"),
        past_only=row.get("past_only") is True,
    )


def _query(row: Row) -> str:
    return _text(row, "query")


def _text(row: Row, key: str) -> str:
    found = row.get(key)
    if not isinstance(found, str):
        raise _WrongError(f"{key} is missing or not text")
    return found


def _options(row: Row) -> tuple[str, ...]:
    found = row.get("options") or []
    if not isinstance(found, list) or not all(isinstance(each, str) for each in found):
        raise _WrongError("options is not a list of texts")
    return tuple(found)


def _moment(row: Row) -> datetime | None:
    if row.get("now") is None:
        return None
    try:
        found = datetime.fromisoformat(_text(row, "now"))
    except ValueError as wrong:
        raise _WrongError("now is not a moment such as 2026-11-21T10:30:00+08:00") from wrong
    if found.tzinfo is None:
        raise _WrongError("now has no zone, such as +08:00")
    return found


def _whole(row: Row, key: str) -> int | None:
    found = row.get(key)
    if found is not None and (not isinstance(found, int) or isinstance(found, bool)):
        raise _WrongError(f"{key} is not a whole number")
    return found


# -- files
def _articles(path: Path) -> tuple[Article, ...]:
    try:
        return load(_lines(path))
    except BadArticlesError as wrong:
        raise BadRowsError("\n".join(f"{path}: {each}" for each in wrong.mistakes)) from wrong


def _each(path: Path, read: Callable[[Row], Got]) -> list[Got]:
    found: list[Got] = []
    mistakes: list[str] = []
    for number, line in enumerate(_lines(path), 1):
        if not line.strip():
            continue
        try:
            found.append(read(_object(line)))
        except _WrongError as wrong:
            mistakes.append(f"{path}: line {number}: {wrong}")
    if mistakes:
        raise BadRowsError("\n".join(mistakes))
    return found


def _lines(path: Path) -> Iterator[str]:
    # Only \n ends a row: str.splitlines would also break at U+2028, which may stand inside a text.
    try:
        yield from path.read_text(encoding="utf-8-sig").split("\n")
    except (OSError, UnicodeDecodeError) as wrong:
        raise BadRowsError(f"{path}: cannot be read as UTF-8: {wrong}") from wrong


def _object(line: str) -> Row:
    try:
        row = json.loads(line)
    except (ValueError, RecursionError) as wrong:
        raise _WrongError("this is not JSON") from wrong
    if not isinstance(row, dict):
        raise _WrongError("this is not a JSON object")
    return row


def _write(path: Path, rows: Iterable[Row]) -> int:
    lines = [json.dumps(row, ensure_ascii=False) for row in rows]
    path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8", errors="backslashreplace")
    return len(lines)
