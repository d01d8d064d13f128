"""What tests and the sandbox page can see: that the bot asks for a reply; a busy port."""

from __future__ import annotations

import pytest

from bot.sandbox.bot_api.server import BotApiServer
from tests.unit.sandbox.client import WANG, sandbox


@pytest.mark.parametrize(
    ("markup", "shown"),
    [
        ({"force_reply": True}, {}),
        (
            {"force_reply": True, "input_field_placeholder": "12户 35人"},
            {"input_field_placeholder": "12户 35人"},
        ),
        ({"remove_keyboard": True}, None),
        (None, None),
    ],
)
async def test_a_forced_reply_is_shown_to_whoever_watches(
    markup: dict[str, object] | None, shown: dict[str, object] | None
) -> None:
    async with sandbox() as (server, bot):
        with server.watch.subscribe() as events:
            sent = await bot.call("sendMessage", chat_id=WANG, text="多少户", reply_markup=markup)
            messages = [
                event["message"]
                for event in (events.queue.get_nowait() for _ in range(events.queue.qsize()))
                if event["type"] == "message"
            ]
        assert "force_reply" not in sent  # the Bot API does not say so
        assert [message.get("force_reply") for message in messages] == [shown]
        assert [message.get("force_reply") for message in server.messages(WANG)] == [shown]


async def test_a_port_that_was_taken_can_be_tried_again() -> None:
    async with BotApiServer() as first:
        second = BotApiServer()
        with pytest.raises(OSError, match="address already in use"):
            await second.start(port=first.port)
        await first.refuse_connections()
        await second.accept_connections()
        assert second.base_url == first.base_url
        await second.stop()
