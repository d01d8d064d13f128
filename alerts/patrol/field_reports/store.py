"""Rows to reports from the spot, and back: what waits to go on or be copied, what is shown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, func, insert, select, update

from alerts.patrol.field_reports.model import CRY_KIND, FieldReport
from contacts.divisions.codes import code_range
from data import set_aside
from data.due import any_by
from data.set_aside import DueColumn
from data.tables.patrol import field_reports

_C = field_reports.c


def add_field_report(connection: Connection, values: Mapping[str, Any]) -> int:
    """Store a report; returns its id."""
    key = connection.execute(insert(field_reports).values(values)).inserted_primary_key
    assert key is not None
    return int(key[0])


def field_report(connection: Connection, report_id: int) -> FieldReport | None:
    """The report of this number."""
    row = connection.execute(select(field_reports).where(_C.id == report_id)).first()
    return None if row is None else FieldReport(**row._mapping)


def album_known(connection: Connection, person_id: int, media_group_id: str) -> bool:
    """Whether a part of this album was stored before: one notice an album."""
    query = select(_C.id).where(_C.person_id == person_id, _C.media_group_id == media_group_id)
    return connection.execute(query.limit(1)).first() is not None


def cried_since(connection: Connection, person_id: int, since: datetime) -> list[FieldReport]:
    """The person's cries for help in words from ``since`` on, the oldest first."""
    query = select(field_reports).where(
        _C.person_id == person_id, _C.kind == CRY_KIND, _C.at >= since
    )
    return [FieldReport(**row._mapping) for row in connection.execute(query.order_by(_C.id))]


def wait_for_album(
    connection: Connection, person_id: int, media_group_id: str, until: datetime
) -> None:
    """One more part of an album came: all its parts wait until ``until`` to be passed on."""
    connection.execute(
        update(field_reports)
        .where(
            _C.person_id == person_id,
            _C.media_group_id == media_group_id,
            _C.forward_at.is_not(None),
        )
        .values(forward_at=until)
    )


TO_FORWARD = DueColumn(
    "field_report", _C.id, _C.forward_at, order=(_C.person_id, _C.media_group_id, _C.id)
)


COPIES_DUE = DueColumn("file_copy", _C.id, _C.copy_at)


def to_forward(connection: Connection, now: datetime, limit: int) -> list[FieldReport]:
    """Parts that waited long enough, an album's together; locked.

    As many as ``limit``, and what is left of the last album: none is passed on in pieces.
    """
    due = (
        select(field_reports)
        .where(_C.forward_at <= now)
        .order_by(_C.person_id, _C.media_group_id, _C.id)
        .with_for_update(skip_locked=True)
    )
    rows = list(connection.execute(due.limit(limit)))
    if len(rows) == limit:
        last = rows[-1]
        same = _C.person_id == last.person_id, _C.media_group_id == last.media_group_id
        rows += connection.execute(due.where(*same, _C.id > last.id)).all()
    return [FieldReport(**row._mapping) for row in rows]


def set_album_aside(connection: Connection, now: datetime, error: BaseException) -> bool:
    """Set aside the album that is to be passed on first, whole; whether there was one."""
    head = set_aside.first_due(connection, TO_FORWARD, now)
    if head is None:
        return False
    first = connection.execute(select(field_reports).where(_C.id == head)).one()
    same = (_C.person_id == first.person_id) & (_C.media_group_id == first.media_group_id)
    set_aside.put_off(connection, TO_FORWARD, now, same)
    set_aside.note(connection, TO_FORWARD.topic, head, error, now)
    return True


def any_to_forward(connection: Connection, now: datetime) -> bool:
    """Whether ``to_forward`` would find one."""
    return any_by(connection, _C.forward_at, now)


def forwarded(connection: Connection, ids: Sequence[int]) -> None:
    """These reports were passed on."""
    if ids:
        query = update(field_reports).where(_C.id.in_(ids)).values(forward_at=None)
        connection.execute(query)


def latest(
    connection: Connection, division_code: str, limit: int, offset: int
) -> list[FieldReport]:
    """The newest reports of the division and below; of an album its first part."""
    query = select(field_reports).where(_first(division_code))
    rows = connection.execute(query.order_by(_C.id.desc()).limit(limit).offset(offset))
    return [FieldReport(**row._mapping) for row in rows]


def count(connection: Connection, division_code: str) -> int:
    """How many ``latest`` could show."""
    query = select(func.count()).select_from(field_reports).where(_first(division_code))
    return connection.execute(query).scalar_one()


def album(connection: Connection, report: FieldReport) -> list[FieldReport]:
    """All parts of the report's album; itself alone when it belongs to none."""
    if report.media_group_id is None:
        return [report]
    query = (
        select(field_reports)
        .where(
            _C.person_id == report.person_id,
            _C.media_group_id == report.media_group_id,
        )
        .order_by(_C.id)
    )
    return [FieldReport(**row._mapping) for row in connection.execute(query)]


def to_copy(connection: Connection, now: datetime, limit: int) -> list[FieldReport]:
    """Files to be copied from Telegram now, the oldest first."""
    query = select(field_reports).where(_C.copy_at <= now, _C.file_id.is_not(None))
    rows = connection.execute(query.order_by(_C.copy_at, _C.id).limit(limit))
    return [FieldReport(**row._mapping) for row in rows]


def copied(connection: Connection, report_id: int, name: str) -> None:
    """The report's file was copied: it lies below the media directory under ``name``."""
    _set(connection, report_id, copied_as=name, copy_at=None)


def not_copied(connection: Connection, report: FieldReport, now: datetime, *, again: bool) -> None:
    """Copying the file failed: it is tried ``again`` after 1, 2, 4 ... minutes, or never."""
    tries = report.copy_tries + 1
    after = now + timedelta(minutes=min(60, 2**report.copy_tries)) if again else None
    _set(connection, report.id, copy_tries=tries, copy_at=after)


def _set(connection: Connection, report_id: int, **values: object) -> None:
    connection.execute(update(field_reports).where(_C.id == report_id).values(**values))


def _first(division_code: str) -> ColumnElement[bool]:
    earlier = field_reports.alias("earlier")
    same = (
        select(earlier.c.id)
        .where(
            earlier.c.person_id == _C.person_id,
            earlier.c.media_group_id == _C.media_group_id,
            earlier.c.id < _C.id,
        )
        .exists()
    )
    low, high = code_range(division_code)
    return _C.division_code.between(low, high) & (_C.media_group_id.is_(None) | ~same)
