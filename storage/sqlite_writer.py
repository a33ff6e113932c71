"""The one writer of a SQLite database. Everything that changes it goes through here.

Group commit: all that was asked for while the last commit ran is committed together, so that one
fsync (`synchronous=FULL`) serves everybody who waits. The statements of turns run on the event
loop and only the COMMIT, which waits for the disk, on the writer's thread: a statement takes less
time than handing the interpreter from thread to thread and back (see deploy/performance.md). Calls
of the desk and turns that must be run one by one go to the thread whole. At any moment either the
loop or the thread uses the connection, never both.
"""

from __future__ import annotations

import asyncio
import sqlite3
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from queue import SimpleQueue
from typing import Any, TypeVar

from sqlalchemy import Connection, bindparam, create_engine, event, select
from sqlalchemy.pool import StaticPool

from storage import tables as t
from storage.acts import STATE_COLUMNS, CaseState
from storage.crypto import Keys
from storage.expand import Entry, grouped
from storage.recent import Recent
from storage.sqlite_files import BUSY_MS, LOG_BYTES, connect
from storage.statements import STATEMENTS, Insert, compiled
from storage.turns import Conflict, Gathered

Result = TypeVar("Result")
_BETWEEN = 1.0  # s between looks at how much was written
_MANY_ROWS = 20_000  # written since the last copy of the log: a busy service's three seconds, about 50 MB
_REST = 30  # looks after which a log of fewer rows is copied too
_STATE_SQL = compiled(select(*STATE_COLUMNS).where(t.cases.c.number == bindparam("number")), "sqlite")[0]


@dataclass(slots=True)
class _Turn:
    entry: Entry
    done: asyncio.Future[None]
    base: Gathered | None = None
    failed: BaseException | None = None


@dataclass(slots=True)
class _Call:
    work: Callable[[Connection], Any]
    done: asyncio.Future[Any]
    apart: bool
    result: Any = None
    failed: BaseException | None = None


@dataclass(slots=True)
class _Batch:
    """What is committed together. `begun`: the turns are written and wait for the COMMIT."""

    turns: list[_Turn] = field(default_factory=list)
    calls: list[_Call] = field(default_factory=list)
    begun: bool = False
    checkpoint: bool = False


class Writer:
    """Queues turns and calls, and commits them in batches."""

    def __init__(self, path: Path, keys: Keys, recent: Recent) -> None:
        self._keys, self._recent = keys, recent
        self._loop = asyncio.get_running_loop()
        self._engine = create_engine(
            "sqlite://", creator=lambda: connect(path, write=True), poolclass=StaticPool, skip_autocommit_rollback=True
        )
        event.listen(self._engine, "begin", _begin_immediate)
        self._conn = self._engine.connect()
        raw = self._conn.connection.driver_connection
        assert isinstance(raw, sqlite3.Connection)
        self._raw = raw
        # Somebody else's lock must not stop the loop: the thread waits for it instead.
        raw.execute("PRAGMA busy_timeout=20")
        self._waiting, self._busy, self._due = _Batch(), False, False
        self._idle = asyncio.Event()
        self._idle.set()
        self._handed: SimpleQueue[_Batch | None] = SimpleQueue()
        self._thread = threading.Thread(target=self._work, name="sqlite-writer", daemon=True)
        self._thread.start()
        self._checkpoints = Checkpoints(path, lambda: self._loop.call_soon_threadsafe(self._checkpoint))

    def turn(self, entry: Entry) -> asyncio.Future[None]:
        """Queue a turn; done once it is durable. Fails with Conflict."""
        done: asyncio.Future[None] = self._loop.create_future()
        self._waiting.turns.append(_Turn(entry, done, self._recent.get(entry.member)))
        self._soon()
        return done

    def call(self, work: Callable[[Connection], Result], *, apart: bool = False) -> asyncio.Future[Result]:
        """Queue `work` for a transaction on the writer's thread; its result once it is durable.

        Unless it is `apart`, nothing that is remembered of members holds after it.
        """
        done: asyncio.Future[Result] = self._loop.create_future()
        self._waiting.calls.append(_Call(work, done, apart))
        self._soon()
        return done

    async def close(self) -> None:
        """Finish what is queued, then end the threads."""
        await asyncio.to_thread(self._checkpoints.close)
        await self._idle.wait()
        self._handed.put(None)
        await asyncio.to_thread(self._thread.join)
        self._conn.close()
        self._engine.dispose()

    # --- on the loop ------------------------------------------------------------------------

    def _soon(self) -> None:
        # Not at once: whoever is ready in this pass of the loop shares the batch.
        if not self._busy and not self._due:
            self._due = True
            self._idle.clear()
            self._loop.call_soon(self._begin)

    def _checkpoint(self) -> None:
        self._waiting.checkpoint = True
        self._soon()

    def _begin(self) -> None:
        batch, self._waiting, self._due, self._busy = self._waiting, _Batch(), False, True
        if not batch.calls and batch.turns:
            batch.begun = self._written(batch.turns)
        self._handed.put(batch)

    def _written(self, turns: Sequence[_Turn]) -> bool:
        """Write all at once, which almost always succeeds; if not, the transaction is gone."""
        try:
            self._raw.execute("BEGIN IMMEDIATE")
            write_entries(self._raw, [turn.entry for turn in turns], self._keys)
        except Exception:  # noqa: BLE001  run one by one, they show whose fault it was
            if self._raw.in_transaction:
                self._raw.execute("ROLLBACK")
            return False
        return True

    def _ended(self, batch: _Batch) -> None:
        self._busy = False
        self._follow(batch)
        _tell(batch)
        self._checkpoints.written = self._raw.total_changes
        if self._waiting.turns or self._waiting.calls or self._waiting.checkpoint:
            self._soon()
        else:
            self._idle.set()

    def _follow(self, batch: _Batch) -> None:
        for turn in batch.turns:
            self._recent.settle(turn.entry, turn.base, written=turn.failed is None)
        if not all(call.apart for call in batch.calls):
            self._recent.clear()

    # --- on the writer's thread -------------------------------------------------------------

    def _work(self) -> None:
        while (batch := self._handed.get()) is not None:
            try:
                self._run(batch)
            except BaseException as broken:  # noqa: BLE001  the commit itself failed: nobody's work is durable
                if self._raw.in_transaction:
                    self._raw.execute("ROLLBACK")
                _fail(batch, broken)
            with suppress(RuntimeError):  # the loop is gone: nobody waits any more
                self._loop.call_soon_threadsafe(self._ended, batch)

    def _run(self, batch: _Batch) -> None:
        if batch.begun:
            self._raw.execute("COMMIT")
        elif batch.turns or batch.calls:
            with self._conn.begin():
                self._one_by_one(batch.turns)
                for call in batch.calls:
                    self._one_call(call)
        if batch.checkpoint:
            self._raw.execute("PRAGMA wal_checkpoint(PASSIVE)")

    def _one_by_one(self, turns: Sequence[_Turn]) -> None:
        for turn in turns:
            self._raw.execute("SAVEPOINT one")
            try:
                write_entries(self._raw, [turn.entry], self._keys)
            except Exception as failed:
                if not self._raw.in_transaction:
                    raise  # SQLite gave the whole transaction up (a full disk, say): nothing can be saved
                self._raw.execute("ROLLBACK TO one")
                turn.failed = failed
            self._raw.execute("RELEASE one")

    def _one_call(self, call: _Call) -> None:
        try:
            with self._conn.begin_nested():
                call.result = call.work(self._conn)
        except Exception as failed:  # noqa: BLE001  the caller's own, given back to the caller
            call.failed = failed


