"""A real Chromium for the tests that walk in one."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from playwright.async_api import Browser, async_playwright, expect

from tests.shared import left_out
from tests.waiting import PATIENCE

PROGRAMS = ("chromium", "chromium-browser", "google-chrome")
_ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]


@asynccontextmanager
async def launched() -> AsyncIterator[Browser]:
    """Start a browser, or say that there is none."""
    program = next((path for name in PROGRAMS if (path := shutil.which(name))), None)
    if program is None:
        left_out("the walks in a browser: chromium is not installed")
    expect.set_options(timeout=PATIENCE * 1000)  # a busy machine is not a broken page
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=program, args=_ARGUMENTS)
        yield browser
        await browser.close()
