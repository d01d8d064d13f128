"""Known steady heat sources: whoever commands the county sees them and may have them forgotten."""

from __future__ import annotations

from datetime import datetime
from enum import Enum

from alerts.patrol.hotspots.heat_source_model import KnownSource
from alerts.patrol.hotspots.heat_source_store import (
    count_in,
    forget,
    source,
    sources_in,
)
from contacts.access import Access, may_release, may_take_charge, require
from contacts.divisions.codes import code_range
from contacts.people import Person
from data.audit import Entry, append
from data.database import Connection
from data.errors import NotFound


class HeatProblem(Enum):
    """Why a heat source cannot be forgotten."""

    UNKNOWN = "unknown_heat_source"  # or forgotten by somebody else


def may_forget(person: Person, county_code: str) -> Access:
    """Who commands the county, or above, decides what is masked there: as for a release."""
    return may_release(person, [county_code])


def sources_for(connection: Connection, person: Person, now: datetime) -> list[KnownSource]:
    """What is masked in the person's division; nothing to those who neither watch nor command."""
    if not may_take_charge(person, person.division_code).allowed:
        return []
    return sources_in(connection, *code_range(person.division_code), now)


def count_for(connection: Connection, person: Person) -> int:
    """How many ``sources_for`` would find."""
    if not may_take_charge(person, person.division_code).allowed:
        return 0
    return count_in(connection, *code_range(person.division_code))


def forget_source(
    connection: Connection, source_id: int, person: Person, now: datetime
) -> KnownSource:
    """Hotspots there make tasks again; three new verdicts teach it again, or a file that says so.

    :raises NotFound: no such source, or it was forgotten already.
    :raises NotAllowed: ``person`` does not command the county.
    """
    learned = source(connection, source_id)
    if learned is None:
        raise NotFound(HeatProblem.UNKNOWN)
    require(may_forget(person, learned.county_code), division=learned.county_code)
    forget(connection, learned.id, now)
    detail = {"lon": learned.lon, "lat": learned.lat, "verdicts": learned.verdicts}
    subject = f"heat_source:{learned.id}"
    append(connection, now, [Entry("heat_source.forgotten", subject, person.id, detail)])
    return learned
