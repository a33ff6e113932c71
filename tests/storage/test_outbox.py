"""Deliveries, timers and photos are leased: any worker may die at any moment, and nothing is sent twice."""

from __future__ import annotations

import asyncio
from datetime import timedelta

from dialogs.effects import KeepMedia, Remind, Say
from dialogs.events import TimerFired
from storage.engines import Database
from tests.storage.making import NOON, lamp, member, turn

LEASE = timedelta(minutes=1)
LATER = NOON + LEASE * 2


async def say(database: Database, *names: str) -> None:
    for name in names:
        await database.turns.commit(turn(member(name), "k1", Say(text=f"给{name}"), reply=None))


async def test_what_a_dead_worker_had_not_begun_is_claimed_again(database: Database) -> None:
    await say(database, "a")
    (first,) = await database.deliveries.claim("dead", NOON, LEASE, 10)
    assert await database.deliveries.claim("other", NOON, LEASE, 10) == []
    (again,) = await database.deliveries.claim("other", LATER, LEASE, 10)
    assert (again.id, again.attempts) == (first.id, 2)


async def test_what_a_dead_worker_was_sending_is_unknown_and_never_sent_again(database: Database) -> None:
    await say(database, "a", "b")
    first, _ = await database.deliveries.claim("dead", NOON, LEASE, 10)
    assert await database.deliveries.begin([first.id], NOON) == [first.id]
    lapsed = await database.deliveries.lapse(LATER)
    assert [each.id for each in lapsed] == [first.id]
    assert [each.member for each in await database.deliveries.claim("other", LATER, LEASE, 10)] == [member("b")]
    counts = await database.deliveries.counts(LATER)
    assert (counts["unknown"], counts["claimed"]) == (1, 1)


async def test_claiming_alone_finds_the_unknown_too(database: Database) -> None:
    await say(database, "a")
    (first,) = await database.deliveries.claim("dead", NOON, LEASE, 10)
    await database.deliveries.begin([first.id], NOON)
    assert await database.deliveries.claim("other", LATER, LEASE, 10) == []
    assert (await database.deliveries.counts(LATER))["unknown"] == 1


async def test_who_lost_the_lease_neither_begins_nor_settles(database: Database) -> None:
    await say(database, "a")
    (first,) = await database.deliveries.claim("slow", NOON, LEASE, 10)
    assert await database.deliveries.begin([first.id], NOON) == [first.id]
    assert await database.deliveries.begin([first.id], NOON) == []
    await database.deliveries.lapse(LATER)
    assert not await database.deliveries.settle(first.id, "sent", way="customer", now=LATER)
    assert (await database.deliveries.counts(LATER))["unknown"] == 1


async def test_a_failed_try_comes_again_when_it_is_time(database: Database) -> None:
    await say(database, "a")
    (first,) = await database.deliveries.claim("w", NOON, LEASE, 10)
    await database.deliveries.begin([first.id], NOON)
    assert await database.deliveries.settle(first.id, "failed", code=-1, now=NOON, retry_at=LATER)
    assert await database.deliveries.claim("w", NOON, LEASE, 10) == []
    (again,) = await database.deliveries.claim("w", LATER, LEASE, 10)
    assert again.attempts == 2
    assert (await database.deliveries.windows(member("a").id)).said_sent == 0


async def test_workers_that_claim_at_once_share_without_doubles(database: Database) -> None:
    await say(database, *(f"m{n}" for n in range(40)))
    claims = await asyncio.gather(*(database.deliveries.claim(f"w{n}", NOON, LEASE, 10) for n in range(6)))
    ids = [each.id for claim in claims for each in claim]
    assert len(ids) == len(set(ids))
    rest = await database.deliveries.claim("last", NOON, LEASE, 100)
    assert sorted(ids + [each.id for each in rest]) == sorted(set(ids) | {each.id for each in rest})
    assert len(ids) + len(rest) == 40


async def test_what_a_timer_says_goes_after_what_people_wait_for(database: Database) -> None:
    fired = TimerFired(kind="contact_due")
    await database.turns.commit(turn(member("a"), "k1", Say(text="问候"), event=fired, reply=None))
    await say(database, "b")
    claimed = await database.deliveries.claim("w", NOON, LEASE, 10)
    assert [each.text for each in claimed] == ["给b", "问候"]


async def test_what_waited_is_ready_again_when_a_window_opens(database: Database) -> None:
    await say(database, "a")
    (first,) = await database.deliveries.claim("w", NOON, LEASE, 10)
    await database.deliveries.settle(first.id, "waiting", code=45015, now=NOON)
    assert await database.deliveries.claim("w", LATER, LEASE, 10) == []
    assert await database.deliveries.revive(member("a").id, LATER) == 1
    assert [each.id for each in await database.deliveries.claim("w", LATER, LEASE, 10)] == [first.id]


async def test_a_timer_is_fired_again_until_it_is_done(database: Database) -> None:
    await database.turns.commit(turn(member(), "k1", Remind(key="a", kind="contact_due", at=NOON)))
    (first,) = await database.timers.claim("dead", NOON, LEASE, 10)
    assert await database.timers.claim("w", NOON, LEASE, 10) == []
    (again,) = await database.timers.claim("w", LATER, LEASE, 10)
    assert (again.key, again.attempts) == (first.key, 2)
    await database.timers.done(again.key, LATER)
    assert await database.timers.claim("w", LATER + LEASE * 2, LEASE, 10) == []


async def test_the_same_reminder_of_two_members_is_two(database: Database) -> None:
    remind = Remind(key="contact", kind="contact_due", at=NOON)
    for name in "ab":
        await database.turns.commit(turn(member(name), "k1", remind))
    assert await database.timers.next_at() == NOON
    assert len(await database.timers.claim("w", NOON, LEASE, 10)) == 2
    assert await database.timers.next_at() is None


async def test_a_photo_is_fetched_kept_and_shown(database: Database) -> None:
    keep = KeepMedia(media="m1", what="photo", number="HY-1")
    await database.turns.commit(turn(member(), "k1", lamp("HY-1"), keep))
    (wanted,) = await database.media.claim("w", NOON, LEASE, 10)
    assert (wanted.member, wanted.media, wanted.what) == (member(), "m1", "photo")
    assert await database.media.get(wanted.id) is None
    await database.media.fail(wanted.id, "busy", retry_at=LATER)
    assert await database.media.claim("w", NOON, LEASE, 10) == []
    (wanted,) = await database.media.claim("w", LATER, LEASE, 10)
    await database.media.keep(wanted.id, b"\xff\xd8 picture", "image/jpeg")
    kept = await database.media.get(wanted.id)
    assert kept is not None
    assert (kept.content, kept.kind, kept.number) == (b"\xff\xd8 picture", "image/jpeg", "HY-1")
    assert [each.status for each in await database.media.of_case("HY-1")] == ["kept"]
