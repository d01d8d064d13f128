"""Deliveries to requests, late: what is said is read from the database when it is about to leave.

The bulk (calls, reminders, cancellations) says the same to everybody of one role and language, so
it is rendered once and only the chat and the call are put in.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import orjson

from alerts.model import Alert
from alerts.outbox.deliveries import Delivery
from alerts.outbox.messages import MessageKind
from bot.messages.facts import Facts
from bot.messages.warnings import RENDERERS
from bot.runtime.services import Services
from bot.telegram.outgoing import Request
from bot.views.menu import menu_of_role
from bot.views.screen import Screen, method, payload
from bot.views.warnings import call, ending
from contacts.people import Role
from data.database import Connection

# Stand for the chat and the call in a template; no chat or call will ever have these numbers.
_CHAT = -9007199254740991
_CALL = 9007199254740991
_CHAT_BYTES, _CALL_BYTES = b"-9007199254740991", b"9007199254740991"
_MOST_TEMPLATES = 500


class Rendering:
    """``bot.telegram.dispatcher.Renderer`` for one bot."""

    def __init__(self, services: Services, bot_id: int) -> None:
        self._services = services
        self._bot_id = bot_id
        self._templates: dict[tuple[object, ...], tuple[str, bytes]] = {}

    def __call__(
        self, connection: Connection, deliveries: Sequence[Delivery]
    ) -> list[Request | None]:
        """A request for each delivery; ``None`` for one that has nothing to say any more."""
        facts = Facts(connection, self._services, self._services.clock(), self._bot_id)
        return [self._request(facts, one) for one in deliveries]

    def _request(self, facts: Facts, one: Delivery) -> Request | None:
        if one.kind in _TEMPLATED:
            return self._from_template(facts, one)
        if one.kind is MessageKind.REPLY:
            asked = one.params or {}
            return Request(asked["method"], orjson.dumps(asked["payload"]))
        return RENDERERS[one.kind](facts, one)

    def _from_template(self, facts: Facts, one: Delivery) -> Request:
        alert = facts.alert(one)
        params = one.params or {}
        key = (
            one.kind,
            alert.id,
            alert.state,
            one.role,
            one.language,
            one.chat_id < 0,
            params.get("minutes"),
            params.get("for"),
        )
        template = self._templates.get(key)
        if template is None:
            if len(self._templates) >= _MOST_TEMPLATES:
                self._templates.clear()
            screen = _TEMPLATED[one.kind](facts, one, alert)
            template = (method(screen), orjson.dumps(payload(screen, _CHAT)))
            self._templates[key] = template
        name, body = template
        body = body.replace(_CHAT_BYTES, b"%d" % one.chat_id, 1)
        if one.call_id is not None:
            body = body.replace(_CALL_BYTES, b"%d" % one.call_id)
        return Request(name, body)


# -- the bulk -------------------------------------------------------------------------------


def _call(facts: Facts, one: Delivery, alert: Alert) -> Screen:
    return call.call_message(
        alert,
        _CALL,
        one.language,
        facts.area(alert),
        sender_line=facts.sender_line(alert, one.language),
        stand_in_for=(one.params or {}).get("for"),
        zone=facts.services.zone,
    )


def _remind(facts: Facts, one: Delivery, alert: Alert) -> Screen:
    return call.remind_message(
        alert,
        _CALL,
        one.language,
        facts.area(alert),
        sender_line=facts.sender_line(alert, one.language),
        minutes=(one.params or {}).get("minutes", 0),
        zone=facts.services.zone,
    )


def _cancel(facts: Facts, one: Delivery, alert: Alert) -> Screen:
    screen = ending.cancelled_message(
        alert,
        one.language,
        facts.area(alert),
        by=facts.by(alert.cancelled_by),
        group=one.chat_id < 0,
        zone=facts.services.zone,
    )
    if one.chat_id > 0 and one.role is not None:
        # It has no buttons of its own: it brings the keyboard to whoever never pressed /start.
        screen = replace(screen, keyboard=menu_of_role(Role(one.role), one.language))
    return screen


_TEMPLATED: dict[MessageKind, Callable[[Facts, Delivery, Alert], Screen]] = {
    MessageKind.CALL: _call,
    MessageKind.REMIND: _remind,
    MessageKind.CANCEL: _cancel,
}
