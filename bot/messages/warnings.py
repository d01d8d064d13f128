"""What one delivery says: its facts read, its view called. One function a kind of message."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import orjson

from alerts import call_store, report
from alerts.calls import Call
from alerts.cards import progress_card_store
from alerts.escalation import Step
from alerts.model import Alert, State
from alerts.outbox import store as outbox_store
from alerts.outbox.deliveries import Delivery
from alerts.outbox.messages import MessageKind
from alerts.preview import Preview, groups_of, whom_of
from bot.messages.facts import Facts
from bot.messages.hotspots import HOTSPOT_RENDERERS
from bot.messages.oversight import OVERSIGHT_RENDERERS
from bot.messages.registry import PATROL_RENDERERS
from bot.messages.shifts import SHIFT_RENDERERS
from bot.telegram.outgoing import Request
from bot.views.screen import Screen, method, payload
from bot.views.warnings import (
    call,
    confirmation,
    ending,
    follow_up,
    group_post,
    progress,
    silent_list,
)
from contacts import people_store
from contacts.access import Access, may_see_phone
from contacts.divisions.codes import code_range
from contacts.people import Person
from contacts.targeting_store import audience_query

MOST_NAMED = 50
"""Persons named in one post to a group; of the others it says how many."""


def _new(one: Delivery, screen: Screen) -> Request:
    return Request(method(screen), orjson.dumps(payload(screen, one.chat_id)))


def _edit(one: Delivery, screen: Screen, message_id: int | None) -> Request:
    if message_id is None:
        return _new(one, screen)
    return Request(
        method(screen, message_id=message_id),
        orjson.dumps(payload(screen, one.chat_id, message_id=message_id)),
    )


def _answered(facts: Facts, one: Delivery) -> Request:
    alert, its_call = facts.alert(one), facts.call(one)
    return _edit(one, answered_screen(facts, alert, its_call, one.language), its_call.message_id)


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


def _report_due(facts: Facts, one: Delivery) -> Request | None:
    alert, its_call = facts.alert(one), facts.call(one)
    if its_call.report is not None:
        return None
    screen = follow_up.report_due_message(alert, its_call, one.language, facts.area(alert))
    return _new(one, screen)


def _group_progress(facts: Facts, one: Delivery, alert: Alert, division: str) -> Screen:
    return group_post.post_message(
        alert,
        one.language,
        facts.area(alert),
        sender_line=facts.sender_line(alert, one.language),
        progress=report.progress(facts.connection, alert, division),
        now=facts.now,
        zone=facts.services.zone,
    )


def _post(facts: Facts, one: Delivery) -> Request | None:
    alert = facts.alert(one)
    division = (one.params or {}).get("division", "")
    return _new(one, _group_progress(facts, one, alert, division))


def _post_card(facts: Facts, one: Delivery) -> Request | None:
    alert = facts.alert(one)
    card = progress_card_store.card(facts.connection, alert.id, one.chat_id)
    if card is None or card.message_id is None:
        return None
    screen = _group_progress(facts, one, alert, card.division_code)
    return _edit(one, screen, card.message_id)


def _card(facts: Facts, one: Delivery) -> Request:
    alert = facts.alert(one)
    screen = card_screen(facts, alert, one.language)
    card = progress_card_store.card(facts.connection, alert.id, one.chat_id)
    return _edit(one, screen, None if card is None else card.message_id)


def card_screen(facts: Facts, alert: Alert, language: str) -> Screen:
    """The commander's progress card of an alert."""
    tier = report.breakdown_tier(alert.areas)
    rows = call_store.tally(facts.connection, alert.id, tier=tier)
    places = [
        progress.PlaceProgress(code, facts.place(code), counts)
        for code, counts in report.by_division(rows, tier).items()
    ]
    return progress.progress_card(
        alert,
        report.total(rows),
        language,
        facts.area(alert),
        facts.now,
        by_division=places,
        zone=facts.services.zone,
    )


