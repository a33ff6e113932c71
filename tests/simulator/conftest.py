"""Boxes for the tests of the simulator, closed when they are done."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack

import pytest

from tests.simulator.stand import Stand, stand

Open = Callable[..., Awaitable[Stand]]


@pytest.fixture
async def opened() -> AsyncIterator[Open]:
    async with AsyncExitStack() as stack:

        async def open_one(**changes: object) -> Stand:
            one = await stand(**changes)
            stack.push_async_callback(one.close)
            return one

        yield open_one


@pytest.fixture
async def box(opened: Open) -> Stand:
    return await opened()
