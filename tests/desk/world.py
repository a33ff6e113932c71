"""A desk on a real database: seeded cases, people who sign in, and a turn that really commits."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import Any

from aiohttp import ClientResponse, web
from aiohttp.test_utils import TestClient
from argon2 import PasswordHasher

from bot.books import Bookshelf
from bot.bulk import Bulk
from bot.channels import NotSent
from bot.desk import Desk, Done, Outcome
from bot.exports import Exports
from bot.metrics import Metrics
from bot.organisation import Organisation
from bot.people import People
from bot.rosters import Rosters
from bot.sign_in import Passwords, SignIn
from bot.snapshots import Shelf
from bot.trusting import Trusting
from bot.turn import Turns
from bot.world import Numbers
from dialogs.conversation import Conversation
from dialogs.desk.cases import Act, Grade
from dialogs.effects import ActOnCase, Effect, Filled, KeepMedia, KeepProfile, Moves, OpenCase, Say
from dialogs.events import (
    DeliverySettled,
    Event,
    MemberSaid,
    MemberSent,
    StaffActed,
    StaffAnswered,
    StaffHeard,
    StaffTook,
)
from dialogs.facts import Snapshots
from handlers.desk import DeskDoor, application
from storage.acts import Stale
from storage.engines import Database
from storage.hot import Hot
from storage.turns import Conflict, Gather, MemberKey, TurnWrite

NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)  # a Monday, 10:00 in Kunshan
# Cheap on purpose: what the tests look at is the door, not the hash.
PASSWORDS = Passwords(PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
PASSWORD = "jia-he-wan-shi-xing"
LAMP = "HY-261121-0387-8"
FLAT = "HY-261121-0412-6"
FAR = "HY-261121-0500-1"

Page = ClientResponse
Client = TestClient[web.Request, web.Application]


@dataclass(slots=True)
class Clock:
    """A clock that stands until it is moved."""

    at: datetime = NOW

    def __call__(self) -> datetime:
        return self.at


@dataclass
class World:
    """The desk, what it stands on, and short ways to make things happen."""

    database: Database
    hot: Hot
    snapshots: Snapshots
    clock: Clock
    serial: int = 0
    sent: list[str] = field(default_factory=list)
    no_codes: NotSent | None = None

    # -- the member's side -----------------------------------------------------------------
    async def turn(self, user: str, event: Event, *effects: Effect, passive: bool = True, key: str = "") -> None:
        """Commit a turn as the service would: event, effects, transcript, deliveries."""
        member = MemberKey("wechat", "main", user)
        self.serial += 1
        found = await self.database.turns.gather(Gather(member=member.id, key=f"{self.serial}"))
        says = "\n".join(effect.text for effect in effects if isinstance(effect, Say))
        await self.database.turns.commit(
            TurnWrite(
                member=member,
                key=key or f"{self.serial}",
                event=event,
                at=self.clock.at,
                conversation=Conversation(),
                version=found.version,
                effects=effects,
                reply=says.encode() if passive else None,
                text=says,
            )
        )

    async def open_case(self, number: str, *, user: str = "zhou", phone: str = "13812345678", **wish: Any) -> None:
        """Open a case as a member's last word of a form would."""
        values: dict[str, Any] = {
            "service": "help",
            "title": "新城花园三号楼路灯坏了",
            "grade": Grade.YELLOW,
            "category": "road_lamp",
            "unit": "yushan-xincheng",
            "post": "livelihood",
            "sign_by": self.clock.at + timedelta(hours=1),
            "answer_by": self.clock.at + timedelta(days=4),
            "filled": (
                Filled(key="where", label="哪个小区", value="新城花园", shown="新城花园"),
                Filled(key="phone", label="手机号", value="13812345678", shown="138****5678", private=True),
            ),
        }
        opened = OpenCase(number=number, **(values | wish))
        profile = KeepProfile(name="周建国", phone=phone)
        await self.turn(user, said("路灯坏了好几天了"), profile, Say(text=f"受理好了，编号 {number}。"), opened)

    async def add(self, number: str, words: str, *, user: str = "zhou", told: bool = True) -> None:
        """The member says something about a case; `told` is whether open desks hear of it."""
        await self.turn(user, said(words), ActOnCase(number=number, act=Act.ADD, words=words))
        if told:
            await self.hot.publish("desk", number)

    async def withdraw(self, number: str, *, user: str = "zhou") -> None:
        """The member takes a case back."""
        await self.turn(user, said("撤回"), ActOnCase(number=number, act=Act.WITHDRAW))

    async def send_photo(self, number: str, content: bytes, *, user: str = "zhou") -> int:
        """The member sends a photo, and it is fetched. Gives its id."""
        await self.turn(
            user,
            MemberSent(what="photo", media="m-1"),
            KeepMedia(media="m-1", what="photo", number=number),
            ActOnCase(number=number, act=Act.ADD),
        )
        (wanted,) = await self.database.media.claim("w", self.clock.at, timedelta(minutes=1), 9)
        await self.database.media.keep(wanted.id, content, "image/png")
        return wanted.id

    async def staff_answered(self, event: StaffAnswered) -> Outcome:
        """Stand in for the member's turn: commit the words and the act together, or neither."""
        act = Act.ANSWER if event.final else Act.WRITE
        return await self._staff(event, act)

    async def staff_acted(self, event: StaffActed) -> Outcome:
        """Stand in for it likewise."""
        return await self._staff(event, event.act, event.moves) if event.moves else Stale(version=0)

    async def _staff(self, event: StaffAnswered | StaffActed, act: Act, moves: Moves | None = None) -> Outcome:
        member = await self.database.cases.member_of(event.number)
        assert member is not None
        did = ActOnCase(number=event.number, act=act, by=event.by, words=event.text, version=event.version, moves=moves)
        try:
            await self.turn(member.user, event, Say(text=event.text, number=event.number), did, passive=False)
        except Conflict:
            return Stale(version=0)
        self.sent.append(event.text)
        await self.hot.publish("desk", event.number)
        return Done()

    @cached_property
    def real(self) -> Turns:
        """The real turn, for what the desk hands to it."""
        return Turns(
            self.database.turns,
            self.hot,
            now=self.clock,
            numbers=Numbers(self.database.numbers.lease),
            snapshots=lambda: self.snapshots,
            on_duty=frozenset,
            member_of=self.database.cases.member_of,
            metrics=Metrics(),
        )

    async def staff_took(self, member: MemberKey, event: StaffTook, *, read_out: bool) -> None:
        """Take it down as the service does."""
        await self.real.staff_took(member, event, read_out=read_out)

    async def staff_heard(self, event: StaffHeard, key: str) -> None:
        """Take it as the service does."""
        await self.real.staff_heard(event, key)

    async def settled(self, member: MemberKey, event: DeliverySettled) -> None:
        """Tell the conversation as the service does."""
        await self.real.settled(member, event)

    # -- the desk --------------------------------------------------------------------------
    def application(self) -> web.Application:
        """The desk as the service mounts it."""
        acts = Desk(
            cases=self.database.cases,
            calls=self.database.calls,
            people=self.database.staff,
            turns=self,
            told=self.hot,
            now=self.clock,
            snapshots=lambda: self.snapshots,
        )
        shelf = Shelf(self.snapshots)
        door = DeskDoor(
            database=self.database,
            acts=acts,
            bulk=Bulk(desk=acts, cases=self.database.cases, runs=self.database.bulk_runs, now=self.clock),
            sign_in=SignIn(self.database.staff, PASSWORDS, now=self.clock),
            hot=self.hot,
            snapshots=shelf,
            now=self.clock,
            exports=self.exports,
            organisation=Organisation(self.database.units, shelf, self.hot, now=self.clock),
            rosters=Rosters(self.database.books, now=self.clock, snapshots=shelf),
            books=Bookshelf(self.database.books, self.database.overrides, shelf, self.hot, now=self.clock),
            people=People(
                roster=self.database.roster,
                staff=self.database.staff,
                passwords=PASSWORDS,
                told=self.hot,
                now=self.clock,
                snapshots=shelf,
            ),
            trusting=Trusting(trust=self.database.trust, staff=self.database.staff, now=self.clock, snapshots=shelf),
            code=self.code,
        )
        app = web.Application()
        app.add_subapp("/desk", application(door))
        return app

    @property
    def exports(self) -> Exports:
        """What can be taken along."""
        return Exports(self.database, now=self.clock, snapshots=lambda: self.snapshots)

    async def code(self, scene: str) -> str | NotSent:
        """Stand in for the platform: a code holds an address of its own."""
        return self.no_codes or f"http://weixin.qq.com/q/{scene}"

    async def hire(self, name: str, unit: str = "yushan-xincheng", post: str = "coordinator") -> None:
        """Give somebody a desk."""
        await self.database.staff.add(name, await PASSWORDS.hash(PASSWORD), post, unit)


