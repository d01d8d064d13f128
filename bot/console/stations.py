"""``jiaoying import stations``: gauges and rain stations, their lines, and whom they warn."""

from __future__ import annotations

import argparse
from datetime import datetime
from pathlib import Path
from typing import TextIO

from alerts.sources.gauges.station_import import import_stations as import_file
from bot.config.settings import Settings
from bot.console.progress import progress
from bot.views.roster.import_text import file_problem_text
from bot.views.roster.station_import_text import station_lines
from data.database import Database
from data.errors import InvalidInput


def import_stations(
    arguments: argparse.Namespace,
    _settings: Settings,
    out: TextIO,
    database: Database,
    now: datetime,
) -> int:
    """Import one file; returns the exit code."""
    path: Path = arguments.file
    language: str = arguments.language
    try:
        with progress(path.name):
            report = import_file(database, path, now, dry_run=arguments.dry_run)
    except InvalidInput as error:
        out.write(file_problem_text(error, language) + "\n")
        return 1
    out.writelines(line + "\n" for line in station_lines(report, language))
    return 1 if report.problems.total else 0
