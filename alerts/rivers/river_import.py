"""Importing rivers: a file checked whole, compared, and written whole or not at all.

A stretch is known by its river and its order from the source. One that the file does not list
stays: the usual file is one river's; ``"active": false`` takes one out of use. A table changes only
the villages; a stretch that it names and nobody drew is one of villages alone.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from alerts.patrol.zones.zone_file import ZoneProblem, read_collection
from alerts.rivers import store
from alerts.rivers.model import Stretch
from alerts.rivers.river_file import river_lines, river_table
from contacts.divisions.store import known_divisions
from contacts.roster.comparing import compare_then_write
from contacts.roster.rows import Problems
from contacts.roster.spreadsheets import read_sheet
from data.audit import Entry, append
from data.database import Connection, Database
from data.errors import InvalidInput
from data.files import FileProblem, read_file
from data.geo.drawing_files import as_geojson, from_chinese_map

TABLES = (".csv", ".xlsx", ".xls", ".et", ".txt")


@dataclass(frozen=True, slots=True)
class RiverReport:
    """What an import did, or with ``dry_run`` would do. With problems, nothing was written."""

    file: str
    new: tuple[Stretch, ...] = ()
    changed: tuple[Stretch, ...] = ()
    unchanged: int = 0
    converted: int = 0
    problems: tuple[ZoneProblem, ...] = ()
    rows: Problems | None = None  # of a table
    dry_run: bool = False
    chinese_map: bool = False

    @property
    def refused(self) -> bool:
        """Whether something is wrong with the file."""
        return bool(self.problems) or (self.rows is not None and bool(self.rows.total))

    @property
    def written(self) -> bool:
        """Whether the database was changed."""
        return not self.dry_run and not self.refused and bool(self.new or self.changed)


def import_rivers(
    database: Database,
    path: Path,
    now: datetime,
    *,
    gcj02: bool = False,
    dry_run: bool = False,
) -> RiverReport:
    """Import a drawing (GeoJSON, KML, KMZ, GPX, zipped shapefile), or a table of villages.

    :param gcj02: lines that do not say otherwise were drawn on a Chinese web map.
    :raises InvalidInput: with a ``FileProblem``, ``ZoneFileProblem`` or ``DrawingProblem``: the
        file as a whole.
    """
    content = read_file(path)
    if not content.strip():
        raise InvalidInput(FileProblem.EMPTY, file=path.name)
    table = read_sheet(path) if path.suffix.lower() in TABLES else None
    features = [] if table is not None else read_collection(as_geojson(content))

    def compare(connection: Connection) -> RiverReport:
        gazetteer, stored = known_divisions(connection), _stored(connection)
        if table is not None:
            problems = Problems()
            found, _ = river_table(table, gazetteer, problems)
            rows = [_with_villages(stored, key, *told) for key, told in found.items()]
            report = replace(_compared(rows, stored), rows=problems)
        else:
            lines, bad, converted = river_lines(features, gazetteer, gcj02=gcj02)
            rows = [_keeping_villages(stored, row) for row in lines]
            report = replace(_compared(rows, stored), problems=tuple(bad), converted=converted)
        suspect = table is None and not gcj02 and from_chinese_map(content)
        return replace(report, file=path.name, dry_run=dry_run, chinese_map=suspect)

    def write(connection: Connection, report: RiverReport) -> RiverReport:
        store.add(connection, report.new)
        for row in report.changed:
            store.change(connection, row)
        summary: dict[str, Any] = {
            "file": report.file,
            "sha256": hashlib.sha256(content).hexdigest(),
            "new": len(report.new),
            "changed": len(report.changed),
            "unchanged": report.unchanged,
            "converted": report.converted,
            "stretches": [f"{row.river} {row.number}" for row in (*report.new, *report.changed)],
        }
        append(connection, now, [Entry("import.rivers", "roster", detail=summary)])
        return report

    return compare_then_write(database, compare, write)


_Key = tuple[str, int]


def _stored(connection: Connection) -> dict[_Key, Stretch]:
    found = store.stretches(connection, all_of_them=True)
    return {(stretch.river, stretch.number): stretch for stretch in found}


def _with_villages(
    stored: dict[_Key, Stretch], key: _Key, name: str, villages: list[str]
) -> Stretch:
    before = stored.get(key)
    if before is None:
        river, number = key
        return Stretch(0, river, number, name or f"第{number}段", (), villages=tuple(villages))
    return replace(before, name=name or before.name, villages=tuple(villages))


def _keeping_villages(stored: dict[_Key, Stretch], row: Stretch) -> Stretch:
    """A line drawn anew keeps the villages of a table, where it lists none itself."""
    before = stored.get((row.river, row.number))
    if before is None:
        return row
    return replace(row, id=before.id, villages=row.villages or before.villages)


def _compared(rows: list[Stretch], stored: dict[_Key, Stretch]) -> RiverReport:
    new, changed = [], []
    for row in rows:
        before = stored.get((row.river, row.number))
        if before is None:
            new.append(row)
        elif before != row:
            changed.append(row)
    return RiverReport("", tuple(new), tuple(changed), len(rows) - len(new) - len(changed))
