"""Asks about duty as rows."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, insert, or_, select, update

from alerts.duty.model import Ask, AskKind, AskState
from data.due import any_by
from data.json_rows import GIVEN_IDS, as_json
from data.set_aside import DueColumn
from data.tables.duty import duty_asks as table

_ASK = tuple(
    table.c[name]
    for name in (
        "id kind division_code shift_id back_id starts_at ends_at asked_by asked_of asked_at"
        " state decided_at due_at words chased_at"
    ).split()
)
_OPEN = table.c.state == AskState.OPEN.value

DUE = DueColumn("duty_ask", table.c.id, table.c.due_at)


def add(connection: Connection, ask: Ask) -> Ask:
    """Somebody is asked; returns it with its number."""
    values = {
        "kind": ask.kind.value,
        "division_code": ask.division_code,
        "shift_id": ask.shift_id,
        "back_id": ask.back_id,
        "starts_at": ask.starts_at,
        "ends_at": ask.ends_at,
        "asked_by": ask.asked_by,
        "asked_of": ask.asked_of,
        "asked_at": ask.asked_at,
        "state": ask.state.value,
        "due_at": ask.due_at,
        "words": ask.words,
    }
    key = connection.execute(insert(table).values(values)).inserted_primary_key
    assert key is not None
    found = ask_of(connection, int(key[0]))
    assert found is not None
    return found


def ask_of(connection: Connection, ask_id: int, *, lock: bool = False) -> Ask | None:
    """The ask of this number; ``lock`` it to decide it."""
    query: Select[Any] = select(*_ASK).where(table.c.id == ask_id)
    row = connection.execute(query.with_for_update() if lock else query).first()
    return None if row is None else _ask(row)


def open_asks(connection: Connection, person_id: int) -> list[Ask]:
    """What a person was asked or asks, that nobody has decided yet; the oldest first."""
    theirs = or_(table.c.asked_of == person_id, table.c.asked_by == person_id)
    return _asks(connection, _OPEN, theirs)


def open_about(connection: Connection, shift_ids: Collection[int]) -> list[Ask]:
    """Open asks in which one of these shifts is given, or taken in return; the oldest first."""
    about = or_(table.c.shift_id.in_(GIVEN_IDS), table.c.back_id.in_(GIVEN_IDS))
    return _asks(connection, _OPEN, about, ids=as_json(shift_ids))


def open_fills(connection: Connection, code: str) -> list[Ask]:
    """Open asks to fill a gap of a division."""
    return _asks(
        connection, _OPEN, table.c.kind == AskKind.FILL.value, table.c.division_code == code
    )


def open_hand_overs(connection: Connection, code: str, asked_by: int) -> list[Ask]:
    """To whom a person would hand over the watch of a division."""
    kind = table.c.kind == AskKind.HAND_OVER.value
    return _asks(
        connection, _OPEN, kind, table.c.division_code == code, table.c.asked_by == asked_by
    )


def say_again(connection: Connection, ask_id: int, words: str) -> None:
    """The words that go with it are others now."""
    connection.execute(update(table).where(table.c.id == ask_id).values(words=words))


def chased(connection: Connection, ask_id: int, now: datetime, due_at: datetime) -> None:
    """They were asked again; it lapses then."""
    values = {"chased_at": now, "due_at": due_at}
    connection.execute(update(table).where(table.c.id == ask_id).values(values))


def decide(connection: Connection, ask_id: int, state: AskState, now: datetime) -> None:
    """What became of it."""
    values = {"state": state.value, "decided_at": now, "due_at": None}
    connection.execute(update(table).where(table.c.id == ask_id).values(values))


def due(connection: Connection, now: datetime, limit: int) -> list[Ask]:
    """Those that lapse now, the earliest first."""
    query = select(*_ASK).where(table.c.due_at.is_not(None), table.c.due_at <= now)
    rows = connection.execute(query.order_by(table.c.due_at, table.c.id).limit(limit))
    return [_ask(row) for row in rows]


def any_due(connection: Connection, now: datetime) -> bool:
    """Whether any lapses now: one look at an index."""
    return any_by(connection, table.c.due_at, now)


def _asks(connection: Connection, *wanted: ColumnElement[bool], ids: str = "[]") -> list[Ask]:
    query = select(*_ASK).where(*wanted).order_by(table.c.id)
    given = {"ids": ids} if ids != "[]" else {}
    return [_ask(row) for row in connection.execute(query, given)]


def _ask(row: Any) -> Ask:
    values = list(row)
    values[1], values[10] = AskKind(values[1]), AskState(values[10])
    return Ask(*values)
