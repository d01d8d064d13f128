"""What a delivery about jiaoying itself says."""

from __future__ import annotations

from alerts.outbox.deliveries import Delivery
from alerts.outbox.messages import OversightNotice
from bot.messages.facts import Facts
from bot.messages.requests import as_message
from bot.messages.topic import Topic
from bot.telegram.outgoing import Request
from bot.views import oversight

OVERSIGHT = Topic()


@OVERSIGHT.says(OversightNotice)
def _told(facts: Facts, delivery: Delivery, message: OversightNotice) -> Request:
    codes = {bot["division"] for bot in message.facts.get("bots", [])}
    screen = oversight.message(
        message.finding,
        message.telling,
        message.since,
        message.at,
        message.facts,
        {code: facts.place(code) for code in codes},
        delivery.language,
        zone=facts.zone,
    )
    return as_message(delivery.chat_id, screen)
