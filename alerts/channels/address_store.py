"""What is known of addresses of people in other channels: whether they work, since when not."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import (
    ColumnElement,
    Connection,
    FromClause,
    and_,
    bindparam,
    delete,
    exists,
    func,
    or_,
    select,
    update,
)

from alerts.test_calls.model import HowProven
from contacts.address_standing import MARKED_AFTER, is_marked
from contacts.channels import Cause, Channel
from contacts.people import Person
from contacts.people_store import PERSON_COLUMNS, as_person
from data.audit import Entry, append
from data.json_rows import GIVEN_IDS, as_json
from data.tables.channels import channel_addresses as table
from data.tables.contacts import people
from data.upserts import insert_into


class KnownAddress(NamedTuple):
    """An address of a person, and how it did."""

    person_id: int
    channel: Channel
    address: str
    verified_at: datetime | None
    last_success_at: datetime | None
    last_failure_at: datetime | None
    cause: Cause | None  # of the last failure, unless it worked since
    failures: int  # since it last worked


def of_people(connection: Connection, person_ids: Iterable[int]) -> list[KnownAddress]:
    """What is known of the addresses of these persons."""
    columns = [table.c[name] for name in KnownAddress._fields]
    query = select(*columns).where(table.c.person_id.in_(GIVEN_IDS)).order_by(table.c.place)
    rows = connection.execute(query, {"ids": as_json(person_ids)})
    return [
        KnownAddress(*row)._replace(
            channel=Channel(row.channel), cause=None if row.cause is None else Cause(row.cause)
        )
        for row in rows
    ]


def known(
    connection: Connection, persons: Iterable[Person], channel: Channel, *, all_of_them: bool = True
) -> dict[int, list[str]]:
    """The accounts or e-mail addresses of these persons, in order; by person.

    Not the numbers by which an account was looked for, which are noted here if there is none; nor
    an account that was found by a number which is not theirs any more.

    :param all_of_them: also those that ceased to exist; else whoever has no other is looked up by
        their number. Where that found nobody either, they are tried again: who was refused once,
        or left out of an application for a day, is not given up for good.
    """
    query = (
        select(table.c.person_id, table.c.address, table.c.found_by)
        .where(table.c.person_id.in_(GIVEN_IDS), table.c.channel == channel.value)
        .where(~table.c.address.startswith("+"))
        .order_by(table.c.place, table.c.id)
    )
    if not all_of_them:
        number = table.alias("number")
        nobody_there = exists().where(
            number.c.person_id == table.c.person_id,
            number.c.channel == table.c.channel,
            number.c.address.startswith("+"),
            _not_there(number),
        )
        query = query.where(or_(~_not_there(table), nobody_there))
    numbers = {person.id: person.numbers for person in persons}
    found: dict[int, list[str]] = {}
    for person_id, address, found_by in connection.execute(query, {"ids": as_json(numbers)}):
        if found_by is None or found_by in numbers[person_id]:
            found.setdefault(person_id, []).append(address)
    return found


def _not_there(which: FromClause) -> ColumnElement[bool]:
    # Of a failure without a cause this is false, and the contrary of it true.
    return and_(which.c.failures > 0, func.coalesce(which.c.cause, "") == Cause.NOT_LINKED.value)


def people_with(connection: Connection, channel: Channel, address: str) -> list[Person]:
    """Active persons who have this account or e-mail address, by id."""
    query = (
        select(*PERSON_COLUMNS, table.c.found_by)
        .join(table, table.c.person_id == people.c.id)
        .where(table.c.channel == channel.value, table.c.address == address, people.c.active)
        .order_by(people.c.id)
    )
    rows = connection.execute(query).all()
    persons = [(as_person(row), row.found_by) for row in rows]
    return [person for person, number in persons if number is None or number in person.numbers]


def enter(
    connection: Connection,
    person_id: int,
    channel: Channel,
    address: str,
    *,
    found_by: str | None = None,
) -> None:
    """An address of a person is known from now on; nothing says yet that it works.

    One that was known stays as it is.

    :param found_by: the number its provider found it by; it is theirs while the number is. An
        account that stood there before says nothing.
    """
    found_by = found_by if found_by is not None and found_by.startswith("+") else None
    key = {"person_id": person_id, "channel": channel.value, "address": address}
    entered = insert_into(connection, table).values(**key, found_by=found_by)
    if found_by is None:
        connection.execute(entered.on_conflict_do_nothing())
        return
    connection.execute(
        entered.on_conflict_do_update(
            index_elements=list(key),
            set_={"found_by": found_by},
            where=table.c.found_by.is_not(None),  # one that a list names needs no number
        )
    )


def forget(connection: Connection, person_id: int, channel: Channel, address: str) -> None:
    """An address is not the person's any more."""
    connection.execute(
        delete(table).where(
            table.c.person_id == person_id,
            table.c.channel == channel.value,
            table.c.address == address,
        )
    )


