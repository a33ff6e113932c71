"""What staff take down by telephone, from letters and at the counter, and how its answer reaches the caller."""

from __future__ import annotations

import re
from datetime import timedelta

from sqlalchemy import select

from dialogs.desk.cases import Grade, Status
from storage import tables as t
from storage.cases import CaseRow
from storage.turns import MemberKey
from tests.desk.conftest import NewClerk
from tests.desk.test_room import shown
from tests.desk.world import LAMP, Clerk, World

WORDS = "新城花园三号楼门口的路灯坏了好几天了"
CALL = {
    "came": "phone",
    "words": WORDS,
    "place": "新城花园",
    "name": "赵大爷",
    "phone": "139 1234 0000",
    "reach": "call",
}


def key_of(page: str) -> str:
    found = re.search(r'name="key" value="([0-9a-f]{32})"', page)
    assert found
    return found[1]


async def took(clerk: Clerk, **fields: str) -> tuple[int, str]:
    _, page = await clerk.see("/desk/intake")
    return await clerk.send("/desk/intake", key=key_of(page), **{**CALL, **fields})


async def newest(world: World) -> CaseRow:
    question = select(t.cases.c.number).order_by(t.cases.c.opened.desc(), t.cases.c.number.desc())
    number = await world.database.cases._engine.read(lambda conn: conn.execute(question).scalars().first())
    row = await world.database.cases.find(str(number))
    assert row is not None
    return row


async def count(world: World) -> int:
    return len(await world.database.cases._engine.read(lambda conn: conn.execute(select(t.cases.c.number)).all()))


async def later(world: World) -> None:
    world.clock.at += timedelta(minutes=1)


async def test_a_call_becomes_a_case_like_any_other(world: World, clerk: NewClerk) -> None:
    await later(world)
    min_ = await clerk("张敏")
    status, page = await took(min_)
    row = await newest(world)
    assert status == 200
    assert (row.came, row.title, row.unit, row.grade) == ("phone", "路灯", "yushan-xincheng", Grade.YELLOW)
    assert (row.status, row.reach, row.service, row.anonymous) == (Status.ACCEPTED, "call", "help", False)
    said = shown(page)
    told = ("电话来件", f"受理好了，编号 {row.number}", "139****0000", "念给对方", "赵大爷（电话，工作人员记）")
    assert [words for words in told if words not in said] == []
    assert "13912340000" not in page
    _, queue = await min_.see("/desk/queue/unclaimed")
    assert re.search(rf'id="row-{row.number}".*?class="came">电话</span>', queue, re.DOTALL)


async def test_the_same_form_twice_is_one_case(world: World, clerk: NewClerk) -> None:
    min_ = await clerk("张敏")
    _, page = await min_.see("/desk/intake")
    before = await count(world)
    for reach in ("call", "call"):
        status, page2 = await min_.send("/desk/intake", key=key_of(page), **{**CALL, "reach": reach})
        assert (status, "电话来件" in page2) == (200, True)
    assert await count(world) == before + 1
    # Nobody's name: still the same form.
    _, page = await min_.see("/desk/intake")
    for _ in range(2):
        await min_.send("/desk/intake", key=key_of(page), **{**CALL, "anonymous": "1"})
    assert await count(world) == before + 2


async def test_who_calls_again_about_the_same_hears_the_number_they_have(world: World, clerk: NewClerk) -> None:
    min_ = await clerk("张敏")
    await took(min_)
    row = await newest(world)
    before = await count(world)
    _, page = await took(min_, words=WORDS + "，还没来修")
    assert await count(world) == before
    assert f"已经反映过，编号 {row.number}" in shown(page)


async def test_what_is_private_is_sealed(world: World, clerk: NewClerk) -> None:
    min_ = await clerk("张敏")
    await took(min_, words=WORDS + "，我的身份证 320583199001011234")
    tables = (t.members, t.cases, t.transcript, t.inbound, t.case_events, t.deliveries)
    rows = await world.database.cases._engine.read(
        lambda conn: [repr(row) for table in tables for row in conn.execute(select(table)).all()]
    )
    for words in ("13912340000", "赵大爷", "320583199001011234"):
        assert not any(words in row or repr(words.encode())[2:-1] in row for row in rows), words
    assert "320583199001011234" not in (await min_.see("/desk/queue/unit"))[1]


