"""The room where staff write: drafts, who else is there, the same person's other cases."""

from __future__ import annotations

import re

from dialogs.desk.cases import Grade
from tests.desk.conftest import NewClerk
from tests.desk.world import FAR, FLAT, LAMP, Clerk, World


def shown(page: str) -> str:
    """What a page says between its tags, in one line."""
    return " ".join(re.sub(r"<[^>]+>", " ", page[page.index('id="case"') :]).split())


async def keep(clerk: Clerk, words: str, box: str = "member", number: str = LAMP, **more: str) -> int:
    return (await clerk.send(f"/desk/case/{number}/draft", box=box, words=words, **more))[0]


async def test_a_draft_is_offered_back_taken_up_and_gone_once_sent(world: World, clerk: NewClerk) -> None:
    min_, juan = await clerk("张敏"), await clerk("李娟")
    await min_.act(LAMP, "claim")
    assert await keep(min_, "下午派电工") == 204
    assert await keep(min_, "灯杆去年修过", "note") == 204

    _, page = await min_.see(f"/desk/case/{LAMP}")
    assert "您有没送出的草稿 （给群众的话，10:01）：下午派电工…" in shown(page)
    assert ">下午派电工</textarea>" not in page
    assert "草稿" not in shown((await juan.see(f"/desk/case/{LAMP}"))[1])
    _, page = await min_.see(f"/desk/case/{LAMP}?draft=member")
    assert ">下午派电工</textarea>" in page
    assert "（给群众的话" not in page
    _, page = await min_.see(f"/desk/case/{LAMP}?draft=note")
    assert re.search(r'id="note"[^>]*>灯杆去年修过</textarea>', page)

    _, page = await min_.act(LAMP, "write", "下午派电工")
    assert ("（给群众的话" in page, "（备注" in page) == (False, True)
    assert await keep(min_, "下午派") == 204  # a save that was overtaken
    assert "（给群众的话" not in (await min_.see(f"/desk/case/{LAMP}"))[1]
    _, page = await min_.send(f"/desk/case/{LAMP}/draft", box="note", words="x", drop="1")
    assert "草稿" not in shown(page)
    assert world.sent == ["下午派电工"]


async def test_a_draft_of_another_form_opens_that_form(clerk: NewClerk) -> None:
    min_ = await clerk("张敏")
    await min_.act(LAMP, "claim")
    await keep(min_, "要镇里批钱", "raise")
    _, page = await min_.see(f"/desk/case/{LAMP}?draft=raise")
    assert re.search(r'id="more-raise"[^>]* open>.*?>要镇里批钱</textarea>', page, re.DOTALL)


async def test_nobody_keeps_a_draft_where_they_see_no_case(world: World, clerk: NewClerk) -> None:
    min_ = await clerk("张敏")
    await min_.see("/desk/queue/mine")
    assert await keep(min_, "x", number=FAR) == 404
    assert await keep(min_, "x", box="../x") == 400
    assert await keep(min_, "x" * 4001) == 400
    assert await world.database.drafts.of_case("张敏", FAR) == {}


async def here(clerk: Clerk, window: str, doing: str, number: str = LAMP) -> tuple[int, str]:
    status, page = await clerk.send(f"/desk/case/{number}/here?live=1", window=window, doing=doing)
    return status, re.sub(r"<[^>]+>", "", page).strip()


async def test_who_else_is_there_and_what_they_do(world: World, clerk: NewClerk) -> None:
    min_, juan = await clerk("张敏"), await clerk("李娟")
    for one in (min_, juan):
        await one.see(f"/desk/case/{LAMP}")
    assert await here(min_, "a" * 16, "look") == (200, "")
    assert await here(juan, "b" * 16, "look") == (200, "张敏在看")
    assert await here(min_, "a" * 16, "write") == (200, "李娟在看")
    assert await here(juan, "b" * 16, "note") == (200, "张敏正在写回复")
    assert await here(juan, "c" * 16, "look") == (200, "张敏正在写回复 · 您的另一个窗口正在写备注")
    assert await here(juan, "b" * 16, "look", FLAT) == (200, "")
    assert "张敏正在写回复" in shown((await juan.see(f"/desk/case/{LAMP}"))[1])
    assert (await here(min_, "a" * 16, "gone"))[0] == 204
    assert await here(juan, "b" * 16, "look") == (200, "您的另一个窗口在看")


async def test_nobody_is_told_of_a_case_that_is_not_theirs(world: World, clerk: NewClerk) -> None:
    min_, head = await clerk("张敏"), await clerk("王站长")
    for one in (min_, head):
        await one.see("/desk/queue/mine")
    await here(head, "a" * 16, "write", FAR)
    status, words = await here(min_, "b" * 16, "look", FAR)
    assert (status, "王站长" in words) == (404, False)
    assert (await here(min_, "<b>", "look"))[0] == 400
    assert (await here(min_, "b" * 16, "dance"))[0] == 400


async def test_the_same_persons_other_cases_as_far_as_one_may_see_them(world: World, clerk: NewClerk) -> None:
    await world.open_case("HY-261123-0001-7", title="楼道灯不亮")
    await world.open_case("HY-261123-0002-5", title="匿名的事", anonymous=True)
    await world.open_case("HY-261123-0003-3", title="谈心的事", confidential=True)
    await world.open_case("HY-261123-0004-1", title="别处的事", unit="yushan-tinglin")
    await world.open_case("HY-261123-0005-8", title="别人的事", user="wu")
    min_, head = await clerk("张敏"), await clerk("王站长")
    side = shown((await min_.see(f"/desk/case/{LAMP}"))[1])
    for title, seen in (("楼道灯不亮", True), ("匿名的事", False), ("谈心的事", False), ("别处的事", False)):
        assert (f"{title} 今天 · 待签收" in side) is seen, title
    assert "别人的事 今天" not in side
    assert "别处的事 今天 · 待签收" in shown((await head.see(f"/desk/case/{LAMP}"))[1])
    assert "同一个人的件" not in (await min_.see("/desk/case/HY-261123-0002-5"))[1]


async def test_the_next_case_is_what_hurts_most(world: World, clerk: NewClerk) -> None:
    red = "HY-261123-0413-4"
    await world.open_case(red, user="sun", grade=Grade.RED, sign_by=world.clock.at)
    min_ = await clerk("张敏")
    for left, next_ in (("", red), (red, LAMP), (LAMP, red)):
        response = await min_.client.get(f"/desk/next?after={left}", allow_redirects=False)
        assert (response.status, response.headers["Location"]) == (303, f"/desk/case/{next_}?in=unclaimed")
