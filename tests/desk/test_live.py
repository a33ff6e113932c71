"""Live without reload: events carry numbers only and reach only those who may see the case."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest
from aiohttp import ClientResponse
from sqlalchemy import update

from handlers.desk.frame import events, rail
from storage.cases import Cases
from storage.places import PLACES
from storage.tables import staff
from tests.desk.conftest import NewClerk
from tests.desk.world import FAR, LAMP, World
from tests.waiting import PATIENCE


def test_the_rail_has_the_places_that_storage_has() -> None:
    assert tuple(rail.places({})) == PLACES


async def next_event(stream: ClientResponse) -> tuple[str, str]:
    """Read one event from a stream: its name and its data."""
    found: dict[str, str] = {}
    async with asyncio.timeout(PATIENCE):
        while (line := (await stream.content.readline()).decode().strip()) or not found:
            name, _, value = line.partition(": ")
            found[name.rstrip(":")] = value
    return found.get("event", ""), found.get("data", "")


async def test_only_the_number_and_only_to_those_who_may_see_it(world: World, clerk: NewClerk) -> None:
    min_, head = await clerk("张敏"), await clerk("王站长")
    async with min_.client.get("/desk/events") as hers, head.client.get("/desk/events") as his:
        assert await next_event(hers) == ("beat", "")
        assert await next_event(his) == ("beat", "")
        for number in (FAR, "HY-000000-0000-0", LAMP):
            await world.hot.publish("desk", number)
        assert await next_event(hers) == ("case", LAMP)
        assert await next_event(his) == ("case", FAR)
        assert await next_event(his) == ("case", LAMP)


async def test_an_act_at_one_desk_is_heard_at_the_other(clerk: NewClerk) -> None:
    min_, juan = await clerk("张敏"), await clerk("李娟")
    async with juan.client.get("/desk/events") as stream:
        await next_event(stream)
        await min_.act(LAMP, "claim")
        assert await next_event(stream) == ("case", LAMP)


async def test_the_stream_beats_and_ends_with_the_session(
    world: World, clerk: NewClerk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(events, "BEAT", 0.05)
    min_ = await clerk("张敏")
    async with min_.client.get("/desk/events") as stream:
        assert [await next_event(stream) for _ in range(3)] == [("beat", "")] * 3
        world.clock.at += timedelta(hours=2)
        async with asyncio.timeout(PATIENCE):
            await stream.read()
    assert (await min_.client.get("/desk/events")).status == 401


async def changed(world: World, name: str, **values: object) -> None:
    """Move somebody to another unit or strike them off, as the keeper of the machine does."""
    change = update(staff).where(staff.c.name == name).values(**values)
    await world.database._engine.write(lambda conn: conn.execute(change).rowcount)


async def test_who_was_moved_hears_what_the_new_unit_may_and_nothing_else(world: World, clerk: NewClerk) -> None:
    head, juan = await clerk("王站长"), await clerk("李娟")
    async with head.client.get("/desk/events") as his, juan.client.get("/desk/events") as hers:
        assert [await next_event(his), await next_event(hers)] == [("beat", "")] * 2
        await changed(world, "王站长", unit="yushan-tinglin")
        for number in (LAMP, FAR):
            await world.hot.publish("desk", number)
        assert await next_event(hers) == ("case", LAMP)
        assert await next_event(his) == ("case", FAR)


async def test_who_was_struck_off_hears_nothing_more(world: World, clerk: NewClerk) -> None:
    min_, juan = await clerk("张敏"), await clerk("李娟")
    async with min_.client.get("/desk/events") as stream, juan.client.get("/desk/events") as hers:
        assert [await next_event(stream), await next_event(hers)] == [("beat", "")] * 2
        await changed(world, "张敏", active=False)
        await world.hot.publish("desk", LAMP)
        assert await next_event(hers) == ("case", LAMP)
        async with asyncio.timeout(PATIENCE):
            assert LAMP not in (await stream.read()).decode()


async def test_stopping_the_service_does_not_wait_for_browsers(world: World, clerk: NewClerk) -> None:
    min_ = await clerk("张敏")
    async with min_.client.get("/desk/events") as stream:
        await next_event(stream)
        async with asyncio.timeout(PATIENCE):
            await min_.client.server.close()


async def test_many_streams_ask_once_where_a_case_lies(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []
    find = Cases.find

    async def counted(self: Cases, number: str) -> object:
        asked.append(number)
        return await find(self, number)

    monkeypatch.setattr(Cases, "find", counted)
    where = events.Whereabouts(world.database.cases)
    found = await asyncio.gather(*(where.case(LAMP) for _ in range(50)))
    assert [case.unit for case in found if case] == ["yushan-xincheng"] * 50
    assert asked == [LAMP]
