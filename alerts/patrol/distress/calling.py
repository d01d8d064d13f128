"""A call for help (求救): colleagues near by, station and county, until somebody takes it.

The first tap commits it as pending; the sweep sends it when its time comes, a second tap at once.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import Enum

from alerts.outbox import store as outbox_store
from alerts.outbox.deliveries import to_person
from alerts.outbox.lanes import Lane
from alerts.outbox.messages import Distress, DistressSent, DistressUpdate, MessageKind
from alerts.patrol.distress import model as machine
from alerts.patrol.distress import store as distress_store
from alerts.patrol.distress.buttons import ASKED_WHERE, end_buttons, end_prompts
from alerts.patrol.distress.model import DistressCall, DistressRules, DistressStage, Press
from alerts.patrol.distress.store import ShownMessage, near_colleagues
from alerts.patrol.positions import store as position_store
from alerts.patrol.positions.model import Position
from contacts import people_store
from contacts.access import Access, may_handle_distress, require
from contacts.duty_store import (
    commanders_above,
    duty_divisions,
    duty_officers,
    station_and_duty_officers,
)
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
    NOT_YOURS = "distress_not_yours"  # only whoever called for help may say so
    CLEARED = "distress_cleared"
    NOT_TAKEN = "distress_not_taken"  # may be ended by whoever took it, and who is in charge


@dataclass(frozen=True, slots=True)
class Raised:
    """What became of a call for help, and who has been told of it."""

    call: DistressCall
    told: tuple[Person, ...]
    already: bool = False
    press: Press = Press.SENT  # of whoever called
    pressed_before: bool = False  # the press was not the first of this call


def officers_for(connection: Connection, person: Person, now: datetime) -> list[Person]:
    """Who hears what is wrong: the duty officers of the county or above, else who commands."""
    return _reached(connection, person, duty_officers(connection, person.division_code, now))


def _reached(connection: Connection, person: Person, on_duty: list[Person]) -> list[Person]:
    found = [officer for officer in on_duty if officer.reachable]
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

    Everybody is called again only some time after they were called last (``again_seconds``): a
    press sooner than that is told that they were, and who.

    :param done_at: when it was tapped, if that was before now: it is sent at once then.
    """
    known = distress_store.open_of(connection, person.id)
    if known is not None and machine.rang_just_now(known, now, rules):
        return Raised(known, _people(connection, known), True, Press.HELD, pressed_before=True)
    if known is not None:
        raised = _ring(connection, known, person, now, rules, by=person.id)
        if known.stage is DistressStage.PENDING:
            end_prompts(connection, raised.call, now)
        return replace(raised, pressed_before=True)
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


def answer_press(connection: Connection, raised: Raised, person: Person, now: datetime) -> None:
    """What whoever pressed 求救 reads: when it leaves, or to whom it left; and how to undo it."""
    message = DistressSent(raised.call.id, raised.press)
    _say(connection, person, message, now, key=_prompt_key(raised.call))


def ask_where(connection: Connection, raised: Raised, person: Person, now: datetime) -> None:
    """Whoever called is asked for position and picture, once; the question goes with the call."""
    _say(connection, person, DistressUpdate(raised.call.id, ASKED_WHERE), now)


