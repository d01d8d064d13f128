"""What a delivery about a call for help says: its facts read, its view called."""

from __future__ import annotations

from dataclasses import replace

from alerts.outbox.deliveries import Delivery
from alerts.outbox.messages import Distress, DistressSent, DistressUpdate
from alerts.patrol.distress.buttons import ASKED_WHERE
from alerts.patrol.distress.calling import may_clear
from alerts.patrol.distress.model import DistressCall, DistressStage
from alerts.patrol.positions.model import Position
from bot.messages.facts import Facts
from bot.messages.requests import as_file, as_message, as_place, taken_away, without_buttons
from bot.messages.topic import Topic
from bot.telegram.outgoing import FilesOfOthers, Request
from bot.views.menu import menu_for
from bot.views.patrol import distress as views
from bot.views.screen import Screen, payload
from contacts import people_store
from contacts.bot_store import bot_id_of_person
from contacts.people import Person

DISTRESS = Topic()


@DISTRESS.says(Distress)
def _called(facts: Facts, delivery: Delivery, message: Distress) -> Request | None:
    call, position = facts.call_for_help(message.distress_id)
    if call is None or call.stage not in (DistressStage.RINGING, DistressStage.TAKEN):
        return None
    if call.stage is DistressStage.TAKEN and call.rounds != message.round:
        return None  # a round that was overtaken
    screen = _screen(facts, delivery, call, position, message.away)
    # A video note has no room for words, and the words matter more.
    if (
        call.file_id is not None
        and call.file_kind not in (None, "video_note")
        # Bringing a file of another bot over takes seconds; /feed shows it.
        and _other_owner(facts, call) is None
    ):
        return as_file(delivery.chat_id, screen, call.file_kind, call.file_id)
    return as_message(delivery.chat_id, screen)


@DISTRESS.says(DistressSent)
def _sent(facts: Facts, delivery: Delivery, message: DistressSent) -> Request | None:
    call, _ = facts.call_for_help(message.distress_id)
    if call is None:
        return None
    language, zone = delivery.language, facts.zone
    if message.message_id is not None:
        screen = views.prompt_over(call, language, zone=zone)
        return as_message(delivery.chat_id, screen, message.message_id)
    if not call.open:
        return None
    if call.stage is DistressStage.PENDING:
        seconds = facts.services.rules.distress.confirm_seconds
        return as_message(delivery.chat_id, views.asked(call, seconds, language))
    people = people_store.people(facts.connection, call.told)
    told = [people[person_id] for person_id in call.told if person_id in people]
    screen = views.sent(call, told, language, press=message.press, zone=zone)
    return as_message(delivery.chat_id, screen)


@DISTRESS.says(DistressUpdate)
def _update(facts: Facts, delivery: Delivery, message: DistressUpdate) -> Request | None:
    if message.message_id is not None:
        end = taken_away if message.news == ASKED_WHERE else without_buttons
        return end(delivery.chat_id, message.message_id)
    call, position = facts.call_for_help(message.distress_id)
    if call is None:
        return None
    if "state" in message.news:
        return as_message(delivery.chat_id, _state(facts, delivery, call))
    if not call.open:
        return None
    if message.news == ASKED_WHERE:
        caller = facts.person(call.person_id)
        assert caller is not None
        role, zone = caller.role.value, facts.zone
        asked = views.ask_position(position, role, delivery.language, facts.now, zone=zone)
        return as_message(delivery.chat_id, asked)
    if "clear" in message.news:
        person = facts.person(call.person_id)
        assert person is not None
        return as_message(delivery.chat_id, views.clear_asked(call, person, delivery.language))
    if message.news == ("position_id",) and position is not None and position.on_a_map:
        fix = position.fix
        return as_place(delivery.chat_id, fix.lon, fix.lat, fix.accuracy_m)
    screen = _screen(facts, delivery, call, position)
    if "file_id" in message.news and call.file_id is not None and call.file_kind is not None:
        request = as_file(delivery.chat_id, screen, call.file_kind, call.file_id)
        owner = _other_owner(facts, call)
        if owner is None:
            return request
        words = payload(screen, delivery.chat_id)
        return replace(request, files_of_others=FilesOfOthers({call.file_id: owner}, words))
    return as_message(delivery.chat_id, screen)


def _state(facts: Facts, delivery: Delivery, call: DistressCall) -> Screen:
    """How it stands; whoever called gets the keyboard of their post back when it is over."""
    person = facts.person(call.person_id)
    assert person is not None
    by = facts.by(call.cleared_by or call.taken_by)
    clearing = _may_clear(facts, delivery, call, person)
    taker = None if call.taken_by is None else facts.person(call.taken_by)
    numbers = taker.numbers if taker is not None and delivery.person_id == person.id else ()
    screen = views.state(call, person, by, delivery.language, numbers=numbers, may_clear=clearing)
    if delivery.person_id == person.id and not call.open:
        return replace(screen, keyboard=menu_for(person, delivery.language))
    return screen


def _may_clear(facts: Facts, delivery: Delivery, call: DistressCall, person: Person) -> bool:
    reader = None if delivery.person_id is None else facts.person(delivery.person_id)
    if reader is None or not call.open or reader.id == person.id:
        return False
    return may_clear(facts.connection, call, person, reader, facts.now)


def _other_owner(facts: Facts, call: DistressCall) -> int | None:
    """The bot whose file ids those of the call are, when it is another."""
    owner = bot_id_of_person(facts.connection, call.person_id)
    return None if owner in (None, facts.bot_id) else owner


def _screen(
    facts: Facts,
    delivery: Delivery,
    call: DistressCall,
    position: Position | None,
    away: float | None = None,
) -> Screen:
    person = facts.person(call.person_id)
    assert person is not None
    gazetteer = facts.services.gazetteer
    spot = "" if position is None or not position.division_code else position.division_code
    return views.call_for_help(
        call,
        person,
        gazetteer.path(person.division_code),
        position,
        delivery.language,
        facts.now,
        spot_place=gazetteer.path(spot) if spot else "",
        away=away,
        taken_by=facts.by(call.taken_by),
        may_clear=_may_clear(facts, delivery, call, person),
        zone=facts.zone,
    )
