"""Words that wait ride on the next reply, whatever it is about; at the desk they stand with their own case alone."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from dialogs.conversation import Conversation, Part
from dialogs.effects import RideAlong, Say
from dialogs.events import TimerFired
from dialogs.facts import Waiting
from storage.engines import Database
from storage.timeline import Spoken
from tests.player import Player
from tests.service import Service, running
from tests.storage.making import NOON, lamp, member, said, seeing, turn
from tests.transcript import ZONE

NOW = datetime(2026, 11, 23, 10, 0, tzinfo=ZONE)
FIRST, SECOND = "HY-261123-0001-5", "HY-261123-0002-3"
SECRET = "您说的家里的事，我们明天上门。"


def says(player: Player) -> list[tuple[str, str, bool]]:
    return [(say.text, say.number, say.rode) for say in player.effects if isinstance(say, Say)]


def waiting(text: str, number: str, delivery: int = 1) -> Waiting:
    return Waiting(delivery=delivery, text=text, number=number)


def test_what_rides_along_is_said_first_and_stands_by_itself() -> None:
    player = Player(now=NOW, waiting=(waiting(SECRET, FIRST), waiting("修好了。", SECOND, 2)))
    player.say("报到")
    first, second, own = says(player)
    assert first == (f"之前有一条没能发给您：\n{SECRET}", FIRST, True)
    assert second == ("之前有一条没能发给您：\n修好了。", SECOND, True)
    assert own[0].startswith("欢迎您来")
    assert own[1:] == ("", False)


def test_the_rest_of_long_words_that_rode_stays_with_their_case() -> None:
    player = Player(now=NOW, waiting=(waiting(SECRET * 60, FIRST),))
    player.say("报到")
    (rode,) = says(player)
    assert rode[1:] == (FIRST, True)
    assert [part.number for part in player.conversation.more] == [FIRST, ""]
    player.say("更多")
    rest, own = says(player)
    assert rest[1:] == (FIRST, True)
    assert SECRET in rest[0]
    assert own[0].startswith("欢迎您来")
    assert SECRET not in own[0]


def test_the_rest_of_our_own_words_is_said_with_this_turn() -> None:
    player = Player(now=NOW, conversation=replace(Conversation(), more=(Part(words="余下的话。"),)))
    player.say("更多")
    assert says(player) == [("余下的话。", "", False)]


def test_every_greeting_of_ours_names_its_case_also_in_the_middle_of_a_form() -> None:
    player = Player(now=NOW)
    player.say("报到")
    player.take(TimerFired(kind="contact_due", number=FIRST, data="3"))
    ((_, number, rode),) = says(player)
    assert (number, rode) == (FIRST, False)


async def test_the_desk_sees_what_rode_along_only_with_its_own_case(sqlite_url: str) -> None:
    async with running(sqlite_url, start=NOW.astimezone(UTC)) as service:
        openid = await service.member()
        await service.does(openid, "say", text="人工")
        (home,) = await service.open_numbers(openid)
        await service.claim(home)
        service.clock.advance(timedelta(days=4).total_seconds())
        await service.write(home, SECRET, final=False)
        await service.quiet()
        seen = await service.does(openid, "say", text="我要求助")
        assert SECRET in seen
        for words in ("新城花园三号楼的路灯坏了三天了", "对", "没有", "1"):
            receipt = await service.does(openid, "say", text=words)
        assert "受理好了" in receipt
        (lamp,) = set(await service.open_numbers(openid)) - {home}
        assert SECRET not in "\n".join(await words_at_the_desk(service, lamp))
        assert sum(SECRET in each for each in await words_at_the_desk(service, home)) == 2  # written, then brought


async def words_at_the_desk(service: Service, number: str) -> list[str]:
    page = await service.parts.database.cases.access_case(number, seeing(["kunshan", "yushan-xincheng"]))
    assert page is not None
    return [item.text for item in page.items if isinstance(item, Spoken)]


def test_what_waits_while_danger_is_said_rides_on_the_next_reply() -> None:
    player = Player(now=NOW, waiting=(waiting(SECRET, FIRST),))
    assert SECRET not in player.say("着火了快来人")
    assert not any(isinstance(effect, RideAlong) for effect in player.effects)
    assert SECRET in player.say("菜单")


async def test_words_of_no_case_that_rode_are_in_the_transcript_and_at_no_desk(database: Database) -> None:
    stray = Say(text="旧的话", rode=True)
    about = Say(text="家里的事", number="HY-9", rode=True)
    own = Say(text="好的，我请工作人员来。")
    await database.turns.commit(turn(member(), "k1", stray, about, own, event=said("您好"), text="都在一起"))
    await database.turns.commit(turn(member(), "k2", lamp("HY-1"), event=said("人工"), version=1, text="转了"))
    assert await words_of(database, "HY-1") == ["您好", "好的，我请工作人员来。", "人工", "转了"]


async def test_words_that_rode_into_the_outbox_stay_by_themselves_there_too(database: Database) -> None:
    about, own = Say(text="家里的事", number="HY-9", rode=True), Say(text="好的。")
    await database.turns.commit(turn(member(), "k1", about, own, lamp("HY-1"), event=said("您好"), reply=None))
    assert await words_of(database, "HY-1") == ["您好", "好的。"]
    first, *_ = await database.deliveries.claim("w", NOON, timedelta(minutes=1), 10)
    assert (first.text, first.number) == ("家里的事", "HY-9")


async def words_of(database: Database, number: str) -> list[str]:
    page = await database.cases.access_case(number, seeing(["yushan-xincheng"]))
    assert page is not None
    return [item.text for item in page.items if isinstance(item, Spoken)]
