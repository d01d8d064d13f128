"""A test call begun, kept going and ended: who may, whom it rings, when it is over."""

from __future__ import annotations

import secrets
from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from alerts.accounts import note_use
from alerts.channels import test_store
from alerts.channels.addresses import addresses_of
from alerts.test_calls import store
from alerts.test_calls.model import MOST_LINES, TestCall, TestProblem, TestRules
from contacts import equipment_store
from contacts.access import may_release, require
from contacts.channels import Channel
from contacts.equipment import EquipmentKind
from contacts.people import Person
from data.audit import Entry, append
from data.database import Connection
from data.errors import Conflict, InvalidInput

CHUNK = 500
"""Addresses queued in one transaction."""

SETTLING = timedelta(minutes=10)
"""For so long after the last message somebody may still answer before a test ends early (ours)."""

SATELLITES = Channel.VOICE
"""A satellite telephone is rung as any other."""


@dataclass(frozen=True, slots=True)
class TestPlan:
    """What a test would ring. ``persons``: who has an address there; ``without``: who has none.

    ``opens_at``: when it rings first. ``waits``: a red or orange warning is being called meanwhile.
    """

    __test__ = False

    division_code: str
    channels: Mapping[Channel, int] = field(default_factory=dict)  # addresses of each
    persons: int = 0
    without: int = 0
    satellites: int = 0
    nameless_satellites: int = 0  # of which nobody wrote the number down
    opens_at: datetime | None = None
    waits: bool = False

    @property
    def lines(self) -> int:
        """All addresses."""
        return sum(self.channels.values()) + self.satellites


def plan(
    connection: Connection,
    by: Person,
    code: str,
    channels: Collection[Channel],
    rules: TestRules,
    now: datetime,
) -> TestPlan:
    """What a test by ``by`` would ring; nothing is.

    :param channels: those asked for; empty: all that are set up.
    :raises NotAllowed: ``by`` does not command the division.
    :raises InvalidInput: NOBODY, NO_CHANNEL, TOO_MANY of ``TestProblem``.
    """
    return _planned(connection, by, code, channels, rules, now)[0]


def start(
    connection: Connection,
    by: Person,
    code: str,
    channels: Collection[Channel],
    rules: TestRules,
    now: datetime,
) -> tuple[TestCall, TestPlan]:
    """Begin a test of a division and all below it.

    :raises NotAllowed: ``by`` does not command the division.
    :raises InvalidInput: NOBODY, NO_CHANNEL, TOO_MANY of ``TestProblem``.
    :raises Conflict: RUNNING: a test there, above or below is not over.
    """
    planned, rows = _planned(connection, by, code, channels, rules, now)
    running = store.running(connection, code)
    if running is not None:
        raise Conflict(TestProblem.RUNNING, division=running.division_code)
    note_use(connection, by, now)
    used = [channel.value for channel in _used(channels, rules)]
    test = store.add(
        connection,
        {
            "division_code": code,
            "started_by": by.id,
            "started_at": now,
            "ends_at": rules.ends(now),
            "channels": ",".join(used),
        },
    )
    store.add_lines(connection, [{**row, "test_id": test.id} for row in rows])
    detail = {
        "division": code,
        "channels": used,
        "persons": planned.persons,
        "addresses": planned.lines,
        "satellites": planned.satellites,
    }
    _trail(connection, test.id, "started", by.id, now, detail)
    return test, planned


def stop(connection: Connection, by: Person, test_id: int, now: datetime) -> TestCall | None:
    """An officer ends a test before its time; ``None``: it is over already.

    :raises NotAllowed: ``by`` does not command the division.
    """
    test = store.test_call(connection, test_id)
    if test is None:
        return None
    require(may_release(by, [test.division_code]), division=test.division_code)
    return _close(connection, test, by.id, now) if test.open else None


def anything_due(connection: Connection, rules: TestRules, now: datetime) -> bool:
    """Whether ``go_on`` would do something; it only reads."""
    for test in store.open_tests(connection):
        if _is_over(connection, test, rules, now):
            return True
        queues = rules.may_ring(now) and store.any_unqueued(connection, test.id)
        if queues and not test_store.must_wait(connection, now):
            return True
    return store.any_old(connection, now)


