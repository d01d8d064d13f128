"""The verbs about warnings: ``release``, ``status``, ``report``."""

from __future__ import annotations

import argparse
from collections.abc import Collection, Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any, TextIO

import orjson

from alerts import alert_store, report
from alerts.headquarters import headquarters_name, nearest_service
from alerts.lookup import AlertProblem
from alerts.loop.evacuation import standing
from alerts.loop.evacuation.counting import Figures
from alerts.loop.mechanism import store as mechanism_store
from alerts.loop.mechanism.standing import Answer, Owing
from alerts.model import RELEASED_BY_NAME, Alert, Draft, Hazard, Level, State
from alerts.release import release
from bot.config.rules import all_rules
from bot.config.settings import Settings
from bot.console.divisions import division_meant
from bot.console.drawn_areas import add_drawn_areas, drawn_area
from bot.services.clocks import utc_now
from bot.services.opening import open_for_command
from bot.views.vocabulary import grade_name, headline, state_name
from contacts import people_store, place_store
from contacts.access import Access
from contacts.access_log_store import note_by_command
from contacts.divisions.codes import contains
from contacts.divisions.gazetteer import Gazetteer
from contacts.divisions.store import load_gazetteer
from contacts.divisions.wording import areas_in_words
from contacts.phones import normalise
from contacts.places import KnownPlaces
from contacts.roster.columns import KIND_WORDS
from data.database import Connection
from data.errors import InvalidInput, NotAllowed, NotFound
from data.private_files import write_private

_JSON = "输出 JSON / print JSON"
_OUTPUT = "写到哪个文件 / the file to write"


