"""Turns are stored whole, durably, in order, once; on SQLite and on PostgreSQL."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import ColumnElement, Table, update

from dialogs.conversation import Conversation, Form, Held, Question
from dialogs.desk.cases import Act, Status
from dialogs.effects import (
    ActOnCase,
    CancelReminders,
    KeepConsent,
    KeepMedia,
    KeepProfile,
    LedTo,
    Remind,
    RideAlong,
    Say,
)
from dialogs.events import Followed, Noticed, StaffAnswered
from dialogs.facts import Wants
from storage import tables
from storage.engines import Database
from storage.timeline import Spoken
from storage.turns import Conflict, Gather, NotAllowed
from tests.storage.making import NOON, lamp, look, member, said, seeing, turn


async def test_a_stranger_is_a_fresh_conversation(database: Database) -> None:
    found = await look(database, member())
    assert found.conversation == Conversation()
    assert (found.version, found.already, found.cases, found.backlog) == (0, None, (), ())
    assert found.profile.name == ""


async def test_a_turn_is_remembered_whole(database: Database) -> None:
    form = Form(
        service="check_in", version=3, stage="asking", step="home", began=NOON, touched=NOON,
        held={"name": Held(value="周建国", shown="周建国")},
    )  # fmt: skip
    talk = Conversation(form=form, question=Question(kind="pick", options=("a", "b")), talking=("HY-1",), last=NOON)
    await database.turns.commit(turn(member(), "k1", Say(text="请问？"), event=said("报到"), conversation=talk))
    found = await look(database, member(), "k1")
    assert found.conversation == talk
    assert found.version == 1
    assert found.already is not None
    assert (found.already.status, found.already.reply) == ("answered", b"<xml>reply</xml>")
    assert isinstance(found.already.event, Noticed)  # the transcript has the words
    assert found.already.at == NOON


async def test_silence_is_not_the_same_as_words_by_another_way(database: Database) -> None:
    await database.turns.commit(turn(member(), "silent", reply=b""))
    await database.turns.commit(turn(member(), "later", Say(text="稍后"), reply=None, version=1))
    silent, later = await look(database, member(), "silent"), await look(database, member(), "later")
    assert silent.already is not None
    assert later.already is not None
    assert (silent.already.reply, later.already.reply) == (b"", None)


async def test_a_key_is_answered_once(database: Database) -> None:
    await database.turns.commit(turn(member(), "k1"))
    with pytest.raises(Conflict):
        await database.turns.commit(turn(member(), "k1", version=1))
    found = await look(database, member(), "k1")
    assert found.version == 1


async def test_the_same_key_of_two_members_is_two_events(database: Database) -> None:
    await database.turns.commit(turn(member("a"), "k1"))
    await database.turns.commit(turn(member("b"), "k1"))
    assert (await look(database, member("b"), "k1")).already is not None


async def test_who_read_an_older_conversation_must_read_again(database: Database) -> None:
    await database.turns.commit(turn(member(), "k1"))
    with pytest.raises(Conflict):
        await database.turns.commit(turn(member(), "k2", Say(text="late"), version=0))
    assert (await look(database, member(), "k2")).already is None


async def test_an_event_handed_over_is_kept_and_turned_later(database: Database) -> None:
    late = turn(member(), "k1", event=said("身份证号我先不说"), answered=False)
    await database.turns.commit(late)
    await database.turns.commit(late)
    await database.turns.commit(replace(late, key="k2", event=said("第二句"), at=NOON + timedelta(seconds=1)))
    found = await look(database, member(), "k1")
    assert [each.key for each in found.backlog] == ["k1", "k2"]
    assert found.already is not None
    assert found.already.status == "received"
    assert found.version == 0
    assert await database.turns.unturned(10) == [(member(), "k1")]
    await database.turns.commit(turn(member(), "k1", event=found.backlog[0].event, reply=None))
    found = await look(database, member(), "k1")
    assert [each.key for each in found.backlog] == ["k2"]
    assert found.already is not None
    assert found.already.status == "answered"
    with pytest.raises(Conflict):
        await database.turns.commit(late)


async def test_a_hundred_that_read_and_write_the_same_conversation_lose_nothing(database: Database) -> None:
    async def once(n: int) -> None:
        for _ in range(200):
            found = await look(database, member())
            more = replace(found.conversation, misses=found.conversation.misses + 1)
            try:
                await database.turns.commit(turn(member(), f"k{n}", conversation=more, version=found.version))
            except Conflict:
                continue
            return
        raise AssertionError("never through")

    await asyncio.gather(*(once(n) for n in range(100)))
    found = await look(database, member())
    assert (found.conversation.misses, found.version) == (100, 100)


async def test_of_five_hundred_turns_at_once_only_the_guilty_fail(database: Database) -> None:
    guilty = {7, 250, 499}
    for n in guilty:
        await database.turns.commit(turn(member(f"m{n}"), "earlier"))
    writes = [turn(member(f"m{n}"), f"k{n}", conversation=Conversation(misses=n)) for n in range(500)]
    results = await asyncio.gather(*(database.turns.commit(write) for write in writes), return_exceptions=True)
    assert {n for n, result in enumerate(results) if result is not None} == guilty
    assert all(isinstance(results[n], Conflict) for n in guilty)
    found = await asyncio.gather(*(look(database, member(f"m{n}"), f"k{n}") for n in range(500)))
    assert [n for n, each in enumerate(found) if each.already is None] == sorted(guilty)
    assert all(each.conversation.misses == n for n, each in enumerate(found) if n not in guilty)


async def test_a_turn_with_a_mistake_takes_no_neighbour_along(database: Database) -> None:
    wrong = turn(member("wrong"), "k", ActOnCase(number="HY-9", act=Act.ADD))
    writes = [*(turn(member(f"a{n}"), "k", lamp(f"HY-{n}")) for n in range(3)), wrong]
    writes += [turn(member(f"b{n}"), "k", Say(text="好"), reply=None) for n in range(3)]
    results = await asyncio.gather(*(database.turns.commit(write) for write in writes), return_exceptions=True)
    assert [type(result) for result in results] == [*[type(None)] * 3, NotAllowed, *[type(None)] * 3]
    assert (await look(database, member("wrong"), "k")).already is None
    assert (await database.deliveries.counts(NOON))["due"] == 3


async def test_twenty_messages_handed_over_at_once_wait_in_order(database: Database) -> None:
    writes = [turn(member(), f"k{n}", event=said(str(n)), answered=False) for n in range(20)]
    await asyncio.gather(*(database.turns.commit(write) for write in writes))
    assert [each.key for each in (await look(database, member())).backlog] == [f"k{n}" for n in range(20)]


async def test_who_gave_up_waiting_finds_the_turn_done(database: Database) -> None:
    waiting = asyncio.ensure_future(database.turns.commit(turn(member(), "k1")))
    await asyncio.sleep(0)
    waiting.cancel()
    await asyncio.gather(waiting, return_exceptions=True)
    await database.turns.commit(turn(member("other"), "k1"))
    assert (await look(database, member(), "k1")).already is not None


async def test_turns_of_one_member_keep_their_order(database: Database) -> None:
    await database.turns.commit(turn(member(), "open", lamp("HY-1"), event=said("路灯坏了")))
    for n in range(20):
        add = ActOnCase(number="HY-1", act=Act.ADD, words=str(n))
        await database.turns.commit(turn(member(), f"k{n}", add, event=said(f"第{n}句"), version=n + 1, reply=b""))
    page = await database.cases.access_case("HY-1", seeing(["yushan-xincheng"]))
    assert page is not None
    words = [item.text for item in page.items if isinstance(item, Spoken)]
    assert words == ["路灯坏了", *(f"第{n}句" for n in range(20))]


async def test_the_profile_keeps_what_was_told_and_nothing_else_changes(database: Database) -> None:
    await database.turns.commit(
        turn(member(), "k1", KeepProfile(name="周建国", phone="13812345678"), KeepConsent(name="party", version="1"))
    )
    await database.turns.commit(turn(member(), "k2", KeepProfile(unit="yushan-xincheng", follows=False), version=1))
    profile = (await look(database, member())).profile
    assert (profile.name, profile.phone, profile.unit) == ("周建国", "13812345678", "yushan-xincheng")
    assert not profile.follows
    assert profile.consents == {("party", "1")}
    await database.turns.commit(
        turn(member(), "k3", KeepProfile(name=""), KeepConsent(name="party", version="1", given=False), version=2)
    )
    profile = (await look(database, member())).profile
    assert (profile.name, profile.phone, profile.consents) == ("", "13812345678", frozenset())


async def test_a_case_is_opened_acted_on_and_seen(database: Database) -> None:
    await database.turns.commit(turn(member(), "k1", lamp("HY-1", place="新城花园", matter="三号楼门口")))
    (case,) = (await look(database, member())).cases
    assert (case.number, case.status, case.place, case.version, case.signed) == (
        "HY-1", Status.ACCEPTED, "新城花园", 1, False,
    )  # fmt: skip
    await database.turns.commit(turn(member(), "k2", ActOnCase(number="HY-1", act=Act.WITHDRAW), version=1))
    (case,) = (await look(database, member())).cases
    assert (case.status, case.version) == (Status.WITHDRAWN, 2)


async def test_an_act_decided_on_an_older_case_is_a_conflict_and_takes_nothing_along(database: Database) -> None:
    await database.turns.commit(turn(member(), "k1", lamp("HY-1")))
    late = ActOnCase(number="HY-1", act=Act.ADD, words="x", version=9)
    with pytest.raises(Conflict):
        await database.turns.commit(turn(member(), "k2", late, Say(text="好"), reply=None, version=1))
    found = await look(database, member(), "k2")
    assert (found.version, found.already) == (1, None)
    assert (await database.deliveries.counts(NOON))["due"] == 0


async def test_an_act_that_the_table_forbids_is_not_done(database: Database) -> None:
    await database.turns.commit(turn(member(), "k1", lamp("HY-1")))
    with pytest.raises(NotAllowed, match="HY-1"):
        await database.turns.commit(turn(member(), "k2", ActOnCase(number="HY-1", act=Act.REOPEN), version=1))
    with pytest.raises(NotAllowed, match="no case"):
        await database.turns.commit(turn(member(), "k3", ActOnCase(number="HY-9", act=Act.ADD), version=1))


async def test_neighbours_are_found_by_category_and_unit_and_counted(database: Database) -> None:
    await database.turns.commit(turn(member("a"), "k1", lamp("HY-1")))
    await database.turns.commit(turn(member("b"), "k1", lamp("HY-2", same_as="HY-1")))
    await database.turns.commit(turn(member("c"), "k1", lamp("HY-3", unit="elsewhere")))
    await database.turns.commit(turn(member("d"), "k1", lamp("HY-4", category="water")))
    wants = Wants(category="road.lamp", unit="yushan-xincheng")
    found = await database.turns.gather(Gather(member=member("e").id, key="k", wants=wants))
    assert [(case.number, case.neighbours) for case in found.nearby] == [("HY-1", 1)]


async def test_words_by_another_way_become_deliveries_once(database: Database) -> None:
    says = (Say(text="第一句", asks="solved", number="HY-1"), Say(text="第二句"))
    await database.turns.commit(turn(member(), "k1", *says, reply=None))
    with pytest.raises(Conflict):
        await database.turns.commit(turn(member(), "k1", *says, reply=None, version=1))
    (first,) = await database.deliveries.claim("w", NOON, timedelta(minutes=1), 10)
    assert (first.member, first.text, first.asks, first.number) == (member(), "第一句", "solved", "HY-1")
    await database.deliveries.settle(first.id, "sent", way="customer", now=NOON)
    (second,) = await database.deliveries.claim("w", NOON, timedelta(minutes=1), 10)
    assert second.text == "第二句"


async def test_waiting_words_ride_along_once(database: Database) -> None:
    await database.turns.commit(turn(member(), "k1", Say(text="办好了", asks="solved"), reply=None))
    (one,) = await database.deliveries.claim("w", NOON, timedelta(minutes=1), 10)
    assert await database.deliveries.settle(one.id, "waiting", code=45015, words="no window", now=NOON)
    found = await look(database, member())
    assert [(each.delivery, each.text, each.asks) for each in found.waiting] == [(one.id, "办好了", "solved")]
    await database.turns.commit(turn(member(), "k2", RideAlong(deliveries=(one.id,)), version=1))
    assert (await look(database, member())).waiting == ()
    with pytest.raises(Conflict):
        await database.turns.commit(turn(member(), "k3", RideAlong(deliveries=(one.id,)), version=2))


async def test_reminders_are_set_once_and_forgotten_with_their_case(database: Database) -> None:
    remind = Remind(key="contact/HY-1", kind="contact", at=NOON + timedelta(days=1), number="HY-1", data="x")
    await database.turns.commit(turn(member(), "k1", remind))
    await database.turns.commit(turn(member(), "k2", replace(remind, at=NOON), version=1))
    lease, tomorrow = timedelta(minutes=1), NOON + timedelta(days=1)
    assert await database.timers.claim("w", NOON, lease, 10) == []
    (timer,) = await database.timers.claim("w", tomorrow, lease, 10)
    assert (timer.member, timer.kind, timer.number, timer.data) == (member(), "contact", "HY-1", "x")
    await database.turns.commit(turn(member(), "k3", CancelReminders(number="HY-1"), version=2))
    assert await database.timers.claim("w", tomorrow + lease * 2, lease, 10) == []


async def test_a_photo_sent_before_there_is_a_case_comes_to_it(database: Database) -> None:
    await database.turns.commit(turn(member(), "k1", KeepMedia(media="m1", what="photo")))
    await database.turns.commit(
        turn(member(), "k2", lamp("HY-1"), KeepMedia(media="m1", what="photo", number="HY-1"), version=1)
    )
    (listed,) = await database.media.of_case("HY-1")
    assert (listed.media, listed.status) == ("m1", "wanted")


async def test_a_state_of_an_older_program_begins_anew(database: Database, caplog: pytest.LogCaptureFixture) -> None:
    await database.turns.commit(turn(member(), "k1", conversation=Conversation(misses=2)))
    await spoil(database, b'{"misses": "two"}')
    found = await look(database, member())
    assert (found.conversation, found.version) == (Conversation(), 1)
    assert member().id in caplog.text
    await database.turns.commit(turn(member(), "k2", version=1))
    assert (await look(database, member())).version == 2


async def spoil(database: Database, state: bytes) -> None:
    sealed = database.turns._keys.seal_bytes("members.state", state)
    await database.turns._engine.write(lambda conn: conn.execute(update(tables.members).values(state=sealed)).rowcount)


async def test_a_row_that_does_not_open_stops_its_own_member_alone(database: Database) -> None:
    for name in ("a", "sick", "b"):
        await database.turns.commit(turn(member(name), "k1", lamp(f"HY-{name}")))
    await broken(database, tables.members, tables.members.c.id == member("sick").id, "state")
    found = await asyncio.gather(*(look(database, member(name)) for name in ("a", "sick", "b")), return_exceptions=True)
    assert [type(each).__name__ for each in found] == ["Gathered", "SealBroken", "Gathered"]


@pytest.mark.parametrize("known", [False, True])
async def test_a_case_that_does_not_open_is_only_not_offered_to_neighbours(database: Database, known: bool) -> None:
    for number in ("HY-1", "HY-2"):
        await database.turns.commit(turn(member(number), "k1", lamp(number, place="新城花园")))
    await broken(database, tables.cases, tables.cases.c.number == "HY-2", "place")
    if known:
        await look(database, member("e"))
    wants = Wants(category="road.lamp", unit="yushan-xincheng")
    found = await database.turns.gather(Gather(member=member("e").id, key="k", wants=wants))
    assert [case.number for case in found.nearby] == ["HY-1"]


async def broken(database: Database, table: Table, where: ColumnElement[bool], column: str) -> None:
    """A sealed value that was altered on the disk."""
    change = update(table).where(where).values({column: b"\x01" + b"x" * 40})
    await database.turns._engine.write(lambda conn: conn.execute(change).rowcount)


async def test_old_replies_are_forgotten_their_keys_are_not(database: Database) -> None:
    await database.turns.commit(turn(member(), "old"))
    await database.turns.commit(turn(member(), "new", at=NOON + timedelta(days=7), version=1))
    await database.turns.commit(turn(member("b"), "unturned", answered=False))
    assert await database.turns.purge(NOON + timedelta(days=1)) == 1
    assert await database.turns.purge(NOON + timedelta(days=1)) == 0
    old, new = await look(database, member(), "old"), await look(database, member(), "new")
    assert old.already is not None
    assert (old.already.status, old.already.reply) == ("answered", None)
    assert isinstance(old.already.event, Noticed)
    assert new.already is not None
    assert new.already.reply == b"<xml>reply</xml>"
    assert len((await look(database, member("b"))).backlog) == 1
    with pytest.raises(Conflict):
        await database.turns.commit(turn(member(), "old", version=2))


async def test_the_windows_follow_what_the_member_did(database: Database) -> None:
    await database.turns.commit(turn(member(), "k1", event=Followed(scene="s")))
    later = NOON + timedelta(hours=1)
    await database.turns.commit(turn(member(), "k2", event=said("在吗"), at=later, version=1))
    answer = StaffAnswered(number="HY-1", text="好", by="li", post="intake", final=True, version=1)
    await database.turns.commit(turn(member(), "k3", Say(text="好"), event=answer, reply=None, version=2))
    (one,) = await database.deliveries.claim("w", NOON, timedelta(minutes=1), 10)
    assert (one.windows.followed, one.windows.said, one.windows.said_sent) == (NOON, later, 0)
    await database.deliveries.settle(one.id, "sent", way="customer", now=later)
    assert (await database.deliveries.windows(member().id)).said_sent == 1
    await database.turns.commit(turn(member(), "k4", event=said("谢谢"), at=later + timedelta(1), version=3))
    windows = await database.deliveries.windows(member().id)
    assert (windows.said_sent, windows.followed_sent) == (0, 1)


async def test_the_transcript_says_what_words_led_to(database: Database) -> None:
    await database.turns.commit(
        turn(member(), "k1", lamp("HY-1"), LedTo(what="help/done"), event=said("确认"), text="受理好了")
    )
    page = await database.cases.access_case("HY-1", seeing(["yushan-xincheng"]))
    assert page is not None
    told = [(item.who, item.text, item.led) for item in page.items if isinstance(item, Spoken)]
    assert told == [("member", "确认", "help/done"), ("bot", "受理好了", "help/done")]
