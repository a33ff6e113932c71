"""Puts a city into a database while the service already serves: newest cases first, a piece at a time.

What is there already is left alone, so that a demo that was killed goes on where it was.
"""

from __future__ import annotations

import asyncio
import json
import pickle
import sys
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from pathlib import Path

from bot.city.crew import Person
from bot.city.making import HEAD
from bot.city.plan import Plan, daily, pieces
from bot.city.rows import Rows
from bot.city.town import town
from dialogs.numbers import case_number
from storage.bulk import Bulk

Progress = Callable[[int, int], None]
_ROOM = 64 * 2**20  # bytes that may wait to be read: a few pieces


def plan_of(path: Path, seed: int, now: datetime) -> Plan:
    """Give the plan that was begun here, or begin one that ends now. Raises OtherCity."""
    if path.exists():
        kept = json.loads(path.read_text(encoding="utf-8"))
        if kept["seed"] != seed:
            raise OtherCity(f"这里已经有一座城市（--seed {kept['seed']}）。要换一座，请加上 --fresh。")
        return Plan(seed=seed, until=datetime.fromisoformat(kept["until"]))
    until = now.replace(second=0, microsecond=0)
    path.write_text(json.dumps({"seed": seed, "until": until.isoformat()}), encoding="utf-8")
    return Plan(seed=seed, until=until)


class OtherCity(ValueError):  # noqa: N818  it is told to a person
    """Another city is kept here; `--fresh` begins anew."""


async def settle(plan: Plan, bulk: Bulk, unusable: str, now: datetime) -> None:
    """Bring in the people, and keep the cases' numbers free; `unusable` is a password's hash that nobody knows."""
    here = town(plan.seed)
    created = int(now.timestamp() * 1000)
    await bulk.people(
        [
            {"name": each.name, "post": each.post, "unit": each.unit, "password_hash": unusable, "created": created}
            for each in here.people.values()
        ]
    )
    await bulk.reserve({f"{day:%y%m%d}": many for day, many in daily(plan, here.known.rules.calendar).items() if many})


async def grow(plan: Plan, bulk: Bulk, secret: str, progress: Progress) -> None:
    """Write every case that is not there yet; `progress` hears how many of how many are."""
    every = list(pieces(plan, town(plan.seed).known.rules.calendar))
    firsts = [case_number(piece.day, piece.first) for piece in every]
    there = await bulk.there(firsts)
    done = sum(piece.count for piece, first in zip(every, firsts, strict=True) if first in there)
    missing = [place for place in reversed(range(len(every))) if firsts[place] not in there]
    progress(done, plan.cases)
    async with _making(plan, secret, missing) as made:
        for place in missing:
            await bulk.write((await _next(made)).tables)
            done += every[place].count
            progress(done, plan.cases)


@asynccontextmanager
async def _making(plan: Plan, secret: str, missing: Sequence[int]) -> AsyncIterator[asyncio.StreamReader]:
    child = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bot.city.making",
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, limit=_ROOM,
    )  # fmt: skip
    assert child.stdin is not None
    assert child.stdout is not None
    asked = {"seed": plan.seed, "until": plan.until.isoformat(), "cases": plan.cases, "days": plan.days}
    child.stdin.write(json.dumps({**asked, "secret": secret, "pieces": list(missing)}).encode() + b"\n")
    try:
        await child.stdin.drain()
        yield child.stdout
    finally:
        if child.returncode is None:
            child.kill()
        await child.wait()


async def _next(made: asyncio.StreamReader) -> Rows:
    length = int.from_bytes(await made.readexactly(HEAD), "big")
    found = pickle.loads(await made.readexactly(length))  # noqa: S301  our own child wrote it
    assert isinstance(found, Rows)
    return found


def one_of_each(seed: int) -> list[Person]:
    """Choose whom the demo gives a password: one of each post, and a supervisor at each of the upper levels."""
    here = town(seed)
    found: dict[tuple[str, str], Person] = {}
    for person in here.people.values():
        unit = here.known.units.get(person.unit)
        level = unit.level if unit and person.post == "supervisor" else ""
        found.setdefault((person.post, level), person)
    return list(found.values())
