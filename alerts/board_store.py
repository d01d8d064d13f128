"""What the command board counts and lists, for one division. The counting is done by the database.

A province's red alert has tens of thousands of calls: how they stand is kept in numbers for each
division (``progress_store``), and only those shown by name are read.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, case, func, literal, or_, select

from alerts.alert_store import as_alert
from alerts.call_post_store import in_divisions
from alerts.call_store import CALL_COLUMNS, as_call
from alerts.calls import Call, CallState
from alerts.model import IN_FORCE, Alert, State
from alerts.progress_store import CALLS
from contacts.divisions.codes import CODE_LENGTH, Tier, code_range, prefix_of
from contacts.divisions.store import by_tier
from contacts.people import Person
from contacts.people_store import PERSON_COLUMNS, as_person, holding
from data.tables.alerts import alerts, calls
from data.tables.alerts import call_counts as table
from data.tables.columns import UtcDateTime, constant
from data.tables.contacts import people
from data.tables.patrol import distress_calls, positions

MOST_ALERTS = 30

# The fields of ``Count`` after those that are sums of several numbers.
_AS_KEPT = "proxied discharged reported waiting unreachable households persons".split()
_WORD_OF_TIER = {tier: tier.value for tier in Tier}


@dataclass(frozen=True, slots=True)
class Count:
    """The calls of one alert in one division, to persons of one tier.

    Without a tier it takes back who was counted in several divisions: see ``report.counted_at``.
    """

    alert_id: int
    division_code: str
    tier: Tier | None
    calls: int
    acknowledged: int  # by the person, reported included
    proxied: int
    discharged: int
    reported: int
    waiting: int
    unreachable: int  # of those waiting
    households: int
    persons: int


@dataclass(frozen=True, slots=True)
class Distressed:
    """A call for help that is not cleared; positions are WGS-84 degrees."""

    id: int
    person: Person
    raised_at: datetime
    taken_by: str | None
    taken_at: datetime | None
    lon: float | None
    lat: float | None


def in_force(connection: Connection) -> list[Alert]:
    """Alerts in force or waiting for the second person, newest first."""
    states = [state.value for state in (*IN_FORCE, State.PENDING)]
    query = select(alerts).where(alerts.c.state.in_(states))
    rows = connection.execute(query.order_by(alerts.c.id.desc()).limit(MOST_ALERTS))
    return [as_alert(row) for row in rows]


def ended_since(connection: Connection, since: datetime) -> list[tuple[Alert, datetime]]:
    """Alerts that ended after ``since`` and when, the last one first."""
    at = func.coalesce(alerts.c.lifted_at, alerts.c.cancelled_at, alerts.c.expires_at)
    states = [State.LIFTED.value, State.CANCELLED.value, State.EXPIRED.value]
    query = (
        select(alerts)
        .where(
            alerts.c.state.in_(states),
            alerts.c.released_at.is_not(None),
            at >= literal(since, UtcDateTime),
        )
        .order_by(at.desc(), alerts.c.id.desc())
        .limit(MOST_ALERTS)
    )
    found = [as_alert(row) for row in connection.execute(query)]
    return [(alert, alert.ended_at) for alert in found]


def counts(connection: Connection, alert_ids: Sequence[int], scope: str, tier: Tier) -> list[Count]:
    """The calls of these alerts inside ``scope``, by division of ``tier`` and tier of the person.

    One statement for all of them, over the numbers kept for each division.
    """
    low, high = code_range(scope)
    kept = tier.digits
    code = func.substr(table.c.division_code, 1, kept).label("code")
    short = func.length(table.c.division_code) < CODE_LENGTH
    of_tier = case((short, ""), else_=by_tier(table.c.division_code, _WORD_OF_TIER)).label("tier")
    query = (
        select(
            table.c.alert_id,
            code,
            of_tier,
            func.sum(CALLS),
            func.sum(table.c.acknowledged + table.c.reported),
            *(func.sum(table.c[name]) for name in _AS_KEPT),
        )
        .where(
            table.c.alert_id.in_(list(alert_ids)),
            table.c.division_code.between(prefix_of(low), high),
        )
        .group_by(table.c.alert_id, code, of_tier)
        # Of a village that was left out what was moved counts still.
        .having(
            or_(
                func.sum(CALLS) != 0,
                func.sum(table.c.households) != 0,
                func.sum(table.c.persons) != 0,
            )
        )
    )
    return [
        Count(
            alert_id,
            code if len(code) < kept else code.ljust(CODE_LENGTH, "0"),
            Tier(of) if of else None,
            *(int(n) for n in numbers),
        )
        for alert_id, code, of, *numbers in connection.execute(query)
    ]


def silent(
    connection: Connection, alert_id: int, scope: str, limit: int
) -> list[tuple[Call, Person]]:
    """The first open calls inside ``scope`` with their persons, by division, upper tiers first."""
    low, high = code_range(scope)
    query = (
        select(*CALL_COLUMNS, *PERSON_COLUMNS)
        .join(people, people.c.id == calls.c.person_id)
        .where(
            calls.c.alert_id == alert_id,
            # Written out: SQLite takes its index of open calls for no parameter.
            calls.c.state == constant(CallState.WAITING.value),
            in_divisions(alert_id, low, high),
        )
        .order_by(calls.c.division_code, calls.c.id)
        .limit(limit)
    )
    found = []
    for row in connection.execute(query):
        found.append((as_call(row), as_person(row[len(CALL_COLUMNS) :])))
    return found


def distressed(connection: Connection, scope: str, limit: int = 50) -> list[Distressed]:
    """Calls for help from inside ``scope`` that were sent and are not cleared, oldest first."""
    low, high = code_range(scope)
    taker = people.alias("taker")
    query = (
        select(
            *PERSON_COLUMNS,
            distress_calls.c.id.label("distress_id"),
            distress_calls.c.raised_at,
            distress_calls.c.taken_at,
            taker.c.name.label("taken_by"),
            positions.c.lon,
            positions.c.lat,
        )
        .select_from(distress_calls)
        .join(people, people.c.id == distress_calls.c.person_id)
        .outerjoin(taker, taker.c.id == distress_calls.c.taken_by)
        .outerjoin(positions, positions.c.id == distress_calls.c.position_id)
        .where(
            distress_calls.c.cleared_at.is_(None),
            distress_calls.c.sent_at.is_not(None),
            holding([(low, high)]),
        )
        .order_by(distress_calls.c.raised_at)
        .limit(limit)
    )
    return [
        Distressed(
            row.distress_id,
            as_person(row),
            row.raised_at,
            row.taken_by,
            row.taken_at,
            row.lon,
            row.lat,
        )
        for row in connection.execute(query)
    ]
