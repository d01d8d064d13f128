"""Asking everybody of an area whether it is still them, what they answer, and who stays silent."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from alerts.accounts import note_use
from alerts.outbox import shown_store
from alerts.outbox import store as outbox_store
from alerts.outbox.deliveries import to_person
from alerts.outbox.lanes import Lane
from alerts.outbox.roster_messages import RosterDenied, RosterSilent
from alerts.roster_checks import store
from alerts.roster_checks.model import (
    DAYS,
    LONGEST_DAYS,
    RosterCheck,
    RosterCheckProblem,
    StillThere,
    days_until_reminder,
)
from contacts import people_store
from contacts.access import may_be_informed, may_take_charge, require
from contacts.coverage import Doubt
from contacts.duty_store import duty_officers_many
from contacts.people import Person, Post
from contacts.roster import list_store
from contacts.superiors import superiors
from data.audit import Entry, append
from data.database import Connection
from data.errors import InvalidInput, NotFound


@dataclass(frozen=True, slots=True)
class CheckStarted:
    """``new``: it was begun now; otherwise one was running that asks this division already.

    ``asked``: to how many the question goes out.
    """

    check: RosterCheck
    new: bool
    asked: int = 0


def preview(connection: Connection, by: Person, code: str) -> tuple[int, int]:
    """How many persons a check would be about, and how many of them the bot reaches.

    :raises NotAllowed: ``by`` neither commands nor is on duty there or above.
    :raises InvalidInput: NOBODY: nobody is there.
    """
    require(may_take_charge(by, code), division=code)
    return _audience(connection, code)


def start(
    connection: Connection, by: Person | None, code: str, now: datetime, days: int = DAYS
) -> CheckStarted:
    """Ask everybody of the division and below; while one runs, another begins nothing.

    :param by: who asks for it; ``None`` for the operator at the command line.
    :raises NotAllowed: ``by`` neither commands nor is on duty there or above.
    :raises InvalidInput: NOBODY, DAYS of ``RosterCheckProblem``.
    """
    if by is not None:
        require(may_take_charge(by, code), division=code)
    if not 1 <= days <= LONGEST_DAYS:
        raise InvalidInput(RosterCheckProblem.DAYS, most=LONGEST_DAYS)
    found = store.running(connection, code)
    if found is not None:
        return CheckStarted(found, new=False)
    _audience(connection, code)
    if by is not None:
        note_use(connection, by, now)
    check = store.add(
        connection,
        {
            "division_code": code,
            "started_by": None if by is None else by.id,
            "started_at": now,
            "ends_at": now + timedelta(days=days),
            "due_at": now + timedelta(days=days_until_reminder(days)),
        },
    )
    persons = store.enter(connection, check.id, code)
    asked = store.ask(connection, check.id, now)
    detail = {"division": code, "persons": persons, "asked": asked, "days": days}
    _trail(connection, check.id, "started", check.started_by, now, detail)
    return CheckStarted(check, new=True, asked=asked)


def answer(
    connection: Connection,
    check_id: int,
    person: Person,
    said: StillThere,
    now: datetime,
    *,
    done_at: datetime,
    gone: Post | None = None,
) -> None:
    """Keep what somebody answers, also after the end; the last answer counts.

    A no is told to whoever began the check and to the tier above: from then on the person covers
    nothing, but is called as before. That it was taken back is told to whoever was told so.

    :param done_at: when they did it, which may be long ago.
    :param gone: of several posts the one that is not theirs any more.
    :raises NotFound: NOT_ASKED: the check was not about this person.
    """
    check = store.check(connection, check_id)
    before = store.answer_of(connection, check_id, person.id)
    if check is None or not store.record(connection, check_id, person.id, said, done_at):
        raise NotFound(RosterCheckProblem.NOT_ASKED)
    if said is before and gone is None:
        return
    if check.closed_at is not None:  # whoever was given the list of the silent reads it as it is
        shown_store.edit(connection, RosterSilent, _about, [check_id], now, since=check.closed_at)
    detail = {"answer": said.value}
    told = RosterDenied(check_id, person.id)
    if gone is not None:
        told = replace(
            told, division=gone.division_code, role=gone.role.value, place=gone.place_code
        )
        detail |= {"division": gone.division_code, "place": gone.place_code}
    _trail(connection, check_id, "answered", person.id, now, detail)
    if said is StillThere.YES:
        store.confirm(connection, person.id, done_at)
        if before is None:
            return
        told = replace(told, over=True)
    else:
        list_store.doubt(connection, [person.id], Doubt.DENIED, now)
    if told.over:
        since = check.started_at - timedelta(days=LONGEST_DAYS)  # perhaps by another check's button
        told_so = people_store.people(connection, store.denied_to(connection, person.id, since))
        readers = {each.id: each for each in told_so.values() if _may_read(each, person)}
    else:
        seen = person if gone is None else person.at(gone)
        readers = {above.id: above for above in superiors(connection, seen)}
        starter = _starter(connection, check)
        if starter is not None and starter.id != person.id:
            readers[starter.id] = starter
    for officer in readers.values():
        _tell(connection, officer, told, now)


def move_on(connection: Connection, check_id: int, now: datetime) -> None:
    """Ask the silent once more, or end the check and list them to those in charge."""
    check = store.check(connection, check_id)
    if check is None or check.due_at is None or check.due_at > now:
        return
    if now < check.ends_at:
        store.change(connection, check_id, due_at=check.ends_at)
        asked = store.ask(connection, check_id, now, again=True)
        _trail(connection, check_id, "again", None, now, {"asked": asked})
        return
    store.change(connection, check_id, due_at=None, closed_at=now)
    silent = store.silent_divisions(connection, check_id)
    found = store.counts(connection, check_id)
    detail = {"yes": found.yes, "no": found.elsewhere + found.not_me, "silent": found.silent}
    _trail(connection, check_id, "closed", None, now, detail)
    officers = duty_officers_many(connection, silent, now)
    told = {officer.id: officer for each in officers.values() for officer in each}
    if (starter := _starter(connection, check)) is not None:
        told[starter.id] = starter
    for officer in told.values():
        _tell(connection, officer, RosterSilent(check_id, officer.id), now)


def _may_read(officer: Person, person: Person) -> bool:
    """Whether an officer who was told of somebody may hear of them still."""
    if not officer.active:
        return False
    return any(may_be_informed(officer, post.division_code).allowed for post in person.posts)


def _about(message: RosterSilent) -> Collection[int]:
    return (message.check_id,)


def _audience(connection: Connection, code: str) -> tuple[int, int]:
    persons, reached = store.count_audience(connection, code)
    if not persons:
        raise InvalidInput(RosterCheckProblem.NOBODY)
    return persons, reached


def _starter(connection: Connection, check: RosterCheck) -> Person | None:
    """Whoever began it, if they are in charge there still."""
    if check.started_by is None:
        return None
    person = people_store.person(connection, check.started_by)
    return person if may_take_charge(person, check.division_code).allowed else None


def _tell(
    connection: Connection, person: Person, message: RosterDenied | RosterSilent, now: datetime
) -> None:
    if person.reachable:
        outbox_store.add(connection, to_person(person, message, Lane.REST), now)


def _trail(
    connection: Connection,
    check_id: int,
    act: str,
    by: int | None,
    now: datetime,
    detail: Mapping[str, Any],
) -> None:
    entry = Entry(f"roster_check.{act}", f"roster_check:{check_id}", by, dict(detail))
    append(connection, now, [entry])
