"""What is known of addresses of people in other channels: whether they work, since when not."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection, and_, or_, select
from sqlalchemy.dialects import postgresql, sqlite

from alerts.channels.model import MARKED_AFTER
from contacts.channels import Cause, Channel
from data.json_rows import GIVEN_IDS, as_json
from data.tables.channels import channel_addresses as table


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


def failing(
    connection: Connection, person_ids: Iterable[int], channel: Channel
) -> dict[int, dict[str, Cause | None]]:
    """Addresses that do not exist, or that failed again and again, and why; by person."""
    bad = or_(
        table.c.failures >= MARKED_AFTER,
        and_(table.c.failures > 0, table.c.cause == Cause.NO_SUCH_NUMBER.value),
    )
    query = select(table.c.person_id, table.c.address, table.c.cause).where(
        table.c.person_id.in_(GIVEN_IDS), table.c.channel == channel.value, bad
    )
    found: dict[int, dict[str, Cause | None]] = {}
    for row in connection.execute(query, {"ids": as_json(person_ids)}):
        cause = None if row.cause is None else Cause(row.cause)
        found.setdefault(row.person_id, {})[row.address] = cause
    return found


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


def note_failure(
    connection: Connection,
    person_id: int,
    channel: Channel,
    address: str,
    cause: Cause | None,
    at: datetime,
) -> None:
    """Nothing arrived there."""
    told = {"last_failure_at": at, "cause": None if cause is None else cause.value}
    first, again = {**told, "failures": 1}, {**told, "failures": table.c.failures + 1}
    _enter(connection, person_id, channel, address, first, again)


def _enter(
    connection: Connection,
    person_id: int,
    channel: Channel,
    address: str,
    first: dict[str, Any],
    again: dict[str, Any],
) -> None:
    make = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    key = {"person_id": person_id, "channel": channel.value, "address": address}
    connection.execute(
        make(table)
        .values(**key, **first)
        .on_conflict_do_update(index_elements=list(key), set_=again)
    )
