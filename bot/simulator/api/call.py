"""One call of the account's, as a handler sees it."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from aiohttp import web

from bot.simulator.body import Body
from bot.simulator.box import Box
from bot.simulator.errors import Refused
from bot.simulator.people import Member
from bot.simulator.pushing import Pusher
from bot.simulator.tokens import TokenOffice
from bot.simulator.xml import Fields

Done = TypeVar("Done")


class Later:
    """Work that goes on whoever stops listening: the platform's own pushes, calls whose caller hung up."""

    def __init__(self) -> None:
        self._tasks: set[asyncio.Task[Any]] = set()  # of any kind: nobody reads them here

    def start(self, work: Coroutine[object, object, Done]) -> asyncio.Task[Done]:
        """Begin, and hold on to it until it is done."""
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def stop(self) -> None:
        """Cut off what is still under way."""
        for task in tuple(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """What a handler of the API is given."""

    box: Box
    pusher: Pusher
    office: TokenOffice
    later: Later
    query: Mapping[str, str]
    body: Body
    request: web.Request

    def access_member(self, openid: str, *, following: bool = True) -> Member:
        """Find whom a call is about. Raises Refused: 40003 nobody, 43004 not following."""
        member = self.box.kept.members.get(openid)
        if member is None:
            raise Refused(40003)
        if following and not member.following:
            raise Refused(43004)
        return member

    def event(self, openid: str, event: str, fields: Fields) -> None:
        """Push an event of the platform's own, in the background."""
        head: Fields = {
            "ToUserName": self.box.settings.original_id,
            "FromUserName": openid,
            "CreateTime": int(self.box.now().timestamp()),
            "MsgType": "event",
            "Event": event,
        }
        self.later.start(self.pusher.push(openid, {**head, **fields}))
