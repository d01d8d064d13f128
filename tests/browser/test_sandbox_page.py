"""A newcomer's two minutes: a red warning goes out, is answered, is chased, is closed."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from tests.browser.chromium import Tab, chromium, find_chromium

CHROMIUM = find_chromium()
ROOT = Path(__file__).parents[2]

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(
        CHROMIUM is None,
        reason="没有 Chromium，浏览器测试被跳过！ NO CHROMIUM: install it or set JIAOYING_CHROMIUM",
    ),
]


@asynccontextmanager
async def sandbox() -> AsyncIterator[str]:
    """``jiaoying sandbox`` as a process of its own; its address."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "bot.cli",
        "sandbox",
        "--port",
        "0",
        cwd=ROOT,
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdout is not None
    try:
        async with asyncio.timeout(60):
            while "http://" not in (line := (await process.stdout.readline()).decode()):
                assert line, "the sandbox ended before it was ready"
        yield line.strip()
    finally:
        process.terminate()
        await process.wait()
    assert process.returncode == 0


async def forward(tab: Tab, words: str) -> None:
    await tab.click(words, within="#forward")
    await tab.until("!document.body.classList.contains('hurrying')", timeout=60)


def shows(phone: int, words: str) -> str:
    return f"document.querySelectorAll('.messages')[{phone}].textContent.includes('{words}')"


async def test_a_red_warning_is_released_answered_chased_and_closed(tmp_path: Path) -> None:
    assert CHROMIUM is not None
    async with sandbox() as address, chromium(CHROMIUM, tmp_path) as tab:
        await tab.open(address)
        await tab.click("演示：发布红色暴雨预警", within="#guide")
        village = ".phone:nth-child(2)"
        await tab.until(shows(1, "敦化市暴雨红色预警"), timeout=40)

        await tab.click("收到", within=f"{village} .messages")
        await tab.until(shows(1, "已回应"))
        await tab.click("已转移群众", within=f"{village} .messages")
        await tab.until(shows(1, "转移了多少户"))
        await tab.do(f"document.querySelector('{village} textarea').value = '12户 35人'")
        await tab.do(f"document.querySelector('{village} .composer').requestSubmit()")
        await tab.until(shows(1, "12 户 35 人"))

        await forward(tab, "+5")
        assert not await tab.do(shows(0, "已销号")), "closed before the silent were chased"
        await forward(tab, "+10")
        await tab.until(shows(0, "已销号"))
        assert tab.problems == []


async def test_a_roll_call_grows_with_its_map(tmp_path: Path) -> None:
    assert CHROMIUM is not None
    async with sandbox() as address, chromium(CHROMIUM, tmp_path) as tab:
        await tab.open(address)
        commander, ranger = ".phone:nth-child(1)", ".phone:nth-child(3)"
        await tab.until(f"document.querySelector('{commander} textarea') !== null", timeout=40)
        await tab.until(shows(0, "绑定"), timeout=40)  # the phones are there, and have their keys
        await tab.do(
            f"document.querySelector('{commander} textarea').value = '/rollcall 敦化市 三员 20'"
        )
        await tab.do(f"document.querySelector('{commander} .composer').requestSubmit()")
        await tab.click("开始点名", within=f"{commander} .messages")
        await tab.until(shows(2, "请在"), timeout=30)  # the visitor's own ranger is asked too
        await forward(tab, "+5")
        await tab.until(shows(0, "不在责任区"), timeout=30)
        await tab.click("地图", within=f"{commander} .messages")
        await tab.until(f"document.querySelector('{commander} .messages img') !== null", timeout=30)
        await tab.click("未应到", within=f"{commander} .messages")
        await tab.until(shows(0, "请打电话"))
        assert "点名" in await tab.do(f"document.querySelector('{ranger} .messages').textContent")
        await asyncio.sleep(1)
        await tab.screenshot(tmp_path / "roll-call.png")
        assert tab.problems == []
