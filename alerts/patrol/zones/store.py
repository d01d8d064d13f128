"""Rows to patrol zones, and back."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from sqlalchemy import Connection, Row, Select, delete, exists, insert, select, update

from alerts.patrol.zones.model import Zone, ZoneKind
from alerts.patrol.zones.zone_file import ZoneRow
from contacts.divisions.codes import ancestors
from data.tables.patrol import zone_people, zones


def zones_of(connection: Connection, person_id: int, division_code: str) -> list[Zone]:
    """The zones a person is to patrol: their own, else those of the nearest division upward."""
    own = (
        select(zones)
        .join(zone_people, zone_people.c.zone_id == zones.c.id)
        .where(zone_people.c.person_id == person_id, zones.c.active)
    )
    found = _zones(connection, own)
    if found:
        return found
    line = (division_code, *ancestors(division_code))
    named = exists().where(zone_people.c.zone_id == zones.c.id)
    shared = _zones(
        connection,
        select(zones).where(zones.c.division_code.in_(line), zones.c.active, ~named),
    )
    for code in line:
        nearest = [zone for zone in shared if zone.division_code == code]
        if nearest:
            return nearest
    return []


def stored_zones(connection: Connection) -> dict[tuple[str, str], Zone]:
    """Every zone by division and name, with the persons it is for."""
    people: defaultdict[int, set[int]] = defaultdict(set)
    for zone_id, person_id in connection.execute(select(zone_people)):
        people[zone_id].add(person_id)
    return {
        (row.division_code, row.name): _zone(row, frozenset(people.get(row.id, ())))
        for row in connection.execute(select(zones))
    }


def add_zone(connection: Connection, row: ZoneRow) -> int:
    """Store a new zone; returns its id."""
    key = connection.execute(insert(zones).values(_values(row))).inserted_primary_key
    assert key is not None
    _set_people(connection, int(key[0]), row.people)
    return int(key[0])


def change_zone(connection: Connection, before: Zone, row: ZoneRow) -> None:
    """Store a zone as the file has it now."""
    connection.execute(update(zones).where(zones.c.id == before.id).values(_values(row)))
    if row.people != before.people:
        connection.execute(delete(zone_people).where(zone_people.c.zone_id == before.id))
        _set_people(connection, before.id, row.people)


def _set_people(connection: Connection, zone_id: int, people: Iterable[int]) -> None:
    rows = [{"zone_id": zone_id, "person_id": person_id} for person_id in sorted(people)]
    if rows:
        connection.execute(insert(zone_people), rows)


def _values(row: ZoneRow) -> dict[str, Any]:
    return {
        "name": row.name,
        "division_code": row.division_code,
        "kind": row.kind.value,
        "buffer_m": row.buffer_m,
        "lines": row.lines,
        "active": row.active,
    }


def _zones(connection: Connection, query: Select[Any]) -> list[Zone]:
    return [_zone(row) for row in connection.execute(query.order_by(zones.c.id))]


def _zone(row: Row[Any], people: frozenset[int] = frozenset()) -> Zone:
    return Zone(
        row.id,
        row.name,
        row.division_code,
        ZoneKind(row.kind),
        tuple(tuple((lon, lat) for lon, lat in line) for line in row.lines),
        row.buffer_m,
        people,
        row.active,
    )
