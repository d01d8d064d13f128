"""The verb ``response``: an emergency response raised or ended on the command line."""

from __future__ import annotations

import argparse
from contextlib import closing
from dataclasses import replace
from typing import Any, TextIO

import orjson

from alerts.model import RESPONSES, Draft, Family, Level, State
from alerts.responses.raising import end_response, raise_response
from alerts.template_files.holding import texts_in
from bot.config.rules import all_rules
from bot.config.settings import Settings
from bot.console.alerts import meant_area, place_name
from bot.services.clocks import utc_now
from bot.services.opening import open_for_command
from bot.views.vocabulary import headline
from contacts import people_store
from contacts.access import Access
from contacts.divisions.store import load_gazetteer
from contacts.people import Person
from contacts.phones import normalise
from data.database import Connection
from data.errors import NotAllowed

_LEVELS = {
    **{level.value: level for level in Level},
    **dict(zip(("1", "2", "3", "4"), Level, strict=True)),
    **dict(zip(("I", "II", "III", "IV"), Level, strict=True)),
    **dict(zip("ⅠⅡⅢⅣ", Level, strict=True)),
}
_HAZARDS = {hazard.family.value: hazard for hazard in RESPONSES}


def register(verbs: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the parser."""
    parser = verbs.add_parser(
        "response", help="启动、终止应急响应 / raise or end an emergency response"
    )
    parser.add_argument(
        "--command",
        required=True,
        choices=[family.value for family in Family],
        dest="family",
        help="哪个指挥部：flood 防汛，fire 防火 / whose: flood or fire",
    )
    act = parser.add_mutually_exclusive_group(required=True)
    act.add_argument(
        "--level",
        choices=list(_LEVELS),
        metavar="I|II|III|IV",
        help="启动哪一级（也可写 red…blue、1…4）/ the level to raise (or red…blue, 1…4)",
    )
    act.add_argument("--end", action="store_true", help="终止 / end it")
    parser.add_argument(
        "--area",
        required=True,
        metavar="CODE|NAME",
        help="启动响应的区划 / the division whose command raises it",
    )
    parser.add_argument("--text", help="要求；不写用模板 / what it orders; ready words without")
    parser.add_argument(
        "--by", required=True, metavar="PHONE", help="指挥员登记的手机号 / the commander's number"
    )
    parser.add_argument("--exercise", action="store_true", help="演练 / an exercise")
    parser.add_argument("--json", action="store_true", help="输出 JSON / print JSON")
    parser.set_defaults(func=_response)


def _response(arguments: argparse.Namespace, settings: Settings, out: TextIO) -> int:
    every, now = all_rules(settings), utc_now()
    rules, folders = every.warnings, every.folders
    hazard, phone = _HAZARDS[arguments.family], normalise(arguments.by)
    with closing(open_for_command(settings)) as database:
        gazetteer = database.read(load_gazetteer)
        area = meant_area(gazetteer, arguments.area, out)
        if not area:
            return 1
        place = place_name(gazetteer, (area,))

        def ended(connection: Connection) -> dict[str, Any]:
            by = _commander(connection, phone)
            over = end_response(connection, hazard, area, by, now)
            return {"alert": over.id, "state": over.state.value}

        def raised(connection: Connection) -> dict[str, Any]:
            level = _LEVELS[arguments.level]
            draft = Draft(
                level,
                hazard,
                (area,),
                arguments.text or texts_in(connection, area, hazard, level, folders)[0],
                arguments.exercise,
                headline=headline(level, hazard, place, "zh"),
            )
            by = _commander(connection, phone)
            done = raise_response(connection, draft, by, rules, now)
            return {"alert": done.alert_id, "state": done.state.value, "calls": done.calls}

        facts = database.do(ended if arguments.end else raised)
    if arguments.json:
        out.write(orjson.dumps(facts).decode() + "\n")
        return 0
    number = facts["alert"]
    if arguments.end:
        print(f"应急响应 {number} 已终止 / response {number} ended", file=out)
    elif facts["state"] == State.PENDING.value:
        print(
            f"应急响应 {number} 等待第二人确认 / response {number} waits for a second "
            "commander's confirmation",
            file=out,
        )
    else:
        print(
            f"应急响应 {number} 已启动：叫应 {facts['calls']} 人"
            f" / response {number} raised: {facts['calls']} calls",
            file=out,
        )
    return 0


def _commander(connection: Connection, phone: str) -> Person:
    by = people_store.person_by_phone(connection, phone)
    if by is None:
        raise NotAllowed(Access.NOT_LINKED, phone=phone)
    return replace(by, unproven=False)  # here no account acts
