"""What SQLite remembers of the members who were here last is what a fresh reader would find."""

from __future__ import annotations

import asyncio
import random
from contextlib import suppress

import pytest

from dialogs.conversation import Conversation, Form, Held
from dialogs.desk.cases import Act
from dialogs.effects import ActOnCase, Effect, KeepConsent, KeepProfile, LedTo, Say
from dialogs.facts import Wants
from storage import recent
from storage.crypto import Keys
from storage.engines import Database, open_database
from storage.turns import Conflict, Gather
from tests.storage.making import NOON, lamp, look, member, said, turn

NAMES = ("a", "b", "c")


def effects_of(chance: random.Random, serial: int) -> list[Effect]:
    """Something that a turn may want: mostly words, sometimes a case, an act or a name."""
    earlier = f"HY-{chance.randrange(1, serial + 1)}"
    choices: list[list[Effect]] = [
        [],
        [Say(text="好"), LedTo(what="F012")],
        [lamp(f"HY-{serial}")],
        [lamp(f"HY-{serial}", same_as=earlier)],
        [ActOnCase(number=earlier, act=chance.choice([Act.ADD, Act.WITHDRAW]), words="还没有修")],
        [KeepProfile(name="周建国"), KeepConsent(name="privacy", version="1")],
    ]
    return chance.choice(choices)


async def take(database: Database, chance: random.Random, serial: int) -> None:
    """One turn as the service takes it: gathered, decided, committed; a conflict changes nothing."""
    who = member(chance.choice(NAMES))
    found = await look(database, who, f"k{serial}")
    form = Form(
        service="help", version=1, stage="asking", step="place", began=NOON, touched=NOON,
        held={"matter": Held(value=f"第{serial}件", shown="…")},
    )  # fmt: skip
    conversation = Conversation(form=chance.choice([None, form]), misses=serial, last=NOON)
    effects = effects_of(chance, serial)
    answered = chance.random() < 0.9
    write = turn(who, f"k{serial}", *effects, version=found.version, conversation=conversation, answered=answered)
    with suppress(Conflict):
        await database.turns.commit(write)


@pytest.mark.parametrize("seed", range(8))
async def test_what_is_remembered_is_what_would_be_read(sqlite_url: str, keys: Keys, seed: int) -> None:
    chance = random.Random(seed)
    wants = Wants(category="road.lamp", unit="yushan-xincheng")
    async with open_database(sqlite_url, keys) as writing, open_database(sqlite_url, keys, read_only=True) as reading:
        for serial in range(1, 60, 3):
            await asyncio.gather(*(take(writing, chance, serial + n) for n in range(3)))
            for name in NAMES:
                for asked in (
                    Gather(member=member(name).id, key="?"),
                    Gather(member=member(name).id, key="?", wants=wants),
                ):
                    assert await writing.turns.gather(asked) == await reading.turns.gather(asked)


async def test_a_repeat_finds_its_reply_though_the_member_is_remembered(sqlite_url: str, keys: Keys) -> None:
    async with open_database(sqlite_url, keys) as database:
        await look(database, member(), "k1")
        await database.turns.commit(turn(member(), "k1", event=said("报到")))
        again = await look(database, member(), "k1")
        assert again.already is not None
        assert again.already.reply == b"<xml>reply</xml>"
        assert (await look(database, member(), "k2")).already is None


async def test_what_staff_did_is_seen_by_the_next_turn(sqlite_url: str, keys: Keys) -> None:
    async with open_database(sqlite_url, keys) as database:
        await database.turns.commit(turn(member(), "k1", lamp("HY-1")))
        assert [case.signed for case in (await look(database, member())).cases] == [False]
        claim = ActOnCase(number="HY-1", act=Act.CLAIM, by="li")
        await database.cases.act(claim, staff=None, now=NOON)
        assert [case.signed for case in (await look(database, member())).cases] == [True]


async def test_no_more_than_so_many_are_remembered(
    sqlite_url: str, keys: Keys, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recent, "MOST", 2)
    async with open_database(sqlite_url, keys) as database:
        for number in range(4):
            await database.turns.commit(turn(member(f"m{number}"), "k1", lamp(f"HY-{number}")))
        for number in (0, 1, 2, 3, 0):
            found = await look(database, member(f"m{number}"))
            assert [case.number for case in found.cases] == [f"HY-{number}"]
