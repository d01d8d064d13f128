"""A missed check-in is chased: the patroller, the station, the county; the sweep that does it.

Due times are rows; nothing of a chase is in memory. Those who were told of a silence are told when
it ends: they may be on their way into the woods.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from enum import Enum

from alerts.outbox import store as outbox_store
from alerts.outbox.deliveries import to_person
from alerts.outbox.lanes import Lane
from alerts.outbox.messages import MessageKind, PatrolBack, PatrolSilent
from alerts.patrol.shifts import store as watch_store
from alerts.patrol.shifts.model import (
    Rung,
    Seen,
    ShiftRules,
    Watch,
    advance,
    due_at,
    seen,
)
from alerts.patrol.shifts.store import Watched
from contacts import people_store
from contacts.access import may_record_proxy, require
from contacts.divisions.codes import contains
from contacts.duty_store import duty_divisions, duty_officers_many, station_officers_many
from contacts.people import Person
from data.audit import Entry, append, when_done
from data.database import Connection
from data.errors import Conflict, NotFound

CHUNK = 250
"""Watches swept in one transaction: small enough that a tap never waits long for the writer."""

MOST_BACK = 100
"""Persons named in one message that says who is back; more of them make another message."""


class WatchProblem(Enum):
    """Why a silence cannot be ended by an officer."""

    UNKNOWN = "unknown_watch"
    NOT_SILENT = "not_silent"  # a check-in came, or somebody else was faster


@dataclass(frozen=True, slots=True)
class CheckedIn:
    """What a position meant for the plan, and when the next is expected."""

    seen: Seen
    next_at: datetime | None


def chase_missed(
    connection: Connection, now: datetime, rules: ShiftRules, *, limit: int = CHUNK
) -> int:
    """Look at no more than ``limit`` watches that are due; returns how many.

    Idempotent: what was done is marked in the same transaction.
    """
    due = watch_store.due(connection, now, limit)
    if not due:
        return 0
    rows: list[tuple[Watched, Watch, datetime | None]] = []
    entries: list[Entry] = []
    told: dict[Rung, list[Person]] = defaultdict(list)
    someone_back = False
    for watched in due:
        person, watch = watched.person, watched.watch
        if not _watched(person):
            rows.append((watched, Watch(person.id), None))
            continue
        step = advance(watch, rules, now, reachable=person.reachable)
        entries.extend(_entries(person, step.missed, step.tell, step.watch))
        for rung in step.tell:
            told[rung].append(person)
        someone_back |= watch.back_at is not None
        after = due_at(step.watch, rules, reachable=person.reachable)
        rows.append((watched, step.watch, after))
    watch_store.save(connection, rows)
    _remind(connection, told[Rung.PATROLLER], now)
    for rung in (Rung.STATION, Rung.COUNTY):
        _tell_officers(connection, rung, told[rung], now)
    append(connection, now, entries)
    if someone_back:
        _say_who_is_back(connection, rules, now)
    return len(due)


def anything_due(connection: Connection, now: datetime) -> bool:
    """Whether ``chase_missed`` would find work."""
    return watch_store.any_due(connection, now)


def checked_in(
    connection: Connection, person: Person, at: datetime, now: datetime, rules: ShiftRules
) -> CheckedIn | None:
    """A sign of life taken at ``at``: meets the check-in expected, ends a chase.

    ``None`` for somebody nothing is planned for.
    """
    watch = watch_store.watch(connection, person.id, lock=True)
    if watch is None:
        return None
    result = seen(watch, at, rules)
    if result.watch != watch:
        after = due_at(result.watch, rules, reachable=person.reachable)
        watch_store.save(connection, [(Watched(person, watch), result.watch, after)])
    if result.ended:
        minutes = int(result.late.total_seconds() // 60)
        detail = {"missed": watch.missed, "late_minutes": minutes}
        append(connection, now, [Entry("check_in.late", f"person:{person.id}", person.id, detail)])
    return CheckedIn(result, result.watch.expected_at)


def reached(
    connection: Connection,
    person_id: int,
    officer: Person,
    now: datetime,
    rules: ShiftRules,
    *,
    done_at: datetime | None = None,
) -> Person:
    """An officer spoke with a silent patroller: the chase is over, and everybody told hears it.

    :param done_at: when the officer said so, if that was before now: what was missed since stands.
    :raises NotFound: no such person, or nothing is planned for them.
    :raises NotAllowed: the officer is not in charge of that person.
    :raises Conflict: the person is not silent (any more).
    """
    person, watch = (
        people_store.person(connection, person_id),
        watch_store.watch(connection, person_id, lock=True),
    )
    if person is None or watch is None:
        raise NotFound(WatchProblem.UNKNOWN, person=person_id)
    duties = duty_divisions(connection, officer.id, now)
    require(may_record_proxy(officer, person, duties), person=person.id)
    if watch.missed_at is None:
        raise Conflict(WatchProblem.NOT_SILENT, name=person.name)
    told = watch.told
    at = now if done_at is None else min(now, max(done_at, watch.missed_at))
    watch = replace(seen(watch, at, rules).watch, told=0, back_at=None)
    after = due_at(watch, rules, reachable=person.reachable)
    watch_store.save(connection, [(Watched(person, watch), watch, after)])
    entry = Entry("check_in.reached", f"person:{person.id}", officer.id, when_done(at, now))
    append(connection, now, [entry])
    others = _officers_told(connection, [(person, told)], now)
    for other, people in others.values():
        if other.id != officer.id:
            _say_back(connection, other, people, now, by=officer.id)
    return person


def _watched(person: Person) -> bool:
    return person.active and person.telegram_id is not None


def _entries(
    person: Person, missed: Collection[datetime], tell: Collection[Rung], watch: Watch
) -> Iterator[Entry]:
    subject = f"person:{person.id}"
    for at in missed:
        detail = {"expected": at.isoformat(), "missed": watch.missed}
        yield Entry("check_in.missed", subject, detail=detail)
    for rung in tell:
        yield Entry("check_in.chased", subject, detail={"rung": rung.name.lower()})


def _remind(connection: Connection, people: Iterable[Person], now: datetime) -> None:
    deliveries = [
        to_person(
            person,
            MessageKind.CHECK_IN_MISSED,
            Lane.REST,
            coalesce_key=f"check-in:{person.id}",
        )
        for person in people
        if person.telegram_id is not None
    ]
    outbox_store.add_many(connection, deliveries, now)


def _tell_officers(
    connection: Connection, rung: Rung, people: Collection[Person], now: datetime
) -> None:
    """One list to each officer, however many are silent: it is read when it leaves."""
    for officer, silent in _officers(connection, rung, people, now).values():
        code = officer.division_code
        inside = all(contains(code, person.division_code) for person in silent)
        divisions = [code] if inside else sorted({person.division_code for person in silent})
        delivery = to_person(
            officer,
            PatrolSilent(tuple(divisions), rung),
            Lane.ORANGE,
            coalesce_key=f"patrol-silent:{officer.id}:{int(rung)}",
        )
        outbox_store.add(connection, delivery, now)


def _officers(
    connection: Connection, rung: Rung, people: Collection[Person], now: datetime
) -> dict[int, tuple[Person, list[Person]]]:
    """The officers of a rung, each with those of ``people`` they look after."""
    if not people:
        return {}
    find = station_officers_many if rung is Rung.STATION else duty_officers_many
    by_code = find(connection, {person.division_code for person in people}, now)
    found: dict[int, tuple[Person, list[Person]]] = {}
    for person in people:
        for officer in by_code[person.division_code]:
            if officer.id != person.id and officer.reachable:
                found.setdefault(officer.id, (officer, []))[1].append(person)
    return found


def _officers_told(
    connection: Connection, people: Collection[tuple[Person, int]], now: datetime
) -> dict[int, tuple[Person, list[Person]]]:
    """The officers who heard of these silences, each with the persons; once each."""
    found: dict[int, tuple[Person, list[Person]]] = {}
    for rung in (Rung.STATION, Rung.COUNTY):
        heard = [person for person, told in people if told & rung]
        for officer, theirs in _officers(connection, rung, heard, now).values():
            known = found.setdefault(officer.id, (officer, []))[1]
            known.extend(person for person in theirs if person not in known)
    return found


def _say_who_is_back(connection: Connection, rules: ShiftRules, now: datetime) -> None:
    """Tell the officers who checked in meanwhile; all at once, not one message a person."""
    back = watch_store.back(connection)
    heard = [(watched.person, watched.watch.told) for watched in back]
    told = _officers_told(connection, heard, now)
    for officer, people in told.values():
        for start in range(0, len(people), MOST_BACK):
            _say_back(connection, officer, people[start : start + MOST_BACK], now)
    rows = []
    for watched in back:
        # Somebody silent again since keeps those told of it: only the sign of life is done with.
        kept = watched.watch.told if watched.watch.missed_at is not None else 0
        watch = replace(watched.watch, told=kept, back_at=None)
        rows.append((watched, watch, due_at(watch, rules, reachable=watched.person.reachable)))
    watch_store.save(connection, rows)


def _say_back(
    connection: Connection,
    officer: Person,
    people: Collection[Person],
    now: datetime,
    *,
    by: int | None = None,
) -> None:
    message = PatrolBack(tuple(person.id for person in people), by)
    outbox_store.add(connection, to_person(officer, message, Lane.ORANGE), now)
