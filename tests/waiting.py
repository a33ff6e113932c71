"""Waiting for what another process or a background loop does, and giving up late."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

# Only a failing test ever waits that long: a busy machine is not a mistake.
PATIENCE = 60.0  # seconds
_PAUSE = 0.01  # seconds


async def until(holds: Callable[[], Awaitable[bool]], what: str) -> None:
    """Wait until something holds; `what` is what the test says where it never does."""
    for _ in range(int(PATIENCE / _PAUSE)):
        if await holds():
            return
        await asyncio.sleep(_PAUSE)
    raise AssertionError(f"waited in vain: {what}")
