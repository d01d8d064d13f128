"""Importing patrol zones: a GeoJSON file checked whole, compared, and written whole or not at all.

A zone is known by its division and name. One that the file does not list stays: the usual file is
one county's; ``"active": false`` takes one out of use. The import is entered in the audit trail.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from alerts.patrol.zones.model import Zone
from alerts.patrol.zones.store import add_zone, change_zone, stored_zones
from alerts.patrol.zones.zone_file import ZoneProblem, ZoneRow, read_collection, zone_rows
from contacts.divisions.codes import county_of
from contacts.divisions.store import known_divisions
from contacts.roster.comparing import compare_then_write
from contacts.roster.store import stored_people
from data.audit import Entry, append
from data.database import Connection, Database
from data.errors import InvalidInput
from data.files import FileProblem, read_file
from data.geo.boundaries import Boundaries
from data.geo.drawing_files import as_geojson, from_chinese_map

FAR_M = 30_000.0
"""Metres from its county at which a zone is more likely a mistake than a long way (ours)."""


@dataclass(frozen=True, slots=True)
class FarZone:
    """A zone that lies far from where it belongs: its name, the county's code, metres between."""

    name: str
    county: str
    metres: float


@dataclass(frozen=True, slots=True)
class ZoneReport:
    """What an import did, or with ``dry_run`` would do. With problems, nothing was written."""

    file: str
    new: tuple[ZoneRow, ...] = ()
    changed: tuple[tuple[Zone, ZoneRow], ...] = ()
    unchanged: int = 0
    converted: int = 0
    far: tuple[FarZone, ...] = ()
    """Zones that lie far from the county of their division."""
    chinese_map: bool = False
    """Drawn with a program whose maps are GCJ-02, and not said to be converted."""
    problems: tuple[ZoneProblem, ...] = ()
    dry_run: bool = False

    @property
    def written(self) -> bool:
        """Whether the database was changed."""
        return not self.dry_run and not self.problems and bool(self.new or self.changed)


def import_zones(
    database: Database,
    path: Path,
    now: datetime,
    *,
    gcj02: bool = False,
    buffer_m: float = 200.0,
    dry_run: bool = False,
    boundaries: Boundaries | None = None,
) -> ZoneReport:
    """Import one file of zones: GeoJSON, KML, KMZ, GPX or a zipped shapefile.

    Bad features are in the report's ``problems``.

    :param gcj02: features that do not say otherwise were drawn on a Chinese web map.
    :param buffer_m: the strip to either side of a route that does not say, metres.
    :param boundaries: of counties, to see whether a zone lies where it belongs.
    :raises InvalidInput: with a ``FileProblem``, ``ZoneFileProblem`` or ``DrawingProblem``: the
        file as a whole.
    """
    content = read_file(path)
    if not content.strip():
        raise InvalidInput(FileProblem.EMPTY, file=path.name)
    features = read_collection(as_geojson(content))
    suspect = not gcj02 and from_chinese_map(content)

    def compare(connection: Connection) -> ZoneReport:
        people = {person.phone: person for person in stored_people(connection)}
        rows, problems = zone_rows(
            features, known_divisions(connection), people, gcj02=gcj02, buffer_m=buffer_m
        )
        report = _compared(rows, stored_zones(connection))
        return replace(
            report,
            file=path.name,
            problems=tuple(problems),
            dry_run=dry_run,
            far=tuple(_far(rows, boundaries)) if boundaries is not None else (),
            chinese_map=suspect,
        )

    def write(connection: Connection, report: ZoneReport) -> ZoneReport:
        _write(connection, report, content, now)
        return report

    return compare_then_write(database, compare, write)


def _far(rows: list[ZoneRow], boundaries: Boundaries) -> Iterator[FarZone]:
    for row in rows:
        county = county_of(row.division_code) if row.division_code else None
        if county is None or not boundaries.has(county):
            continue
        metres = boundaries.distance_m(county, *row.lines[0][0])
        if metres > FAR_M:
            yield FarZone(row.name, county, metres)


def _compared(rows: list[ZoneRow], stored: dict[tuple[str, str], Zone]) -> ZoneReport:
    new, changed, unchanged = [], [], 0
    for row in rows:
        before = stored.get((row.division_code, row.name))
        if before is None:
            new.append(row)
        elif _same(before, row):
            unchanged += 1
        else:
            changed.append((before, row))
    converted = sum(row.converted for row in rows)
    return ZoneReport("", tuple(new), tuple(changed), unchanged, converted)


def _same(before: Zone, row: ZoneRow) -> bool:
    return (before.kind, before.buffer_m, before.lines, before.people, before.active) == (
        row.kind,
        row.buffer_m,
        row.lines,
        row.people,
        row.active,
    )


def _write(connection: Connection, report: ZoneReport, content: bytes, now: datetime) -> None:
    summary: dict[str, Any] = {
        "file": report.file,
        "sha256": hashlib.sha256(content).hexdigest(),
        "new": len(report.new),
        "changed": len(report.changed),
        "unchanged": report.unchanged,
        "converted": report.converted,
    }
    entries = [Entry("import.zones", "roster", detail=summary)]
    for row in report.new:
        zone_id = add_zone(connection, row)
        entries.append(Entry("zone.added", f"zone:{zone_id}", detail=_detail(row)))
    for before, row in report.changed:
        change_zone(connection, before, row)
        entries.append(Entry("zone.changed", f"zone:{before.id}", detail=_detail(row)))
    append(connection, now, entries)


def _detail(row: ZoneRow) -> dict[str, Any]:
    return {
        "name": row.name,
        "division": row.division_code,
        "people": sorted(row.people),
        "points": sum(len(line) for line in row.lines),
        "active": row.active,
    }
