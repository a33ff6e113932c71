"""SQLite as storage uses it: one writer, reads for turns on the loop, reads for the desk on a few threads."""

from __future__ import annotations

import asyncio
import sqlite3
from collections import defaultdict
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import TypeVar

from sqlalchemy import Connection, create_engine
from sqlalchemy.pool import QueuePool

from dialogs.facts import KnownCase
from storage.crypto import Keys
from storage.expand import Entry
from storage.gathering import Put, Question, Questions, assemble, near_cases
from storage.moments import to_ms
from storage.recent import Recent
from storage.sqlite_files import LockFile, connect
from storage.sqlite_writer import Writer
from storage.statements import Row
from storage.turns import Gather, Gathered

Result = TypeVar("Result")
READERS = 4  # questions of the desk that are answered at once
_STORED = "SELECT 1 FROM inbound WHERE key = ? AND member = ?"


class SqliteEngine:
    """SQLite as storage uses it: the writer, a connection that gathers, a few threads for the desk's reads."""

    name = "sqlite"

    def __init__(self, path: Path, keys: Keys, clock: Callable[[], datetime], *, read_only: bool) -> None:
        self.keys = self._keys = keys
        self._clock = clock
        self._lock = None if read_only else LockFile(path)
        # Who only reads does not see what another process writes: it must not remember.
        recent = None if read_only else Recent()
        self._writer = None if recent is None else Writer(path, keys, recent)
        self._gathering = Gathering(connect(path, write=False), keys, clock, recent)
        # Whole questions on a few threads: by aiosqlite each step of each one would wait for a thread of its own.
        self._engine = create_engine(
            "sqlite://",
            creator=lambda: connect(path, write=False),
            poolclass=QueuePool,
            pool_size=READERS,
            skip_autocommit_rollback=True,
        )
        self._readers = ThreadPoolExecutor(READERS, thread_name_prefix="sqlite-reader")

    async def read(self, work: Callable[[Connection], Result]) -> Result:
        """Run `work` on a connection that cannot write."""
        return await asyncio.get_running_loop().run_in_executor(self._readers, self._read, work)

    def _read(self, work: Callable[[Connection], Result]) -> Result:
        with self._engine.connect() as conn:
            # By hand, as all transactions here: what is asked in one go is answered of one moment.
            conn.exec_driver_sql("BEGIN")
            try:
                return work(conn)
            finally:
                conn.exec_driver_sql("ROLLBACK")

    async def write(self, work: Callable[[Connection], Result], *, apart: bool = False) -> Result:
        """Run `work` in the writer's transaction, on the writer's thread."""
        return await self._writing().call(work, apart=apart)

    async def gather(self, ask: Gather) -> Gathered:
        """Read for one turn, with everybody who asks now; who was here a moment ago is known already."""
        return self._gathering.known(ask) or await self._gathering.add(ask)

    async def commit(self, entry: Entry) -> None:
        """Write one turn, with everybody who writes now."""
        await self._writing().turn(entry)

    async def close(self) -> None:
        """Finish what is queued, close every connection, let the next process in."""
        if self._writer is not None:
            await self._writer.close()
        self._gathering.close()
        await asyncio.to_thread(self._readers.shutdown)
        self._engine.dispose()
        if self._lock is not None:
            self._lock.release()

    def _writing(self) -> Writer:
        if self._writer is None:
            raise RuntimeError("this database was opened for reading only")
        return self._writer


class Gathering:
    """Reads for turns, on the loop itself: a read of WAL waits for nobody, and a thread's hop costs more.

    Everybody who asks within one pass of the loop shares one snapshot and one set of questions.
    """

    def __init__(
        self, raw: sqlite3.Connection, keys: Keys, clock: Callable[[], datetime], recent: Recent | None
    ) -> None:
        self._raw, self._keys, self._clock, self._recent = raw, keys, clock, recent
        self._questions = Questions("sqlite")
        self._waiting: list[tuple[Gather, asyncio.Future[Gathered]]] = []

    def known(self, ask: Gather) -> Gathered | None:
        """Give what the member's last turn left, if it still holds and this key was never stored."""
        known = None if self._recent is None else self._recent.get(ask.member)
        if known is None or self._raw.execute(_STORED, (ask.key, ask.member)).fetchone():
            return None
        return known if ask.wants is None else replace(known, nearby=self._nearby(ask))

    def _nearby(self, ask: Gather) -> tuple[KnownCase, ...]:
        wants = ask.wants
        if wants is None or not (wants.category and wants.unit):
            return ()
        return near_cases(self._rows(self._questions.near(wants.category, wants.unit)), self._keys)

    def _rows(self, put: Put) -> list[Row]:
        question, sql, given = put
        return self._raw.execute(sql, [given[name] for name in self._questions.sql[question][1]]).fetchall()

    def add(self, ask: Gather) -> asyncio.Future[Gathered]:
        """Ask; the future is done before the loop's next pass is over."""
        loop = asyncio.get_running_loop()
        done: asyncio.Future[Gathered] = loop.create_future()
        if not self._waiting:
            loop.call_soon(self._run)
        self._waiting.append((ask, done))
        return done

    def close(self) -> None:
        """Close the connection."""
        self._raw.close()

    def _run(self) -> None:
        batch, self._waiting = self._waiting, []
        try:
            found = self._ask([ask for ask, _ in batch])
        except Exception as failed:  # noqa: BLE001  it belongs to those who wait
            found = [failed] * len(batch)
        for (ask, done), gathered in zip(batch, found, strict=True):
            if isinstance(gathered, Exception):
                if not done.done():
                    done.set_exception(gathered)
                continue
            if self._recent is not None:
                self._recent.keep(ask.member, gathered)
            if not done.done():
                done.set_result(gathered)

    def _ask(self, asks: Sequence[Gather]) -> list[Gathered | Exception]:
        found: defaultdict[Question, list[Row]] = defaultdict(list)
        self._raw.execute("BEGIN")
        try:
            for put in self._questions.puts(asks, to_ms(self._clock())):
                found[put[0]] += self._rows(put)
        finally:
            self._raw.execute("COMMIT")
        return assemble(asks, found, self._keys)