def failing(
    connection: Connection, person_ids: Iterable[int], channel: Channel
) -> dict[int, dict[str, Cause | None]]:
    """Addresses that do not exist, or that failed again and again, and why; by person."""
    given = {"ids": as_json(person_ids), "channel": channel.value}
    found: dict[int, dict[str, Cause | None]] = {}
    for row in connection.execute(_FAILING, given):
        cause = None if row.cause is None else Cause(row.cause)
        found.setdefault(row.person_id, {})[row.address] = cause
    return found


_FAILING = select(table.c.person_id, table.c.address, table.c.cause).where(
    table.c.person_id.in_(GIVEN_IDS),
    table.c.channel == bindparam("channel"),
    or_(
        table.c.failures >= MARKED_AFTER,
        and_(table.c.failures > 0, table.c.cause == Cause.NO_SUCH_NUMBER.value),
    ),
)


def note_success(
    connection: Connection,
    person_id: int,
    channel: Channel,
    address: str,
    at: datetime,
    *,
    verified: bool = False,
) -> None:
    """Something arrived there.

    :param verified: the person answered from there: it is theirs.
    """
    changes = {"last_success_at": at, "cause": None, "failures": 0}
    if verified:
        changes["verified_at"] = at
    _enter(connection, person_id, channel, address, changes, changes)


def works_after_all(
    connection: Connection,
    person_ids: Iterable[int],
    channels: Iterable[Channel],
    address: str,
    at: datetime,
    *,
    clocks_apart: timedelta = timedelta(0),
    causes: Iterable[Cause] = (),
) -> None:
    """What was said of this address is refuted: they wrote from there, or it takes messages.

    :param at: when. A failure that is told of a later moment stays, unless it is no more than
        ``clocks_apart`` later.
    :param causes: only a failure of these; without, any.
    """
    wanted = [
        table.c.person_id.in_(GIVEN_IDS),
        table.c.address == address,
        table.c.channel.in_([channel.value for channel in channels]),
        table.c.failures > 0,
        or_(table.c.last_failure_at.is_(None), table.c.last_failure_at <= at + clocks_apart),
    ]
    if named := [cause.value for cause in causes]:
        wanted.append(table.c.cause.in_(named))
    worked = update(table).where(*wanted).values(last_success_at=at, cause=None, failures=0)
    connection.execute(worked, {"ids": as_json(person_ids)})


def prove(
    connection: Connection,
    person_id: int,
    channel: Channel,
    address: str,
    how: HowProven,
    at: datetime,
    now: datetime,
) -> None:
    """The person answered from there: it is theirs. The first time is in the trail, by no number.

    :param at: when they did.
    """
    known = _verified_at(connection, person_id, channel, address)
    note_success(connection, person_id, channel, address, at, verified=True)
    _enter(connection, person_id, channel, address, {}, {"verified_how": how.value})
    if known is None:
        detail = {"channel": channel.value, "how": how.value}
        append(connection, now, [Entry("address.proven", f"person:{person_id}", None, detail)])


def prove_once(
    connection: Connection,
    person_id: int,
    channel: Channel,
    address: str,
    how: HowProven,
    at: datetime,
    now: datetime,
) -> None:
    """The same, unless it is proven already: how it was proven stays as it is."""
    if _verified_at(connection, person_id, channel, address) is None:
        prove(connection, person_id, channel, address, how, at, now)


def _verified_at(
    connection: Connection, person_id: int, channel: Channel, address: str
) -> datetime | None:
    query = select(table.c.verified_at).where(
        table.c.person_id == person_id,
        table.c.channel == channel.value,
        table.c.address == address,
    )
    found: datetime | None = connection.execute(query).scalar()
    return found


def note_failure(
    connection: Connection,
    person_id: int,
    channel: Channel,
    address: str,
    cause: Cause | None,
    at: datetime,
    now: datetime,
) -> None:
    """Nothing arrived there; that it is marked from now on is in the trail, by no number.

    :param at: when, as the provider says; ``now`` is the trail's own time.
    """
    told = {"last_failure_at": at, "cause": None if cause is None else cause.value}
    first, again = {**told, "failures": 1}, {**told, "failures": table.c.failures + 1}
    _enter(connection, person_id, channel, address, first, again)
    query = select(table.c.failures).where(
        table.c.person_id == person_id,
        table.c.channel == channel.value,
        table.c.address == address,
    )
    failures = connection.execute(query).scalar_one()
    if is_marked(failures, cause) and (failures == 1 or not is_marked(failures - 1, None)):
        detail = {"channel": channel.value, "cause": told["cause"]}
        append(connection, now, [Entry("address.marked", f"person:{person_id}", None, detail)])


def _enter(
    connection: Connection,
    person_id: int,
    channel: Channel,
    address: str,
    first: dict[str, Any],
    again: dict[str, Any],
) -> None:
    key = {"person_id": person_id, "channel": channel.value, "address": address}
    connection.execute(
        insert_into(connection, table)
        .values(**key, **first)
        .on_conflict_do_update(index_elements=list(key), set_=again)
    )
