"""A call for help (求救): to the county's duty officer at once, until somebody clears it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from alerts.deliveries import Kind
from alerts.lanes import Lane
from alerts.outbox_store import Outbox
from alerts.patrol.store import DistressCall, Patrol
from contacts import store as contacts
from contacts.access import Access, may_see_positions
from contacts.duty_store import commanders_above, duty_officers
from contacts.people import Person
from data.audit import Entry, append
from data.database import Connection
from data.errors import Conflict, NotAllowed, NotFound


class DistressProblem(Enum):
    """Why something cannot be done with a call for help."""

    UNKNOWN = "unknown_distress"
    CLEARED = "distress_cleared"


@dataclass(frozen=True, slots=True)
class Raised:
    """What became of a call for help: who was told."""

    call: DistressCall
    officers: tuple[Person, ...]
    already: bool = False


def officers_for(connection: Connection, person: Person, now: datetime) -> list[Person]:
    """Who hears a call for help: the duty officers of the county or above, else who commands."""
    found = [one for one in duty_officers(connection, person.division_code, now) if one.reachable]
    if not found:
        found = [one for one in commanders_above(connection, person.division_code) if one.reachable]
    return [one for one in found if one.id != person.id]


def raise_distress(connection: Connection, person: Person, now: datetime) -> Raised:
    """Raise a call for help; raising it again while it is open tells the officers again."""
    patrol = Patrol(connection)
    officers = tuple(officers_for(connection, person, now))
    known = patrol.open_distress(person.id)
    if known is None:
        last = patrol.last_position(person.id)
        distress_id = patrol.add_distress(
            {
                "person_id": person.id,
                "raised_at": now,
                "position_id": None if last is None else last.id,
            }
        )
    else:
        distress_id = known.id
    call = patrol.distress(distress_id)
    assert call is not None
    _tell(connection, call, officers, Kind.DISTRESS, now)
    told = {"told": [one.id for one in officers], "again": known is not None}
    append(connection, now, [Entry("distress.raised", f"distress:{call.id}", person.id, told)])
    return Raised(call, officers, known is not None)


def add_to_distress(
    connection: Connection,
    person: Person,
    now: datetime,
    *,
    position_id: int | None = None,
    file_id: str | None = None,
    file_kind: str | None = None,
    note: str | None = None,
) -> Raised | None:
    """A position, picture or words of somebody in distress go on to the same officers at once.

    ``None`` when the person has no open call for help.
    """
    patrol = Patrol(connection)
    call = patrol.open_distress(person.id)
    if call is None:
        return None
    given = {
        "position_id": position_id,
        "file_id": file_id,
        "file_kind": file_kind,
        "note": note,
    }
    news = {key: value for key, value in given.items() if value is not None}
    patrol.change_distress(call.id, **news)
    changed = patrol.distress(call.id)
    assert changed is not None
    officers = tuple(officers_for(connection, person, now))
    _tell(connection, changed, officers, Kind.DISTRESS_UPDATE, now, params=sorted(news))
    append(
        connection,
        now,
        [Entry("distress.added", f"distress:{call.id}", person.id, {"what": sorted(news)})],
    )
    return Raised(changed, officers, True)


def take(connection: Connection, distress_id: int, officer: Person, now: datetime) -> Raised:
    """An officer takes it; the person and the other officers are told who.

    :raises NotFound, NotAllowed, Conflict: unknown, not in charge of that person, or cleared.
    """
    call, person = _open(connection, distress_id, officer)
    already = call.taken_by is not None
    if not already:
        Patrol(connection).change_distress(call.id, taken_by=officer.id, taken_at=now)
        entry = Entry("distress.taken", f"distress:{call.id}", officer.id)
        append(connection, now, [entry])
    return _told_all(connection, distress_id, person, now, already=already)


def clear(connection: Connection, distress_id: int, officer: Person, now: datetime) -> Raised:
    """The person is safe: the call for help is over.

    :raises NotFound, NotAllowed, Conflict: as for ``take``.
    """
    call, person = _open(connection, distress_id, officer)
    Patrol(connection).change_distress(call.id, cleared_by=officer.id, cleared_at=now)
    append(connection, now, [Entry("distress.cleared", f"distress:{call.id}", officer.id)])
    return _told_all(connection, distress_id, person, now)


def undo(connection: Connection, distress_id: int, person: Person, now: datetime) -> Raised:
    """It was a mistake, says who raised it; the officers are told.

    :raises NotFound, NotAllowed, Conflict: unknown, somebody else's, or cleared.
    """
    call = Patrol(connection).distress(distress_id)
    if call is None:
        raise NotFound(DistressProblem.UNKNOWN)
    if call.person_id != person.id:
        raise NotAllowed(Access.NOT_ADDRESSEE)
    if not call.open:
        raise Conflict(DistressProblem.CLEARED)
    Patrol(connection).change_distress(call.id, cleared_by=person.id, cleared_at=now)
    append(connection, now, [Entry("distress.undone", f"distress:{call.id}", person.id)])
    return _told_all(connection, distress_id, person, now)


def _open(connection: Connection, distress_id: int, officer: Person) -> tuple[DistressCall, Person]:
    call = Patrol(connection).distress(distress_id)
    person = None if call is None else contacts.person(connection, call.person_id)
    if call is None or person is None:
        raise NotFound(DistressProblem.UNKNOWN)
    verdict = may_see_positions(officer, person)
    if verdict is not Access.ALLOWED or officer.id == person.id:
        raise NotAllowed(Access.SAME_PERSON if officer.id == person.id else verdict)
    if not call.open:
        raise Conflict(DistressProblem.CLEARED)
    return call, person


def _told_all(
    connection: Connection,
    distress_id: int,
    person: Person,
    now: datetime,
    *,
    already: bool = False,
) -> Raised:
    call = Patrol(connection).distress(distress_id)
    assert call is not None
    officers = tuple(officers_for(connection, person, now))
    if not already:
        _tell(connection, call, (*officers, person), Kind.DISTRESS_UPDATE, now, params=["state"])
    return Raised(call, officers, already)


def _tell(
    connection: Connection,
    call: DistressCall,
    people: tuple[Person, ...],
    kind: Kind,
    now: datetime,
    *,
    params: list[str] | None = None,
) -> None:
    outbox = Outbox(connection)
    for one in people:
        if one.telegram_id is not None:
            outbox.add(
                kind,
                Lane.DISTRESS,
                one.telegram_id,
                now,
                language=one.language,
                person_id=one.id,
                params={"distress": call.id, "news": params or []},
            )
