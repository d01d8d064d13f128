"""Answers that count no more, as rows; and what of their calls waits to be said anew."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, func, insert, literal, or_, select, update

from alerts.call_store import CALL_COLUMNS, WAITING, as_call
from alerts.calls import ANSWERED, Call, Via
from alerts.history.store import kept_rows_of
from alerts.withdrawals.model import Withdrawal, WithdrawnAnswer
from contacts.divisions.codes import LAST_CODE, code_range
from contacts.people import Person
from contacts.people_store import PERSON_COLUMNS, as_person
from data.json_rows import GIVEN_IDS, as_json
from data.tables.alerts import call_posts, calls
from data.tables.beyond_answers import withdrawn_answers as table
from data.tables.channels import channel_deliveries
from data.tables.columns import UtcDateTime
from data.tables.contacts import people

_COLUMNS = [table.c[name] for name in WithdrawnAnswer.__slots__]


def add(connection: Connection, call: Call, withdrawn: WithdrawnAnswer) -> None:
    """Keep an answer that counts no more; ``call`` is as it stood."""
    values = {name: getattr(withdrawn, name) for name in WithdrawnAnswer.__slots__}
    values |= {"kind": withdrawn.kind.value, "answered_via": withdrawn.answered_via.value}
    connection.execute(
        insert(table).values(**values, alert_id=call.alert_id, person_id=call.person_id)
    )


def of_call(connection: Connection, call_id: int) -> list[WithdrawnAnswer]:
    """The answers to a call that count no more, the oldest first."""
    query = select(*_COLUMNS).where(table.c.call_id == call_id).order_by(table.c.id)
    return [_answer(row) for row in connection.execute(query)]


def last_of(connection: Connection, call_ids: Iterable[int]) -> dict[int, WithdrawnAnswer]:
    """Of each of these calls the last answer that counts no more, by call."""
    query = select(*_COLUMNS).where(table.c.call_id.in_(GIVEN_IDS)).order_by(table.c.id)
    rows = connection.execute(query, {"ids": as_json(call_ids)})
    return {row.call_id: _answer(row) for row in rows}


def of_alert(connection: Connection, alert_id: int) -> dict[int, list[WithdrawnAnswer]]:
    """All of a warning, by call, the oldest first; of one archived too.

    :raises NotFound: the warning was archived, and the history is not here.
    """
    kept = kept_rows_of(connection, alert_id, table)
    found: dict[int, list[WithdrawnAnswer]] = {}
    if kept is not None:
        columns = [kept.c[name] for name in WithdrawnAnswer.__slots__]
        query = select(*columns).where(kept.c.alert_id == alert_id).order_by(kept.c.id)
        for row in connection.execute(query):
            found.setdefault(row.call_id, []).append(_answer(row))
    return found


def waiting_again(
    connection: Connection, alert_id: int, low: str = "", high: str = LAST_CODE
) -> int:
    """How many calls of the divisions in ``[low, high]`` wait though they were answered once.

    Not those of whom everybody was asked again since.
    """
    query = (
        select(func.count(table.c.call_id.distinct()))
        .join(calls, calls.c.id == table.c.call_id)
        .where(
            table.c.alert_id == alert_id,
            table.c.kind != Withdrawal.RAISED.value,
            table.c.at >= calls.c.called_at,
            calls.c.state == WAITING,
            calls.c.division_code.between(low, high),
        )
    )
    return int(connection.execute(query).scalar_one())


def clear_reports_of_posts(connection: Connection, call_id: int) -> None:
    """Nothing is reported of the further posts of a call any more."""
    connection.execute(
        update(call_posts)
        .where(call_posts.c.call_id == call_id, call_posts.c.report.is_not(None))
        .values(report=None, reported_at=None, households=None, persons=None)
    )


def say_anew(connection: Connection, call_ids: Iterable[int], now: datetime) -> None:
    """What other channels said of these calls is over: they are called there anew.

    How often a number may ring is counted by number: it stays as it is.
    """
    connection.execute(
        update(channel_deliveries)
        .where(channel_deliveries.c.call_id.in_(GIVEN_IDS), channel_deliveries.c.state != "dropped")
        .values(
            state="dropped",
            ended_at=func.coalesce(channel_deliveries.c.ended_at, literal(now, UtcDateTime)),
        ),
        {"ids": as_json(call_ids)},
    )


def answered(
    connection: Connection,
    alert_id: int,
    division: str,
    words: str,
    *,
    without: int,
    limit: int,
    offset: int = 0,
) -> list[tuple[Call, Person]]:
    """Who has answered in a division (empty: of the whole warning), the newest answer first.

    :param words: part of a name, or of a number; empty: everybody.
    :param without: the person who reads it.
    """
    query = select(*CALL_COLUMNS, *PERSON_COLUMNS).join(people, people.c.id == calls.c.person_id)
    query = query.where(*_answered(alert_id, division, words, without))
    query = query.order_by(calls.c.answered_at.desc(), calls.c.id.desc())
    rows = connection.execute(query.limit(limit).offset(offset))
    return [(as_call(row), as_person(row[len(CALL_COLUMNS) :])) for row in rows]


def count_answered(
    connection: Connection, alert_id: int, division: str, words: str, *, without: int
) -> int:
    """How many there are."""
    query = select(func.count()).select_from(calls.join(people, people.c.id == calls.c.person_id))
    query = query.where(*_answered(alert_id, division, words, without))
    return int(connection.execute(query).scalar_one())


def _answered(alert_id: int, division: str, words: str, without: int) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = [
        calls.c.alert_id == alert_id,
        calls.c.state.in_(sorted(state.value for state in ANSWERED)),
        calls.c.person_id != without,
    ]
    if division:
        low, high = code_range(division)
        there = (
            select(call_posts.c.call_id)
            .where(
                call_posts.c.call_id == calls.c.id, call_posts.c.division_code.between(low, high)
            )
            .exists()
        )
        found.append(or_(calls.c.division_code.between(low, high), there))
    if words:
        found.append(
            or_(
                people.c.name.contains(words, autoescape=True),
                people.c.phone.endswith(words, autoescape=True),
            )
        )
    return found


def _answer(row: Any) -> WithdrawnAnswer:
    values = {name: getattr(row, name) for name in WithdrawnAnswer.__slots__}
    kind, via = Withdrawal(values["kind"]), Via(values["answered_via"])
    return WithdrawnAnswer(**(values | {"kind": kind, "answered_via": via}))
