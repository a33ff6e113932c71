"""Internal notes: whom they name with @, and that nothing of them can ever reach a member."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from dialogs.desk.cases import Act
from dialogs.desk.naming import named
from storage import tables as t
from tests.desk.conftest import NewClerk
from tests.desk.test_room import shown
from tests.desk.world import FAR, LAMP, World, hidden

SECRET = "内部的话绝不外传"


@given(st.lists(st.sampled_from(["张敏", "张敏敏", "li", "王站长"]), unique=True), st.text(max_size=12))
def test_the_longest_name_is_meant_and_each_once(names: list[str], rest: str) -> None:
    between = rest.replace("@", "").replace("＠", "")
    words = between.join([*(f"@{name} " for name in names), *(f"＠{name}" for name in names[:1])])
    assert set(named(words, ["张敏", "张敏敏", "li", "王站长"])) == set(names)
    assert named(words, []) == ()


async def test_who_is_named_has_it_in_their_list_until_they_look(world: World, clerk: NewClerk) -> None:
    min_, juan, head = await clerk("张敏"), await clerk("李娟"), await clerk("王站长")
    await min_.act(LAMP, "note", "@李娟 @王站长 @李娟 灯杆归谁？ @没有这个人")
    for one in (juan, head):
        _, page = await one.see("/desk/queue/mine")
        assert re.search(r'@我\s*<span class="count soon">1<', page)
    _, page = await juan.see("/desk/mentions")
    assert "张敏在备注里叫您" in page
    assert page.count("还没看") == 1
    await juan.see(f"/desk/case/{LAMP}?live=1")
    assert "还没看" in (await juan.see("/desk/mentions"))[1]
    await juan.see(f"/desk/case/{LAMP}")
    _, page = await juan.see("/desk/mentions")
    assert ("还没看" in page, "看过" in page) == (False, True)
    assert "还没看" in (await head.see("/desk/mentions"))[1]
    assert "没有人叫您" in (await min_.see("/desk/mentions"))[1]


async def test_only_who_may_see_the_case_is_offered_and_told(world: World, clerk: NewClerk) -> None:
    await world.hire("亭林", unit="yushan-tinglin")
    await world.hire("小志", post="volunteer")
    await world.hire("吴管", post="audit")
    min_, far, helper = [await clerk(name) for name in ("张敏", "亭林", "小志")]
    _, page = await min_.see(f"/desk/case/{LAMP}")
    mates = page[page.index('id="mates"') : page.index("</ul>", page.index('id="mates"'))]
    offered = [name for name in ("李娟", "王站长", "亭林", "小志", "吴管", "张敏") if f'data-name="{name}"' in mates]
    assert offered == ["李娟", "王站长"]
    await min_.act(LAMP, "note", "@亭林 @小志 @吴管 @张敏 看看")
    for one in (far, helper, min_):
        assert "没有人叫您" in (await one.see("/desk/mentions"))[1]


async def test_a_mention_on_a_case_that_one_no_longer_sees_is_gone(world: World, clerk: NewClerk) -> None:
    min_, juan, head = await clerk("张敏"), await clerk("李娟"), await clerk("王站长")
    await min_.act(LAMP, "note", "@李娟 看看")
    await head.act(LAMP, "dispatch", to="亭林社区")
    row = await world.database.cases.find(LAMP)
    assert row is not None
    assert row.unit == "yushan-tinglin"
    assert "没有人叫您" in (await juan.see("/desk/mentions"))[1]


# What a form says goes to the member by its own name, and by nothing else.
TOLD = {("say", "write"), ("say", "answer"), ("pause", ""), ("refer", ""), ("give_time", "")}
WAYS = sorted({*(act.value for act in Act), "say", "draft", "called", "here", "insert", "nothing"})
ACTS = ["", "note", "write", "answer", "NOTE", "note\n", "pause", "dance"]


@pytest.mark.parametrize("state", ["accepted", "working", "answered"])
async def test_words_that_no_form_sends_to_the_member_reach_nobody(world: World, clerk: NewClerk, state: str) -> None:
    min_ = await clerk("张敏")
    if state != "accepted":
        await min_.act(LAMP, "claim")
    if state == "answered":
        await min_.act(LAMP, "answer", "修好了。")
    before = list(world.sent)
    for way in WAYS:
        for act in ACTS:
            if (way, act if way == "say" else "") in TOLD:
                continue
            _, page = await min_.see(f"/desk/case/{LAMP}")
            if not (seen := hidden(page)):
                continue
            fields = {"act": act, "mode": act, "box": "note", "window": "a" * 16, "doing": "note", "q": SECRET}
            fields |= {"task": "1", "tries": "0", "reached": "yes", "to": "李娟", "words": SECRET}
            await min_.send(f"/desk/case/{LAMP}/{way}", **fields, **seen)
    assert [words for words in world.sent[len(before) :] if SECRET in words] == []
    stored = await world.database.deliveries._engine.read(lambda conn: conn.execute(select(t.deliveries.c.text)).all())
    texts = [world.database.deliveries._keys.open("deliveries.text", row.text) for row in stored]
    assert not any(SECRET in text for text in texts)
    _, page = await min_.see(f"/desk/case/{LAMP}")
    assert SECRET in shown(page)  # colleagues read it
    assert (await min_.see(f"/desk/case/{FAR}"))[0] == 404
