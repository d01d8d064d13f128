"""Telegram's list of commands: short for everybody, and for officers those their post may use."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from bot.app import App
from bot.handlers import all_handlers
from bot.runtime import line
from bot.sandbox.bot_api.faults import Fault, FaultAction
from bot.sandbox.bot_api.server import BotApiServer
from bot.views.menu import commands_of
from contacts.people import Role
from data.database import Database
from tests.roster import fill
from tests.stories.story import Story, settings_for, story_of
from tests.waiting import PATIENCE, until


@pytest.fixture
async def story(tmp_path: Path):
    async with story_of(tmp_path) as running:
        yield running


async def listed(story: Story, **scope: Any) -> list[str]:
    outcome = await story.app.lines[0].api.call("getMyCommands", scope)
    return [command["command"] for command in outcome.result]


async def test_everybody_sees_a_short_list_in_both_languages(story: Story) -> None:
    private = {"scope": {"type": "all_private_chats"}}
    async with asyncio.timeout(PATIENCE):
        while not await listed(story, **private, language_code="en"):  # noqa: ASYNC110
            await asyncio.sleep(0.01)
    assert await listed(story, **private) == ["help", "tasks", "handbook", "card", "link", "lang"]
    chinese = await story.app.lines[0].api.call("getMyCommands", private)
    assert chinese.result[0]["description"] == "能做什么"


async def test_officers_get_what_their_post_can_do(story: Story) -> None:
    chief, head = story["县指挥"], story["村长0"]
    await chief.says("/help")
    await chief.sees("能做什么")
    scope = {"scope": {"type": "chat", "chat_id": chief.id}}
    assert (await listed(story, **scope))[:3] == ["warn", "update", "lift"]
    await chief.says("/lang en")
    await chief.sees()
    outcome = await story.app.lines[0].api.call("getMyCommands", scope)
    assert outcome.result[0]["description"] == "Release a warning"
    await head.says("/help")
    await head.sees("能做什么")
    assert await listed(story, scope={"type": "chat", "chat_id": head.id}) == []


@pytest.mark.parametrize(
    ("name", "key", "command"),
    [
        ("县指挥", "⚠️ Release a warning", "Release a warning"),
        ("县值班", "📵 未回应 Silent", "How things stand"),
        ("护林员", "🆘 求救 Help", "Satellite hotspots"),
        ("村长0", "📋 My tasks", "What you can do"),
    ],
)
async def test_another_language_changes_keyboard_and_commands_too(
    story: Story, name: str, key: str, command: str
) -> None:
    person = story[name]
    scope = {"scope": {"type": "chat", "chat_id": person.id}}
    for language, keys in (("en", True), ("zh", False)):
        await person.says(f"/lang {language}")
        await person.sees()
        _, chat = story.server.people._place(person.id, None, None)
        keyboard = chat.keyboards[person.id]["keyboard"]
        shown = [each["text"] for row in keyboard for each in row]
        assert (key in shown) is keys, shown
        outcome = await story.app.lines[0].api.call("getMyCommands", scope)
        described = [each["description"] for each in outcome.result]
        assert (command in described) is keys, described


def test_every_command_that_is_listed_is_handled() -> None:
    handled = {
        name for handler in all_handlers() for name in getattr(handler, "commands", frozenset())
    }
    for role in (None, *Role):
        assert set(commands_of(role)) <= handled


def codes(server: BotApiServer) -> list[int]:
    return [row["code"] for row in server.calls.rows() if row["method"] == "setMyCommands"]


async def test_a_refusal_delays_nothing_and_is_tried_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(line, "OFFER_AGAIN_SECONDS", (0.05, 0.05))
    database = Database(f"sqlite:///{tmp_path}/menu.db", synchronous="off")
    fill(database)
    async with BotApiServer() as server:
        server.faults.add(Fault(FaultAction.HTML, "setMyCommands", count=2, error_code=502))
        app = App(settings_for(server), database, ticking=False)
        await app.start()
        try:
            await asyncio.wait_for(app.ready(), PATIENCE)
            await until(lambda: codes(server) == [502, 502, 200, 200])
        finally:
            await app.stop()
            database.close()
