"""The question before a warning expires, and what it becomes."""

from __future__ import annotations

from collections.abc import Iterable

from alerts import help_store, report
from alerts.expiry import store as expiry_store
from alerts.expiry.asking import in_charge
from alerts.model import Alert
from alerts.outbox.change_messages import ExpiryAsked
from alerts.outbox.deliveries import Delivery
from bot.messages.facts import Facts
from bot.messages.requests import as_message
from bot.messages.topic import Topic
from bot.telegram.outgoing import Request
from bot.views.screen import Screen
from bot.views.warnings import call, expiry
from contacts.access import may_cancel, may_see_phone
from contacts.people import Person
from contacts.phones import display

EXPIRY = Topic()


@EXPIRY.says(ExpiryAsked)
def _asked(facts: Facts, delivery: Delivery, message: ExpiryAsked) -> Request | None:
    alert = facts.alert(delivery)
    if alert.expires_at != message.until or facts.now >= alert.expires_at:
        return None
    reader = None if delivery.person_id is None else facts.person(delivery.person_id)
    screen = expiry.ask_expiry(
        alert,
        report.progress(facts.connection, alert),
        delivery.language,
        facts.area(alert),
        facts.now,
        decides=may_cancel(reader, alert.areas).allowed,
        duty=message.duty,
        asked=to_ring(facts, in_charge(facts.connection, alert), reader, delivery.language)
        if message.duty
        else (),
        wanted=help_store.counts_of(facts.connection, alert.id),
        zone=facts.zone,
    )
    return as_message(delivery.chat_id, screen)


def to_ring(
    facts: Facts, people: Iterable[Person], reader: Person | None, language: str
) -> tuple[str, ...]:
    """Those in charge, with the numbers by which ``reader`` is to ring them up."""
    told = []
    for person in people:
        line = call.sender_line(person, facts.place(person.division_code), language)
        # Whoever reads it is asked to ring them up, as the second persons of a warning are.
        open_to_all = not facts.services.settings.privacy.board_only
        shown = may_see_phone(reader, person).allowed or open_to_all
        told.append(f"{line} {display(person.phone)}" if shown else line)
    return tuple(told)


def answered_screen(facts: Facts, alert: Alert, language: str) -> Screen:
    """What the question shows once it was answered, or its warning is over."""
    last = expiry_store.newest(facts.connection, alert.id)
    return expiry.expiry_answered(
        alert,
        None if last is None else last.answer,
        language,
        facts.area(alert),
        by=facts.by(None if last is None else last.answered_by),
        zone=facts.zone,
    )
