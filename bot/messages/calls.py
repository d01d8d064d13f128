"""What is said about one person's call: after the answer, when a report is late, for help."""

from __future__ import annotations

from dataclasses import replace

from alerts import (
    call_post_store,
    call_store,
    help_store,
    late_report_store,
    one_card_store,
    report,
    report_store,
    silent_store,
)
from alerts.calls import Call
from alerts.cards import help_list_store
from alerts.model import Alert
from alerts.outbox.deliveries import Delivery
from alerts.outbox.messages import HelpNews, HelpWanted, MessageKind, StandInToo
from alerts.reports import HelpRequest
from alerts.withdrawals import store as withdrawal_store
from alerts.withdrawals.model import is_asked_again
from bot.messages.facts import Facts
from bot.messages.requests import as_message
from bot.messages.topic import Topic
from bot.telegram.outgoing import Request
from bot.views.figures import moved_figures
from bot.views.screen import Screen
from bot.views.warnings import call, follow_up, stand_ins, unreported_list
from bot.views.warnings.parts import title
from bot.views.warnings.places_reported import places_list
from contacts import people_store
from contacts.access import may_see_phone
from contacts.divisions.codes import EVERYWHERE, code_range
from contacts.people import Person

CALLS = Topic()


@CALLS.says_kind(MessageKind.ANSWERED)
def _answered(facts: Facts, delivery: Delivery) -> Request:
    alert, its_call = facts.alert(delivery), facts.call(delivery)
    screen = answered_screen(facts, alert, its_call, delivery.language)
    return as_message(delivery.chat_id, screen, its_call.message_id)


def answered_screen(facts: Facts, alert: Alert, its_call: Call, language: str) -> Screen:
    """The message of a call that is answered or over, as it is now."""
    instead = None
    facts.read_posts([its_call.id])
    by = facts.by(its_call.proxy_by or its_call.discharged_by)
    told = its_call.report is not None or its_call.id in facts.reported
    if its_call.answered and (cause := _stood_in_for(facts, its_call)) is not None:
        person = facts.person(cause.person_id)
        instead = ("" if person is None else person.name, cause)
        by = by or facts.by(cause.proxy_by)
    withdrawn = None
    if its_call.open and is_asked_again(its_call):
        withdrawn = withdrawal_store.last_of(facts.connection, [its_call.id]).get(its_call.id)
        by = "" if withdrawn is None else facts.by(withdrawn.by_id)
    return call.answered_message(
        alert,
        its_call,
        its_call.role,
        language,
        facts.area(alert),
        sender_line=facts.sender_line(alert, language),
        by=by,
        instead=instead,
        posts=facts.answers_for(its_call.id),
        places=facts.places_of(its_call.id),
        reports=report_store.of_call(facts.connection, its_call.id) if told else [],
        withdrawn=withdrawn,
        take_back=_can_take_back(facts, its_call),
        newer=_newer_title(facts, its_call, language),
        moving=its_call.left_out and facts.moved(alert),
        zone=facts.zone,
    )


def _newer_title(facts: Facts, its_call: Call, language: str) -> str:
    """The title of a newer warning of the same danger, which the person's newest card is about."""
    if not its_call.open:
        return ""
    newer = one_card_store.newer_open(facts.connection, [its_call]).get(its_call.id)
    alert = None if newer is None else facts.alert_numbered(newer.alert_id)
    return "" if alert is None else title(alert, facts.area(alert), language)


def _can_take_back(facts: Facts, its_call: Call) -> bool:
    """Whether the person can still say that they pressed by mistake."""
    within = facts.services.rules.warnings.take_back_for
    answered_at = its_call.answered_at
    return bool(within) and answered_at is not None and facts.now - answered_at <= within


def places_screen(
    facts: Facts, alert: Alert, its_call: Call, language: str, page: int = 0
) -> Screen:
    """The places that a call is for and what was reported of each, as it is now."""
    found = call_post_store.places_of(facts.connection, its_call)
    names = facts.names_of(place.where for place in found)
    return places_list(
        alert, its_call.id, found, names, language, facts.area(alert), page=page, zone=facts.zone
    )


