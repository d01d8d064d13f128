"""``jiaoying daily``: the daily report of a division, its week or month; as text, file or JSON."""

from __future__ import annotations

import argparse
from contextlib import closing
from datetime import date
from pathlib import Path
from typing import Any, TextIO

from bot.config.settings import Settings
from bot.console.divisions import division_meant


def register(verbs: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the parser."""
    daily = verbs.add_parser("daily", help="日报、周报、月报 / the report of a day, week or month")
    daily.add_argument("area", metavar="CODE|NAME", help="区划代码或名称 / a division")
    when = daily.add_mutually_exclusive_group()
    when.add_argument("--day", metavar="DAY", help="哪一天，如 2026-11-29 / which day")
    when.add_argument("--week", metavar="DAY", help="这一天所在的周 / the week around that day")
    when.add_argument("--month", metavar="MONTH", help="哪个月，如 2026-11 / which month")
    daily.add_argument(
        "-o", "--output", type=Path, metavar="F.xlsx|F.pdf", help="写到哪个文件 / the file to write"
    )
    daily.add_argument("--json", action="store_true", help="输出 JSON / print JSON")
    daily.add_argument("--language", choices=("zh", "en"), default="zh", help="语言 / language")
    daily.set_defaults(func=_daily)


def _daily(arguments: argparse.Namespace, settings: Settings, out: TextIO) -> int:
    from alerts.loop.daily.reading import read_report
    from alerts.loop.daily.remarks import DailyProblem
    from bot.config.rules import all_rules
    from bot.services.clocks import utc_now
    from bot.services.opening import open_for_command
    from bot.views.daily import SaidRemark
    from bot.views.report.daily_lines import DailySheets
    from contacts import people_store
    from contacts.divisions.store import load_gazetteer
    from data.audit import Entry, append
    from data.errors import InvalidInput

    rules, now, output = all_rules(settings).daily, utc_now(), arguments.output
    if output is not None and output.suffix.lower() not in (".xlsx", ".pdf"):
        raise InvalidInput(DailyProblem.FORMAT, file=output.name)
    period, day = _when(arguments, now.astimezone(rules.zone).date())
    with closing(open_for_command(settings)) as database:
        gazetteer = database.read(load_gazetteer)
        division = division_meant(gazetteer, arguments.area, arguments.language, out)
        if division is None:
            return 1
        code = division.code
        if day is None:
            day = _newest(now, rules)
        found = day
        report = database.read(
            lambda c: read_report(c, code, period, found, now, rules, curves=output is not None)
        )
        names = database.read(
            lambda c: people_store.people(c, [remark.by_id for remark in report.remarks])
        )
        remarks = tuple(
            SaidRemark(remark, names[remark.by_id].name if remark.by_id in names else "")
            for remark in report.remarks
        )
        sheets = DailySheets(report, gazetteer, remarks, arguments.language, rules.zone)
        if output is not None:
            entry = Entry("daily.written", f"division:{code}", detail={"file": output.name})
            database.do(lambda c: append(c, now, [entry]))  # first: no report leaves without it
            if not _written(output, sheets, arguments.language, out):
                return 1
    if arguments.json:
        import orjson

        out.write(orjson.dumps(facts_of(sheets)).decode() + "\n")
    elif output is None:
        _say(sheets, out)
    return 0


def facts_of(sheets: Any) -> dict[str, Any]:
    """A report as ``--json`` gives it; seconds, whole numbers, ISO times."""
    from alerts.loop.daily.figures import Figures, to_json

    def told(figures: Figures) -> dict[str, Any]:
        kept = to_json(figures)
        kept.pop("answers", None)
        kept["median_seconds"] = figures.median
        slowest = kept.pop("slowest", None)
        kept["slowest_seconds"] = None if slowest is None else slowest[0]
        kept["slowest_in"] = None if slowest is None else slowest[1]
        return kept

    report = sheets.report
    return {
        "division": report.division_code,
        "period": report.period.value,
        "days": [day.isoformat() for day in report.days],
        "since": report.span.since.isoformat(),
        "until": report.span.until.isoformat(),
        "made_at": None if report.made_at is None else report.made_at.isoformat(),
        "so_far": report.so_far,
        "unread": list(report.unread),
        "figures": told(report.figures),
        "below": {code: told(figures) for code, figures in report.below.items()},
        "by_day": {day.isoformat(): told(figures) for day, figures in report.curve.items()},
        "remarks": [
            {
                "day": said.remark.day.isoformat(),
                "division": said.remark.division_code,
                "from": said.remark.from_code,
                "mark": said.remark.mark.value,
                "words": said.remark.words,
                "by": said.by,
                "at": said.remark.at.isoformat(),
            }
            for said in sheets.remarks
        ],
    }


def _when(arguments: argparse.Namespace, today: date) -> tuple[Any, date | None]:
    """The period and a day in it; ``None``: the newest.

    :raises InvalidInput: what was written is no day.
    """
    from alerts.loop.daily.days import Period
    from alerts.loop.daily.remarks import DailyProblem
    from bot.views.daily_words import read_line
    from data.errors import InvalidInput

    for period, text in (
        (Period.WEEK, arguments.week),
        (Period.MONTH, arguments.month),
        (Period.DAY, arguments.day),
    ):
        if text is None:
            continue
        read = read_line(text, today)
        if read.day is None or read.place:
            raise InvalidInput(DailyProblem.NO_DAY, text=text)
        return period, read.day
    return Period.DAY, None


def _newest(now: Any, rules: Any) -> date:
    from alerts.loop.daily.days import newest_day

    return newest_day(now, rules)


def _say(sheets: Any, out: TextIO) -> None:
    from bot.views.daily_figures import figure_lines, trouble_words
    from bot.views.report.daily_lines import tier_rows

    language = sheets.language
    print(sheets.title, f"  {sheets.time}", sep="\n", file=out)
    lines = list(figure_lines(sheets.report.figures, sheets.gazetteer.path, language))
    for line in lines or [_nothing(language)]:
        print(f"  {line}", file=out)
    for name, figures, mark in tier_rows(sheets):
        words = trouble_words(figures, language)
        if words or mark:
            print(f"    {name}  {words}  {mark}".rstrip(), file=out)


def _nothing(language: str) -> str:
    from bot.locale import translator

    return translator(language)("没有预警、叫应、任务和热点，无异常。")


def _written(output: Path, sheets: Any, language: str, out: TextIO) -> bool:
    from bot.console.written import written

    if output.suffix.lower() == ".pdf":
        from bot.views.report.daily_pdf import as_daily_pdf

        content = as_daily_pdf(sheets)
    else:
        from bot.views.report.daily_xlsx import as_daily_xlsx

        content = as_daily_xlsx(sheets)
    if not written(output, content, language, out):
        return False
    print(f"已写入 / written: {output}", file=out)
    return True
