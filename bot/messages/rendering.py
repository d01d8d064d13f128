"""Deliveries to requests, late: what is said is read from the database when it is about to leave.

The bulk (calls, reminders, cancellations) says the same to everybody of one language, so it is
rendered once and only the chat and the call are put in.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Hashable, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

import orjson

from alerts import alert_message_store
from alerts.calls import Included
from alerts.lifecycle import ChangeKind
from alerts.model import Alert
from alerts.outbox.change_messages import ChangeNews, NoMoreHere
from alerts.outbox.codec import decode
from alerts.outbox.deliveries import Delivery
from alerts.outbox.messages import MessageKind, Reminder, WarningCall
from alerts.overtaken import CALLS
from alerts.updates.fate import relieves
from bot.messages.changed_terms import change_lines
from bot.messages.facts import Facts
from bot.messages.late_news import dated
from bot.services.services import Services
from bot.telegram.outgoing import Request
from bot.views.menu import menu_of_role
from bot.views.screen import Screen, method, payload
from bot.views.warnings import call, change_news, ending
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
        facts.read_posts(_calls_of(deliveries, _FOR_POSTS))
        facts.read_calls(_calls_of(deliveries, (MessageKind.ANSWERED, MessageKind.CHANGED)))
        of_changed = facts.changed({each.alert_id for each in deliveries if each.kind in CALLS})
        if of_changed:
            calls = [each for each in deliveries if each.alert_id in of_changed]
            facts.read_calls(_calls_of(calls, CALLS))
        over = [delivery for delivery in deliveries if delivery.kind in _ENDS_FOR_READER]
        if over:
            facts.read_still(over)
        return [self._request(facts, delivery) for delivery in deliveries]

    def _request(self, facts: Facts, delivery: Delivery) -> Request | None:
        bulk = BULK.get(delivery.kind)
        if bulk is None:
            from bot.messages.registry import RENDERERS  # a start sends the calls before it has it

            return dated(facts, delivery, RENDERERS[delivery.kind](facts, delivery))
        alert = facts.alert(delivery)
        differs = bulk.differs(facts, alert, delivery)
        # A warning may be sent anew, and tomorrow today's times bear their date.
        said = (alert.state, alert.version, alert.released_at, facts.zone.today)
        key = (delivery.kind, alert.id, *said, delivery.language, differs)
        template = self._templates.get(key)
        if template is None:
            if len(self._templates) >= _MOST_TEMPLATES:
                self._templates.clear()
            screen = bulk.screen(facts, alert, delivery.language, differs)
            template = (method(screen), orjson.dumps(payload(screen, _CHAT)))
            self._templates[key] = template
        name, body = template
        body = body.replace(_CHAT_BYTES, b"%d" % delivery.chat_id, 1)
        if delivery.call_id is not None:
            body = body.replace(_CALL_BYTES, b"%d" % delivery.call_id)
        return Request(name, body, version=alert.version)


def _calls_of(deliveries: Sequence[Delivery], kinds: Container[MessageKind]) -> list[int]:
    """The calls of the deliveries of these kinds."""
    return [
        delivery.call_id
        for delivery in deliveries
        if delivery.kind in kinds and delivery.call_id is not None
    ]


class _Bulk(NamedTuple):
    """A message that reads the same in all deliveries of an alert in one language, but for this."""

    differs: Callable[[Facts, Alert, Delivery], Hashable]
    screen: Callable[[Facts, Alert, str, Any], Screen]


_ENDS_FOR_READER = (MessageKind.CANCEL, MessageKind.NARROWED)
_FOR_POSTS = (
    MessageKind.CALL,
    MessageKind.REMIND,
    MessageKind.ANSWERED,
    MessageKind.CHANGED,
)


def _to_whom(
    facts: Facts, alert: Alert, delivery: Delivery
) -> tuple[str | None, str, Included | None]:
    """Whom a stand-in stands in for, what the call is for if that is several posts, and since when,
    if that was not so from the beginning."""
    posts = facts.answers_for(delivery.call_id or 0)
    included = _included(facts, alert, delivery)
    # A province's calls have no parameters: measured, a tenth of their rendering is saved here.
    if not delivery.params:
        return None, posts, included
    return decode(WarningCall, delivery.params).stand_in_for, posts, included


def _included(facts: Facts, alert: Alert, delivery: Delivery) -> Included | None:
    """Nobody is, in a warning that was not changed: its calls are not read."""
    if alert.changed_at is None:
        return None
    return facts.call(delivery).included


def _call(
    facts: Facts,
    alert: Alert,
    language: str,
    to_whom: tuple[str | None, str, Included | None],
) -> Screen:
    stand_in_for, posts, included = to_whom
    return call.call_message(
        alert,
        _CALL,
        language,
        facts.area(alert),
        sender_line=facts.sender_line(alert, language),
        stand_in_for=stand_in_for,
        posts=posts,
        raised=facts.raised_line(alert, language),
        included=included,
        zone=facts.zone,
    )


def _late(facts: Facts, alert: Alert, delivery: Delivery) -> tuple[Reminder, str, Included | None]:
    posts = facts.answers_for(delivery.call_id or 0)
    return decode(Reminder, delivery.params), posts, _included(facts, alert, delivery)


def _remind(
    facts: Facts, alert: Alert, language: str, late: tuple[Reminder, str, Included | None]
) -> Screen:
    reminder, posts, included = late
    return call.remind_message(
        alert,
        _CALL,
        language,
        facts.area(alert),
        sender_line=facts.sender_line(alert, language),
        minutes=reminder.minutes,
        posts=posts,
        zone=facts.zone,
        again=reminder.again,
        by=reminder.by,
        reason=reminder.reason,
        included=included,
    )


def _cancel(facts: Facts, alert: Alert, language: str, reader: _Reader) -> Screen:
    screen = ending.ended_message(
        alert,
        language,
        facts.area(alert),
        by=facts.signed_by(alert, alert.cancelled_by or alert.lifted_by),
        group=reader.group,
        still=facts.titles(reader.still, language),
        moved=facts.moved(alert),
        zone=facts.zone,
    )
    if not reader.group and reader.role is not None:
        # It has no buttons of its own: it brings the keyboard to whoever never pressed /start.
        screen = replace(screen, keyboard=menu_of_role(Role(reader.role), language))
    return screen


class _Reader(NamedTuple):
    group: bool
    role: str | None
    still: tuple[int, ...] = ()  # the other warnings that hold for them


class _Goer(NamedTuple):
    """To whom a change is told: in a group, or of whom the call is answered or not."""

    number: int
    group: bool
    answered: bool
    posts: str
    call: bool
    included: Included | None = None


def _to_goer(facts: Facts, _alert: Alert, delivery: Delivery) -> _Goer:
    number = decode(ChangeNews, delivery.params).number
    if delivery.call_id is None:
        return _Goer(number, True, False, "", False)
    posts, its_call = facts.answers_for(delivery.call_id), facts.call(delivery)
    return _Goer(number, False, not its_call.open, posts, True, its_call.included)


def _changed(facts: Facts, alert: Alert, language: str, goer: _Goer) -> Screen:
    by, lines = change_lines(facts, alert, goer.number, language)
    return change_news.changed_message(
        alert,
        lines,
        language,
        facts.area(alert),
        call_id=_CALL if goer.call else None,
        answered=goer.answered,
        posts=goer.posts,
        by=by,
        included=goer.included,
        moved=_lowered_after_moving(facts, alert, goer.number),
        zone=facts.zone,
    )


def _lowered_after_moving(facts: Facts, alert: Alert, number: int) -> bool:
    """Whether the change of this number lowered a warning with which people were to move."""
    if not facts.moved(alert):
        return False
    kinds = (said.kinds for said in facts.messages_of(alert.id) if said.number == number)
    return any(ChangeKind.DOWNGRADE in each for each in kinds)


def _reader(facts: Facts, _alert: Alert, delivery: Delivery) -> _Reader:
    return _Reader(delivery.chat_id < 0, delivery.role, facts.still(delivery))


def _to_leaver(facts: Facts, alert: Alert, delivery: Delivery) -> tuple[int, _Reader]:
    reader = _reader(facts, alert, delivery)
    return decode(NoMoreHere, delivery.params).number, reader


def _narrowed(facts: Facts, alert: Alert, language: str, leaver: tuple[int, _Reader]) -> Screen:
    number, reader = leaver
    by, _lines = change_lines(facts, alert, number, language)
    change = alert_message_store.numbered(facts.connection, alert.id, number)
    return change_news.narrowed_message(
        alert,
        language,
        facts.area(alert),
        by=by,
        group=reader.group,
        still=facts.titles(reader.still, language),
        relieved=change is not None and relieves(change.kinds, alert),
        moved=facts.moved(alert),
        zone=facts.zone,
    )


BULK = {
    MessageKind.CALL: _Bulk(_to_whom, _call),
    MessageKind.REMIND: _Bulk(_late, _remind),
    MessageKind.CANCEL: _Bulk(_reader, _cancel),
    MessageKind.CHANGED: _Bulk(_to_goer, _changed),
    MessageKind.NARROWED: _Bulk(_to_leaver, _narrowed),
}
"""By kind; every other kind has a renderer in ``registry.RENDERERS``."""
