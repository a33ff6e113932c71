"""Drafts: one a person, case and box; sealed; gone once sent; old ones forgotten."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select

from storage import tables as t
from storage.engines import Database
from tests.storage.making import NOON

LATER = NOON + timedelta(days=3)


async def said(database: Database, staff: str = "li", number: str = "HY-1") -> dict[str, str]:
    return {box: draft.words for box, draft in (await database.drafts.of_case(staff, number)).items()}


async def test_each_box_of_each_person_has_its_own_last_words(database: Database) -> None:
    for words in ("您", "您好", "您好，灯"):
        await database.drafts.keep("li", "HY-1", "member", words, NOON)
    await database.drafts.keep("li", "HY-1", "note", "电杆号", NOON)
    await database.drafts.keep("wang", "HY-1", "member", "王的", NOON)
    assert await said(database) == {"member": "您好，灯", "note": "电杆号"}
    assert await said(database, "wang") == {"member": "王的"}
    assert await said(database, "li", "HY-2") == {}
    await database.drafts.keep("li", "HY-1", "note", "", NOON)
    assert await said(database) == {"member": "您好，灯"}


async def test_the_words_are_sealed(database: Database) -> None:
    await database.drafts.keep("li", "HY-1", "member", "周建国 13812345678", NOON)
    stored = await database._engine.read(lambda conn: conn.execute(select(t.drafts.c.words)).scalars().all())
    assert stored
    assert not any("周建国".encode() in words or b"1381" in words for words in stored)


async def test_what_was_sent_does_not_come_back_by_a_save_that_was_overtaken(database: Database) -> None:
    await database.drafts.keep("li", "HY-1", "member", "下午", NOON)
    await database.drafts.sent("li", "HY-1", "member", "下午派电工", NOON)
    for late in ("下午派", "下午派电工", ""):
        await database.drafts.keep("li", "HY-1", "member", late, NOON)
    assert await said(database) == {}
    await database.drafts.keep("li", "HY-1", "member", "又来了", NOON)
    assert await said(database) == {"member": "又来了"}


async def test_old_drafts_are_forgotten(database: Database) -> None:
    await database.drafts.keep("li", "HY-1", "member", "旧的", NOON)
    await database.drafts.keep("li", "HY-2", "member", "新的", LATER)
    assert await database.drafts.purge(LATER) == 1
    assert (await said(database), await said(database, "li", "HY-2")) == ({}, {"member": "新的"})
