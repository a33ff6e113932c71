"""What the phone's page is made of, without a browser."""

from __future__ import annotations

import re
from pathlib import Path

from tests.simulator.stand import Stand

STATIC = Path(__file__).resolve().parents[2] / "bot" / "simulator" / "static"
POLICY = {
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self' data:",
    "connect-src 'self'",
    "form-action 'none'",
    "base-uri 'none'",
}


async def test_the_page_may_load_nothing_from_elsewhere(box: Stand) -> None:
    async with box.session.get(f"{box.url}/") as response:
        assert response.status == 200
        assert response.content_type == "text/html"
        assert set(response.headers["Content-Security-Policy"].split("; ")) >= POLICY
        page = await response.text()
    for name in re.findall(r'(?:href|src)="(/static/[^"]+)"', page):
        async with box.session.get(f"{box.url}{name}") as response:
            assert response.status == 200, name


def test_nothing_is_inline_and_nothing_comes_from_outside() -> None:
    page = (STATIC / "index.html").read_text(encoding="utf-8")
    assert not re.search(r"<script(?![^>]*src=)|<style|\sstyle=|\son\w+=", page)
    for path in STATIC.iterdir():
        text = path.read_text(encoding="utf-8").replace("http://www.w3.org/2000/svg", "")
        assert not re.search(r"https?://|//[a-z]+\.[a-z]", text), path.name


async def test_only_the_pages_own_files_are_handed_out(box: Stand) -> None:
    for name in ("nothing.js", "..%2Fapp.py", "%2e%2e%2fapp.py", "index.py"):
        async with box.session.get(f"{box.url}/static/{name}") as response:
            assert response.status == 404, name


async def test_the_page_never_shows_the_accounts_secrets(box: Stand) -> None:
    openid = await box.member()
    await box.say(openid, "在吗")
    await box.customer(openid, "您好")
    for path in ("board", f"members/{openid}", f"members/{openid}/wire", "stations"):
        async with box.session.get(f"{box.url}/_sim/{path}") as response:
            text = await response.text()
        assert '"secret"' not in text
        assert box.token not in text
