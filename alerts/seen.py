"""What a message that arrived has shown of others: noted in the access log."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from datetime import datetime

from alerts.outbox.codec import decode
from alerts.outbox.deliveries import Attempt, Delivery
from alerts.outbox.messages import (
    Distress,
    DistressUpdate,
    FieldReports,
    MessageKind,
    PatrolBack,
    PatrolSilent,
    Picture,
)
from alerts.patrol.distress import store as distress_store
from alerts.patrol.field_reports import store as field_report_store
from alerts.patrol.field_reports.model import FieldReport
from alerts.patrol.hotspots import store as hotspot_store
from alerts.patrol.roll_calls import roll_store
from alerts.patrol.shifts import store as shift_store
from contacts import access_log_store, people_store
from contacts.access import may_see_positions
from contacts.access_log_store import Look, Shown, Way
from contacts.divisions.codes import code_range
from contacts.people import Person
from contacts.phones import normalise
from data.database import Connection
from data.errors import InvalidInput


def note_seen(connection: Connection, sent: Iterable[Attempt], now: datetime) -> None:
    """Note whose numbers, positions and photos these messages showed to their reader.

    A group is a reader by itself: it is known when it was shown what, not who read it there. It is
    shown no number (docs/security.md).
    """
    showing = [
        attempt.delivery
        for attempt in sent
        if attempt.delivery.kind in _SHOWN or (attempt.numbers and attempt.delivery.chat_id > 0)
    ]
    if not showing:
        return
    viewers = people_store.people_by_telegram(connection, {each.chat_id for each in showing})
    for attempt in sent:
        viewer = viewers.get(attempt.delivery.chat_id)
        if attempt.numbers and viewer is not None:
            phones = _stored(attempt.numbers)
            access_log_store.note_numbers(connection, viewer, phones, Way.BOT, now)
    access_log_store.note(connection, _looks(connection, showing, viewers, now))


def note_reports_shown(
    connection: Connection, viewer: Person, reports: Iterable[FieldReport], now: datetime
) -> None:
    """Note that somebody looks at these reports: their photos, and where they were taken."""
    looks = [
        Look(now, viewer.id, report.person_id, what, Way.BOT)
        for report in reports
        for what in _parts(report)
        if report.person_id != viewer.id
    ]
    access_log_store.note(connection, looks)


def _parts(report: FieldReport, *, words: bool = False) -> list[Shown]:
    """What a report shows of its sender.

    :param words: only what it says, not its file.
    """
    photo = report.file_id is not None and not words
    return [Shown.PHOTO] * photo + [Shown.POSITION] * (report.position_id is not None)


def _stored(numbers: Iterable[str]) -> set[str]:
    found = set()
    for number in numbers:
        with suppress(InvalidInput):
            found.add(normalise(number))
    return found


def _looks(
    connection: Connection,
    deliveries: Iterable[Delivery],
    viewers: Mapping[int, Person],
    now: datetime,
) -> list[Look]:
    looks: list[Look] = []
    known: dict[tuple[MessageKind, str], _What] = {}  # the same to several readers: asked once
    for delivery in deliveries:
        if delivery.kind not in _SHOWN:
            continue
        message = delivery.kind, repr(delivery.params)
        if message not in known:
            known[message] = _SHOWN[delivery.kind](connection, delivery)
        shown, viewer = known[message], viewers.get(delivery.chat_id)
        if delivery.chat_id < 0:
            looks += [
                Look(now, delivery.chat_id, subject, what, Way.GROUP) for subject, what in shown
            ]
        elif viewer is not None:
            if delivery.kind is MessageKind.PICTURE:
                shown = _allowed(connection, viewer, shown)
            looks += [
                Look(now, viewer.id, subject, what, Way.BOT)
                for subject, what in shown
                if subject != viewer.id
            ]
    return looks


def _allowed(connection: Connection, viewer: Person, shown: _What) -> _What:
    """A picture shows positions to those only who may see them."""
    subjects = people_store.people(connection, {subject for subject, _ in shown})
    return [
        (subject, what)
        for subject, what in shown
        if may_see_positions(viewer, subjects[subject]).allowed
    ]


_What = list[tuple[int, Shown]]


def _distress(connection: Connection, delivery: Delivery) -> _What:
    about: Distress | DistressUpdate
    if delivery.kind is MessageKind.DISTRESS:
        about = decode(Distress, delivery.params)
    else:
        about = decode(DistressUpdate, delivery.params)
    call = distress_store.call(connection, about.distress_id)
    if call is None:
        return []
    parts = ((call.position_id, Shown.POSITION), (call.file_id, Shown.PHOTO))
    return [(call.person_id, what) for part, what in parts if part is not None]


def _field_reports(connection: Connection, delivery: Delivery) -> _What:
    message = decode(FieldReports, delivery.params)
    found: _What = []
    for report_id in message.ids:
        report = field_report_store.field_report(connection, report_id)
        if report is not None:
            found += [(report.person_id, what) for what in _parts(report, words=message.words)]
    return found


def _picture(connection: Connection, delivery: Delivery) -> _What:
    message = decode(Picture, delivery.params)
    ids: list[int] = []
    if message.roll_call_id is not None:
        ids = roll_store.placed(connection, message.roll_call_id)
    elif message.hotspot_id is not None:
        ids = [asked.person.id for asked in hotspot_store.asks(connection, message.hotspot_id)]
    return [(person_id, Shown.POSITION) for person_id in ids]


def _silent_patrollers(connection: Connection, delivery: Delivery) -> _What:
    message = decode(PatrolSilent, delivery.params)
    return [
        (watched.person.id, Shown.POSITION)
        for division in message.divisions
        for watched in shift_store.silent(connection, *code_range(division), message.rung)
    ]


def _back(_connection: Connection, delivery: Delivery) -> _What:
    people = decode(PatrolBack, delivery.params).people
    return [(person_id, Shown.POSITION) for person_id in people]


_SHOWN: Mapping[MessageKind, Callable[[Connection, Delivery], _What]] = {
    MessageKind.DISTRESS: _distress,
    MessageKind.DISTRESS_UPDATE: _distress,
    MessageKind.FIELD_REPORT: _field_reports,
    MessageKind.PICTURE: _picture,
    MessageKind.PATROL_SILENT: _silent_patrollers,
    MessageKind.PATROL_BACK: _back,
}
