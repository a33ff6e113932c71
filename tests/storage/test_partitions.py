"""PostgreSQL keeps the transcript by month: made ahead, nothing lost without them, the same to read."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import create_engine, text

from storage.crypto import Keys
from storage.engines import Database, open_database
from storage.migrate import migrate
from storage.partitions import OTHERS, ensure
from storage.timeline import Spoken
from storage.turns import Conflict
from tests.conftest import made
from tests.storage.making import NOON, lamp, member, said, seeing, turn
from tests.waiting import until

HERE = ["yushan-xincheng"]
MONTHS = ["transcript_202611", "transcript_202612", "transcript_202701"]
IN_MARCH = datetime(2027, 3, 31, 23, 59, 59, 999_000, tzinfo=UTC)


@pytest.fixture
async def database(postgres_server: str, keys: Keys) -> AsyncIterator[Database]:
    """A PostgreSQL database of November 2026, whatever the month is where the tests run."""
    with made(postgres_server) as url:
        migrate(url, NOON)
        migrate(url, NOON)
        async with open_database(url, keys) as opened:
            yield opened


async def lying(database: Database) -> dict[str, int]:
    """How many rows lie in which part."""
    question = text("SELECT tableoid::regclass::text, count(*) FROM transcript GROUP BY 1")
    return await database.turns._engine.read(lambda conn: dict(conn.execute(question).all()))


async def told(database: Database, number: str) -> list[str]:
    page = await database.cases.access_case(number, seeing(HERE))
    assert page is not None
    return [item.text for item in page.items if isinstance(item, Spoken)]


async def speak(database: Database, name: str, at: datetime) -> None:
    """A case, and a word about it the month after."""
    await database.turns.commit(turn(member(name), "k1", lamp(f"HY-{name}"), event=said("灯坏了"), text="好", at=at))


async def test_every_month_has_its_part(database: Database) -> None:
    await speak(database, "november", NOON)
    await speak(database, "midnight", datetime(2026, 12, 1, tzinfo=UTC) - timedelta(milliseconds=1))
    await speak(database, "december", datetime(2026, 12, 1, tzinfo=UTC))
    assert await lying(database) == {"transcript_202611": 2, "transcript_202612": 1}
    assert await told(database, "HY-december") == ["灯坏了", "好"]


async def test_a_turn_that_meets_its_month_being_made_is_decided_anew(database: Database) -> None:
    march = turn(member("march"), "k1", at=IN_MARCH, text="好")
    here = "(SELECT oid FROM pg_database WHERE datname = current_database())"
    waiting = text(f"SELECT count(*) FROM pg_locks WHERE NOT granted AND database = {here}")

    async def held_up() -> bool:
        return bool(await database.turns._engine.read(lambda conn: conn.scalar(waiting)))

    engine = create_engine(database._url)
    with engine.begin() as conn:
        assert ensure(conn, IN_MARCH)[0] == "transcript_202703"
        speaking = asyncio.create_task(database.turns.commit(march))
        await until(held_up, "the turn waits for the lock")
    engine.dispose()
    with pytest.raises(Conflict):
        await speaking
    await database.turns.commit(march)
    assert await lying(database) == {"transcript_202703": 1}


async def test_a_row_without_a_month_is_kept_and_moves_when_there_is_one(database: Database) -> None:
    await speak(database, "march", IN_MARCH)
    assert await lying(database) == {OTHERS: 1}
    assert await told(database, "HY-march") == ["灯坏了", "好"]
    assert await database.partitions.ensure(NOON) == ["transcript_202703"]
    assert await lying(database) == {"transcript_202703": 1}
    assert await told(database, "HY-march") == ["灯坏了", "好"]


async def test_months_are_made_ahead_and_once(database: Database) -> None:
    assert await database.partitions.ensure(NOON) == []
    later = datetime(2026, 12, 31, 23, tzinfo=UTC)
    made = await asyncio.gather(*(database.partitions.ensure(later) for _ in range(3)))
    assert sorted(made) == [[], [], ["transcript_202702"]]


async def test_turns_go_on_while_months_are_made(database: Database) -> None:
    writes = [turn(member(f"m{n}"), "k1", at=IN_MARCH, text="好") for n in range(200)]
    await asyncio.gather(
        *(database.turns.commit(write) for write in writes[:100]),
        database.partitions.ensure(IN_MARCH),
        *(database.turns.commit(write) for write in writes[100:]),
    )
    await database.partitions.ensure(IN_MARCH)
    assert await lying(database) == {"transcript_202703": 200}


async def test_a_whole_table_needs_no_months(sqlite_url: str, keys: Keys) -> None:
    async with open_database(sqlite_url, keys) as database:
        assert await database.partitions.ensure(NOON) == []
