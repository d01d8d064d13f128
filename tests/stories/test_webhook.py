"""Updates pushed by Telegram: answers count, strangers are refused, a kill after 200 loses none."""

from __future__ import annotations

import asyncio
import io
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from bot.app import App
from bot.telegram.webhook import LARGEST_UPDATE, SECRET_HEADER
from tests.stories.command_line import ROOT
from tests.stories.story import Story, settings_for, story_of
from tests.stories.test_call_and_respond import everybody_is_called, release
from tests.stories.webhook_process import webhook_on
from tests.waiting import PATIENCE, free_port

SECRET = "only-telegram-knows"


@pytest.fixture
async def story(tmp_path: Path):
    async with story_of(tmp_path, webhook=webhook_on(free_port(), SECRET)) as running:
        yield running


async def test_a_warning_is_answered_and_closed(story: Story) -> None:
    await release(story)
    await everybody_is_called(story)
    for name in ("村长0", "村长1", "村长2", "镇长"):
        assert "已记录" in await story[name].taps("收到")
    await story["村长0"].taps("已转移群众")
    await story["村长0"].sees("多少户")
    await story["村长0"].says("12户 35人")
    await story["村长0"].sees("12", "35")
    await story.tick()
    await story["县指挥"].sees("销号", "最慢")
    assert "getUpdates" not in {row["method"] for row in story.server.calls.rows()}


@pytest.mark.parametrize(
    ("headers", "body", "status"),
    [
        ({SECRET_HEADER: "guessed"}, None, 403),
        ({}, None, 403),
        ({SECRET_HEADER: SECRET}, b"no json", 400),
        ({SECRET_HEADER: SECRET}, b"[]", 400),
        ({SECRET_HEADER: SECRET}, b'{"update_id": "1"}', 400),
        ({SECRET_HEADER: SECRET}, b" " * (LARGEST_UPDATE + 1), 413),
    ],
)
async def test_whoever_is_not_telegram_is_refused(
    story: Story, headers: dict[str, str], body: bytes | None, status: int
) -> None:
    await release(story)
    await everybody_is_called(story)
    call = story["村长0"].last_with("收到")
    forged = {
        "update_id": 999_999,
        "callback_query": {
            "id": "1",
            "from": {"id": story["村长0"].id, "is_bot": False, "first_name": "x"},
            "chat_instance": "1",
            "message": call,
            "data": call["reply_markup"]["inline_keyboard"][0][0]["callback_data"],
        },
    }
    url = story.app.settings.telegram.webhook.url
    async with aiohttp.ClientSession() as session:
        sent: dict[str, Any] = {"json": forged} if body is None else {"data": io.BytesIO(body)}
        async with session.post(url, headers=headers, **sent) as response:
            assert response.status == status
    await story.settled()
    await story["县指挥"].says("/status")
    await story["县指挥"].sees("已回应 0 / 4")


async def test_an_update_that_could_not_be_stored_is_delivered_again(
    story: Story, monkeypatch: pytest.MonkeyPatch
) -> None:
    from data.errors import StoreUnwritable

    await release(story)
    await everybody_is_called(story)
    accept, refused = story.app.lines[0].intake.accept, []

    async def fails_once(updates: list[dict[str, Any]]) -> None:
        if not refused:
            refused.append(updates)
            raise StoreUnwritable("full")
        await accept(updates)

    monkeypatch.setattr(story.app.lines[0].intake, "accept", fails_once)
    assert "已记录" in await story["村长0"].taps("收到")
    assert refused


async def test_a_tap_is_not_lost_when_the_process_is_killed_after_its_200(story: Story) -> None:
    await release(story)
    await everybody_is_called(story)
    await story.app.stop()
    port = story.app.settings.telegram.webhook.port
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.stories.webhook_process"),
        *(story.app.database.url, story.server.base_url, str(port), SECRET),
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        cwd=ROOT,
        stdout=subprocess.PIPE,
    )
    try:
        assert process.stdout is not None
        assert await asyncio.wait_for(process.stdout.readline(), PATIENCE) == b"ready\n"
        head = story["村长0"]
        call = head.last_with("收到")
        tap = story.server.people.tap(head.id, head.id, call["message_id"], text="收到")
        await story.server.watch.updates_taken(timeout=PATIENCE)
    finally:
        process.kill()
        await process.communicate()
    settings = settings_for(story.server, webhook=webhook_on(port, SECRET))
    story.app = App(settings, story.app.database, clock=story.clock, ticking=False)
    await story.app.start()
    await story.app.ready()
    answer = await story.server.watch.callback_answer(tap, timeout=PATIENCE)
    assert "已记录" in (answer["text"] or "")
    await story.settled()
    assert "已回应" in head.shows(call)["text"]
