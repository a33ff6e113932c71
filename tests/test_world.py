"""One door for time, ids and chance."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from bot.world import DemoWorld, Numbers, SharedClock, World

NOON = datetime(2026, 11, 21, 4, 0, tzinfo=UTC)


class Blocks:
    """Leases as the store does: blocks of a day, each serial once, and says how often it was asked."""

    def __init__(self) -> None:
        self.next: dict[str, int] = {}
        self.asked = 0

    async def lease(self, day: str, count: int) -> range:
        self.asked += 1
        await asyncio.sleep(0)
        begin = self.next.get(day, 1)
        self.next[day] = begin + count
        return range(begin, begin + count)


def make(block: int = 3) -> tuple[Numbers, Blocks]:
    blocks = Blocks()
    return Numbers(blocks.lease, block=block), blocks


async def take(numbers: Numbers, now: datetime = NOON, *, used: bool = True) -> str:
    number = await numbers.take(now)
    if not used:
        numbers.give_back(number, now)
    return number


async def test_numbers_count_up_and_bear_the_local_day() -> None:
    numbers, _ = make()
    assert [(await take(numbers))[:14] for _ in range(4)] == [f"HY-261121-000{n}" for n in (1, 2, 3, 4)]
    # 16:30 UTC is past midnight in China.
    assert (await take(numbers, NOON.replace(hour=16, minute=30))).startswith("HY-261122-0001-")


async def test_a_number_that_no_case_bears_goes_to_the_next_turn() -> None:
    numbers, _ = make()
    unused = await take(numbers, used=False)
    assert await take(numbers) == unused
    assert await take(numbers) != unused


async def test_a_number_is_not_lent_twice_at_once() -> None:
    numbers, _ = make()
    first, second = await numbers.take(NOON), await numbers.take(NOON)
    assert first != second


async def test_a_number_given_back_on_another_day_is_a_gap() -> None:
    numbers, _ = make()
    old = await numbers.take(NOON)
    tomorrow = NOON.replace(day=NOON.day + 1)
    assert (await numbers.take(tomorrow))[:9] != old[:9]
    numbers.give_back(old, NOON)
    assert (await numbers.take(tomorrow))[:9] != old[:9]


async def test_many_turns_at_once_share_a_block() -> None:
    numbers, blocks = make(block=50)
    taken = await asyncio.gather(*(take(numbers) for _ in range(50)))
    assert len(set(taken)) == 50
    assert blocks.asked == 1


@given(st.lists(st.tuples(st.booleans(), st.integers(0, 2)), max_size=40))
def test_whatever_is_used_and_returned_no_two_cases_share_a_number(turns: list[tuple[bool, int]]) -> None:
    async def play() -> None:
        numbers, _ = make()
        borne = [await take(numbers, NOON + timedelta(days=day), used=used) for used, day in turns]
        kept = [number for number, (used, _) in zip(borne, turns, strict=True) if used]
        assert len(kept) == len(set(kept))

    asyncio.run(play())


def test_two_processes_share_a_clock_that_can_be_moved(tmp_path: Path) -> None:
    mine, theirs = SharedClock(tmp_path / "demo" / "clock.json"), SharedClock(tmp_path / "demo" / "clock.json")
    before = theirs.now()
    mine.advance(3 * 86400)
    assert timedelta(days=3) <= theirs.now() - before < timedelta(days=3, minutes=1)
    theirs.advance(3600)
    mine.advance(0.5)
    assert theirs.offset() == mine.offset() == timedelta(days=3, hours=1, seconds=0.5)
    # What was moved stays moved after a restart, and nothing half-written lies about.
    assert SharedClock(tmp_path / "demo" / "clock.json").offset() == mine.offset()
    assert [path.name for path in (tmp_path / "demo").iterdir()] == ["clock.json"]


def test_looking_at_the_shared_clock_is_cheap(tmp_path: Path) -> None:
    clock = SharedClock(tmp_path / "clock.json")
    clock.advance(1)
    world = World(numbers=make()[0])
    began = world.ticks()
    for _ in range(2000):
        clock.now()
    assert world.ticks() - began < 0.4  # 0.2 ms each would be felt; it is about 5 µs


def test_the_demos_world_reads_the_moved_clock(tmp_path: Path) -> None:
    world = DemoWorld(numbers=make()[0], folder=tmp_path)
    SharedClock(tmp_path / "clock.json").advance(86400)
    assert world.now() - datetime.now(UTC) > timedelta(hours=23)


def test_the_world_tells_aware_time_and_gives_long_tokens_and_spread_waits() -> None:
    world = World(numbers=make()[0])
    assert world.now().utcoffset() == timedelta()
    assert len({world.token() for _ in range(100)}) == 100
    assert len(world.token()) >= 43
    waits = [world.spread(20.0) for _ in range(200)]
    assert all(10 <= wait <= 20 for wait in waits)
    assert max(waits) - min(waits) > 5
