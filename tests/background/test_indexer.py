"""The words of cases come to search by themselves, and what was found once is found with its next words too."""

from __future__ import annotations

from datetime import date

from dialogs.desk.seeking import sought
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
