"""Opens the database and hands out what is kept in it. SQLite and PostgreSQL behind one face."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from types import TracebackType
from typing import Self

from sqlalchemy import make_url, text
from sqlalchemy.exc import SQLAlchemyError

from storage.audit_chain import Chain
from storage.audit_log import AuditLog
from storage.audit_proof import Proof
from storage.books import Books
from storage.bringings import Bringings
from storage.bulk import Bulk
from storage.bulk_runs import BulkRuns
from storage.calls import Calls
from storage.case_table import CaseTable
from storage.case_words import CaseWords
from storage.cases import Cases
from storage.clocks import Clocks
from storage.crypto import Keys
from storage.deliveries import Deliveries
from storage.drafts import Drafts
from storage.duty import DutyStore
from storage.engine import Engine
from storage.exports import Exports
from storage.figures import Figures
from storage.files import Folder, folder_of
from storage.finding import Finding
from storage.media import Media
from storage.mentions import Mentions
from storage.migrate import standing
from storage.numbers import Numbers
from storage.overrides import Overrides
from storage.partitions import Partitions
from storage.paths import sqlite_path
from storage.persons import Persons
from storage.proof import prove
from storage.replies import Replies
from storage.roster import Roster
from storage.services import Services
from storage.sqlite import SqliteEngine
from storage.sqlite_files import Taken
from storage.staff import StaffStore
from storage.tags import Tags
from storage.timers import Timers
from storage.trust import Trust
from storage.turn_store import Turns
from storage.units import UnitStore
from storage.views import Views

__all__ = ["Database", "Taken", "open_database"]


def _now() -> datetime:
    return datetime.now(UTC)


class Database:
    """An open database. Close it, or use it as an async context."""

    def __init__(self, engine: Engine, keys: Keys, url: str, folder: Folder | None) -> None:
        self._engine, self._keys, self._url = engine, keys, url
        self.turns = Turns(engine, keys)
        self.cases = Cases(engine, keys)
        self.figures = Figures(engine, keys)
        self.case_words = CaseWords(engine, keys)
        self.finding = Finding(engine, keys)
        self.tags = Tags(engine)
        self.bulk_runs = BulkRuns(engine, keys)
        self.views = Views(engine)
        self.bulk = Bulk(engine)
        self.clocks = Clocks(engine)
        self.bringings = Bringings(engine, keys)
        self.books = Books(engine)
        self.duty = DutyStore(engine)
        self.deliveries = Deliveries(engine, keys)
        self.timers = Timers(engine)
        self.media = Media(engine, keys, folder)
        self.staff = StaffStore(engine)
        self.roster = Roster(engine, keys)
        self.trust = Trust(engine, keys)
        self.units = UnitStore(engine)
        self.services = Services(engine)
        self.numbers = Numbers(engine)
        self.overrides = Overrides(engine)
        self.mentions = Mentions(engine)
        self.replies = Replies(engine)
        self.calls = Calls(engine, keys)
        self.drafts = Drafts(engine, keys)
        self.persons = Persons(engine, keys)
        self.partitions = Partitions(engine)
        self.audit = AuditLog(engine)
        self.chain = Chain(engine, keys)
        self.proof = Proof(engine, keys)
        self.exports = Exports(engine, keys)
        self.case_table = CaseTable(engine, keys)

    async def ready(self) -> bool:
        """Tell whether the database answers and its schema is the program's own."""
        try:
            await self._engine.read(lambda conn: conn.execute(text("SELECT 1")))
            return await self._engine.read(standing) == "current"
        except (SQLAlchemyError, OSError):
            return False

    async def prove_key(self, now: datetime) -> None:
        """Make sure that the key is the one of this database's first start. Raises WrongKey, a ValueError in words."""
        await prove(self._engine, self._keys, now)

    async def close(self) -> None:
        """Finish what is under way and close."""
        await self._engine.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: object, trace: TracebackType | None) -> None:
        await self.close()


def open_database(
    url: str, keys: Keys, *, media: str | None = None, read_only: bool = False, clock: Callable[[], datetime] = _now
) -> Database:
    """Open a database, within a running loop; best as an async context.

    `media` is the address of the folder where photos and recordings are kept, if not in the database.
    `clock` tells which closed cases are recent. Raises Taken where another process writes to the
    same SQLite file (unless `read_only`), ValueError for an address of another kind.
    """
    where, folder = make_url(url), folder_of(media)
    if where.get_backend_name() == "postgresql":
        from storage.postgres import PostgresEngine  # its driver is loaded only where it is used

        return Database(PostgresEngine(where, keys, clock), keys, url, folder)
    return Database(SqliteEngine(sqlite_path(where), keys, clock, read_only=read_only), keys, url, folder)
