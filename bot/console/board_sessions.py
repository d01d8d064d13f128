"""``jiaoying board sessions|revoke``: which browsers show the command board, and ending that."""

from __future__ import annotations

import argparse
from contextlib import closing
from typing import Any, TextIO

import orjson

from bot.config.settings import Settings
from bot.services.clocks import utc_now
from bot.services.opening import open_for_command
from bot.views.clock import day_clock
from contacts import board_link_store, people_store
from contacts.divisions.store import load_gazetteer
from contacts.linking import LinkRefusal
from contacts.phones import masked, normalise
from data import audit
from data.database import Connection
from data.errors import NotAllowed

_ADDRESSES = {"loopback": "本机", "private": "内网", "public": "外网", "unknown": "未知"}


def register(verbs: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the parsers."""
    board = verbs.add_parser("board", help="指挥大屏的会话 / sessions of the command board")
    what = board.add_subparsers(required=True)
    listing = what.add_parser("sessions", help="谁的屏幕开着 / whose screens are open")
    listing.add_argument("--json", action="store_true", help="输出 JSON / print JSON")
    listing.set_defaults(func=_sessions)
    ending = what.add_parser("revoke", help="结束会话，链接一并作废 / end sessions and void links")
    which = ending.add_mutually_exclusive_group(required=True)
    which.add_argument("session", nargs="?", type=int, help="会话编号 / the session's number")
    which.add_argument("--person", metavar="PHONE", help="此人的全部 / all of this person")
    which.add_argument("--all", action="store_true", help="全部 / all there are")
    ending.set_defaults(func=_revoke)


def _sessions(arguments: argparse.Namespace, settings: Settings, out: TextIO) -> int:
    def look(c: Connection) -> list[dict[str, Any]]:
        gazetteer = load_gazetteer(c)
        found = board_link_store.sessions(c, utc_now())
        people = people_store.people(c, [session.person_id for session in found])
        return [
            {
                "session": session.link_id,
                "name": people[session.person_id].name,
                "division": people[session.person_id].division_code,
                "place": gazetteer.path(people[session.person_id].division_code),
                "address": session.address,
                "opened_at": session.opened_at.isoformat(),
                "until": session.until.isoformat(),
                "times": (session.opened_at, session.until),
            }
            for session in found
        ]

    with closing(open_for_command(settings)) as database:
        rows = database.read(look)
    times = [row.pop("times") for row in rows]
    if arguments.json:
        out.write(orjson.dumps({"sessions": rows}).decode() + "\n")
        return 0
    if not rows:
        print("没有打开的大屏 / no board is open", file=out)
    zone = settings.time.info
    for row, (opened_at, until) in zip(rows, times, strict=True):
        print(
            f"{row['session']}  {row['name']}  {row['place']}  {_ADDRESSES[row['address']]}  "
            f"{day_clock(opened_at, zone)} – {day_clock(until, zone)}",
            file=out,
        )
    return 0


def _revoke(arguments: argparse.Namespace, settings: Settings, out: TextIO) -> int:
    now = utc_now()

    def unit(c: Connection) -> int:
        subject, detail = "board", {}
        if arguments.all:
            ended = board_link_store.end_everything(c)
        elif arguments.person is not None:
            phone = normalise(arguments.person)
            person = people_store.person_by_phone(c, phone)
            if person is None:
                raise NotAllowed(LinkRefusal.NO_SUCH_NUMBER, phone=masked(phone))
            ended = len(board_link_store.end_everything_of(c, person.id))
            subject = f"person:{person.id}"
        else:
            ended = int(board_link_store.end_session(c, arguments.session))
            detail = {"link": arguments.session}
        if ended:
            entry = audit.Entry("board.revoked", subject, None, {**detail, "ended": ended})
            audit.append(c, now, [entry])
        return ended

    with closing(open_for_command(settings)) as database:
        ended = database.do(unit)
    print(f"已结束 {ended} 个会话 / {ended} sessions ended", file=out)
    return 0 if ended or arguments.session is None else 1
