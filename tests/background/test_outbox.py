"""What has to reach a member, reaches them once, in order, by the way the platform allows; over the real store."""

from __future__ import annotations

import asyncio
import shutil
from datetime import timedelta
from pathlib import Path
from typing import get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from structlog.typing import EventDict

from bot.channels import Sent, Trouble
from bot.loops import LEASE
from bot.outbox import Outbox, window_facts
from dialogs.effects import KeepProfile
from dialogs.events import Left
from storage.crypto import Keys
from storage.deliveries import Windows
from storage.hot import open_hot
from storage.turns import Gather, MemberKey
from tests.background.stand import LI, NOON, ZHOU, House, Material, built, no
from tests.waiting import PATIENCE


async def test_words_go_out_once_and_the_conversation_hears_of_it(house: House) -> None:
    await house.hears(ZHOU)
    await house.says(ZHOU, "路灯修好了。解决了吗？", asks="rate/1")
    assert await house.outbox.once() == 1
    assert await house.outbox.once() == 0
    assert house.platform.took == [("oZHOU", "路灯修好了。解决了吗？")]
    assert house.told.settled_as == [("oZHOU", "sent", "rate/1")]
    assert await house.statuses() == {"sent": 1}


async def test_one_members_words_keep_their_order_and_members_do_not_wait_for_each_other(house: House) -> None:
    for member in (ZHOU, LI):
        await house.hears(member)
        await house.says(member, "一", "二", "三")
    house.platform.meet = asyncio.Barrier(2)  # nothing goes on unless both are on their way at the same time
    await house.outbox.once()
    for user in ("oZHOU", "oLI"):
        assert [text for to, text in house.platform.took if to == user] == ["一", "二", "三"]


async def test_what_is_tried_again_is_not_overtaken(house: House) -> None:
    await house.hears(ZHOU)
    await house.says(ZHOU, "一", "二")
    house.platform.answers = [no("busy", -1)]
    await house.outbox.once()
    assert house.platform.took == []
    house.clock.forward(seconds=4)
    await house.outbox.once()
    assert [text for _, text in house.platform.took] == ["一", "二"]


async def test_a_busy_platform_is_asked_three_times_and_then_the_words_wait_for_the_member(house: House) -> None:
    await house.hears(ZHOU)
    await house.says(ZHOU, "一")
    house.platform.answers = [no("busy", -1)] * 5
    for _ in range(6):
        await house.outbox.once()
        house.clock.forward(seconds=30)
    assert len(house.platform.asked) == 3
    assert await house.statuses() == {"waiting": 1}
    assert house.told.settled_as == [("oZHOU", "waiting", "")]


@pytest.mark.parametrize(
    ("trouble", "fate"), [("unknown", "unknown"), ("unreachable", "failed"), ("refused", "failed")]
)
async def test_these_are_never_sent_again(house: House, trouble: Trouble, fate: str) -> None:
    await house.hears(ZHOU)
    await house.says(ZHOU, "一")
    house.platform.answers = [no(trouble, 43004)]
    for _ in range(3):
        await house.outbox.once()
        house.clock.forward(hours=1)
    assert len(house.platform.asked) == 1
    assert await house.statuses() == {fate: 1}
    assert house.told.settled_as == [("oZHOU", fate, "")]
    assert house.counted(trouble) == 1


@pytest.mark.parametrize("trouble", ["window", "count"])
async def test_where_the_platform_says_the_window_is_shut_the_words_wait(house: House, trouble: Trouble) -> None:
    await house.hears(ZHOU)
    await house.says(ZHOU, "一")
    house.platform.answers = [no(trouble, 45015)]
    await house.outbox.once()
    assert await house.statuses() == {"waiting": 1}
    found = await house.database.turns.gather(Gather(member=ZHOU.id, key="next"))
    assert [waiting.text for waiting in found.waiting] == ["一"]


async def test_over_the_frequency_the_words_wait_as_long_as_the_platform_says(house: House) -> None:
    await house.hears(ZHOU)
    await house.says(ZHOU, "一")
    house.platform.answers = [no("later", 45011, wait=60)]
    await house.outbox.once()
    house.clock.forward(seconds=59)
    assert await house.outbox.once() == 0
    house.clock.forward(seconds=2)
    await house.outbox.once()
    assert house.platform.took == [("oZHOU", "一")]


