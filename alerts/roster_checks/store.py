"""Roster checks and their answers as rows."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    and_,
    case,
    func,
    insert,
    literal,
    select,
    update,
)

from alerts.outbox.codec import decode
from alerts.outbox.deliveries import DeliveryState
from alerts.outbox.each_store import key_of_each, queue_for_each
from alerts.outbox.messages import MessageKind
from alerts.outbox.roster_messages import RosterAsk, RosterDenied
from alerts.roster_checks.model import CheckCounts, RosterCheck, StillThere
from contacts.coverage import Doubt
from contacts.divisions.codes import ancestors, code_range
from contacts.people import Person, Role
from contacts.people_store import (
    PERSON_COLUMNS,
    as_person,
    division_held,
    holding,
    reachable,
    seen_within,
)
from data.tables.alerts import deliveries
from data.tables.contacts import people
from data.tables.contacts import roster_answers as answers
from data.tables.contacts import roster_checks as table

_EVERY_ROLE = frozenset(Role)


def add(connection: Connection, values: Mapping[str, Any]) -> RosterCheck:
    """Store a new check."""
    key = connection.execute(insert(table).values(values)).inserted_primary_key
    assert key is not None
    found = check(connection, int(key[0]))
    assert found is not None
    return found


def check(connection: Connection, check_id: int) -> RosterCheck | None:
    """The check of this number."""
    row = connection.execute(select(table).where(table.c.id == check_id)).first()
    return None if row is None else RosterCheck(*row)


def running(connection: Connection, code: str) -> RosterCheck | None:
    """The check that asks all of this division and is not over: its own, or of one above it."""
    return _last(connection, code, table.c.closed_at.is_(None))


def newest(connection: Connection, code: str) -> RosterCheck | None:
    """The last check that asked all of this division, running or over."""
    return _last(connection, code)


def _last(
    connection: Connection, code: str, *conditions: ColumnElement[bool]
) -> RosterCheck | None:
    around = [code, *ancestors(code)]
    query = select(table).where(table.c.division_code.in_(around), *conditions)
    row = connection.execute(query.order_by(table.c.id.desc()).limit(1)).first()
    return None if row is None else RosterCheck(*row)


def due(connection: Connection, now: datetime) -> list[int]:
    """The numbers of the checks of which the silent are to be asked again, or that end."""
    return list(connection.execute(select(table.c.id).where(table.c.due_at <= now)).scalars())


def change(connection: Connection, check_id: int, **values: Any) -> None:
    """Change fields of a check."""
    connection.execute(update(table).where(table.c.id == check_id).values(values))


def count_audience(connection: Connection, code: str) -> tuple[int, int]:
    """How many persons a check of the division is about, and how many of them the bot reaches."""
    query = select(func.count(), func.count(case((reachable(), 1)))).where(
        people.c.active, holding([code_range(code)])
    )
    persons, reached = connection.execute(query).one()
    return int(persons), int(reached)


def enter(connection: Connection, check_id: int, code: str) -> int:
    """Enter everybody whom the check is about, in one statement; returns how many."""
    ranges = [code_range(code)]
    division = division_held(ranges, _EVERY_ROLE)
    chosen = select(literal(check_id), people.c.id, division).where(
        people.c.active, holding(ranges)
    )
    query = insert(answers).from_select(["check_id", "person_id", "division_code"], chosen)
    return connection.execute(query, execution_options={"preserve_rowcount": True}).rowcount


def ask(connection: Connection, check_id: int, now: datetime, *, again: bool = False) -> int:
    """Queue the question for everybody silent whom the bot reaches; returns how many.

    Whose first question is still on its way gets no second one.
    """
    key = f"roster-check:{check_id}:"
    on_their_way = select(deliveries.c.coalesce_key).where(
        deliveries.c.state == DeliveryState.QUEUED.value, deliveries.c.coalesce_key.is_not(None)
    )
    silent = and_(
        answers.c.check_id == check_id,
        answers.c.answer.is_(None),
        people.c.active,
        key_of_each(key).not_in(on_their_way),
    )
    return queue_for_each(connection, answers, silent, RosterAsk(check_id, again), now, key=key)


def answer_of(connection: Connection, check_id: int, person_id: int) -> StillThere | None:
    """What the person answered; ``None``: nothing, or the check was not about them."""
    said = connection.execute(
        select(answers.c.answer).where(
            answers.c.check_id == check_id, answers.c.person_id == person_id
        )
    ).scalar()
    return None if said is None else StillThere(said)


_HEARD = [
    state.value for state in (DeliveryState.QUEUED, DeliveryState.CLAIMED, DeliveryState.SENT)
]


def denied_to(connection: Connection, person_id: int, since: datetime) -> set[int]:
    """Who was told, or is to be, that this person is not where the roster has them; nobody whom
    that did not reach."""
    query = select(deliveries.c.person_id, deliveries.c.params).where(
        deliveries.c.alert_id.is_(None),
        deliveries.c.kind == MessageKind.ROSTER_DENIED.value,
        deliveries.c.created_at >= since,
        deliveries.c.person_id.is_not(None),
        deliveries.c.state.in_(_HEARD),
    )
    said = ((row.person_id, decode(RosterDenied, row.params)) for row in connection.execute(query))
    return {reader for reader, no in said if no.person_id == person_id and not no.over}


def record(
    connection: Connection, check_id: int, person_id: int, said: StillThere, at: datetime
) -> bool:
    """Note an answer; False: the check was not about this person.

    It answers every check that runs meanwhile and asks them, too.
    """
    note = update(answers).values(answer=said.value, answered_at=at)
    theirs = note.where(answers.c.person_id == person_id)
    if not connection.execute(theirs.where(answers.c.check_id == check_id)).rowcount:
        return False
    others = select(table.c.id).where(table.c.closed_at.is_(None), table.c.id != check_id)
    connection.execute(theirs.where(answers.c.check_id.in_(others)))
    return True


def counts(connection: Connection, check_id: int, within: str | None = None) -> CheckCounts:
    """How a check stands, in ``within`` and below or altogether."""
    query = (
        select(answers.c.answer, func.count(), func.count(case((~reachable(), 1))))
        .join(people, people.c.id == answers.c.person_id)
        .where(answers.c.check_id == check_id, people.c.active)
        .group_by(answers.c.answer)
    )
    if within is not None:
        query = query.where(answers.c.division_code.between(*code_range(within)))
    numbers = {said: (number, lost) for said, number, lost in connection.execute(query)}
    said = {each: numbers.get(each.value, (0, 0))[0] for each in StillThere}
    silent, lost = numbers.get(None, (0, 0))
    return CheckCounts(
        said[StillThere.YES], said[StillThere.ELSEWHERE], said[StillThere.NOT_ME], silent, lost
    )


def silent(
    connection: Connection, check: RosterCheck, within: str | None = None, limit: int | None = None
) -> list[Person]:
    """Who has not answered, by division; each with the post in question that it asked about."""
    ranges = [code_range(within or check.division_code)]
    query = (
        select(*PERSON_COLUMNS)
        .join(answers, answers.c.person_id == people.c.id)
        .where(answers.c.check_id == check.id, answers.c.answer.is_(None), people.c.active)
        .order_by(answers.c.division_code, answers.c.person_id)
        .limit(limit)
    )
    if within is not None:
        query = query.where(answers.c.division_code.between(*ranges[0]))
    return seen_within([as_person(row) for row in connection.execute(query)], ranges)


def silent_divisions(connection: Connection, check_id: int) -> list[str]:
    """The divisions of those who have not answered."""
    query = (
        select(answers.c.division_code)
        .join(people, people.c.id == answers.c.person_id)
        .where(answers.c.check_id == check_id, answers.c.answer.is_(None), people.c.active)
        .distinct()
    )
    return list(connection.execute(query).scalars())


def confirm(connection: Connection, person_id: int, at: datetime) -> None:
    """The person said that it is still them: the roster is right about them."""
    connection.execute(
        update(people)
        .where(people.c.id == person_id)
        .values(confirmed_at=at, doubt=None, doubted_at=None)
    )


def account_gone(connection: Connection, person_id: int) -> None:
    """The account is not the person's any more: that it said *not me* is settled.

    Whoever links next is asked again while the check runs, and is in no doubt for it.
    """
    theirs = answers.c.person_id == person_id
    said = select(answers.c.answer).where(theirs, answers.c.answer.is_not(None))
    last = connection.execute(said.order_by(answers.c.answered_at.desc()).limit(1)).scalar()
    if last != StillThere.NOT_ME.value:
        return
    running = select(table.c.id).where(table.c.closed_at.is_(None))
    connection.execute(
        update(answers)
        .where(theirs, answers.c.check_id.in_(running))
        .values(answer=None, answered_at=None)
    )
    connection.execute(
        update(people)
        .where(people.c.id == person_id, people.c.doubt == Doubt.DENIED.value)
        .values(doubt=None, doubted_at=None)
    )
