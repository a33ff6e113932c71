"""Every transcript, through the core alone and through the whole service over HTTP, both on the same files."""

from __future__ import annotations

import re
from datetime import UTC, timedelta
from pathlib import Path

import pytest

from bot.desk import Done
from dialogs.desk.cases import Act, Grade
from dialogs.effects import KeepProfile, OpenCase
from tests.player import MOVES, play, snapshots, station, wished
from tests.service import Service, running
from tests.transcript import STIMULI, Move, Transcript, all_transcripts, matches, passing, read

ALL = all_transcripts()
WHOLE = [path for path in ALL if read(path).settings.get("only") != "core"]


@pytest.mark.parametrize("path", ALL, ids=lambda path: path.stem)
def test_the_core_plays(path: Path) -> None:
    play(read(path))


@pytest.mark.parametrize("path", WHOLE, ids=lambda path: path.stem)
async def test_the_service_plays(path: Path, sqlite_url: str) -> None:
    transcript = read(path)
    async with running(sqlite_url, start=transcript.start.astimezone(UTC)) as service:
        await _play(service, transcript)


async def _play(service: Service, transcript: Transcript) -> None:
    openid = await _setting(service, transcript)
    said = ""
    for move in transcript.moves:
        where = f"{transcript.name}.txt:{move.line}"
        match move.mark:
            case "<":
                wanted = re.sub(r"HY-\d{6}-\d{4,}-\d", "…", move.words)
                assert matches(wanted, said), f"{where}: wanted\n{move.words}\nbut the phone shows\n{said}"
                said = ""
            case "+":
                service.clock.advance(passing(move.words).total_seconds())
            case "*" if not move.words.startswith(STIMULI):
                pass  # effects are looked at by the core's player; here the phone is
            case _:
                assert not said, f"{where}: nobody expected the phone to show\n{said}"
                said = await _act(service, openid, move)
    assert not said, f"the phone also shows\n{said}"


async def _setting(service: Service, transcript: Transcript) -> str:
    settings = transcript.settings
    root = snapshots().units.root.id
    service.parts.duty.put(frozenset({root} if settings.get("duty", "on") == "on" else ()))
    openid = await service.member()
    if "phone" in settings or "name" in settings:
        await service.before(openid, KeepProfile(phone=settings.get("phone"), name=settings.get("name")))
    if "neighbours" in settings:
        title, place, count = settings["neighbours"].split()
        for number in range(int(count)):
            await service.before(await service.member(), _lamp(service, title, place, number))
    return openid


def _lamp(service: Service, title: str, place: str, number: int) -> OpenCase:
    found = next(sub for sub in snapshots().rules.categories if title in sub.title)
    now = service.clock.now()
    first = "HY-261120-0007-6"
    return OpenCase(
        number=first if not number else f"HY-261120-000{number}-0",
        service="help",
        title=found.title,
        grade=Grade.YELLOW,
        category=found.key,
        unit=snapshots().units.by_name(place, "community")[0].id,
        post=found.post,
        sign_by=now + timedelta(hours=2),
        answer_by=now + timedelta(days=5),
        place=place,
        same_as=first if number else "",
    )


async def _act(service: Service, openid: str, move: Move) -> str:
    if move.mark == "@":
        return await _staff(service, openid, *move.words.split(" ", 1))
    if move.mark == "*":
        return await _stimulus(service, openid, *move.words.split("：", 1))
    if not (move.words.startswith("[") and move.words.endswith("]")):
        return await service.does(openid, "say", text=move.words)
    kind, _, about = move.words[1:-1].partition(" ")
    match kind:
        case "照片":
            return await service.does(openid, "photo")
        case "语音":
            return await service.does(openid, "voice", **({"recognition": about} if about else {}))
        case "位置":
            spot, _, label = about.partition(" ")
            latitude, longitude = map(float, spot.split(","))
            return await service.does(openid, "place", lat=latitude, lon=longitude, label=label)
        case _:
            raise ValueError(kind)


async def _staff(service: Service, openid: str, kind: str, words: str) -> str:
    number = (await service.open_numbers(openid))[0]
    before = len(await service.messages(openid))
    await service.claim(number)
    if kind in MOVES:
        await _move(service, number, MOVES[kind], words)
    else:
        await service.write(number, words, final=kind == "答复")
    return await service.arrives(openid, before)


async def _move(service: Service, number: str, act: Act, text: str) -> None:
    to, words = wished(act, text)
    if act is Act.GIVE_TIME:
        assert isinstance(await service.act(number, Act.ASK_TIME, words, to), Done)
    assert isinstance(await service.act(number, act, words, to, post="head"), Done)


async def _stimulus(service: Service, openid: str, kind: str, about: str = "") -> str:
    match kind:
        case "扫码":
            return await service.does(openid, "scan", scene=station(about).scenes[0])
        case "关注":
            return await service.does(openid, "follow", **({"scene": station(about).scenes[0]} if about else {}))
        case "取关":
            return await service.does(openid, "leave")
        case "点菜单":
            return await service.does(openid, "tap", key=about)
        case "到点":
            return await _timer(service, openid)
        case _:
            raise ValueError(kind)


async def _timer(service: Service, openid: str) -> str:
    """A timer fires beyond the platform's window: its words wait for the member's next visit, and ride on the reply."""
    before = len(await service.messages(openid))
    await service.parts.hot.wake("timers")
    return await service.arrives(openid, before)
