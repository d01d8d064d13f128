"""The process is told to end while a feed trickles: it ends, and the next one may begin."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from contextlib import closing
from pathlib import Path

import pytest

from bot.sandbox.bot_api.server import TOKEN, BotApiServer
from data.database import Database
from tests.roster import fill
from tests.store.test_feed_deadlines import HEAD, Trickler
from tests.waiting import PATIENCE

FEED = """
[[feeds]]
name = "slow"
url = "{url}"
format = "firms"
[[sources.cap]]
name = "warnings"
url = "{url}?warnings"
[[sources.gauges]]
name = "levels"
url = "{url}?levels"
format = "sensorthings"
[watch]
port = 0
"""
ENDS_WITHIN = 30.0
"""Seconds, on a busy machine; the feed would go on for a minute."""


@pytest.mark.slow
async def test_the_end_does_not_wait_for_a_feed_that_trickles(tmp_path: Path) -> None:
    trickler = Trickler(HEAD + b"\r\n", b"x")
    config = tmp_path / "config.toml"
    config.write_text(FEED.format(url=trickler.url), encoding="utf-8")
    with closing(Database(f"sqlite:///{tmp_path / 'jiaoying.db'}")) as database:
        fill(database)
    async with BotApiServer() as server:
        environ = {
            **os.environ,
            "JIAOYING_TELEGRAM__API_BASE_URL": server.base_url,
            "JIAOYING_TELEGRAM_TOKEN": TOKEN,
            "JIAOYING_LOG__LEVEL": "ERROR",
        }
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "bot.cli",
            "run",
            "--config",
            str(config),
            env=environ,
            stderr=asyncio.subprocess.PIPE,
        )
        try:
            async with asyncio.timeout(4 * PATIENCE):
                await asyncio.to_thread(trickler.asked.wait, 4 * PATIENCE)
            assert process.returncode is None
            process.send_signal(signal.SIGTERM)
            async with asyncio.timeout(ENDS_WITHIN):
                _, said = await process.communicate()
            assert process.returncode == 0
            assert b"Traceback" not in said, said.decode()
        finally:
            trickler.close()
            if process.returncode is None:
                process.kill()
                await process.wait()
