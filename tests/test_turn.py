"""The turn on a real database: repeats, order, the hand-over at 4.0 s, the refusal at 4.5 s, and the sweep."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select
from structlog.testing import capture_logs

from bot.channels import Push
from bot.desk import Done
from bot.metrics import Metrics
from bot.opening import stock
from bot.talk import Terminal
from bot.turn import TooLate, Turns
from bot.world import Numbers
from dialogs.conversation import Conversation, Turn
from dialogs.desk.cases import Act
from dialogs.effects import ActOnCase
from dialogs.events import Event, MemberEvent, MemberSaid, MemberSent, MemberTapped, StaffAnswered
from dialogs.facts import Facts
from dialogs.step import step as real_step
from dialogs.text import fold
from storage import tables
from storage.acts import Stale
from storage.cases import CaseRow
from storage.crypto import Keys
from storage.engines import Database
from storage.hot import open_hot
from storage.staff import Staff
from storage.turns import Gather, Gathered, MemberKey, TurnStore, TurnWrite
from tests.conftest import SECRET

NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
# Seconds, longer than any machine needs: the tests do not wait for these limits, they move the loop's clock.
HAND_OVER, REFUSE, REPEATED = 60.0, 120.0, 180.0
_LEASE = timedelta(minutes=1)
_KEYS = itertools.count()


class Slow:
    """The real store, made to dawdle: gathers wait for `go`, commits of whole turns for `may`, fetches for `take`."""

    def __init__(self, store: TurnStore) -> None:
        self.store = store
        self.go, self.may = asyncio.Event(), asyncio.Event()
        self.asked, self.committing, self.take = asyncio.Event(), asyncio.Event(), asyncio.Event()
        self.go.set()
        self.take.set()
        self.may.set()

    async def gather(self, ask: Gather) -> Gathered:
        self.asked.set()
        await self.go.wait()
        return await self.store.gather(ask)

    async def commit(self, write: TurnWrite) -> None:
        if write.answered:
            self.committing.set()
            await self.may.wait()
        await self.store.commit(write)

    async def fetch(self, member: str, key: str, at: datetime) -> bool:
        done = await self.store.fetch(member, key, at)
        self.asked.set()
        await self.take.wait()
        return done

    async def redirect(self, write: TurnWrite, *, taken: bool = False) -> bool:
        return await self.store.redirect(write, taken=taken)

    async def unturned(self, limit: int) -> list[tuple[MemberKey, str]]:
        return await self.store.unturned(limit)


class Refusing(Slow):
    """The real store, which breaks on some members' turns."""

    def __init__(self, store: TurnStore, *users: str) -> None:
        super().__init__(store)
        self.users = users

    async def commit(self, write: TurnWrite) -> None:
        if write.member.user in self.users:
            raise OSError("the disk is full")
        await super().commit(write)


@asynccontextmanager
async def turning(database: Database, store: TurnStore | None = None) -> AsyncIterator[Turns]:
    shelf = await stock(database, None)
    async with open_hot(None) as hot:
        turns = Turns(
            store or database.turns,
            hot,
            now=lambda: NOW,
            numbers=Numbers(database.numbers.lease),
            snapshots=shelf,
            on_duty=lambda: frozenset({shelf().units.root.id}),
            member_of=database.cases.member_of,
            metrics=Metrics(),
            hand_over_after=HAND_OVER,
            refuse_after=REFUSE,
            repeated_within=REPEATED,
        )
        yield turns
        await turns.close()


def push(what: str | MemberEvent, user: str = "zhou", key: str = "") -> Push:
    event = MemberSaid(text=what, folded=fold(what)) if isinstance(what, str) else what
    return Push(key=key or f"k{next(_KEYS)}", member=MemberKey("talk", "main", user), event=event, at=NOW, to="gh")


async def said(turns: Turns, what: str | MemberEvent, user: str = "zhou", key: str = "") -> str:
    return (await turns.answer(push(what, user, key), Terminal())).decode()


async def later(monkeypatch: pytest.MonkeyPatch, seconds: float) -> None:
    """Let time pass for whatever waits on the loop's clock, and let it act on it."""
    loop = asyncio.get_running_loop()
    before = loop.time
    monkeypatch.setattr(loop, "time", lambda: before() + seconds)
    for _ in range(10):
        await asyncio.sleep(0)


