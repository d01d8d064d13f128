"""``jiaoying person ...``: who leaves, and whose account it is."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import Any, TextIO

import orjson

from alerts import alert_store, open_calls_store
from alerts.accounts import forget, untie
from alerts.joining import join_by_approval
from alerts.report_facts import ReportProblem
from bot.config.rules import all_rules
from bot.config.settings import Settings
from bot.console import posts, renumbering
from bot.messages.accounts import tell_account
from bot.services.clocks import utc_now
from bot.services.opening import open_for_command
from bot.views import membership
from bot.views.clock import day_clock
from bot.views.vocabulary import held_name
from contacts import access_log_store, people_store
from contacts.access_log_store import Shown
from contacts.divisions.store import load_gazetteer
from contacts.group_store import all_groups
from contacts.link_store import requests_of
from contacts.linking import LinkRefusal, renew_code, unblock, wanted_by
from contacts.people import RIGHTS, Person
from contacts.personal_store import everything_about
from contacts.phones import masked, normalise
from data import audit
from data.database import Connection
from data.errors import InvalidInput, NotAllowed
from data.private_files import write_private

_Act = Callable[[Connection, int, datetime], bool]


def _retire(c: Connection, person_id: int, now: datetime) -> bool:
    return untie(c, person_id, now, leaves=True)


def _unlink(c: Connection, person_id: int, now: datetime) -> bool:
    return untie(c, person_id, now, leaves=False)


# verb: what it does, its help, said when it was done, said when there was nothing to do.
_VERBS: dict[str, tuple[_Act, str, str, str]] = {
    "retire": (
        _retire,
        "离任：停用并解除绑定 / leaves: out of the roster, untied",
        "已停用并解除绑定 / out of the roster, account untied",
        "本来就不在名单上 / was out of the roster already",
    ),
    "unlink": (
        _unlink,
        "解除绑定，换新邀请码，原账号不能再绑定 / untie and shut out the account, new invitation",
        "已解除绑定，原邀请单作废，原账号不能再绑定；要恢复：jiaoying person unblock"
        " / account untied and shut out, the old invitation is void",
        "本来就没有绑定 / was not linked",
    ),
    "unblock": (
        unblock,
        "原账号又可以绑定 / let the accounts that were untied link again",
        "原账号又可以绑定 / the accounts may link again",
        "没有被停止绑定的账号 / no account of theirs is shut out",
    ),
    "renew": (
        renew_code,
        "邀请单丢了：换邀请码 / a sheet was lost: a new invitation",
        "已换邀请码，原邀请单作废 / new invitation, the old one is void",
        "已经绑定，邀请码早已用掉 / is linked, the invitation is spent",
    ),
}


_WHAT = {"phone": "电话 number", "position": "位置 position", "photo": "照片 photo"}
_WAYS = {
    "bot": "机器人 bot",
    "board": "大屏 board",
    "group": "群 group",
    "command": "命令行 command line",
}


def register(verbs: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the parsers."""
    person = verbs.add_parser("person", help="离任、解除绑定 / who leaves, untie an account")
    what = person.add_subparsers(required=True)
    for name, (_, words, _done, _nothing) in _VERBS.items():
        verb = what.add_parser(name, help=words)
        verb.add_argument("phone", help="电话 / the person's number")
        verb.set_defaults(func=_run, verb=name)
    renumbering.register(what)
    posts.register(what)
    exporting = what.add_parser("export", help="导出本人信息（JSON） / all that is stored of them")
    exporting.add_argument("phone", help="电话 / the person's number")
    exporting.add_argument("--output", type=Path, help="写到哪个文件 / the file to write")
    exporting.set_defaults(func=_export)
    erasing = what.add_parser(
        "erase",
        help="删除姓名、电话、账号、位置；记录只剩编号，不能恢复 / forget who they were, for good",
    )
    erasing.add_argument("phone", help="电话 / the person's number")
    erasing.add_argument(
        "--yes", action="store_true", help="仍在岗、有未了结的叫应也删除 / although still in use"
    )
    erasing.set_defaults(func=_erase)
    seeing = what.add_parser("seen", help="谁看过此人的电话、位置 / who was shown what of them")
    seeing.add_argument("phone", help="电话 / the person's number")
    seeing.add_argument("--json", action="store_true", help="输出 JSON / print JSON")
    seeing.set_defaults(func=_seen)
    approving = what.add_parser(
        "approve", help="批准绑定有权限的职务 / approve the account of a post with rights"
    )
    approving.add_argument("phone", help="电话 / the person's number")
    approving.add_argument(
        "--account", type=int, help="账号编号；只有一个申请时可不写 / if there are several"
    )
    approving.set_defaults(func=_approve)


def _export(arguments: argparse.Namespace, settings: Settings, out: TextIO) -> int:
    """Everything that is stored about a person, for them to read."""
    phone, now = normalise(arguments.phone), utc_now()

    def unit(c: Connection) -> dict[str, Any]:
        person = _person_of(c, phone)
        entry = audit.Entry("person.exported", f"person:{person.id}")
        audit.append(c, now, [entry])
        told = everything_about(c, person.id)
        for what in (Shown.PHONE, Shown.POSITION):
            if what is Shown.PHONE or "positions" in told:
                access_log_store.note_by_command(c, [person.id], now, what)
        return told

    with closing(open_for_command(settings)) as database:
        told = orjson.dumps(database.do(unit), option=orjson.OPT_INDENT_2)
    if arguments.output is None:
        out.write(told.decode() + "\n")
        return 0
    try:
        write_private(arguments.output, told)
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise InvalidInput(
            ReportProblem.UNWRITABLE, file=str(arguments.output), reason=reason
        ) from error
    print(f"已写入 / written: {arguments.output}", file=out)
    return 0


