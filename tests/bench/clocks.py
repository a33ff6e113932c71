"""How long the clocks of 100,000 open cases take, and what a turn feels of it.

    python -m tests.bench.clocks [--cases N] [--postgres URL]

Three rounds on a database of its own: nothing is due; one in fifty is; all are, as after a week's stop. Beside the
last a member writes every 20 ms, and their turns' commits are timed. The PostgreSQL database must be empty.
"""

from __future__ import annotations

import argparse
import asyncio
import tempfile
import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from random import Random

from sqlalchemy import text, update

from bot.clocks import Winder
from bot.metrics import Metrics
from bot.snapshots import packaged
from bot.world import Numbers, World
from dialogs.desk.cases import Grade
from dialogs.desk.clocks import Clocks
from storage import tables as t
from storage.clocks import clock_of
from storage.crypto import Keys
from storage.engines import Database, open_database
from storage.hot import open_hot
from storage.migrate import migrate
from storage.moments import to_ms
from tests.storage.making import member, turn

NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
SECRET = "a secret of the bench, of 32 characters or more"
EVERY = 0.02
_AT_ONCE = 5000
_COLUMNS = (
    "number", "member", "service", "title", "status", "grade", "unit", "opened", "sign_by", "answer_by", "due",
    "owner", "above", "first_unit", "version", "reach", "last_who", "last_at", "since", "began", "fires", "fired",
)  # fmt: skip


class Clock:
    """A clock that stands until it is moved."""

    at = NOW

    def now(self) -> datetime:
        return self.at


class Nobody:
    """No case of the bench waits for its member."""

    async def staff_acted(self, event: object) -> None:
        raise AssertionError(event)


def made(cases: int) -> list[tuple[object, ...]]:
    """Cases that wait on staff, in every unit, grade and state, opened over three days and due over the next ten."""
    chance, known = Random(3), packaged()
    units = [unit.id for unit in known.units if unit.parent]
    rows: list[tuple[object, ...]] = []
    for n in range(cases):
        status = chance.choice(("accepted", "working", "working", "working", "raised"))
        opened = NOW - timedelta(minutes=chance.randint(1, 3 * 1440))
        due = NOW + timedelta(minutes=chance.randint(10, 10 * 1440))
        unit = chance.choice(units)
        if chance.random() < 0.9:  # the limits of most end when work ends
            due = due.replace(hour=9, minute=30)
        grade = chance.choices(list(Grade), (1, 9, 75, 15))[0].value
        above = known.units.path(unit)[-2].id if status == "raised" else ""
        at, end = to_ms(opened), to_ms(due)
        holder = "" if status == "accepted" else f"li{n % 4683}"
        case = (f"HY-{n:07}", f"m{n}", "help", "路灯", status, grade, unit, at, end, end, end, holder, above, unit)
        rows.append((*case, 1, "here", "member", at, at, at, at, at))
    return rows


async def fill(database: Database, cases: int) -> None:
    rows = made(cases)
    for start in range(0, len(rows), _AT_ONCE):
        await database.bulk.write({"cases": (_COLUMNS, rows[start : start + _AT_ONCE])})


async def writes(database: Database, ended: asyncio.Event, clock: Clock, who: str) -> list[float]:
    """A member writes again and again; how long each of their turns took to be durable, in ms."""
    took: list[float] = []
    for n in count():
        if ended.is_set():
            return took
        began = time.perf_counter()
        await database.turns.commit(turn(member(f"{who}{n}"), "k1", at=clock.at))
        took.append((time.perf_counter() - began) * 1000)
        await asyncio.sleep(EVERY)
    return took


async def measure(url: str, cases: int) -> None:
    migrate(url)
    known, clock = packaged(), Clock()
    async with open_database(url, Keys(SECRET)) as database, open_hot(None) as hot:
        await fill(database, cases)
        if url.startswith("postgresql"):
            await database._engine.write(lambda conn: conn.execute(text("ANALYZE cases")).rowcount)
        world = World(numbers=Numbers(database.numbers.lease), clock=clock)
        winder = Winder(database, Nobody(), hot, world, Metrics(), snapshots=lambda: known)  # type: ignore[arg-type]
        name = url.partition(":")[0]
        await swept(winder, f"{name}: all looked at for the first time")
        await swept(winder, f"{name}: none of {cases:,} due")
        some = (
            update(t.cases).where(t.cases.c.number < f"HY-{cases // 50:07}").values(fires=0, stage="overdue", fired=0)
        )
        await database._engine.write(lambda conn: conn.execute(some).rowcount)
        await swept(winder, f"{name}: one in fifty due")
        clock.at += timedelta(days=17)
        ended = asyncio.Event()
        writing = asyncio.create_task(writes(database, ended, clock, "beside"))
        await swept(winder, f"{name}: a storm")
        ended.set()
        said(f"{name}: turns beside the storm", await writing)
        quiet = asyncio.create_task(writes(database, ended := asyncio.Event(), clock, "alone"))
        await asyncio.sleep(2)
        ended.set()
        said(f"{name}: turns alone", await quiet)


async def swept(winder: Winder, what: str) -> None:
    began, cpu = time.perf_counter(), time.process_time()
    looked = await winder.once()
    print(
        f"{what}: {looked:,} in {time.perf_counter() - began:.2f} s, CPU {time.process_time() - cpu:.2f} s", flush=True
    )


def said(what: str, took: Sequence[float]) -> None:
    order = sorted(took)
    p50, p99 = (order[int(len(order) * share)] for share in (0.5, 0.99))
    print(f"{what}: {len(took)}, p50 {p50:.0f} ms, p99 {p99:.0f} ms, longest {order[-1]:.0f} ms", flush=True)


def deciding(cases: int) -> None:
    """How long only deciding takes, without a store."""

    class Row:
        def __init__(self, values: tuple[object, ...]) -> None:
            self.__dict__.update(zip(_COLUMNS, values, strict=True))
            self.__dict__.update(solved="", satisfied=0, stage="", climbed="", contacts=0, alarmed=False)

    clocks = [clock_of(Row(row)) for row in made(cases)]
    reader, began = Clocks(packaged()), time.process_time()
    for clock in clocks:
        reader.look(clock, NOW)
    print(f"deciding: {(time.process_time() - began) / cases * 1e6:.0f} µs a case", flush=True)


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--cases", type=int, default=100_000)
    asked.add_argument("--postgres", default="")
    given = asked.parse_args()
    deciding(min(given.cases, 20_000))
    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(measure(f"sqlite+aiosqlite:///{Path(folder) / 'hongyan.db'}", given.cases))
    if given.postgres:
        asyncio.run(measure(given.postgres, given.cases))


if __name__ == "__main__":
    main()
