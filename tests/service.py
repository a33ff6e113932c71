"""The whole service beside the platform in a box, over real HTTP on this machine, with one movable clock."""

from __future__ import annotations

import itertools
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from aiohttp import ClientSession
from pydantic import SecretStr

from bot.app import Parts, background, listening, make_app, open_parts
from bot.desk import Desk, Outcome
from bot.settings import Settings, Wechat
from bot.simulator import SimSettings
from bot.simulator import make_app as make_simulator
from dialogs.desk.cases import OPEN, Act
from dialogs.desk.wishes import Wish
from dialogs.effects import Effect
from dialogs.events import Noticed
from storage.staff import Staff
from storage.turns import Gather, MemberKey, TurnWrite
from tests.conftest import SECRET
from tests.waiting import until

APP = {
    "app_id": "wx1234567890abcdef",
    "app_secret": "0123456789abcdef0123456789abcdef",
    "token": "hongyan-test-token",
    "aes_key": "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG",
}
_KEYS = itertools.count()


@dataclass(slots=True)
class MovableClock:
    """A clock that runs, from wherever it is put."""

    offset: timedelta = field(default_factory=timedelta)

    def now(self) -> datetime:
        return datetime.now(UTC) + self.offset

    def advance(self, seconds: float) -> None:
        self.offset += timedelta(seconds=seconds)

    def put(self, at: datetime) -> None:
        self.offset = at - datetime.now(UTC)


@dataclass(slots=True)
class Service:
    """A running service and the box; `http` speaks to the box's control interface."""

    parts: Parts
    clock: MovableClock
    http: ClientSession
    box: str
    base: str
    people: dict[str, Staff] = field(default_factory=dict)

    async def member(self) -> str:
        return str((await self.control("members"))["openid"])

    async def control(self, path: str, **body: Any) -> dict[str, Any]:
        async with self.http.post(f"{self.box}/_sim/{path}", json=body) as response:
            found: dict[str, Any] = await response.json()
            assert response.status == 200, found
            return found

    async def does(self, openid: str, act: str, **body: Any) -> str:
        """A member's act; gives what came back on the phone, once nothing more is on its way there."""
        before = len(await self.messages(openid))
        found = await self.control(f"members/{openid}/{act}", **body)
        assert found["status"] == 200, found
        await self.quiet()
        return shown((await self.messages(openid))[before:])

    async def messages(self, openid: str) -> list[dict[str, Any]]:
        async with self.http.get(f"{self.box}/_sim/members/{openid}/messages") as response:
            return list((await response.json())["messages"])

    async def arrives(self, openid: str, count: int) -> str:
        """Wait for the phone to hold more than `count` messages; gives the new ones' words."""

        async def arrived() -> bool:
            return len(await self.messages(openid)) > count

        await until(arrived, "something arrives on the phone")
        await self.quiet()
        return shown((await self.messages(openid))[count:])

    async def quiet(self) -> None:
        """Wait until the outbox has nothing in its hands."""
        await until(self._idle, "the outbox comes to rest")

    async def _idle(self) -> bool:
        deliveries = self.parts.database.deliveries
        counts = await deliveries.counts(self.clock.now())
        if any(counts.get(status) for status in ("ready", "claimed", "sending")):
            return False
        # What the member has seen and the conversation has not heard of yet is not over either.
        return not await deliveries.untold(datetime.fromtimestamp(0, UTC))

    # -- staff and the past ----------------------------------------------------------------
    async def staff(self, name: str = "li", post: str = "coordinator", unit: str = "kunshan") -> Staff:
        if name not in self.people:
            self.people[name] = await self.parts.database.staff.add(name, "no password", post, unit)
        return self.people[name]

    @property
    def desk(self) -> Desk:
        parts = self.parts
        return Desk(
            cases=parts.database.cases,
            calls=parts.database.calls,
            people=parts.database.staff,
            turns=parts.turns,
            told=parts.hot,
            now=parts.world.now,
            snapshots=parts.shelf,
        )

    async def claim(self, number: str) -> Outcome:
        return await self.act(number, Act.CLAIM)

    async def write(self, number: str, words: str, *, final: bool) -> Outcome:
        return await self.act(number, Act.ANSWER if final else Act.WRITE, words)

    async def act(self, number: str, act: Act, words: str = "", to: str = "", post: str = "coordinator") -> Outcome:
        row = await self.parts.database.cases.find(number)
        assert row is not None
        wish = Wish(act=act, version=row.version, words=words, to=to)
        return await self.desk.wish(replace(await self.staff(), post=post), number, wish)

    async def open_numbers(self, openid: str) -> list[str]:
        member = MemberKey("wechat", "main", openid).id
        found = await self.parts.database.turns.gather(Gather(member=member, key="-"))
        return [case.number for case in found.cases if case.status in OPEN]

    async def before(self, openid: str, *effects: Effect) -> None:
        """Commit what happened before the story begins."""
        member = MemberKey("wechat", "main", openid)
        found = await self.parts.database.turns.gather(Gather(member=member.id, key="-"))
        await self.parts.database.turns.commit(
            TurnWrite(
                member=member,
                key=f"before/{next(_KEYS)}",
                event=Noticed(what="before"),
                at=self.clock.now(),
                conversation=found.conversation,
                version=found.version,
                effects=effects,
                reply=b"",
            )
        )


