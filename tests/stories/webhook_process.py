"""Runs the bot in webhook mode in a process that can be killed: it takes updates and handles none.

``python -m tests.stories.webhook_process DATABASE_URL API_BASE_URL PORT SECRET`` prints ``ready``.
"""

from __future__ import annotations

import asyncio
import sys
from dataclasses import replace
from typing import Any

from bot.app import App
from bot.config.load import load
from bot.config.reader import Secret
from bot.config.settings import BotSettings, WebhookSettings
from bot.sandbox.bot_api.server import TOKEN
from data.database import Database


async def never(_update: dict[str, Any]) -> None:
    """Whatever kills the process comes before the update is handled."""
    await asyncio.Event().wait()


async def main(url: str, base_url: str, port: int, secret: str) -> None:
    settings = load(None, {})
    telegram = replace(
        settings.telegram,
        api_base_url=base_url,
        bots=(BotSettings(token=Secret(TOKEN)),),
        mode="webhook",
        webhook=webhook_on(port, secret),
    )
    app = App(replace(settings, telegram=telegram), Database(url), ticking=False)
    app.lines[0].intake._handle = never
    await app.start()
    await app.ready()
    print("ready", flush=True)
    await app.forever()


def webhook_on(port: int, secret: str) -> WebhookSettings:
    """Without TLS: here no proxy stands before it."""
    return WebhookSettings(
        url=f"http://127.0.0.1:{port}/telegram", port=port, secret_token=Secret(secret)
    )


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], sys.argv[2], int(sys.argv[3]), sys.argv[4]))
