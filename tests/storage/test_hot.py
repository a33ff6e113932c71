"""Redis and its in-process twin keep the same promises; without Redis nothing is lost."""

from __future__ import annotations

import asyncio
import contextlib
import secrets
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from typing import Any

import pytest
import redis.asyncio as redis

from storage.hot import Hot, open_hot
from storage.hot_redis import RedisHot
from tests.conftest import given
from tests.waiting import PATIENCE


@pytest.fixture(params=["here", "redis"])
async def processes(request: pytest.FixtureRequest, patient_redis: None) -> AsyncIterator[tuple[Hot, Hot]]:
    """Two processes' hot stores; the twin knows only one process."""
    async with AsyncExitStack() as stack:
        if request.param == "here":
            one = await stack.enter_async_context(open_hot(None))
            yield one, one
            return
        url, prefix = given("HONGYAN_TEST_REDIS_URL", "Redis"), f"test:{secrets.token_hex(6)}:"
        made = [await stack.enter_async_context(open_hot(url, prefix=prefix)) for _ in range(2)]
        for each in made:
            assert isinstance(each, RedisHot)
            await asyncio.wait_for(each.hearing.wait(), PATIENCE)
        yield made[0], made[1]


@pytest.fixture
async def lonely() -> AsyncIterator[Hot]:
    """A hot store whose Redis is not there."""
    async with open_hot("redis://127.0.0.1:1/0", prefix="test:") as opened:
        yield opened


async def test_a_token_is_shared_until_it_dies(processes: tuple[Hot, Hot]) -> None:
    one, other = processes
    assert await other.token("access") is None
    await one.keep_token("access", "secret", 60)
    assert await other.token("access") == "secret"
    await one.keep_token("access", "secret", 0.05)
    await asyncio.sleep(0.1)
    assert await other.token("access") is None


async def test_one_at_a_time_holds_a_lock(processes: tuple[Hot, Hot]) -> None:
    inside, most = 0, 0

    async def hold(hot: Hot) -> None:
        nonlocal inside, most
        async with hot.single_flight("access"):
            inside += 1
            most = max(most, inside)
            await asyncio.sleep(0.01)
            inside -= 1

    await asyncio.wait_for(asyncio.gather(*(hold(hot) for hot in processes for _ in range(3))), PATIENCE)
    assert most == 1


async def test_another_lock_is_not_waited_for(processes: tuple[Hot, Hot]) -> None:
    one, other = processes
    async with one.single_flight("a"), asyncio.timeout(PATIENCE), other.single_flight("b"):
        pass


async def test_a_wake_up_reaches_who_waits_and_many_are_one(processes: tuple[Hot, Hot]) -> None:
    one, other = processes
    wakes = aiter(other.wakes("outbox"))
    for _ in range(3):
        await one.wake("outbox")
        await one.wake("timers")
    await asyncio.wait_for(anext(wakes), PATIENCE)
    assert await woken_again(wakes, 0.1) <= 2


async def woken_again(wakes: AsyncIterator[None], seconds: float) -> int:
    times = 0
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            async for _ in wakes:
                times += 1
    return times


async def test_waiting_with_patience(processes: tuple[Hot, Hot]) -> None:
    one, other = processes
    assert not await other.woken("outbox", 0.01)
    await one.wake("outbox")
    assert await other.woken("outbox", PATIENCE)
    assert not await other.woken("outbox", 0.01)


async def test_everybody_who_listens_hears_in_order(processes: tuple[Hot, Hot]) -> None:
    one, other = processes
    heard = [aiter(hot.listen("desk")) for hot in (one, other, other)]
    for n in range(50):
        await one.publish("desk", f"HY-{n} unit")
        await one.publish("elsewhere", "x")
    for each in heard:
        words = [await asyncio.wait_for(anext(each), PATIENCE) for _ in range(50)]
        assert words == [f"HY-{n} unit" for n in range(50)]


async def test_what_somebody_else_says_in_redis_is_passed_over(patient_redis: None) -> None:
    url, prefix = given("HONGYAN_TEST_REDIS_URL", "Redis"), f"test:{secrets.token_hex(6)}:"
    async with open_hot(url, prefix=prefix) as one, open_hot(url, prefix=prefix) as other:
        assert isinstance(other, RedisHot)
        await asyncio.wait_for(other.hearing.wait(), PATIENCE)
        heard = aiter(other.listen("desk"))
        async with redis.Redis.from_url(url) as stranger:
            for words in ("", "junk", "two words", b"\xff\xfe", b"\xff \xfe \xff"):
                for channel in ("wake", "say"):
                    await stranger.publish(f"{prefix}{channel}", words)
        await one.publish("desk", "HY-1 unit")
        assert await asyncio.wait_for(anext(heard), PATIENCE) == "HY-1 unit"


