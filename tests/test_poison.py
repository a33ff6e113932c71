"""One row that cannot be read or reckoned with keeps nobody else waiting: not the clocks, not what is brought."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from sqlalchemy import update

from dialogs.desk.cases import Act
from storage import tables as t
from storage.crypto import Keys
from storage.engines import Database
from storage.hot import open_hot
from tests.test_groups import Town, grouped, town


@pytest.fixture
async def here(database_url: str, keys: Keys) -> AsyncIterator[Town]:
    async with open_hot(None) as hot, town(database_url, keys, hot) as found:
        yield found


async def spoil(database: Database, change: object) -> None:
    await database._engine.write(lambda conn: conn.execute(change).rowcount)  # type: ignore[call-overload]


async def test_words_that_cannot_be_opened_keep_no_other_member_waiting(here: Town) -> None:
    main, others = await grouped(here, 4)
    await here.act(main, Act.ANSWER, "灯修好了")
    await spoil(here.database, update(t.bringings).where(t.bringings.c.number == others[0]).values(words=b"\x01broken"))
    for _ in range(8):
        await here.group.once()
        here.clock.at += timedelta(minutes=2)
    assert [len(await here.heard(number)) for number in others] == [0, 1, 1]
    lost = await here.database.cases.find(others[0])
    assert lost is not None
    assert (lost.status, lost.main) == ("accepted", ""), "a person sees it, and its clock runs"
    assert await here.database.bringings.left(main) == 0


async def test_a_turn_that_always_breaks_leaves_no_case_under_a_settled_one(here: Town) -> None:
    main, others = await grouped(here, 3)
    await here.act(main, Act.ANSWER, "灯修好了")
    broken = update(t.members).where(t.members.c.id == here.members[others[0]].id).values(state=b"\x01broken")
    await spoil(here.database, broken)
    for _ in range(8):
        await here.group.once()
        here.clock.at += timedelta(minutes=2)
    lost = await here.database.cases.find(others[0])
    assert lost is not None
    assert await here.database.bringings.left(main) == 0
    assert lost.status != "merged", "nothing would ever happen to it"


async def test_words_written_before_the_main_case_was_withdrawn_reach_who_stands_for_it(here: Town) -> None:
    main, others = await grouped(here, 3)
    await here.act(main, Act.WRITE, "电工下午来")
    await here.says(main, Act.WITHDRAW)
    await here.group.once()
    assert [len(await here.heard(number)) for number in others] == [1, 1]
    assert [await here.status(number) for number in others] == ["working", "merged"]


async def test_who_stands_for_a_group_that_waited_for_somebody_else_has_its_own_limit(here: Town) -> None:
    main, others = await grouped(here, 2)
    await here.act(main, Act.PAUSE, "请发一张照片")
    await here.says(main, Act.WITHDRAW)
    heir = await here.database.cases.find(others[0])
    assert heir is not None
    assert (heir.status, heir.due) == ("working", heir.answer_by)


async def test_a_message_that_cannot_be_opened_keeps_no_other_waiting_and_has_failed(here: Town) -> None:
    main, others = await grouped(here, 3)
    await here.act(main, Act.ANSWER, "灯修好了")
    await here.group.once()
    lost = t.deliveries.c.member == here.members[others[0]].id
    await spoil(here.database, update(t.deliveries).where(lost).values(text=b"\x01broken"))
    got = await here.database.deliveries.claim("w", here.clock.now(), timedelta(minutes=1), 9)
    assert sorted(each.number for each in got) == sorted([main, others[1]])
    assert (await here.database.deliveries.counts(here.clock.now()))["failed"] == 1
