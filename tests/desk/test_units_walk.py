"""An administrator at the organisation in a real Chromium: by keyboard, from a file, at two widths."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from aiohttp.test_utils import TestServer
from playwright.async_api import Browser, FilePayload, Page, expect

from bot.sheets import write_csv
from dialogs.desk.units_sheet import write
from dialogs.rules import packaged_town
from tests.desk.world import LAMP, PASSWORD, World

pytestmark = pytest.mark.browser


@pytest.fixture
async def desk(world: World, browser: Browser, server: TestServer) -> AsyncIterator[Page]:
    """赵管理 signed in. Whatever the console complains of (the policy too) fails the test."""
    await world.hire("赵管理", "kunshan", "admin")
    context = await browser.new_context(base_url=str(server.make_url("/")), viewport={"width": 1280, "height": 800})
    page = await context.new_page()
    complaints: list[str] = []
    context.on("console", lambda line: complaints.append(line.text) if line.type == "error" else None)
    context.on("weberror", lambda error: complaints.append(str(error.error)))
    await page.goto("/desk/login")
    await expect(page.locator("[name=name]")).to_be_focused()
    await page.keyboard.type("赵管理")
    await page.keyboard.press("Tab")
    await page.keyboard.type(PASSWORD)
    await page.keyboard.press("Enter")
    await page.wait_for_url("**/desk/")
    await page.locator("#places").get_by_role("link", name="单位", exact=True).click()
    await page.wait_for_url("**/desk/units")
    yield page
    await context.close()
    assert [line for line in complaints if "status of 4" not in line] == []


def sheet(rows: list[list[str]]) -> FilePayload:
    return {"name": "单位.csv", "mimeType": "text/csv", "buffer": write_csv(rows)}


async def test_a_unit_by_keyboard_alone(world: World, desk: Page) -> None:
    await expect(desk.locator("#place-units")).to_have_attribute("aria-current", "page")
    await desk.keyboard.press("j")
    await desk.keyboard.press("j")
    await expect(desk.locator(":focus")).to_have_text("昆山高新区 区县")
    await desk.locator("#look").focus()
    await desk.keyboard.type("新城花园")
    await desk.keyboard.press("Enter")
    await expect(desk.locator(".tree a")).to_have_count(1)
    await desk.locator("#case").focus()
    await desk.keyboard.press("j")
    await desk.keyboard.press("Enter")
    await expect(desk.locator("#unit-title")).to_have_text("新城社区")

    await desk.locator("#f-hours").focus()
    await desk.keyboard.type("周六 九点")
    await desk.keyboard.press("Enter")
    await expect(desk.locator("#h-hours")).to_contain_text("看不出是哪几天")
    await expect(desk.locator("#f-hours")).to_have_value("周六 九点")
    await desk.locator("#f-hours").fill("周六 9:00-11:30")
    await desk.keyboard.press("Enter")
    await expect(desk.locator(".banner.done")).to_have_text("改好了。")
    await expect(desk.locator(".past")).to_contain_text("改了工作时间")

    await desk.get_by_text("并入别的单位").focus()
    await desk.keyboard.press("Enter")
    await desk.keyboard.press("Tab")
    await desk.keyboard.type("亭林社区")
    await desk.keyboard.press("Enter")
    await expect(desk.locator(".banner.refused")).to_contain_text(LAMP)
    await expect(desk.locator(".reform[open] [name=other]")).to_have_value("亭林社区")
    await expect(desk.locator(".banner.refused a")).to_have_count(0)  # by number only: they see no case


async def test_the_tree_stays_while_cases_come_and_go(world: World, desk: Page) -> None:
    await expect(desk.locator("#fresh")).to_contain_text("更新")
    await world.open_case("HY-261123-0777-3", user="he", title="刚来的一件")
    await world.hot.publish("desk", "HY-261123-0777-3")
    await desk.locator(".tree summary").nth(1).click()
    await desk.wait_for_timeout(1500)
    await expect(desk.locator(".tree")).to_contain_text("玉山镇")
    await expect(desk.locator("#list")).not_to_contain_text("刚来的一件")


async def test_a_sheet_from_its_mistakes_to_the_new_tree(world: World, desk: Page) -> None:
    rows = write(packaged_town())
    rows[3][3] = "大区"
    await desk.get_by_role("link", name="从表格导入").click()
    await desk.set_input_files("[type=file]", sheet(rows))
    await desk.get_by_role("button", name="检查这个文件").click()
    await expect(desk.locator(".mistakes li")).to_have_text(
        ["第 4 行「级别」：没有「大区」这一级，可以写：市、区县、街道镇、社区村、网格楼栋"]
    )
    rows[3][3], rows[3][1] = "区县", "开发新区"
    await desk.set_input_files("[type=file]", sheet(rows))
    await desk.get_by_role("button", name="检查这个文件").click()
    await expect(desk.locator(".planned li")).to_have_text(["改动 1 个：开发新区"])
    await desk.get_by_role("button", name="确认导入").click()
    await expect(desk.locator(".banner.done")).to_contain_text("导入好了")
    await desk.get_by_role("link", name="回到单位").click()
    await expect(desk.locator(".tree")).to_contain_text("开发新区")


PAGES = ("/desk/units", "/desk/unit/yushan-xincheng", "/desk/units/import", "/desk/unit/yushan-xincheng/codes")


async def test_one_after_the_other_on_a_narrow_screen(desk: Page) -> None:
    await desk.set_viewport_size({"width": 390, "height": 844})
    for path in PAGES:
        await desk.goto(path)
        assert await desk.evaluate("document.documentElement.scrollWidth <= innerWidth"), path
    await desk.goto("/desk/unit/yushan-xincheng")
    await expect(desk.locator("#list")).to_be_hidden()
    await desk.locator(".back").click()
    await expect(desk.locator("#list")).to_be_visible()