async def test_a_used_up_quota_holds_everybody_without_asking_again(house: House) -> None:
    for member in (ZHOU, LI):
        await house.hears(member)
    await house.says(ZHOU, "一")
    house.platform.answers = [no("later", 45009, wait=3600)]
    await house.outbox.once()
    await house.says(LI, "二")
    await house.outbox.once()
    assert len(house.platform.asked) == 1
    house.clock.forward(hours=1, seconds=1)
    await house.outbox.once()
    assert sorted(text for _, text in house.platform.took) == ["一", "二"]


async def test_a_wrong_set_up_stops_the_route_and_nothing_is_lost(house: House) -> None:
    for member in (ZHOU, LI):
        await house.hears(member)
        await house.says(member, "一")
    house.platform.answers = [no("stopped", 40164), no("stopped", 40164)]
    await house.outbox.once()
    await house.says(LI, "二")
    await house.outbox.once()
    stopped = {"way": "customer"}
    assert house.metrics.registry.get_sample_value("hongyan_route_stopped", stopped) == 1
    assert await house.statuses() == {"ready": 3}
    assert len(house.platform.asked) <= 2
    house.clock.forward(minutes=6)
    await house.outbox.once()
    assert house.metrics.registry.get_sample_value("hongyan_route_stopped", stopped) == 0
    assert [text for user, text in house.platform.took if user == "oLI"] == ["一", "二"]


async def test_without_an_open_window_nothing_is_asked_of_the_platform(house: House) -> None:
    await house.hears(ZHOU)
    house.clock.forward(hours=48)
    await house.says(ZHOU, "一")
    await house.outbox.once()
    assert house.platform.asked == []
    assert await house.statuses() == {"waiting": 1}


async def test_the_sixth_message_of_a_window_waits(house: House) -> None:
    await house.hears(ZHOU)
    await house.says(ZHOU, *"一二三四五六")
    await house.outbox.once()
    assert len(house.platform.took) == 5
    assert await house.statuses() == {"sent": 5, "waiting": 1}
    house.clock.forward(seconds=1)
    await house.hears(ZHOU)
    await house.says(ZHOU, "七")
    await house.outbox.once()
    assert house.platform.took[-1] == ("oZHOU", "七")


async def test_who_has_left_is_not_written_to(house: House) -> None:
    await house.hears(ZHOU)
    await house.commit(ZHOU, Left(), KeepProfile(follows=False))
    await house.says(ZHOU, "一")
    await house.outbox.once()
    assert house.platform.asked == []


async def test_a_member_of_an_account_that_is_not_connected_fails_in_words(house: House) -> None:
    stranger = MemberKey("wechat", "other", "oX")
    await house.hears(stranger)
    await house.says(stranger, "一")
    await house.outbox.once()
    assert await house.statuses() == {"failed": 1}


async def test_a_crash_of_one_attempt_does_not_stop_the_others(house: House, logged: list[EventDict]) -> None:
    def crash() -> Sent:
        raise RuntimeError("a bug in the channel")

    for member in (ZHOU, LI):
        await house.hears(member)
    await house.says(ZHOU, "一")
    house.platform.answers = [crash]
    await house.outbox.once()
    await house.says(LI, "二")
    await house.outbox.once()
    assert house.platform.took == [("oLI", "二")]
    assert house.metrics.registry.get_sample_value("hongyan_loop_crashes_total", {"loop": "outbox"}) == 1
    [failure] = [line for line in logged if line["log_level"] == "error"]
    assert failure["delivery"] > 0
    # It was on its way when it broke: nobody knows whether it arrived.
    house.clock.forward(seconds=LEASE.total_seconds() + 1)
    await house.outbox.once()
    assert await house.statuses() == {"sent": 1, "unknown": 1}
    assert ("oZHOU", "unknown", "") in house.told.settled_as


async def test_what_a_dead_worker_held_before_sending_is_sent_by_the_next(house: House) -> None:
    await house.hears(ZHOU)
    await house.says(ZHOU, "一")
    held = await house.database.deliveries.claim("dead", house.clock.now(), LEASE, 10)
    assert len(held) == 1
    assert await house.outbox.once() == 0
    house.clock.forward(seconds=LEASE.total_seconds() + 1)
    await house.outbox.once()
    assert house.platform.took == [("oZHOU", "一")]


async def test_what_a_dead_worker_was_sending_is_unknown_and_told(house: House) -> None:
    await house.hears(ZHOU)
    await house.says(ZHOU, "一")
    held = await house.database.deliveries.claim("dead", house.clock.now(), LEASE, 10)
    await house.database.deliveries.begin([held[0].id], house.clock.now())
    house.clock.forward(seconds=LEASE.total_seconds() + 1)
    await house.outbox.once()
    assert house.platform.asked == []
    assert house.told.settled_as == [("oZHOU", "unknown", "")]


