"""Villages that are cut off, as an officer may see them; and the errand of whoever goes there."""

from __future__ import annotations

from collections.abc import Sequence

from alerts import report
from alerts.calls import Call
from alerts.cut_off import store
from alerts.cut_off.model import CutOff, Errand
from alerts.model import Alert
from alerts.outbox.deliveries import Delivery
from alerts.outbox.messages import CutOffList, ErrandAsk
from alerts.patrol.hotspots.responder_store import responders
from bot.messages.facts import Facts
from bot.messages.requests import as_message
from bot.messages.topic import Topic
from bot.telegram.outgoing import Request
from bot.views.screen import Screen
from bot.views.vocabulary import called_name, post_name
from bot.views.warnings import cut_off as views
from bot.views.warnings.cut_off import Contact, Goer, Near, VillageRow
from contacts import equipment_store
from contacts.access import may_see_phone, may_take_charge
from contacts.divisions.codes import Tier, ancestors, tier_of
from contacts.equipment import Equipment
from contacts.people import Person
from data.geo.coordinates import bearing_deg, distance_m

CUT_OFF = Topic()

NEAREST = 2
"""Villages that answered whose persons are suggested (ours)."""

MOST_PATROLLERS = 3
"""Patrollers seen near by that are suggested (ours)."""


@CUT_OFF.says(CutOffList)
def _cut_off_list(facts: Facts, delivery: Delivery, message: CutOffList) -> Request | None:
    alert, viewer = facts.alert(delivery), facts.officer(delivery)
    if viewer is None or not alert.in_force:
        return None
    return as_message(
        delivery.chat_id, list_screen(facts, alert, viewer, _news(facts, message, viewer.language))
    )


@CUT_OFF.says(ErrandAsk)
def _errand(facts: Facts, delivery: Delivery, message: ErrandAsk) -> Request | None:
    alert, errand = facts.alert(delivery), store.errand(facts.connection, message.errand)
    if errand is None or not alert.in_force or errand.open == message.over:
        return None  # it is not so any more
    screen = errand_screen(facts, alert, errand, delivery.language, again=message.again)
    return as_message(delivery.chat_id, screen)


def list_screen(facts: Facts, alert: Alert, viewer: Person, news: str = "") -> Screen:
    """The villages that are cut off, of the part of a warning that ``viewer`` looks after."""
    scope = report.scope_of(viewer.division_code, alert.areas)
    found = store.open_of(facts.connection, alert.id, scope, views.MOST_LISTED)
    return views.cut_off_list(
        alert,
        village_rows(facts, alert, viewer, found),
        viewer.language,
        facts.place(scope) if scope else facts.area(alert),
        total=store.count_open(facts.connection, alert.id, scope),
        news=news,
        zone=facts.zone,
    )


def one_village(facts: Facts, alert: Alert, viewer: Person, cut_off: CutOff) -> Screen:
    """One of them, with who could go."""
    [row] = village_rows(facts, alert, viewer, [cut_off])
    goers = suggested(facts, alert, viewer, cut_off)
    if row.runner is not None and row.errand is not None and row.errand.open:
        goers = [goer for goer in goers if goer.contact.person_id != row.runner.person_id]
    return views.village_screen(
        alert, row, goers, viewer.language, facts.area(alert), zone=facts.zone
    )


def village_rows(
    facts: Facts, alert: Alert, viewer: Person, found: Sequence[CutOff]
) -> list[VillageRow]:
    """What helps in each of these villages, with the numbers that ``viewer`` may read."""
    there = equipment_store.of_divisions(
        facts.connection, (cut_off.division_code for cut_off in found)
    )
    sent = store.last_errands(facts.connection, [cut_off.id for cut_off in found])
    rows = []
    for cut_off in found:
        code = cut_off.division_code
        errand = sent.get(cut_off.id)
        runner = None if errand is None else facts.person(errand.person_id)
        near = nearest_answered(facts, alert, viewer, code)
        rows.append(
            VillageRow(
                cut_off,
                facts.place_in(code, viewer.division_code),
                tuple(
                    contact(facts, viewer, person, call)
                    for call, person in store.calls_of_village(facts.connection, alert.id, code)
                ),
                tuple(_seen(facts, viewer, piece) for piece in there.get(code, ())),
                near[0][0] if near else None,
                errand,
                None if runner is None else contact(facts, viewer, runner),
                facts.by(cut_off.marked_by),
            )
        )
    return rows


