"""The same form twice at the same moment, from two browsers' tabs or two processes: one of it, and no error."""

from __future__ import annotations

import asyncio

from sqlalchemy import func, select

from storage import tables as t
from storage.audit import Actor
from storage.engines import Database
from storage.exports import Wish
from tests.storage.making import NOON, lamp, member, turn

LI = Actor(name="li", post="coordinator", unit="yushan")
TIMES = 12


async def counted(database: Database, table: object) -> int:
    question = select(func.count()).select_from(table)  # type: ignore[arg-type]
    return await database._engine.read(lambda conn: conn.scalar(question)) or 0


async def test_an_export_asked_for_at_once_is_one(database: Database) -> None:
    wish = Wish(id="a" * 24, actor=LI, kind="cases", form="csv", title="全部", words="{}", rights="x")
    await asyncio.gather(*(database.exports.ask(wish, NOON) for _ in range(TIMES)))
    assert await counted(database, t.exports) == 1
    assert await counted(database, t.audit) == 1


async def test_a_draft_saved_at_once_is_one(database: Database) -> None:
    await database.turns.commit(turn(member(), "k1", lamp("HY-1")))
    await asyncio.gather(*(database.drafts.keep("li", "HY-1", "note", "看过了", NOON) for _ in range(TIMES)))
    assert [each.words for each in (await database.drafts.of_case("li", "HY-1")).values()] == ["看过了"]
