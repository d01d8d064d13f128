"""What is stored about one person: given out to them, and taken away when it is to be forgotten."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    String,
    Table,
    and_,
    cast,
    delete,
    inspect,
    or_,
    select,
    update,
)

from contacts import link_store, people_store
from contacts.linking import untie
from contacts.people import Person
from contacts.phones import former
from contacts.token_making import end_all_of
from data import audit, history, trail_marks
from data.errors import NotFound
from data.history import HistoryProblem
from data.json_rows import GIVEN_IDS, as_json
from data.tables import history as history_tables
from data.tables import metadata
from data.tables.alerts import cards, deliveries
from data.tables.channels import (
    channel_addresses,
    channel_deliveries,
    channel_tries,
    test_lines,
)
from data.tables.contacts import access_log, link_requests, posts, shifts
from data.tables.contacts import people as people_table
from data.tables.evacuation import evacuation_cards
from data.tables.patrol import distress_messages, positions, roll_calls
from data.tables.running import audit as audit_table
from data.tables.running import conversations, inbox

ERASED_NAME = "已删除"
_SECRET = frozenset({"invite_code", "code", "digest"})
"""Columns that let their reader act as the person."""

_NAMES_THEM = {
    "people": ("id",),
    "access_log": ("subject_id",),
    "conversations": ("telegram_id",),
    "evacuation_cards": ("organiser_id",),
}
"""Where a table names the person otherwise than as ``person_id``."""

_OF_OTHERS = frozenset({"deliveries"})
"""Tables whose rows name the person, but say things about others too."""


def everything_about(connection: Connection, person_id: int) -> dict[str, list[dict[str, Any]]]:
    """Every row about the person by table, and what the trail says of them and of their acts.

    Of what was sent to them only the times and kinds; of what they did only what and when. What was
    archived is among it.

    :raises NotFound: what was archived is not here (``AWAY``).
    """
    person = people_store.person(connection, person_id)
    account = None if person is None else person.telegram_id
    tables = [*metadata.sorted_tables]
    if _archived(connection):
        tables += _archived_tables(connection)
    found: defaultdict[str, list[dict[str, Any]]] = defaultdict(list)
    for table in tables:
        if table.name == audit_table.name:
            found["trail"] += _acts(connection, table, person_id)
        elif (theirs := _about(table, person_id, account)) is not None:
            rows = connection.execute(select(*_shown(table)).where(theirs))
            found[str(table.name)] += [_plain(row) for row in rows]
    found["trail"].sort(key=lambda entry: int(entry["seq"]))
    return {name: rows for name, rows in found.items() if rows}


def _archived(connection: Connection) -> bool:
    """Whether anything was archived.

    :raises NotFound: it was, and is not here (``AWAY``).
    """
    archived = history.attach(connection)
    if not archived and trail_marks.newest(connection) is not None:
        raise NotFound(HistoryProblem.AWAY, file=history.history_name(connection))
    return archived


def _archived_tables(connection: Connection) -> list[Table]:
    """Those the history has: a file of an earlier release lacks what came later."""
    present = set(inspect(connection).get_table_names(schema=history_tables.SCHEMA))
    return [table for table in history_tables.metadata.sorted_tables if table.name in present]


def _about(table: Table, person_id: int, account: int | None) -> ColumnElement[bool] | None:
    """Which rows of a table are about the person; ``None``: it says nothing of persons."""
    for name in _NAMES_THEM.get(table.name, ("person_id",)):
        if name in table.c:
            return table.c[name] == (account if name == "telegram_id" else person_id)
    return None


def _acts(connection: Connection, table: Table, person_id: int) -> list[dict[str, Any]]:
    """What a trail says of the person, and of what they did."""
    own = f"person:{person_id}"
    columns = table.c
    wanted = [columns[name] for name in ("seq", "at", "action", "subject", "detail")]
    rows = connection.execute(
        select(*wanted).where(or_(columns.subject == own, columns.actor == person_id))
    )
    return [{**_plain(row), "detail": row.detail if row.subject == own else None} for row in rows]


def erase(connection: Connection, person_id: int, now: datetime, actor: int | None = None) -> bool:
    """Forget who a person was: name, number, accounts, positions; False: they were already.

    Their row stays under its number, without them: calls, reports and the trail refer to it, and
    the trail stays whole. A file that lists the number later makes another person. Their open calls
    are the caller's to pass on (``alerts.accounts.forget``).

    :param actor: who asked for it; ``None`` for the operator at the command line.
    :raises NotFound: what was archived names the account, too, and is not here (``AWAY``).
    """
    person = people_store.person(connection, person_id)
    if person is None or is_erased(person):
        return False
    archived = _archived(connection)
    untie(connection, person, now)  # which shuts out the account they had
    end_all_of(connection, person_id, now)
    accounts = link_store.unblock_accounts_of(connection, person_id)
    _forget_accounts(connection, person_id, accounts, archived=archived)
    connection.execute(
        update(people_table)
        .where(people_table.c.id == person_id)
        .values(
            name=ERASED_NAME,
            phone=former("", person_id),
            other_phones="",
            active=False,
            left_at=now,
            title="",
        )
    )
    connection.execute(delete(posts).where(posts.c.person_id == person_id))
    connection.execute(
        delete(shifts).where(shifts.c.person_id == person_id, shifts.c.ends_at > now)
    )
    _forget_addresses(connection, person, archived=archived)
    connection.execute(
        update(evacuation_cards)
        .where(evacuation_cards.c.organiser_id == person_id)
        .values(organiser=ERASED_NAME, organiser_phone="", organiser_id=None)
    )
    gone = _delete_positions(connection, person_id)
    connection.execute(delete(access_log).where(access_log.c.subject_id == person_id))
    entry = audit.Entry("person.erased", f"person:{person_id}", actor, {"positions": gone})
    audit.append(connection, now, [entry])
    return True


def is_erased(person: Person) -> bool:
    """Whether the row is all that is left of somebody."""
    return person.phone in (former("", person.id), f"erased-{person.id}")


_NOBODY = 0
"""The chat of messages to somebody who is forgotten: no chat of Telegram's has this number."""