def register(verbs: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the parsers."""
    releasing = verbs.add_parser("release", help="发布预警 / release a warning")
    levels, hazards = (
        [level.value for level in Level],
        [hazard.value for hazard in RELEASED_BY_NAME],
    )
    releasing.add_argument("--level", required=True, choices=levels, help="级别 / level")
    releasing.add_argument("--hazard", required=True, choices=hazards, help="灾种 / hazard")
    releasing.add_argument(
        "--area",
        default="",
        metavar="CODE|NAME[,...]",
        help="区划代码或名称，逗号分隔 / codes or names of divisions, by commas",
    )
    releasing.add_argument(
        "--places",
        default="",
        metavar="CODE|KIND[,...]",
        help="只叫应这些地点的人：编号、名称或类型（水库 等）；不写 --area 即这些地点所在区划"
        " / only those who answer for these places: codes, names or kinds (reservoir …);"
        " their divisions without --area",
    )
    add_drawn_areas(releasing)
    releasing.add_argument("--text", required=True, help="预警正文 / what the warning says")
    releasing.add_argument(
        "--by",
        required=True,
        metavar="PHONE",
        help="谁发布：其登记的手机号 / the releasing commander's phone number",
    )
    releasing.add_argument("--exercise", action="store_true", help="演练 / an exercise")
    releasing.add_argument(
        "--signal",
        metavar="NAME",
        help='引用谁的气象信号；不写为本级气象台，"" 为不引用'
        ' / whose weather signal it quotes; the nearest service without, "" is none',
    )
    releasing.add_argument("--lead", type=int, metavar="MINUTES", help="提前量 / minutes ahead")
    releasing.add_argument("--json", action="store_true", help=_JSON)
    releasing.set_defaults(func=_release)

    status = verbs.add_parser("status", help="态势 / who has answered")
    status.add_argument(
        "alert", nargs="?", type=int, help="预警编号；不写则列出全部 / its number; all without"
    )
    status.add_argument("--json", action="store_true", help=_JSON)
    status.set_defaults(func=_status)

    reporting = verbs.add_parser("report", help="预警报告 / the report of a warning")
    reporting.add_argument("alert", type=int, help="预警编号 / its number")
    reporting.add_argument(
        "-o", "--output", required=True, type=Path, metavar="F.xlsx|F.pdf", help=_OUTPUT
    )
    reporting.add_argument(
        "--ledger",
        action="store_true",
        help="叫应台账（XLSX，可上报）；-o 为目录时自动取名"
        " / the ledger of calls, to file upward (XLSX); -o may be a folder",
    )
    reporting.add_argument("--language", choices=("zh", "en"), default="zh", help="语言 / language")
    reporting.set_defaults(func=_report)


def _listed(text: str) -> tuple[str, ...]:
    return tuple(word.strip() for word in text.split(",") if word.strip())


def meant_area(gazetteer: Gazetteer, text: str, out: TextIO) -> str:
    """The code of the division that ``text`` names; empty where it names none or several, and said.

    A code stays as it is: whether there is such a division, the release says.
    """
    if text.isascii() and text.isdigit():
        return text
    division = division_meant(gazetteer, text, "zh", out, careful=True)
    return division.code if division else ""


def meant_place(known: KnownPlaces, text: str, areas: Collection[str]) -> str:
    """The code of a place or the word of a kind that ``text`` means; as it is where none is clear.

    :param areas: of several of one name the one in these divisions is meant.
    """
    kind = KIND_WORDS.get(text)
    found = known.find(text)
    if len(found) > 1 and areas:
        found = [
            place for place in found if any(contains(area, place.division_code) for area in areas)
        ]
    if len(found) == 1:
        return found[0].code
    return text if kind is None else kind.value


def place_name(gazetteer: Gazetteer, areas: tuple[str, ...]) -> str:
    """The names of the areas that exist, in one line."""
    return areas_in_words(gazetteer, [code for code in areas if code in gazetteer])


def _release(arguments: argparse.Namespace, settings: Settings, out: TextIO) -> int:
    rules, headquarters = all_rules(settings).warnings, all_rules(settings).headquarters
    now = utc_now()
    areas, places = _listed(arguments.area), _listed(arguments.places)
    level, hazard = Level(arguments.level), Hazard(arguments.hazard)
    phone = normalise(arguments.by)
    with closing(open_for_command(settings)) as database:
        gazetteer = database.read(load_gazetteer)
        meant = [meant_area(gazetteer, word, out) for word in areas]
        areas = tuple(filter(None, meant))
        if len(areas) < len(meant):
            return 1
        drawn = drawn_area(arguments, settings, database, gazetteer, phone, out)
        if isinstance(drawn, int):
            return drawn
        areas = (*areas, *(area for area in drawn.areas if area not in areas))
        known = database.read(place_store.known_places)
        places = tuple(meant_place(known, word, areas) for word in places)
        named = [place for code in places if (place := known.get(code)) is not None]
        areas = areas or tuple(dict.fromkeys(place.division_code for place in named))
        where = "、".join(place.name for place in named) or place_name(gazetteer, areas)
        draft = Draft(
            level,
            hazard,
            areas,
            arguments.text,
            arguments.exercise,
            arguments.lead,
            headline(level, hazard, where, "zh"),
            places=places,
            besides=drawn.besides,
            shape=drawn.shape,
        )

        def unit(connection: Connection) -> Any:
            by = people_store.person_by_phone(connection, phone)
            if by is None:
                raise NotAllowed(Access.NOT_LINKED, phone=phone)
            by = replace(by, unproven=False)  # here no account acts
            service = arguments.signal
            if service is None:
                service = nearest_service(headquarters, by.division_code, hazard, gazetteer.name)
            return release(connection, replace(draft, issued_by=service), by, rules, now)

        released = database.do(unit)
    facts = {
        "alert": released.alert_id,
        "state": released.state.value,
        "calls": released.calls,
        "groups": released.groups,
    }
    if arguments.json:
        out.write(orjson.dumps(facts).decode() + "\n")
    elif released.state is State.PENDING:
        print(
            f"预警 {released.alert_id} 等待第二人确认 / alert {released.alert_id} waits for a "
            "second commander's confirmation",
            file=out,
        )
    else:
        print(
            f"预警 {released.alert_id} 已发布：叫应 {released.calls} 人，{released.groups} 个群"
            f" / alert {released.alert_id} released: {released.calls} calls, "
            f"{released.groups} groups",
            file=out,
        )
    return 0


def alert_facts(connection: Connection, alert: Alert, settings: Settings) -> dict[str, Any]:
    """One alert as ``status --json`` gives it."""
    counts = report.progress(connection, alert)
    policy = all_rules(settings).warnings.policies[alert.level]
    over = (
        report.overdue(connection, alert, policy.remind, utc_now())
        if alert.state is State.RELEASED
        else 0
    )
    moving = standing.evacuation_of(connection, alert)
    return {
        "id": alert.id,
        "headline": alert.headline,
        "hazard": alert.hazard.value,
        "level": alert.level.value,
        "status": alert.state.value,
        "held": alert.held,
        "released_at": None if alert.released_at is None else alert.released_at.isoformat(),
        "calls": counts.calls,
        "acknowledged": counts.acknowledged,
        "proxied": counts.proxied,
        "reported": counts.reported,
        "overdue": over,
        "unreachable": counts.unreachable,
        "closed": counts.closed,
        "identifier": alert.identifier,
        "exercise": alert.exercise,
        "departments": _departments(connection, alert),
        **{
            f"{name}_{what}": figures[number]
            for name, figures in (
                ("to_move", moving.target),
                (
                    "moved",
                    moving.moved if moving.any else Figures(counts.households, counts.persons),
                ),
                ("still_to_move", moving.left),
            )
            for number, what in enumerate(("households", "persons"))
        },
    }


def _departments(connection: Connection, alert: Alert) -> dict[str, int]:
    """How the departments that it called stand: counted, none by name."""
    found = mechanism_store.of_alert(connection, alert.id, utc_now())
    owing = sum((one.owing for one in found), Owing())
    return {
        "called": len(found),
        "answered": sum(one.answer is Answer.ANSWERED for one in found),
        "tasks": owing.every,
        "tasks_done": owing.handed_in,
        "tasks_overdue": owing.overdue,
    }


def _in_all(connection: Connection, alerts: Sequence[Alert]) -> dict[str, int]:
    """Who is to move in all warnings in force, each village once."""
    found = standing.evacuation_in_all(connection, [alert for alert in alerts if alert.in_force])
    return {
        f"{name}_{what}": figures[number]
        for name, figures in (
            ("to_move", found.target),
            ("moved", found.moved),
            ("still_to_move", found.left),
        )
        for number, what in enumerate(("households", "persons"))
    }


def _status(arguments: argparse.Namespace, settings: Settings, out: TextIO) -> int:
    def facts(connection: Connection) -> tuple[list[dict[str, Any]], dict[str, int]]:
        if arguments.alert is None:
            found = alert_store.alerts(connection)
        else:
            alert = alert_store.alert(connection, arguments.alert)
            if alert is None:
                raise NotFound(AlertProblem.UNKNOWN, alert=arguments.alert)
            found = [alert]
        told = [alert_facts(connection, alert, settings) for alert in found]
        return told, _in_all(connection, found)

    with closing(open_for_command(settings)) as database:
        told, in_all = database.read(facts)
    if arguments.json:
        out.write(orjson.dumps({"alerts": told, "in_all": in_all}).decode() + "\n")
        return 0
    if not told:
        print("没有预警 / no alerts", file=out)
    for row in told:
        hazard, state = Hazard(row["hazard"]), State(row["status"])
        grade = grade_name(hazard, Level(row["level"]), "zh")
        head = f"{row['id']}  {row['headline']}  {grade}  {state_name(state, hazard, 'zh')}"
        if row["held"]:
            head += "  停住了，等人决定是否还要发 / held until somebody decides"
        if state is State.PENDING:
            print(f"{head}\n    还没有叫应任何人 / nobody is called yet", file=out)
            continue
        print(
            f"{head}\n"
            f"    叫应 {row['calls']}  收到 {row['acknowledged']}  代答 {row['proxied']}  "
            f"已反馈 {row['reported']}  超时 {row['overdue']}  联系不上 {row['unreachable']}",
            file=out,
        )
        if row["to_move_households"]:
            print(
                f"    应转 {row['to_move_households']} 户 {row['to_move_persons']} 人  "
                f"已转 {row['moved_households']} 户 {row['moved_persons']} 人  "
                f"未转 {row['still_to_move_households']} 户 {row['still_to_move_persons']} 人",
                file=out,
            )
    return 0


def _report(arguments: argparse.Namespace, settings: Settings, out: TextIO) -> int:
    from alerts.report_facts import ReportProblem, report_facts
    from bot.views.rare_characters import rare_character_lines
    from bot.views.report.ledger import as_ledger, ledger_name
    from bot.views.report.pdf import as_pdf, unprintable
    from bot.views.report.xlsx import as_xlsx

    output, language, zone = arguments.output, arguments.language, settings.time.info
    in_folder = arguments.ledger and output.is_dir()
    kinds = {".xlsx": as_xlsx} if arguments.ledger else {".xlsx": as_xlsx, ".pdf": as_pdf}
    write = as_xlsx if in_folder else kinds.get(output.suffix.lower())
    if write is None:
        problem = ReportProblem.LEDGER_FORMAT if arguments.ledger else ReportProblem.FORMAT
        raise InvalidInput(problem, file=output.name)
    with closing(open_for_command(settings)) as database:
        gazetteer = database.read(load_gazetteer)
        facts = database.read(lambda c: report_facts(c, arguments.alert, gazetteer))
        now = utc_now()
        if arguments.ledger:
            office = database.read(lambda c: _office(c, facts.alert, settings, gazetteer))
            content = as_ledger(facts, gazetteer, office, language, now, zone)
        else:
            content = write(facts, language, zone)
        if in_folder:
            output = output / ledger_name(facts, language, zone)
        called = {line.call.person_id for line in facts.calls}
        # First: no report leaves without its entry.
        database.do(lambda c: report.note_written(c, arguments.alert, output.name, now))
        database.do(lambda c: note_by_command(c, called, now))
        try:
            write_private(output, content)
        except OSError as error:
            raise InvalidInput(
                ReportProblem.UNWRITABLE, file=str(output), reason=error.strerror
            ) from error
    print(f"已写入 / written: {output}", file=out)
    if write is as_pdf:
        found = unprintable(facts, language, zone)
        for line in rare_character_lines(found, language):
            print(line, file=out)
    return 0


def _office(connection: Connection, alert: Alert, settings: Settings, gazetteer: Gazetteer) -> str:
    """The headquarters that released the warning; its division where none has a name."""
    sender = people_store.person(connection, alert.sender_id)
    if sender is None:
        return ""
    place = gazetteer.name(sender.division_code)
    known = all_rules(settings).headquarters
    return headquarters_name(known, sender.division_code, alert.hazard.family, place) or place
