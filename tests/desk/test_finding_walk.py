"""Finding, narrowing and acting on many in a real Chromium, by keyboard; what is picked stays while lists move."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from playwright.async_api import Page, expect

from tests.desk.test_browser import desk, sign_in
from tests.desk.world import FLAT, LAMP, World

pytestmark = pytest.mark.browser
__all__ = ["desk"]  # a fixture, asked for by its name


async def indexed(world: World) -> None:
    while behind := await world.database.case_words.claim("w", world.clock.at, timedelta(minutes=1), 16):
        await world.database.case_words.bring_up(behind)


async def test_found_and_opened_by_keyboard(world: World, desk: Page) -> None:
    await indexed(world)
    await sign_in(desk)
    await desk.keyboard.press("/")
    await desk.keyboard.type("停水")
    await desk.keyboard.press("Enter")
    await desk.wait_for_url(re.compile("/desk/find/[^停]+$"))
    await expect(desk.locator("mark")).to_have_text("停水")
    await desk.keyboard.press("j")
    await desk.keyboard.press("Enter")
    await expect(desk.locator("#case-title")).to_have_text("七号楼停水两天了")
    # What happens to it is seen beside it, in the list of what was found.
    await world.add(FLAT, "还是没有水", user="li")
    await expect(desk.locator(".said.theirs .words").last).to_have_text("还是没有水")
    await expect(desk.locator("#list-title")).to_have_text("找到的")
    await desk.keyboard.press("Escape")
    await desk.wait_for_url(re.compile("/desk/find/[^停]+$"))
    await expect(desk.locator(f"#row-{FLAT} a")).to_be_visible()
    await desk.go_back()
    await expect(desk.locator("#case-title")).to_have_text("七号楼停水两天了")


async def test_many_are_picked_looked_at_done_and_undone_by_keyboard(world: World, desk: Page) -> None:
    await sign_in(desk)
    await desk.goto("/desk/queue/unit?grade=yellow")
    for key in ("j", "x", "j", "x"):
        await desk.keyboard.press(key)
    bar = desk.locator("#bulk")
    await expect(bar).to_be_visible()
    await expect(desk.locator(".pick:checked")).to_have_count(2)
    # Somebody else's work moves the list; what was picked stays picked.
    third = "HY-261123-0777-3"
    await world.open_case(third, user="he", title="第三件")
    await world.hot.publish("desk", third)
    await expect(desk.locator(f"#row-{third}")).to_be_visible()
    await expect(desk.locator(".pick:checked")).to_have_count(2)
    await desk.keyboard.press("a")
    await expect(bar.get_by_role("button").first).to_be_focused()
    await bar.get_by_role("button", name="加标签").press("Enter")
    await desk.locator("#case [name=to]").fill("夜间")
    await desk.keyboard.press("Enter")
    await expect(desk.get_by_text("2 件都可以办")).to_be_visible()
    confirm = desk.get_by_role("button", name="确认加标签 2 件")
    await expect(confirm).to_be_focused()
    await desk.keyboard.press("Enter")
    await expect(desk.get_by_text("2 件都已加标签")).to_be_visible()
    await expect(desk.locator(f"#row-{LAMP} .tag-word")).to_have_text("夜间")
    await desk.get_by_role("button", name="撤销").press("Enter")
    await expect(desk.get_by_text("已撤销")).to_have_count(2)
    await expect(desk.locator(f"#row-{LAMP} .tag-word")).to_have_count(0)
    await expect(desk.locator(".chip")).to_have_count(1)
