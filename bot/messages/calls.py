"""What is said about one person's call: after the answer, when a report is late, for help."""

from __future__ import annotations

from alerts import report
from alerts.calls import Call
from alerts.cards import help_list_store
from alerts.model import Alert
from alerts.outbox.deliveries import Delivery
from alerts.outbox.messages import HelpWanted, MessageKind
from bot.messages.facts import Facts
from bot.messages.requests import as_message
from bot.messages.topic import Topic
from bot.telegram.outgoing import Request
from bot.views.screen import Screen
from bot.views.warnings import call, follow_up
from contacts import people_store
from contacts.divisions.codes import code_range

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
        zone=facts.zone,
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
    alert = facts.alert(delivery)
    officer = None if delivery.person_id is None else facts.person(delivery.person_id)
    if officer is None:
        return None
    scope = report.scope_of(officer.division_code, alert.areas)
    low, high = code_range(scope) if scope else ("", "~")
    found = help_list_store.wanting(
        facts.connection,
        alert.id,
        low,
        high,
        without=officer.id,
        limit=follow_up.MOST_LISTED,
    )
    if not found:
        return None
    known = None
    if message.again:
        known = help_list_store.newest(facts.connection, alert.id, delivery.chat_id)
    return as_message(
        delivery.chat_id, _help_screen(facts, delivery, alert, found, low, high), known
    )


def _help_screen(
    facts: Facts, delivery: Delivery, alert: Alert, found: list[Call], low: str, high: str
) -> Screen:
    people = people_store.people(facts.connection, [its_call.person_id for its_call in found])
    path = facts.services.gazetteer.path
    wanted = [
        follow_up.HelpCall(
            its_call, people[its_call.person_id], path(people[its_call.person_id].division_code)
        )
        for its_call in found
    ]
    if len(wanted) == 1:
        return follow_up.help_wanted(
            alert,
            wanted[0].call,
            wanted[0].person,
            wanted[0].place,
            delivery.language,
            facts.now,
            zone=facts.zone,
        )
    total = help_list_store.count_wanting(
        facts.connection, alert.id, low, high, without=delivery.person_id or 0
    )
    return follow_up.help_list(
        alert, wanted, delivery.language, facts.now, total=total, zone=facts.zone
    )
