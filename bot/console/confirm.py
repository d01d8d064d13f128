"""``jiaoying confirm AREA``: everybody there is asked whether it is still them; who is silent."""

from __future__ import annotations

import argparse
from contextlib import closing
from datetime import datetime
from typing import Any, TextIO

import orjson

from alerts.roster_checks import asking, store
from alerts.roster_checks.model import DAYS, CheckCounts, RosterCheck
from bot.config.settings import Settings
from bot.console.divisions import division_meant
from bot.locale import translator
from bot.services.clocks import utc_now
from bot.services.opening import open_for_command
from bot.views.problems import problem
from bot.views.roster.checks import count_lines, lost
from bot.views.vocabulary import post_name
from contacts.divisions.gazetteer import Gazetteer
from contacts.divisions.store import known_divisions
from contacts.people import Person
from data.database import Connection
from data.errors import InvalidInput


def register(verbs: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the parser."""
    words = "名册核对：问每个人还是不是他、还管不管这里 / ask everybody: still you, still there?"
    verb = verbs.add_parser("confirm", help=words, description=words)
    verb.add_argument("division", help="区划代码或名称 / code or name")
    verb.add_argument("--days", type=int, default=DAYS, help="几天内回答 / days to answer in")
    verb.add_argument(
        "--status", action="store_true", help="只看结果和没回答的人 / only how it stands"
    )
    verb.add_argument("--json", action="store_true", help="输出 JSON / print JSON")
    verb.add_argument("--language", choices=("zh", "en"), default="zh", help="语言 / language")
    verb.set_defaults(func=_run)


def _run(arguments: argparse.Namespace, settings: Settings, out: TextIO) -> int:
    language: str = arguments.language
    _ = translator(language)
    with closing(open_for_command(settings)) as database:
        gazetteer = database.read(known_divisions)
        division = division_meant(
            gazetteer, arguments.division, language, out, careful=not arguments.status
        )
        if division is None:
            return 1
        code, now = division.code, utc_now()
        begun = False
        if not arguments.status:
            try:
                started = database.do(lambda c: asking.start(c, None, code, now, arguments.days))
            except InvalidInput as error:
                out.write(problem(error, language) + "\n")
                return 1
            begun = started.new
            if begun and not arguments.json:
                words = _("已开始核对：机器人正在问 {asked} 人。要有 jiaoying run 在运行。")
                out.write(words.format(asked=started.asked) + "\n")
        found = database.read(lambda c: _found(c, code))
    if found is None:
        out.write(_("这里还没有核对过名册。") + "\n")
        return 1
    check, counts, silent = found
    if arguments.json:
        facts = {"division": code, "begun": begun, **_facts(check, counts, silent)}
        out.write(orjson.dumps(facts).decode() + "\n")
        return 0
    out.write(gazetteer.path(code) + "\n")
    out.writelines(line + "\n" for line in count_lines(check, counts, language, settings.time.info))
    if not begun:
        out.writelines(_lines(silent, gazetteer, language))
    return 0


def _found(
    connection: Connection, code: str
) -> tuple[RosterCheck, CheckCounts, list[Person]] | None:
    check = store.newest(connection, code)
    if check is None:
        return None
    return check, store.counts(connection, check.id, code), store.silent(connection, check, code)


def _lines(silent: list[Person], gazetteer: Gazetteer, language: str) -> list[str]:
    _ = translator(language)
    return [
        _("  没回答：{place} {post} {name}").format(
            place=gazetteer.path(person.division_code),
            post=post_name(person, language),
            name=person.name,
        )
        + lost(person, language)
        + "\n"
        for person in silent
    ]


def _facts(check: RosterCheck, counts: CheckCounts, silent: list[Person]) -> dict[str, Any]:
    return {
        "id": check.id,
        "asks": check.division_code,
        "open": check.open,
        "started_at": _time(check.started_at),
        "ends_at": _time(check.ends_at),
        "asked": counts.asked,
        "yes": counts.yes,
        "elsewhere": counts.elsewhere,
        "not_me": counts.not_me,
        "silent": counts.silent,
        "unreachable": counts.unreachable,
        "persons_silent": [
            {
                "id": person.id,
                "name": person.name,
                "division": person.division_code,
                "role": person.role.value,
                "reachable": person.reachable,
            }
            for person in silent
        ],
    }


def _time(at: datetime) -> str:
    return at.isoformat()