def keep_prompt(
    connection: Connection, call: DistressCall, person: Person, message_id: int
) -> None:
    """This message, in the chat of whoever called, bears the button that undoes it."""
    if person.telegram_id is not None and call.open:
        kind = MessageKind.DISTRESS_SENT
        prompt = ShownMessage(person.telegram_id, message_id, person.id, kind)
        distress_store.note_shown(connection, call.id, prompt)


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

    Those whose message has not left yet never get it, and are not told either.

    :raises NotFound: no such call for help.
    :raises NotAllowed: it is somebody else's.
    :raises Conflict: it was cleared.
    """
    call = machine.cleared(_own(connection, distress_id, person), person.id, now)
    distress_store.save(connection, call)
    append(connection, now, [Entry("distress.undone", f"distress:{call.id}", person.id)])
    unheard = _not_heard_yet(connection, call)
    return _tell_state(connection, call, person, now, but={person.id, *unheard})


def send_due(
    connection: Connection, now: datetime, rules: DistressRules, *, limit: int = CHUNK
) -> int:
    """Send every round whose time has come; returns how many. Idempotent: the row says the next."""
    due = distress_store.due(connection, now, limit)
    for call in due:
        person = people_store.person(connection, call.person_id)
        assert person is not None
        rung = _ring(connection, call, person, now, rules)
        if call.stage is DistressStage.PENDING:  # nobody waits for an answer to a tap
            end_prompts(connection, rung.call, now)
            _say(connection, person, DistressSent(call.id), now, key=_prompt_key(call))
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
        key = _place_key(call, reader) if only_position else None
        _say(connection, reader, message, now, key=key)
    return Raised(changed, told, True)


def take(connection: Connection, distress_id: int, officer: Person, now: datetime) -> Raised:
    """Somebody takes it; the person and all who were told hear who.

    :raises NotFound: no such call for help, or it was not sent yet.
    :raises NotAllowed: the officer was not asked, and is not in charge of the person.
    :raises Conflict: it was cleared.
    """
    call, person = _open(connection, distress_id, officer)
    if not (officer.active and officer.id in call.told):
        require(_in_charge(connection, officer, person, now), person=person.id)
    _still_open(call)
    if call.taken_by is not None:
        return Raised(call, _people(connection, call), True)
    call = machine.taken(call, officer.id, now)
    if officer.id not in call.told:
        call = replace(call, told=(*call.told, officer.id))
    distress_store.save(connection, call)
    append(connection, now, [Entry("distress.taken", f"distress:{call.id}", officer.id)])
    return _tell_state(connection, call, person, now, but={officer.id})


def show_state(connection: Connection, call: DistressCall, reader: Person, now: datetime) -> None:
    """How it stands, to somebody who just took it, or would have."""
    _say(connection, reader, DistressUpdate(call.id, ("state",)), now)


def to_be_cleared(
    connection: Connection, distress_id: int, officer: Person, now: datetime
) -> tuple[DistressCall, Person]:
    """The call for help this officer may end, and who called: to be asked whether they are safe.

    :raises NotFound: no such call for help, or it was not sent yet.
    :raises NotAllowed: the officer has not taken it, and is not in charge of the person.
    :raises Conflict: it was cleared already.
    """
    call, person = _open(connection, distress_id, officer)
    if not may_clear(connection, call, person, officer, now):
        raise NotAllowed(DistressProblem.NOT_TAKEN, person=person.id)
    _still_open(call)
    return call, person


def ask_to_clear(connection: Connection, distress_id: int, officer: Person, now: datetime) -> None:
    """Ask this officer whether the person is safe.

    :raises NotFound: see ``to_be_cleared``.
    :raises NotAllowed: see ``to_be_cleared``.
    :raises Conflict: it was cleared already.
    """
    call, _ = to_be_cleared(connection, distress_id, officer, now)
    _say(connection, officer, DistressUpdate(call.id, ("clear",)), now)


def may_clear(
    connection: Connection, call: DistressCall, person: Person, officer: Person, now: datetime
) -> bool:
    """Whether this officer may say that the person is safe: who took it, and who is in charge."""
    if officer.active and officer.id == call.taken_by:
        return True
    return _in_charge(connection, officer, person, now).allowed


def clear(connection: Connection, distress_id: int, officer: Person, now: datetime) -> Raised:
    """The person is safe: the call for help is over.

    :raises NotFound: see ``to_be_cleared``.
    :raises NotAllowed: see ``to_be_cleared``.
    :raises Conflict: it was cleared already.
    """
    call, person = to_be_cleared(connection, distress_id, officer, now)
    call = machine.cleared(call, officer.id, now)
    distress_store.save(connection, call)
    append(connection, now, [Entry("distress.cleared", f"distress:{call.id}", officer.id)])
    return _tell_state(connection, call, person, now, but={officer.id})


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
    spot = None
    if position is not None and not position.doubts and _lately(position, now, rules):
        spot = position.fix.lon, position.fix.lat
    asked: dict[int, tuple[Person, float | None]] = {}
    station, on_duty = station_and_duty_officers(connection, person.division_code, now)
    for officer in (*station, *_reached(connection, person, on_duty)):
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
    # All at once: a delivery for each alone took a quarter of the time until the tap is answered.
    deliveries = [
        to_person(
            helper,
            Distress(call.id, changed.rounds, away),
            Lane.DISTRESS,
            coalesce_key=_call_key(call, helper.id),
        )
        for helper, away in asked.values()
        if helper.telegram_id is not None
    ]
    if position is not None and position.on_a_map and _lately(position, now, rules):
        pin = DistressUpdate(call.id, ("position_id",))
        deliveries += [
            to_person(helper, pin, Lane.DISTRESS, coalesce_key=_place_key(call, helper))
            for helper, _ in asked.values()
            if helper.id not in call.told and helper.telegram_id is not None
        ]
    outbox_store.add_many(connection, deliveries, now)
    detail = {"round": changed.rounds, "told": sorted(asked)}
    append(connection, now, [Entry("distress.rung", f"distress:{call.id}", by, detail)])
    everybody = tuple(helper for helper, _ in asked.values())
    return Raised(changed, everybody, not first, Press.SENT if first else Press.AGAIN)


def _lately(position: Position, now: datetime, rules: DistressRules) -> bool:
    """Whether it still says where somebody is."""
    return now - position.fix.taken_at <= timedelta(minutes=rules.colleague_minutes)


def _own(connection: Connection, distress_id: int, person: Person) -> DistressCall:
    call = distress_store.call(connection, distress_id, lock=True)
    if call is None:
        raise NotFound(DistressProblem.UNKNOWN)
    if call.person_id != person.id:
        raise NotAllowed(DistressProblem.NOT_YOURS, person=call.person_id)
    if not call.open:
        raise Conflict(DistressProblem.CLEARED, person=call.person_id)
    return call


def _open(connection: Connection, distress_id: int, officer: Person) -> tuple[DistressCall, Person]:
    """The call and who called, when it has left and is not the officer's own."""
    call = distress_store.call(connection, distress_id, lock=True)
    person = None if call is None else people_store.person(connection, call.person_id)
    if call is None or person is None or call.sent_at is None:
        raise NotFound(DistressProblem.UNKNOWN)
    if officer.id == person.id:
        raise NotAllowed(Access.SAME_PERSON, person=person.id)
    return call, person