def shown(messages: list[dict[str, Any]]) -> str:
    """What the account said, as it stands on the phone."""
    return "\n".join(message["text"] for message in messages if message["from"] == "account")


def settings(database: str, box: str, *, mode: str = "safe") -> Settings:
    return Settings.model_construct(
        host="127.0.0.1",
        port=0,
        secret_key=SecretStr(SECRET),
        database_url=database,
        redis_url=None,
        services_dir=None,
        media_url=None,
        log="auto",
        wechat=Wechat(
            app_id=APP["app_id"],
            app_secret=SecretStr(APP["app_secret"]),
            token=SecretStr(APP["token"]),
            aes_key=SecretStr(APP["aes_key"]),
            mode=mode,  # type: ignore[arg-type]  # three words, checked by pydantic
            api_base=box,
        ),
    )


@asynccontextmanager
async def running(database: str, *, mode: str = "safe", start: datetime | None = None) -> AsyncIterator[Service]:
    """Run the service and the box until the block ends."""
    clock = MovableClock()
    if start:
        clock.put(start)
    async with AsyncExitStack() as stack:
        port = await stack.enter_async_context(_reserved())
        base = f"http://127.0.0.1:{port}"
        # The box answers at once (`quiet=0`): whether more is on its way, the outbox itself is asked.
        given = {**APP, "mode": mode, "push_url": f"{base}/wechat/main", "shared_clock": True, "quiet": 0.0}
        told = SimSettings(**given)  # type: ignore[arg-type]
        box = await stack.enter_async_context(listening(await make_simulator(told, clock), "127.0.0.1", 0))
        parts = await stack.enter_async_context(
            open_parts(settings(database, f"http://127.0.0.1:{box}", mode=mode), clock)
        )
        await stack.enter_async_context(background(parts))
        await stack.enter_async_context(listening(make_app(parts), "127.0.0.1", port))
        http = await stack.enter_async_context(ClientSession())
        yield Service(parts=parts, clock=clock, http=http, box=f"http://127.0.0.1:{box}", base=base)


@asynccontextmanager
async def _reserved() -> AsyncIterator[int]:
    """Find a free port: the box must know the service's address before the service listens."""
    import socket

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    yield port


def fresh(migrated: Path, folder: Path) -> str:
    """The address of a migrated SQLite database without rows, in this folder."""
    import shutil

    return f"sqlite+aiosqlite:///{shutil.copy(migrated, folder / 'hongyan.db')}"
