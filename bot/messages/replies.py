"""Requests as they are, from a process that does not hold the bot's pace."""

from __future__ import annotations

from alerts.outbox.deliveries import Delivery
from alerts.outbox.messages import RelayedRequest
from bot.messages.facts import Facts
from bot.messages.topic import Topic
from bot.telegram.outgoing import Request, request_of

REPLIES = Topic()


@REPLIES.says(RelayedRequest)
def _reply(_facts: Facts, _delivery: Delivery, message: RelayedRequest) -> Request:
    return request_of(message)
