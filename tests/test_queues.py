"""Members' turns in order of arrival, and a limit to how long one waits."""

from __future__ import annotations

import asyncio

import pytest

from bot.queues import Patience, Queues, wake


class Desk:
    """Serves members one at a time, each until told to go on, and writes down what happened."""

    def __init__(self) -> None:
        self.queues, self.told = Queues(), list[str]()
        self.doors = dict[str, asyncio.Event]()
        self.tasks = dict[str, asyncio.Task[None]]()

    async def come(self, name: str, member: str = "zhou") -> None:
        """Somebody comes for a member, and everybody does what they can at once."""
        self.doors[name] = asyncio.Event()
        self.tasks[name] = asyncio.create_task(self._served(name, member))
        await self.settle()

    async def go(self, name: str) -> None:
        """Whoever is served leaves."""
        self.doors[name].set()
        await self.settle()

    async def settle(self) -> None:
        for _ in range(5):
            await asyncio.sleep(0)

    async def _served(self, name: str, member: str) -> None:
        async with self.queues.held(member):
            self.told.append(f"{name} in")
            await self.doors[name].wait()
            self.told.append(f"{name} out")


async def test_one_at_a_time_and_in_order_of_arrival() -> None:
    desk = Desk()
    for name in ("a", "b", "c"):
        await desk.come(name)
    for name in ("a", "b", "c"):
        await desk.go(name)
    assert desk.told == ["a in", "a out", "b in", "b out", "c in", "c out"]


async def test_members_do_not_wait_for_each_other() -> None:
    desk = Desk()
    await desk.come("a", "zhou")
    await desk.come("b", "li")
    assert desk.told == ["a in", "b in"]
    await desk.go("a")
    await desk.go("b")


async def test_who_gives_up_waiting_is_passed_over() -> None:
    desk = Desk()
    for name in ("a", "b", "c"):
        await desk.come(name)
    desk.tasks["b"].cancel()
    await desk.settle()
    await desk.go("a")
    await desk.go("c")
    assert desk.told == ["a in", "a out", "c in", "c out"]


async def test_who_is_stopped_in_the_moment_of_being_called_passes_the_place_on() -> None:
    desk = Desk()
    for name in ("a", "b", "c"):
        await desk.come(name)
    desk.doors["a"].set()
    await asyncio.sleep(0)  # a leaves and calls b, who has not moved yet
    assert desk.told == ["a in", "a out"]
    desk.tasks["b"].cancel()
    await desk.settle()
    await desk.go("c")
    assert desk.told == ["a in", "a out", "c in", "c out"]


async def test_trouble_inside_lets_the_next_one_in() -> None:
    queues = Queues()
    with pytest.raises(ZeroDivisionError):
        async with queues.held("zhou"):
            raise ZeroDivisionError
    async with asyncio.timeout(1), queues.held("zhou"):
        pass


async def test_nothing_is_kept_of_members_whom_nobody_serves() -> None:
    desk = Desk()
    for name in ("a", "b"):
        await desk.come(name)
    for name in ("a", "b"):
        await desk.go(name)
    assert desk.queues._queues == {}


async def test_patience_ends_in_the_order_in_which_it_began() -> None:
    patience, ended = Patience(0.01), list[int]()

    async def wait(number: int) -> None:
        await patience.future()
        ended.append(number)

    async with asyncio.timeout(1):
        await asyncio.gather(*(wait(number) for number in range(3)))
    assert ended == [0, 1, 2]


async def test_who_is_woken_before_does_not_keep_the_others_from_being_woken() -> None:
    patience = Patience(0.01)
    early, late = patience.future(), patience.future()
    assert wake(early)
    assert not wake(early)
    async with asyncio.timeout(1):
        await asyncio.gather(early, late)
        await patience.future()
