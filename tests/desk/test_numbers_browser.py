"""The figures in a real Chromium: open to everybody, and a wall board that stays true by itself."""

from __future__ import annotations

import pytest
from aiohttp.test_utils import TestServer
from playwright.async_api import Browser, expect

from dialogs.desk.cases import Act
from dialogs.effects import ActOnCase
from tests.desk.test_browser import AXE, violations
from tests.desk.world import LAMP, PASSWORD, World, said
from tests.shared import left_out

pytestmark = pytest.mark.browser
PAGES = ("month", "cases?figure=opened", "units", "trends", "log", "year", "wall")


async def test_the_wall_moves_by_itself_and_axe_finds_nothing(
    world: World, server: TestServer, browser: Browser
) -> None:
    if not AXE.exists():
        left_out("axe-core is not installed (tests/peers/install-axe.sh)")
    script, found = AXE.read_text(encoding="utf-8"), list[str]()
    context = await browser.new_context(base_url=str(server.make_url("/")), viewport={"width": 1280, "height": 800})
    page = await context.new_page()
    complaints: list[str] = []
    context.on("console", lambda line: complaints.append(line.text) if line.type == "error" else None)
    await page.goto("/desk/login")
    await page.fill("[name=name]", "王站长")
    await page.fill("[name=password]", PASSWORD)
    await page.keyboard.press("Enter")
    await page.wait_for_url("**/desk/queue/**")
    for path in PAGES:
        await page.goto(f"/desk/numbers/{path}")
        found += await violations(page, script)
    await page.set_viewport_size({"width": 390, "height": 844})
    for path in ("month", "wall"):
        await page.goto(f"/desk/numbers/{path}")
        found += await violations(page, script)
        wide = await page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth")
        assert not wide, f"{path} runs off a phone"
    assert found == []

    unsigned = page.locator("tr", has_text="新城社区").locator("td.unsigned")
    await expect(unsigned).to_have_text("2")
    await world.turn("zhou", said("不用了"), ActOnCase(number=LAMP, act=Act.WITHDRAW))
    await world.hot.publish("desk", LAMP)
    await expect(unsigned).to_have_text("1")
    assert complaints == []
    await context.close()