async def test_hearing_begins_again_after_a_bug(patient_redis: None, monkeypatch: pytest.MonkeyPatch) -> None:
    url, prefix = given("HONGYAN_TEST_REDIS_URL", "Redis"), f"test:{secrets.token_hex(6)}:"
    take_in, broken = RedisHot._take_in, set[RedisHot]()

    async def break_once(hot: RedisHot, message: dict[str, Any] | None) -> None:
        if message is not None and hot not in broken:
            broken.add(hot)
            raise ValueError("a bug")
        await take_in(hot, message)

    monkeypatch.setattr("storage.hot_redis.RETRY", 0.01)
    monkeypatch.setattr(RedisHot, "_take_in", break_once)
    async with open_hot(url, prefix=prefix) as one, open_hot(url, prefix=prefix) as other:
        heard = asyncio.ensure_future(anext(aiter(other.listen("desk"))))
        async with asyncio.timeout(PATIENCE):
            while not heard.done():  # what is said before it hears again is lost, as it always is
                await one.publish("desk", "HY-1 unit")
                await asyncio.wait([heard], timeout=0.05)
        assert await heard == "HY-1 unit"
        assert other in broken


async def test_a_cancelled_wait_loses_nothing(processes: tuple[Hot, Hot]) -> None:
    one, other = processes
    heard = aiter(other.listen("desk"))
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(anext(heard), 0.05)
    await one.publish("desk", "HY-1 unit")
    assert await asyncio.wait_for(anext(heard), PATIENCE) == "HY-1 unit"


async def test_a_listener_far_behind_keeps_the_newest(hot: Hot) -> None:
    heard = aiter(hot.listen("desk"))
    for n in range(1500):
        await hot.publish("desk", str(n))
    words = [await anext(heard) for _ in range(1000)]
    assert words == [str(n) for n in range(500, 1500)]


async def test_counts_begin_anew_when_their_window_ends(processes: tuple[Hot, Hot]) -> None:
    one, other = processes
    assert [await hot.count("k", 60) for hot in (one, other, one)] == [1, 2, 3]
    assert await one.count("short", 0.05) == 1
    await asyncio.sleep(0.1)
    assert await other.count("short", 60) == 1


async def test_five_hundred_commands_at_once_are_fine(hot: Hot) -> None:
    counts = await asyncio.gather(*(hot.count("k", 30) for _ in range(500)))
    assert sorted(counts) == list(range(1, 501))


async def test_without_redis_this_process_goes_on_alone(lonely: Hot) -> None:
    assert not await lonely.reachable()
    heard = aiter(lonely.listen("desk"))
    await lonely.keep_token("access", "secret", 30)
    assert await lonely.token("access") == "secret"
    async with asyncio.timeout(PATIENCE), lonely.single_flight("access"):
        assert [await lonely.count("k", 30) for _ in range(2)] == [1, 2]
    await lonely.publish("desk", "HY-1 unit")
    assert await asyncio.wait_for(anext(heard), PATIENCE) == "HY-1 unit"
    await lonely.wake("outbox")
    assert await lonely.woken("outbox", 0.01) is False
    await lonely.wake("outbox")
    assert await lonely.woken("outbox", 0.01) is True


async def test_who_is_at_a_place_is_seen_by_all_and_forgotten_by_itself(processes: tuple[Hot, Hot]) -> None:
    one, other = processes
    assert await one.enter("HY-1", "w1 王芳", "look", 60)
    assert await other.enter("HY-1", "w2 李强", "look", 60)
    assert await other.enter("HY-2", "w3 李强", "note", 60)
    assert not await one.enter("HY-1", "w1 王芳", "look", 60)
    assert await one.enter("HY-1", "w1 王芳", "write", 60)
    assert await other.present("HY-1") == {"w1 王芳": "write", "w2 李强": "look"}

    assert await other.leave("HY-1", "w2 李强")
    assert not await other.leave("HY-1", "w2 李强")
    assert await one.present("HY-1") == {"w1 王芳": "write"}
    await one.enter("HY-1", "w1 王芳", "write", 0.05)
    await asyncio.sleep(0.1)
    assert await other.present("HY-1") == {}
    assert await one.enter("HY-1", "w1 王芳", "write", 60)
    assert await other.present("HY-2") == {"w3 李强": "note"}


async def test_without_redis_one_still_sees_who_is_at_this_process(lonely: Hot) -> None:
    assert await lonely.enter("HY-1", "w1 王芳", "look", 60)
    assert await lonely.present("HY-1") == {"w1 王芳": "look"}
    assert await lonely.leave("HY-1", "w1 王芳")