async def test_what_is_missing_is_said_and_every_word_stays(world: World, clerk: NewClerk) -> None:
    min_, before = await clerk("张敏"), await count(world)
    for fields, words in (
        ({"words": ""}, "还没有写是什么事"),
        ({"words": "嗯嗯"}, "看不出是哪一类"),
        ({"words": "路灯坏了", "place": ""}, "还没有写在哪里"),
        ({"unit": "月亮社区"}, "没有这个单位"),
        ({"phone": "139"}, "电话没有看懂"),
        ({"phone": ""}, "要回电，请先写电话"),
        ({"reach": "here"}, "没有对应的微信"),
        ({"category": "nonsense"}, "看不出是哪一类"),
    ):
        status, page = await took(min_, **fields)
        assert (status, words in page) == (422, True), fields
        assert 'value="赵大爷"' in page
    assert await count(world) == before


async def test_danger_is_flagged_with_what_to_say_first(world: World, clerk: NewClerk) -> None:
    await later(world)
    min_ = await clerk("张敏")
    await min_.see("/desk/intake")
    _, page = await min_.send("/desk/intake/look", **{**CALL, "words": "楼下着火了，好大的烟"})
    assert "拨打 119" in shown(page)
    assert "特急（有危险的话）" in page
    await took(min_, words="楼下着火了，好大的烟", category="roads.lamp")
    assert (await newest(world)).grade is Grade.RED
    await later(world)
    await took(min_, words="楼上天天吵，电视里放着火的片子", category="roads.lamp", grade="blue", phone="13912340001")
    assert (await newest(world)).grade is Grade.BLUE


async def test_the_same_persons_open_cases_as_far_as_one_may_see_them(world: World, clerk: NewClerk) -> None:
    await world.open_case("HY-261123-0002-5", title="匿名的事", anonymous=True)
    await world.open_case("HY-261123-0003-3", title="谈心的事", confidential=True)
    await world.open_case("HY-261123-0004-1", title="别处的事", unit="yushan-tinglin")
    min_ = await clerk("张敏")
    await min_.see("/desk/intake")
    _, page = await min_.send("/desk/intake/look", **{**CALL, "phone": "13812345678"})
    said = shown(page)
    assert "新城花园三号楼路灯坏了" in said
    for title in ("匿名的事", "谈心的事", "别处的事", "周建国"):
        assert title not in said, title
    _, page = await min_.send("/desk/intake/look", **{**CALL, "phone": "13812345679"})
    assert "还有" not in shown(page)


async def test_an_answer_goes_to_the_wechat_of_who_wishes_it(world: World, clerk: NewClerk) -> None:
    await world.database.turns.purge(world.clock.at)
    # FLAT's member told the same telephone in this world: only LAMP's keeps it.
    await world.open_case("HY-261123-0009-9", user="li", phone="13900000001", title="另一件")
    await world.open_case("HY-261123-0010-2", user="wu", phone="13900000002", title="另一件")
    await later(world)
    min_ = await clerk("张敏")
    _, page = await took(min_, phone="13812345678", reach="here", words="七号楼停水两天了", place="新城花园七号楼")
    row = await newest(world)
    assert (row.member, row.came) == (MemberKey("wechat", "main", "zhou").id, "phone")
    assert "周建国" in shown(page)
    (waiting,) = await world.database.deliveries.claim("w", world.clock.at, timedelta(minutes=1), 9)
    assert (waiting.member.user, row.number in waiting.text) == ("zhou", True)


async def test_the_answer_of_a_call_is_a_call(world: World, clerk: NewClerk) -> None:
    await later(world)
    min_, juan = await clerk("张敏"), await clerk("李娟")
    await took(min_)
    number = (await newest(world)).number
    await min_.act(number, "claim")
    _, page = await min_.see(f"/desk/case/{number}")
    assert "送出后变成「请回电」" in shown(page)
    await answer(world, number)

    _, page = await juan.see("/desk/calls")
    assert re.search(r"路灯 .*请回电.*还没有打", shown_list(page))
    _, page = await juan.see(f"/desk/case/{number}")
    assert "请回电 赵大爷 139****0000" in shown(page)
    assert "已经换好了灯泡" in shown(page)
    task = hidden_task(page)
    _, page = await juan.send(f"/desk/case/{number}/called", **task, reached="no", words="响了没人接")
    assert "没接通 1 次" in shown(page)
    _, page = await juan.send(f"/desk/case/{number}/called", **task, reached="no", words="响了没人接")
    assert "没接通 1 次" in shown(page)  # the same try twice is one
    assert shown(page).count("李娟打电话给对方：没有接通（第 1 次）。响了没人接") == 1

    await juan.send(f"/desk/case/{number}/called", **hidden_task(page), reached="yes", words="他说谢谢")
    _, page = await juan.see(f"/desk/case/{number}")
    assert "请回电" not in shown(page)
    assert "已在电话里告知" in shown(page)
    assert "李娟打电话给对方：已告知。他说谢谢" in shown(page)
    assert "没有要回的电话" in (await juan.see("/desk/calls"))[1]