def _chase(facts: Facts, one: Delivery) -> Request | None:
    alert, division = facts.alert(one), (one.params or {})["division"]
    low, high = code_range(division)
    late = [
        call
        for call in call_store.silent(facts.connection, alert.id, low, high, limit=500)
        if call.steps & Step.STAND_IN
    ]
    if not late or not alert.chasing:
        return None
    minutes = int((facts.now - min(call.called_at for call in late)).total_seconds() // 60)
    screen = group_post.chase_message(
        alert,
        one.language,
        facts.area(alert),
        silent_rows(facts, late[:MOST_NAMED]),
        total=len(late),
        minutes=minutes,
    )
    return _new(one, screen)


def silent_rows(facts: Facts, calls: Sequence[Call]) -> list[silent_list.SilentCall]:
    """The persons of open calls, with their places and the stand-ins who answered for them."""
    people = people_store.people(facts.connection, [found.person_id for found in calls])
    deputies = call_store.answered_stand_ins(facts.connection, (found.id for found in calls))
    names = people_store.people(facts.connection, deputies.values())
    return [
        silent_list.SilentCall(
            found,
            people[found.person_id],
            facts.place(found.division_code),
            names[deputies[found.id]].name if found.id in deputies else "",
        )
        for found in calls
    ]


def silent_screen(
    facts: Facts,
    alert: Alert,
    viewer: Person,
    division: str = "",
    page: int = 0,
    step: Step | None = None,
) -> Screen:
    """Who has not answered, as ``viewer`` may see it: those of ``division``, or all."""
    low, high = code_range(division) if division else ("", "~")
    total = call_store.count_silent(facts.connection, alert.id, low, high)
    pages = max(1, -(-total // silent_list.PAGE_SIZE))
    page = min(max(page, 0), pages - 1)
    found = call_store.silent(
        facts.connection,
        alert.id,
        low,
        high,
        limit=silent_list.PAGE_SIZE,
        offset=page * silent_list.PAGE_SIZE,
    )
    rows = silent_rows(facts, found)
    return silent_list.silent_list(
        alert,
        rows,
        viewer.language,
        facts.place(division) if division else facts.area(alert),
        facts.now,
        total=total,
        page=page,
        division=division,
        step=step,
        show_phones=all(may_see_phone(viewer, row.person) is Access.ALLOWED for row in rows),
        zone=facts.services.zone,
    )


def _silent_list(facts: Facts, one: Delivery) -> Request | None:
    alert, params = facts.alert(one), one.params or {}
    viewer = None if one.person_id is None else facts.person(one.person_id)
    if viewer is None or not alert.chasing:
        return None
    division = params.get("division", "")
    low, high = code_range(division) if division else ("", "~")
    if not call_store.count_silent(facts.connection, alert.id, low, high):
        return None
    return _new(one, silent_screen(facts, alert, viewer, division, step=Step(params["step"])))


def _silent_list_edit(facts: Facts, one: Delivery) -> Request | None:
    params = one.params or {}
    viewer = None if one.person_id is None else facts.person(one.person_id)
    if viewer is None:
        return None
    screen = silent_screen(facts, facts.alert(one), viewer, params["division"], params["page"])
    return _edit(one, screen, params["message"])


def _help_wanted(facts: Facts, one: Delivery) -> Request | None:
    alert, its_call = facts.alert(one), facts.call(one)
    person = facts.person(its_call.person_id)
    if person is None:
        return None
    screen = follow_up.help_wanted(
        alert,
        its_call,
        person,
        facts.services.gazetteer.path(person.division_code),
        one.language,
        facts.now,
    )
    known = None
    if (one.params or {}).get("edit"):
        known = outbox_store.message_about(
            facts.connection, its_call.id, alert.id, one.kind, one.chat_id
        )
    return _edit(one, screen, known)


def _confirm(facts: Facts, one: Delivery) -> Request | None:
    alert = facts.alert(one)
    if alert.state is not State.PENDING:
        return None
    whom = whom_of(alert, facts.services.rules.warnings)
    persons, reachable = call_store.count_audience(
        facts.connection, audience_query(whom), excluding=[alert.sender_id]
    )
    groups = groups_of(facts.connection, alert, whom)
    counts = Preview(persons, reachable, len(groups), True)
    screen = confirmation.confirm_request(
        alert,
        counts,
        one.language,
        facts.area(alert),
        sender_line=facts.sender_line(alert, one.language),
        zone=facts.services.zone,
    )
    return _new(one, screen)


def _released(facts: Facts, one: Delivery) -> Request:
    alert = facts.alert(one)
    counts = report.progress(facts.connection, alert)
    screen = confirmation.released_message(
        alert,
        one.language,
        facts.area(alert),
        calls=counts.calls,
        by=facts.by(alert.confirmed_by or alert.cancelled_by),
    )
    return _new(one, screen)


def _summary(facts: Facts, one: Delivery) -> Request:
    alert = facts.alert(one)
    told = report.summary(facts.connection, alert)
    screen = ending.summary_message(
        told,
        one.language,
        facts.area(alert),
        names={code: facts.place(code) for code in told.by_division},
    )
    return _new(one, screen)


RENDERERS: dict[MessageKind, Callable[[Facts, Delivery], Request | None]] = {
    MessageKind.ANSWERED: _answered,
    MessageKind.REPORT_DUE: _report_due,
    MessageKind.POST: _post,
    MessageKind.POST_CARD: _post_card,
    MessageKind.CARD: _card,
    MessageKind.CHASE: _chase,
    MessageKind.SILENT_LIST: _silent_list,
    MessageKind.SILENT_LIST_EDIT: _silent_list_edit,
    MessageKind.HELP_WANTED: _help_wanted,
    MessageKind.CONFIRM: _confirm,
    MessageKind.RELEASED: _released,
    MessageKind.SUMMARY: _summary,
    **PATROL_RENDERERS,
    **SHIFT_RENDERERS,
    **HOTSPOT_RENDERERS,
    **OVERSIGHT_RENDERERS,
}
