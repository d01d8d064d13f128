"""Test calls, their addresses and what came of each, as rows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, and_, case, delete, func, insert, or_, select, update

from alerts.channels.model import Kind, Progress
from alerts.test_calls.model import HowProven, Line, Result, TestCall, result_of
from contacts.channels import Cause, Channel
from contacts.divisions.codes import ancestors, code_range
from contacts.people import Person
from contacts.people_store import PERSON_COLUMNS, as_person, holding, seen_within
from data.due import any_by
from data.json_rows import GIVEN_IDS, as_json
from data.tables.channels import channel_deliveries as deliveries
from data.tables.channels import test_calls as table
from data.tables.channels import test_lines as lines
from data.tables.contacts import equipment, people

KEPT = timedelta(days=400)
"""For so long what a test found is kept (ours): the season before can be looked up."""

_LINE = [lines.c[name] for name in Line._fields]
_TEST = [
    table.c[name]
    for name in (
        "id",
        "division_code",
        "started_by",
        "started_at",
        "ends_at",
        "channels",
        "closed_at",
    )
]


def add(connection: Connection, values: Mapping[str, Any]) -> TestCall:
    """Store a new test."""
    key = connection.execute(insert(table).values(values)).inserted_primary_key
    assert key is not None
    found = test_call(connection, int(key[0]))
    assert found is not None
    return found


def test_call(connection: Connection, test_id: int) -> TestCall | None:
    """The test of this number."""
    row = connection.execute(select(*_TEST).where(table.c.id == test_id)).first()
    return None if row is None else _test(row)


def newest(connection: Connection, code: str) -> TestCall | None:
    """The last test of a division, or of one above it."""
    around = [code, *ancestors(code)]
    query = select(*_TEST).where(table.c.division_code.in_(around))
    row = connection.execute(query.order_by(table.c.id.desc()).limit(1)).first()
    return None if row is None else _test(row)


def running(connection: Connection, code: str) -> TestCall | None:
    """A test that rings some number of this division now: its own, one's above, or one's below."""
    inside = table.c.division_code.between(*code_range(code))
    query = select(*_TEST).where(
        table.c.closed_at.is_(None), or_(inside, table.c.division_code.in_(ancestors(code)))
    )
    row = connection.execute(query.order_by(table.c.id).limit(1)).first()
    return None if row is None else _test(row)


def open_tests(connection: Connection) -> list[TestCall]:
    """Those that are not over."""
    query = select(*_TEST).where(table.c.closed_at.is_(None)).order_by(table.c.id)
    return [_test(row) for row in connection.execute(query)]


def close(connection: Connection, test_id: int, now: datetime) -> bool:
    """The test is over, its codes are worth nothing; ``False``: it was over."""
    ended = update(table).where(table.c.id == test_id, table.c.closed_at.is_(None))
    if not connection.execute(ended.values(closed_at=now)).rowcount:
        return False
    connection.execute(update(lines).where(lines.c.test_id == test_id).values(code=""))
    return True


def forget_old(connection: Connection, now: datetime) -> int:
    """Delete one test that was over long ago, with all that came of it; returns how many."""
    old = select(table.c.id).where(table.c.closed_at < now - KEPT).order_by(table.c.id).limit(1)
    test_id = connection.execute(old).scalar()
    if test_id is None:
        return 0
    its = select(lines.c.id).where(lines.c.test_id == test_id)
    connection.execute(delete(deliveries).where(deliveries.c.test_line_id.in_(its)))
    connection.execute(delete(lines).where(lines.c.test_id == test_id))
    connection.execute(delete(table).where(table.c.id == test_id))
    return 1


def any_old(connection: Connection, now: datetime) -> bool:
    """Whether ``forget_old`` would delete anything."""
    return any_by(connection, table.c.closed_at, now - KEPT)


def people_of(connection: Connection, code: str) -> list[Person]:
    """Active persons with a post in a division or below it, that post in question."""
    ranges = [code_range(code)]
    query = select(*PERSON_COLUMNS).where(people.c.active, holding(ranges)).order_by(people.c.id)
    return seen_within([as_person(row) for row in connection.execute(query)], ranges)


# -- the addresses of a test ----------------------------------------------------------------------


def add_lines(connection: Connection, rows: Sequence[Mapping[str, Any]]) -> None:
    """Enter the addresses of a test."""
    connection.execute(insert(lines), rows)


def line(connection: Connection, line_id: int) -> Line | None:
    """The address of this number."""
    row = connection.execute(select(*_LINE).where(lines.c.id == line_id)).first()
    return None if row is None else _line(row)


def open_lines_of(connection: Connection, person_ids: Iterable[int]) -> list[Line]:
    """The addresses of these persons in tests that are not over, the newest test's first."""
    query = (
        select(*_LINE)
        .join(table, table.c.id == lines.c.test_id)
        .where(lines.c.person_id.in_(GIVEN_IDS), table.c.closed_at.is_(None))
        .order_by(lines.c.test_id.desc(), lines.c.id)
    )
    return [_line(row) for row in connection.execute(query, {"ids": as_json(person_ids)})]


