"""The inverted index under search: which case's words hold which pairs of characters, by each engine's own means.

On SQLite a table of FTS5 without content, on PostgreSQL an array with a GIN index; both are called
`case_grams` and lie beside the schema of tables.py, which knows no such things. Pairs are numbers
that only our key makes of them, so that the index tells nobody what was written.
"""

from __future__ import annotations

from array import array
from collections.abc import Collection, Iterable
from functools import lru_cache
from typing import Protocol

from sqlalchemy import BigInteger, ColumnElement, Connection, Integer, Text, cast, column, table, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.dialects.postgresql import array as pg_array

from dialogs.desk.seeking import grams
from storage.crypto import Keys

NAME = "case_grams"
MAKE = {
    "sqlite": (
        f"CREATE VIRTUAL TABLE {NAME} USING fts5(grams, content='', detail=none, columnsize=0, tokenize=ascii)",
    ),
    "postgresql": (
        f"CREATE TABLE {NAME} (id BIGINT PRIMARY KEY REFERENCES case_words (id) ON DELETE CASCADE, grams INTEGER[])",
        f"CREATE INDEX ix_{NAME} ON {NAME} USING gin (grams)",
    ),
}


def make(conn: Connection) -> None:
    """Make the index, empty."""
    for statement in MAKE[conn.dialect.name]:
        conn.execute(text(statement))


def beside(name: str) -> bool:
    """Tell whether a table is one of the index's own, which no migration compares."""
    return name == NAME or name.startswith(f"{NAME}_")


class GramIndex(Protocol):
    """What search needs of an inverted index."""

    def put(self, conn: Connection, row: int, numbers: Collection[int], before: bytes | None) -> bytes | None:
        """Let `row` of case_words have these pairs; `before` is what the last `put` of it gave. Gives what to keep."""

    def having(self, numbers: Collection[int]) -> tuple[ColumnElement[int], ColumnElement[bool]]:
        """Give the column of rows, and ask for those that have all these pairs."""


class _Fts5:
    """FTS5: a pair is a word of hexadecimal figures. Its rows are given back newest first without sorting."""

    _g = table(NAME, column("rowid", BigInteger), column(NAME, Text), column("grams", Text))

    def put(self, conn: Connection, row: int, numbers: Collection[int], before: bytes | None) -> bytes | None:
        """Take out what the row had, word for word, and put in what it has."""
        if before is not None:
            out = text(f"INSERT INTO {NAME} ({NAME}, rowid, grams) VALUES ('delete', :row, :grams)")  # noqa: S608
            conn.execute(out, {"row": row, "grams": _words(array("i", before))})
        into = text(f"INSERT INTO {NAME} (rowid, grams) VALUES (:row, :grams)")  # noqa: S608
        conn.execute(into, {"row": row, "grams": _words(numbers)})
        return array("i", numbers).tobytes()

    def having(self, numbers: Collection[int]) -> tuple[ColumnElement[int], ColumnElement[bool]]:
        """Match all of them."""
        return self._g.c.rowid, self._g.c[NAME].op("MATCH")(_words(numbers))


class _Gin:
    """An array of numbers under GIN."""

    _g = table(NAME, column("id", BigInteger), column("grams", ARRAY(Integer)))

    def put(self, conn: Connection, row: int, numbers: Collection[int], before: bytes | None) -> bytes | None:
        """Write the array anew."""
        del before
        put = text(
            f"INSERT INTO {NAME} (id, grams) VALUES (:row, :grams) "  # noqa: S608
            "ON CONFLICT (id) DO UPDATE SET grams = excluded.grams"
        )
        conn.execute(put, {"row": row, "grams": list(numbers)})
        return None

    def having(self, numbers: Collection[int]) -> tuple[ColumnElement[int], ColumnElement[bool]]:
        """Ask for arrays that contain all of them."""
        return self._g.c.id, self._g.c.grams.contains(cast(pg_array(list(numbers)), ARRAY(Integer)))


def gram_index(engine: str) -> GramIndex:
    """Give the index of an engine."""
    return _Fts5() if engine == "sqlite" else _Gin()


class Numbered:
    """Makes numbers of pairs of characters, with the key."""

    def __init__(self, keys: Keys) -> None:
        # 31 bits: of all pairs that a city writes, two meet in a number hardly ever, and what was found is read again.
        self._number = lru_cache(maxsize=50_000)(lambda gram: int(keys.index("case_words.grams", gram)[:8], 16) >> 1)

    def numbers(self, pairs: Iterable[str]) -> list[int]:
        """Give the numbers of pairs, in order."""
        return sorted(set(map(self._number, pairs)))

    def of_lines(self, lines: Iterable[str]) -> list[int]:
        """Give the numbers of all pairs in these lines."""
        return self.numbers(set[str]().union(*map(grams, lines)))


def _words(numbers: Iterable[int]) -> str:
    return " ".join(f"{number:x}" for number in numbers)
