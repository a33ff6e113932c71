"""Acts of which the member hears, through the whole service: once each, on the version that was seen, by who may."""

from __future__ import annotations

from datetime import datetime

from bot.desk import Done
from dialogs.desk.cases import Act
from dialogs.desk.wishes import Wish
from storage.acts import Stale
from tests.service import running
from tests.transcript import ZONE

MORNING = datetime(2026, 11, 23, 9, 30, tzinfo=ZONE)


async def test_a_form_that_is_sent_twice_is_one_act_and_one_message(sqlite_url: str) -> None:
    async with running(sqlite_url, start=MORNING) as service:
        openid = await service.member()
        await service.does(openid, "say", text="人工")
        (number,) = await service.open_numbers(openid)
        await service.claim(number)
        li, before = await service.staff(), len(await service.messages(openid))
        wish = Wish(act=Act.TRANSFER, version=2, words="归他们管", to="yushan-beimen")

        assert await service.desk.wish(li, number, wish) == Done(version=3)
        assert await service.desk.wish(li, number, wish) == Done(version=3)

        assert "转给北门社区继续办" in await service.arrives(openid, before)
        assert len(await service.messages(openid)) == before + 1
        other = Wish(act=Act.PAUSE, version=2, words="补张照片")
        assert await service.desk.wish(li, number, other) == Stale(version=3)


async def test_who_looks_from_a_version_to_come_does_nothing(sqlite_url: str) -> None:
    async with running(sqlite_url, start=MORNING) as service:
        openid = await service.member()
        await service.does(openid, "say", text="人工")
        (number,) = await service.open_numbers(openid)
        for act in (Act.ANSWER, Act.TRANSFER, Act.NOTE):
            ahead = Wish(act=act, version=7, words="办好了", to="yushan")
            assert await service.desk.wish(await service.staff(), number, ahead) == Stale(version=1)