def go_on(
    connection: Connection, rules: TestRules, now: datetime, limit: int = CHUNK
) -> tuple[int, list[TestCall]]:
    """Queue what is to be rung next, end what is over.

    :returns: how much was done, and the tests that ended now: their results are to be told.
    """
    done = store.forget_old(connection, now)
    ended = []
    for test in store.open_tests(connection):
        if _is_over(connection, test, rules, now):
            closed = _close(connection, test, None, now)
            ended += [] if closed is None else [closed]
            done += 1
        elif rules.may_ring(now) and not test_store.must_wait(connection, now):
            lines = store.unqueued(connection, test.id, limit)
            store.queue(connection, lines, now)
            done += len(lines)
    return done, ended


def fresh_code(digits: int) -> str:
    """A code nobody can guess: without a zero first, which some would leave out."""
    least = 10 ** (digits - 1)
    return str(least + secrets.randbelow(9 * least))


def _is_over(connection: Connection, test: TestCall, rules: TestRules, now: datetime) -> bool:
    """At its end; or earlier, when all was sent and who wants to answer had the time for it."""
    if now >= test.ends_at:
        return True
    if store.any_unqueued(connection, test.id) or store.any_under_way(connection, test.id):
        return False
    if not rules.may_ring(now) or now < test.started_at + SETTLING:
        return False
    return not store.any_unheard(connection, test.id, now - SETTLING)


def _close(
    connection: Connection, test: TestCall, by: int | None, now: datetime
) -> TestCall | None:
    test_store.drop_all(connection, test.id, now)
    if not store.close(connection, test.id, now):
        return None
    found = Counter(result.outcome.value for result in store.results(connection, test))
    _trail(connection, test.id, "closed", by, now, dict(found))
    return store.test_call(connection, test.id)


def _used(channels: Collection[Channel], rules: TestRules) -> list[Channel]:
    used = [channel for channel in rules.channels if not channels or channel in channels]
    if not used:
        raise InvalidInput(TestProblem.NO_CHANNEL)
    return used


def _planned(
    connection: Connection,
    by: Person,
    code: str,
    channels: Collection[Channel],
    rules: TestRules,
    now: datetime,
) -> tuple[TestPlan, list[dict[str, Any]]]:
    require(may_release(by, [code]), division=code)
    used = _used(channels, rules)
    people = store.people_of(connection, code)
    rows: list[dict[str, Any]] = []
    reached: set[int] = set()
    counts: Counter[Channel] = Counter()
    for channel in used:
        known = addresses_of(connection, people, channel)
        for person in people:
            addresses = known[person.id]
            rows += [_row(person, channel, address, rules) for address in addresses]
            counts[channel] += len(addresses)
            if addresses:
                reached.add(person.id)
        _few_enough(rows)
    satellites, nameless = _satellites(connection, code, used)
    rows += satellites
    if not rows:
        raise InvalidInput(TestProblem.NOBODY, division=code)
    _few_enough(rows)
    found = TestPlan(
        code,
        dict(counts),
        len(reached),
        len(people) - len(reached),
        len(satellites),
        nameless,
        rules.opens(now),
        test_store.must_wait(connection, now),
    )
    return found, rows


def _few_enough(rows: Collection[Any]) -> None:
    if len(rows) > MOST_LINES:
        raise InvalidInput(TestProblem.TOO_MANY, most=MOST_LINES)


def _row(person: Person, channel: Channel, address: str, rules: TestRules) -> dict[str, Any]:
    # A telephone is answered by a key.
    code = "" if channel is Channel.VOICE else fresh_code(rules.digits)
    return {
        "person_id": person.id,
        "division_code": person.division_code,
        "place_code": person.place_code,
        "channel": channel.value,
        "address": address,
        "code": code,
    }


def _satellites(
    connection: Connection, code: str, used: Iterable[Channel]
) -> tuple[list[dict[str, Any]], int]:
    phones = [
        piece
        for piece in equipment_store.within(connection, code)
        if piece.kind is EquipmentKind.SATELLITE_PHONE
    ]
    nameless = sum(not piece.number for piece in phones)
    if SATELLITES not in used:
        return [], nameless
    once = {piece.number: piece for piece in reversed(phones) if piece.number}
    rows = [
        {
            "person_id": None,
            "division_code": piece.division_code,
            "place_code": piece.place_code,
            "channel": SATELLITES.value,
            "address": piece.number,
            "code": "",
        }
        for piece in once.values()
    ]
    return rows, nameless


def _trail(
    connection: Connection,
    test_id: int,
    act: str,
    by: int | None,
    now: datetime,
    detail: Mapping[str, Any],
) -> None:
    append(connection, now, [Entry(f"test_call.{act}", f"test_call:{test_id}", by, dict(detail))])
