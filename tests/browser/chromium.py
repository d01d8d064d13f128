"""The Chromium of this machine, driven by Playwright: the fixtures of the browser's stories."""

from __future__ import annotations

import os
import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
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
)
DESK = {"width": 1440, "height": 900}
PHONE = {"width": 390, "height": 844}

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


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    """A browser of its own for each test; a test without one is skipped."""
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


@pytest.fixture
async def page(browser: Browser, complaints: Complaints) -> Page:
    """An empty page on a desk."""
    opened = await browser.new_page(viewport=DESK)
    opened.set_default_timeout(PATIENCE * 1000)
    complaints.listen_to(opened)
    return opened


@pytest.fixture
async def phone(browser: Browser, complaints: Complaints) -> Page:
    """An empty page in the hand."""
    opened = await browser.new_page(viewport=PHONE, is_mobile=True)
    opened.set_default_timeout(PATIENCE * 1000)
    complaints.listen_to(opened)
    return opened


async def keep(page: Page, name: str) -> None:
    """Keep a picture of what is seen now, in the folder ``JIAOYING_SCREENSHOTS``."""
    if folder := os.environ.get("JIAOYING_SCREENSHOTS"):
        await page.screenshot(path=Path(folder) / f"{name}.png")
