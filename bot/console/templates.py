"""``jiaoying import templates`` and ``mechanism``: from a file or a folder."""

from __future__ import annotations

import argparse
from datetime import datetime
from typing import TextIO

from alerts.loop.mechanism.importing import import_mechanisms as import_mechanism_files
from alerts.template_files.faults import BadTemplate
from alerts.template_files.importing import ImportReport
from alerts.template_files.importing import import_templates as import_files
from bot.config.folders import folders_of
from bot.config.settings import Settings
from bot.console.alerts import meant_area
from bot.locale import translator
from bot.views.roster.import_text import file_problem_text
from bot.views.template_problems import bad_template_line
from contacts.divisions.store import load_gazetteer
from data.database import Database


def import_templates(
    arguments: argparse.Namespace,
    settings: Settings,
    out: TextIO,
    database: Database,
    now: datetime,
) -> int:
    """For the division of ``--area``, else that of the first bot; returns the exit code."""
    language: str = arguments.language
    dry_run: bool = arguments.dry_run
    _ = translator(language)
    division = settings.telegram.bots[0].division
    if arguments.area:
        division = meant_area(database.read(load_gazetteer), arguments.area, out)
    if not division:
        return 1
    folders = folders_of(settings)
    report = import_files(database, arguments.file, division, folders, now, dry_run=dry_run)
    words = _("{count} 个模板都写得对，没有写入（--dry-run）。")
    return _told(report, words, out, language)


def import_mechanisms(
    arguments: argparse.Namespace,
    _settings: Settings,
    out: TextIO,
    database: Database,
    now: datetime,
) -> int:
    """``jiaoying import mechanism``: what departments owe, for all divisions; the exit code."""
    language: str = arguments.language
    dry_run: bool = arguments.dry_run
    _ = translator(language)
    report = import_mechanism_files(database, arguments.file, now, dry_run=dry_run)
    words = _("{count} 个机制文件都写得对，没有写入（--dry-run）。")
    return _told(report, words, out, language)


def _told(report: ImportReport, right: str, out: TextIO, language: str) -> int:
    """What an import did, in lines.

    :param right: that all files are right and none was written.
    """
    _ = translator(language)
    for fault in report.faults:
        line = (
            bad_template_line(fault, language)
            if isinstance(fault, BadTemplate)
            else file_problem_text(fault, language)
        )
        out.write(line + "\n")
    if report.faults or not report.read:
        out.write(_("一个也没有导入。改好再导入一次。") + "\n")
        return 1
    if report.dry_run:
        out.write(right.format(count=report.read) + "\n")
    for key, number in report.versions:
        words = _("{key}：没有变") if number is None else _("{key}：第 {number} 版")
        out.write(words.format(key=key, number=number) + "\n")
    return 0
