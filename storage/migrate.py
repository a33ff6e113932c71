"""Brings a database to the program's own schema: Alembic, driven by the address alone."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal

from sqlalchemy import Connection, create_engine, event, inspect, make_url, text
from sqlalchemy.pool import StaticPool

from storage.grams import make
from storage.partitions import ensure
from storage.paths import sqlite_path
from storage.sqlite_files import LockFile, connect
from storage.tables import metadata

if TYPE_CHECKING:
    from alembic.config import Config

# The newest revision in migrations/versions. Written down here, because a start at which nothing is
# to be migrated need not load Alembic; a test holds it against the scripts.
HEAD: Final = "0016"
State = Literal["empty", "older", "current"]
_SCRIPTS: Final = Path(__file__).with_name("migrations")
# Alembic's own table, as it makes it.
_VERSION: Final = """
CREATE TABLE IF NOT EXISTS alembic_version (
    version_num VARCHAR(32) NOT NULL,
    CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)
)
"""
# Any number: two processes of a deployment that start together must not both migrate.
_ONLY_ONE: Final = 4_807_526


def config(conn: Connection | None = None) -> Config:
    """Give Alembic's settings, with the connection that it shall use."""
    from alembic.config import Config

    made = Config()
    made.set_main_option("script_location", str(_SCRIPTS).replace("%", "%%"))
    made.set_main_option("path_separator", "os")
    made.attributes["connection"] = conn
    return made


def migrate(url: str, now: datetime | None = None) -> None:
    """Upgrade the database at `url` to the newest schema. Raises Taken while a process writes to a SQLite file.

    On PostgreSQL the transcript gets its partitions from `now` on.
    """
    with connected(url) as conn:
        if conn.dialect.name == "sqlite" and standing(conn) == "empty":
            _create(conn)
        else:
            upgrade(conn)
        if conn.dialect.name == "postgresql":
            ensure(conn, now or datetime.now(UTC))


def upgrade(conn: Connection) -> None:
    """Run the migrations that a database has not seen."""
    from alembic import command

    command.upgrade(config(conn), "head")


def _create(conn: Connection) -> None:
    """Make all tables at once, as all migrations would (a test compares): a first start need not load Alembic."""
    metadata.create_all(conn)
    make(conn)
    conn.execute(text(_VERSION))
    conn.execute(text("INSERT INTO alembic_version (version_num) VALUES (:head)"), {"head": HEAD})


def state(url: str) -> State:
    """Tell where the database at `url` stands: without our tables, with an older schema, or with the program's own."""
    where = make_url(url)
    if where.get_backend_name() == "sqlite" and not sqlite_path(where).exists():
        return "empty"
    engine = create_engine(
        where.set(drivername="sqlite" if where.get_backend_name() == "sqlite" else "postgresql+psycopg")
    )
    try:
        with engine.connect() as conn:
            return standing(conn)
    finally:
        engine.dispose()


def pending(url: str) -> bool:
    """Tell whether migrations are missing (or it has some that this program does not know)."""
    return state(url) != "current"


def standing(conn: Connection) -> State:
    """Tell the same of an open connection's database."""
    if not inspect(conn).has_table("alembic_version"):
        return "empty"
    found = conn.scalars(text("SELECT version_num FROM alembic_version")).all()
    if not found:
        return "empty"
    return "current" if found == [HEAD] else "older"


@contextmanager
def connected(url: str) -> Iterator[Connection]:
    """Open the database for a migration, alone; everything is one transaction."""
    where = make_url(url)
    if where.get_backend_name() != "sqlite":
        engine = create_engine(where.set(drivername="postgresql+psycopg"))
        try:
            with engine.begin() as conn:
                conn.execute(text("SELECT pg_advisory_xact_lock(:only)"), {"only": _ONLY_ONE})
                yield conn
        finally:
            engine.dispose()
        return
    path = sqlite_path(where)
    lock = LockFile(path)
    # Begun by hand: the driver by itself would commit each CREATE alone, and who dies between two leaves half a schema.
    engine = create_engine("sqlite://", creator=lambda: connect(path, write=True), poolclass=StaticPool)
    event.listen(engine, "begin", lambda conn: conn.exec_driver_sql("BEGIN IMMEDIATE"))
    try:
        with engine.begin() as conn:
            yield conn
    finally:
        engine.dispose()
        lock.release()
