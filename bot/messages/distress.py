"""What a delivery about a call for help says: its facts read, its view called."""

from __future__ import annotations

from collections.abc import Callable

import orjson

from alerts.outbox.deliveries import Delivery
from alerts.outbox.messages import MessageKind
from alerts.patrol.distress import store as distress_store
from alerts.patrol.distress.model import DistressCall, Stage
from alerts.patrol.positions import store as position_store
from alerts.patrol.positions.model import Position
from bot.messages.facts import Facts
from bot.telegram.file_bridge import marked
from bot.telegram.file_requests import with_file
from bot.telegram.outgoing import Request
from bot.views.patrol import distress as views
from bot.views.screen import Screen, method, payload
from contacts import people_store
from contacts.bot_store import bot_id_of_person


def _called(facts: Facts, one: Delivery) -> Request | None:
    call, position = _read(facts, one)
    if call is None or call.stage not in (Stage.RINGING, Stage.TAKEN):
        return None
    if call.stage is Stage.TAKEN and call.rounds != (one.params or {}).get("round"):
        return None  # a round that was overtaken
    screen = _screen(facts, one, call, position)
    # A video note has no room for words, and the words matter more.
    elsewhere = _elsewhere(facts, call)  # bringing a file over takes seconds; /feed shows it
    if call.file_id is not None and call.file_kind not in (None, "video_note") and not elsewhere:
        return with_file(one, screen, call.file_kind, call.file_id)
    return _message(one, screen)


def _sent(facts: Facts, one: Delivery) -> Request | None:
    call, _ = _read(facts, one)
    if call is None or not call.open:
        return None
    people = people_store.people(facts.connection, call.told)
    told = [people[each] for each in call.told if each in people]
    return _message(one, views.sent(call, told, one.language))


def _update(facts: Facts, one: Delivery) -> Request | None:
    call, position = _read(facts, one)
    if call is None:
        return None
    news = (one.params or {}).get("news", [])
    if "state" in news:
        person = facts.person(call.person_id)
        assert person is not None
        by = facts.by(call.cleared_by or call.taken_by)
        own = one.person_id == call.person_id
        return _message(one, views.state(call, person, by, one.language, own=own))
    if not call.open:
        return None
    screen = _screen(facts, one, call, position)
    if "file_id" in news and call.file_id is not None and call.file_kind is not None:
        request = with_file(one, screen, call.file_kind, call.file_id)
        owner = _elsewhere(facts, call)
        if owner is None:
            return request
        words = payload(screen, one.chat_id)
        return Request(request.method, marked(request.body, {call.file_id: owner}, words))
    if news == ["position_id"] and position is not None:
        fix = position.fix
        body = {"chat_id": one.chat_id, "latitude": fix.lat, "longitude": fix.lon}
        return Request("sendLocation", orjson.dumps(body))
    return _message(one, screen)


DISTRESS_RENDERERS: dict[MessageKind, Callable[[Facts, Delivery], Request | None]] = {
    MessageKind.DISTRESS: _called,
    MessageKind.DISTRESS_SENT: _sent,
    MessageKind.DISTRESS_UPDATE: _update,
}


def _read(facts: Facts, one: Delivery) -> tuple[DistressCall | None, Position | None]:
    call = distress_store.call(facts.connection, (one.params or {})["distress"])
    if call is None or call.position_id is None:
        return call, None
    return call, position_store.position(facts.connection, call.position_id)


def _elsewhere(facts: Facts, call: DistressCall) -> int | None:
    """The bot whose file ids those of the call are, when it is another."""
    owner = bot_id_of_person(facts.connection, call.person_id)
    return None if owner in (None, facts.bot_id) else owner


def _screen(facts: Facts, one: Delivery, call: DistressCall, position: Position | None) -> Screen:
    person = facts.person(call.person_id)
    assert person is not None
    gazetteer = facts.services.gazetteer
    spot = "" if position is None or not position.division_code else position.division_code
    return views.call_for_help(
        call,
        person,
        gazetteer.path(person.division_code),
        position,
        one.language,
        facts.now,
        spot_place=gazetteer.path(spot) if spot else "",
        away=(one.params or {}).get("away"),
        taken_by=facts.by(call.taken_by),
        zone=facts.services.zone,
    )


def _message(one: Delivery, screen: Screen) -> Request:
    return Request(method(screen), orjson.dumps(payload(screen, one.chat_id)))
