"""A headless Chromium driven over its DevTools protocol: what a browser test needs, no more."""

from __future__ import annotations

import asyncio
import base64
import json
import os
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import aiohttp

NAMES = ("chromium", "google-chrome", "google-chrome-stable", "chromium-browser")
_QUIET = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--hide-scrollbars",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-default-apps",
    "--disable-extensions",
    "--disable-sync",
    "--metrics-recording-only",
    "--no-first-run",
    "--no-default-browser-check",
    "--force-device-scale-factor=1",
    "--remote-debugging-port=0",
)


def find_chromium() -> str | None:
    """The browser's path: ``JIAOYING_CHROMIUM``, or the first that is installed."""
    return os.environ.get("JIAOYING_CHROMIUM") or next(filter(None, map(shutil.which, NAMES)), None)


class Tab:
    """One page. ``problems`` collects what its scripts complained about."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self._socket = socket
        self._count = 0
        self._waiting: dict[int, asyncio.Future[dict[str, Any]]] = {}
        self.problems: list[str] = []

    async def listen(self) -> None:
        """Take answers and events until the socket closes."""
        async for message in self._socket:
            said = json.loads(message.data)
            if "id" in said:
                self._waiting.pop(said["id"]).set_result(said)
            elif said["method"] == "Runtime.exceptionThrown":
                details = said["params"]["exceptionDetails"]
                self.problems.append(
                    details.get("exception", {}).get("description") or details["text"]
                )
            elif said["method"] == "Log.entryAdded" and said["params"]["entry"]["level"] == "error":
                self.problems.append(said["params"]["entry"]["text"])

    async def call(self, method: str, **parameters: Any) -> dict[str, Any]:
        """One DevTools command.

        :raises RuntimeError: when the browser refuses it.
        """
        self._count += 1
        future = asyncio.get_running_loop().create_future()
        self._waiting[self._count] = future
        await self._socket.send_json({"id": self._count, "method": method, "params": parameters})
        answer = await asyncio.wait_for(future, 60)
        if "error" in answer:
            raise RuntimeError(f"{method}: {answer['error']}")
        result: dict[str, Any] = answer["result"]
        return result

    async def open(self, url: str, *, width: int = 1440, height: int = 900) -> None:
        """Go to a page, in a window of this size (CSS pixels)."""
        await self.call("Runtime.enable")
        await self.call("Log.enable")
        await self.resize(width, height)
        await self.call("Page.navigate", url=url)
        here = f"location.href.startsWith({json.dumps(url)})"
        await self.until(f"{here} && document.readyState === 'complete'", timeout=30)

    async def resize(self, width: int, height: int) -> None:
        """Another window size."""
        await self.call(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=height,
            deviceScaleFactor=1,
            mobile=width < 600,
        )

    async def do(self, script: str) -> Any:
        """Run JavaScript in the page; its value, awaited when it is a promise.

        :raises RuntimeError: when it throws.
        """
        answer = await self.call(
            "Runtime.evaluate", expression=script, awaitPromise=True, returnByValue=True
        )
        if "exceptionDetails" in answer:
            raise RuntimeError(answer["exceptionDetails"].get("exception", {}).get("description"))
        return answer["result"].get("value")

    async def until(self, script: str, *, timeout: float = 15.0) -> Any:
        """Wait for the script to give something true.

        :raises TimeoutError: when it did not; with the page's complaints.
        """
        deadline = asyncio.get_running_loop().time() + timeout
        while not (found := await self.do(script)):
            if asyncio.get_running_loop().time() > deadline:
                raise TimeoutError(f"never true: {script}; the page says {self.problems}")
            await asyncio.sleep(0.1)
        return found

    async def click(self, words: str, *, within: str = "body") -> None:
        """Click the last enabled button that shows ``words``, as a mouse does."""
        find = (
            f"[...document.querySelector({json.dumps(within)}).querySelectorAll('button')]"
            f".filter(b => b.textContent.includes({json.dumps(words)}) && !b.disabled"
            " && b.offsetParent).at(-1)"
        )
        await self.until(f"!!{find}")
        x, y = await self.do(
            f"(() => {{ const b = {find}; b.scrollIntoView({{block: 'center'}});"
            " const r = b.getBoundingClientRect();"
            " return [r.x + r.width / 2, r.y + r.height / 2]; })()"
        )
        for kind in ("mousePressed", "mouseReleased"):
            await self.call(
                "Input.dispatchMouseEvent", type=kind, x=x, y=y, button="left", clickCount=1
            )

    async def screenshot(self, file: Path) -> None:
        """What is seen now, as PNG."""
        shot = await self.call("Page.captureScreenshot", format="png")
        await asyncio.to_thread(file.write_bytes, base64.b64decode(shot["data"]))


@asynccontextmanager
async def chromium(path: str, folder: Path) -> AsyncIterator[Tab]:
    """A browser with one empty tab and a profile of its own in ``folder``."""
    profile = folder / "profile"
    process = await asyncio.create_subprocess_exec(
        path,
        *_QUIET,
        f"--user-data-dir={profile}",
        "about:blank",
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        port = await _port(profile / "DevToolsActivePort")
        async with aiohttp.ClientSession() as session:
            async with session.get(f"http://127.0.0.1:{port}/json/list") as answer:
                targets = await answer.json()
            address = next(t["webSocketDebuggerUrl"] for t in targets if t["type"] == "page")
            async with session.ws_connect(address, max_msg_size=0) as socket:
                tab = Tab(socket)
                listening = asyncio.ensure_future(tab.listen())
                try:
                    yield tab
                finally:
                    listening.cancel()
                    with suppress(asyncio.CancelledError):
                        await listening
    finally:
        process.terminate()
        await process.wait()


async def _port(file: Path) -> int:
    """The port Chromium chose: the first line of a file it writes when it listens."""
    async with asyncio.timeout(30):
        while True:
            if written := _written(file):
                return int(written.split()[0])
            await asyncio.sleep(0.05)


def _written(file: Path) -> str:
    return file.read_text(encoding="utf-8") if file.exists() else ""
