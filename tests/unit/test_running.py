"""``run --only`` knows the app's parts, and needs PostgreSQL."""

from __future__ import annotations

import io
from argparse import Namespace
from dataclasses import replace

import pytest

from bot import app
from bot.config.load import load
from bot.config.reader import Secret
from bot.config.settings import BotSettings, DatabaseSettings
from bot.console import running
from bot.sandbox.bot_api.server import TOKEN


def test_the_parts_are_those_of_the_app() -> None:
    assert running.PARTS == app.PARTS


def test_one_part_alone_needs_postgresql() -> None:
    settings = load(None, {})
    settings = replace(
        settings,
        database=DatabaseSettings("sqlite:////nowhere/jiaoying.db"),
        telegram=replace(settings.telegram, bots=(BotSettings(token=Secret(TOKEN)),)),
    )
    with pytest.raises(running.NeedsPostgresql) as refused:
        running._run(Namespace(only="dispatch"), settings, io.StringIO())
    assert "postgresql://" in str(refused.value)