def _seen(arguments: argparse.Namespace, settings: Settings, out: TextIO) -> int:
    """Who was shown the person's number, position or photos."""
    phone = normalise(arguments.phone)

    def look(c: Connection) -> list[dict[str, Any]]:
        looks = access_log_store.of_person(c, _person_of(c, phone).id)
        people = people_store.people(c, {seen.viewer_id for seen in looks if seen.viewer_id > 0})
        groups = {group.chat_id: group.title for group in all_groups(c)}
        return [
            {
                "at": seen.at.isoformat(),
                "shown": day_clock(seen.at, settings.time.info),
                "viewer": seen.operator
                or groups.get(seen.viewer_id)
                or (people[seen.viewer_id].name if seen.viewer_id in people else "?"),
                "what": seen.what.value,
                "way": seen.way.value,
            }
            for seen in looks
        ]

    with closing(open_for_command(settings)) as database:
        rows = database.read(look)
    if arguments.json:
        facts = [{key: row[key] for key in row if key != "shown"} for row in rows]
        out.write(orjson.dumps({"seen": facts}).decode() + "\n")
        return 0
    if not rows:
        print("没有人看过 / nobody was shown anything", file=out)
    for row in rows:
        what, way = _WHAT[row["what"]], _WAYS[row["way"]]
        print(f"{row['shown']}  {row['viewer']}  {what}  {way}", file=out)
    return 0


def _erase(arguments: argparse.Namespace, settings: Settings, out: TextIO) -> int:
    """Forget who the person was; somebody who is still needed only after asking."""
    phone, now = normalise(arguments.phone), utc_now()

    def unit(c: Connection) -> tuple[int, str]:
        person = _person_of(c, phone)
        needed = [] if arguments.yes else _still_needed(c, person, settings)
        if needed:
            ways = (
                "先办离任再删除：jiaoying person retire；要现在就删除加 --yes"
                " / retire them first, or agree with --yes"
            )
            return 1, "\n".join([f"{person.name}：没有删除 / not erased", *needed, ways])
        forget(c, person.id, now)
        return 0, f"{person.name}：已删除本人信息，办过的事只剩编号 / forgotten, for good"

    with closing(open_for_command(settings)) as database:
        code, text = database.do(unit)
    print(text, file=out)
    return code


def _still_needed(c: Connection, person: Person, settings: Settings) -> list[str]:
    """What speaks against forgetting somebody now."""
    found = []
    for call in open_calls_store.open_calls_of(c, [person.id]):
        alert = alert_store.alert(c, call.alert_id)
        if alert is not None:
            called = day_clock(call.called_at, settings.time.info)
            found.append(
                f"  ‼️ 还没回应的叫应：{alert.headline}（{called}），删除后转替补或上级"
                " / an open call, which goes to the stand-in or the tier above"
            )
    if person.active and person.holds(RIGHTS):
        place = load_gazetteer(c).path(person.division_code)
        role = held_name(person, "zh")
        found.append(f"  ‼️ 仍在岗：{place} {role} / still holds a post with rights")
    return found


def _run(arguments: argparse.Namespace, settings: Settings, out: TextIO) -> int:
    act, _, done_words, nothing = _VERBS[arguments.verb]
    phone = normalise(arguments.phone)

    def unit(c: Connection) -> tuple[Person, bool]:
        person = _person_of(c, phone)
        return person, act(c, person.id, utc_now())

    with closing(open_for_command(settings)) as database:
        person, done = database.do(unit)
    print(f"{person.name}：{done_words if done else nothing}", file=out)
    return 0


def _approve(arguments: argparse.Namespace, settings: Settings, out: TextIO) -> int:
    phone, now = normalise(arguments.phone), utc_now()

    def unit(c: Connection) -> list[str]:
        person = _person_of(c, phone)
        wanted = requests_of(c, person.id, now)
        if not wanted and person.telegram_id is not None:
            found = wanted_by(c, person, person.telegram_id, now)
            wanted = [] if found is None else [found]
        if arguments.account is not None:
            wanted = [request for request in wanted if request.account == arguments.account]
        if len(wanted) > 1:
            return [f"--account {request.account}  {request.asker}" for request in wanted]
        if not wanted:
            raise NotAllowed(LinkRefusal.NO_REQUEST)
        rules, account = all_rules(settings).warnings, wanted[0].account
        linked, request = join_by_approval(c, person.id, account, None, rules, now)
        place = load_gazetteer(c).path(linked.division_code)
        welcome = membership.linked(
            linked,
            place,
            linked.language,
            duty=settings.telephones.duty,
            keep_days=settings.positions.retention_days,
        )
        tell_account(c, request, welcome, now)
        print(f"{linked.name}：已批准绑定 / approved", file=out)
        return []

    with closing(open_for_command(settings)) as database:
        several = database.do(unit)
    if several:
        print(
            "有几个账号申请，请写明 / several accounts ask, name one:", *several, sep="\n", file=out
        )
    return 1 if several else 0


def _person_of(c: Connection, phone: str) -> Person:
    person = people_store.person_by_phone(c, phone)
    if person is None:
        raise NotAllowed(LinkRefusal.NO_SUCH_NUMBER, phone=masked(phone))
    return person
