"""Runs every part of the bot in a process of its own on one PostgreSQL, and asks how they do."""

from __future__ import annotations

import time
from collections import Counter
from urllib.error import HTTPError, URLError
from urllib.request import urlopen

from sqlalchemy import func, select

from bench.scene import ask, run
from bot.console.running import PARTS
from data.database import Database
from tests.forked import ForkedProcess, forked_bot
from tests.waiting import PATIENCE


class Machines:
    """The processes that run, by part; several may do the same part."""

    def __init__(self, url: str, bot_api: str) -> None:
        self._url, self._bot_api = url, bot_api
        self.running: dict[str, list[ForkedProcess]] = {part: [] for part in PARTS}

    def start(self, part: str) -> None:
        process = forked_bot(self._url, self._bot_api, "--only", part)
        self.running[part].append(process)

    def kill(self, part: str) -> None:
        """The first of this part, as a power cut would."""
        process = self.running[part].pop(0)
        process.kill()
        process.wait(PATIENCE)

    def stop(self) -> None:
        for process in [process for of_part in self.running.values() for process in of_part]:
            process.kill()
            process.wait(PATIENCE)


def count(database: Database, table, *conditions) -> int:  # type: ignore[no-untyped-def]
    query = select(func.count()).select_from(table).where(*conditions)
    return int(database.read(lambda c: c.execute(query).scalar_one()))


def called(url: str) -> Counter[int]:
    """How often each private chat was sent a warning."""
    rows = run(ask(url, "log?since=0"))
    return Counter(
        row["chat_id"]
        for row in rows
        if row["method"] == "sendMessage" and row["code"] == 200 and row["chat_id"] > 0
    )


def asked(port: int, path: str) -> tuple[int, str]:
    """What the process says, once it listens."""
    give_up = time.monotonic() + PATIENCE
    while True:
        try:
            with urlopen(f"http://127.0.0.1:{port}{path}", timeout=PATIENCE) as answer:
                return answer.status, answer.read().decode()
        except HTTPError as error:
            with error:
                return error.code, error.read().decode()
        except URLError:
            assert time.monotonic() < give_up, f"nothing listens at {port}"
            time.sleep(0.1)
