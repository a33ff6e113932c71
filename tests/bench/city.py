"""A city in a database, quickly: made by all processors and written without waiting for the disk; many seasons of it.

    python -m tests.bench.city --database URL [--cases 57000] [--seasons N]

The seasons before the last are copies of its settled cases, moved back in time: as many rows and the same plans, made
in a minute. On PostgreSQL the database is empty; on SQLite the file is made.
"""

from __future__ import annotations

import argparse
import asyncio
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, datetime, timedelta

from sqlalchemy import Engine, create_engine, event, func, insert, make_url, select, text

from bot.city.plan import Piece, Plan, pieces
from bot.city.rows import Rows, make
from bot.city.town import town
from storage import tables as t
from storage.bulk import put
from storage.crypto import Keys
from storage.engines import open_database
from storage.migrate import migrate

SECRET = "bench-" * 8
UNTIL = datetime(2026, 11, 23, 2, 30, tzinfo=UTC)  # a Monday, half past ten
SEED = 1
SEASON = timedelta(days=92)
AT_ONCE = 200_000  # rows of a table copied by one statement


def _make(asked: tuple[Plan, Piece]) -> Rows:
    return make(*asked, Keys(SECRET))


def build(url: str, plan: Plan, seasons: int, processes: int) -> None:
    """Make the tables and fill them; what is there already stays, and only older seasons are added."""
    migrate(url)
    engine = create_engine(make_url(url).set(drivername="sqlite" if url.startswith("sqlite") else "postgresql+psycopg"))
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", lambda raw, _: raw.execute("PRAGMA synchronous=OFF"))
    began = time.perf_counter()
    with engine.begin() as conn:
        there = conn.scalar(select(func.count()).select_from(t.cases)) or 0
    if not there:
        asyncio.run(_units(url))
        _newest(engine, plan, processes, began)
    for season in range(max(1, there // plan.cases), seasons):
        with engine.begin() as conn:
            for statement in older(season):
                conn.execute(text(statement))
        print(f"  season {season + 1} of {seasons}, {time.perf_counter() - began:.0f} s", flush=True)
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as conn:
        conn.execute(
            text("VACUUM ANALYZE" if engine.dialect.name == "postgresql" else "PRAGMA wal_checkpoint(TRUNCATE)")
        )
    engine.dispose()


def _newest(engine: Engine, plan: Plan, processes: int, began: float) -> None:
    here = town(plan.seed)
    every = list(pieces(plan, here.known.rules.calendar))
    with ProcessPoolExecutor(processes) as pool:
        for place, made in enumerate(pool.map(_make, ((plan, piece) for piece in every), chunksize=4)):
            with engine.begin() as conn:
                put(conn, made.tables)
            if place % 50 == 0:
                print(f"  {every[place].before:7} cases, {time.perf_counter() - began:.0f} s", flush=True)
    with engine.begin() as conn:
        conn.execute(insert(t.staff), [_person(each.name, each.post, each.unit) for each in here.people.values()])


def _person(name: str, post: str, unit: str) -> dict[str, object]:
    return {"name": name, "post": post, "unit": unit, "password_hash": "!", "created": 0}


async def _units(url: str) -> None:
    async with open_database(url, Keys(SECRET)) as database:
        await database.prove_key(UNTIL)
        await database.units.replace(town(SEED).known.units.all)


def older(season: int) -> Iterator[str]:
    """Copy what is settled, so many seasons back: the same cases with other numbers."""
    back = season * SEASON // timedelta(milliseconds=1)
    settled = "SELECT number FROM cases WHERE status IN ('closed', 'withdrawn') AND number NOT LIKE '%/%'"
    moved = {"opened", "sign_by", "answer_by", "due", "signed", "answered", "closed", "last_at", "since"}
    for table, key in ((t.cases, "number"), (t.case_events, "number"), (t.transcript, "number")):
        columns = [column.name for column in table.columns if not (column.name == "id" and table is t.case_events)]
        values = [_value(name, season, back, moved if table is t.cases else {"at"}) for name in columns]
        yield (
            f"INSERT INTO {table.name} ({', '.join(map(_quoted, columns))}) "
            f"SELECT {', '.join(values)} FROM {table.name} WHERE {key} IN ({settled})"
        )


def _value(name: str, season: int, back: int, moved: set[str]) -> str:
    if name in {"number", "same_as"}:
        return f"CASE WHEN {name} = '' THEN '' ELSE {name} || '/{season}' END"
    if name == "turn":  # before the season's own, which begin at 0
        return f"-{season} * 10000000 - turn"
    return f"{_quoted(name)} - {back}" if name in moved else _quoted(name)


def _quoted(name: str) -> str:
    return f'"{name}"'


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--database", required=True)
    asked.add_argument("--cases", type=int, default=57_000, help="of the last season")
    asked.add_argument("--seasons", type=int, default=1)
    asked.add_argument("--processes", type=int, default=2)
    told = asked.parse_args()
    build(told.database, Plan(seed=SEED, until=UNTIL, cases=told.cases), told.seasons, told.processes)


if __name__ == "__main__":
    main()
