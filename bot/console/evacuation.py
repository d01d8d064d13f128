"""``jiaoying import evacuation``: evacuation cards from lists and drawings."""

from __future__ import annotations

import argparse
from datetime import UTC, datetime
from pathlib import Path
from typing import TextIO

from alerts.loop.evacuation.card_import import import_cards, read_files
from bot.config.settings import Settings
from bot.console.progress import progress
from bot.console.roster_files import area_said
from bot.views.roster.evacuation_import_text import evacuation_file_text, evacuation_lines
from contacts.divisions.boundary_file import load_boundaries
from contacts.divisions.store import known_divisions
from data.database import Database
from data.errors import InvalidInput


def import_evacuation(
    arguments: argparse.Namespace, settings: Settings, out: TextIO, database: Database
) -> int:
    """Import cards; returns the exit code."""
    language: str = arguments.language
    file: Path = arguments.file
    try:
        area = area_said(arguments, database)
        with progress(file.name):
            files = read_files(
                [file, *arguments.households, *arguments.routes],
                arguments.flood_zones,
                gcj02=arguments.gcj02,
            )
            report = import_cards(
                database,
                files,
                datetime.now(UTC),
                area=area,
                boundaries=load_boundaries(settings.database.url, Path.cwd()),
                dry_run=arguments.dry_run,
                agreed=arguments.yes,
            )
    except InvalidInput as error:
        out.write(evacuation_file_text(error, file.name, language) + "\n")
        return 1
    gazetteer = database.read(known_divisions)
    out.writelines(line + "\n" for line in evacuation_lines(report, gazetteer, language))
    return 1 if report.stopped else 0