@CALLS.says_kind(MessageKind.STOOD_DOWN)
def _stood_down(facts: Facts, delivery: Delivery) -> Request | None:
    its_call = facts.call(delivery)
    cause = _stood_in_for(facts, its_call)
    person = None if cause is None else facts.person(cause.person_id)
    if cause is None or person is None or its_call.open:
        return None  # the other is silent after all
    alert = facts.alert(delivery)
    screen = stand_ins.stood_down_message(
        alert,
        cause,
        person.name,
        delivery.language,
        facts.area(alert),
        by=facts.by(cause.proxy_by),
        zone=facts.zone,
    )
    return as_message(delivery.chat_id, screen)


@CALLS.says(StandInToo)
def _stand_in_too(facts: Facts, delivery: Delivery, message: StandInToo) -> Request | None:
    silent = call_store.call(facts.connection, message.silent)
    person = None if silent is None else facts.person(silent.person_id)
    alert = facts.alert(delivery)
    if silent is None or person is None or silent.open == message.over:
        return None  # it is not so any more
    if not alert.in_force:
        return None  # all of it is over
    own_goes_on = not facts.call(delivery).left_out
    where = facts.services.gazetteer.path(silent.division_code)
    if message.over:
        screen = stand_ins.no_stand_in_too(
            alert,
            silent,
            person.name,
            delivery.language,
            facts.area(alert),
            where=where,
            by=facts.by(silent.proxy_by),
            own_goes_on=own_goes_on,
            zone=facts.zone,
        )
    else:
        screen = stand_ins.stand_in_too(
            alert,
            silent,
            person,
            delivery.language,
            facts.area(alert),
            where=where,
            own_goes_on=own_goes_on,
        )
    return as_message(delivery.chat_id, screen)


def _stood_in_for(facts: Facts, its_call: Call) -> Call | None:
    """The call of whoever was to answer in the first place; ``None`` while they are silent."""
    cause = its_call
    while cause.stand_in_for is not None and (cause is its_call or cause.stood_down):
        found = call_store.call(facts.connection, cause.stand_in_for)
        assert found is not None
        cause = found
    return None if cause.open or cause is its_call else cause


@CALLS.says_kind(MessageKind.REPORT_DUE)
def _report_due(facts: Facts, delivery: Delivery) -> Request | None:
    alert, its_call = facts.alert(delivery), facts.call(delivery)
    places = call_post_store.places_of(facts.connection, its_call)
    left = [place.where for place in places if place.report is None]
    if its_call.report is not None and not left:
        return None
    names = facts.names_of(left)
    screen = follow_up.report_due_message(
        alert,
        its_call,
        delivery.language,
        facts.area(alert),
        left=list(dict.fromkeys(names[where] for where in left)),
    )
    return as_message(delivery.chat_id, screen)


@CALLS.says_kind(MessageKind.UNREPORTED_LIST)
def _unreported_list(facts: Facts, delivery: Delivery) -> Request | None:
    alert, officer = facts.alert(delivery), facts.officer(delivery)
    if officer is None or not alert.in_force:
        return None
    screen = unreported_screen(facts, alert, officer, delivery.language)
    return None if screen is None else as_message(delivery.chat_id, screen)


def unreported_screen(facts: Facts, alert: Alert, officer: Person, language: str) -> Screen | None:
    """Who has answered, was asked and has not reported, of those the officer looks after.

    ``None``: nobody is left, while the warning is in force.
    """
    scope = report.scope_of(officer.division_code, alert.areas)
    late = late_report_store.unreported(
        facts.connection, alert.id, scope, without=officer.id, limit=unreported_list.MOST_LISTED
    )
    if not late and alert.in_force:
        return None
    people = people_store.people(facts.connection, [found.person_id for found in late])
    rung = silent_store.ringing_up(facts.connection, [found.id for found in late], facts.now)
    facts.read_posts(found.id for found in late)
    rows = []
    for found in late:
        person = _as_called(people[found.person_id], found)
        where = facts.answers_for(found.id) or facts.place_in(found.division_code, scope)
        officer_ringing = rung[found.id].officer if found.id in rung else ""
        shown = may_see_phone(officer, people[found.person_id]).allowed
        rows.append(unreported_list.Unreported(found, person, where, officer_ringing, shown))
    total = late_report_store.count_unreported(
        facts.connection, alert.id, scope, without=officer.id
    )
    place = facts.place(scope) if scope else facts.area(alert)
    return unreported_list.unreported_list(
        alert, rows, language, place, total=total, zone=facts.zone
    )