def _begin_immediate(conn: Connection) -> None:
    """Take the right to write, waiting for it as long as SQLite's own time-out would."""
    until = time.monotonic() + BUSY_MS / 1000
    raw = conn.connection.driver_connection
    assert isinstance(raw, sqlite3.Connection)
    while True:
        try:
            raw.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError:
            if time.monotonic() > until:
                raise
        else:
            return


def _fail(batch: _Batch, broken: BaseException) -> None:
    for turn in batch.turns:
        turn.failed = turn.failed or broken
    for call in batch.calls:
        call.failed = call.failed or broken


def _tell(batch: _Batch) -> None:
    for turn in batch.turns:
        if not turn.done.done():
            if turn.failed is None:
                turn.done.set_result(None)
            else:
                turn.done.set_exception(turn.failed)
    for call in batch.calls:
        if not call.done.done():
            if call.failed is None:
                call.done.set_result(call.result)
            else:
                call.done.set_exception(call.failed)


class Checkpoints:
    """Copies the write-ahead log back into the database, on a thread of its own, while others write.

    Not often: a COMMIT beside a copy waits for the same disk and takes several times as long. And a
    copy that runs beside a busy writer never reaches the log's end, so the log would only grow:
    beyond LOG_BYTES the writer copies what is left, which by then is little, and the log begins anew.
    """

    def __init__(self, path: Path, ask_writer: Callable[[], object]) -> None:
        self._path, self._ask_writer = path, ask_writer
        self.written = 0  # rows, since the database was opened
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._work, name="sqlite-checkpoints", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """End the thread."""
        self._closing.set()
        self._thread.join()

    def _work(self) -> None:
        raw = connect(self._path, write=True)
        log = self._path.with_name(self._path.name + "-wal")
        copied = looks = 0
        while not self._closing.wait(_BETWEEN):
            looks += 1
            fresh = self.written - copied
            if fresh >= _MANY_ROWS or (fresh and looks >= _REST):
                copied, looks = copied + fresh, 0
                # Busy, or the disk is full: the log keeps everything until it is not.
                with suppress(sqlite3.Error, OSError, RuntimeError):
                    self._copy(raw, log)
        raw.close()

    def _copy(self, raw: sqlite3.Connection, log: Path) -> None:
        raw.execute("PRAGMA wal_checkpoint(PASSIVE)")
        if log.stat().st_size > LOG_BYTES:
            raw.execute("PRAGMA wal_checkpoint(PASSIVE)")
            self._ask_writer()


def write_entries(raw: sqlite3.Connection, entries: Sequence[Entry], keys: Keys) -> None:
    """Write turns in the open transaction. Raises Conflict where one of them came too late."""
    cases = _states(raw, {act.number for entry in entries for act in entry.acts})
    lines = grouped(entries, cases, keys)
    for name, rows in lines.items():
        statement = STATEMENTS[name]
        if isinstance(statement, Insert):
            count = sum(raw.execute(sql, values).rowcount for sql, values in statement.pieces(rows))
        else:
            count = raw.executemany(statement.sql("sqlite"), rows).rowcount
        if statement.exact and count != len(rows):
            raise Conflict(f"{name}: {count} of {len(rows)} rows were as they had been read")


def _states(raw: sqlite3.Connection, numbers: set[str]) -> dict[str, CaseState]:
    found = {}
    for number in numbers:
        row = raw.execute(_STATE_SQL, (number,)).fetchone()
        if row is not None:
            found[number] = CaseState(**dict(zip(CaseState.__slots__, row, strict=True)))
    return found
