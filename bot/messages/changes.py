"""What is said of a warning's changes: that one waits for a second person, what became of it."""

from __future__ import annotations

from collections.abc import Sequence

from alerts.lifecycle import ChangeKind, Terms, terms_of
from alerts.model import Alert
from alerts.outbox.change_messages import ChangeDecided, ConfirmChange
from alerts.outbox.deliveries import Delivery
from alerts.updates.changing import applied_to
from alerts.updates.confirming import asked_about
from alerts.updates.model import ChangeState, PendingChange
from alerts.updates.pending import known_change
from bot.messages.facts import Facts, warned_name
from bot.messages.requests import as_message
from bot.messages.topic import Topic
from bot.telegram.outgoing import Request
from bot.views.clock import clock
from bot.views.screen import Screen
from bot.views.warnings import change_news
from contacts import place_store
from contacts.divisions.codes import contains
from data.errors import Conflict, InvalidInput

CHANGES = Topic()


@CHANGES.says(ConfirmChange)
def _confirm_change(facts: Facts, delivery: Delivery, message: ConfirmChange) -> Request | None:
    change = known_change(facts.connection, message.change_id)
    if change.state is not ChangeState.PENDING:
        return None
    screen = confirm_screen(facts, facts.alert(delivery), change, delivery.language)
    return None if screen is None else as_message(delivery.chat_id, screen)


@CHANGES.says(ChangeDecided)
def _change_decided(facts: Facts, delivery: Delivery, message: ChangeDecided) -> Request:
    change = known_change(facts.connection, message.change_id)
    screen = decided_screen(facts, facts.alert(delivery), change, delivery.language)
    return as_message(delivery.chat_id, screen)


def confirm_screen(
    facts: Facts, alert: Alert, change: PendingChange, language: str
) -> Screen | None:
    """What a second commander reads before they confirm a change; ``None``: there is none left."""
    rules = facts.services.rules.warnings
    try:
        would = asked_about(facts.connection, change.id, rules, facts.now)
    except (Conflict, InvalidInput):
        return None
    numbers = change_news.concerned_lines(
        asked=would.asked,
        called=would.called,
        told=would.told,
        stood_down=would.stood_down,
        groups=would.groups + would.groups_left,
        language=language,
    )
    return change_news.confirm_change(
        alert,
        change.id,
        lines_between(facts, alert, would.before, would.after, would.kinds, language),
        numbers,
        language,
        facts.area(alert),
        by=facts.by(change.by_id),
        until=clock(change.decide_before, facts.zone),
    )


def decided_screen(facts: Facts, alert: Alert, change: PendingChange, language: str) -> Screen:
    """What became of a change: to whoever proposed it, and in place of the question."""
    lines: list[str] = []
    if change.state is ChangeState.PENDING:
        lines = proposed_lines(facts, alert, change, language)
    verdict = change_news.verdict_words(change.state.value, facts.by(change.decided_by), language)
    return change_news.change_decided(alert, lines, verdict, language, facts.area(alert))


def proposed_lines(facts: Facts, alert: Alert, change: PendingChange, language: str) -> list[str]:
    """What a change that waits would change of the warning as it is now (HTML)."""
    rules = facts.services.rules.warnings
    try:
        applied = applied_to(facts.connection, alert, change.change, rules, facts.now)
    except Conflict:
        return []
    after = applied.life.terms
    return lines_between(facts, alert, terms_of(alert), after, applied.kinds, language)


def change_lines(facts: Facts, alert: Alert, number: int, language: str) -> tuple[str, list[str]]:
    """Who made the change of this number, and what changed with it (HTML)."""
    said = {message.number: message for message in facts.messages_of(alert.id)}
    message, before = said[number], said[number - 1]
    lines = lines_between(facts, alert, before.terms, message.terms, message.kinds, language)
    return facts.signed_by(alert, message.by_id), lines


def lines_between(
    facts: Facts,
    alert: Alert,
    before: Terms,
    after: Terms,
    kinds: Sequence[ChangeKind],
    language: str,
) -> list[str]:
    """What differs between what a warning said and what it says, a line for each (HTML)."""
    return change_news.what_changed(
        before,
        after,
        kinds,
        language,
        added=_more(facts, alert, before, after),
        removed=_more(facts, alert, after, before),
        zone=facts.zone,
    )


def _more(facts: Facts, alert: Alert, less: Terms, more: Terms) -> list[str]:
    """The names of what one is for and the other is not."""
    areas = [area for area in more.areas if not any(contains(known, area) for known in less.areas)]
    names = [facts.services.gazetteer.name(area) for area in areas]
    if more.places != less.places and less.places:
        new = [place for place in more.places if place not in less.places]
        known = place_store.names(facts.connection, new)
        names += [warned_name(facts.services, alert.areas, [place], known) for place in new]
        if not more.places:
            names.append(warned_name(facts.services, more.areas, (), {}))
    return names