@CALLS.says(HelpWanted)
def _help_wanted(facts: Facts, delivery: Delivery, message: HelpWanted) -> Request | None:
    alert = facts.alert(delivery)
    officer = facts.officer(delivery)
    if officer is None:
        return None
    screen = help_screen(facts, delivery, alert, officer)
    if screen is None:
        return None
    known = None
    if message.again:
        known = help_list_store.newest(facts.connection, alert.id, delivery.chat_id)
    return as_message(delivery.chat_id, screen, known)


def help_shown_below(
    facts: Facts, delivery: Delivery, alert: Alert, message_id: int
) -> Screen | None:
    """What an older list says when a newer one is below it, which names everybody.

    ``None``: it is the newest, or names somebody who has no room in the newest.
    """
    officer = facts.officer(delivery)
    newest = help_list_store.newest(facts.connection, alert.id, delivery.chat_id)
    if officer is None or newest is None or newest <= message_id:
        return None
    low, high = _looked_after(officer, alert)
    total = help_list_store.count_wanting(facts.connection, alert.id, low, high, without=officer.id)
    if total > follow_up.MOST_LISTED:
        return None
    return follow_up.help_list_below(alert, delivery.language, facts.area(alert))


def _looked_after(officer: Person, alert: Alert) -> tuple[str, str]:
    scope = report.scope_of(officer.division_code, alert.areas)
    return code_range(scope) if scope else EVERYWHERE


def help_screen(facts: Facts, delivery: Delivery, alert: Alert, officer: Person) -> Screen | None:
    """Who wants help, of those the officer looks after; ``None`` when nobody does."""
    low, high = _looked_after(officer, alert)
    found = help_list_store.wanting(
        facts.connection, alert.id, low, high, without=officer.id, limit=follow_up.MOST_LISTED
    )
    if not found:
        return None
    ids = {request.person_id for request in found}
    takers = {request.taken_by for request in found if request.taken_by is not None}
    people = people_store.people(facts.connection, ids | takers)
    language = delivery.language
    call_ids = {request.call_id for request in found}
    facts.read_calls(call_ids)
    facts.read_posts(call_ids)
    wanted = [
        follow_up.HelpCall(
            request,
            _as_called(people[request.person_id], facts.calls[request.call_id]),
            _where_wanted(facts, request),
            "" if request.taken_by is None else people[request.taken_by].name,
        )
        for request in found
    ]
    zone = facts.zone
    if len(wanted) == 1:
        its_call = facts.calls[wanted[0].request.call_id]
        figures = moved_figures(its_call.households, its_call.persons, language)
        helped = replace(wanted[0], figures=figures)
        return follow_up.help_wanted(alert, helped, language, zone=zone)
    total = help_list_store.count_wanting(facts.connection, alert.id, low, high, without=officer.id)
    return follow_up.help_list(alert, wanted, language, total=total, zone=zone)


def _as_called(person: Person, its_call: Call) -> Person:
    """The person with the post in question that they are called for."""
    where = (its_call.division_code, its_call.role, its_call.place_code)
    return person.seen_as(
        lambda post: (post.division_code, post.role.value, post.place_code) == where
    )


def _where_wanted(facts: Facts, request: HelpRequest) -> str:
    """Where help is wanted: the path of the division, and the place in it that it is for."""
    path = facts.services.gazetteer.path(request.division_code)
    told = report_store.of_call(facts.connection, request.call_id)
    places = [
        fact.place_code
        for fact in told
        if (fact.report, fact.division_code) == (request.report, request.division_code)
    ]
    alike = facts.places_of(request.call_id)
    if alike and told and not told[-1].alone and told[-1].report is request.report:
        return f"{path}等{len(alike)}处"
    if not places or not places[-1]:
        return path
    return f"{path} {facts.names_of([(request.division_code, places[-1])]).popitem()[1]}"


@CALLS.says(HelpNews)
def _help_news(facts: Facts, delivery: Delivery, message: HelpNews) -> Request | None:
    request = help_store.request(facts.connection, message.request_id)
    if request is None:
        return None
    alert = facts.alert(delivery)
    screen = follow_up.help_news(
        alert,
        request,
        delivery.language,
        facts.area(alert),
        taker=None if request.taken_by is None else facts.person(request.taken_by),
        by=facts.by(request.resolved_by),
        zone=facts.zone,
    )
    return as_message(delivery.chat_id, screen)
