"""(j) Ten bots share the province; the server enforces Telegram's limits for each token."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack, suppress
from pathlib import Path

from sqlalchemy import update

from bench.scene import PROVINCE, Row, filled, go, now, run, server, stats
from bench.sending import dispatcher_of
from bot.app import tune_interpreter
from bot.config.settings import PaceLimits
from bot.telegram.bot_api import BotApi
from bot.telegram.transport import Connections
from contacts import bot_store
from contacts.bots import Bot
from contacts.divisions.store import shipped_divisions
from data.database import Connection
from data.tables.contacts import groups, people

BOTS = 10
LIMIT = 30.0


def tokens() -> list[str]:
    """Ten tokens as the sandbox server's own looks."""
    return [f"{1000000001 + n}:sandbox-sandbox-sandbox-sandbox-{n + 1:03d}" for n in range(BOTS)]


def ten_bots(folder: Path, *, quick: bool) -> list[Row]:
    """1,810 posts and 20,000 persons, dealt out evenly; a tenth of that in quick mode."""
    posts, persons = (181, 2000) if quick else (1810, 20_000)
    options = ("--limits", "30,1,20", "--population", str(10**8))
    options += tuple(part for token in tokens()[1:] for part in ("--token", token))
    with server(*options) as url:
        sent = run(_send(folder, url, posts, persons))
        seen = run(stats(url))
    span = (seen["last_sent"] or 0) - (seen["first_sent"] or 0)
    limit = sent / (LIMIT * BOTS)
    refused = seen["refused_429"]
    return [
        Row("j", f"ten bots: {sent} messages in seconds", f"{span:.1f}"),
        Row(
            "j",
            f"the same ÷ the limit of ten tokens ({limit:.1f} s)",
            f"{span / limit:.3f}",
            "≤ 1.05",
            span <= 1.05 * limit,
        ),
        Row("j", "ten bots: 429s", str(refused), "0", refused == 0),
    ]


def _deal_out(connection: Connection) -> None:
    """Cities are too unequal for ten even shares: every person and group by number."""
    cities = [division.code for division in shipped_divisions() if division.tier.name == "CITY"]
    divisions = [PROVINCE, *cities][:BOTS]
    ids = [int(token.partition(":")[0]) for token in tokens()]
    configured = [Bot(bot, code) for bot, code in zip(ids, divisions, strict=True)]
    bot_store.configure(connection, configured, now())
    for n, bot in enumerate(ids):
        connection.execute(update(people).where(people.c.id % BOTS == n).values(bot_id=bot))
        connection.execute(update(groups).where(-groups.c.chat_id % BOTS == n).values(bot_id=bot))


async def _send(folder: Path, url: str, posts: int, persons: int) -> int:
    database = filled(folder / "ten.db", persons, posts)
    database.do(_deal_out)
    async with AsyncExitStack() as stack:
        connections = await stack.enter_async_context(Connections())
        dispatchers = [
            dispatcher_of(database, BotApi(connections, token, url), PaceLimits())
            for token in tokens()
        ]
        working = [asyncio.create_task(dispatcher.run()) for dispatcher in dispatchers]
        tune_interpreter()
        released = go(database)
        messages = released.calls + released.groups + 1
        while sum(sum(dispatcher.results.values()) for dispatcher in dispatchers) < messages or any(  # noqa: ASYNC110
            dispatcher.busy for dispatcher in dispatchers
        ):
            await asyncio.sleep(0.05)
        for task in working:
            task.cancel()
        with suppress(asyncio.CancelledError):
            await asyncio.gather(*working, return_exceptions=True)
    database.close()
    return messages
