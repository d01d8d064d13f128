"""Reports from the spot (现场上报): kept, and passed to the county's duty officers."""

from __future__ import annotations

from datetime import datetime, timedelta

from alerts.deliveries import Kind
from alerts.lanes import Lane
from alerts.outbox_store import Outbox
from alerts.patrol.distress import add_to_distress, officers_for
from alerts.patrol.store import FieldReport, Patrol
from contacts.people import Person
from data.audit import Entry, append
from data.database import Connection

POSITION_FRESH = timedelta(minutes=30)
"""A report takes the person's last position when it is no older than this (ours)."""


def report_from_spot(
    connection: Connection,
    person: Person,
    kind: str,
    file_id: str | None,
    caption: str | None,
    now: datetime,
    *,
    media_group_id: str | None = None,
) -> tuple[FieldReport, int]:
    """Keep a report and pass it on; returns it and how many officers are told.

    An album's parts come one by one: the first tells the officers, each is passed on.
    """
    patrol = Patrol(connection)
    last = patrol.last_position(person.id)
    fresh = last is not None and not last.doubts and now - last.fix.taken_at <= POSITION_FRESH
    report_id = patrol.add_field_report(
        {
            "person_id": person.id,
            "at": now,
            "kind": kind,
            "file_id": file_id,
            "caption": caption,
            "media_group_id": media_group_id,
            "position_id": last.id if last is not None and fresh else None,
            "division_code": (last.division_code if last is not None and fresh else None)
            or person.division_code,
        }
    )
    report = patrol.field_report(report_id)
    assert report is not None
    officers = officers_for(connection, person, now)
    in_distress = add_to_distress(
        connection, person, now, file_id=file_id, file_kind=kind, note=caption
    )
    if in_distress is None:
        outbox = Outbox(connection)
        for officer in officers:
            if officer.telegram_id is not None:
                outbox.add(
                    Kind.FIELD_REPORT,
                    Lane.REST,
                    officer.telegram_id,
                    now,
                    language=officer.language,
                    person_id=officer.id,
                    params={"report": report_id},
                )
    append(
        connection,
        now,
        [Entry("field_report.sent", f"person:{person.id}", person.id, {"report": report_id})],
    )
    return report, len(officers)
