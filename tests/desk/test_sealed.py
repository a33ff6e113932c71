"""Confidential cases: an alias for the cleared, nothing at all for everybody else, two people to learn who it is."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from dialogs.desk.identity import alias
from dialogs.effects import Filled, KeepProfile, Say
from tests.desk.conftest import NewClerk
from tests.desk.test_live import next_event
from tests.desk.test_more import moves, offered
from tests.desk.world import LAMP, Clerk, World, said

SEALED, OTHER = "HY-261121-0777-1", "HY-261121-0778-9"
NAME, PHONE = "欧阳静安", "13987654321"
CALLED = alias(SEALED, "来访人")


async def clear(world: World, *names: str, days: int = 30) -> None:
    """Clear people for confidential cases."""
    by = await world.database.staff.by_name("王站长")
    assert by is not None
    for name in names:
        until = world.clock.at + timedelta(days=days)
        await world.database.trust.clear(name, until, by=by.staff, now=world.clock.at)


async def open_sealed(world: World, number: str = SEALED) -> None:
    """A member confides something, with their name and telephone in the form and in their words."""
    filled = (
        Filled(key="name", label="姓名", value=NAME, shown=NAME, private=True),
        Filled(key="phone", label="手机号", value=PHONE, shown="139****4321", private=True),
        Filled(key="matter", label="想谈什么", value="", shown=f"我是{NAME}，想谈谈家里的事"),
    )
    profile = KeepProfile(name=NAME, phone=PHONE)
    await world.turn("jing", said(f"我叫{NAME}，电话{PHONE}"), profile, Say(text=f"{NAME}您好"))
    await world.open_case(number, user="jing", confidential=True, title="谈心", service="talk", filled=filled)
    await world.turn("jing", said("记一下"), profile)


@pytest.fixture
async def sealed(world: World) -> World:
    """张敏 and 王站长 are cleared, 李娟 is not."""
    await open_sealed(world)
    await clear(world, "张敏", "王站长")
    return world


def gone(page: str) -> bool:
    """Whether nothing of who it is stands on a page."""
    found = [page[max(0, page.index(word) - 60) :][:140] for word in (NAME, PHONE, "139****4321") if word in page]
    assert not found
    return True


async def test_who_is_cleared_reads_everything_but_who_it_is(sealed: World, clerk: NewClerk) -> None:
    min_ = await clerk("张敏")
    _, page = await min_.see("/desk/queue/sealed")
    assert CALLED in page
    assert 'id="place-sealed"' in page
    assert gone(page)
    status, page = await min_.see(f"/desk/case/{SEALED}")
    assert (status, CALLED in page, "想谈谈家里的事" in page, "已隐去" in page) == (200, True, True, True)
    assert gone(page)
    await min_.act(SEALED, "claim")
    status, page = await min_.act(SEALED, "answer", "欢迎您来谈")
    assert (status, sealed.sent) == (200, ["欢迎您来谈"]), "replies go through as usual"
    status, page = await min_.act(SEALED, "reveal")
    assert (status, "先申请看身份" in page, gone(page)) == (422, True, True)


async def test_for_everybody_else_there_is_no_such_case(sealed: World, clerk: NewClerk) -> None:
    juan = await clerk("李娟")
    for path in (
        "/desk/queue/unit", "/desk/queue/unclaimed", "/desk/queue/mine", "/desk/units", "/desk/calls", "/desk/",
    ):  # fmt: skip
        _, page = await juan.see(path)
        assert SEALED not in page, path
        assert CALLED not in page, path
        assert "保密" not in page, path
        assert gone(page), path
    for path in (f"/desk/case/{SEALED}", "/desk/queue/sealed", f"/desk/find?number={SEALED}"):
        status, page = await juan.see(path)
        assert (status, CALLED in page) == (404, False), path
    await juan.see(f"/desk/case/{LAMP}")
    for act in ("claim", "note", "reveal", "ask_identity", "see_identity", "open_identity"):
        assert (await juan.send(f"/desk/case/{SEALED}/{act}", version="1", seen="0.0", words="x"))[0] == 404, act


async def test_its_events_reach_the_cleared_alone(sealed: World, clerk: NewClerk) -> None:
    min_, juan = await clerk("张敏"), await clerk("李娟")
    async with min_.client.get("/desk/events") as his, juan.client.get("/desk/events") as hers:
        assert [await next_event(his), await next_event(hers)] == [("beat", "")] * 2
        for number in (SEALED, LAMP):
            await sealed.hot.publish("desk", number)
        assert [await next_event(his), await next_event(his)] == [("case", SEALED), ("case", LAMP)]
        assert await next_event(hers) == ("case", LAMP)


async def test_two_people_open_who_it_is_for_a_while(sealed: World, clerk: NewClerk) -> None:
    min_, wang = await clerk("张敏"), await clerk("王站长")
    status, page = await min_.act(SEALED, "ask_identity")
    assert (status, "还没有写字" in page) == (422, True)
    status, page = await min_.act(SEALED, "ask_identity", "本人说有危险，要上门")
    assert (status, "张敏申请看身份：本人说有危险，要上门" in moves(page)) == (200, True)
    assert "ask_identity" not in offered(page)
    status, page = await min_.act(SEALED, "see_identity")
    assert (status, "您现在不能看身份" in page, gone(page)) == (422, True, True)
    _, page = await wang.see(f"/desk/case/{SEALED}")
    assert {"open_identity", "keep_identity"} <= set(offered(page))
    _, page = await wang.act(SEALED, "open_identity")
    assert gone(page), "whoever agrees does not see it by that"
    _, page = await min_.see(f"/desk/case/{SEALED}")
    assert (gone(page), "看身份</button>" in page) == (True, True)
    status, page = await min_.act(SEALED, "see_identity")
    assert (status, NAME in page, PHONE in page, "张敏看了身份" in moves(page)) == (200, True, True, True)
    assert gone((await wang.see(f"/desk/case/{SEALED}"))[1])
    sealed.clock.at += timedelta(minutes=11)
    assert gone((await min_.see(f"/desk/case/{SEALED}"))[1]), "one look lasts ten minutes"
    _, page = await min_.act(SEALED, "see_identity")
    assert moves(page).count("张敏看了身份") == 2, "every look is written down"
    sealed.clock.at += timedelta(days=1)
    await min_.sign_in()
    status, page = await min_.act(SEALED, "see_identity")
    assert (status, gone(page)) == (422, True)


async def test_nobody_agrees_to_what_they_asked_themselves(sealed: World, clerk: NewClerk) -> None:
    min_, wang = await clerk("张敏"), await clerk("王站长")
    await wang.act(SEALED, "ask_identity", "想知道")
    status, page = await wang.act(SEALED, "open_identity")
    assert (status, "自己申请的不能由自己同意" in page, gone(page)) == (422, True, True)
    status, page = await min_.act(SEALED, "open_identity")
    assert (status, "您的岗位不办这一项" in page) == (422, True)
    status, page = await wang.act(SEALED, "keep_identity", "再想想")
    assert (status, "王站长不同意看身份：再想想" in moves(page)) == (200, True)
    status, page = await wang.act(SEALED, "open_identity")
    assert (status, "现在没有人申请看身份" in page) == (422, True)
    status, page = await min_.act(LAMP, "ask_identity", "好奇")
    assert (status, "不是保密件" in page) == (422, True)


async def test_a_case_in_confidence_is_not_handed_to_who_is_not_cleared(sealed: World, clerk: NewClerk) -> None:
    min_ = await clerk("张敏")
    _, page = await min_.act(SEALED, "claim")
    form = page[page.index('id="more-hand_over"') :]
    assert re.findall(r'<option value="([^"]+)">', form[: form.index("</form>")]) == ["王站长"]
    status, page = await min_.act(SEALED, "hand_over", to="李娟")
    assert (status, "没有这位同事" in page) == (422, True)


async def test_one_person_has_another_alias_in_every_case(sealed: World, clerk: NewClerk) -> None:
    await open_sealed(sealed, OTHER)
    min_: Clerk = await clerk("张敏")
    _, page = await min_.see("/desk/queue/sealed")
    assert alias(OTHER, "来访人") != CALLED
    assert (CALLED in page, alias(OTHER, "来访人") in page) == (True, True)
    _, page = await min_.see(f"/desk/case/{SEALED}")
    assert OTHER not in page[page.index('id="side"') :], "the card does not say that it is the same person"
