"""PostgreSQL: one connection commits the turns of this process in groups, one gathers, a pool serves the rest.

A batch is one round trip: every statement is sent in a pipeline, each table's rows as arrays. A
statement whose rows must all count divides by zero on the server where one does not, which rolls
the whole batch back; then its turns run one by one, so that only the guilty one fails.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import datetime
from functools import cache
from typing import Any, TypeVar

import psycopg
from sqlalchemy import ARRAY, Connection, Text, any_, bindparam, cast, select
from sqlalchemy.engine import URL
from sqlalchemy.ext.asyncio import create_async_engine

from storage import tables as t
from storage.acts import STATE_COLUMNS, CaseState
from storage.batches import Batches
from storage.crypto import Keys
from storage.expand import Entry, grouped
from storage.gathering import Question, Questions, assemble
from storage.moments import to_ms
from storage.statements import STATEMENTS, Insert, Row, compiled
from storage.turns import Conflict, Gather, Gathered

Result = TypeVar("Result")
_STATES = compiled(
    select(*STATE_COLUMNS).where(t.cases.c.number == any_(cast(bindparam("numbers"), ARRAY(Text))))
    .order_by(t.cases.c.number).with_for_update(),
    "postgresql",
)[0]  # fmt: skip


class Line:
    """One connection outside the pool, opened when it is needed and again after it was lost."""

    def __init__(self, url: URL) -> None:
        self._to = url.set(drivername="postgresql").render_as_string(hide_password=False)
        self._conn: psycopg.AsyncConnection[Row] | None = None

    async def get(self) -> psycopg.AsyncConnection[Row]:
        """Give the connection, in autocommit; every statement is prepared at its first use."""
        if self._conn is None or self._conn.closed:
            self._conn = await psycopg.AsyncConnection.connect(
                self._to, autocommit=True, prepare_threshold=0, connect_timeout=5
            )
        return self._conn

    @property
    def lost(self) -> bool:
        """Tell whether the server hung up."""
        return self._conn is None or self._conn.closed

    async def close(self) -> None:
        """Close it, if it is open."""
        if self._conn is not None:
            with suppress(psycopg.Error):
                await self._conn.close()


class PostgresEngine:
    """PostgreSQL as storage uses it."""

    name = "postgresql"

    def __init__(self, url: URL, keys: Keys, clock: Callable[[], datetime]) -> None:
        self.keys = self._keys = keys
        self._clock = clock
        self._engine = create_async_engine(url, pool_size=5, max_overflow=10, pool_pre_ping=True)
        self._writing, self._reading = Line(url), Line(url)
        self._questions = Questions("postgresql")
        self._commits: Batches[Entry, None] = Batches(self._commit)
        self._gathers: Batches[Gather, Gathered] = Batches(self._gather)

    async def read(self, work: Callable[[Connection], Result]) -> Result:
        """Run `work` on a pooled connection; nothing it does is kept."""
        async with self._engine.connect() as conn:
            return await conn.run_sync(work)

    async def write(self, work: Callable[[Connection], Result], *, apart: bool = False) -> Result:
        """Run `work` in a transaction. Other processes write too, so nothing is remembered, `apart` or not."""
        del apart
        async with self._engine.begin() as conn:
            return await conn.run_sync(work)

    async def gather(self, ask: Gather) -> Gathered:
        """Read for one turn, with everybody who asks now."""
        return await self._gathers.add(ask)

    async def commit(self, entry: Entry) -> None:
        """Write one turn, with everybody who writes now."""
        await self._commits.add(entry)

    async def close(self) -> None:
        """Finish what is under way and hang up."""
        await self._commits.drain()
        await self._gathers.drain()
        await self._writing.close()
        await self._reading.close()
        await self._engine.dispose()

    async def _gather(self, asks: Sequence[Gather]) -> Sequence[Gathered | Exception]:
        conn, cursors = await self._reading.get(), []
        async with conn.pipeline():
            for question, sql, given in self._questions.puts(asks, to_ms(self._clock())):
                cursors.append((question, await conn.cursor(binary=True).execute(sql, given)))
        found: defaultdict[Question, list[Row]] = defaultdict(list)
        for question, cursor in cursors:
            found[question] += await cursor.fetchall()
        return assemble(asks, found, self._keys)

    async def _commit(self, entries: Sequence[Entry]) -> Sequence[BaseException | None]:
        # One statement cannot change a row twice: of one member's turns only the first goes with the batch.
        first = {entry.member: entry for entry in reversed(entries)}
        results = await self._together([first[member] for member in sorted(first)])
        return [
            results[entry.member] if entry is (ahead := first[entry.member])
            else await self._after(entry, ahead, results[entry.member])
            for entry in entries
        ]  # fmt: skip

    async def _after(self, entry: Entry, ahead: Entry, result: BaseException | None) -> BaseException | None:
        if result is None and entry.turns and ahead.turns:
            return Conflict(f"another turn of member {entry.member} was first")
        return await self._alone(entry)

    async def _together(self, entries: Sequence[Entry]) -> dict[str, BaseException | None]:
        try:
            await self._write(entries)
        except Exception as failed:  # noqa: BLE001  it is given to whoever wrote what was wrong
            if len(entries) == 1 or self._writing.lost:
                return {entry.member: _as_conflict(failed) for entry in entries}
            return {entry.member: await self._alone(entry) for entry in entries}
        return {entry.member: None for entry in entries}

    async def _alone(self, entry: Entry) -> BaseException | None:
        return (await self._together([entry]))[entry.member]

    async def _write(self, entries: Sequence[Entry]) -> None:
        conn = await self._writing.get()
        numbers = sorted({act.number for entry in entries for act in entry.acts})
        if not numbers:
            async with conn.pipeline(), conn.transaction():
                await _send(conn, grouped(entries, {}, self._keys))
            return
        # Acts need the cases as they stand, locked: a round trip more for the batches that have any.
        async with conn.transaction():
            rows = await (await conn.execute(_STATES, {"numbers": numbers})).fetchall()
            cases = {row[0]: CaseState(**dict(zip(CaseState.__slots__, row, strict=True))) for row in rows}
            async with conn.pipeline():
                await _send(conn, grouped(entries, cases, self._keys))


_E = psycopg.errors
# A check that fails is that of the partition of all others: its month was made while the turn was on its way.
_LATE = (_E.DivisionByZero, _E.DeadlockDetected, _E.CardinalityViolation, _E.CheckViolation)


def _as_conflict(failed: BaseException) -> BaseException:
    return Conflict(f"something of this turn moved on ({failed})") if isinstance(failed, _LATE) else failed


@cache
def _sql(name: str) -> str:
    statement = STATEMENTS[name]
    sql = statement.postgres if isinstance(statement, Insert) else statement.sql("postgresql")
    if not statement.exact:
        return sql
    expected = "%b" if isinstance(statement, Insert) else "1"
    return f"WITH done AS ({sql} RETURNING 1) SELECT 1 / (count(*) = {expected}::bigint)::int FROM done"  # noqa: S608


async def _send(conn: psycopg.AsyncConnection[Any], lines: dict[str, list[Row]]) -> None:
    for name, rows in lines.items():
        statement = STATEMENTS[name]
        if isinstance(statement, Insert):
            arrays: list[object] = [list(column) for column in zip(*rows, strict=True)]
            await conn.execute(_sql(name), [*arrays, len(rows)] if statement.exact else arrays)
        else:
            for row in rows:
                await conn.execute(_sql(name), dict(zip(statement.columns, row, strict=True)))
