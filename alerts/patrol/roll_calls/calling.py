"""Roll calls (点名): started by an officer, answered by positions, asked again, closed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from alerts.accounts import note_use
from alerts.patrol.positions.model import Position
from alerts.patrol.roll_calls import roll_store
from alerts.patrol.roll_calls import store as roll_call_store
from alerts.patrol.roll_calls.ask_store import queue_asks
from alerts.patrol.roll_calls.model import (
    ROLES,
    SHORTEST_REST,
    RollCall,
    RollCallProblem,
    Standing,
    Whom,
    check_minutes,
    standing_after,
)
from alerts.patrol.roll_calls.results import end, queue_map, trail
from contacts.access import may_call_roll, may_take_charge, require
from contacts.people import Person
from data.database import Connection
from data.errors import Conflict, InvalidInput, NotFound


@dataclass(frozen=True, slots=True)
class RollCallPreview:
    """What a roll call would do: shown before it is started."""

    persons: int
    reachable: int


@dataclass(frozen=True, slots=True)
class Started:
    """``new``: it was started now; otherwise the same one was running already."""

    roll_call: RollCall
    new: bool


@dataclass(frozen=True, slots=True)
class Answered:
    """A roll call that a position answered; ``late``: after its end."""

    roll_call: RollCall
    standing: Standing
    late: bool


def preview(
    connection: Connection, by: Person, code: str, whom: Whom, minutes: int
) -> RollCallPreview:
    """Count whom it would ask; whoever calls is not asked.

    :raises NotAllowed: ``by`` neither commands nor is on duty in that division or above.
    :raises InvalidInput: with a ``RollCallProblem``.
    """
    _permit(by, code)
    check_minutes(minutes)
    persons, reachable = roll_store.count_audience(connection, code, ROLES[whom], by.id)
    if not persons:
        raise InvalidInput(RollCallProblem.NOBODY, roll_call=code)
    return RollCallPreview(persons, reachable)


def start(
    connection: Connection,
    by: Person,
    code: str,
    whom: Whom,
    minutes: int,
    now: datetime,
    *,
    chat_id: int,
    message_id: int | None = None,
) -> Started:
    """Ask everybody, in one transaction. The same again while it runs starts nothing.

    :param chat_id, message_id: where its result stands, and is edited.
    :raises NotAllowed: see ``preview``.
    :raises InvalidInput: see ``preview``.
    :raises Conflict: another roll call of the same place runs (``RUNNING``).
    """
    preview(connection, by, code, whom, minutes)
    running = roll_call_store.running(connection, code)
    if running is not None and running.whom is not whom:
        raise Conflict(RollCallProblem.RUNNING, roll_call=code)
    if running is not None:
        return Started(running, new=False)
    note_use(connection, by, now)
    roll_call_id = roll_call_store.add(
        connection,
        {
            "division_code": code,
            "whom": whom.value,
            "minutes": minutes,
            "started_by": by.id,
            "started_at": now,
            "asked_at": now,
            "ends_at": now + timedelta(minutes=minutes),
            "chat_id": chat_id,
            "language": by.language,
            "message_id": message_id,
        },
    )
    persons = roll_store.enroll(connection, roll_call_id, code, ROLES[whom], by.id)
    asked = queue_asks(connection, roll_call_id, now)
    detail = {"division": code, "whom": whom.value, "minutes": minutes}
    trail(connection, roll_call_id, "started", by.id, now, detail | {"on": persons, "to": asked})
    roll_call = roll_call_store.roll_call(connection, roll_call_id)
    assert roll_call is not None
    roll_call_store.note_shown(connection, roll_call, roll_store.counts(connection, roll_call_id))
    return Started(roll_call, new=True)


def answered(
    connection: Connection,
    person: Person,
    position: Position,
    outside_m: float | None,
    far_m: float,
    now: datetime,
) -> list[Answered]:
    """A position came: it answers every roll call the person has still to answer.

    Whoever answered from far away may still come nearer, until the end; what was answered in time
    stays so. In time is what was sent in time, however long it was under way.

    :param outside_m: metres outside the person's zone, or their county; see ``standing_after``.
    """
    found, at = [], position.fix.taken_at
    standing = standing_after(position.doubts, outside_m, position.fix.accuracy_m, far_m)
    if standing is None:
        return []
    for roll_call, before in roll_store.unanswered_by(connection, person.id, now):
        late = roll_call.late(at)
        if at < roll_call.started_at - timedelta(seconds=60) or (late and before is Standing.FAR):
            continue
        roll_store.answer(connection, roll_call.id, person.id, standing, position.id, outside_m, at)
        detail = {"standing": standing.value, "late": late, "position": position.id}
        trail(connection, roll_call.id, "answered", person.id, now, detail)
        found.append(Answered(roll_call, standing, late))
    return found


def awaited(connection: Connection, person: Person, now: datetime) -> bool:
    """Whether a roll call waits for this person's position: then every point of a track counts."""
    found = roll_store.unanswered_by(connection, person.id, now)
    return any(before is not Standing.FAR for _, before in found)


