"""What a delivery about jiaoying itself says."""

from __future__ import annotations

from collections.abc import Callable

import orjson

from alerts.outbox.deliveries import Delivery
from alerts.outbox.messages import MessageKind
from alerts.oversight.findings import FindingKind, Telling
from bot.messages.facts import Facts
from bot.telegram.outgoing import Request
from bot.views import oversight
from bot.views.screen import method, payload
from data.tables.columns import from_milliseconds


def _told(facts: Facts, one: Delivery) -> Request | None:
    params = one.params or {}
    found = params["facts"]
    codes = {bot["division"] for bot in found.get("bots", [])}
    screen = oversight.message(
        FindingKind(params["kind"]),
        Telling(params["telling"]),
        from_milliseconds(params["since"]),
        from_milliseconds(params["at"]),
        found,
        {code: facts.place(code) for code in codes},
        one.language,
        zone=facts.services.zone,
    )
    return Request(method(screen), orjson.dumps(payload(screen, one.chat_id)))


OVERSIGHT_RENDERERS: dict[MessageKind, Callable[[Facts, Delivery], Request | None]] = {
    MessageKind.OVERSIGHT: _told,
}
