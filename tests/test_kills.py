"""kill -9 at random moments under load: whatever was answered is stored, once, in order, with one effect.

HONGYAN_TEST_KILLS=500 python -m pytest tests/test_kills.py     (50 by default, in two halves: two workers share them)
"""

from __future__ import annotations

import asyncio
import itertools
import os
import random
import sqlite3
from contextlib import closing
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import aiohttp
import pytest

from storage.crypto import Keys
from storage.engines import open_database
from storage.turns import Gather, MemberKey
from tests.process import Server, signed, text_push
from tests.waiting import until

KILLS = int(os.environ.get("HONGYAN_TEST_KILLS", "50")) // 2
MEMBERS = 24
KEYS = Keys("a-secret-of-the-tests-" * 2)
# One whole request for help; the place differs from run to run, so that none joins another.
STORY = ("小区路灯坏了三天了", "1", "新城花园{run}号楼", "没有", "3")
_IDS = itertools.count(7_000_000_000)


@dataclass(slots=True)
class Story:
    """What goes on around the members: whether a server can be reached and has answered, and whether it is over."""

    server: Server
    up: asyncio.Event = field(default_factory=asyncio.Event)
    answered: asyncio.Event = field(default_factory=asyncio.Event)
    over: asyncio.Event = field(default_factory=asyncio.Event)

    async def start(self) -> None:
        await asyncio.to_thread(self.server.start)
        self.up.set()

    def kill(self) -> None:
        self.up.clear()
        self.answered.clear()
        self.server.kill()


@dataclass(slots=True)
class Member:
    """A member who says the story over and over, and says a thing again until it is answered."""

    openid: str
    said: list[str] = field(default_factory=list)
    answers: dict[int, bytes] = field(default_factory=dict)
    runs: int = 0
    different: list[str] = field(default_factory=list)


async def _say(http: aiohttp.ClientSession, story: Story, member: Member, text: str) -> None:
    message = next(_IDS)
    body = text_push(member.openid, text, message)
    while True:
        try:
            url = f"http://127.0.0.1:{story.server.port}/wechat/main?{signed()}"
            async with http.post(url, data=body, timeout=aiohttp.ClientTimeout(total=6)) as response:
                reply = await response.read()
                if response.status == 200:
                    break
        except (aiohttp.ClientError, TimeoutError):
            await asyncio.sleep(0.02)
            await story.up.wait()  # asking a port where nobody listens only slows down whoever is starting there
    story.answered.set()
    member.said.append(text)
    first = member.answers.setdefault(message, reply)
    if random.random() < 0.2:  # the platform did not hear the answer and pushes once more
        try:
            url = f"http://127.0.0.1:{story.server.port}/wechat/main?{signed()}"
            async with http.post(url, data=body) as response:
                again = await response.read()
                if response.status == 200 and again != first:
                    member.different.append(text)
        except aiohttp.ClientError:
            pass


async def _live(http: aiohttp.ClientSession, story: Story, member: Member) -> None:
    while not story.over.is_set():
        member.runs += 1
        for text in STORY:
            await _say(http, story, member, text.format(run=member.runs))


async def _kill(story: Story) -> None:
    for _ in range(KILLS):
        if random.random() < 0.5:  # else it may die before its first answer
            await story.answered.wait()
        await asyncio.sleep(random.uniform(0.05, 0.4))
        story.kill()
        await story.start()


@pytest.mark.kills
@pytest.mark.timeout(120 + KILLS * 30)
@pytest.mark.parametrize("half", ["first", "second"])
async def test_nothing_answered_is_lost_or_doubled(tmp_path: Path, half: str) -> None:
    database = f"sqlite+aiosqlite:///{tmp_path / 'kills.db'}"
    server = Server(tmp_path, database)
    story = Story(server)
    await story.start()
    members = [Member(f"o{number:027d}") for number in range(MEMBERS)]
    try:
        async with aiohttp.ClientSession() as http:
            lives = [asyncio.create_task(_live(http, story, member)) for member in members]
            await _kill(story)
            await until(partial(_told_again, members), "somebody tells the story once more")
            story.over.set()
            await asyncio.gather(*lives)
    finally:
        await asyncio.to_thread(server.stop)
    assert "Traceback" not in server.log()
    await _look(database, members)


async def _told_again(members: list[Member]) -> bool:
    return any(member.runs > 1 for member in members)


def _words(database: str, member: str) -> list[str]:
    """What the member said, as the transcript has it."""
    with closing(sqlite3.connect(database.removeprefix("sqlite+aiosqlite:///"))) as raw:
        question = "SELECT heard FROM transcript WHERE member = ? AND heard IS NOT NULL ORDER BY turn, part"
        return [KEYS.open("transcript.heard", heard) for (heard,) in raw.execute(question, (member,))]


async def _look(database: str, members: list[Member]) -> None:
    async with open_database(database, KEYS, read_only=True) as opened:
        for member in members:
            key = MemberKey("wechat", "main", member.openid)
            assert not member.different, f"another reply to a repeat of {member.different}"
            assert _words(database, key.id) == member.said
            found = await opened.turns.gather(Gather(member=key.id, key="-"))
            assert not found.backlog
            assert len(found.cases) == member.runs, "one effect for each story"


async def _push(http: aiohttp.ClientSession, server: Server, body: bytes) -> bytes:
    async with http.post(f"http://127.0.0.1:{server.port}/wechat/main?{signed()}", data=body) as response:
        assert response.status == 200
        return await response.read()


@pytest.mark.kills
async def test_the_same_push_before_and_after_a_kill_gets_the_same_reply(tmp_path: Path) -> None:
    server = Server(tmp_path, f"sqlite+aiosqlite:///{tmp_path / 'again.db'}")
    await asyncio.to_thread(server.start)
    body = text_push("o" * 28, "报到", next(_IDS))
    try:
        async with aiohttp.ClientSession() as http:
            first = await _push(http, server, body)
        server.kill()
        await asyncio.sleep(1.1)  # so that a reply made anew would bear another CreateTime
        await asyncio.to_thread(server.start)
        async with aiohttp.ClientSession() as http:
            assert await _push(http, server, body) == first
            assert "欢迎您来" in first.decode()
    finally:
        await asyncio.to_thread(server.stop)
    assert _words(server.database, MemberKey("wechat", "main", "o" * 28).id) == ["报到"]
