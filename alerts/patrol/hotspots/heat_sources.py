"""Known steady heat sources: seen and un-learned by those who command the county."""

from __future__ import annotations

from datetime import datetime
from enum import Enum

from alerts.patrol.hotspots.heat_source_store import LearnedSource, forget, source, sources_in
from contacts.access import Access
from contacts.divisions.codes import code_range, contains
from contacts.people import COMMANDING, Person, Role
from data.audit import Entry, append
from data.database import Connection
from data.errors import NotAllowed, NotFound


class HeatProblem(Enum):
    """Why a heat source cannot be forgotten."""

    UNKNOWN = "unknown_heat_source"  # or forgotten by somebody else


def may_forget(person: Person, one: LearnedSource) -> Access:
    """Who commands the county, or above, decides what is masked there."""
    if not person.active:
        return Access.INACTIVE
    if person.role not in COMMANDING:
        return Access.NOT_COMMANDING
    if not contains(person.division_code, one.county_code):
        return Access.OUTSIDE_DIVISION
    return Access.ALLOWED


def sources_for(connection: Connection, person: Person) -> list[LearnedSource]:
    """What is masked in the person's division; nothing to those who neither watch nor command."""
    if not person.active or person.role not in COMMANDING | {Role.DUTY_OFFICER}:
        return []
    return sources_in(connection, *code_range(person.division_code))


def forget_source(
    connection: Connection, source_id: int, person: Person, now: datetime
) -> LearnedSource:
    """Hotspots there make tasks again; three new verdicts teach it again.

    :raises NotFound, NotAllowed: unknown or forgotten already; not in charge of the county.
    """
    one = source(connection, source_id)
    if one is None:
        raise NotFound(HeatProblem.UNKNOWN)
    access = may_forget(person, one)
    if access is not Access.ALLOWED:
        raise NotAllowed(access)
    forget(connection, one.id, now)
    detail = {"lon": one.lon, "lat": one.lat, "verdicts": one.verdicts}
    subject = f"heat_source:{one.id}"
    append(connection, now, [Entry("heat_source.forgotten", subject, person.id, detail)])
    return one
