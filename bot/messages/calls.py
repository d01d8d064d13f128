"""What is said about one person's call: after the answer, when a report is late, for help."""

from __future__ import annotations

from alerts.calls import Call
from alerts.model import Alert
from alerts.outbox import store as outbox_store
from alerts.outbox.deliveries import Delivery
from alerts.outbox.messages import HelpWanted, MessageKind
from bot.messages.facts import Facts
from bot.messages.requests import as_message
from bot.messages.topic import Topic
from bot.telegram.outgoing import Request
from bot.views.screen import Screen
from bot.views.warnings import call, follow_up

CALLS = Topic()


@CALLS.says_kind(MessageKind.ANSWERED)
def _answered(facts: Facts, delivery: Delivery) -> Request:
    alert, its_call = facts.alert(delivery), facts.call(delivery)
    screen = answered_screen(facts, alert, its_call, delivery.language)
    return as_message(delivery.chat_id, screen, its_call.message_id)


def answered_screen(facts: Facts, alert: Alert, its_call: Call, language: str) -> Screen:
    """The message of a call that is answered or over, as it is now."""
    return call.answered_message(
        alert,
        its_call,
        its_call.role,
        language,
        facts.area(alert),
        sender_line=facts.sender_line(alert, language),
        by=facts.by(its_call.proxy_by or its_call.discharged_by),
        zone=facts.services.zone,
    )


@CALLS.says_kind(MessageKind.REPORT_DUE)
def _report_due(facts: Facts, delivery: Delivery) -> Request | None:
    alert, its_call = facts.alert(delivery), facts.call(delivery)
    if its_call.report is not None:
        return None
    screen = follow_up.report_due_message(alert, its_call, delivery.language, facts.area(alert))
    return as_message(delivery.chat_id, screen)


@CALLS.says(HelpWanted)
def _help_wanted(facts: Facts, delivery: Delivery, message: HelpWanted) -> Request | None:
    alert, its_call = facts.alert(delivery), facts.call(delivery)
    person = facts.person(its_call.person_id)
    if person is None:
        return None
    screen = follow_up.help_wanted(
        alert,
        its_call,
        person,
        facts.services.gazetteer.path(person.division_code),
        delivery.language,
        facts.now,
    )
    known = None
    if message.again:
        known = outbox_store.message_about(
            facts.connection, its_call.id, alert.id, delivery.kind, delivery.chat_id
        )
    return as_message(delivery.chat_id, screen, known)
