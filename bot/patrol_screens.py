"""What a delivery about patrollers says: its facts read, its view called."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import orjson

from alerts.deliveries import Delivery, Kind
from alerts.patrol.store import DistressCall, Patrol, Position
from bot.facts import Facts
from bot.telegram.outgoing import Request
from bot.views import patrol as views
from bot.views.screen import Screen, method, payload

_SEND = {
    "photo": ("sendPhoto", "photo"),
    "video": ("sendVideo", "video"),
    "voice": ("sendVoice", "voice"),
    "document": ("sendDocument", "document"),
    "video_note": ("sendVideoNote", "video_note"),
}


def _distress(facts: Facts, one: Delivery) -> Request | None:
    call, position = _call(facts, one)
    if call is None or not call.open:
        return None
    return _message(one, _distress_screen(facts, one, call, position))


def _distress_update(facts: Facts, one: Delivery) -> Request | None:
    call, position = _call(facts, one)
    if call is None:
        return None
    news = (one.params or {}).get("news", [])
    if "state" in news:
        person = facts.person(call.person_id)
        assert person is not None
        by = facts.by(call.cleared_by or call.taken_by)
        screen = views.distress_state(call, person, by, one.language, zone=facts.desk.zone)
        if one.person_id == call.person_id:
            screen = Screen(screen.text)
        return _message(one, screen)
    screen = _distress_screen(facts, one, call, position)
    if "file_id" in news and call.file_id is not None and call.file_kind is not None:
        return _with_file(one, screen, call.file_kind, call.file_id)
    if "position_id" in news and position is not None:
        fix = position.fix
        body = {"chat_id": one.chat_id, "latitude": fix.lat, "longitude": fix.lon}
        return Request("sendLocation", orjson.dumps(body))
    return _message(one, screen)


def _field_report(facts: Facts, one: Delivery) -> Request | None:
    patrol = Patrol(facts.connection)
    report = patrol.field_report((one.params or {})["report"])
    if report is None:
        return None
    person = facts.person(report.person_id)
    assert person is not None
    position = None if report.position_id is None else patrol.position(report.position_id)
    place = facts.desk.gazetteer.path(report.division_code or person.division_code)
    screen = views.field_report(report, person, place, position, one.language, zone=facts.desk.zone)
    if report.file_id is None:
        return _message(one, screen)
    return _with_file(one, screen, report.kind, report.file_id)


PATROL_RENDERERS: dict[Kind, Callable[[Facts, Delivery], Request | None]] = {
    Kind.DISTRESS: _distress,
    Kind.DISTRESS_UPDATE: _distress_update,
    Kind.FIELD_REPORT: _field_report,
}


def _call(facts: Facts, one: Delivery) -> tuple[DistressCall | None, Position | None]:
    patrol = Patrol(facts.connection)
    call = patrol.distress((one.params or {})["distress"])
    if call is None or call.position_id is None:
        return call, None
    return call, patrol.position(call.position_id)


def _distress_screen(
    facts: Facts, one: Delivery, call: DistressCall, position: Position | None
) -> Screen:
    person = facts.person(call.person_id)
    assert person is not None
    place = facts.desk.gazetteer.path(person.division_code)
    return views.distress(
        call, person, place, position, one.language, facts.now, zone=facts.desk.zone
    )


def _message(one: Delivery, screen: Screen) -> Request:
    return Request(method(screen), orjson.dumps(payload(screen, one.chat_id)))


def _with_file(one: Delivery, screen: Screen, kind: str, file_id: str) -> Request:
    name, field = _SEND.get(kind, ("sendDocument", "document"))
    body: dict[str, Any] = {"chat_id": one.chat_id, field: file_id}
    if kind != "video_note":  # Telegram gives a video note no caption
        body |= {"caption": Screen(screen.text, photo=file_id).text, "parse_mode": "HTML"}
    if screen.keyboard is not None:
        body["reply_markup"] = screen.keyboard.as_dict()
    return Request(name, orjson.dumps(body))
