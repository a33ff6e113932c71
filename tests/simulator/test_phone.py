"""The phone in a real browser: what a thumb does, what is read out, what a keyboard reaches."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Browser, Locator, Page, Route, expect

from bot.simulator import Spot, Station
from tests.shared import left_out
from tests.simulator.conftest import Open
from tests.simulator.stand import APOLOGY, Pushed, Stand, text_reply
from tests.waiting import until

pytestmark = pytest.mark.browser

AXE = Path(__file__).resolve().parents[1] / "peers" / "axe" / "node_modules" / "axe-core" / "axe.min.js"
TOWN = {
    "name": "昆山党群服务中心",
    "stations": (Station(scene="s001", name="新城社区党群服务中心"),),
    "places": (Spot(label="新城花园", lat=31.3891, lon=120.9532),),
}
GREETING = "您好，这里是「鸿雁」。\n1 流动党员报到\n2 我要求助\n也可以直接说您的事。"
CONSENT = "先说明一下，要您同意。\n1 同意，开始\n2 先不办"

AT_END = """() => {
  const log = document.querySelector(".log")
  const loaded = document.querySelector("img.picture").naturalHeight > 0
  return loaded && log.scrollHeight - log.scrollTop - log.clientHeight < 4
}"""
RATIO = """([selector]) => {
  const light = (text) => {
    const parts = text.match(/[\\d.]+/g).slice(0, 3).map(Number).map((one) => {
      const part = one / 255
      return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4
    })
    return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]
  }
  const style = getComputedStyle(document.querySelector(selector))
  const [one, two] = [light(style.color), light(style.backgroundColor)].sort((a, b) => b - a)
  return (one + 0.05) / (two + 0.05)
}"""


def clerk(push: Pushed) -> str:
    """Answer as a service would."""
    fields = push.fields
    if fields.get("Event") in {"subscribe", "SCAN"}:
        return text_reply(push, GREETING)
    said = fields.get("Content") or fields.get("EventKey") or fields.get("Recognition") or fields["MsgType"]
    return text_reply(push, CONSENT if said == "1" else f"收到：{said}")


async def desk(opened: Open, **changes: object) -> Stand:
    box = await opened(**(TOWN | changes))
    box.service.answering = clerk
    return box


class Troubles(list[str]):
    """What the browser complained of."""

    def watch(self, page: Page) -> None:
        page.on("pageerror", lambda error: self.append(str(error)))
        page.on("console", lambda said: self.append(said.text) if said.type in {"error", "warning"} else None)


async def lay(
    browser: Browser, box: Stand, *, wide: bool = False, dark: bool = False, query: str = ""
) -> tuple[Page, Troubles]:
    page = await browser.new_page(
        viewport={"width": 1280, "height": 800} if wide else {"width": 390, "height": 844},
        color_scheme="dark" if dark else "light",
        locale="zh-CN",
    )
    troubles = Troubles()
    troubles.watch(page)
    await page.goto(f"{box.url}/{query}")
    await page.locator(".phone").first.wait_for()
    return page, troubles


async def violations(page: Page) -> list[str]:
    if not AXE.exists():
        left_out("axe-core: run tests/peers/install-axe.sh (needs node and npm)")
    await page.evaluate(AXE.read_text(encoding="utf-8"))
    found: dict[str, Any] = await page.evaluate("axe.run()")
    return [f"{one['id']}: {[node['html'] for node in one['nodes']]}" for one in found["violations"]]


def log(page: Page | Locator) -> Locator:
    return page.get_by_role("log", name="聊天记录")


async def test_a_member_walks_from_the_code_on_the_wall_to_a_photo(opened: Open, browser: Browser) -> None:
    box = await desk(opened)
    page, troubles = await lay(browser, box)
    await page.get_by_role("button", name="扫站点的码").click()
    await page.get_by_role("button", name="新城社区党群服务中心").click()
    await expect(log(page)).to_contain_text("您好，这里是「鸿雁」。")
    assert box.service.pushes[0].fields["EventKey"] == "qrscene_s001"
    await page.get_by_role("button", name="1 流动党员报到").click()
    await expect(log(page)).to_contain_text("先说明一下")
    assert box.service.pushes[1].fields["Content"] == "1"
    # What was offered before the member spoke is words now: only the last question can be tapped.
    await expect(page.get_by_role("button", name="2 我要求助")).to_have_count(0)
    await expect(page.get_by_role("button", name="1 同意，开始")).to_be_visible()
    await expect(page.locator(".window")).to_contain_text("48 小时窗口还剩 47:5")
    await expect(page.locator(".window")).to_contain_text("可主动发 5 条")
    await page.get_by_label("输入消息").fill("我叫周建国")
    await page.get_by_role("button", name="发送").click()
    await expect(log(page)).to_contain_text("收到：我叫周建国")
    for tool, then in (("照片", "不亮的路灯"), ("位置", "新城花园")):
        await page.get_by_label("照片、位置、扫码、语音").click()
        await page.get_by_role("button", name=tool, exact=True).click()
        await page.get_by_role("button", name=then).click()
    await expect(log(page)).to_contain_text("收到：location")
    await expect(page.get_by_alt_text("照片")).to_be_visible()
    await page.get_by_label("照片、位置、扫码、语音").click()
    await page.get_by_role("button", name="语音", exact=True).click()
    await page.get_by_label("微信识别出的文字").fill("楼道灯坏了")
    await page.get_by_role("button", name="发送语音").click()
    await expect(log(page)).to_contain_text("收到：楼道灯坏了")
    await page.get_by_role("button", name="我的", exact=True).click()
    await page.get_by_role("button", name="办理进度").click()
    await expect(log(page)).to_contain_text("收到：进度")
    assert troubles == []


async def test_everything_can_be_done_by_keyboard(opened: Open, browser: Browser) -> None:
    box = await desk(opened)
    page, troubles = await lay(browser, box)
    await page.get_by_role("button", name="关注公众号").press("Enter")
    say = page.get_by_label("输入消息")
    await say.focus()
    await page.keyboard.type("第一行")
    await page.keyboard.press("Shift+Enter")
    await page.keyboard.type("第二行")
    await page.keyboard.press("Enter")
    await expect(log(page)).to_contain_text("收到：第一行\n第二行")
    await expect(say).to_be_focused()
    folder = page.get_by_role("button", name="我的", exact=True)
    await folder.press("Enter")
    await page.keyboard.press("ArrowUp")
    await expect(page.get_by_role("button", name="使用帮助")).to_be_focused()
    await page.keyboard.press("Escape")
    await expect(folder).to_be_focused()
    await expect(page.get_by_role("button", name="使用帮助")).to_be_hidden()
    plus = page.get_by_label("照片、位置、扫码、语音")
    await plus.press("Enter")
    await expect(page.get_by_role("button", name="照片", exact=True)).to_be_focused()
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("dialog", name="发一张照片")).to_be_visible()
    await page.keyboard.press("Escape")
    await expect(plus).to_be_focused()
    assert troubles == []


READ_BACK = "请核对：\n1 姓名：周建国\n2 电话：138****5678\n没问题请回复「确认」；要改哪一项，回复它的数字。"


@pytest.mark.parametrize("by", ["thumb", "keyboard"])
async def test_what_a_message_says_to_reply_can_be_tapped(opened: Open, browser: Browser, *, by: str) -> None:
    box = await desk(opened)
    box.service.answering = lambda push: text_reply(
        push, "登记好了。" if push.fields.get("Content") == "确认" else READ_BACK
    )
    page, troubles = await lay(browser, box)
    await page.get_by_role("button", name="关注公众号").click()
    confirm = page.get_by_role("button", name="「确认」")
    await confirm.wait_for()
    room = await confirm.bounding_box()
    assert room is not None
    assert min(room["width"], room["height"]) >= 44
    await (confirm.click() if by == "thumb" else confirm.press("Enter"))
    await expect(log(page)).to_contain_text("登记好了。")
    assert box.service.pushes[-1].fields["Content"] == "确认"
    await expect(confirm).to_have_count(0)  # answered: words again
    assert troubles == []


async def test_several_words_are_offered_and_a_later_message_leaves_them(opened: Open, browser: Browser) -> None:
    box = await desk(opened)
    page, troubles = await lay(browser, box)
    await page.get_by_role("button", name="关注公众号").click()
    (member,) = (await box.sim("members", method="GET"))["members"]
    await box.say(member["openid"], "在吗")
    await box.customer(member["openid"], "「路灯」收到了，回复「继续」或「人工」。编号 HY-261121-0387-8")
    await box.customer(member["openid"], "有回复会发到这里")
    for words in ("「继续」", "「人工」"):
        await expect(page.get_by_role("button", name=words)).to_be_visible()
    await expect(page.get_by_role("button", name="「路灯」")).to_have_count(0)
    assert troubles == []
    assert await violations(page) == []


async def test_a_photo_that_loads_late_is_seen_whole(opened: Open, browser: Browser) -> None:
    box = await desk(opened)
    box.service.answering = lambda push: text_reply(push, "收到。\n" * 12)
    page, troubles = await lay(browser, box)
    let = asyncio.Event()

    async def late(route: Route) -> None:
        await let.wait()
        await route.continue_()

    await page.route("**/_sim/media/*", late)
    await page.get_by_role("button", name="关注公众号").click()
    await page.get_by_label("照片、位置、扫码、语音").click()
    await page.get_by_role("button", name="照片", exact=True).click()
    await page.get_by_role("button", name="不亮的路灯").click()
    await expect(log(page).locator(".theirs")).to_have_count(2)
    let.set()
    await until(lambda: page.evaluate(AT_END), "the picture is loaded and the chat stands at its end")
    assert troubles == []


async def test_words_said_while_the_box_is_away_stay_in_the_hand(opened: Open, browser: Browser) -> None:
    box = await desk(opened)
    page, _troubles = await lay(browser, box)  # the browser complains that the box is away, and is right
    await page.get_by_role("button", name="关注公众号").click()
    say = page.get_by_label("输入消息")
    await page.route("**/say?wait=no", lambda route: route.abort())
    await say.fill("家里老人走丢了")
    await say.press("Enter")
    await expect(page.get_by_text("没有发出")).to_be_visible()
    await expect(say).to_have_value("家里老人走丢了")
    await page.unroute("**/say?wait=no")
    await page.get_by_role("button", name="发送").click()
    await expect(log(page)).to_contain_text("收到：家里老人走丢了")
    await expect(say).to_have_value("")
    await expect(page.get_by_text("没有发出")).to_have_count(0)


async def test_what_comes_from_the_desk_appears_by_itself_and_says_its_way(opened: Open, browser: Browser) -> None:
    box = await desk(opened)
    page, troubles = await lay(browser, box)
    await page.get_by_role("button", name="关注公众号").click()
    await page.get_by_label("输入消息").fill("1")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("button", name="1 同意，开始")).to_be_visible()
    openid = await page.locator(".phone").get_attribute("data-openid")
    assert openid
    await box.customer(openid, "解决了吗？\n1 解决了\n2 没解决")
    await expect(log(page)).to_contain_text("以客服消息送达")
    # A number answers the question last delivered: the one before can be read, not tapped.
    await expect(page.get_by_role("button", name="1 同意，开始")).to_have_count(0)
    await expect(log(page)).to_contain_text("同意，开始")
    await expect(page.locator(".window")).to_contain_text("可主动发 4 条")
    box.service.answering = lambda push: "{}" if push.fields.get("Content") == "2" else clerk(push)
    await page.get_by_role("button", name="2 没解决").click()
    await expect(log(page)).to_contain_text(APOLOGY)
    menu = {"button": [{"type": "click", "name": "新菜单", "key": "新的"}]}
    assert await box.code("menu/create", menu) == 0
    await page.get_by_role("button", name="新菜单").click()
    await expect(log(page)).to_contain_text("收到：新的")
    await page.reload()
    await expect(log(page)).to_contain_text("收到：新的")
    await page.get_by_label("这部手机").click()
    await page.get_by_role("button", name="线路上走了什么").click()
    await expect(page.get_by_role("dialog")).to_contain_text("<EventKey>新的</EventKey>")
    await page.keyboard.press("Escape")
    await page.get_by_label("这部手机").click()
    await page.get_by_role("button", name="取消关注").click()
    await expect(page.get_by_role("button", name="关注公众号")).to_be_visible()
    assert troubles == []


async def test_two_phones_side_by_side_under_one_clock(opened: Open, browser: Browser) -> None:
    box = await desk(opened)
    page, troubles = await lay(browser, box, wide=True, query="?phones=2")
    one, two = page.locator(".phone").nth(0), page.locator(".phone").nth(1)
    await expect(two).to_be_visible()
    for phone, words in ((one, "我是甲"), (two, "我是乙")):
        await phone.get_by_role("button", name="关注公众号").click()
        await phone.get_by_label("输入消息").fill(words)
        await phone.get_by_role("button", name="发送").click()
        await expect(log(phone)).to_contain_text(f"收到：{words}")
    await expect(log(one)).not_to_contain_text("我是乙")
    await expect(page.locator("#clock")).to_have_text("11月21日 周六 10:00")
    await page.get_by_role("button", name="+1 天").click()
    await expect(page.locator("#clock")).to_have_text("11月22日 周日 10:00")
    await expect(one.locator(".window")).to_contain_text("还剩 23:5")
    await page.get_by_role("button", name="+3 天").click()
    await expect(one.locator(".window")).to_contain_text("没有开着的窗口")
    await page.get_by_role("button", name="添加一部手机").click()
    await expect(page.locator(".phone")).to_have_count(3)
    assert troubles == []


@pytest.mark.parametrize(("wide", "dark"), [(False, False), (True, True)])
async def test_nothing_keeps_anybody_out(opened: Open, browser: Browser, *, wide: bool, dark: bool) -> None:
    box = await desk(opened)
    page, troubles = await lay(browser, box, wide=wide, dark=dark)
    assert await violations(page) == []
    await page.get_by_role("button", name="关注公众号").click()
    await page.get_by_role("button", name="1 流动党员报到").click()
    await page.get_by_role("button", name="1 同意，开始").wait_for()
    for selector in (".theirs .bubble", ".mine .bubble"):
        assert await page.evaluate(RATIO, [selector]) >= 7
    await page.get_by_label("这部手机").click()
    await page.get_by_role("button", name="大字").click()
    assert await page.get_by_label("输入消息").evaluate("node => getComputedStyle(node).fontSize") == "22px"
    await page.get_by_role("button", name="我的", exact=True).click()
    assert await violations(page) == []
    for tool in ("照片",) if wide else ("照片", "位置", "扫一扫", "语音"):
        await page.get_by_label("照片、位置、扫码、语音").click()
        assert not await overflows(page)
        await page.get_by_role("button", name=tool, exact=True).click()
        assert await violations(page) == [], tool
        await page.keyboard.press("Escape")
    await page.get_by_label("这部手机").click()
    await page.get_by_role("button", name="线路上走了什么").click()
    await page.locator("details[open]").wait_for()
    assert await violations(page) == []
    assert troubles == []


async def overflows(page: Page) -> bool:
    found: bool = await page.evaluate("document.documentElement.scrollWidth > innerWidth")
    return found
