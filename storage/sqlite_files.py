"""SQLite's files: how a connection is set up, and the lock of the one process that writes."""

from __future__ import annotations

import sqlite3
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

BUSY_MS: Final = 5000
LOG_BYTES: Final = 32 * 2**20  # from this length on, the log is emptied at once and cut back
_STATEMENTS = 512  # kept prepared by a connection: those of a turn, in every number of rows


_TAKEN = "另一个进程（多半是 hongyan serve）正在写这个数据库，SQLite 只许一个进程写。请先停下它，或者改用 PostgreSQL。"


class Taken(Exception):  # noqa: N818  an outcome of starting
    """Another process already writes to this database; SQLite allows one. Stop it first, or use PostgreSQL."""


class LockFile:
    """Held by the one process that writes: an exclusive SQLite lock on a file beside the database.

    SQLite's own locks work on every system, and the operating system lets go of them when the
    process dies, however it dies. Raises Taken.
    """

    def __init__(self, database: Path) -> None:
        self.path = database.with_name(database.name + ".lock")
        self._held = sqlite3.connect(self.path, timeout=0, isolation_level=None, check_same_thread=False)
        try:
            self._held.execute("BEGIN EXCLUSIVE")
        except sqlite3.OperationalError as locked:
            self._held.close()
            raise Taken(f"{database}：{_TAKEN}") from locked

    def release(self) -> None:
        """Let the next process in."""
        with suppress(sqlite3.Error):
            self._held.rollback()
        self._held.close()


def connect(path: Path, *, write: bool) -> sqlite3.Connection:
    """Open the database as every connection of ours does; transactions are begun by hand."""
    raw = sqlite3.connect(
        path, timeout=BUSY_MS / 1000, isolation_level=None, check_same_thread=False, cached_statements=_STATEMENTS
    )
    prepare(raw, write=write)
    return raw


def prepare(raw: Any, *, write: bool) -> None:
    """Set a connection up: WAL and FULL, so that what was committed survives a power cut."""
    pragmas = [f"busy_timeout={BUSY_MS}", "synchronous=FULL", "foreign_keys=ON", "temp_store=MEMORY"]
    if write:
        log = ["journal_mode=WAL", "wal_autocheckpoint=0", f"journal_size_limit={LOG_BYTES}"]
        pragmas += [*log, "cache_size=-65536"]
    else:
        pragmas += ["query_only=ON"]
    cursor = raw.cursor()
    for pragma in pragmas:
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()
