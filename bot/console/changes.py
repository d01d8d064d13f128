"""The verbs that change a warning that runs: ``update``, ``lift``, ``cancel``."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, TextIO

import orjson

from alerts.closing import cancel, lift
from alerts.lifecycle import Change
from alerts.lookup import known_alert
from alerts.model import Alert, Level
from alerts.updates.changing import changed, update
from alerts.updates.model import Changed, Updated
from bot.compose.written_spans import moment_at_start
from bot.config.rules import all_rules
from bot.config.settings import Settings
from bot.console.alerts import meant_area, place_name
from bot.console.drawn_areas import Drawn, add_drawn_areas, drawn_area
from bot.services.clocks import utc_now
from bot.services.opening import open_for_command
from bot.views.vocabulary import headline, kind_name
from contacts import people_store
from contacts.access import Access
from contacts.divisions.area_lists import difference, narrowed, only, widened
from contacts.divisions.codes import overlap
from contacts.divisions.gazetteer import Gazetteer
from contacts.divisions.store import load_gazetteer
from contacts.people import Person
from contacts.phones import normalise
from data.database import Connection, Database
from data.errors import NotAllowed

_BY = "谁决定：其登记的手机号 / the deciding commander's phone number"
_NUMBER = "预警编号 / its number"
_JSON = "输出 JSON / print JSON"


def register(verbs: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the parsers."""
    updating = verbs.add_parser(
        "update", help="变更预警：升级、更正、延长、扩大、缩小 / change a warning that runs"
    )
    updating.add_argument("alert", type=int, help=_NUMBER)
    levels = [level.value for level in Level]
    updating.add_argument("--level", choices=levels, help="改为哪一级 / the new level")
    updating.add_argument("--text", help="更正后的正文 / what it is to say")
    ends = updating.add_mutually_exclusive_group()
    ends.add_argument("--hours", type=float, metavar="N", help="延长几小时 / so much longer")
    ends.add_argument(
        "--until", metavar="TIME", help="延长到（如 22:00、30日8时） / until when it is to hold"
    )
    for name, words in (
        ("add", "扩大到这些区划 / areas to add"),
        ("remove", "去掉这些区划 / areas to leave out"),
        ("only", "只留这些区划 / areas that stay, and no others"),
    ):
        updating.add_argument(f"--{name}", default="", metavar="CODE|NAME[,...]", help=words)
    add_drawn_areas(updating)
    updating.add_argument("--note", default="", help="为什么，进留痕 / why, for the trail")
    updating.add_argument("--by", required=True, metavar="PHONE", help=_BY)
    updating.add_argument(
        "--preview", action="store_true", help="只看会怎样，不变更 / say only what it would do"
    )
    updating.add_argument("--json", action="store_true", help=_JSON)
    updating.set_defaults(func=_update)
    lifting = verbs.add_parser(
        "lift", help="解除预警：灾害过程结束 / lift a warning: what it warned of is over"
    )
    lifting.set_defaults(func=_lift)
    cancelling = verbs.add_parser(
        "cancel", help="取消预警：发错了 / cancel a warning: it should not have been issued"
    )
    cancelling.set_defaults(func=_cancel)
    for verb in (lifting, cancelling):
        verb.add_argument("alert", type=int, help=_NUMBER)
        verb.add_argument("--by", required=True, metavar="PHONE", help=_BY)
        verb.add_argument("--json", action="store_true", help=_JSON)


def _update(arguments: argparse.Namespace, settings: Settings, out: TextIO) -> int:
    rules, now = all_rules(settings).warnings, utc_now()
    with closing(open_for_command(settings)) as database:
        gazetteer = database.read(load_gazetteer)
        alert = database.read(lambda c: known_alert(c, arguments.alert))
        drawn = drawn_area(arguments, settings, database, gazetteer, normalise(arguments.by), out)
        if isinstance(drawn, int):
            return drawn
        change = _change(arguments, alert, gazetteer, now, settings, out, drawn)
        if change is None:
            return 1

        def look(connection: Connection) -> Changed:
            by = _person(connection, arguments.by)
            return changed(connection, alert.id, change, by, rules, now)

        counted = database.read(look)
        if arguments.preview:
            _say(counted, None, arguments.json, out)
            return 0
        updated = database.do(
            lambda c: update(
                c, alert.id, change, _person(c, arguments.by), rules, now, counted=counted
            )
        )
    _say(counted, updated, arguments.json, out)
    return 0


def _person(connection: Connection, phone: str) -> Person:
    """Whoever decides.

    :raises NotAllowed: nobody of the roster has this number.
    """
    by = people_store.person_by_phone(connection, normalise(phone))
    if by is None:
        raise NotAllowed(Access.NOT_LINKED, phone=phone)
    return replace(by, unproven=False)  # here no account acts


