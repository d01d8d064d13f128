"""Importing danger levels, season dates and patrol hours: all rows of a file or none.

What is not in the file stays as it is. Patrol hours of one person (or division) and day are
replaced as a whole. What changed is in the audit trail; the watches are worked out anew.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, tzinfo
from pathlib import Path
from typing import Any

from alerts.patrol.shifts import store as watch_store
from alerts.plans.sheets import PlanKind, closed_rows, danger_rows, season_rows, shift_rows
from alerts.season import closed_store
from alerts.season.model import DangerScale, Season
from alerts.season.store import dangers_between, save_dangers, save_seasons, season_orders
from contacts.divisions.store import known_divisions
from contacts.roster.comparing import compare_then_write
from contacts.roster.rows import Problems
from contacts.roster.sheet import Sheet
from contacts.roster.spreadsheets import read_sheet
from contacts.roster.store import stored_people
from data.audit import Entry, append
from data.database import Connection, Database

Rows = Mapping[tuple[Any, date], Any]


@dataclass(frozen=True, slots=True)
class PlanReport:
    """What an import did, or with ``dry_run`` would do. With problems, nothing was written."""

    plan: PlanKind
    file: str
    new: int
    changed: int
    unchanged: int
    problems: Problems
    ignored_columns: tuple[str, ...] = ()
    dry_run: bool = False
    rows: Rows = field(default_factory=dict)  # the new and changed ones

    @property
    def written(self) -> bool:
        """Whether the database was changed."""
        return not self.dry_run and not self.problems.total and bool(self.new or self.changed)


def import_plan(
    database: Database,
    plan: PlanKind,
    path: Path,
    now: datetime,
    *,
    zone: tzinfo,
    dry_run: bool = False,
) -> PlanReport:
    """Import one file. Bad rows are in the report's ``problems``.

    :param zone: the zone of the file's hours.
    :raises InvalidInput: with a ``FileProblem``, when the file as a whole cannot be used.
    """
    sheet = read_sheet(path)

    def compare(connection: Connection) -> PlanReport:
        return replace(_compared(connection, plan, sheet, zone), dry_run=dry_run)

    def write(connection: Connection, report: PlanReport) -> PlanReport:
        _write(connection, plan, report.rows, now)
        detail = {
            "file": sheet.file,
            "sha256": sheet.digest,
            "new": report.new,
            "changed": report.changed,
            "unchanged": report.unchanged,
        }
        append(connection, now, [Entry(f"import.{plan.value}", "season", detail=detail)])
        return report

    return compare_then_write(database, compare, write)


def _compared(connection: Connection, plan: PlanKind, sheet: Sheet, zone: tzinfo) -> PlanReport:
    problems = Problems()
    gazetteer = known_divisions(connection)
    rows: Rows
    stored: Rows = {}
    if plan is PlanKind.DANGER:
        rows, ignored = danger_rows(sheet, gazetteer, problems)
        if rows:
            stored = dangers_between(connection, *_days(rows))
    elif plan is PlanKind.SEASON:
        rows, ignored = season_rows(sheet, gazetteer, problems)
        stored = {
            (season.division_code, season.starts_on): season.ends_on
            for seasons in season_orders(connection).values()
            for season in seasons
        }
    elif plan is PlanKind.CLOSED:
        rows, ignored = closed_rows(sheet, gazetteer, problems)
        stored = closed_store.stored(connection)
    else:
        people = {person.phone: person for person in stored_people(connection)}
        rows, ignored = shift_rows(sheet, gazetteer, people, zone, problems)
        stored = _stored_hours(connection, rows)
    new = {key: value for key, value in rows.items() if key not in stored}
    changed = {key: value for key, value in rows.items() if key in stored and stored[key] != value}
    return PlanReport(
        plan,
        sheet.file,
        len(new),
        len(changed),
        len(rows) - len(new) - len(changed),
        problems,
        ignored,
        rows={**new, **changed},
    )


def _stored_hours(connection: Connection, rows: Rows) -> Rows:
    if not rows:
        return {}
    days = _days(rows)
    people = {owner for owner, _ in rows if isinstance(owner, int)}
    stored: dict[tuple[Any, date], Any] = {}
    for hours in (
        watch_store.shifts_of(connection, people, *days),
        watch_store.orders(connection, *days),
    ):
        stored.update((key, tuple(shifts)) for key, shifts in hours.items())
    return stored


def _days(rows: Rows) -> tuple[date, date]:
    days = [day for _, day in rows]
    return min(days), max(days)


def _write(connection: Connection, plan: PlanKind, rows: Rows, now: datetime) -> None:
    if plan is PlanKind.DANGER:
        levels = ((code, day, level) for (code, day), level in rows.items())
        save_dangers(connection, levels, now, scale=DangerScale.NATIONAL)
    elif plan is PlanKind.SEASON:
        ordered = (Season(code, first, last) for (code, first), last in rows.items())
        save_seasons(connection, ordered)
        watch_store.replan(connection)
    elif plan is PlanKind.CLOSED:
        closed_store.save(connection, rows)
    else:
        own = {key: hours for key, hours in rows.items() if isinstance(key[0], int)}
        shared = {key: hours for key, hours in rows.items() if isinstance(key[0], str)}
        watch_store.set_shifts(connection, own)
        watch_store.set_orders(connection, shared)
        # An order for a division may concern anybody below it: all are worked out anew.
        owners = None if shared else {owner for owner, _ in own}
        watch_store.replan(connection, owners)
