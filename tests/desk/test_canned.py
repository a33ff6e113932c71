"""Canned replies and articles at the desk: written, found, filled, and never sent with a blank or out of date."""

from __future__ import annotations

import re
from datetime import date, timedelta
from html import unescape

from tests.desk.conftest import NewClerk
from tests.desk.test_room import shown
from tests.desk.world import LAMP, Clerk, World, hidden

WORDS = "{称呼}，您反映的「{事项}」（{编号}）已经派电工去修，请放心。"


async def write(clerk: Clerk, **fields: str) -> tuple[int, str]:
    _, page = await clerk.see(f"/desk/replies?reply={fields['reply']}" if "reply" in fields else "/desk/replies")
    given = {name: unescape(value) for name, value in re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', page)}
    shape = {"title": "派电工", "words": WORDS, "until": "2027-01-31", "act": "keep"}
    return await clerk.send("/desk/replies", **{**given, **shape, **fields})


async def offered(clerk: Clerk, query: str = "", number: str = LAMP) -> dict[str, tuple[str, bool]]:
    """What the picker shows: by title its text, and whether it may be used."""
    status, page = await clerk.send(f"/desk/case/{number}/insert", q=query)
    assert status == 200
    found = re.findall(r'(aria-disabled="true")? data-text="([^"]*)">\s*<p class="head">.*?<b>(.*?)</b>', page)
    return {unescape(title): (unescape(text), not off) for off, text, title in found}


async def test_a_reply_is_written_found_and_filled(clerk: NewClerk) -> None:
    min_ = await clerk("张敏")
    status, page = await write(min_)
    assert (status, "存好了" in page) == (200, True)
    assert "周建国同志，您反映的「三号楼路灯坏了」（HY-261121-0387-8）" in shown(page)
    found = await offered(min_)
    assert found["派电工"] == (
        f"周建国同志，您反映的「新城花园三号楼路灯坏了」（{LAMP}）已经派电工去修，请放心。",
        True,
    )
    assert "派电工" in await offered(min_, "电工 放心")
    assert "派电工" not in await offered(min_, "水管")
    await write(min_)
    assert shown((await min_.see("/desk/replies"))[1]).count("派电工") == 0  # the list stands before the form
    assert (await min_.see("/desk/replies"))[1].count(">派电工 <") == 1  # the same words twice are one reply


async def test_what_is_wrong_with_a_reply_is_said_and_every_word_stays(clerk: NewClerk) -> None:
    min_ = await clerk("张敏")
    for fields, words in (
        ({"title": ""}, "起个名字"),
        ({"words": "{称呼}，{电话号码}"}, "不认识「{电话号码}」"),
        ({"words": ""}, "还没有写"),
        ({"until": "明年"}, "请写用到哪一天"),
    ):
        status, page = await write(min_, **fields)
        assert (status, words in unescape(page)) == (422, True), fields
    assert "派电工" not in await offered(min_)


async def test_a_blank_that_nobody_filled_is_not_sent(world: World, clerk: NewClerk) -> None:
    await world.open_case("HY-261123-0001-0", user="mei", anonymous=True, filled=())
    min_ = await clerk("张敏")
    await write(min_, words="{姓名}，已经派电工去修，请放心等候。")
    await min_.act("HY-261123-0001-0", "claim")
    text, usable = (await offered(min_, "", "HY-261123-0001-0"))["派电工"]
    assert (text, usable) == ("{姓名}，已经派电工去修，请放心等候。", True)
    for act in ("write", "answer", "pause", "refer"):
        status, page = await min_.act("HY-261123-0001-0", act, text)
        assert (status, "「{姓名}」还没有填上" in page) == (422, True), act
        assert text in page
    assert world.sent == []
    # A note may say it.
    assert (await min_.act("HY-261123-0001-0", "note", text))[0] == 200


async def test_what_has_run_out_cannot_be_chosen_nor_sent_from_an_old_draft(world: World, clerk: NewClerk) -> None:
    min_ = await clerk("张敏")
    await write(min_, until="2026-11-23")
    await min_.act(LAMP, "claim")
    text, usable = (await offered(min_))["派电工"]
    assert usable
    world.clock.at += timedelta(days=1)
    await min_.sign_in()
    _, page = await min_.see(f"/desk/case/{LAMP}")
    assert (await offered(min_))["派电工"][1] is False
    status, page = await min_.send(f"/desk/case/{LAMP}/say", act="answer", words=text, **hidden(page))
    assert (status, "里面用的「派电工」已经过期" in page) == (422, True)
    assert world.sent == []
    _, page = await min_.see(f"/desk/case/{LAMP}?insert=r1")
    assert "派电工去修" not in page
    (reply,) = await world.database.replies.of_units(["yushan-xincheng"])
    await write(min_, reply=str(reply.id), version=str(reply.version), until="2027-01-31")
    assert (await min_.act(LAMP, "answer", text))[0] == 200


async def test_without_scripts_a_reply_is_chosen_by_its_link(world: World, clerk: NewClerk) -> None:
    min_ = await clerk("张敏")
    await write(min_)
    await min_.act(LAMP, "claim")
    _, page = await min_.send(f"/desk/case/{LAMP}/insert", q="电工", mode="answer")
    link = unescape(re.findall(r'href="([^"]*insert=r[^"]*)"', page)[0])
    _, page = await min_.see(link)
    assert re.search(r'id="words"[^>]*>周建国同志，您反映的', page)
    assert re.search(r'value="answer" checked', page)


async def test_policy_answers_come_with_their_source_and_the_day_they_were_checked(clerk: NewClerk) -> None:
    min_ = await clerk("张敏")
    await min_.see("/desk/queue/mine")
    found = await offered(min_, "党费一个月交多少")
    text = next(text for title, (text, _) in found.items() if "党费" in title)
    assert re.search(r"\n依据：.+（核对日期 20\d\d-\d\d-\d\d）$", text)


async def test_replies_belong_to_a_unit_and_those_below(world: World, clerk: NewClerk) -> None:
    await world.hire("亭林", unit="yushan-tinglin")
    await world.hire("小志", post="volunteer")
    min_, far, head, helper = [await clerk(name) for name in ("张敏", "亭林", "王站长", "小志")]
    await write(min_, title="新城的")
    await write(head, title="镇里的")
    assert set(await offered(min_)) >= {"新城的", "镇里的"}
    _, page = await far.see("/desk/replies")
    assert ("镇里的" in page, "新城的" in page) == (True, False)
    replies = {each.title: each for each in await world.database.replies.of_units(["yushan", "yushan-xincheng"])}
    theirs, shared = replies["新城的"], replies["镇里的"]
    assert (await far.see(f"/desk/replies?reply={theirs.id}"))[0] == 404
    assert (await far.send("/desk/replies", reply=str(theirs.id), version="1", act="away"))[0] == 404
    _, page = await min_.see(f"/desk/replies?reply={shared.id}")
    assert "由那里的人改" in page
    assert (await min_.send("/desk/replies", reply=str(shared.id), version="1", act="away"))[0] == 404
    assert (await min_.send("/desk/replies", unit="yushan", title="x", words="x", until="2027-01-01"))[0] == 404
    assert (await helper.see("/desk/replies"))[0] == 404


async def test_two_people_change_one_reply_and_one_is_told(world: World, clerk: NewClerk) -> None:
    min_, juan = await clerk("张敏"), await clerk("李娟")
    await write(min_)
    (reply,) = await world.database.replies.of_units(["yushan-xincheng"])
    await write(juan, reply=str(reply.id), words="李娟改的话，请放心等候。")
    status, page = await write(min_, reply=str(reply.id), version="1", words="张敏改的话，请放心等候。")
    assert (status, "别人改了这一条" in page, "张敏改的话" in page) == (409, True, True)
    _, page = await write(min_, reply=str(reply.id), act="away")
    assert "已收起" in page
    assert "派电工" not in await offered(min_)


async def test_the_shelf_is_stocked_once(world: World) -> None:
    until = date(2027, 1, 1)
    for _ in range(2):
        await world.database.replies.stock("yushan", [("一", "甲"), ("二", "乙")], until)
    assert [each.title for each in await world.database.replies.of_units(["yushan"])] == ["一", "二"]
