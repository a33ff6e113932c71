"""The room by keyboard alone in a real Chromium: a morning at the desk, a case returned, who else is there."""

from __future__ import annotations

import re

import pytest
from aiohttp.test_utils import TestServer
from playwright.async_api import Browser, Page, expect

from tests.desk.test_browser import AXE, claim, violations
from tests.desk.world import FLAT, LAMP, PASSWORD, World
from tests.shared import left_out

pytestmark = pytest.mark.browser


async def at_desk(browser: Browser, server: TestServer, name: str) -> Page:
    """Somebody signs in by keyboard, in a browser of their own."""
    context = await browser.new_context(base_url=str(server.make_url("/")), viewport={"width": 1280, "height": 800})
    page = await context.new_page()
    await page.goto("/desk/login")
    await expect(page.locator("[name=name]")).to_be_focused()
    for words, key in ((name, "Tab"), (PASSWORD, "Enter")):
        await page.keyboard.type(words)
        await page.keyboard.press(key)
    await page.wait_for_url("**/desk/queue/mine")
    return page


async def test_a_coordinators_morning(world: World, browser: Browser, server: TestServer) -> None:
    await world.database.replies.add(
        "yushan", "派电工", "{称呼}，「{事项}」已经派电工去修。", world.clock.at.date(), by="王站长", now=world.clock.at
    )
    desk = await at_desk(browser, server, "张敏")
    await desk.keyboard.press("g")
    await desk.wait_for_url(f"**/desk/case/{LAMP}*")
    await claim(desk)
    await desk.keyboard.press("d")
    await desk.keyboard.press("/")
    await expect(desk.locator("#pick")).to_be_focused()
    await desk.keyboard.type("电工")
    await expect(desk.locator("#options [aria-selected=true]")).to_contain_text(
        "周建国同志，「新城花园三号楼路灯坏了」"
    )
    await desk.keyboard.press("Enter")
    await expect(desk.locator("#words")).to_have_value("周建国同志，「新城花园三号楼路灯坏了」已经派电工去修。")
    await expect(desk.locator(".bytes")).to_have_text("81 字节")
    await desk.keyboard.type("明天看看")
    await desk.keyboard.press("Control+Enter")
    await expect(desk.locator("#case-head")).to_contain_text("已答复")
    assert world.sent == ["周建国同志，「新城花园三号楼路灯坏了」已经派电工去修。明天看看"]
    await desk.keyboard.press("Escape")
    await desk.keyboard.press("g")
    await desk.wait_for_url(f"**/desk/case/{FLAT}*")
    await expect(desk.locator("#case-title")).to_have_text("七号楼停水两天了")


async def test_a_station_head_returns_a_case(world: World, browser: Browser, server: TestServer) -> None:
    await world.hire("新城站长", post="head")
    desk = await at_desk(browser, server, "新城站长")
    await desk.keyboard.press("g")
    await desk.wait_for_url(f"**/desk/case/{LAMP}*")
    await desk.keyboard.press("b")
    await expect(desk.locator("#more-return textarea")).to_be_focused()
    await desk.keyboard.type("路灯归路灯所，不在本社区 ab")
    await desk.keyboard.press("Control+Enter")
    await expect(desk.locator("#case-head")).to_contain_text("裁定退单")
    row = await world.database.cases.find(LAMP)
    assert row is not None
    assert (row.returns, row.above) == (1, "yushan")


async def test_who_else_is_there_is_said_while_it_lasts(world: World, browser: Browser, server: TestServer) -> None:
    desk, other = await at_desk(browser, server, "张敏"), await at_desk(browser, server, "李娟")
    await desk.goto(f"/desk/case/{LAMP}?in=unit")
    await claim(desk)
    await expect(desk.locator("#fresh")).to_contain_text("更新")
    await other.goto(f"/desk/case/{LAMP}?in=unit")
    await expect(other.locator("#here")).to_have_text("张敏在看")
    await expect(desk.locator("#here")).to_have_text("李娟在看")
    await desk.keyboard.press("r")
    await desk.keyboard.type("下午")
    await expect(other.locator("#here")).to_have_text("张敏正在写回复")
    await other.keyboard.press("n")
    await other.keyboard.type("@")
    await expect(other.locator("#mates")).to_be_visible()
    await other.keyboard.press("Enter")
    await expect(other.locator("#note")).to_have_value("@张敏 ")
    await other.goto("/desk/queue/unit")
    await expect(desk.locator("#here")).to_have_text("")


async def test_axe_finds_nothing_in_the_room(world: World, browser: Browser, server: TestServer) -> None:
    if not AXE.exists():
        left_out("axe-core is not installed (tests/peers/install-axe.sh)")
    script, found = AXE.read_text(encoding="utf-8"), list[str]()
    day = world.clock.at.date()
    for title, until in (("派电工", day), ("旧的一条", day.replace(day=1))):
        words = f"{{姓名}}，{title}，请放心等候。"
        await world.database.replies.add("yushan", title, words, until, by="王站长", now=world.clock.at)
    desk = await at_desk(browser, server, "张敏")
    await desk.goto(f"/desk/case/{LAMP}?in=unit")
    await claim(desk)
    await desk.keyboard.press("r")
    await desk.keyboard.press("/")
    await expect(desk.locator("#options [role=option]").nth(1)).to_be_visible()
    found += await violations(desk, script)
    await desk.keyboard.press("Escape")
    async with desk.expect_response("**/draft"):
        await desk.keyboard.type("下午派电工")
    await desk.keyboard.press("Escape")
    await desk.keyboard.press("n")
    await desk.keyboard.type("@")
    await expect(desk.locator("#mates")).to_be_visible()
    found += await violations(desk, script)
    await desk.goto("/desk/intake")
    await desk.locator("#matter").fill("楼下着火了，好大的烟")
    await expect(desk.get_by_text("听到危险的话")).to_be_visible()
    await desk.keyboard.press("Control+Enter")
    await expect(desk.get_by_text("还没有登记")).to_be_visible()
    await desk.set_viewport_size({"width": 390, "height": 844})
    assert await desk.evaluate("document.documentElement.scrollWidth <= innerWidth")
    found += await violations(desk, script)
    assert found == []
    assert not re.search("undefined", await desk.content())
