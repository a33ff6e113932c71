"""Every page of the desk in a real Chromium, wide and narrow, light and dark: open to everybody, nothing runs off."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
from aiohttp.test_utils import TestServer
from playwright.async_api import Browser, BrowserContext, Page

from handlers.desk.frame.people_view import address
from tests.desk.conftest import NewClerk
from tests.desk.test_access import routed
from tests.desk.test_browser import AXE
from tests.desk.test_bulk import confirm, look
from tests.desk.test_sealed import clear, open_sealed
from tests.desk.world import FAR, FLAT, LAMP, PASSWORD, World
from tests.shared import left_out

pytestmark = pytest.mark.browser
HOME = "yushan-xincheng"
# Who opens what. In a path, `{bulk}` is what was done to many and `{found}` what was looked for.
WALKS: dict[str, tuple[str, ...]] = {
    "王站长": (
        "/desk/queue/{place}=unit",
        "/desk/queue/{place}=sealed",
        "/desk/filter/{place}=unit",
        f"/desk/case/{{number}}={LAMP}",
        "/desk/find",
        "/desk/find/{sealed}={found}",
        "/desk/bulk/{run}={bulk}",
        "/desk/exports",
        "/desk/mentions",
        "/desk/calls",
        "/desk/intake",
        "/desk/replies",
        "/desk/standing",
        "/desk/duty",
        "/desk/password",
        *(f"/desk/numbers/{page}" for page in ("month", "wall", "log", "trends", "cases?figure=opened")),
        "/desk/numbers/{kind}=units",
        "/desk/numbers/{kind}=year",
    ),
    "系统": (
        "/desk/",
        "/desk/people",
        f"/desk/person/{{person}}={address('张敏').rsplit('/', 1)[1]}",
        "/desk/units",
        f"/desk/unit/{{unit}}={HOME}",
        f"/desk/unit/{{unit}}={HOME}/codes",
        "/desk/units/import",
        "/desk/directory",
        "/desk/categories",
    ),
    "安全": ("/desk/trust",),
    "审计": ("/desk/audit",),
}
# What is no page: files, what leads on, what streams.
NO_PAGES = {
    "/desk",
    "/desk/next",
    "/desk/numbers",
    "/desk/events",
    "/desk/case/{number}/photo/{photo}",
    "/desk/exports/{export}",
}
LOOK = """async () => {
  const found = await axe.run({resultTypes: ["violations"]});
  const words = found.violations.flatMap((rule) => rule.nodes.map((node) => `${rule.id}: ${node.html.slice(0, 160)}`));
  const root = document.documentElement;
  if (root.scrollWidth > root.clientWidth) words.push(`runs off by ${root.scrollWidth - root.clientWidth} px`);
  if (document.querySelectorAll("h1").length !== 1) words.push("not one first heading");
  return words;
}"""
DARK = """async () => (await axe.run({runOnly: ["color-contrast"], resultTypes: ["violations"]}))
  .violations.flatMap((rule) => rule.nodes.map((node) => `dark ${rule.id}: ${node.html.slice(0, 160)}`))"""


@pytest.fixture
async def lived(world: World, clerk: NewClerk) -> dict[str, str]:
    """A desk on which something has happened. Gives what the addresses of it need."""
    for name, post in (("系统", "admin"), ("安全", "security"), ("审计", "audit")):
        await world.hire(name, "kunshan", post)
    await open_sealed(world)
    await clear(world, "王站长")
    head = await clerk("王站长")
    await head.act(LAMP, "claim")
    await head.act(LAMP, "note", "物业说今晚就去 @张敏")
    await head.act(LAMP, "write", "已经请物业去看，今晚给您回话。")
    await world.add(LAMP, "好的，谢谢")
    page = await look(head, "tag", FLAT, FAR, to="夜间")
    bulk, _ = await confirm(head, page)
    await head.see("/desk/queue/unit")
    found = await head.client.post("/desk/find", data={"csrf": head.csrf, "q": "路灯"})
    await head.see("/desk/standing")
    tomorrow = world.clock.at.date().isoformat()
    await head.send("/desk/standing/ask", absent="王站长", stand_in="张敏", first=tomorrow, last=tomorrow)
    return {"bulk": bulk.split("?")[0].rsplit("/", 1)[1], "found": found.url.path.rsplit("/", 1)[1]}


async def test_every_page_of_the_desk_is_on_a_walk(world: World) -> None:
    walked = {path.split("=")[0].split("?")[0] for paths in WALKS.values() for path in paths}
    walked |= {"/desk/login", "/desk/unit/{unit}/codes"}
    pages = {path for method, path in routed(world) if method == "GET"} - NO_PAGES
    assert {path for path in pages if "." not in path} - walked == set()


async def signed_in(browser: Browser, server: TestServer, name: str) -> tuple[BrowserContext, Page]:
    context = await browser.new_context(base_url=str(server.make_url("/")), viewport={"width": 1280, "height": 800})
    page = await context.new_page()
    await page.goto("/desk/login")
    await page.fill("[name=name]", name)
    await page.fill("[name=password]", PASSWORD)
    await page.keyboard.press("Enter")
    await page.wait_for_url(lambda url: "login" not in url)
    return context, page


def example(path: str) -> str:
    """Turn an address as the router has it, with what stands for its blank behind `=`, into one to open."""
    address, _, given = path.partition("=")
    return address[: address.index("{")] + given if "{" in address else path


async def keep(page: Page, name: str) -> None:
    """Keep a picture where somebody asked for it (HONGYAN_TEST_PICTURES)."""
    if folder := os.environ.get("HONGYAN_TEST_PICTURES", ""):
        await page.screenshot(path=Path(folder) / f"{name.replace('/', '_')}.png")


async def looked_at(page: Page, path: str, script: str) -> list[str]:
    """Look at one page at both widths and in both lights."""
    answer = await page.goto(path)
    assert answer is not None
    found = [] if answer.status == 200 else [f"{answer.status}"]
    await page.evaluate(script)
    for width in (1280, 390):
        await page.set_viewport_size({"width": width, "height": 800})
        for scheme, eyes in (("light", LOOK), ("dark", DARK)):
            await page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
            said: list[Any] = await page.evaluate(eyes)
            found += [f"{width}: {each}" for each in said]
            await keep(page, f"{path}-{width}-{scheme}")
    return [f"{path} {each}" for each in found]


async def test_every_page_is_open_to_everybody(lived: dict[str, str], browser: Browser, server: TestServer) -> None:
    if not AXE.exists():
        left_out("axe-core is not installed (tests/peers/install-axe.sh)")
    script, found = AXE.read_text(encoding="utf-8"), list[str]()
    for name, paths in WALKS.items():
        context, page = await signed_in(browser, server, name)
        for path in paths:
            found += await looked_at(page, example(path).format(**lived), script)
        await context.close()
    assert not found, "\n".join(found)
