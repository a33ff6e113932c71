"""The figures in a real Chromium: a wall board that stays true by itself."""

from __future__ import annotations

import pytest
from aiohttp.test_utils import TestServer
from playwright.async_api import Browser, expect

from dialogs.desk.cases import Act
from dialogs.effects import ActOnCase
from tests.desk.world import LAMP, PASSWORD, World, said

pytestmark = pytest.mark.browser


async def test_the_wall_moves_by_itself(world: World, server: TestServer, browser: Browser) -> None:
    context = await browser.new_context(base_url=str(server.make_url("/")), viewport={"width": 1280, "height": 800})
    page = await context.new_page()
    complaints: list[str] = []
    context.on("console", lambda line: complaints.append(line.text) if line.type == "error" else None)
    await page.goto("/desk/login")
    await page.fill("[name=name]", "王站长")
    await page.fill("[name=password]", PASSWORD)
    await page.keyboard.press("Enter")
    await page.wait_for_url("**/desk/queue/**")
    await page.goto("/desk/numbers/wall")
    unsigned = page.locator("tr", has_text="新城社区").locator("td.unsigned")
    await expect(unsigned).to_have_text("2")
    await world.turn("zhou", said("不用了"), ActOnCase(number=LAMP, act=Act.WITHDRAW))
    await world.hot.publish("desk", LAMP)
    await expect(unsigned).to_have_text("1")
    assert complaints == []
    await context.close()
