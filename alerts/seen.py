"""What a message that arrived has shown of others: noted in the access log."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from datetime import datetime

from alerts.outbox.codec import decode
from alerts.outbox.deliveries import Attempt, Delivery
from alerts.outbox.messages import Distress, FieldReports, MessageKind, Picture
from alerts.patrol.distress import store as distress_store
from alerts.patrol.field_reports import store as field_report_store
from contacts import access_log_store, people_store
from contacts.access_log_store import Look, Shown, Way
from contacts.phones import normalise
from data.database import Connection
from data.errors import InvalidInput


def note_seen(connection: Connection, sent: Iterable[Attempt], now: datetime) -> None:
    """Note whose numbers, positions and photos these messages showed to their reader.

    What goes to a group is shown to many, and holds no number (docs/security.md).
    """
    for attempt in sent:
        delivery = attempt.delivery
        if delivery.chat_id < 0:
            continue
        if attempt.numbers:
            phones = _stored(attempt.numbers)
            access_log_store.note_numbers(connection, delivery.chat_id, phones, Way.BOT, now)
        if delivery.kind in _SHOWING:
            access_log_store.note(connection, _looks(connection, delivery, now))


_SHOWING = frozenset({MessageKind.DISTRESS, MessageKind.FIELD_REPORT, MessageKind.PICTURE})


def _stored(numbers: Iterable[str]) -> set[str]:
    found = set()
    for number in numbers:
        with suppress(InvalidInput):
            found.add(normalise(number))
    return found


def _looks(connection: Connection, delivery: Delivery, now: datetime) -> list[Look]:
    viewer = people_store.person_by_telegram(connection, delivery.chat_id)
    if viewer is None:
        return []
    if delivery.kind is MessageKind.PICTURE:
        roll_call = decode(Picture, delivery.params).roll_call_id
        if roll_call is None:
            return []
        return [Look(now, viewer.id, None, Shown.POSITION, Way.BOT, f"roll_call:{roll_call}")]
    if delivery.kind is MessageKind.DISTRESS:
        call = distress_store.call(connection, decode(Distress, delivery.params).distress_id)
        subjects = [] if call is None else [(call.person_id, Shown.POSITION)]
    else:
        ids = decode(FieldReports, delivery.params).ids
        reports = [field_report_store.field_report(connection, report_id) for report_id in ids]
        subjects = [(report.person_id, Shown.PHOTO) for report in reports if report is not None]
    return [
        Look(now, viewer.id, subject, what, Way.BOT)
        for subject, what in subjects
        if subject != viewer.id
    ]
