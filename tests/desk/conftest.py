"""The desk's own fixtures."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import timedelta
from pathlib import Path
from shutil import copyfile

import pytest
from aiohttp.test_utils import TestClient, TestServer

from bot.snapshots import packaged
from dialogs.facts import Snapshots
from storage.crypto import Keys
from storage.engines import open_database
from storage.hot import open_hot
from storage.migrate import migrate
from tests.desk.world import FAR, FLAT, LAMP, Clerk, Client, Clock, World

NewClerk = Callable[[str], Awaitable[Clerk]]


@pytest.fixture(scope="session")
def snapshots() -> Snapshots:
    return packaged()


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated, empty database: made once, copied for every test."""
    path = tmp_path_factory.mktemp("desk") / "empty.db"
    migrate(f"sqlite+aiosqlite:///{path}")
    return path


@pytest.fixture
async def world(migrated: Path, tmp_path: Path, keys: Keys, snapshots: Snapshots) -> AsyncIterator[World]:
    """Two cases in 新城社区, one in 亭林社区; 张敏 and 李娟 work in the first, 王站长 above both."""
    path = tmp_path / "desk.db"
    copyfile(migrated, path)
    clock = Clock()
    async with open_database(f"sqlite+aiosqlite:///{path}", keys) as database, open_hot(None) as hot:
        here = World(database=database, hot=hot, snapshots=snapshots, clock=clock)
        await here.hire("张敏")
        await here.hire("李娟")
        await here.hire("王站长", unit="yushan", post="head")
        await here.open_case(LAMP)
        clock.at += timedelta(minutes=1)
        await here.open_case(FLAT, user="li", title="七号楼停水两天了")
        await here.open_case(FAR, user="wu", unit="yushan-tinglin", title="亭林的事")
        yield here


@pytest.fixture
async def server(world: World) -> AsyncIterator[TestServer]:
    running = TestServer(world.application())
    async with running:
        yield running


@pytest.fixture
async def clerk(world: World, server: TestServer) -> AsyncIterator[NewClerk]:
    """Signs a person in, each at a browser of their own."""
    opened: list[Client] = []

    async def new(name: str) -> Clerk:
        client = TestClient(server)
        opened.append(client)
        person = Clerk(client, name)
        await person.sign_in()
        return person

    yield new
    for client in opened:
        await client.session.close()