@dataclass(slots=True)
class Clerk:
    """A person at a browser, as far as HTTP goes."""

    client: Client
    name: str
    csrf: str = ""

    async def sign_in(self, password: str = PASSWORD) -> Page:
        return await self.client.post(
            "/desk/login", data={"name": self.name, "password": password}, allow_redirects=False
        )

    async def see(self, path: str, **wish: Any) -> tuple[int, str]:
        """Open a page. Gives its status and its text."""
        response = await self.client.get(path, **wish)
        text = await response.text()
        found = re.search(r'name="csrf" value="([0-9a-f]+)"', text)
        self.csrf = found[1] if found else self.csrf
        return response.status, text

    async def send(self, path: str, headers: dict[str, str] | None = None, /, **fields: str) -> tuple[int, str]:
        """Send a form of a page that was seen, following where it leads."""
        response = await self.client.post(path, data={"csrf": self.csrf, **fields}, headers=headers or {})
        return response.status, await response.text()

    async def act(self, number: str, act: str, words: str = "", **changes: str) -> tuple[int, str]:
        """Open a case and do something to it, as one does with the form that the page has."""
        _, page = await self.see(f"/desk/case/{number}")
        fields = {**hidden(page), "words": words, **changes}
        way = "say" if act in {"write", "answer"} else act
        return await self.send(f"/desk/case/{number}/{way}", **fields, **({"act": act} if way == "say" else {}))


def said(text: str) -> MemberSaid:
    """What a member types."""
    return MemberSaid(text=text, folded=text)


def hidden(page: str) -> dict[str, str]:
    """The state of the case that a page's forms carry."""
    return {
        name: match[1] for name in ("version", "seen") if (match := re.search(rf'name="{name}" value="([\d.]+)"', page))
    }