def contact(facts: Facts, viewer: Person, person: Person, call: Call | None = None) -> Contact:
    """Somebody, with the numbers that ``viewer`` may read."""
    hidden = facts.services.settings.privacy.board_only
    shown = not hidden and may_see_phone(viewer, person).allowed
    language = viewer.language
    post = post_name(person, language) if call is None else called_name(call, person, language)
    return Contact(person.id, person.name, post, person.numbers if shown else ())


def _seen(facts: Facts, viewer: Person, piece: Equipment) -> Equipment:
    """A satellite telephone, without its number for whoever is not in charge there."""
    hidden = facts.services.settings.privacy.board_only
    if hidden or not may_take_charge(viewer, piece.division_code).allowed:
        return Equipment(piece.kind, piece.division_code, piece.place_code, "", piece.words)
    return piece


def nearest_answered(
    facts: Facts, alert: Alert, viewer: Person, code: str
) -> list[tuple[Near, Person]]:
    """The villages of the county nearest to this one of which somebody answered, and who.

    Where the gazetteer has no position of it, those of its township, in no order.
    """
    gazetteer = facts.services.gazetteer
    township = next(iter(ancestors(code)), code)
    county = next((above for above in ancestors(code) if tier_of(above) is Tier.COUNTY), township)
    answered = store.answered_villages(facts.connection, alert.id, county)
    here = gazetteer.get(code)
    found: list[tuple[float | None, float | None, str]] = []
    for other in answered:
        there = gazetteer.get(other)
        if other == code or there is None:
            continue
        if (
            here is None
            or here.lon is None
            or here.lat is None
            or there.lon is None
            or there.lat is None
        ):
            if other.startswith(township[: Tier.TOWNSHIP.digits]):
                found.append((None, None, other))
            continue
        spots = (here.lon, here.lat, there.lon, there.lat)
        found.append((distance_m(*spots), bearing_deg(*spots), other))
    found.sort(key=lambda each: (each[0] is None, each[0] or 0.0, each[2]))
    near = []
    for metres, degrees, other in found[:NEAREST]:
        for call, person in store.calls_of_village(facts.connection, alert.id, other):
            if call.answered:
                place = facts.place_in(other, viewer.division_code)
                who = contact(facts, viewer, person, call)
                near.append((Near(place, metres, degrees, who), person))
                break
    return near


def suggested(facts: Facts, alert: Alert, viewer: Person, cut_off: CutOff) -> list[Goer]:
    """Who could go: of the nearest villages that answered, and patrollers seen near by."""
    code = cut_off.division_code
    goers = [
        Goer(near.contact, near.place, near.metres)
        for near, _ in nearest_answered(facts, alert, viewer, code)
        if near.contact is not None
    ]
    here = facts.services.gazetteer.get(code)
    if here is not None and here.lon is not None and here.lat is not None:
        rules, spot = facts.services.rules.hotspots, (here.lon, here.lat)
        seen = sorted(
            (distance_m(*spot, found.lon, found.lat), found.person_id)
            for found in responders(facts.connection, facts.now, rules, [spot])
        )
        named = {goer.contact.person_id for goer in goers}
        for away, person_id in seen[:MOST_PATROLLERS]:
            person = facts.person(person_id)
            if person is not None and person_id not in named and away <= rules.reach_m:
                place = facts.place_in(person.division_code, viewer.division_code)
                goers.append(Goer(contact(facts, viewer, person), place, away))
    return goers


def errand_screen(
    facts: Facts, alert: Alert, errand: Errand, language: str, *, again: bool = False
) -> Screen:
    """What whoever is sent to a village reads, as it stands."""
    runner, by = facts.person(errand.person_id), facts.person(errand.assigned_by)
    to_tell: list[Contact] = []
    sender: Contact | None = None
    if runner is not None:
        to_tell = [
            contact(facts, runner, person, call)
            for call, person in store.calls_of_village(
                facts.connection, alert.id, errand.division_code
            )
            if call.stand_in_for is None and person.id != runner.id
        ][: views.MOST_PERSONS]
        sender = None if by is None else contact(facts, runner, by)
    return views.errand_message(
        alert,
        errand,
        facts.services.gazetteer.path(errand.division_code),
        language,
        facts.area(alert),
        to_tell=to_tell,
        by=sender,
        duty=facts.duty_phone(runner),
        again=again,
    )


def _news(facts: Facts, message: CutOffList, language: str) -> str:
    if message.news is None:
        return ""
    village = runner = ""
    if message.cut_off is not None:
        cut_off = store.cut_off(facts.connection, message.cut_off)
        village = "" if cut_off is None else facts.services.gazetteer.path(cut_off.division_code)
    if message.errand is not None:
        errand = store.errand(facts.connection, message.errand)
        runner = "" if errand is None else facts.by(errand.person_id)
    return views.news_line(message.news, village, runner, language)
