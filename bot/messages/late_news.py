"""News that leaves long after it was queued says of when it is."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import orjson

from alerts.outbox.deliveries import Delivery
from alerts.outbox.messages import MessageKind
from bot.messages.facts import Facts
from bot.telegram.outgoing import Request
from bot.views.late import news_note

LATE = timedelta(hours=1)
"""Who reads it within so long takes it for what it is (ours)."""

LONGEST = 3900
"""Characters of a text that leave room for the note, of Telegram's 4096."""

WITHOUT_TIME = frozenset(
    {
        MessageKind.ACCOUNT_NEWS,
        MessageKind.DUTY_NEWS,
        MessageKind.HOTSPOT_TAKEN,
        MessageKind.LISTS_TOLD,
        MessageKind.PATROL_BACK,
        MessageKind.REPLY,
        MessageKind.ROSTER_DENIED,
        MessageKind.SHELTER_FULL,
        MessageKind.STAND_IN_TOO,
        MessageKind.STOOD_DOWN,
        MessageKind.TASK_NEWS,
    }
)
"""Kinds whose words do not say when it was. The others do, or show how things stand now."""


def dated(facts: Facts, delivery: Delivery, request: Request | None) -> Request | None:
    """The request, with a note of its time where it is late and does not say so itself."""
    queued_at = delivery.queued_at
    if request is None or queued_at is None or delivery.kind not in WITHOUT_TIME:
        return request
    if facts.now - queued_at <= LATE:
        return request
    body = orjson.loads(request.body)
    text = body.get("text")
    if not isinstance(text, str) or len(text) > LONGEST or "entities" in body:
        return request
    note = news_note(queued_at, facts.now, delivery.language, zone=facts.zone)
    body["text"] = f"{note}\n\n{text}"
    return replace(request, body=orjson.dumps(body))
