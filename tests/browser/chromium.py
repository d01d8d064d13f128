"""The Chromium of this machine, driven by Playwright: the fixtures of the browser's stories."""

from __future__ import annotations

import os
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Browser, ConsoleMessage, Page, async_playwright, expect

from tests.waiting import PATIENCE

NAMES = ("chromium", "google-chrome", "google-chrome-stable", "chromium-browser")
QUIET = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--renderer-process-limit=1",  # no spare one is started for a page that never comes
)
DESK = {"width": 1440, "height": 900}
PHONE = {"width": 390, "height": 844}

in_one_browser = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="module")]
"""The marks of a file whose tests have one browser, and so one event loop."""

expect.set_options(timeout=PATIENCE * 1000)


def find_chromium() -> str | None:
    """The browser's path: ``JIAOYING_CHROMIUM``, or the first that is installed."""
    return os.environ.get("JIAOYING_CHROMIUM") or next(filter(None, map(shutil.which, NAMES)), None)


class Complaints(list[str]):
    """Collects the errors that the pages' scripts report."""

    def listen_to(self, page: Page) -> None:
        """Note each error that is thrown or written to the console."""

        def said(message: ConsoleMessage) -> None:
            if message.type == "error":
                self.append(message.text)

        page.on("console", said)
        page.on("pageerror", lambda error: self.append(str(error)))


@pytest.fixture
def complaints() -> Complaints:
    return Complaints()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser() -> AsyncIterator[Browser]:
    """A browser for each file, whose tests are ``in_one_browser``: to start one takes longer than
    most of them. A test without one is skipped."""
    path = find_chromium()
    if path is None:
        pytest.skip(
            "没有 Chromium，浏览器测试被跳过！ NO CHROMIUM: install it or set JIAOYING_CHROMIUM"
        )
    async with async_playwright() as playwright:
        launched = await playwright.chromium.launch(
            executable_path=path, args=QUIET, timeout=PATIENCE * 1000
        )
        yield launched
        await launched.close()


@asynccontextmanager
async def opened(browser: Browser, **options: Any) -> AsyncIterator[Page]:
    """An empty page that knows nothing of others: what it keeps goes with it."""
    async with await browser.new_context(**options) as context:
        page = await context.new_page()
        page.set_default_timeout(PATIENCE * 1000)
        yield page


@pytest_asyncio.fixture(loop_scope="module")
async def page(browser: Browser, complaints: Complaints) -> AsyncIterator[Page]:
    """An empty page on a desk."""
    async with opened(browser, viewport=DESK) as empty:
        complaints.listen_to(empty)
        yield empty


@pytest_asyncio.fixture(loop_scope="module")
async def phone(browser: Browser, complaints: Complaints) -> AsyncIterator[Page]:
    """An empty page in the hand."""
    async with opened(browser, viewport=PHONE, is_mobile=True) as empty:
        complaints.listen_to(empty)
        yield empty


async def keep(page: Page, name: str) -> None:
    """Keep a picture of what is seen now, in the folder ``JIAOYING_SCREENSHOTS``."""
    if folder := os.environ.get("JIAOYING_SCREENSHOTS"):
        await page.screenshot(path=Path(folder) / f"{name}.png")
