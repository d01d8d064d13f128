"""Rows to the patrollers who can be sent somewhere now."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import Connection, exists, or_, select
from sqlalchemy.exc import SQLAlchemyError

from alerts.patrol.hotspots.model import VerificationRules
from alerts.patrol.hotspots.responders import Responder, Responders
from alerts.patrol.positions.store import NOT_DOUBTFUL, newest_of
from contacts import people_store
from contacts.people import PATROLLING, Person
from contacts.people_store import bearing, reachable
from data.geo.nearest import box_around
from data.tables.contacts import people
from data.tables.hotspots import hotspot_tasks
from data.tables.patrol import distress_calls, patrol_shifts, positions


def responders(
    connection: Connection,
    now: datetime,
    rules: VerificationRules,
    spots: Sequence[tuple[float, float]],
    *,
    only: int | None = None,
) -> list[Responder]:
    """Linked patrollers who are on duty and were seen lately in reach of one of ``spots``, by id.

    Some of them are out of reach: a box is looked at, not circles. Doubtful positions do not count.

    Whoever has hours of their own today is on duty in those hours only, whatever the post; of the
    others, patrollers seen lately are. Nobody who called for help is sent anywhere.

    The persons themselves are not read: of thousands a few are sent.

    :param only: a person's id: nobody else is looked at.
    """
    since = now - timedelta(minutes=rules.seen_minutes)
    west, south, east, north = box_around(spots, rules.reach_m)
    hours = _hours_today(connection, now, rules, only)
    in_distress = exists().where(
        distress_calls.c.person_id == people.c.id, distress_calls.c.cleared_at.is_(None)
    )
    query = (
        select(people.c.id, positions.c.lon, positions.c.lat, positions.c.taken_at)
        .join(positions, positions.c.id == newest_of(people.c.id, since, NOT_DOUBTFUL))
        .where(
            people.c.active,
            reachable(),
            or_(
                bearing(PATROLLING),
                exists().where(
                    patrol_shifts.c.person_id == people.c.id,
                    patrol_shifts.c.day == now.astimezone(rules.zone).date(),
                ),
            ),
            ~in_distress,
            positions.c.lon.between(west, east),
            positions.c.lat.between(south, north),
        )
        .order_by(people.c.id)
    )
    if only is not None:
        query = query.where(people.c.id == only)
    rows = connection.execute(query)
    return [Responder(*row) for row in rows if hours.get(row.id, True)]


def readable(connection: Connection, person_id: int, free: Responders) -> Person | None:
    """Who is to be sent; ``None`` where the row is damaged, which is noted in ``free``."""
    try:
        return people_store.person(connection, person_id)
    except SQLAlchemyError:
        raise
    except Exception as error:  # noqa: BLE001 - whatever a damaged row leads to
        free.unreadable[person_id] = error
        return None


def spots_due(connection: Connection, now: datetime) -> list[tuple[float, float]]:
    """Where the tasks are that are to be moved on. WGS-84 lon/lat."""
    columns = hotspot_tasks.c
    query = select(columns.lon, columns.lat).where(
        columns.next_at.is_not(None), columns.next_at <= now
    )
    return [(row.lon, row.lat) for row in connection.execute(query)]


def _hours_today(
    connection: Connection, now: datetime, rules: VerificationRules, only: int | None
) -> dict[int, bool]:
    """Whether each person with hours of their own today is on duty now."""
    columns = patrol_shifts.c
    query = select(columns.person_id, columns.starts_at, columns.ends_at, columns.every_minutes)
    query = query.where(columns.day == now.astimezone(rules.zone).date())
    if only is not None:
        query = query.where(columns.person_id == only)
    found: defaultdict[int, bool] = defaultdict(bool)
    for row in connection.execute(query):
        found[row.person_id] |= row.every_minutes > 0 and row.starts_at <= now < row.ends_at
    return dict(found)
