"""The background's own fixtures."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

import pytest
from structlog.testing import capture_logs
from structlog.typing import EventDict

from dialogs.rules import packaged
from storage.crypto import Keys
from tests.background.stand import House, Material, built


@pytest.fixture(autouse=True)
def logged() -> Iterator[list[EventDict]]:
    with capture_logs() as lines:
        yield lines


@pytest.fixture(scope="session")
def material() -> Material:
    return Material(packaged())


@pytest.fixture
async def house(database_url: str, keys: Keys, material: Material) -> AsyncIterator[House]:
    async with built(database_url, keys, material) as made:
        yield made
