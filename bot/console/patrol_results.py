"""``jiaoying patrol results``: what patrols came to in a month, by division or by person."""

from __future__ import annotations

import argparse
from contextlib import closing
from datetime import date, timedelta
from pathlib import Path
from typing import Any, TextIO

import orjson

from alerts.patrol.results import store, summing
from alerts.patrol.results.model import PatrolSum, month_span
from alerts.patrol.results.reading import month_below, persons_of
from bot.config.rules import all_rules
from bot.config.settings import Settings
from bot.console.divisions import division_meant
from bot.console.written import written
from bot.services.clocks import utc_now
from bot.services.opening import open_for_command
from bot.views.patrol.results import month_name, short
from contacts.divisions.store import load_gazetteer
from data.audit import Entry, append
from data.database import Connection


def register(verbs: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the parser."""
    words = "巡护成果 / what patrols came to"
    patrol = verbs.add_parser("patrol", help=words, description=words)
    what = patrol.add_subparsers(required=True, metavar="WHAT")
    results = what.add_parser("results", help=words, description=words)
    results.add_argument("area", help="区划名称或代码 / name or code of a division")
    results.add_argument(
        "--month", metavar="2026-11", help="哪个月，默认本月 / which month; the running one"
    )
    results.add_argument(
        "-o", "--output", type=Path, metavar="F.xlsx", help="写成表格，一人一行 / a row a person"
    )
    results.add_argument("--json", action="store_true", help="输出 JSON / print JSON")
    results.add_argument("--language", choices=("zh", "en"), default="zh")
    results.set_defaults(func=_results)


def _results(arguments: argparse.Namespace, settings: Settings, out: TextIO) -> int:
    rules, now = all_rules(settings).shifts, utc_now()
    today = now.astimezone(rules.zone).date()
    month = _month(arguments.month) if arguments.month else today.replace(day=1)
    if month is None:
        print("月份请写成 2026-11 / write the month as 2026-11", file=out)
        return 1
    language = arguments.language
    with closing(open_for_command(settings)) as database:
        gazetteer = database.read(load_gazetteer)
        division = division_meant(gazetteer, arguments.area, language, out)
        if division is None:
            return 1
        code, place = division.code, gazetteer.name(division.code)
        if arguments.output is not None:
            # Here: openpyxl takes longer to load than most commands run.
            from bot.views.patrol.results_sheet import as_workbook

            content = database.read(
                lambda c: as_workbook(
                    persons_of(c, code, month), place, month, gazetteer.path, language
                )
            )
            detail = {"division": code, "month": f"{month:%Y-%m}", "file": arguments.output.name}
            entry = Entry("patrol.exported", f"division:{code}", detail=detail)
            database.do(lambda c: append(c, now, [entry]))  # first: it names people
            return 0 if written(arguments.output, content, language, out) else 1
        if arguments.json:
            facts = database.read(lambda c: _facts(c, code, month))
            facts["waiting"] = database.read(lambda c: summing.anything_came(c, now))
            out.write(orjson.dumps(facts).decode() + "\n")
            return 0
        lines = database.read(lambda c: month_below(c, code, month))
    out.write(f"{place} {month_name(month, language)}\n")
    for line in lines:
        who = line.person.name if line.person is not None else gazetteer.name(line.code)
        out.write(f"  {who}: {short(line.sum, language)}\n")
    return 0


def _month(text: str) -> date | None:
    try:
        return date.fromisoformat(f"{text}-01")
    except ValueError:
        return None


def _facts(connection: Connection, code: str, month: date) -> dict[str, Any]:
    first, last = month_span(month)
    below = store.below(connection, code, first, last)
    return {
        "division": code,
        "month": f"{month:%Y-%m}",
        "sum": _figures(sum(below.values(), PatrolSum())),
        "below": [{"division": each, **_figures(summed)} for each, summed in below.items()],
        "days": [
            {"day": day.isoformat(), **_figures(summed)}
            for day in (first + timedelta(days=number) for number in range((last - first).days + 1))
            if (summed := sum(store.below(connection, code, day, day).values(), PatrolSum())).days
        ],
    }


def _figures(summed: PatrolSum) -> dict[str, Any]:
    return {
        "persons": summed.persons,
        "days": summed.days,
        "hours": round(summed.hours, 2),
        "km": round(summed.km, 3),
        "share": None if summed.share is None else round(summed.share, 4),
        "positions": summed.positions,
        "doubtful": summed.doubtful,
        "reports": summed.reports,
    }
