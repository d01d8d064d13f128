"""What happened to tasks, as rows; nothing of it is ever changed."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import JSON, BigInteger, Connection, Float, String, Text, select

from alerts.loop.tasks.model import Evidence, Note, TaskEvent, TaskEventKind, TaskFile
from data.json_rows import GIVEN_IDS, Insertion, as_json
from data.tables.columns import to_milliseconds
from data.tables.tasks import task_events as table

_ADD = Insertion(
    table,
    task_id=BigInteger(),
    kind=String(),
    at=BigInteger(),
    by_id=BigInteger(),
    words=Text(),
    until=BigInteger(),
    file_kind=String(),
    file_id=Text(),
    bot_id=BigInteger(),
    lon=Float(),
    lat=Float(),
    detail=JSON(),
)

_ADD_STEPS = Insertion(
    table, task_id=BigInteger(), kind=String(), at=BigInteger(), words=Text(), detail=JSON()
)

_OF_TASKS = select(table).where(table.c.task_id.in_(GIVEN_IDS)).order_by(table.c.id)
_FILES = {kind.value: kind for kind in Evidence}


def add(connection: Connection, events: Sequence[TaskEvent]) -> None:
    """Keep what happened, in one statement however much it is."""
    _ADD(connection, [_row(event) for event in events])


def add_steps(
    connection: Connection,
    steps: Iterable[tuple[int, TaskEventKind, Mapping[str, object]]],
    at: datetime,
) -> None:
    """Keep what the clock did to many tasks: number, what, detail."""
    now = to_milliseconds(at)
    _ADD_STEPS(
        connection,
        [
            (task_id, kind.value, now, "", orjson.dumps(detail).decode())
            for task_id, kind, detail in steps
        ],
    )


def of_task(connection: Connection, task_id: int) -> list[TaskEvent]:
    """The history of a task, the oldest first."""
    return of_tasks(connection, [task_id])


def of_tasks(connection: Connection, ids: Collection[int]) -> list[TaskEvent]:
    """The histories of these tasks, as they happened."""
    rows = connection.execute(_OF_TASKS, {"ids": as_json(set(ids))})
    return [_event(row) for row in rows]


def event(connection: Connection, event_id: int) -> TaskEvent | None:
    """One of them."""
    row = connection.execute(select(table).where(table.c.id == event_id)).first()
    return None if row is None else _event(row)


def since_returned(history: Sequence[TaskEvent]) -> list[TaskEvent]:
    """Of a history, what came after it was last sent back or opened again: what was sent before
    shows no more.

    It stays in the history all the same.
    """
    last = max((event.id for event in history if event.kind in _ANEW), default=0)
    return [event for event in history if event.id > last]


_ANEW = (TaskEventKind.RETURNED, TaskEventKind.REOPENED)


def shown(connection: Connection, task_id: int) -> set[Evidence]:
    """What evidence came of a task since it was last sent back."""
    fresh = since_returned(of_task(connection, task_id))
    return {kind for event in fresh for kind in event.note.shows}


def _row(event: TaskEvent) -> tuple[Any, ...]:
    note, file = event.note, event.note.file
    return (
        event.task_id,
        event.kind.value,
        to_milliseconds(event.at),
        event.by,
        note.words,
        None if event.until is None else to_milliseconds(event.until),
        None if file is None else file.kind.value,
        None if file is None else file.file_id,
        None if file is None else file.bot_id,
        note.lon,
        note.lat,
        "null" if event.detail is None else orjson.dumps(event.detail).decode(),
    )


def _event(row: Any) -> TaskEvent:
    file = None
    if row.file_kind is not None:
        file = TaskFile(_FILES[row.file_kind], row.file_id, row.bot_id)
    return TaskEvent(
        row.task_id,
        TaskEventKind(row.kind),
        row.at,
        row.by_id,
        Note(row.words, file, row.lon, row.lat),
        row.until,
        row.detail,
        row.id,
    )
