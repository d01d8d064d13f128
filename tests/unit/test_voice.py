"""What a handler says: a tap is answered at once, and within Telegram's bounds."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import orjson

from alerts.outbox.lanes import Lane
from bot.telegram.failures import Outcome, OutcomeKind
from bot.telegram.outgoing import Request
from bot.telegram.voice import LONGEST_TOAST, Voice
from tests.waiting import let_happen

NOW = datetime(2026, 7, 1, tzinfo=UTC)


class Api:
    bot_id = "7"

    def __init__(self) -> None:
        self.asked: list[tuple[str, Mapping[str, Any]]] = []

    async def call(self, method: str, payload: Mapping[str, Any]) -> Outcome:
        self.asked.append((method, payload))
        return Outcome(OutcomeKind.SENT, True)


def voice_over(api: Api) -> Voice:
    return Voice(api, lambda: NOW)  # type: ignore[arg-type]


async def test_a_toast_is_cut_to_what_telegram_takes() -> None:
    api = Api()
    voice = voice_over(api)
    assert not voice.busy
    voice.toast("a")
    voice.toast("b", "已记录", alert=True)
    voice.toast("c", "一" * LONGEST_TOAST)
    voice.toast("d", "一" * (LONGEST_TOAST + 1))
    assert voice.busy
    await let_happen()
    assert not voice.busy
    assert api.asked == [
        ("answerCallbackQuery", {"callback_query_id": "a"}),
        ("answerCallbackQuery", {"callback_query_id": "b", "text": "已记录", "show_alert": True}),
        ("answerCallbackQuery", {"callback_query_id": "c", "text": "一" * LONGEST_TOAST}),
        (
            "answerCallbackQuery",
            {"callback_query_id": "d", "text": "一" * (LONGEST_TOAST - 1) + "…"},
        ),
    ]


async def test_without_the_store_only_who_sends_for_the_bot_can_tell() -> None:
    voice = voice_over(Api())
    outcome = await voice.say("sendMessage", {"chat_id": 5}, 5)
    assert outcome.kind is OutcomeKind.TEMPORARY
    made: list[tuple[Request, int, Lane]] = []

    async def make(request: Request, chat_id: int, lane: Lane) -> Outcome:
        made.append((request, chat_id, lane))
        return Outcome(OutcomeKind.SENT)

    voice.dispatcher = SimpleNamespace(make=make)  # type: ignore[assignment]
    voice.tell_without_store({"chat_id": 5, "text": "没有记录"}, 5)
    assert (voice.busy, made) == (True, [])
    await let_happen()
    assert not voice.busy
    [(request, chat_id, lane)] = made
    assert (request.method, chat_id, lane) == ("sendMessage", 5, Lane.ANSWER)
    assert orjson.loads(request.body)["text"] == "没有记录"
