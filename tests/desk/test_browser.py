"""The desk in a real Chromium: by keyboard alone, live, at two widths, and open to everybody."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from aiohttp.test_utils import TestServer
from playwright.async_api import Browser, Page, Route, expect

from dialogs.desk.cases import Grade
from tests.desk.world import FLAT, LAMP, PASSWORD, World
from tests.shared import left_out

pytestmark = pytest.mark.browser

AXE = Path(__file__).parents[1] / "peers" / "axe" / "node_modules" / "axe-core" / "axe.min.js"


@pytest.fixture
async def desk(browser: Browser, server: TestServer) -> AsyncIterator[Page]:
    """张敏 at the sign-in page. Whatever the console complains of (the policy too) fails the test."""
    context = await browser.new_context(base_url=str(server.make_url("/")), viewport={"width": 1280, "height": 800})
    page = await context.new_page()
    complaints: list[str] = []
    context.on("console", lambda line: complaints.append(line.text) if line.type == "error" else None)
    context.on("weberror", lambda error: complaints.append(str(error.error)))
    await page.goto("/desk/login")
    yield page
    await context.close()
    assert [line for line in complaints if "status of 4" not in line] == []


async def sign_in(page: Page) -> None:
    await expect(page.locator("[name=name]")).to_be_focused()  # keys that come before would be nobody's
    await page.keyboard.type("张敏")
    await page.keyboard.press("Tab")
    await page.keyboard.type(PASSWORD)
    await page.keyboard.press("Enter")
    await page.wait_for_url("**/desk/queue/mine")


async def claim(page: Page) -> None:
    await page.keyboard.press("c")
    await expect(page.locator("#words")).to_be_visible()


async def test_a_case_by_keyboard_alone(world: World, desk: Page) -> None:
    await sign_in(desk)
    await expect(desk.get_by_text("手上没有件了，本单位还有 2 件待签收")).to_be_visible()
    await desk.get_by_role("link", name=re.compile("去看")).focus()
    await desk.keyboard.press("Enter")
    await desk.wait_for_url("**/desk/queue/unclaimed")
    await desk.locator("#place-soon").focus()
    await desk.keyboard.press("Enter")
    await desk.wait_for_url("**/desk/queue/soon")

    await desk.keyboard.press("j")
    await desk.keyboard.press("o")
    await desk.wait_for_url(f"**/desk/case/{LAMP}*")
    await expect(desk.locator("#case-title")).to_have_text("新城花园三号楼路灯坏了")
    await desk.keyboard.press("r")
    await expect(desk.locator(".toast")).to_contain_text("先签收")

    await desk.keyboard.press("c")
    await expect(desk.locator("#case-head")).to_contain_text("经办 张敏")
    await desk.keyboard.press("n")
    await desk.keyboard.type("灯杆 X-0312 jkrnca")
    await desk.keyboard.press("Control+Enter")
    await expect(desk.locator(".inside")).to_contain_text("灯杆 X-0312 jkrnca")

    await desk.keyboard.press("r")
    await desk.keyboard.type("下午派电工")
    await expect(desk.locator(".bytes")).to_have_text("15 字节")
    await desk.keyboard.press("Control+Enter")
    await expect(desk.locator(".said.ours .words").last).to_have_text("下午派电工")
    await expect(desk.locator("#words")).to_have_value("")
    await desk.keyboard.press("d")
    await desk.keyboard.type("修好了")
    await desk.keyboard.press("Control+Enter")
    await expect(desk.locator("#case-head")).to_contain_text("已答复")
    await expect(desk.locator("#place-answered")).to_contain_text("1")
    await desk.keyboard.press("Shift+C")
    await expect(desk.locator("#case-head")).to_contain_text("已归档")
    assert world.sent == ["下午派电工", "修好了"]

    await desk.keyboard.press("Escape")
    await desk.wait_for_url("**/desk/queue/soon")
    await desk.keyboard.press("?")
    await expect(desk.get_by_role("dialog", name="快捷键")).to_be_visible()
    await desk.keyboard.press("Escape")
    await expect(desk.get_by_role("dialog")).to_be_hidden()
    await desk.go_back()
    await expect(desk.locator("#case-title")).to_have_text("新城花园三号楼路灯坏了")


async def test_after_a_case_the_walk_goes_on_from_its_row(world: World, desk: Page) -> None:
    await world.open_case("HY-261123-0777-3", user="he", title="第三件")
    await sign_in(desk)
    await desk.goto("/desk/queue/unit")
    for key in ("j", "j", "Enter"):
        await desk.keyboard.press(key)
    await expect(desk.locator("#case-title")).to_have_text("七号楼停水两天了")
    await desk.keyboard.press("Escape")
    await desk.wait_for_url("**/desk/queue/unit")
    await expect(desk.locator(".case.none")).to_be_focused()
    await desk.keyboard.press("j")
    await expect(desk.locator("#row-HY-261123-0777-3 a")).to_be_focused()


async def test_a_red_case_shows_itself_on_every_page_and_in_the_title(world: World, desk: Page) -> None:
    await sign_in(desk)
    await desk.goto(f"/desk/case/{LAMP}?in=unit")
    await expect(desk).to_have_title(re.compile(r"^\(2\) "))
    red = "HY-261123-0413-4"
    due = world.clock.at + timedelta(minutes=4)
    await world.open_case(red, user="sun", title="心理危机", grade=Grade.RED, sign_by=due)
    await world.hot.publish("desk", red)
    await expect(desk.get_by_role("link", name="1 件特急还没人签收：心理危机 · 还剩 4 分")).to_be_visible()
    await expect(desk).to_have_title(re.compile(r"^\(3\) 新城花园三号楼路灯坏了"))
    await desk.get_by_role("link", name=re.compile("1 件特急还没人签收")).click()
    await expect(desk.locator("#case-title")).to_have_text("心理危机")
    await claim(desk)
    await expect(desk.get_by_text("特急还没人签收")).to_have_count(0)


async def test_live_without_reload_and_without_taking_the_pen_away(world: World, desk: Page) -> None:
    await sign_in(desk)
    await desk.goto(f"/desk/case/{LAMP}?in=unit")
    await claim(desk)
    await desk.keyboard.press("r")
    await desk.keyboard.type("正在写")
    await expect(desk.locator("#fresh")).to_contain_text("更新")

    await world.add(LAMP, "灯又亮了")
    await world.open_case("HY-261123-0777-3", user="he", title="刚来的一件")
    await world.hot.publish("desk", "HY-261123-0777-3")

    await expect(desk.locator(".said.theirs .words").last).to_have_text("灯又亮了")
    await expect(desk.locator("#said")).to_contain_text("您的文字还没有送出")
    await expect(desk.locator("#list")).to_contain_text("刚来的一件")
    await expect(desk.locator("#place-unit")).to_contain_text("3")
    async with desk.expect_response("**/draft"):
        await desk.keyboard.type("呢")
    await expect(desk.locator("#words")).to_have_value("正在写呢")
    assert await desk.evaluate("document.activeElement.id") == "words"
    await expect(desk.locator("#row-HY-261121-0387-8 a")).to_have_attribute("aria-current", "true")

    # The tab is closed by mistake: the words are still there, for this person alone.
    await desk.reload()
    await expect(desk.locator("#words")).to_have_value("")
    await desk.get_by_role("link", name="恢复草稿").click()
    await expect(desk.locator("#words")).to_have_value("正在写呢")


async def test_what_was_written_too_late_is_kept_beside_what_came(world: World, desk: Page) -> None:
    await sign_in(desk)
    await desk.goto(f"/desk/case/{LAMP}?in=unit")
    await claim(desk)
    await desk.keyboard.press("d")
    await desk.keyboard.type("修好了")
    await world.add(LAMP, "又坏了", told=False)
    await desk.keyboard.press("Control+Enter")
    await expect(desk.locator(".banner")).to_contain_text("还没有送出")
    await expect(desk.locator(".banner blockquote")).to_have_text("又坏了")
    await expect(desk.locator("#words")).to_have_value("修好了")
    assert world.sent == []
    await desk.keyboard.press("Control+Enter")
    await expect(desk.locator("#case-head")).to_contain_text("已答复")
    assert world.sent == ["修好了"]


async def test_letters_are_silent_while_an_input_method_composes(desk: Page) -> None:
    await sign_in(desk)
    await desk.goto(f"/desk/case/{LAMP}?in=unit")
    await desk.evaluate(
        "document.body.dispatchEvent(new KeyboardEvent('keydown', {key: 'c', isComposing: true, bubbles: true}))"
    )
    await desk.keyboard.press("n")
    await desk.evaluate(
        """document.activeElement.dispatchEvent(
             new KeyboardEvent('keydown', {key: 'Enter', ctrlKey: true, isComposing: true, bubbles: true}))"""
    )
    await asyncio.sleep(0.5)
    await expect(desk.locator("#case-head")).to_contain_text("还没有人签收")
    await expect(desk.locator(".inside")).to_have_count(0)


async def test_two_tabs_share_one_connection(world: World, desk: Page) -> None:
    connections: list[str] = []
    desk.context.on("request", lambda request: connections.append(request.url) if "/events" in request.url else None)
    await sign_in(desk)
    await desk.goto("/desk/queue/unit")
    other = await desk.context.new_page()
    await other.goto("/desk/queue/unit")
    await expect(desk.locator("#list")).to_contain_text("七号楼")
    before = len(connections)
    await world.open_case("HY-261123-0777-3", user="he", title="刚来的一件")
    await world.hot.publish("desk", "HY-261123-0777-3")
    for page in (desk, other):
        await page.bring_to_front()
        await expect(page.locator("#list")).to_contain_text("刚来的一件")
    assert len(connections) == before
    # The tab that held the connection goes; the other takes it up.
    async with other.expect_response(lambda response: "/events" in response.url):
        await desk.close()
    await world.open_case("HY-261123-0778-1", user="he", title="又来一件")
    await asyncio.sleep(0.3)
    await world.hot.publish("desk", "HY-261123-0778-1")
    await expect(other.locator("#list")).to_contain_text("又来一件")


async def test_axe_finds_nothing(desk: Page) -> None:
    if not AXE.exists():
        left_out("axe-core is not installed (tests/peers/install-axe.sh)")
    script, found = AXE.read_text(encoding="utf-8"), list[str]()
    found += await violations(desk, script)
    await sign_in(desk)
    found += await violations(desk, script)
    await desk.goto(f"/desk/case/{LAMP}?in=unit")
    await claim(desk)
    await desk.keyboard.press("n")
    await desk.keyboard.type("备注")
    await desk.keyboard.press("Control+Enter")
    await expect(desk.locator(".inside")).to_be_visible()
    found += await violations(desk, script)
    await desk.keyboard.press("Shift+?")
    found += await violations(desk, script)
    await desk.keyboard.press("Escape")
    await desk.set_viewport_size({"width": 390, "height": 844})
    found += await violations(desk, script)
    await desk.goto("/desk/queue/unit")
    found += await violations(desk, script)
    await desk.goto("/desk/case/nothing")
    found += await violations(desk, script)
    assert found == []


async def violations(page: Page, script: str) -> list[str]:
    """Run axe in a page, then its look at contrast again in the dark."""
    found: list[str] = []
    for scheme, wish in (("light", "{}"), ("dark", "{runOnly: ['color-contrast']}")):
        await page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        await page.evaluate(script)
        rules: list[dict[str, Any]] = await page.evaluate(f"axe.run({wish}).then((result) => result.violations)")
        found += [f"{scheme} {rule['id']}: {node['html'][:160]}" for rule in rules for node in rule["nodes"]]
    await page.emulate_media(color_scheme="light")
    return found


async def sixty_more(world: World) -> None:
    for serial in range(60):
        number = f"HY-261123-{1000 + serial}-0"
        await world.open_case(number, user=f"u{serial}", sign_by=world.clock.at + timedelta(hours=3))


async def test_a_refresh_that_waited_behind_more_rows_does_not_take_them_away(world: World, desk: Page) -> None:
    await sixty_more(world)
    await sign_in(desk)
    await desk.goto("/desk/queue/unit")
    await expect(desk.locator(".row")).to_have_count(50)
    arrive = asyncio.Event()

    async def hold(route: Route) -> None:
        answer = await route.fetch()
        await arrive.wait()
        await route.fulfill(response=answer)

    await desk.route("**/desk/queue/unit?after=*", hold)
    async with desk.expect_request("**/desk/queue/unit?after=*"):
        await desk.get_by_role("link", name="更多").press("Enter")
    await world.hot.publish("desk", LAMP)
    await asyncio.sleep(1.5)  # the list lets 0.8 s pass before it asks
    async with desk.expect_response(re.compile("loaded=62")):
        arrive.set()
    await expect(desk.locator(".row")).to_have_count(62)


async def test_more_rows_follow_and_stay_when_the_list_refreshes_itself(world: World, desk: Page) -> None:
    await sixty_more(world)
    await sign_in(desk)
    await desk.goto("/desk/queue/unit")
    await expect(desk.locator(".row")).to_have_count(50)
    await desk.get_by_role("link", name="更多").click()
    await expect(desk.locator(".row")).to_have_count(62)
    await desk.locator(".rows").evaluate("rows => rows.scrollTop = 3000")
    row = desk.locator("#row-HY-261123-1040-0")
    before = await row.bounding_box()
    await world.open_case("HY-261123-0777-3", user="he", title="刚来的一件", sign_by=world.clock.at)
    await world.hot.publish("desk", "HY-261123-0777-3")
    await expect(desk.locator(".row")).to_have_count(62)
    await expect(desk.locator("#list")).to_contain_text("刚来的一件")
    after = await row.bounding_box()
    assert before is not None
    assert after is not None
    assert abs(before["y"] - after["y"]) < 2


async def test_one_after_the_other_on_a_narrow_screen(desk: Page) -> None:
    await desk.set_viewport_size({"width": 390, "height": 844})
    await sign_in(desk)
    await desk.goto("/desk/queue/unit")
    await desk.locator(f"#row-{FLAT} a").click()
    await expect(desk.locator("#case-title")).to_have_text("七号楼停水两天了")
    await expect(desk.locator("#list")).to_be_hidden()
    assert await desk.evaluate("document.documentElement.scrollWidth <= innerWidth")
    await desk.get_by_role("link", name=re.compile("本单位")).click()
    await expect(desk.locator("#list")).to_be_visible()
    assert await desk.evaluate("document.documentElement.scrollWidth <= innerWidth")


async def test_a_case_is_sent_on_by_keyboard_alone(world: World, desk: Page) -> None:
    await sign_in(desk)
    await desk.goto(f"/desk/case/{LAMP}?in=unit")
    await claim(desk)
    await desk.keyboard.press("e")
    await expect(desk.locator("#more-raise")).to_have_attribute("open", "")
    await desk.keyboard.type("换灯杆要镇里批钱")
    await desk.keyboard.press("Control+Enter")
    await expect(desk.locator("#case-head")).to_contain_text("等玉山镇书面答复")

    await desk.goto(f"/desk/case/{FLAT}?in=unit")
    await claim(desk)
    await desk.keyboard.press("t")
    await expect(desk.locator("#more-transfer .field")).to_be_focused()
    await desk.keyboard.type("北门社区")
    await desk.keyboard.press("Tab")
    await desk.keyboard.type("水管在他们那边 te")
    await desk.keyboard.press("Control+Enter")
    await expect(desk.locator(".banner.done")).to_contain_text("已转办")
    assert world.sent == ["水管在他们那边 te"]
    row = await world.database.cases.find(FLAT)
    assert row is not None
    assert row.unit == "yushan-beimen"
