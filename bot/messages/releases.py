"""What those who release a warning read: to be confirmed, gone out, its progress, its summary."""

from __future__ import annotations

from alerts import (
    call_store,
    completeness_store,
    help_store,
    progress_store,
    report,
    stand_in_store,
    uncalled_store,
)
from alerts.cards import progress_card_store
from alerts.cut_off import store as cut_off_store
from alerts.loop.evacuation import frail_store, standing
from alerts.loop.mechanism import store as mechanism_store
from alerts.model import Alert, State
from alerts.outbox.deliveries import Delivery
from alerts.outbox.messages import MessageKind
from alerts.preview import Preview, groups_of, whom_of
from alerts.progress import Progress
from alerts.stages import store as plan_store
from alerts.withdrawals import store as withdrawal_store
from bot.messages.facts import Facts
from bot.messages.requests import as_message
from bot.messages.topic import Topic
from bot.telegram.outgoing import Request
from bot.views.screen import Screen
from bot.views.warnings import call, confirmation, ending, holding, progress
from bot.views.warnings.departments import Departments
from bot.views.warnings.stages import plan_line
from contacts.access import may_cancel
from contacts.people import Person
from contacts.targeting_store import audience_query

RELEASES = Topic()


@RELEASES.says_kind(MessageKind.CONFIRM)
def _confirm(facts: Facts, delivery: Delivery) -> Request | None:
    alert = facts.alert(delivery)
    if alert.state is not State.PENDING:
        return None
    screen = confirm_screen(facts, alert, delivery.language, reader_of(facts, delivery))
    return as_message(delivery.chat_id, screen)


def confirm_screen(
    facts: Facts, alert: Alert, language: str, reader: Person | None, *, again: bool = False
) -> Screen:
    """What a second commander reads before they confirm; ``again``: it was proposed long ago."""
    whom = whom_of(facts.connection, alert, facts.services.rules.warnings)
    persons, reachable = call_store.count_audience(
        facts.connection, audience_query(whom), excluding=[alert.sender_id]
    )
    groups = groups_of(facts.connection, alert, whom)
    uncalled = uncalled_store.would_be_uncalled(facts.connection, whom, [alert.sender_id])
    wanted = mechanism_store.wanted(facts.connection, whom)
    counts = Preview(persons, reachable, len(groups), True, uncalled, departments=wanted)
    return confirmation.confirm_request(
        alert,
        counts,
        language,
        facts.area(alert),
        sender_line=facts.sender_line(alert, language),
        proposal=facts.proposal(alert.id, reader, language),
        zone=facts.zone,
        asked_at=facts.now if again else None,
    )


@RELEASES.says_kind(MessageKind.STILL_SEND)
def _still_send(facts: Facts, delivery: Delivery) -> Request | None:
    alert = facts.alert(delivery)
    asked = None if delivery.person_id is None else facts.person(delivery.person_id)
    sender = facts.person(alert.sender_id)
    screen = holding.ask_still_send(
        alert,
        report.progress(facts.connection, alert),
        delivery.language,
        facts.area(alert),
        facts.now,
        decides=may_cancel(asked, alert.areas).allowed,
        sender_line=""
        if sender is None
        else call.sender_line(
            sender, facts.place(sender.division_code), delivery.language, phone=True
        ),
        zone=facts.zone,
    )
    return as_message(delivery.chat_id, screen)


def reader_of(facts: Facts, delivery: Delivery) -> Person | None:
    """Who will read it; ``None`` in a group."""
    return None if delivery.person_id is None else facts.person(delivery.person_id)


@RELEASES.says_kind(MessageKind.RELEASED)
def _released(facts: Facts, delivery: Delivery) -> Request:
    alert = facts.alert(delivery)
    counts = report.progress(facts.connection, alert)
    screen = confirmation.released_message(
        alert,
        delivery.language,
        facts.area(alert),
        calls=counts.calls,
        by=facts.by(alert.confirmed_by or alert.cancelled_by),
        proposal=facts.proposal(alert.id, reader_of(facts, delivery), delivery.language)
        if alert.state is State.PENDING
        else None,
        zone=facts.zone,
    )
    return as_message(delivery.chat_id, screen)


@RELEASES.says_kind(MessageKind.CARD)
def _card(facts: Facts, delivery: Delivery) -> Request:
    alert = facts.alert(delivery)
    screen = card_screen(facts, alert, delivery.language, reader_of(facts, delivery))
    card = progress_card_store.card(facts.connection, alert.id, delivery.chat_id)
    return as_message(delivery.chat_id, screen, None if card is None else card.message_id)


def card_screen(facts: Facts, alert: Alert, language: str, reader: Person | None = None) -> Screen:
    """The commander's progress card of an alert, with the numbers that ``reader`` may read."""
    tier = report.breakdown_tier(alert.areas)
    rows = progress_store.counts(facts.connection, alert.id, tier=tier)
    by_division = report.by_division(rows, tier)
    found = completeness_store.standings_of(facts.connection, alert.id, tier)
    planned = plan_store.of_alerts(facts.connection, [alert.id]).get(alert.id)
    places = [
        progress.PlaceProgress(
            code, facts.place(code), by_division.get(code, Progress()), found.get(code)
        )
        for code in sorted(by_division.keys() | found.keys())
    ]
    evacuation = standing.evacuation_of(facts.connection, alert)
    frail = frail_store.count_not_moved(facts.connection, alert) if evacuation.target.any else 0
    return progress.progress_card(
        alert,
        report.total(rows),
        language,
        facts.area(alert),
        facts.now,
        by_division=places,
        uncalled=uncalled_store.villages(facts.connection, alert.id),
        stand_ins=stand_in_store.count_stand_ins(facts.connection, alert.id),
        wanted=help_store.counts_of(facts.connection, alert.id),
        proposal=facts.proposal(alert.id, reader, language)
        if alert.state is State.PENDING
        else None,
        report_wanted=alert.level in facts.services.rules.warnings.reporting,
        cut_off=cut_off_store.count_open(facts.connection, alert.id),
        last=facts.last_change(alert),
        waiting_again=withdrawal_store.waiting_again(facts.connection, alert.id),
        plan="" if planned is None else plan_line(planned.plan, language, facts.zone),
        departments=departments_of(facts, alert),
        evacuation=evacuation,
        frail=frail,
        away=standing.still_away(facts.connection, alert),
        zone=facts.zone,
    )


def departments_of(facts: Facts, alert: Alert) -> Departments:
    """The departments that a warning called, as they stand."""
    found = mechanism_store.of_alert(facts.connection, alert.id, facts.now)
    return Departments(found, {one.division_code: facts.place(one.division_code) for one in found})


@RELEASES.says_kind(MessageKind.SUMMARY)
def _summary(facts: Facts, delivery: Delivery) -> Request:
    alert = facts.alert(delivery)
    told = report.summary(facts.connection, alert)
    screen = ending.summary_message(
        told,
        delivery.language,
        facts.area(alert),
        names={code: facts.place(code) for code in told.by_division},
        zone=facts.zone,
    )
    return as_message(delivery.chat_id, screen)
