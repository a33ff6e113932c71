"""`hongyan talk`: be a member, in the terminal. The same turn, the same storage, in a folder of its own."""

from __future__ import annotations

import asyncio
import itertools
import secrets
import shlex
import sys
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from pathlib import Path

from bot.channels import Media, NotSent, Push, Sent
from bot.metrics import Metrics
from bot.opening import bring_up, stock
from bot.snapshots import Shelf
from bot.turn import Turns
from bot.world import Numbers, SharedClock
from dialogs.catalogue import CatalogueError
from dialogs.events import Followed, MemberEvent, MemberSaid, MemberSent, MemberTapped, Scanned
from dialogs.text import clean, fold
from storage.crypto import Keys
from storage.engines import open_database
from storage.hot import open_hot
from storage.turns import MemberKey

HELP = """\
直接打字就是会员说话。/扫码 社区名  /关注  /菜单 词  /照片  /位置 纬度,经度 名称  /语音 [认出的话]  /快进 2h  /退出"""


class Terminal:
    """A channel whose wire is the terminal."""

    name = "talk"
    account = "main"
    limit = 2047

    def render(self, push: Push, text: str, at: datetime) -> bytes:
        """The words are the reply."""
        del push, at
        return text.encode()

    def seal(self, push: Push, reply: bytes, at: datetime) -> bytes:
        """Nothing to wrap."""
        del push, at
        return reply

    def greet(self, query: object, now: datetime) -> str:
        """A terminal has no address to check."""
        raise NotImplementedError

    def read(self, query: object, body: bytes, now: datetime) -> Push:
        """A terminal gets no pushes."""
        raise NotImplementedError

    async def send(self, user: str, text: str) -> Sent | NotSent:
        """Words outside a reply are printed too."""
        del user
        print(_bubble(text))
        return Sent()

    async def fetch(self, media: str) -> Media | NotSent:
        """A terminal has no photos."""
        del media
        return NotSent(trouble="refused", code=0, words="the terminal has no photos")


async def run(services_dir: Path | None = None) -> int:
    """Talk until the end of the input or /退出, with a centre's own services if it has some. Nothing is kept."""
    try:
        await _talk(services_dir)
    except CatalogueError as wrong:
        print(wrong, file=sys.stderr)
        return 1
    return 0


async def _talk(services_dir: Path | None) -> None:
    with tempfile.TemporaryDirectory(prefix="hongyan-talk-") as folder:
        async with _opened(Path(folder), services_dir) as (turns, shelf, clock):
            print(HELP)
            async for line in _lines():
                if line.strip() in {"/退出", "/quit"}:
                    break
                await _one(line, turns, shelf, clock)


@asynccontextmanager
async def _opened(folder: Path, services_dir: Path | None) -> AsyncIterator[tuple[Turns, Shelf, SharedClock]]:
    clock = SharedClock(folder / "clock.json")
    url = f"sqlite+aiosqlite:///{folder.as_posix()}/talk.db"
    await bring_up(url)
    async with open_database(url, Keys(secrets.token_urlsafe(36)), clock=clock.now) as database:
        shelf = await stock(database, services_dir)
        hot = open_hot(None)
        turns = Turns(
            database.turns,
            hot,
            now=clock.now,
            numbers=Numbers(database.numbers.lease),
            snapshots=shelf,
            on_duty=lambda: frozenset({shelf().units.root.id}),
            member_of=database.cases.member_of,
            metrics=Metrics(),
        )
        try:
            yield turns, shelf, clock
        finally:
            await turns.close()
            await hot.close()


async def _lines() -> AsyncIterator[str]:
    while True:
        prompt = "> " if sys.stdin.isatty() else ""
        try:
            yield await asyncio.to_thread(input, prompt)
        except EOFError:
            return


_KEYS: Iterator[int] = itertools.count(1)
_MEMBER = MemberKey("talk", "main", "terminal")


async def _one(line: str, turns: Turns, shelf: Shelf, clock: SharedClock) -> None:
    if line.startswith("/快进"):
        clock.advance(_seconds(line))
        return
    event = _event(line, shelf)
    if event is None:
        print(HELP)
        return
    key = f"talk/{next(_KEYS)}"
    reply = await turns.answer(Push(key=key, member=_MEMBER, event=event, at=clock.now(), to="talk"), Terminal())
    if reply:
        print(_bubble(reply.decode()))


def _event(line: str, shelf: Shelf) -> MemberEvent | None:
    if not line.startswith("/"):
        return MemberSaid(text=clean(line), folded=fold(line))
    command, *rest = shlex.split(line[1:]) or [""]
    about = " ".join(rest)
    match command:
        case "扫码":
            unit = next((each for each in shelf().units.by_name(about) if each.scenes), None)
            return Scanned(scene=unit.scenes[0]) if unit else None
        case "关注":
            return Followed()
        case "菜单":
            return MemberTapped(key=about)
        case "照片":
            return MemberSent(what="photo", media="photo")
        case "位置":
            return _place(about)
        case "语音":
            heard = MemberSaid(text=about, folded=fold(about), voice=True)
            return heard if about else MemberSent(what="voice", media="voice")
        case _:
            return None


def _place(about: str) -> MemberSent | None:
    spot, _, label = about.partition(" ")
    latitude, _, longitude = spot.partition(",")
    try:
        return MemberSent(what="place", latitude=float(latitude), longitude=float(longitude), text=label)
    except ValueError:
        return None


def _seconds(line: str) -> float:
    amount = line.removeprefix("/快进").strip()
    units = {"m": timedelta(minutes=1), "h": timedelta(hours=1), "d": timedelta(days=1)}
    if amount[-1:] in units and amount[:-1].isdigit():
        return int(amount[:-1]) * units[amount[-1]].total_seconds()
    return 3600.0


def _bubble(text: str) -> str:
    return "\n".join(f"{'< ' if not number else '  '}{line}" for number, line in enumerate(text.splitlines()))