def _forget_accounts(
    connection: Connection, person_id: int, accounts: list[int], *, archived: bool
) -> None:
    """No row says any more with which account the person was spoken to; what waits for it goes."""
    ids = as_json(accounts)
    for table in (deliveries, history_tables.deliveries) if archived else (deliveries,):
        theirs = or_(table.c.person_id == person_id, table.c.chat_id.in_(GIVEN_IDS))
        # Not a group's: a call is told there, too.
        theirs = and_(theirs, table.c.chat_id > 0)
        if table is deliveries:
            queued = delete(table).where(theirs, table.c.state == "queued")
            connection.execute(queued, {"ids": ids})
        nobody = update(table).where(theirs).values(chat_id=_NOBODY, coalesce_key=None)
        connection.execute(nobody, {"ids": ids})
    kept: list[Table] = [cards, conversations, distress_messages, link_requests]
    for table in [*kept, history_tables.cards] if archived else kept:
        account = table.c.get("chat_id", table.c.get("telegram_id"))
        assert account is not None
        connection.execute(delete(table).where(account.in_(GIVEN_IDS)), {"ids": ids})
    connection.execute(
        update(roll_calls)
        .where(roll_calls.c.chat_id.in_(GIVEN_IDS))
        .values(chat_id=_NOBODY, message_id=None, map_message_id=None, map_wanted=False),
        {"ids": ids},
    )
    for account_id in accounts:  # what they wrote and nobody could handle
        for end in (",", "}"):
            written = inbox.c.payload.contains(f'"id":{account_id}{end}', autoescape=True)
            connection.execute(delete(inbox).where(written))


def _forget_addresses(connection: Connection, person: Person, *, archived: bool) -> None:
    """No row of the other channels says any more where the person was called."""
    theirs = channel_addresses.c.person_id == person.id
    connection.execute(delete(channel_addresses).where(theirs))
    numbers = channel_tries.c.address.in_(person.numbers)
    connection.execute(delete(channel_tries).where(numbers))
    connection.execute(
        update(test_lines)
        .where(test_lines.c.person_id == person.id)
        .values(address=cast(test_lines.c.id, String), code="")
    )
    kept = [channel_deliveries]
    if archived:
        history_has = _archived_tables(connection)
        kept += [table for table in history_has if table.name == channel_deliveries.name]
    for table in kept:
        of_person = table.c.person_id == person.id
        if table is channel_deliveries:
            queued = table.c.state.in_(("queued", "claimed"))
            connection.execute(delete(table).where(of_person, queued))
        # Two numbers of theirs are two rows: the number of the row keeps them apart.
        nowhere = cast(table.c.id, String)
        connection.execute(update(table).where(of_person).values(address=nowhere, provider_id=None))


def _shown(table: Table) -> list[Any]:
    if table.name in _OF_OTHERS:
        return [table.c[name] for name in ("kind", "created_at", "sent_at")]
    return [column for column in table.columns if column.name not in _SECRET]


def _plain(row: Row[Any]) -> dict[str, Any]:
    return {str(name): value for name, value in row._mapping.items()}


def _delete_positions(connection: Connection, person_id: int) -> int:
    """Also those that a call for help or a report refers to: it says what happened without them."""
    own = select(positions.c.id).where(positions.c.person_id == person_id)
    for table in metadata.sorted_tables:
        for column in table.columns:
            if any(key.column is positions.c.id for key in column.foreign_keys):
                referring = update(table).where(column.in_(own))
                connection.execute(referring.values({column.name: None}))
    return connection.execute(delete(positions).where(positions.c.person_id == person_id)).rowcount
