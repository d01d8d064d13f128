"""What is said of a warning's changes: that one waits for a second person, what became of it."""

from __future__ import annotations

from alerts.lookup import known_alert
from alerts.model import Alert
from alerts.outbox.change_messages import ChangeDecided, ConfirmChange
from alerts.outbox.deliveries import Delivery
from alerts.updates.confirming import asked_about
from alerts.updates.model import Changed, ChangeState, PendingChange
from alerts.updates.pending import known_change
from bot.messages.changed_terms import more_areas
from bot.messages.facts import Facts, warned_name
from bot.messages.requests import as_message
from bot.messages.topic import Topic
from bot.telegram.outgoing import Request
from bot.views.screen import Screen
from bot.views.warnings import change_confirmation as views
from bot.views.warnings.changes import Changing, kinds_named
from contacts import place_store
from contacts.people import Person
from data.errors import Conflict, InvalidInput

CHANGES = Topic()


@CHANGES.says(ConfirmChange)
def _confirm_change(facts: Facts, delivery: Delivery, message: ConfirmChange) -> Request | None:
    change = known_change(facts.connection, message.change_id)
    if change.state is not ChangeState.PENDING:
        return None
    screen = confirm_screen(facts, change, delivery.language, _reader(facts, delivery))
    return None if screen is None else as_message(delivery.chat_id, screen)


@CHANGES.says(ChangeDecided)
def _change_decided(facts: Facts, delivery: Delivery, message: ChangeDecided) -> Request:
    change = known_change(facts.connection, message.change_id)
    screen = decided_screen(facts, change, delivery.language, message.command_line)
    return as_message(delivery.chat_id, screen, message.message_id)


def _reader(facts: Facts, delivery: Delivery) -> Person | None:
    return None if delivery.person_id is None else facts.person(delivery.person_id)


def confirm_screen(
    facts: Facts,
    change: PendingChange,
    language: str,
    reader: Person | None,
    *,
    again: bool = False,
) -> Screen | None:
    """What a second commander reads before they confirm; ``None``: nothing is to change any more.

    :param again: it was proposed long ago.
    """
    rules = facts.services.rules.warnings
    try:
        changed = asked_about(facts.connection, change.id, rules, facts.now)
    except (Conflict, InvalidInput):
        return None
    alert = known_alert(facts.connection, change.alert_id)
    proposal = facts.proposal_of_change(change, changed.after.areas, reader, language)
    return views.confirm_request(
        as_shown(facts, alert, changed),
        change.id,
        language,
        proposal=proposal,
        proposed_at=change.proposed_at,
        note=change.change.note,
        command_line=change.command_line,
        zone=facts.zone,
        asked_at=facts.now if again else None,
    )


def decided_screen(
    facts: Facts, change: PendingChange, language: str, command_line: str = ""
) -> Screen:
    """What became of a change that waited for a second person.

    :param command_line: where that was decided, if not in the chat.
    """
    alert = known_alert(facts.connection, change.alert_id)
    kinds = ""
    if change.state is ChangeState.MADE:
        made = [
            message
            for message in facts.messages_of(alert.id)
            if message.confirmed_by == change.decided_by and message.sent_at == change.decided_at
        ]
        kinds = kinds_named(made[-1].kinds, language) if made else ""
    return views.decided(
        alert,
        change.state,
        facts.area(alert),
        language,
        by=facts.by(change.decided_by),
        kinds=kinds,
        command_line=command_line,
        moot=change.moot,
        zone=facts.zone,
    )


def as_shown(facts: Facts, alert: Alert, changed: Changed) -> Changing:
    """A change with the names of what it is about."""
    after = changed.after
    place = new_place = facts.area(alert)
    if (after.areas, after.places) != (alert.areas, alert.places):
        names = place_store.names(facts.connection, after.places) if after.places else {}
        new_place = warned_name(facts.services, after.areas, after.places, names)
    return Changing(
        alert,
        changed,
        place,
        new_place,
        tuple(more_areas(facts, alert, changed.before, after)),
        tuple(more_areas(facts, alert, after, changed.before)),
    )
