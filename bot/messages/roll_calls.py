"""What a delivery of a roll call says: its facts read, its view called."""

from __future__ import annotations

from alerts.outbox.deliveries import Delivery
from alerts.outbox.messages import RollCallAsk, RollCallResult, RollCallSilent
from alerts.patrol.roll_calls import roll_store
from alerts.patrol.roll_calls import store as roll_call_store
from alerts.patrol.roll_calls.model import RollCall, Standing
from alerts.patrol.roll_calls.roll_store import RollEntry
from bot.messages.facts import Facts
from bot.messages.requests import as_message
from bot.messages.topic import Topic
from bot.telegram.outgoing import Request
from bot.views.patrol import roll_calls as views
from bot.views.screen import Screen
from contacts import people_store
from contacts.access import may_see_phone
from contacts.people import Person

ROLL_CALLS = Topic()

SILENT = (Standing.ASKED, Standing.UNREACHABLE)


def result_screen(facts: Facts, roll_call: RollCall, language: str) -> Screen:
    """How a roll call stands now."""
    return views.result(
        roll_call,
        roll_store.counts(facts.connection, roll_call.id),
        facts.place(roll_call.division_code),
        language,
        facts.now,
        zone=facts.zone,
    )


def list_screen(
    facts: Facts,
    roll_call: RollCall,
    reader: Person,
    language: str,
    *,
    far: bool = False,
    page: int = 0,
) -> Screen:
    """The silent, or those far away, of the part of the roll that the reader is in charge of."""
    standings = (Standing.FAR,) if far else SILENT
    mine = reader.id == roll_call.started_by
    within = roll_call.division_code if mine else reader.division_code
    entries = roll_store.entries(
        facts.connection,
        roll_call.id,
        *standings,
        within=within,
        limit=views.PAGE_SIZE,
        offset=page * views.PAGE_SIZE,
    )
    return views.people_list(
        roll_call,
        [_listed(facts, entry, reader, roll_call.division_code) for entry in entries],
        roll_store.count(facts.connection, roll_call.id, *standings, within=within),
        facts.place(roll_call.division_code),
        language,
        far=far,
        page=page,
        zone=facts.zone,
    )


def _listed(facts: Facts, entry: RollEntry, reader: Person, within: str) -> views.ListedPerson:
    phone = may_see_phone(reader, entry.person).allowed
    return views.ListedPerson(entry, facts.place_in(entry.person.division_code, within), phone)


@ROLL_CALLS.says(RollCallAsk)
def _asked(facts: Facts, delivery: Delivery, message: RollCallAsk) -> Request | None:
    roll_call = roll_call_store.roll_call(facts.connection, message.roll_call_id)
    if roll_call is None or not roll_call.open or roll_call.ends_at <= facts.now:
        return None
    if delivery.person_id is None:
        return None
    if not roll_store.still_silent(facts.connection, roll_call.id, delivery.person_id):
        return None
    screen = views.asked(
        roll_call,
        facts.person(roll_call.started_by),
        facts.place(roll_call.division_code),
        delivery.role,
        delivery.language,
        again=message.again,
        zone=facts.zone,
    )
    return as_message(delivery.chat_id, screen)


@ROLL_CALLS.says(RollCallResult)
def _result(facts: Facts, delivery: Delivery, message: RollCallResult) -> Request | None:
    roll_call = roll_call_store.roll_call(facts.connection, message.roll_call_id)
    if roll_call is None:
        return None
    return as_message(
        delivery.chat_id, result_screen(facts, roll_call, delivery.language), roll_call.message_id
    )


@ROLL_CALLS.says(RollCallSilent)
def _silent(facts: Facts, delivery: Delivery, message: RollCallSilent) -> Request | None:
    roll_call = roll_call_store.roll_call(facts.connection, message.roll_call_id)
    reader = people_store.person_by_telegram(facts.connection, delivery.chat_id)
    if roll_call is None or reader is None:
        return None
    screen = list_screen(facts, roll_call, facts.on_watch(reader), delivery.language)
    return as_message(delivery.chat_id, screen)
