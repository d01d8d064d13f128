"""``jiaoying import zones|heat-sources|rivers`` and plans: what the forest side knows."""

from __future__ import annotations

import argparse
from datetime import datetime
from pathlib import Path
from typing import TextIO

from alerts.patrol.hotspots.heat_source_import import import_heat_sources
from alerts.patrol.zones.zone_import import import_zones
from alerts.plans.importing import import_plan
from alerts.plans.sheets import PlanKind
from alerts.rivers.river_import import import_rivers
from bot.config.settings import Settings
from bot.console.progress import progress
from bot.views.roster.heat_source_import_text import heat_source_lines
from bot.views.roster.patrol_import_text import (
    patrol_file_text,
    plan_lines,
    river_lines,
    zone_lines,
)
from contacts.divisions.boundary_file import load_boundaries
from contacts.divisions.store import known_divisions
from data.database import Database
from data.errors import InvalidInput

ZONES = "zones"
RIVERS = "rivers"
HEAT_SOURCES = "heat-sources"


def import_patrol(
    arguments: argparse.Namespace,
    settings: Settings,
    out: TextIO,
    database: Database,
    now: datetime,
) -> int:
    """Import one file of ``ZONES``, ``HEAT_SOURCES``, ``RIVERS`` or a ``PlanKind``."""
    kind: str = arguments.kind
    path: Path = arguments.file
    language: str = arguments.language
    gcj02: bool = arguments.gcj02
    dry_run: bool = arguments.dry_run
    try:
        if kind == ZONES:
            with progress(path.name):
                zones = import_zones(
                    database,
                    path,
                    now,
                    gcj02=gcj02,
                    buffer_m=settings.patrol.route_buffer_m,
                    dry_run=dry_run,
                    boundaries=load_boundaries(settings.database.url, Path.cwd()),
                )
            gazetteer = database.read(known_divisions)
            out.writelines(line + "\n" for line in zone_lines(zones, gazetteer, language))
            return 1 if zones.problems else 0
        if kind == HEAT_SOURCES:
            boundaries = load_boundaries(settings.database.url, Path.cwd())
            with progress(path.name):
                heat = import_heat_sources(
                    database, path, now, boundaries.locate, gcj02=gcj02, dry_run=dry_run
                )
            gazetteer = database.read(known_divisions)
            out.writelines(line + "\n" for line in heat_source_lines(heat, gazetteer, language))
            return 1 if heat.problems.total else 0
        if kind == RIVERS:
            with progress(path.name):
                rivers = import_rivers(database, path, now, gcj02=gcj02, dry_run=dry_run)
            out.writelines(line + "\n" for line in river_lines(rivers, language))
            return 1 if rivers.refused else 0
        with progress(path.name):
            report = import_plan(
                database, PlanKind(kind), path, now, zone=settings.time.info, dry_run=dry_run
            )
    except InvalidInput as error:
        out.write(patrol_file_text(error, path.name, language) + "\n")
        return 1
    out.writelines(line + "\n" for line in plan_lines(report, language))
    return 1 if report.problems.total else 0
