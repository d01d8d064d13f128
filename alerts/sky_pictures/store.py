"""Rows to the newest picture of each source, what groups got of it, and who wants none."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, Table, delete, insert, select, update

from alerts.model import IN_FORCE, Hazard, Status
from alerts.sky_pictures.model import Kept, OpenWarning, Sent
from data.tables.alerts import alerts
from data.tables.sky_pictures import sky_groups, sky_mutes, sky_pictures

Mutes = Mapping[int, datetime]
"""Since when groups want no pictures, by chat."""

NOTHING = Sent()

_KEPT = tuple(
    sky_pictures.c[name]
    for name in "source taken_at fetched_at digest kind as_photo before".split()
)


def open_warnings(connection: Connection, now: datetime) -> list[OpenWarning]:
    """Every warning in force."""
    columns = alerts.c
    query = select(
        columns.id, columns.hazard, columns.areas, columns.status, columns.released_at
    ).where(
        columns.state.in_([state.value for state in IN_FORCE]),
        columns.expires_at > now,
        columns.released_at.is_not(None),
    )
    return [
        OpenWarning(
            row.id,
            Hazard(row.hazard),
            tuple(row.areas),
            row.status == Status.EXERCISE.value,
            row.released_at,
        )
        for row in connection.execute(query.order_by(columns.id))
    ]


def kept(connection: Connection, source: str) -> Kept | None:
    """The newest picture of a source, without its bytes."""
    row = connection.execute(select(*_KEPT).where(sky_pictures.c.source == source)).first()
    return None if row is None else _as_kept(row)


def body_of(connection: Connection, source: str, digest: str) -> bytes | None:
    """The bytes of a picture, while it is the newest."""
    query = select(sky_pictures.c.body).where(
        sky_pictures.c.source == source, sky_pictures.c.digest == digest
    )
    return connection.execute(query).scalar()


def keep(connection: Connection, picture: Kept, body: bytes) -> None:
    """Keep a picture in the place of the last one of its source."""
    values = {
        "taken_at": picture.taken_at,
        "fetched_at": picture.fetched_at,
        "digest": picture.digest,
        "kind": picture.kind,
        "as_photo": picture.as_photo,
        "before": " ".join(picture.before),
        "body": body,
    }
    _put(connection, sky_pictures, {"source": picture.source}, values)


def sent(connection: Connection, source: str) -> dict[int, Sent]:
    """What each group got of a source, by chat."""
    columns = sky_groups.c
    query = select(columns.chat_id, columns.digest, columns.stopped_after)
    rows = connection.execute(query.where(columns.source == source))
    return {row.chat_id: Sent(row.digest, row.stopped_after) for row in rows}


def note_sent(connection: Connection, source: str, chat_id: int, got: Sent) -> None:
    """A group is sent something of a source."""
    key = {"source": source, "chat_id": chat_id}
    values = {"digest": got.digest, "stopped_after": got.stopped_after}
    _put(connection, sky_groups, key, values)


def mutes(connection: Connection, chat_ids: Collection[int] | None = None) -> Mutes:
    """Since when groups want no pictures."""
    columns = sky_mutes.c
    query = select(columns.chat_id, columns.muted_at)
    if chat_ids is not None:
        query = query.where(columns.chat_id.in_(chat_ids))
    return {row.chat_id: row.muted_at for row in connection.execute(query)}


def mute(connection: Connection, chat_id: int, now: datetime) -> None:
    """A group wants no more pictures of the warnings that are in force."""
    _put(connection, sky_mutes, {"chat_id": chat_id}, {"muted_at": now})


def resume(connection: Connection, chat_id: int) -> bool:
    """A group wants pictures again; whether it had said that it did not."""
    gone = connection.execute(delete(sky_mutes).where(sky_mutes.c.chat_id == chat_id))
    return bool(gone.rowcount)


def _put(
    connection: Connection, table: Table, key: Mapping[str, Any], values: Mapping[str, Any]
) -> None:
    where = [table.c[name] == value for name, value in key.items()]
    if not connection.execute(update(table).where(*where).values(**values)).rowcount:
        connection.execute(insert(table).values(**key, **values))


def _as_kept(row: Row[Any]) -> Kept:
    return Kept(
        row.source,
        row.taken_at,
        row.fetched_at,
        row.digest,
        row.kind,
        bool(row.as_photo),
        tuple(row.before.split()),
    )
