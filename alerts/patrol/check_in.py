"""A position came (一键报位): kept, and what it means for whoever sent it.

It may tell where a call for help comes from, meet a check-in that was expected, lie outside the
sender's patrol zones, answer a roll call.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from alerts.patrol.arrival_rules import ArrivalRules
from alerts.patrol.distress.calling import add_to_distress
from alerts.patrol.positions.model import Fix, Position
from alerts.patrol.positions.recording import record_position
from alerts.patrol.roll_calls import calling as roll_calls
from alerts.patrol.shifts.missed import CheckedIn, checked_in
from alerts.patrol.zones.model import Whereabouts, locate
from alerts.patrol.zones.store import zones_of
from contacts.divisions.codes import county_of
from contacts.people import Person
from data.database import Connection
from data.geo.boundaries import Boundaries


@dataclass(frozen=True, slots=True)
class Spot:
    """Where on the map a position lies."""

    inside_province: bool
    county: str | None  # its code; None when it lies in no county that is drawn
    from_home_m: (
        float | None
    )  # metres outside the sender's county (city, province); None: not drawn


@dataclass(frozen=True, slots=True)
class Arrived:
    """What a position meant."""

    position: Position | None = None  # None: a point of a live track that says nothing new
    zones: Whereabouts | None = None  # None: the sender has none, or the position is doubtful
    plan: CheckedIn | None = None  # None: no check-ins are planned for the sender
    roll_calls: tuple[roll_calls.Answered, ...] = ()  # those it answered


def spot_of(boundaries: Boundaries, person: Person, lon: float, lat: float) -> Spot:
    """Where a position of ``person`` lies. Pure; it takes a moment, so not while writing."""
    inside = boundaries.contains_province(lon, lat)
    own = county_of(person.division_code) or person.division_code
    return Spot(
        inside,
        boundaries.locate(lon, lat) if inside else None,
        max(0.0, boundaries.distance_m(own, lon, lat)) if boundaries.has(own) else None,
    )


def check_in(
    connection: Connection,
    person: Person,
    fix: Fix,
    spot: Spot,
    rules: ArrivalRules,
    now: datetime,
    *,
    message_id: int | None = None,
    live: bool = False,
) -> Arrived:
    """Keep a position and let it count for everything that waits for one.

    A forwarded position is kept, but is somebody else's, or an old one: no sign of life.

    :param live: a point of a live track; ``message_id`` tells one track from another.
    """
    awaited = live and not fix.forwarded and roll_calls.awaited(connection, person, now)
    position = record_position(
        connection,
        person,
        fix,
        spot.county,
        rules.check_in,
        inside_province=spot.inside_province,
        message_id=message_id,
        live=live,
        awaited=awaited,
    )
    if position is not None:
        add_to_distress(connection, person, now, position_id=position.id)
    if fix.forwarded:
        return Arrived(position)
    plan = checked_in(connection, person, fix.taken_at, now, rules.shifts)
    if position is None:
        return Arrived(plan=plan)
    whereabouts = None
    if not position.doubts:
        zones = zones_of(connection, person.id, person.division_code)
        whereabouts = locate(zones, fix.lon, fix.lat, fix.accuracy_m)
    outside_m = spot.from_home_m if whereabouts is None else whereabouts.outside_m
    answered = roll_calls.answered(connection, person, position, outside_m, rules.far_m, now)
    return Arrived(position, whereabouts, plan, tuple(answered))