def _still_open(call: DistressCall) -> None:
    if not call.open:
        raise Conflict(DistressProblem.CLEARED, person=call.person_id)


def _in_charge(connection: Connection, officer: Person, person: Person, now: datetime) -> Access:
    on_duty_in = duty_divisions(connection, officer.id, now)
    return may_handle_distress(officer, person, on_duty_in)


def _not_heard_yet(connection: Connection, call: DistressCall) -> set[int]:
    """Of those told in the first round, whose message still waits to be sent."""
    if call.rounds != 1:
        return set()
    waiting = outbox_store.queued_keys(connection, f"distress:{call.id}:")
    return {person_id for person_id in call.told if _call_key(call, person_id) in waiting}


def _call_key(call: DistressCall, person_id: int) -> str:
    return f"distress:{call.id}:{person_id}"


def _place_key(call: DistressCall, reader: Person) -> str:
    return f"distress:{call.id}:position:{reader.id}"


def _prompt_key(call: DistressCall) -> str:
    return f"distress:{call.id}:prompt"


def _people(connection: Connection, call: DistressCall) -> tuple[Person, ...]:
    found = people_store.people(connection, call.told)
    return tuple(found[person_id] for person_id in call.told if person_id in found)


def _tell_state(
    connection: Connection, call: DistressCall, person: Person, now: datetime, *, but: set[int]
) -> Raised:
    """Everybody who heard of it hears how it stands, and what is not to be pressed goes."""
    end_buttons(connection, call, now)
    heard = [reader for reader in _people(connection, call) if reader.id not in but]
    for reader in (person, *heard):
        if reader.id not in but and call.sent_at is not None:
            _say(connection, reader, DistressUpdate(call.id, ("state",)), now)
    return Raised(call, tuple(heard))


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
