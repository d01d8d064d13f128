"""Importing a file of steady heat sources: all rows or none.

What is not in the file stays as it is. A source that a commander had removed stays removed, unless
the file says in its column ``mask`` that it masks.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from alerts.patrol.hotspots.heat_source_file import CountyOf, heat_source_rows
from alerts.patrol.hotspots.heat_source_model import ListedSource
from alerts.patrol.hotspots.heat_source_store import listed_sources, save_listed
from contacts.roster.comparing import compare_then_write
from contacts.roster.rows import Problems
from contacts.roster.sheet import Sheet
from contacts.roster.spreadsheets import read_sheet
from data.audit import Entry, append
from data.database import Connection, Database


@dataclass(frozen=True, slots=True)
class HeatSourceReport:
    """What an import did, or with ``dry_run`` would do. With problems, nothing was written."""

    file: str
    problems: Problems
    new: tuple[ListedSource, ...] = ()
    changed: tuple[ListedSource, ...] = ()
    unchanged: int = 0
    removed: tuple[ListedSource, ...] = ()  # in the file, and removed by a commander: they stay so
    absent: tuple[ListedSource, ...] = ()  # still masking, and not in the file
    ignored_columns: tuple[str, ...] = ()
    dry_run: bool = False

    @property
    def written(self) -> bool:
        """Whether the database was changed."""
        return not self.dry_run and not self.problems.total and bool(self.new or self.changed)


def import_heat_sources(
    database: Database,
    path: Path,
    now: datetime,
    county_of: CountyOf,
    *,
    gcj02: bool = False,
    dry_run: bool = False,
) -> HeatSourceReport:
    """Import one file. Bad rows are in the report's ``problems``.

    :raises InvalidInput: with a ``FileProblem``, when the file as a whole cannot be used.
    """
    sheet = read_sheet(path)

    def compare(connection: Connection) -> HeatSourceReport:
        compared = _compared(connection, sheet, county_of, gcj02=gcj02)
        return replace(compared, dry_run=dry_run)

    def write(connection: Connection, report: HeatSourceReport) -> HeatSourceReport:
        for source in report.new:
            save_listed(connection, source, now, known=False)
        for source in report.changed:
            save_listed(connection, source, now, known=True)
        detail = {
            "file": sheet.file,
            "sha256": sheet.digest,
            "new": len(report.new),
            "changed": len(report.changed),
            "unchanged": report.unchanged,
        }
        append(connection, now, [Entry("import.heat_sources", "heat_sources", detail=detail)])
        return report

    return compare_then_write(database, compare, write)


def _compared(
    connection: Connection, sheet: Sheet, county_of: CountyOf, *, gcj02: bool
) -> HeatSourceReport:
    problems = Problems()
    rows, ignored = heat_source_rows(sheet, county_of, problems, gcj02=gcj02)
    stored = listed_sources(connection)
    new, changed, removed, unchanged = [], [], [], 0
    for row in rows:
        known = stored.pop((row.listed.county_code, row.listed.name), None)
        before = True if known is None else known.active
        source = replace(row.listed, active=before if row.mask is None else row.mask)
        if known is None:
            new.append(source)
            continue
        if row.mask is None and not known.active:
            removed.append(source)
        if source == known:
            unchanged += 1
        else:
            changed.append(source)
    absent = tuple(source for source in stored.values() if source.active)
    return HeatSourceReport(
        sheet.file,
        problems,
        tuple(new),
        tuple(changed),
        unchanged,
        tuple(removed),
        absent,
        ignored,
    )
