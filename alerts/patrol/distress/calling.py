"""A call for help (求救): colleagues near by, station and county, until somebody takes it.

The first tap commits it as pending; the sweep sends it when its time comes, a second tap at once.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from enum import Enum

from alerts.outbox import store as outbox_store
from alerts.outbox.deliveries import to_person
from alerts.outbox.lanes import Lane
from alerts.outbox.messages import Distress, DistressSent, DistressUpdate
from alerts.patrol.distress import model as machine
from alerts.patrol.distress import store as distress_store
from alerts.patrol.distress.model import DistressCall, DistressRules, DistressStage
from alerts.patrol.distress.store import near_colleagues
from alerts.patrol.positions import store as position_store
from contacts import people_store
from contacts.access import Access, may_see_positions, require
from contacts.duty_store import commanders_above, duty_officers, station_officers_many
from contacts.people import Person
from data.audit import Entry, append
from data.database import Connection
from data.errors import Conflict, NotAllowed, NotFound

CHUNK = 50
"""Calls for help whose round leaves in one transaction."""

LONGEST_NOTE = 600
"""Characters kept of what somebody in distress writes, the newest: it must fit a caption."""


class DistressProblem(Enum):
    """Why something cannot be done with a call for help."""

    UNKNOWN = "unknown_distress"
    CLEARED = "distress_cleared"


@dataclass(frozen=True, slots=True)
class Raised:
    """What became of a call for help, and who has been told of it."""

    call: DistressCall
    told: tuple[Person, ...]
    already: bool = False


def officers_for(connection: Connection, person: Person, now: datetime) -> list[Person]:
    """Who hears what is wrong: the duty officers of the county or above, else who commands."""
    found = [
        officer
        for officer in duty_officers(connection, person.division_code, now)
        if officer.reachable
    ]
    if not found:
        found = [
            officer
            for officer in commanders_above(connection, person.division_code)
            if officer.reachable
        ]
    return [officer for officer in found if officer.id != person.id]


def raise_distress(
    connection: Connection,
    person: Person,
    now: datetime,
    rules: DistressRules,
    *,
    done_at: datetime | None = None,
) -> Raised:
    """The first tap: stored, to go out by itself. Tapping again sends it now, and then again.

    :param done_at: when it was tapped, if that was before now: it is sent at once then.
    """
    known = distress_store.open_of(connection, person.id)
    if known is not None:
        return _ring(connection, known, person, now, rules, by=person.id)
    last = position_store.last_position(connection, person.id)
    distress_id = distress_store.add(
        connection,
        {
            "person_id": person.id,
            "raised_at": done_at or now,
            "position_id": None if last is None else last.id,
            "due_at": machine.goes_out_at(now, rules),
            "told": [],
        },
    )
    append(connection, now, [Entry("distress.raised", f"distress:{distress_id}", person.id)])
    call = distress_store.call(connection, distress_id)
    assert call is not None
    if machine.arrived_late(call.raised_at, now):
        return _ring(connection, call, person, now, rules, by=person.id)
    return Raised(call, ())


def confirm(
    connection: Connection, distress_id: int, person: Person, now: datetime, rules: DistressRules
) -> Raised:
    """The second tap: it leaves now. One that left meanwhile is not sent twice for it.

    :raises NotFound: no such call for help.
    :raises NotAllowed: it is somebody else's.
    :raises Conflict: it was cleared.
    """
    call = _own(connection, distress_id, person)
    if call.stage is not DistressStage.PENDING:
        return Raised(call, _people(connection, call), True)
    return _ring(connection, call, person, now, rules, by=person.id)


def undo(connection: Connection, distress_id: int, person: Person, now: datetime) -> Raised:
    """It was a mistake, says who raised it; whoever got it is told, before that nobody.

    :raises NotFound: no such call for help.
    :raises NotAllowed: it is somebody else's.
    :raises Conflict: it was cleared.
    """
    call = machine.cleared(_own(connection, distress_id, person), person.id, now)
    distress_store.save(connection, call)
    append(connection, now, [Entry("distress.undone", f"distress:{call.id}", person.id)])
    return _tell_state(connection, call, person, now, but=person.id)


def send_due(
    connection: Connection, now: datetime, rules: DistressRules, *, limit: int = CHUNK
) -> int:
    """Send every round whose time has come; returns how many. Idempotent: the row says the next."""
    due = distress_store.due(connection, now, limit)
    for call in due:
        person = people_store.person(connection, call.person_id)
        assert person is not None
        _ring(connection, call, person, now, rules)
    return len(due)


def anything_due(connection: Connection, now: datetime) -> bool:
    """Whether ``send_due`` would find work."""
    return distress_store.any_due(connection, now)


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
    """A position, picture or words of somebody in distress go on at once to whoever took it.

    Until then to everybody told. ``None`` when the person has no open call for help.
    """
    call = distress_store.open_of(connection, person.id)
    if call is None:
        return None
    if note is not None and call.note is not None:
        note = f"{call.note}\n{note}"[-LONGEST_NOTE:]
    given = {
        "position_id": position_id,
        "file_id": file_id,
        "file_kind": file_kind,
        "note": note,
    }
    news = {key: value for key, value in given.items() if value is not None}
    distress_store.change(connection, call.id, **news)
    detail = {"what": sorted(news)}
    append(connection, now, [Entry("distress.added", f"distress:{call.id}", person.id, detail)])
    changed = distress_store.call(connection, call.id)
    assert changed is not None
    if call.stage is DistressStage.PENDING:
        return Raised(changed, (), True)  # it leaves with the call itself
    told = _people(connection, changed)
    if changed.taken_by is not None:
        told = tuple(person for person in told if person.id == changed.taken_by) or told
    # Of positions that wait to be sent only the newest matters; pictures and words all do.
    only_position = set(news) == {"position_id"}
    message = DistressUpdate(call.id, tuple(sorted(news)))
    for reader in told:
        key = f"distress:{call.id}:position:{reader.id}" if only_position else None
        _say(connection, reader, message, now, key=key)
    return Raised(changed, told, True)


def take(connection: Connection, distress_id: int, officer: Person, now: datetime) -> Raised:
    """Somebody takes it; the person and all who were told hear who.

    :raises NotFound: no such call for help, or it was not sent yet.
    :raises NotAllowed: the officer was not asked, and is not in charge of the person.
    :raises Conflict: it was cleared.
    """
    call, person = _open(connection, distress_id, officer)
    if call.taken_by is not None:
        return Raised(call, _people(connection, call), True)
    call = machine.taken(call, officer.id, now)
    if officer.id not in call.told:
        call = replace(call, told=(*call.told, officer.id))
    distress_store.save(connection, call)
    append(connection, now, [Entry("distress.taken", f"distress:{call.id}", officer.id)])
    return _tell_state(connection, call, person, now, but=officer.id)


def clear(connection: Connection, distress_id: int, officer: Person, now: datetime) -> Raised:
    """The person is safe: the call for help is over.

    :raises NotFound: see ``take``.
    :raises NotAllowed: see ``take``.
    :raises Conflict: it was cleared already.
    """
    call, person = _open(connection, distress_id, officer)
    call = machine.cleared(call, officer.id, now)
    distress_store.save(connection, call)
    append(connection, now, [Entry("distress.cleared", f"distress:{call.id}", officer.id)])
    return _tell_state(connection, call, person, now, but=officer.id)


def _ring(
    connection: Connection,
    call: DistressCall,
    person: Person,
    now: datetime,
    rules: DistressRules,
    *,
    by: int | None = None,
) -> Raised:
    """One round to everybody: those asked before, and whoever is near or on duty now."""
    position = position_store.position(connection, call.position_id) if call.position_id else None
    spot = None if position is None or position.doubts else (position.fix.lon, position.fix.lat)
    asked: dict[int, tuple[Person, float | None]] = {}
    code = person.division_code
    for officer in station_officers_many(connection, [code], now)[code]:
        asked[officer.id] = officer, None
    for officer in officers_for(connection, person, now):
        asked[officer.id] = officer, None
    for colleague, away in near_colleagues(connection, person, spot, now, rules):
        asked.setdefault(colleague.id, (colleague, away))
    for before in _people(connection, call):
        asked.setdefault(before.id, (before, None))
    asked = {
        helper.id: (helper, away)
        for helper, away in asked.values()
        if helper.reachable and helper.id != person.id
    }
    first = call.sent_at is None
    changed = machine.rung(call, tuple(asked), now, rules)
    distress_store.save(connection, changed)
    # All at once: a round for each alone took a quarter of the time until the tap is answered.
    round_of = [
        to_person(
            helper,
            Distress(call.id, changed.rounds, away),
            Lane.DISTRESS,
            coalesce_key=f"distress:{call.id}:{helper.id}",
        )
        for helper, away in asked.values()
        if helper.telegram_id is not None
    ]
    outbox_store.add_many(connection, round_of, now)
    if by is None and first:  # nobody is waiting for an answer to a tap: tell them who knows
        _say(connection, person, DistressSent(call.id), now)
    detail = {"round": changed.rounds, "told": sorted(asked)}
    append(connection, now, [Entry("distress.rung", f"distress:{call.id}", by, detail)])
    return Raised(changed, tuple(helper for helper, _ in asked.values()), not first)


def _own(connection: Connection, distress_id: int, person: Person) -> DistressCall:
    call = distress_store.call(connection, distress_id, lock=True)
    if call is None:
        raise NotFound(DistressProblem.UNKNOWN)
    if call.person_id != person.id:
        raise NotAllowed(Access.NOT_ADDRESSEE)
    if not call.open:
        raise Conflict(DistressProblem.CLEARED)
    return call


def _open(connection: Connection, distress_id: int, officer: Person) -> tuple[DistressCall, Person]:
    """The call, if this officer may deal with it: those who were told may, and who is in charge."""
    call = distress_store.call(connection, distress_id, lock=True)
    person = None if call is None else people_store.person(connection, call.person_id)
    if call is None or person is None or call.sent_at is None:
        raise NotFound(DistressProblem.UNKNOWN)
    if officer.id == person.id:
        raise NotAllowed(Access.SAME_PERSON)
    if not (officer.active and officer.id in call.told):
        require(may_see_positions(officer, person))
    if not call.open:
        raise Conflict(DistressProblem.CLEARED)
    return call, person


def _people(connection: Connection, call: DistressCall) -> tuple[Person, ...]:
    found = people_store.people(connection, call.told)
    return tuple(found[person_id] for person_id in call.told if person_id in found)


def _tell_state(
    connection: Connection, call: DistressCall, person: Person, now: datetime, *, but: int
) -> Raised:
    told = _people(connection, call)
    for reader in (person, *told):
        if reader.id != but and call.sent_at is not None:
            _say(connection, reader, DistressUpdate(call.id, ("state",)), now)
    return Raised(call, told)


def _say(
    connection: Connection,
    person: Person,
    message: DistressSent | DistressUpdate,
    now: datetime,
    *,
    key: str | None = None,
) -> None:
    if person.telegram_id is not None:
        delivery = to_person(person, message, Lane.DISTRESS, coalesce_key=key)
        outbox_store.add(connection, delivery, now)
