"""Lists that are kept: in the rail of whoever kept them, and of their unit where they share them."""

from __future__ import annotations

import html
import re

from tests.desk.conftest import NewClerk
from tests.desk.test_queue import numbers
from tests.desk.world import FLAT, LAMP, Clerk


def kept(page: str) -> dict[str, str]:
    found = re.findall(r'<a id="view-\d+" href="([^"]+)"[^>]*>.*?</svg>(?:<span[^>]*>)?([^<]+)', page)
    return {words: html.unescape(href) for href, words in found}


async def keep(clerk: Clerk, title: str, **more: str) -> tuple[int, str]:
    await clerk.see("/desk/filter/unit?grade=yellow&holder=me")
    return await clerk.send("/desk/views", place="unit", grade="yellow", holder="me", title=title, **more)


async def test_a_list_is_kept_for_oneself_and_forgotten(clerk: NewClerk) -> None:
    min_, li = await clerk("张敏"), await clerk("李娟")
    await min_.act(LAMP, "claim")
    _, page = await keep(min_, "我的一般件")
    assert "记下了" in page
    _, page = await min_.see(kept(page)["我的一般件"])
    assert numbers(page) == [LAMP]
    assert re.search(r'id="view-\d+"[^>]*aria-current="page"', page)
    _, page = await li.see("/desk/queue/mine")
    assert kept(page) == {}
    (view,) = re.findall(r'id="view-(\d+)"', (await min_.see("/desk/queue/mine"))[1])
    await li.send(f"/desk/views/{view}/drop")
    assert kept((await min_.see("/desk/queue/mine"))[1])
    _, page = await min_.send(f"/desk/views/{view}/drop")
    assert kept(page) == {}


async def test_a_shared_list_is_everybodys_of_the_unit_and_each_finds_their_own(clerk: NewClerk) -> None:
    min_, li, head = await clerk("张敏"), await clerk("李娟"), await clerk("王站长")
    await li.act(FLAT, "claim")
    await keep(min_, "手上的", share="1")
    await keep(min_, "手上的", share="1")
    _, page = await li.see("/desk/queue/mine")
    assert list(kept(page)) == ["手上的"]
    _, page = await li.see(kept(page)["手上的"])
    assert numbers(page) == [FLAT]
    assert kept((await head.see("/desk/queue/mine"))[1]) == {}


async def test_a_name_that_is_none_is_asked_again_and_there_is_an_end(clerk: NewClerk) -> None:
    min_ = await clerk("张敏")
    for title in ("  ", "13812345678"):
        assert "请给这个列表起个名字" in (await keep(min_, title))[1]
    for serial in range(12):
        await keep(min_, f"第{serial}个")
    assert "记得太多了" in (await keep(min_, "又一个"))[1]
    assert (await min_.send("/desk/views", place="nowhere", title="x"))[0] == 404
