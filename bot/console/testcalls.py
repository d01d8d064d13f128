"""``jiaoying testcall AREA``: a drill that rings every number, account and satellite telephone."""

from __future__ import annotations

import argparse
from contextlib import closing
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any, TextIO

import orjson

from alerts.test_calls import running, store
from alerts.test_calls.model import Result, TestCall, TestProblem, by_area, summed
from alerts.test_calls.running import TestPlan
from bot.config.rules import all_rules
from bot.config.settings import Settings
from bot.config.settings_channels import BESIDE_TELEGRAM
from bot.console.divisions import division_meant
from bot.console.written import written
from bot.locale import translator
from bot.messages.test_calls import named_results, worst_first
from bot.services.clocks import utc_now
from bot.services.opening import open_for_command
from bot.views.problems import problem
from bot.views.test_calls import area_line, begun, plan_lines, tested_line, total_lines
from contacts import people_store
from contacts.access_log_store import note_by_command
from contacts.channels import Channel
from contacts.divisions.gazetteer import Gazetteer
from contacts.divisions.store import known_divisions
from contacts.people import Person
from contacts.phones import normalise
from data.audit import Entry, append
from data.database import Connection, Database
from data.errors import Conflict, InvalidInput, NotAllowed, NotFound


def register(verbs: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the parser."""
    words = "测试呼叫：号码、账号、卫星电话能不能叫到人 / a drill that proves numbers and accounts"
    verb = verbs.add_parser("testcall", help=words, description=words)
    verb.add_argument("division", help="区划代码或名称 / code or name")
    verb.add_argument(
        "--channel",
        action="append",
        default=[],
        choices=[channel.value for channel in BESIDE_TELEGRAM],
        help="只用这些渠道，可写几次 / only by these, may be given again",
    )
    verb.add_argument("--by", metavar="PHONE", help="哪位指挥员发起，写电话 / who commands it")
    verb.add_argument("--dry-run", action="store_true", help="只看会打哪些 / only show it")
    verb.add_argument("--status", action="store_true", help="只看结果 / only the results")
    verb.add_argument("--stop", action="store_true", help="停止正在进行的 / end the one that runs")
    verb.add_argument("-o", "--output", type=Path, metavar="F.xlsx", help="结果表 / the results")
    verb.add_argument("--json", action="store_true", help="输出 JSON / print JSON")
    verb.add_argument("--language", choices=("zh", "en"), default="zh", help="语言 / language")
    verb.set_defaults(func=_run)


def _run(arguments: argparse.Namespace, settings: Settings, out: TextIO) -> int:
    language: str = arguments.language
    looks = arguments.status or arguments.output is not None
    with closing(open_for_command(settings)) as database:
        gazetteer = database.read(known_divisions)
        division = division_meant(gazetteer, arguments.division, language, out, careful=not looks)
        if division is None:
            return 1
        try:
            if looks:
                return _results(arguments, settings, out, database, gazetteer, division.code)
            return _begin(arguments, settings, out, database, division.code)
        except (InvalidInput, Conflict, NotAllowed, NotFound) as error:
            out.write(problem(error, language) + "\n")
            return 1


def _begin(
    arguments: argparse.Namespace, settings: Settings, out: TextIO, database: Database, code: str
) -> int:
    """Begin or end a test, or only say what it would ring."""
    language, zone, now = arguments.language, settings.time.info, utc_now()
    rules = all_rules(settings).tests
    channels = [Channel(word) for word in arguments.channel]
    if not arguments.by:
        raise InvalidInput(TestProblem.NO_COMMANDER)
    phone = normalise(arguments.by)

    def unit(connection: Connection) -> tuple[TestCall | None, TestPlan | None]:
        by = _commander(connection, phone)
        if arguments.stop:
            test = store.running(connection, code)
            return (None if test is None else running.stop(connection, by, test.id, now)), None
        if arguments.dry_run:
            return None, running.plan(connection, by, code, channels, rules, now)
        return running.start(connection, by, code, channels, rules, now)

    if arguments.dry_run:
        test, planned = database.read(unit)
    else:
        test, planned = database.do(unit)
    if arguments.stop:
        if test is None:
            raise NotFound(TestProblem.NONE)
        out.write(translator(language)("⏹ 测试已停止") + "\n")
        return 0
    assert planned is not None
    if arguments.json:
        facts = {"begun": test is not None, "id": test and test.id, **_plan_facts(planned)}
        out.write(orjson.dumps(facts).decode() + "\n")
        return 0
    out.writelines(line + "\n" for line in plan_lines(planned, language, zone))
    if test is not None:
        out.write(begun(planned.opens_at, language, zone) + "\n")
    else:
        out.write(translator(language)("这是试运行，一个也没有打。") + "\n")
    return 0


def _results(
    arguments: argparse.Namespace,
    settings: Settings,
    out: TextIO,
    database: Database,
    gazetteer: Gazetteer,
    code: str,
) -> int:
    """What came of the last test, printed or written as a workbook."""
    language, zone, now = arguments.language, settings.time.info, utc_now()

    def look(connection: Connection) -> tuple[TestCall, list[Result]]:
        test = store.newest(connection, code)
        if test is None:
            raise NotFound(TestProblem.NONE)
        return test, store.results(connection, test, code)

    test, results = database.read(look)
    areas, total = by_area(results, code), summed(results, code)
    results = worst_first(results, areas)
    tested = database.read(lambda c: named_results(c, results, gazetteer.path, language))
    if arguments.output is not None:
        # Here: openpyxl takes longer to load than most commands run.
        from bot.views.test_call_sheet import sheet_of_test

        rows = [(area, gazetteer.path(area.division_code)) for area in areas]
        place = gazetteer.path(code)
        content = sheet_of_test(test, total, rows, tested, place, language, zone)
        _note_written(database, test, arguments.output, results, now)
        return 0 if written(arguments.output, content, language, out) else 1
    if arguments.json:
        out.write(orjson.dumps(_result_facts(test, results, total)).decode() + "\n")
        return 0
    out.write(gazetteer.path(code) + "\n")
    out.writelines(line + "\n" for line in total_lines(test, total, language, zone))
    for area in areas:
        out.write("  " + area_line(area, gazetteer.name(area.division_code), language) + "\n")
    for each in tested:
        if each.result.line.proven_at is None:
            out.write("    " + tested_line(each, language) + "\n")
    _note_shown(database, results, now)
    return 0


def _note_written(
    database: Database, test: TestCall, file: Path, results: list[Result], now: datetime
) -> None:
    """First: it names people and their numbers."""
    entry = Entry("test_call.written", f"test_call:{test.id}", detail={"file": file.name})
    database.do(lambda c: append(c, now, [entry]))
    _note_shown(database, results, now)


def _note_shown(database: Database, results: list[Result], now: datetime) -> None:
    persons = {each.line.person_id for each in results if each.line.person_id is not None}
    database.do(lambda c: note_by_command(c, persons, now))


def _commander(connection: Connection, phone: str) -> Person:
    by = people_store.person_by_phone(connection, phone)
    if by is None:
        raise InvalidInput(TestProblem.NO_COMMANDER)
    return replace(by, unproven=False)  # here no account acts


def _plan_facts(planned: TestPlan) -> dict[str, Any]:
    return {
        "division": planned.division_code,
        "channels": {channel.value: count for channel, count in planned.channels.items()},
        "persons": planned.persons,
        "without": planned.without,
        "satellites": planned.satellites,
        "satellites_without_number": planned.nameless_satellites,
        "opens_at": planned.opens_at and planned.opens_at.isoformat(),
        "waits": planned.waits,
    }


def _result_facts(test: TestCall, results: list[Result], total: Any) -> dict[str, Any]:
    return {
        "id": test.id,
        "division": test.division_code,
        "open": test.open,
        "started_at": test.started_at.isoformat(),
        "ends_at": test.ends_at.isoformat(),
        "channels": [channel.value for channel in test.channels],
        "total": total._asdict(),
        "areas": [area._asdict() for area in by_area(results, total.division_code)],
        "addresses": [
            {
                "person": result.line.person_id,
                "division": result.line.division_code,
                "place": result.line.place_code,
                "channel": result.line.channel.value,
                "outcome": result.outcome.value,
                "cause": result.cause and result.cause.value,
                "how": result.line.how and result.line.how.value,
                "tries": result.tries,
                "seconds": result.seconds,
            }
            for result in results
        ],
    }
