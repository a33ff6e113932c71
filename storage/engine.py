"""What the rooms of storage need of a database, whichever it is."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol, TypeVar

from sqlalchemy import Connection

from storage.crypto import Keys
from storage.expand import Entry
from storage.statements import STATEMENTS, Row
from storage.turns import Gather, Gathered

Result = TypeVar("Result")


class Engine(Protocol):
    """What the rooms of storage need of a database."""

    name: str
    keys: Keys

    async def read(self, work: Callable[[Connection], Result]) -> Result:
        """Run `work` on a connection for reading."""

    async def write(self, work: Callable[[Connection], Result], *, apart: bool = False) -> Result:
        """Run `work` in one transaction; its result once that is durable.

        `apart`: it changes nothing that a turn reads (leases, numbers), so that what is remembered of
        members still holds.
        """

    async def gather(self, ask: Gather) -> Gathered:
        """Read for one turn."""

    async def commit(self, entry: Entry) -> None:
        """Write one turn."""

    async def close(self) -> None:
        """Finish what is under way and close."""


def run_line(conn: Connection, name: str, row: Row) -> int:
    """Run one line of a turn's statements outside a turn; gives how many rows it changed."""
    statement = STATEMENTS[name]
    if conn.dialect.name == "sqlite":
        return conn.exec_driver_sql(statement.one("sqlite"), row).rowcount
    given = dict(zip(statement.columns, row, strict=True))
    return conn.exec_driver_sql(statement.one("postgresql"), given).rowcount
