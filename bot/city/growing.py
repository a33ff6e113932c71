"""The city of `hongyan demo --city`, growing in the background while it is already shown."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import structlog

from bot.app import Parts
from bot.city.plan import Plan
from bot.city.showing import grow, plan_of, settle
from bot.city.town import dress, town
from bot.sign_in import Passwords


@asynccontextmanager
async def growing(seed: int, folder: Path, parts: Parts, secret: str) -> AsyncIterator[None]:
    """Bring in units and people, then cases behind the service until all are there. Raises OtherCity."""
    plan, now = plan_of(folder / "city.json", seed, parts.world.now()), parts.world.now()
    units = town(seed).known.units.all
    if await parts.database.units.revision() == 0:  # an administrator's changes stay
        await parts.database.units.replace(units)
        dress(parts.shelf, units)
    else:
        dress(parts.shelf, parts.shelf().units.all)
    # Nobody knows this password: only those of signins.json sign in.
    await settle(plan, parts.database.bulk, await Passwords().hash(secrets.token_urlsafe(32)), now)
    task = asyncio.create_task(_grow(plan, parts, secret), name="city")
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def _grow(plan: Plan, parts: Parts, secret: str) -> None:
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("  城市 {task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    try:
        with Progress(*columns) as shown:
            bar = shown.add_task("正在生成，可以先用", total=plan.cases)

            def told(done: int, of: int) -> None:
                ready = done == of
                shown.update(bar, completed=done, description="已经生成" if ready else "正在生成，可以先用")

            await grow(plan, parts.database.bulk, secret, told)
    except Exception:  # noqa: BLE001  the service goes on without the rest; the next start takes it up
        structlog.get_logger().exception("the city did not grow to its end")
