"""Importing stations: a file checked whole, compared, and written whole or not at all.

A station is known by its code. One that the file does not list stays as it is; 在用 = 否 takes one
out of use. The import is entered in the audit trail.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from alerts.rivers.store import stretches
from alerts.sources.gauges import station_store
from alerts.sources.gauges.station import Station
from alerts.sources.gauges.station_sheet import at_large, station_rows, without_lines
from contacts import place_store
from contacts.divisions.store import known_divisions
from contacts.roster.comparing import compare_then_write
from contacts.roster.rows import Problems
from contacts.roster.spreadsheets import read_sheet
from data.audit import Entry, append
from data.database import Connection, Database


@dataclass(frozen=True, slots=True)
class StationReport:
    """What an import did, or with ``dry_run`` would do. With problems, nothing was written."""

    file: str
    new: tuple[Station, ...]
    changed: tuple[tuple[Station, Station], ...]  # before and after
    unchanged: int
    problems: Problems
    ignored_columns: tuple[str, ...] = ()
    without_lines: tuple[Station, ...] = ()
    at_large: tuple[Station, ...] = ()
    dry_run: bool = False

    @property
    def written(self) -> bool:
        """Whether the database was changed."""
        return not self.dry_run and not self.problems.total and bool(self.new or self.changed)


def import_stations(
    database: Database, path: Path, now: datetime, *, dry_run: bool = False
) -> StationReport:
    """Import one file. Bad rows are in the report's ``problems``.

    :raises InvalidInput: with a ``FileProblem``, when the file as a whole cannot be used.
    """
    sheet = read_sheet(path)

    def compare(connection: Connection) -> StationReport:
        problems = Problems()
        gazetteer, places = known_divisions(connection), place_store.known_places(connection)
        found, ignored = station_rows(sheet, gazetteer, places, stretches(connection), problems)
        stored = {one.code: one for one in station_store.stations(connection)}
        new = tuple(one for code, one in found.items() if code not in stored)
        changed = tuple(
            (stored[code], one)
            for code, one in found.items()
            if code in stored and stored[code] != one
        )
        return StationReport(
            sheet.file,
            new,
            changed,
            len(found) - len(new) - len(changed),
            problems,
            ignored,
            tuple(without_lines(found)),
            tuple(at_large(found)),
            dry_run,
        )

    def write(connection: Connection, report: StationReport) -> StationReport:
        station_store.add(connection, report.new)
        for _before, after in report.changed:
            station_store.change(connection, after)
        detail: dict[str, Any] = {
            "file": sheet.file,
            "sha256": sheet.digest,
            "new": len(report.new),
            "changed": len(report.changed),
            "unchanged": report.unchanged,
        }
        entries = [Entry("import.stations", "roster", detail=detail)]
        entries += [_entry("station.added", one) for one in report.new]
        entries += [_entry("station.changed", after) for _before, after in report.changed]
        append(connection, now, entries)
        return replace(report)

    return compare_then_write(database, compare, write)


def _entry(what: str, station: Station) -> Entry:
    detail = {
        "name": station.name,
        "division": station.division_code,
        "lines": [[line.kind.value, line.minutes, line.value] for line in station.lines],
        "warns": len(station.warns) + len(station.places),
        "active": station.active,
    }
    return Entry(what, f"station:{station.code}", detail=detail)
