"""Rows to the patrollers who can be sent somewhere now."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Select, exists, or_, select
from sqlalchemy.exc import SQLAlchemyError

from alerts.patrol.hotspots.model import VerificationRules
from alerts.patrol.hotspots.responders import Responder
from alerts.patrol.positions.store import NOT_DOUBTFUL, newest_of
from contacts.people import PATROLLING
from contacts.people_store import PERSON_COLUMNS, as_person, bearing, reachable
from data.geo.nearest import box_around
from data.json_rows import GIVEN_IDS, as_json
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
    unreadable: dict[int, Exception] | None = None,
) -> list[Responder]:
    """Linked patrollers who are on duty and were seen lately in reach of one of ``spots``, by id.

    Some of them are out of reach: a box is looked at, not circles. Doubtful positions do not count.

    Whoever has hours of their own today is on duty in those hours only, whatever the post; of the
    others, patrollers seen lately are. Nobody who called for help is sent anywhere.

    :param only: a person's id: nobody else is looked at.
    :param unreadable: filled with those whose row cannot be read, and why, by the person's id; they
        are left out.
    """
    since = now - timedelta(minutes=rules.seen_minutes)
    west, south, east, north = box_around(spots, rules.reach_m)
    hours = _hours_today(connection, now, rules, only)
    in_distress = exists().where(
        distress_calls.c.person_id == people.c.id, distress_calls.c.cleared_at.is_(None)
    )
    query = (
        select(*PERSON_COLUMNS, positions.c.lon, positions.c.lat, positions.c.taken_at)
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
    found = _read(connection, query, None, {} if unreadable is None else unreadable)
    return [responder for responder in found if hours.get(responder.person.id, True)]


def _read(
    connection: Connection,
    query: Select[Any],
    ids: list[int] | None,
    unreadable: dict[int, Exception],
) -> list[Responder]:
    """The rows of these people, or of all; where one is damaged, it is found by halving."""
    some = query if ids is None else query.where(people.c.id.in_(GIVEN_IDS))
    given = {} if ids is None else {"ids": as_json(ids)}
    try:
        return [
            Responder(as_person(row), row.lon, row.lat, row.taken_at)
            for row in connection.execute(some, given)
        ]
    except SQLAlchemyError:
        raise
    except Exception as error:  # noqa: BLE001 - whatever a damaged row leads to
        if ids is None:
            ids = list(connection.execute(query.with_only_columns(people.c.id)).scalars())
        if len(ids) == 1:
            unreadable[ids[0]] = error
            return []
    half = len(ids) // 2
    return _read(connection, query, ids[:half], unreadable) + _read(
        connection, query, ids[half:], unreadable
    )


def spots_due(connection: Connection, now: datetime) -> list[tuple[float, float]]:
    """Where the tasks are that are to be moved on. WGS-84 lon/lat."""
    columns = hotspot_tasks.c
    query = select(columns.lon, columns.lat).where(
        columns.next_at.is_not(None), columns.next_at <= now
    )
    return [(row.lon, row.lat) for row in connection.execute(query)]


def spots_of(connection: Connection, task_ids: Collection[int]) -> list[tuple[float, float]]:
    """Where these tasks are."""
    columns = hotspot_tasks.c
    query = select(columns.lon, columns.lat).where(columns.id.in_(GIVEN_IDS))
    rows = connection.execute(query, {"ids": as_json(task_ids)})
    return [(row.lon, row.lat) for row in rows]


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