def _change(
    arguments: argparse.Namespace,
    alert: Alert,
    gazetteer: Gazetteer,
    now: datetime,
    settings: Settings,
    out: TextIO,
    drawn: Drawn,
) -> Change | None:
    """The change that is asked for; ``None``: something of it is not understood, and was said.

    :param drawn: what lies in a drawing or along water, to be added.
    """
    until = None
    if arguments.until:
        read = moment_at_start(arguments.until, now, settings.time.info)
        if read is None:
            print(
                f"看不懂 --until {arguments.until}；例如 22:00、30日8时"
                " / no time; for example 22:00",
                file=out,
            )
            return None
        until = read.until
    longer = None if arguments.hours is None else timedelta(hours=arguments.hours)
    named: dict[str, list[str]] = {}
    for name in ("add", "remove", "only"):
        words = [word.strip() for word in getattr(arguments, name).split(",") if word.strip()]
        named[name] = [meant_area(gazetteer, word, out) for word in words]
        if not all(named[name]):
            return None

    def children(code: str) -> list[str]:
        return [child.code for child in gazetteer.children(code)]

    areas = only(alert.areas, named["only"]) if named["only"] else alert.areas
    coming = [*named["add"], *drawn.areas]
    areas = widened(narrowed(areas, named["remove"], children), coming, children)
    add, remove = difference(alert.areas, areas, children)
    # What is no part of the warning is left for the rules to refuse.
    meant = (*named["remove"], *named["only"])
    remove += tuple(code for code in meant if not overlap(alert.areas, [code]))
    level = None if arguments.level is None else Level(arguments.level)
    renamed = (level is not None or add or remove) and not alert.places
    place = place_name(gazetteer, areas)
    return Change(
        level=level,
        text=arguments.text,
        headline=headline(level or alert.level, alert.hazard, place, "zh") if renamed else None,
        longer=longer,
        expires_at=until,
        add=add,
        remove=remove,
        note=arguments.note,
        drawn="" if named["add"] else drawn.shape,
    )


def _say(counted: Changed, updated: Updated | None, as_json: bool, out: TextIO) -> None:
    kinds = [kind.value for kind in counted.kinds]
    facts = {
        "kinds": kinds,
        "asked": counted.asked,
        "called": counted.called,
        "told": counted.told,
        "stood_down": counted.stood_down,
        "expires_at": counted.after.expires_at.isoformat(),
        "version": None if updated is None else updated.version,
        "pending": None if updated is None else updated.pending,
    }
    if as_json:
        out.write(orjson.dumps(facts).decode() + "\n")
        return
    what = "、".join(kind_name(kind, "zh") for kind in counted.kinds)
    if updated is None:
        head = f"还没有变更；会是：{what} / nothing was changed; it would be: {', '.join(kinds)}"
    elif updated.pending is not None:
        head = (
            f"{what}：等待第二人确认，原来的预警照样有效"
            f" / {', '.join(kinds)}: waits for a second commander's confirmation"
        )
    else:
        head = (
            f"已变更（第 {updated.version} 版）：{what}"
            f" / changed (version {updated.version}): {', '.join(kinds)}"
        )
    print(head, file=out)
    print(
        f"    新叫应 {counted.called}  重新叫应 {counted.asked}  只告知 {counted.told}  "
        f"停叫 {counted.stood_down}",
        file=out,
    )


def _lift(arguments: argparse.Namespace, settings: Settings, out: TextIO) -> int:
    alert = _end(arguments, settings, lift)
    words = f"预警 {alert.id} 已解除，收到过的人都会收到解除通知 / alert {alert.id} lifted"
    _say_ended(alert, words, arguments.json, out)
    return 0


def _cancel(arguments: argparse.Namespace, settings: Settings, out: TextIO) -> int:
    alert = _end(arguments, settings, cancel)
    words = f"预警 {alert.id} 已取消，收到过的人最先收到取消通知 / alert {alert.id} cancelled"
    _say_ended(alert, words, arguments.json, out)
    return 0


def _end(
    arguments: argparse.Namespace,
    settings: Settings,
    end: Callable[[Connection, int, Person, datetime], Alert],
) -> Alert:
    now = utc_now()
    with closing(open_for_command(settings)) as opened:
        database: Database = opened
        return database.do(lambda c: end(c, arguments.alert, _person(c, arguments.by), now))


def _say_ended(alert: Alert, words: str, as_json: bool, out: TextIO) -> None:
    if as_json:
        facts: dict[str, Any] = {"alert": alert.id, "state": alert.state.value}
        out.write(orjson.dumps(facts).decode() + "\n")
    else:
        print(words, file=out)
