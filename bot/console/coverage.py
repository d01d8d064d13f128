"""``jiaoying check``: whom a warning would reach, and whom not."""

from __future__ import annotations

import argparse
from datetime import UTC, datetime
from typing import TextIO

import orjson

from alerts.channels.refusing import refusing
from bot.config.rules import all_rules
from bot.config.settings import Settings
from bot.console.divisions import division_meant
from bot.console.progress import progress
from bot.console.written import written
from bot.locale import translator
from bot.views.channels import refusing_lines
from bot.views.roster.coverage import LISTED, readiness_lines
from bot.views.roster.coverage_facts import readiness_facts, refusing_facts
from contacts.coverage_store import readiness
from contacts.divisions.store import load_gazetteer
from data.audit import Entry, append
from data.database import Database


def check(
    arguments: argparse.Namespace, settings: Settings, out: TextIO, database: Database
) -> int:
    """Tell who would be called, of the province or of one division."""
    gazetteer = database.read(load_gazetteer)
    area = None
    if arguments.division:
        division = division_meant(gazetteer, arguments.division, arguments.language, out)
        if division is None:
            return 1
        area = division.code
    rules = all_rules(settings)
    families, proofs = rules.warnings.called, rules.proofs
    now, zone, language = datetime.now(UTC), settings.time.info, arguments.language
    ready = database.read(lambda connection: readiness(connection, families, area, proofs, now))
    refused = database.read(lambda c: refusing(c, rules.warnings, area or "", now))
    most = None if arguments.all else LISTED
    if arguments.output is not None:
        # Here: openpyxl takes longer to load than most commands run.
        from bot.views.roster.coverage_sheet import coverage_sheet

        with progress(translator(language)("正在写表")) as tell:
            content = coverage_sheet(ready, gazetteer, language, area, now, zone, tell)
        entry = Entry("coverage.written", "roster", detail={"file": arguments.output.name})
        database.do(lambda c: append(c, now, [entry]))  # first: it names people
        if not written(arguments.output, content, language, out):
            return 1
    if arguments.json:
        facts = {**readiness_facts(ready, now, area), **refusing_facts(refused)}
        out.write(orjson.dumps(facts).decode() + "\n")
        return 0
    lines = readiness_lines(ready, gazetteer, language, now, zone, area=area, most=most)
    out.writelines(line + "\n" for line in lines)
    out.writelines(line + "\n" for line in refusing_lines(refused, gazetteer, language))
    return 0
