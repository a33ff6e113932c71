"""The words of cases come to search by themselves, and what was found once is found with its next words too."""

from __future__ import annotations

from datetime import date

from sqlalchemy import Connection, func, insert, select, update

from dialogs.desk.seeking import sought
from storage import tables as t
from storage.moments import to_ms
from storage.sight import Scope
from tests.background.stand import House
from tests.storage.making import lamp, member, turn

WHO = Scope(staff="王站长", whole=frozenset({"yushan-xincheng"}))


async def test_words_are_found_without_anybody_asking_for_it(house: House) -> None:
    await house.database.turns.commit(turn(member(), "k1", lamp("HY-261121-0387-8", title="三号楼路灯")))
    await house.indexer.once()
    found = await house.database.finding.find(sought("路灯", date(2026, 11, 23)), WHO)
    assert [hit.number for hit in found.hits] == ["HY-261121-0387-8"]
    assert await house.indexer.once() == 0


async def test_an_act_whose_commit_is_overtaken_by_many_is_still_found(house: House) -> None:
    """On PostgreSQL an id is given before the commit, so that a row may appear behind where the cursor stands."""
    first, other = "HY-261121-0387-8", "HY-261121-0388-6"
    await house.database.turns.commit(turn(member(), "k1", lamp(first)))
    await house.indexer.once()
    happened = {"act": "note", "by": "li", "before": "accepted", "after": "accepted", "at": to_ms(house.clock.now())}
    newest = await house.database._engine.read(lambda conn: conn.scalar(select(func.max(t.case_events.c.id)))) or 0
    await house.database.turns.commit(turn(member("other"), "k2", lamp(other)))
    storm = [{"id": newest + 100 + n, "number": other, **happened} for n in range(1500)]
    await house.database._engine.write(lambda conn: conn.execute(insert(t.case_events), storm))
    await house.indexer.once()

    def late(conn: Connection) -> None:
        conn.execute(insert(t.case_events).values(id=newest + 50, number=first, **happened))
        conn.execute(update(t.cases).where(t.cases.c.number == first).values(version=2, title="水管爆了"))

    await house.database._engine.write(late)
    await house.indexer.once()
    found = await house.database.finding.find(sought("水管", date(2026, 11, 23)), WHO)
    assert [hit.number for hit in found.hits] == [first]
    house.clock.forward(minutes=1)
    await house.indexer.once()
    assert await house.indexer.once() == 0, "and the cursor moves on once nothing can come late any more"
    stands = await house.database._engine.read(lambda conn: conn.scalar(select(t.cursors.c.at)))
    assert stands == newest + 1599
