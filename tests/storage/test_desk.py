"""What the desk asks of storage: queues, one case whole, acts by the table, staff and their sessions."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from dialogs.conversation import Conversation, Form
from dialogs.desk.cases import Act, Grade, Refused, Status
from dialogs.effects import ActOnCase, Filled, KeepProfile, Moves, Say
from dialogs.events import StaffAnswered
from storage.acts import Stale
from storage.audit import Actor
from storage.cases import CaseRow
from storage.engines import Database
from storage.places import PLACES
from storage.services import StoredService
from storage.sight import Scope
from storage.staff import NameTaken, Staff
from storage.timeline import Happened, Spoken
from tests.storage.making import NOON, lamp, look, member, said, seeing, turn

HERE = ["yushan-xincheng"]
LI = Staff(name="li", post="coordinator", unit=HERE[0])


async def opened(database: Database, *numbers: str) -> None:
    for n, number in enumerate(numbers):
        case = lamp(number, sign_by=NOON + timedelta(hours=n), answer_by=NOON + timedelta(days=n + 1))
        await database.turns.commit(turn(member(number), "k1", case, KeepProfile(name="周建国")))


async def act(database: Database, number: str, what: Act, **more: object) -> CaseRow | Refused | Stale:
    wish = ActOnCase(number=number, act=what, **more)  # type: ignore[arg-type]
    return await database.cases.act(wish, staff=LI, now=NOON)


async def listed(database: Database, place: str, staff: str = "li") -> list[str]:
    return [row.number for row in await database.cases.queue(place, seeing(HERE, staff), NOON)]


async def test_a_case_goes_its_way_and_every_step_is_written_down(database: Database) -> None:
    await opened(database, "HY-1")
    await database.staff.add("li", "hash", "coordinator", HERE[0])
    await database.staff.add("wang", "hash", "coordinator", HERE[0])
    claimed = await act(database, "HY-1", Act.CLAIM, version=1)
    assert isinstance(claimed, CaseRow)
    assert (claimed.status, claimed.owner, claimed.version) == (Status.WORKING, "li", 2)
    assert claimed.due == claimed.answer_by
    assert isinstance(await act(database, "HY-1", Act.HAND_OVER, moves=Moves(owner="wang")), CaseRow)
    assert await act(database, "HY-1", Act.HAND_OVER, moves=Moves(owner="gone")) == Refused("no such colleague")
    assert await act(database, "HY-1", Act.HAND_OVER, words="wang") == Refused("nobody named")
    answered = await act(database, "HY-1", Act.ANSWER, words="已更换灯泡")
    assert isinstance(answered, CaseRow)
    assert (answered.first_owner, answered.owner, answered.last_who) == ("li", "wang", "staff")
    assert isinstance(await act(database, "HY-1", Act.CLOSE), CaseRow)
    page = await database.cases.access_case("HY-1", seeing(HERE))
    assert page is not None
    steps = [(item.act, item.by, item.after) for item in page.items if isinstance(item, Happened)]
    assert steps == [
        ("open", "member", "accepted"), ("claim", "li", "working"), ("hand_over", "li", "working"),
        ("answer", "li", "answered"), ("close", "li", "closed"),
    ]  # fmt: skip


async def test_what_the_table_forbids_is_refused_and_leaves_no_trace(database: Database) -> None:
    await opened(database, "HY-1")
    assert isinstance(await act(database, "HY-1", Act.ANSWER, words="x"), Refused)
    assert await act(database, "HY-9", Act.CLAIM) == Refused("no such case")
    page = await database.cases.access_case("HY-1", seeing(HERE))
    assert page is not None
    assert (page.row.version, len([item for item in page.items if isinstance(item, Happened)])) == (1, 1)


async def test_of_two_who_claim_at_once_one_is_told_that_it_moved_on(database: Database) -> None:
    await opened(database, "HY-1")
    results = await asyncio.gather(*(act(database, "HY-1", Act.CLAIM, version=1) for _ in range(5)))
    assert sum(isinstance(result, CaseRow) for result in results) == 1
    assert [result for result in results if not isinstance(result, CaseRow)] == [Stale(version=2)] * 4


async def test_the_places_of_the_rail(database: Database) -> None:
    await opened(database, "HY-0", "HY-1", "HY-5", "HY-6")
    await act(database, "HY-6", Act.CLAIM)
    assert await listed(database, "unit") == ["HY-0", "HY-1", "HY-5", "HY-6"]
    assert await listed(database, "unclaimed") == ["HY-0", "HY-1", "HY-5"]
    assert await listed(database, "mine") == ["HY-6"]
    assert await listed(database, "overdue") == ["HY-0"]
    assert await listed(database, "soon") == ["HY-1", "HY-5"]
    await act(database, "HY-6", Act.ANSWER)
    assert await listed(database, "answered") == ["HY-6"]
    counters = await database.cases.counters(seeing(HERE), NOON)
    waiting = {"watched": 0, "pressed": 0, "above": 0, "returned": 0, "member": 0, "sealed": 0}
    assert counters == {"mine": 0, "unit": 3, "unclaimed": 3, "soon": 2, "overdue": 1, **waiting, "answered": 1}
    await act(database, "HY-6", Act.CLOSE)
    assert await listed(database, "closed") == ["HY-6"]
    with pytest.raises(ValueError, match="nowhere"):
        await listed(database, "nowhere")


# How a case comes to each place where it is not from the beginning.
WAYS = {
    "mine": [Act.CLAIM],
    "watched": [Act.URGE],
    "above": [Act.CLAIM, Act.RAISE],
    "returned": [Act.RETURN],
    "member": [Act.CLAIM, Act.PAUSE],
    "answered": [Act.CLAIM, Act.ANSWER],
    "closed": [Act.CLAIM, Act.ANSWER, Act.CLOSE],
}


async def test_what_may_be_a_matter_of_life_comes_first(database: Database) -> None:
    await opened(database, "HY-0", "HY-1")
    red = lamp("HY-9", grade=Grade.RED, sign_by=NOON + timedelta(days=9))
    await database.turns.commit(turn(member("red"), "k1", red))
    assert await listed(database, "unit") == ["HY-9", "HY-0", "HY-1"]
    first, *_ = await database.cases.queue("unit", seeing(HERE), NOON, limit=1)
    rest = await database.cases.queue("unit", seeing(HERE), NOON, after=first.cursor)
    assert [row.number for row in rest] == ["HY-0", "HY-1"]


# -- acts that move a case ---------------------------------------------------------------------
async def test_an_act_moves_what_it_says_and_who_was_asked_first_stays(database: Database) -> None:
    await opened(database, "HY-1")
    await act(database, "HY-1", Act.CLAIM)
    sign_by = NOON + timedelta(hours=3)
    moves = Moves(unit="yushan-beimen", owner="", sent_by=HERE[0], sign_by=sign_by, due=sign_by)
    moved = await act(database, "HY-1", Act.TRANSFER, words="那边的路", moves=moves)
    assert isinstance(moved, CaseRow)
    assert (moved.status, moved.unit, moved.owner, moved.signed) == (Status.ACCEPTED, "yushan-beimen", "", None)
    assert (moved.first_owner, moved.first_unit, moved.sent_by, moved.due) == ("li", HERE[0], HERE[0], sign_by)
    regraded = await act(database, "HY-1", Act.REGRADE, moves=Moves(grade=Grade.RED, answer_by=NOON, due=NOON))
    assert isinstance(regraded, CaseRow)
    assert (regraded.grade, regraded.answer_by, regraded.due) == (Grade.RED, NOON, NOON)
    page = await database.cases.access_case("HY-1", seeing(["yushan-beimen"]))
    assert page is not None
    steps = [(item.act, item.target, item.words) for item in page.items if isinstance(item, Happened)]
    assert steps[2:] == [("transfer", "yushan-beimen", "那边的路"), ("regrade", "red", "")]
    assert await database.cases.access_case("HY-1", seeing(HERE)) is None


async def test_a_case_that_was_returned_is_seen_by_who_decides_wherever_they_are(database: Database) -> None:
    await opened(database, "HY-1")
    await act(database, "HY-1", Act.RETURN, words="不归我们", moves=Moves(above="yushan-beimen", returns=1))
    decider = ["yushan-beimen"]
    for units in (decider, HERE):
        assert [row.above for row in await database.cases.queue("returned", seeing(units), NOON)] == ["yushan-beimen"]
        assert (await database.cases.counters(seeing(units), NOON))["returned"] == 1
        assert await database.cases.access_case("HY-1", seeing(units)) is not None
    assert await database.cases.queue("unit", seeing(decider), NOON) == []
    back = await act(database, "HY-1", Act.SEND_BACK, words="就是您那里", moves=Moves(above=""))
    assert isinstance(back, CaseRow)
    assert (back.returns, back.above) == (1, "")
    assert await database.cases.access_case("HY-1", seeing(decider)) is None
    assert await database.cases.queue("returned", seeing(decider), NOON) == []


@pytest.mark.parametrize("what", [Act.ADD, Act.WRITE, Act.RESUME])
async def test_the_clock_of_a_case_stands_still_while_it_waits_for_its_member(database: Database, what: Act) -> None:
    await opened(database, "HY-1")
    await act(database, "HY-1", Act.CLAIM)
    until = NOON + timedelta(days=7)
    paused = await act(database, "HY-1", Act.PAUSE, words="要产权证", moves=Moves(paused=NOON, due=until))
    assert isinstance(paused, CaseRow)
    assert (paused.due, paused.answer_by, paused.standing.paused) == (until, NOON + timedelta(days=1), NOON)
    later = NOON + timedelta(days=2)
    going = await database.cases.act(ActOnCase(number="HY-1", act=what), staff=LI, now=later)
    assert isinstance(going, CaseRow)
    assert (going.status, going.paused) == (Status.WORKING, None)
    assert going.due == going.answer_by == NOON + timedelta(days=3)


async def test_what_was_not_solved_starts_with_the_time_that_it_is_given(database: Database) -> None:
    await opened(database, "HY-1")
    await act(database, "HY-1", Act.CLAIM)
    await act(database, "HY-1", Act.ANSWER, words="修好了")
    fresh = NOON + timedelta(days=9)
    again = ActOnCase(number="HY-1", act=Act.REOPEN, moves=Moves(answer_by=fresh, due=fresh))
    await database.turns.commit(turn(member("HY-1"), "k2", again, version=1))
    (row,) = await database.cases.queue("mine", seeing(HERE), NOON)
    assert (row.status, row.owner, row.answer_by, row.due) == (Status.WORKING, "li", fresh, fresh)


@pytest.mark.parametrize("place", [place for place in PLACES if place != "sealed"])
async def test_pages_of_a_queue_join_without_gap_or_double(database: Database, place: str) -> None:
    numbers = [f"HY-{n:02}" for n in range(11)]
    await opened(database, *numbers)
    for number in numbers:
        for what in WAYS.get(place, ()):
            assert isinstance(await act(database, number, what), CaseRow)
    now = NOON + timedelta(days=3) if place == "overdue" else NOON - timedelta(hours=1)
    whole = [row.number for row in await database.cases.queue(place, seeing(HERE), now)]
    pages: list[str] = []
    after: str | None = None
    while rows := await database.cases.queue(place, seeing(HERE), now, after=after, limit=3):
        pages += [row.number for row in rows]
        after = rows[-1].cursor
    assert pages == whole
    assert whole


async def test_only_ones_own_units_are_seen(database: Database) -> None:
    await opened(database, "HY-1")
    assert await database.cases.access_case("HY-1", seeing(["elsewhere"])) is None
    assert await database.cases.access_case("HY-1", seeing([])) is None
    assert await database.cases.queue("unit", seeing([]), NOON) == []
    assert (await database.cases.counters(seeing([]), NOON))["unit"] == 0
    assert await database.cases.member_of("HY-1") == member("HY-1")


async def test_a_case_shows_its_own_run_and_no_other_service(database: Database) -> None:
    def form(service: str, minute: int) -> Conversation:
        at = NOON + timedelta(minutes=minute)
        return Conversation(
            form=Form(service=service, version=1, stage="asking", step="a", held={}, began=at, touched=at)
        )

    who, at = member(), NOON
    told = [("报到", form("check_in", 0)), ("我的名字", form("check_in", 0)), ("取消", Conversation())]
    told += [("路灯坏了", form("help", 3)), ("新城花园", form("help", 3))]
    for n, (told_us, talk) in enumerate(told):
        write = turn(who, f"k{n}", event=said(told_us), conversation=talk, version=n, at=at, text=f"答{n}")
        await database.turns.commit(write)
        at += timedelta(minutes=1)
    filled = (Filled(key="where", label="地点", value="新城花园", shown="新城花园"),)
    await database.turns.commit(
        turn(who, "end", lamp("HY-1", filled=filled), event=said("确认"), version=5, at=at, text="受理好了")
    )
    await database.turns.commit(turn(who, "next", event=said("党费怎么交"), version=6, at=at, text="按月交"))
    page = await database.cases.access_case("HY-1", seeing(HERE))
    assert page is not None
    words = [item.text for item in page.items if isinstance(item, Spoken)]
    assert words == ["路灯坏了", "答3", "新城花园", "答4", "确认", "受理好了"]
    assert page.filled == filled


async def test_a_case_out_of_free_words_shows_what_was_said_just_before(database: Database) -> None:
    await database.turns.commit(turn(member(), "k0", event=said("昨天的话"), at=NOON - timedelta(days=1)))
    await database.turns.commit(turn(member(), "k1", event=said("党费怎么算"), version=1, text="我不确定"))
    await database.turns.commit(turn(member(), "k2", lamp("HY-1"), event=said("人工"), version=2, text="好的"))
    page = await database.cases.access_case("HY-1", seeing(HERE))
    assert page is not None
    words = [item.text for item in page.items if isinstance(item, Spoken)]
    assert words == ["党费怎么算", "我不确定", "人工", "好的"]


async def test_an_answer_stands_in_the_time_line_with_what_became_of_it(database: Database) -> None:
    await opened(database, "HY-1")
    await act(database, "HY-1", Act.CLAIM)
    event = StaffAnswered(number="HY-1", text="修好了", by="li", post="coordinator", final=True, version=2)
    answer = ActOnCase(number="HY-1", act=Act.ANSWER, by="li", words="修好了", version=2)
    say = Say(text="您反映的路灯修好了", asks="solved", number="HY-1")
    await database.turns.commit(turn(member("HY-1"), "a", answer, say, event=event, reply=None, version=1))
    (one,) = await database.deliveries.claim("w", NOON, timedelta(minutes=1), 1)
    await database.deliveries.settle(one.id, "failed", way="customer", code=45015, words="out of window", now=NOON)
    page = await database.cases.access_case("HY-1", seeing(HERE))
    assert page is not None
    (spoken,) = [item for item in page.items if isinstance(item, Spoken) and item.who == "staff"]
    assert spoken.text == "您反映的路灯修好了"
    assert spoken.carried is not None
    assert (spoken.carried.status, spoken.carried.way, spoken.carried.code) == ("failed", "customer", 45015)
    (case,) = (await look(database, member("HY-1"))).cases
    assert case.status is Status.ANSWERED


async def test_the_name_is_hidden_where_it_must_not_be_shown(database: Database) -> None:
    await database.turns.commit(turn(member("a"), "k1", lamp("HY-1", anonymous=True), KeepProfile(name="周建国")))
    await database.turns.commit(turn(member("b"), "k1", lamp("HY-2", confidential=True), KeepProfile(name="李四")))
    await database.turns.commit(turn(member("c"), "k1", lamp("HY-3"), KeepProfile(name="王五")))
    names = {row.number: row.name for row in await database.cases.queue("unit", seeing(HERE), NOON)}
    assert names == {"HY-1": "", "HY-3": "王五"}, "who is not cleared does not learn that HY-2 exists"
    cleared = Scope(staff="li", whole=frozenset(HERE), cleared=frozenset(HERE))
    assert {row.number: row.name for row in await database.cases.queue("unit", cleared, NOON)} == {**names, "HY-2": ""}
    page = await database.cases.access_case("HY-1", seeing(HERE))
    assert page is not None
    assert page.name == ""


async def test_staff_sign_in_work_and_leave(database: Database) -> None:
    assert await database.staff.add("li", "hash", "intake", HERE[0]) == Staff(name="li", post="intake", unit=HERE[0])
    with pytest.raises(NameTaken, match="li"):
        await database.staff.add("li", "other", "head", HERE[0])
    stored = await database.staff.by_name("li")
    assert stored is not None
    assert (stored.name, stored.password_hash) == ("li", "hash")
    assert await database.staff.by_name("nobody") is None
    token = await database.staff.open_session("li", NOON, address="10.0.0.1")
    assert await database.staff.session(token, NOON) == stored.staff
    assert await database.staff.session(token + "x", NOON) is None
    assert await database.staff.on_duty(NOON - timedelta(minutes=5)) <= set(HERE)
    assert await database.staff.on_duty(NOON - timedelta(minutes=5))
    await database.staff.close_session(token, NOON)
    assert await database.staff.session(token, NOON) is None
    assert not await database.staff.on_duty(NOON - timedelta(minutes=5))


async def test_a_session_ends_when_nobody_uses_it_and_after_a_day(database: Database) -> None:
    await database.staff.add("li", "hash", "intake", HERE[0])
    token, hour = await database.staff.open_session("li", NOON), timedelta(minutes=50)
    assert await database.staff.session(token, NOON + hour) is not None
    assert await database.staff.session(token, NOON + hour * 2, touch=False) is not None
    assert await database.staff.session(token, NOON + hour * 3) is None
    busy = await database.staff.open_session("li", NOON)
    lived = [await database.staff.session(busy, NOON + hour * n) is not None for n in range(1, 18)]
    assert lived == [True] * 14 + [False] * 3


async def test_failed_sign_ins_are_counted_by_who_and_since_when(database: Database) -> None:
    for n in range(3):
        await database.staff.record_failure("name:li", NOON + timedelta(minutes=n))
    await database.staff.record_failure("name:wang", NOON)
    assert await database.staff.failures("name:li", NOON + timedelta(minutes=1)) == [
        NOON + timedelta(minutes=1), NOON + timedelta(minutes=2),
    ]  # fmt: skip
    await database.staff.record_failure("name:li", NOON + timedelta(days=2))
    assert await database.staff.count_failures("name:li", NOON) == 1


async def test_serials_are_leased_in_blocks_that_never_overlap(database: Database) -> None:
    blocks = await asyncio.gather(*(database.numbers.lease("261121", 5) for _ in range(10)))
    assert sorted(n for block in blocks for n in block) == list(range(1, 51))
    assert await database.numbers.lease("261122", 2) == range(1, 3)


async def test_a_service_version_keeps_its_text(database: Database) -> None:
    first = StoredService(name="help", version=1, hash="a", text="service: help")
    assert await database.services.keep(first)
    assert await database.services.keep(first)
    assert not await database.services.keep(StoredService(name="help", version=1, hash="b", text="changed"))
    assert await database.services.keep(StoredService(name="help", version=2, hash="b", text="changed"))
    assert [(each.version, each.hash) for each in await database.services.all()] == [(1, "a"), (2, "b")]


async def test_what_a_centre_changed_holds_until_it_is_put_back(database: Database) -> None:
    for body in ("one", "two"):
        await database.overrides.keep("article", "F001", body, by=Actor(name="li"), now=NOON)
    await database.overrides.keep("article", "F002", "x", by=Actor(name="li"), now=NOON)
    await database.overrides.keep("article", "F002", None, by=Actor(name="wang"), now=NOON)
    (held,) = await database.overrides.all("article")
    assert (held.name, held.body, held.by, held.at) == ("F001", "two", "li", NOON)
