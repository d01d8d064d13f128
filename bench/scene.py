"""What every benchmark needs: a filled database, a server process, a row of the results."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import aiohttp
from sqlalchemy import insert

from alerts.escalation import Policy
from alerts.model import Draft, Hazard, Level
from alerts.release import Released, release
from alerts.rules import Rules
from bench.process import compiling_environ
from bot.sandbox.bot_api.server import TOKEN
from contacts import bot_store, people_store
from contacts.bots import Bot
from contacts.divisions.store import shipped_divisions
from contacts.roster.store import seed_divisions
from data import schema
from data.database import Database
from data.tables.contacts import groups, people

PROVINCE = "220000000000"
BOT_ID = int(TOKEN.partition(":")[0])
ROLES = ("village_responsible", "ranger", "lookout", "checkpoint", "commander", "director")
DRAFT = Draft(
    Level.RED,
    Hazard.FOREST_FIRE,
    (PROVINCE,),
    "立即组织群众转移，禁止一切野外用火",
    headline="吉林省",
)
# One commander releases; nobody is chased while the pace is measured.
QUIET = Rules(
    second_confirmation_levels=frozenset(), policies={level: Policy(remind=600) for level in Level}
)
CHASING = Rules(second_confirmation_levels=frozenset())


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the result table; ``met`` is ``None`` where no limit is to be met."""

    bench: str
    what: str
    figure: str
    bar: str = ""
    met: bool | None = None


def now() -> datetime:
    return datetime.now(UTC)


def filled(target: Path | str, persons: int, posts: int = 0) -> Database:
    """A new database with so many linked persons over all villages, and so many groups.

    :param target: the file of an SQLite one, or the URL of an empty one.
    """
    database = Database(target if isinstance(target, str) else f"sqlite:///{target}")
    schema.upgrade(database)
    villages = [
        division.code for division in shipped_divisions() if division.tier.name == "VILLAGE"
    ]
    townships = [
        division.code
        for division in shipped_divisions()
        if division.tier.name in ("TOWNSHIP", "COUNTY")
    ]
    sender = _person(1, PROVINCE, "commander", 1)
    rows = [
        _person(
            10 + n, villages[n % len(villages)], ROLES[(n // len(villages)) % len(ROLES)], 1000 + n
        )
        for n in range(persons)
    ]

    def unit(connection: Any) -> None:
        seed_divisions(connection, now())
        connection.execute(insert(people), [sender, *rows])
        if posts:
            connection.execute(
                insert(groups),
                [
                    {
                        "chat_id": -1000 - n,
                        "title": f"群{n}",
                        "division_code": townships[n % len(townships)],
                        "purpose": "fire",
                    }
                    for n in range(posts)
                ],
            )
        bot_store.configure(connection, [Bot(BOT_ID, PROVINCE)], now())

    database.do(unit)
    return database


def go(database: Database, rules: Rules = QUIET) -> Released:
    """Release the draft to the province."""

    def unit(connection: Any) -> Released:
        sender = people_store.person(connection, 1)
        assert sender is not None
        return release(connection, DRAFT, sender, rules, now())

    return database.do(unit)


def server(*options: str) -> AbstractContextManager[str]:
    """The local Bot API server in a process of its own; its base URL."""
    return listening("bot.sandbox.bot_api", "--token", TOKEN, *options)


@contextmanager
def listening(module: str, *options: str) -> Iterator[str]:
    """A server in a process of its own, which prints ``ready URL``; the URL."""
    command = [sys.executable, "-m", module, *options]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=compiling_environ())
    assert process.stdout is not None
    try:
        word, _, url = process.stdout.readline().strip().partition(" ")
        assert word == "ready", f"{module} did not start"
        yield url
    finally:
        process.terminate()
        with suppress(subprocess.TimeoutExpired):
            process.wait(5)
        process.kill()
        process.wait()
        process.stdout.close()


async def ask(url: str, path: str, body: Any = None) -> Any:
    """The server's control endpoints."""
    async with aiohttp.ClientSession() as session:
        method = session.get if body is None else session.post
        options = {} if body is None else {"json": body}
        async with method(f"{url}/sandbox/{path}", **options) as response:
            return (await response.json())["result"]


async def stats(url: str) -> dict[str, Any]:
    """What the server saw."""
    return dict(await ask(url, "stats"))


def run(coroutine: Any) -> Any:
    return asyncio.run(coroutine)


def machine() -> dict[str, Any]:
    """What the figures were measured on."""
    return {"cores": os.cpu_count(), "python": sys.version.split()[0], "platform": sys.platform}


def _person(person_id: int, code: str, role: str, telegram_id: int) -> dict[str, Any]:
    return {
        "id": person_id,
        "name": f"人{person_id}",
        "phone": f"+8619{person_id:09d}",
        "division_code": code,
        "role": role,
        "rank": 1,
        "language": "zh",
        "telegram_id": telegram_id,
        "contact": "ok",
        "invite_code": f"code{person_id}",
        "active": True,
    }