async def transcript(database: Database, user: str = "zhou") -> list[str]:
    """What the member is known to have said, in order."""
    mine = tables.transcript.c
    question = select(mine.heard).where(mine.member == MemberKey("talk", "main", user).id, mine.heard.is_not(None))
    rows = await database._engine.read(lambda conn: conn.execute(question.order_by(mine.turn, mine.part)).all())
    return [Keys(SECRET).open("transcript.heard", sealed) for (sealed,) in rows]


async def deliveries(database: Database) -> list[str]:
    return [each.text for each in await database.deliveries.claim("test", NOW, _LEASE, 50)]


async def test_the_same_push_three_times_in_turn_gets_the_same_reply(database: Database) -> None:
    async with turning(database) as turns:
        one = push("报到")
        replies = [await turns.answer(one, Terminal()) for _ in range(3)]
        assert len(set(replies)) == 1
        assert replies[0]
        assert await transcript(database) == ["报到"]


async def test_the_same_push_three_times_at_once_gets_the_same_reply(database: Database) -> None:
    async with turning(database) as turns:
        one = push("报到")
        replies = await asyncio.gather(*(turns.answer(one, Terminal()) for _ in range(3)))
        assert len(set(replies)) == 1
        assert await transcript(database) == ["报到"]


async def test_two_processes_take_the_same_push_once(database: Database) -> None:
    async with turning(database) as one, turning(database) as two:
        same = push("报到")
        replies = await asyncio.gather(one.answer(same, Terminal()), two.answer(same, Terminal()))
        assert replies[0] == replies[1]
        assert await transcript(database) == ["报到"]


async def test_twenty_messages_at_once_keep_their_order(database: Database) -> None:
    async with turning(database) as turns:
        await said(turns, "人工")
        words = [f"第 {number} 句" for number in range(20)]
        await asyncio.gather(*(said(turns, each) for each in words))
        assert await transcript(database) == ["人工", *words]


async def test_two_members_at_once_do_not_wait_for_each_other(database: Database) -> None:
    async with turning(database) as turns:
        first, second = await asyncio.gather(said(turns, "报到", "zhou"), said(turns, "求助", "li"))
        assert "报到" in first
        assert "请说说是什么事" in second


