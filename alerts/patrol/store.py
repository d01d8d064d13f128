"""Rows to positions, distress calls and field reports, and back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, insert, select, update

from alerts.patrol.checkins import Doubt, Fix
from data.patrol_tables import distress_calls, field_reports, positions


@dataclass(frozen=True, slots=True)
class Position:
    """A stored position."""

    id: int
    person_id: int
    fix: Fix
    division_code: str | None
    doubts: frozenset[Doubt]


@dataclass(frozen=True, slots=True)
class DistressCall:
    """A call for help, until it is cleared."""

    id: int
    person_id: int
    raised_at: datetime
    position_id: int | None = None
    file_id: str | None = None
    file_kind: str | None = None
    note: str | None = None
    taken_by: int | None = None
    taken_at: datetime | None = None
    cleared_by: int | None = None
    cleared_at: datetime | None = None

    @property
    def open(self) -> bool:
        """Not cleared yet."""
        return self.cleared_at is None


@dataclass(frozen=True, slots=True)
class FieldReport:
    """A photo, video, voice or document from the spot."""

    id: int
    person_id: int
    at: datetime
    kind: str
    file_id: str | None
    caption: str | None
    media_group_id: str | None
    position_id: int | None
    division_code: str | None


class Patrol:
    """What patrollers send, on one connection."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    def add_position(self, values: Mapping[str, Any]) -> int:
        """Store a position; returns its id."""
        return self._add(positions, values)

    def position(self, position_id: int) -> Position | None:
        """One position."""
        query = select(positions).where(positions.c.id == position_id)
        row = self.connection.execute(query).first()
        return None if row is None else _position(row)

    def last_position(self, person_id: int, *, message_id: int | None = None) -> Position | None:
        """The person's newest position; of one live message when ``message_id`` is given."""
        query = select(positions).where(positions.c.person_id == person_id)
        if message_id is not None:
            query = query.where(positions.c.message_id == message_id)
        row = self.connection.execute(
            query.order_by(positions.c.taken_at.desc(), positions.c.id.desc()).limit(1)
        ).first()
        return None if row is None else _position(row)

    def add_distress(self, values: Mapping[str, Any]) -> int:
        """Store a call for help; returns its id."""
        return self._add(distress_calls, values)

    def distress(self, distress_id: int) -> DistressCall | None:
        """One call for help."""
        query = select(distress_calls).where(distress_calls.c.id == distress_id)
        row = self.connection.execute(query).first()
        return None if row is None else DistressCall(**row._mapping)

    def open_distress(self, person_id: int) -> DistressCall | None:
        """The person's call for help that is not cleared."""
        query = select(distress_calls).where(
            distress_calls.c.person_id == person_id, distress_calls.c.cleared_at.is_(None)
        )
        row = self.connection.execute(query.order_by(distress_calls.c.id.desc()).limit(1)).first()
        return None if row is None else DistressCall(**row._mapping)

    def change_distress(self, distress_id: int, **values: Any) -> None:
        """Set columns of a call for help."""
        self.connection.execute(
            update(distress_calls).where(distress_calls.c.id == distress_id).values(**values)
        )

    def add_field_report(self, values: Mapping[str, Any]) -> int:
        """Store a field report; returns its id."""
        return self._add(field_reports, values)

    def field_report(self, report_id: int) -> FieldReport | None:
        """One field report."""
        query = select(field_reports).where(field_reports.c.id == report_id)
        row = self.connection.execute(query).first()
        if row is None:
            return None
        values = dict(row._mapping)
        values.pop("alert_id")
        return FieldReport(**values)

    def album_known(self, person_id: int, media_group_id: str) -> bool:
        """Whether a part of this album was stored before: one notice an album."""
        query = select(field_reports.c.id).where(
            field_reports.c.person_id == person_id,
            field_reports.c.media_group_id == media_group_id,
        )
        return self.connection.execute(query.limit(1)).first() is not None

    def _add(self, table: Any, values: Mapping[str, Any]) -> int:
        key = self.connection.execute(insert(table).values(values)).inserted_primary_key
        assert key is not None
        return int(key[0])


def _position(row: Row[Any]) -> Position:
    fix = Fix(row.lon, row.lat, row.taken_at, row.received_at, row.accuracy_m)
    found = frozenset(Doubt(word) for word in row.doubts)
    return Position(row.id, row.person_id, fix, row.division_code, found)