def ask_again(connection: Connection, roll_call_id: int, by: Person, now: datetime) -> int:
    """再叫一次: whoever is silent is asked once more; returns how many messages were queued.

    :raises NotFound: no such roll call.
    :raises NotAllowed: ``by`` may not call the roll of its division.
    :raises Conflict: it is over, or they were asked just now.
    """
    roll_call = _running(connection, roll_call_id, by)
    rest = roll_call.asked_at + SHORTEST_REST - now
    if rest > timedelta(0):
        seconds = int(rest.total_seconds()) + 1
        raise Conflict(RollCallProblem.TOO_SOON, seconds=seconds, roll_call=roll_call.division_code)
    roll_store.update_reach(connection, roll_call_id)
    roll_call_store.change(connection, roll_call_id, asked_at=now)
    asked = queue_asks(connection, roll_call_id, now, again=True)
    trail(connection, roll_call_id, "again", by.id, now, {"to": asked})
    return asked


def close(connection: Connection, roll_call_id: int, by: Person, now: datetime) -> RollCall:
    """结束点名, before its time.

    :raises NotFound: no such roll call.
    :raises NotAllowed: ``by`` may not call the roll of its division.
    :raises Conflict: it is over.
    """
    roll_call = _running(connection, roll_call_id, by)
    return end(connection, roll_call, by.id, now)


def want_map(connection: Connection, roll_call_id: int, by: Person, now: datetime) -> None:
    """地图: a picture now, and a new one in its place while the result grows.

    :raises NotFound: no such roll call.
    :raises NotAllowed: see ``watched``.
    """
    roll_call = watched(connection, roll_call_id, by)
    if by.telegram_id is None:
        return
    if by.telegram_id == roll_call.chat_id:
        roll_call_store.change(connection, roll_call_id, map_wanted=True, map_at=now)
    queue_map(connection, roll_call_id, by.telegram_id, by.language, now, new=True)


def watched(connection: Connection, roll_call_id: int, by: Person) -> RollCall:
    """The roll call, for whoever commands or is on duty in its division or above.

    :raises NotFound: no such roll call.
    :raises NotAllowed: ``by`` neither commands nor is on duty there.
    """
    roll_call = roll_call_store.roll_call(connection, roll_call_id)
    if roll_call is None:
        raise NotFound(RollCallProblem.UNKNOWN)
    code = roll_call.division_code
    require(may_take_charge(by, code), roll_call=code)
    return roll_call


def _running(connection: Connection, roll_call_id: int, by: Person) -> RollCall:
    roll_call = roll_call_store.roll_call(connection, roll_call_id)
    if roll_call is None:
        raise NotFound(RollCallProblem.UNKNOWN)
    _permit(by, roll_call.division_code)
    if not roll_call.open:
        raise Conflict(RollCallProblem.OVER, roll_call=roll_call.division_code)
    return roll_call


def _permit(by: Person, code: str) -> None:
    require(may_call_roll(by, code), roll_call=code)