async def test_after_four_seconds_the_event_is_stored_and_the_words_follow_by_the_outbox(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    slow = Slow(database.turns)
    async with turning(database, slow) as turns:
        slow.go.clear()
        late = push("报到")
        answering = asyncio.create_task(turns.answer(late, Terminal()))
        await slow.asked.wait()
        await later(monkeypatch, HAND_OVER)
        assert await answering == b""
        slow.go.set()
        await turns.close()
        assert (await deliveries(database))[0].startswith("欢迎您来！")
        assert await transcript(database) == ["报到"]
        assert await turns.answer(late, Terminal()) == b"", "a repeat hears what the first try heard"


async def test_two_late_messages_are_turned_in_order_and_nothing_is_tried_in_vain(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    slow = Slow(database.turns)
    async with turning(database, slow) as turns:
        slow.go.clear()
        first, second = push("报到"), push("同意")
        with capture_logs() as logged:
            answering = asyncio.gather(turns.answer(first, Terminal()), turns.answer(second, Terminal()))
            await slow.asked.wait()
            await later(monkeypatch, HAND_OVER)
            assert set(await answering) == {b""}
            slow.go.set()
            await turns.close()
        assert [line["event"] for line in logged if line["log_level"] == "error"] == []
        assert await transcript(database) == ["报到", "同意"]
        assert await turns.sweep() == 0


async def test_a_reply_on_its_way_to_disk_is_still_answered(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    slow = Slow(database.turns)
    async with turning(database, slow) as turns:
        slow.may.clear()
        answering = asyncio.create_task(said(turns, "报到"))
        await slow.committing.wait()
        await later(monkeypatch, HAND_OVER)
        assert not answering.done()
        slow.may.set()
        assert (await answering).startswith("欢迎您来！")
        await later(monkeypatch, REPEATED)
        await turns.close()
        assert not await deliveries(database)


async def test_what_cannot_be_stored_is_refused_and_a_repeat_gets_the_answer(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    slow = Slow(database.turns)
    async with turning(database, slow) as turns:
        slow.may.clear()
        again = push("报到")
        answering = asyncio.create_task(turns.answer(again, Terminal()))
        await slow.committing.wait()
        await later(monkeypatch, HAND_OVER)
        assert not answering.done()
        await later(monkeypatch, REFUSE - HAND_OVER)
        with pytest.raises(TooLate):
            await answering
        slow.may.set()
        await turns.close()
        assert (await turns.answer(again, Terminal())).decode().startswith("欢迎您来！")
        assert await transcript(database) == ["报到"]


async def refused(turns: Turns, slow: Slow, what: Push, monkeypatch: pytest.MonkeyPatch) -> None:
    """One try of the platform's while nothing reaches the disk."""
    answering = asyncio.create_task(turns.answer(what, Terminal()))
    await slow.committing.wait()
    await asyncio.sleep(0)
    await later(monkeypatch, HAND_OVER)
    await later(monkeypatch, REFUSE - HAND_OVER)
    with pytest.raises(TooLate):
        await answering


async def test_a_reply_that_nobody_fetched_goes_out_by_the_outbox(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    slow = Slow(database.turns)
    async with turning(database, slow) as turns:
        slow.may.clear()
        unlucky = push("报到")
        for _ in range(3):
            await refused(turns, slow, unlucky, monkeypatch)
        slow.may.set()
        await turns.close()
        assert await deliveries(database) == []
        await later(monkeypatch, REPEATED)
        await turns.close()
        assert [words.split("！")[0] for words in await deliveries(database)] == ["欢迎您来"]
        assert await turns.answer(unlucky, Terminal()) == b"", "it is on its way already"
        assert await transcript(database) == ["报到"]


async def test_a_reply_that_a_repeat_fetched_does_not_come_twice(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    slow = Slow(database.turns)
    async with turning(database, slow) as turns:
        slow.may.clear()
        lucky = push("报到")
        await refused(turns, slow, lucky, monkeypatch)
        slow.may.set()
        await turns.close()
        assert (await turns.answer(lucky, Terminal())).decode().startswith("欢迎您来！")
        await later(monkeypatch, REPEATED)
        await turns.close()
        assert await deliveries(database) == []
        assert (await turns.answer(lucky, Terminal())).decode().startswith("欢迎您来！")


async def test_a_reply_that_a_repeat_fetched_from_another_process_does_not_come_twice(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    slow = Slow(database.turns)
    async with turning(database, slow) as turns, turning(database) as other:
        slow.may.clear()
        lucky = push("报到")
        await refused(turns, slow, lucky, monkeypatch)
        slow.may.set()
        await turns.close()
        for _ in range(2):
            assert (await other.answer(lucky, Terminal())).decode().startswith("欢迎您来！")
        await later(monkeypatch, REPEATED)
        await turns.close()
        assert await deliveries(database) == []
        assert (await other.answer(lucky, Terminal())).decode().startswith("欢迎您来！")


@pytest.mark.parametrize("stalls", ["go", "take"])
async def test_a_reply_whose_repeat_met_a_slow_store_as_well_still_goes_out_once(
    database: Database, monkeypatch: pytest.MonkeyPatch, stalls: str
) -> None:
    slow = Slow(database.turns)
    async with turning(database, slow) as turns:
        slow.may.clear()
        unlucky = push("报到")
        await refused(turns, slow, unlucky, monkeypatch)
        slow.may.set()
        await turns.close()
        getattr(slow, stalls).clear()
        slow.asked.clear()
        answering = asyncio.create_task(turns.answer(unlucky, Terminal()))
        await slow.asked.wait()
        await later(monkeypatch, HAND_OVER)
        assert await answering == b"", "the platform does not ask again"
        getattr(slow, stalls).set()
        await turns.close()
        await later(monkeypatch, REPEATED)
        await turns.close()
        assert [words.split("！")[0] for words in await deliveries(database)] == ["欢迎您来"]
        assert await turns.answer(unlucky, Terminal()) == b""


async def test_a_turn_outlives_the_request_that_began_it(database: Database) -> None:
    slow = Slow(database.turns)
    async with turning(database, slow) as turns:
        slow.go.clear()
        request = asyncio.create_task(said(turns, "报到", key="once"))
        await asyncio.sleep(0)
        request.cancel()
        with pytest.raises(asyncio.CancelledError):
            await request
        slow.go.set()
        assert (await said(turns, "报到", key="once")).startswith("欢迎您来！")
        assert await transcript(database) == ["报到"]


async def test_a_repeat_of_a_push_in_work_outlives_the_first_request(database: Database) -> None:
    slow = Slow(database.turns)
    async with turning(database, slow) as turns:
        slow.go.clear()
        first = asyncio.create_task(said(turns, "报到", key="once"))
        again = asyncio.create_task(said(turns, "报到", key="once"))
        await asyncio.sleep(0)
        first.cancel()
        slow.go.set()
        assert (await again).startswith("欢迎您来！")
        assert await transcript(database) == ["报到"]


async def test_what_a_dead_process_stored_is_swept_in_order(database: Database) -> None:
    member = MemberKey("talk", "main", "zhou")
    for number, text in enumerate(["报到", "同意"]):
        event = MemberSaid(text=text, folded=fold(text))
        await database.turns.commit(TurnWrite(member=member, key=f"old{number}", event=event, at=NOW, answered=False))
    async with turning(database) as turns:
        assert await turns.sweep() == 1
        assert await turns.sweep() == 0
    first = await deliveries(database)
    assert first[0].startswith("欢迎您来！")
    assert await transcript(database) == ["报到", "同意"]


async def test_a_stored_message_is_turned_before_the_next_one(database: Database) -> None:
    member = MemberKey("talk", "main", "zhou")
    event = MemberTapped(key="报到")
    await database.turns.commit(TurnWrite(member=member, key="old", event=event, at=NOW, answered=False))
    async with turning(database) as turns:
        assert "请问您的姓名" in await said(turns, "同意")


async def test_an_identity_number_is_never_stored(database: Database) -> None:
    async with turning(database) as turns:
        reply = await said(turns, "我的身份证是 11010519491231002X")
        assert "我已经替您隐去" in reply
        assert "11010519491231002" not in "".join(await transcript(database))


def broken_by(word: str) -> Callable[..., Turn]:
    """A step with a mistake: it breaks on one word."""

    def step(conversation: Conversation, event: Event, facts: Facts) -> Turn:
        if isinstance(event, MemberSaid) and event.text == word:
            raise ZeroDivisionError
        return real_step(conversation, event, facts)

    return step


async def test_a_mistake_of_ours_never_shows_the_member_an_error(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.turn.step", broken_by("怪话"))
    async with turning(database) as turns:
        assert "人工" in await said(turns, "怪话")
        assert (await said(turns, "报到")).startswith("欢迎您来！")
        assert await transcript(database) == ["怪话", "报到"]


async def test_a_stored_message_that_breaks_does_not_hold_up_the_others(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.turn.step", broken_by("怪话"))
    for user, text in (("zhou", "怪话"), ("zhou", "报到"), ("li", "求助")):
        event, member = MemberSaid(text=text, folded=fold(text)), MemberKey("talk", "main", user)
        write = TurnWrite(member=member, key=f"old{next(_KEYS)}", event=event, at=NOW, answered=False)
        await database.turns.commit(write)
    async with turning(database) as turns:
        await turns.sweep()
        assert await turns.sweep() == 0
        assert await transcript(database) == ["怪话", "报到"]
        assert await transcript(database, "li") == ["求助"]


async def test_one_member_whose_turn_cannot_be_stored_does_not_hold_up_the_sweep(database: Database) -> None:
    for user in ("zhou", "li"):
        event, member = MemberSaid(text="求助", folded="求助"), MemberKey("talk", "main", user)
        await database.turns.commit(TurnWrite(member=member, key=f"old/{user}", event=event, at=NOW, answered=False))
    async with turning(database, Refusing(database.turns, "zhou")) as turns:
        await turns.sweep()
    assert await transcript(database, "li") == ["求助"]


async def test_an_act_that_its_case_never_allows_still_gets_words(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    def step(conversation: Conversation, event: Event, facts: Facts) -> Turn:
        turn = real_step(conversation, event, facts)
        if isinstance(event, MemberSaid) and event.text == "怪话":
            return replace(turn, effects=(*turn.effects, ActOnCase(number="HY-261123-9999-9", act=Act.ADD)))
        return turn

    monkeypatch.setattr("bot.turn.step", step)
    async with turning(database) as turns:
        assert "人工" in await said(turns, "怪话")
        assert await transcript(database) == ["怪话"]


class Named(Terminal):
    """A channel whose reply is addressed, as the platform's is."""

    def render(self, push: Push, text: str, at: datetime) -> bytes:
        return f"to {push.member.user}: {text}".encode()


async def test_one_message_id_of_two_members_gives_each_their_own_answer(database: Database) -> None:
    async with turning(database) as turns:
        both = push("报到", "zhou", "same"), push("人工", "li", "same")
        replies = await asyncio.gather(*(turns.answer(each, Named()) for each in both))
        assert [reply.decode().split(":")[0] for reply in replies] == ["to zhou", "to li"]
        assert await transcript(database, "li") == ["人工"]


async def claimed(database: Database, turns: Turns) -> tuple[str, int]:
    """Give a case of zhou's that li has taken on, and its version."""
    await said(turns, "人工")
    await said(turns, "我的补贴没到")
    member = MemberKey("talk", "main", "zhou")
    case = (await database.turns.gather(Gather(member=member.id, key="-"))).cases[-1]
    claim = ActOnCase(number=case.number, act=Act.CLAIM, by="li", version=case.version)
    row = await database.cases.act(claim, staff=Staff(name="li", post="coordinator", unit="kunshan"), now=NOW)
    assert isinstance(row, CaseRow)
    return row.number, row.version


async def test_words_of_staff_do_not_overtake_what_the_member_said_before(database: Database) -> None:
    async with turning(database) as turns:
        number, version = await claimed(database, turns)
        event, member = MemberSaid(text="卡号换了", folded="卡号换了"), MemberKey("talk", "main", "zhou")
        await database.turns.commit(TurnWrite(member=member, key="late", event=event, at=NOW, answered=False))
        answer = StaffAnswered(
            number=number, text="已打到旧卡", by="li", post="coordinator", final=True, version=version
        )
        assert isinstance(await turns.staff_answered(answer), Stale)
        assert await transcript(database) == ["人工", "我的补贴没到", "卡号换了"]
        again = replace(answer, text="已打到新卡", version=version + 1)
        assert await turns.staff_answered(again) == Done(version=version + 2)
        assert await turns.staff_answered(again) == Done(version=version + 2), "the same words twice are one answer"


async def test_an_identity_number_in_a_place_s_name_is_never_stored(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    slow = Slow(database.turns)
    async with turning(database, slow) as turns:
        slow.go.clear()
        place = MemberSent(what="place", text="周建国 11010519491231002X 家", latitude=31.3, longitude=120.9)
        answering = asyncio.create_task(said(turns, place))
        await slow.asked.wait()
        await later(monkeypatch, HAND_OVER)
        await answering
        (stored,) = (await database.turns.gather(Gather(member=MemberKey("talk", "main", "zhou").id, key="-"))).backlog
        assert stored.event == replace(place, text="周建国 ［证件号已隐去］ 家")
        slow.go.set()


async def test_who_fails_at_every_sweep_starves_nobody(database: Database) -> None:
    for user in ("zhou", "wang", "li"):
        event, member = MemberSaid(text="求助", folded="求助"), MemberKey("talk", "main", user)
        await database.turns.commit(TurnWrite(member=member, key=f"old/{user}", event=event, at=NOW, answered=False))
    store = Refusing(database.turns, "zhou", "wang")
    async with turning(database, store) as turns:
        await turns.sweep(2)
        assert await transcript(database, "li") == []
        await turns.sweep(2)
        assert await transcript(database, "li") == ["求助"]
        store.users = ()
        assert await turns.sweep(2) == 2
        assert await turns.sweep(2) == 0
