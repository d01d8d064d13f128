"""Keeping a position with its time, accuracy, division and doubts."""

from __future__ import annotations

from alerts.patrol.positions import store as position_store
from alerts.patrol.positions.model import (
    DAY,
    CheckInRules,
    Fix,
    Position,
    doubts,
    worth_keeping,
)
from contacts.people import Person
from data.audit import Entry, append
from data.database import Connection


def record_position(
    connection: Connection,
    person: Person,
    fix: Fix,
    division_code: str | None,
    rules: CheckInRules,
    *,
    inside_province: bool,
    message_id: int | None = None,
    live: bool = False,
    awaited: bool = False,
) -> Position | None:
    """Store a position; ``None`` for a point of a live track that says nothing new.

    :param division_code: the county it lies in; ``None`` when it lies in none that is drawn.
    :param live: a point of a live track; ``message_id`` tells one track from another.
    :param awaited: somebody waits for this person's position: the next point is kept in any case.
    """
    if live and message_id is not None and not awaited:
        last = position_store.last_position(connection, person.id, message_id=message_id)
        kept = position_store.live_points(connection, person.id, fix.taken_at - DAY)
        if not worth_keeping(None if last is None else last.fix, fix, kept):
            return None
    found = doubts(fix, rules, inside_province=inside_province)
    position_id = position_store.add_position(
        connection,
        {
            "person_id": person.id,
            "taken_at": fix.taken_at,
            "received_at": fix.received_at,
            "lon": fix.lon,
            "lat": fix.lat,
            "accuracy_m": fix.accuracy_m,
            "division_code": division_code,
            "live": live,
            "message_id": message_id,
            "doubts": sorted(doubt.value for doubt in found),
        },
    )
    # The trail says that a position came, not where: positions are deleted in time, it is not.
    detail = {"position": position_id, "doubts": sorted(doubt.value for doubt in found)}
    append(
        connection,
        fix.received_at,
        [Entry("position.reported", f"person:{person.id}", person.id, detail)],
    )
    return Position(position_id, person.id, fix, division_code, found)
