"""An open door for the tests of the channel, closed when they are done."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack

import pytest
from hypothesis import settings

from bot.channels.wechat import Account
from tests.channel.platform import Doorway, doorway

# A busy machine is no failure; what must be quick is measured where it is promised.
settings.register_profile("channel", deadline=None)
settings.load_profile("channel")

Open = Callable[..., Awaitable[Doorway]]


@pytest.fixture
async def opened() -> AsyncIterator[Open]:
    async with AsyncExitStack() as stack:

        async def open_for(*accounts: Account) -> Doorway:
            door = await doorway(*accounts)
            stack.push_async_callback(door.client.close)
            return door

        yield open_for