def set_code(connection: Connection, line_id: int, code: str, wrong: int, codes: int) -> None:
    """What became of the code of an address."""
    changes = {"code": code, "wrong": wrong, "codes": codes}
    connection.execute(update(lines).where(lines.c.id == line_id).values(changes))


def set_proven(connection: Connection, line: Line, how: HowProven, at: datetime) -> bool:
    """The address is proven; ``False``: it was."""
    first = update(lines).where(lines.c.id == line.id, lines.c.proven_at.is_(None))
    if not connection.execute(first.values(proven_at=at, how=how.value)).rowcount:
        return False
    if line.person_id is None:
        phone = update(equipment).where(equipment.c.number == line.address)
        connection.execute(phone.values(proven_at=at))
    return True


def unqueued(connection: Connection, test_id: int, limit: int) -> list[Line]:
    """The addresses of a test that nothing was queued for yet."""
    queued = select(deliveries.c.id).where(deliveries.c.test_line_id == lines.c.id)
    query = select(*_LINE).where(lines.c.test_id == test_id, ~queued.exists())
    rows = connection.execute(query.order_by(lines.c.id).limit(limit))
    return [_line(row) for row in rows]


def any_unqueued(connection: Connection, test_id: int) -> bool:
    """Whether there is such an address."""
    return bool(unqueued(connection, test_id, 1))


def queue(connection: Connection, found: Iterable[Line], now: datetime) -> None:
    """Queue a delivery to each of these addresses."""
    rows = [
        {
            "call_id": 0,
            "alert_id": 0,
            "person_id": each.person_id or 0,
            "channel": each.channel.value,
            "address": each.address,
            "kind": Kind.TEST.value,
            "state": Progress.QUEUED.value,
            "not_before": now,
            "created_at": now,
            "test_line_id": each.id,
        }
        for each in found
    ]
    if rows:
        connection.execute(insert(deliveries), rows)


def any_under_way(connection: Connection, test_id: int) -> bool:
    """Whether something of a test is still to be sent, or was a moment ago."""
    under_way = [Progress.QUEUED.value, Progress.CLAIMED.value]
    query = (
        select(deliveries.c.id)
        .join(lines, lines.c.id == deliveries.c.test_line_id)
        .where(
            lines.c.test_id == test_id,
            lines.c.proven_at.is_(None),
            deliveries.c.state.in_(under_way),
        )
    )
    return connection.execute(query.limit(1)).first() is not None


def any_unheard(connection: Connection, test_id: int, since: datetime) -> bool:
    """Whether something was sent since then and nothing came back of it."""
    waits = [Progress.ACCEPTED.value, Progress.DELIVERED.value]
    query = (
        select(deliveries.c.id)
        .join(lines, lines.c.id == deliveries.c.test_line_id)
        .where(
            lines.c.test_id == test_id,
            lines.c.proven_at.is_(None),
            deliveries.c.state.in_(waits),
            deliveries.c.accepted_at > since,
        )
    )
    return connection.execute(query.limit(1)).first() is not None


def results(connection: Connection, of_test: TestCall, within: str = "") -> list[Result]:
    """What came of each address of a test, in order of place and person.

    :param within: only of this division and below it.
    """
    of = deliveries.c
    arrived = or_(of.delivered_at.is_not(None), of.heard_at.is_not(None), of.read_at.is_not(None))
    its = of.test_line_id == lines.c.id
    last = select(func.max(of.id)).where(its).correlate(lines).scalar_subquery()
    query = (
        select(
            *_LINE,
            of.state,
            of.cause,
            of.attempts,
            func.coalesce(of.accepted_at, of.claimed_at),
            case((arrived, 1), else_=0),
        )
        .outerjoin(deliveries, and_(its, of.id == last))
        .where(lines.c.test_id == of_test.id)
        .order_by(lines.c.division_code, lines.c.person_id, lines.c.id)
    )
    if within:
        query = query.where(lines.c.division_code.between(*code_range(within)))
    found = []
    for row in connection.execute(query):
        *its_line, state, cause, tries, sent_at, came = row
        found.append(
            result_of(
                _line(its_line),
                None if state is None else Progress(state),
                None if cause is None else Cause(cause),
                tries or 0,
                sent_at,
                bool(came),
                over=not of_test.open,
            )
        )
    return found


def _line(row: Sequence[Any]) -> Line:
    found = Line(*row)
    how = None if found.how is None else HowProven(found.how)
    return found._replace(channel=Channel(found.channel), how=how)


def _test(row: Sequence[Any]) -> TestCall:
    number, code, by, started, ends, channels, closed = row
    meant = tuple(Channel(word) for word in channels.split(",") if word)
    return TestCall(number, code, by, started, ends, meant, closed)
