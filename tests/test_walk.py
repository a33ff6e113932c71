"""From a dark lamp to the answer on the phone: phone and desk in a real Chromium, over the real protocol."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Browser, BrowserContext, Page, expect

from tests.desk.world import PASSWORDS
from tests.service import Service, running
from tests.shared import left_out

pytestmark = pytest.mark.browser

AXE = Path(__file__).parent / "peers" / "axe" / "node_modules" / "axe-core" / "axe.min.js"
PASSWORD = "jia-he-wan-shi-xing"


@pytest.fixture
async def service(sqlite_url: str) -> AsyncIterator[Service]:
    async with running(sqlite_url) as started:
        staff = started.parts.database.staff
        hashed = await PASSWORDS.hash(PASSWORD)
        await staff.add("李新城", hashed, "coordinator", "yushan-xincheng")
        await staff.add("钱外地", hashed, "coordinator", "huaqiao")
        yield started


async def violations(page: Page) -> list[str]:
    if not AXE.exists():
        left_out("axe-core: run tests/peers/install-axe.sh (needs node and npm)")
    await page.evaluate(AXE.read_text(encoding="utf-8"))
    found: dict[str, Any] = await page.evaluate("axe.run()")
    return [f"{each['id']}: {each['nodes'][0]['html'][:120]}" for each in found["violations"]]


async def picture(page: Page, name: str) -> None:
    """Keep a screenshot where somebody asked for it (HONGYAN_TEST_PICTURES)."""
    folder = os.environ.get("HONGYAN_TEST_PICTURES", "")
    if folder:
        await page.screenshot(path=Path(folder) / f"{name}.png")


async def says(phone: Page, *texts: str) -> None:
    box = phone.get_by_label("输入消息")
    for text in texts:
        shown = await phone.get_by_role("log").inner_text()
        await box.fill(text)
        await box.press("Enter")
        await phone.wait_for_function(
            "([before, said]) => { const now = document.querySelector('[role=log]').innerText;"
            " return now.length > before.length + said.length && !document.querySelector('[data-busy]') }",
            arg=[shown, text],
        )


async def sign_in(context: BrowserContext, service: Service, name: str) -> Page:
    desk = await context.new_page()
    await desk.goto(f"{service.base}/desk/")
    await expect(desk.locator("[name=name]")).to_be_focused()
    await desk.keyboard.type(name)
    await desk.keyboard.press("Tab")
    await desk.keyboard.type(PASSWORD)
    await desk.keyboard.press("Enter")
    await desk.wait_for_url("**/desk/queue/**")
    return desk


async def test_a_lamp_from_the_phone_to_the_desk_and_back(browser: Browser, service: Service) -> None:
    context = await browser.new_context(viewport={"width": 1280, "height": 800})
    hand = await browser.new_context(viewport={"width": 390, "height": 844})
    desk = await sign_in(context, service, "李新城")
    await desk.goto(f"{service.base}/desk/queue/unclaimed")
    await expect(desk.locator("#list")).to_be_visible()

    phone = await hand.new_page()
    openid = await service.member()
    await service.does(openid, "follow")
    await phone.goto(f"{service.box}/?phone={openid}")
    log = phone.get_by_role("log")
    await says(phone, "新城花园三号楼门口路灯坏了好几天了", "1", "没有", "1")
    await expect(log).to_contain_text("受理好了，编号 HY-")
    await picture(phone, "phone")

    row = desk.locator("#list .row").first
    await expect(row).to_contain_text("路灯")  # without reload
    await row.locator("a").press("Enter")
    await expect(desk.locator("#case-title")).to_have_text("路灯")
    await expect(desk.locator("#talk")).to_contain_text("新城花园三号楼门口路灯坏了好几天了")
    await desk.keyboard.press("c")
    await expect(desk.locator("#case-head")).to_contain_text("李新城")
    assert await violations(desk) == []
    await desk.set_viewport_size({"width": 1280, "height": 360})  # what overflows is reached by keyboard
    assert await violations(desk) == []
    await desk.set_viewport_size({"width": 1280, "height": 800})

    await desk.keyboard.press("n")
    await desk.keyboard.type("物业说今晚就去")
    await desk.keyboard.press("Control+Enter")
    await expect(desk.locator("#talk .inside")).to_contain_text("物业说今晚就去")
    await desk.locator("#talk").focus()
    await desk.keyboard.press("d")
    await desk.locator("#words").fill("已换好灯泡，物业每周巡查一次。")
    await picture(desk, "desk")
    await desk.locator("#words").press("Control+Enter")

    await expect(log).to_contain_text("已换好灯泡，物业每周巡查一次。")
    await expect(log).not_to_contain_text("物业说今晚就去")
    await says(phone, "1")
    await expect(log).to_contain_text("这次办得您满意吗？")
    await says(phone, "1")
    await expect(log).to_contain_text("谢谢您")
    assert await violations(phone) == []
    await expect(desk.locator("#talk")).to_contain_text("解决")
    await picture(desk, "desk-answered")
    await context.close()
    await hand.close()


async def test_a_stranger_to_the_unit_sees_nothing_of_it(browser: Browser, service: Service) -> None:
    openid = await service.member()
    for text in ("新城花园三号楼门口路灯坏了好几天了", "1", "没有", "1"):
        await service.does(openid, "say", text=text)
    (number,) = await service.open_numbers(openid)
    context = await browser.new_context(viewport={"width": 1280, "height": 800})
    desk = await sign_in(context, service, "钱外地")
    await desk.goto(f"{service.base}/desk/queue/unit")
    await expect(desk.locator("#list")).not_to_contain_text("路灯")
    answer = await desk.goto(f"{service.base}/desk/case/{number}")
    assert answer is not None
    assert answer.status == 404
    await context.close()