async def test_what_the_member_says_of_the_answer_is_their_rating(world: World, clerk: NewClerk) -> None:
    min_ = await clerk("张敏")
    for said, status, solved, satisfied in (
        ({"solved": "yes", "satisfied": "4"}, Status.ANSWERED, "yes", 4),
        ({"solved": "no", "satisfied": "1"}, Status.WORKING, "no", 0),
        ({}, Status.ANSWERED, "", 0),
    ):
        await later(world)
        await took(min_, phone=f"1391234{world.clock.at.minute:04}", place="新城花园")
        number = (await newest(world)).number
        await min_.act(number, "claim")
        await answer(world, number)
        _, page = await min_.see(f"/desk/case/{number}")
        assert "解决了吗" in page
        for _ in range(2):
            await min_.send(f"/desk/case/{number}/called", **hidden_task(page), reached="yes", **said)
        row = await world.database.cases.find(number)
        assert row is not None
        assert (row.status, row.solved, row.satisfied) == (status, solved, satisfied)
        assert await world.database.calls.of_case(number) == []  # nobody is rung up to be asked once more


async def test_three_tries_in_vain_are_a_delivery_that_failed(world: World, clerk: NewClerk) -> None:
    await later(world)
    min_ = await clerk("张敏")
    await took(min_)
    number = (await newest(world)).number
    await min_.act(number, "claim")
    await answer(world, number)
    for _ in range(3):
        _, page = await min_.see(f"/desk/case/{number}")
        await min_.send(f"/desk/case/{number}/called", **hidden_task(page), reached="no")
    _, page = await min_.see(f"/desk/case/{number}")
    assert "没有送到（打了 3 次都没有接通）" in shown(page)
    assert "请回电" not in shown(page)


async def test_who_wants_no_answer_is_not_rung_up(world: World, clerk: NewClerk) -> None:
    await later(world)
    min_ = await clerk("张敏")
    _, page = await took(min_, anonymous="1")
    row = await newest(world)
    assert (row.anonymous, row.reach) == (True, "none")
    assert "匿名群众" in shown(page)
    await min_.act(row.number, "claim")
    await answer(world, row.number)
    assert "没有要回的电话" in (await min_.see("/desk/calls"))[1]


async def test_calls_are_for_those_who_see_the_case_and_whose_post_it_is(world: World, clerk: NewClerk) -> None:
    await world.hire("小志", post="volunteer")
    await world.hire("吴管", post="audit")
    await world.hire("亭林", unit="yushan-tinglin")
    await later(world)
    min_ = await clerk("张敏")
    await took(min_)
    number = (await newest(world)).number
    await min_.act(number, "claim")
    await answer(world, number)
    _, page = await min_.see(f"/desk/case/{number}")
    task = hidden_task(page)
    for name in ("小志", "吴管", "亭林"):
        other = await clerk(name)
        status, _ = await other.see("/desk/intake")
        assert (status == 200) is (name == "亭林")
        assert "路灯" not in (await other.see("/desk/calls"))[1]
        assert (await other.send(f"/desk/case/{number}/called", **task, reached="yes"))[0] in {403, 404}
    assert len(await world.database.calls.of_case(number)) == 1
    row = await world.database.cases.find(LAMP)
    assert row is not None
    assert (await min_.send(f"/desk/case/{LAMP}/called", **task, reached="yes"))[0] == 200
    assert len(await world.database.calls.of_case(number)) == 1  # a task of another case


async def test_a_letter_is_answered_in_writing(world: World, clerk: NewClerk) -> None:
    await later(world)
    min_ = await clerk("张敏")
    _, page = await took(min_, came="letter", reach="letter", phone="", name="钱奶奶")
    assert "来信登记" in shown(page)
    number = (await newest(world)).number
    await min_.act(number, "claim")
    await answer(world, number)
    _, page = await min_.see(f"/desk/case/{number}")
    assert "请写信" in shown(page)
    _, page = await min_.send(f"/desk/case/{number}/called", **hidden_task(page), reached="yes")
    assert "已书面回信" in shown(page)


async def answer(world: World, number: str) -> None:
    """Answer through the real turn, as the service does."""
    from dialogs.events import StaffAnswered

    row = await world.database.cases.find(number)
    assert row is not None
    event = StaffAnswered(
        number=number, text="已经换好了灯泡。", by=row.owner, post="coordinator", final=True, version=row.version
    )
    await world.real.staff_answered(event)


def hidden_task(page: str) -> dict[str, str]:
    """The task that the page's form is about."""
    return {name: re.findall(rf'name="{name}" value="(\d+)"', page)[0] for name in ("task", "tries")}


def shown_list(page: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", page[page.index('id="list"') :]).split())
