"""What every room's tests may ask for: a fresh, migrated database (on each engine) and a hot store (each twin)."""

from __future__ import annotations

import logging
import os
import secrets
import shutil
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit, urlunsplit

import psycopg
import pytest
import structlog
from hypothesis import HealthCheck, settings

from storage.crypto import Keys
from storage.engines import Database, open_database
from storage.hot import Hot, open_hot
from storage.migrate import migrate
from storage.tables import metadata
from tests.telling import Telling
from tests.waiting import PATIENCE

if TYPE_CHECKING:
    from playwright.async_api import Browser

SECRET = "a secret of the tests, of 32 characters or more"

# How long an example takes says more of the machine than of the code.
settings.register_profile("hongyan", settings(), deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("hongyan")


# A traceback with the values of every variable, as structlog draws it by itself, takes seconds where those are large.
structlog.configure(processors=[structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)])


@pytest.hookimpl(trylast=True)
def pytest_configure(config: pytest.Config) -> None:
    """Where there is somebody to tell (a worker has nobody), tell of failures at once."""
    terminal = config.pluginmanager.get_plugin("terminalreporter")
    if terminal is not None:
        config.pluginmanager.register(Telling(terminal), "telling")


def given(name: str, what: str) -> str:
    """The address of a server for tests; without it the test is skipped, in CI it fails."""
    url = os.environ.get(name, "")
    if not url and os.environ.get("CI", "").lower() == "true":
        pytest.fail(f"{name} is not set, and in CI the tests on {what} may not be left out")
    if not url:
        pytest.skip(f"{name} is not set: the tests on {what} are left out")
    return url


@pytest.fixture(autouse=True)
def logs_as_they_were() -> Iterator[None]:
    """Give the next test the logs as this one found them: a command run in this process sets up its own."""
    root, kept = logging.getLogger(), structlog.get_config()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.configure(**kept)


@pytest.fixture(scope="session")
def postgres_server() -> str:
    """The address of a PostgreSQL server where databases may be made."""
    return given("HONGYAN_TEST_POSTGRES_URL", "PostgreSQL")


@pytest.fixture(scope="session")
def keys() -> Keys:
    return Keys(SECRET)


@contextmanager
def made(server: str) -> Iterator[str]:
    """A new database on a server, dropped afterwards."""
    place = urlsplit(server)
    name = f"hongyan_test_{secrets.token_hex(6)}"
    with psycopg.connect(urlunsplit(place._replace(scheme="postgresql")), autocommit=True) as admin:
        admin.execute(f'CREATE DATABASE "{name}"'.encode())
        try:
            yield urlunsplit(place._replace(path=f"/{name}"))
        finally:
            admin.execute(f'DROP DATABASE "{name}" WITH (FORCE)'.encode())


@pytest.fixture(scope="session")
def postgres_migrated(postgres_server: str) -> Iterator[str]:
    with made(postgres_server) as url:
        migrate(url)
        yield url


@pytest.fixture
def postgres_url(postgres_migrated: str) -> Iterator[str]:
    """A migrated database without rows."""
    yield postgres_migrated
    place = urlsplit(postgres_migrated)
    with psycopg.connect(urlunsplit(place._replace(scheme="postgresql"))) as cleaner:
        for table in metadata.tables:
            cleaner.execute(f"DELETE FROM {table}".encode())


@pytest.fixture(scope="session")
def sqlite_migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("migrated") / "hongyan.db"
    migrate(f"sqlite+aiosqlite:///{path}")
    return path


@pytest.fixture
def sqlite_url(sqlite_migrated: Path, tmp_path: Path) -> str:
    """A migrated database without rows."""
    return f"sqlite+aiosqlite:///{shutil.copy(sqlite_migrated, tmp_path / 'hongyan.db')}"


@pytest.fixture(params=["sqlite", "postgres"])
def database_url(request: pytest.FixtureRequest) -> str:
    """The address of a migrated database without rows, on each engine."""
    return str(request.getfixturevalue(f"{request.param}_url"))


@pytest.fixture(params=["sqlite", "postgres"])
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The address of a database without tables, on each engine."""
    if request.param == "sqlite":
        yield f"sqlite+aiosqlite:///{tmp_path / 'empty' / 'hongyan.db'}"
        return
    with made(request.getfixturevalue("postgres_server")) as url:
        yield url


@pytest.fixture
async def database(database_url: str, keys: Keys) -> AsyncIterator[Database]:
    """An open database."""
    async with open_database(database_url, keys) as opened:
        yield opened


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    """A browser of the test's own."""
    from tests.browser import launched  # only who needs it loads it

    async with launched() as opened:
        yield opened


@pytest.fixture
def patient_redis(monkeypatch: pytest.MonkeyPatch) -> None:
    """Take a Redis on a busy machine for slow, not for gone."""
    monkeypatch.setattr("storage.hot_redis.PATIENCE", PATIENCE)


@pytest.fixture(params=["here", "redis"])
async def hot(request: pytest.FixtureRequest, patient_redis: None) -> AsyncIterator[Hot]:
    """A hot store: the in-process twin, and Redis."""
    url = given("HONGYAN_TEST_REDIS_URL", "Redis") if request.param == "redis" else None
    async with open_hot(url, prefix=f"test:{secrets.token_hex(6)}:") as opened:
        yield opened


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Let every worker begin with one of the long ones: whoever is done first takes from the others' rest."""
    long = [item for item in items if item.get_closest_marker("kills")]
    rest = [item for item in items if item not in long]
    workers = int(getattr(config, "workerinput", {}).get("workercount", 1))
    share = len(items) // workers
    for place, item in enumerate(long):
        rest.insert((place % workers) * share + place // workers, item)
    items[:] = rest
