"""Signing in: how many tries there are, however they come, on each database."""

from __future__ import annotations

import asyncio
from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
from argon2 import PasswordHasher

from bot.sign_in import Entered, Passwords, SignIn, Wait, Wrong
from storage.engines import Database

NOON = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)
WORD = "jia-he-wan-shi-xing"


class Counted(Passwords):
    """Cheap passwords that count how many were looked at."""

    def __init__(self) -> None:
        super().__init__(PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
        self.looked = 0

    async def fits(self, stored: str | None, password: str) -> bool:
        self.looked += 1
        return await super().fits(stored, password)


@pytest.fixture
async def passwords(database: Database) -> Counted:
    """张敏 and 李娟 have a desk."""
    passwords = Counted()
    for name in ("张敏", "李娟"):
        await database.staff.add(name, await passwords.hash(WORD), "coordinator", "kunshan")
    return passwords


def process(database: Database, passwords: Passwords) -> SignIn:
    """The door as one web process has it."""
    return SignIn(database.staff, passwords, now=lambda: NOON)


async def test_many_tries_at_once_are_no_more_tries(database: Database, passwords: Counted) -> None:
    doors = [process(database, passwords) for _ in range(2)]
    tries = (doors[n % 2].enter("张敏", f"guess {n}", f"10.0.0.{n}") for n in range(28))
    got = Counter(type(each) for each in await asyncio.gather(*tries))
    assert passwords.looked <= 5
    assert set(got) <= {Wrong, Wait}
    # Nobody is let in after so many, and what was not looked at is not held against anybody.
    assert await database.staff.count_failures("name:张敏", NOON) == passwords.looked


async def test_many_names_at_once_from_one_address_are_no_more_tries(database: Database, passwords: Counted) -> None:
    door = process(database, passwords)
    await asyncio.gather(*(door.enter(f"name {n}", "guess", "10.0.0.1") for n in range(60)))
    assert passwords.looked <= 30
    assert await database.staff.count_failures("address:10.0.0.1", NOON) == passwords.looked


async def test_who_gets_in_used_up_no_try(database: Database, passwords: Counted) -> None:
    door = process(database, passwords)
    for _ in range(4):
        assert isinstance(await door.enter("张敏", "guess", "10.0.0.1"), Wrong)
    for _ in range(3):
        assert isinstance(await door.enter("张敏", WORD, "10.0.0.1"), Entered)
    assert await database.staff.count_failures("name:张敏", NOON - timedelta(days=1)) == 4
    assert await door.enter("张敏", "guess", "10.0.0.1") == Wait(minutes=15)
    assert await door.enter("张敏", WORD, "10.0.0.1") == Wait(minutes=15)


async def test_a_whole_office_comes_in_at_once(database: Database, passwords: Counted) -> None:
    door = process(database, passwords)
    came = await asyncio.gather(*(door.enter("李娟", WORD, "10.0.0.1") for _ in range(40)))
    assert {type(each) for each in came} == {Entered}