async def test_two_senders_over_one_store_send_nothing_twice(house: House, material: Material) -> None:
    other = Outbox(
        house.database,
        house.told,
        open_hot(None),
        house.world,
        house.metrics,
        channels={("wechat", "main"): house.platform},  # type: ignore[dict-item]
        snapshots=lambda: material,
    )
    members = [MemberKey("wechat", "main", f"o{n}") for n in range(12)]
    for member in members:
        await house.hears(member)
        await house.says(member, "一", "二")
    await asyncio.gather(house.outbox.once(), other.once())
    await house.outbox.once()
    assert sorted(house.platform.took) == sorted((member.user, text) for member in members for text in "一二")


@settings(max_examples=12, deadline=None)
@given(
    fates=st.lists(st.sampled_from([None, *get_args(Trouble)]), max_size=30),
    pauses=st.lists(st.integers(0, 400), max_size=8),
    deaths=st.sets(st.integers(0, 7)),
)
def test_whatever_the_platform_says_nothing_is_lost_doubled_or_overtaken(
    *,
    sqlite_migrated: Path,
    tmp_path_factory: pytest.TempPathFactory,
    keys: Keys,
    material: Material,
    fates: list[Trouble | None],
    pauses: list[int],
    deaths: set[int],
) -> None:
    path = shutil.copy(sqlite_migrated, tmp_path_factory.mktemp("any") / "hongyan.db")
    members = [MemberKey("wechat", "main", f"o{n}") for n in range(3)]

    async def play() -> None:
        async with built(f"sqlite+aiosqlite:///{path}", keys, material) as house:
            for member in members:
                await house.hears(member)
                await house.says(member, *"一二三四")
            house.platform.answers = [no(fate, wait=60) if fate else Sent() for fate in fates]
            for turn, pause in enumerate([*pauses, *[600] * 12]):
                if turn in deaths:
                    await house.database.deliveries.claim("dies", house.clock.now(), LEASE, 2)
                await house.outbox.once()
                house.clock.forward(seconds=pause)
            statuses = await house.statuses()
            assert sum(statuses.values()) == 12
            assert not {"ready", "claimed"} & set(statuses)
            assert statuses.get("unknown", 0) == fates[: len(house.platform.asked)].count("unknown")
            for member in members:
                took = [text for user, text in house.platform.took if user == member.user]
                assert took == sorted(set(took), key="一二三四".index)
            assert len(house.told.settled_as) == 12

    asyncio.run(play())


async def test_the_loop_sends_what_comes_and_finishes_what_it_holds_when_stopped(house: House) -> None:
    await house.hears(ZHOU)
    running = asyncio.create_task(house.outbox.run())
    await house.says(ZHOU, "一")
    async with asyncio.timeout(PATIENCE):
        await house.platform.began.wait()
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    assert house.platform.took == [("oZHOU", "一")]
    assert await house.statuses() == {"sent": 1}


async def test_the_depth_of_the_outbox_is_shown(house: House) -> None:
    await house.hears(ZHOU)
    await house.says(ZHOU, "一", "二")
    await house.outbox.once()
    shown = house.metrics.text().decode()
    assert 'hongyan_deliveries{status="ready"} 2.0' in shown
    assert "oZHOU" not in shown


def test_the_youngest_of_tap_follow_and_scan_is_the_tap() -> None:
    seen = window_facts(
        Windows(tapped=NOON, tapped_sent=3, scanned=NOON + timedelta(seconds=9), scanned_sent=1, followed=None)
    )
    assert (seen.last_tap, seen.sent_since_tap, seen.last_message) == (NOON + timedelta(seconds=9), 1, None)


async def test_a_sender_that_died_before_it_told_the_conversation_tells_it_after_the_next_start(house: House) -> None:
    await house.hears(ZHOU)
    await house.says(ZHOU, "路灯修好了。解决了吗？", asks="solved", number="HY-261121-0387-8")
    (row,) = await house.database.deliveries.claim("dead", NOON, LEASE, 1)
    await house.database.deliveries.begin([row.id], NOON)
    await house.database.deliveries.settle(row.id, "sent", way="customer", now=NOON)
    await house.outbox.once()
    assert house.told.settled_as == [("oZHOU", "sent", "solved")]
    assert house.platform.took == []
