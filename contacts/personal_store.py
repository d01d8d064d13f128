"""What is stored about one person: given out to them, and taken away when it is to be forgotten."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, Table, delete, or_, select, update

from contacts import link_store, people_store
from contacts.linking import untie
from data import audit
from data.tables import metadata
from data.tables.contacts import access_log, blocked_accounts, posts
from data.tables.contacts import people as people_table
from data.tables.patrol import positions
from data.tables.running import audit as audit_table

ERASED_NAME = "已删除"
_SECRET = frozenset({"invite_code"})
"""Columns that let their reader act as the person."""

_OF_OTHERS = frozenset({"deliveries"})
"""Tables whose rows name the person, but say things about others too."""


def everything_about(connection: Connection, person_id: int) -> dict[str, list[dict[str, Any]]]:
    """Every row about the person by table, and what the trail says of them and of their acts.

    Of what was sent to them only the times and kinds; of what they did only what and when.
    """
    found = {}
    for table in metadata.sorted_tables:
        if table is audit_table:
            continue
        column = people_table.c.id if table is people_table else table.c.get("person_id")
        if column is None:
            continue
        rows = connection.execute(select(*_shown(table)).where(column == person_id))
        found[str(table.name)] = [_plain(row) for row in rows]
    columns = audit_table.c
    about = columns.subject == f"person:{person_id}"
    rows = connection.execute(
        select(columns.seq, columns.at, columns.action, columns.subject, columns.detail)
        .where(or_(about, columns.actor == person_id))
        .order_by(columns.seq)
    )
    own = f"person:{person_id}"
    found["trail"] = [
        {**_plain(row), "detail": row.detail if row.subject == own else None} for row in rows
    ]
    return {name: rows for name, rows in found.items() if rows}


def erase(connection: Connection, person_id: int, now: datetime, actor: int | None = None) -> bool:
    """Forget who a person was: name, number, account, positions; False: they are forgotten already.

    Their row stays under its number, without them: calls, reports and the trail refer to it, and
    the trail stays whole. A file that lists the number later makes another person.

    :param actor: who asked for it; ``None`` for the operator at the command line.
    """
    person = people_store.person(connection, person_id)
    if person is None or person.phone == _erased_phone(person_id):
        return False
    untie(connection, person, now)
    link_store.forget_requests(connection, person_id)
    connection.execute(delete(blocked_accounts).where(blocked_accounts.c.person_id == person_id))
    connection.execute(
        update(people_table)
        .where(people_table.c.id == person_id)
        .values(
            name=ERASED_NAME,
            phone=_erased_phone(person_id),
            other_phones="",
            active=False,
            left_at=now,
            title="",
        )
    )
    connection.execute(delete(posts).where(posts.c.person_id == person_id))
    gone = _delete_positions(connection, person_id)
    connection.execute(delete(access_log).where(access_log.c.subject_id == person_id))
    entry = audit.Entry("person.erased", f"person:{person_id}", actor, {"positions": gone})
    audit.append(connection, now, [entry])
    return True


def _shown(table: Table) -> list[Any]:
    if table.name in _OF_OTHERS:
        return [table.c[name] for name in ("kind", "created_at", "sent_at")]
    return [column for column in table.columns if column.name not in _SECRET]


def _plain(row: Row[Any]) -> dict[str, Any]:
    return {str(name): value for name, value in row._mapping.items()}


def _erased_phone(person_id: int) -> str:
    return f"erased-{person_id}"


def _delete_positions(connection: Connection, person_id: int) -> int:
    """Also those that a call for help or a report refers to: it says what happened without them."""
    own = select(positions.c.id).where(positions.c.person_id == person_id)
    for table in metadata.sorted_tables:
        for column in table.columns:
            if any(key.column is positions.c.id for key in column.foreign_keys):
                referring = update(table).where(column.in_(own))
                connection.execute(referring.values({column.name: None}))
    return connection.execute(delete(positions).where(positions.c.person_id == person_id)).rowcount
