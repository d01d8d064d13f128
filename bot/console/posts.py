"""``jiaoying person drop``: one post of somebody is no longer theirs; the others stay."""

from __future__ import annotations

import argparse
from contextlib import closing
from typing import TextIO

from alerts.accounts import tell_post_taken
from bot.config.settings import Settings
from bot.services.clocks import utc_now
from bot.services.opening import open_for_command
from bot.views.roster.change_text import ChangeWords
from contacts import people_store
from contacts.divisions.store import load_gazetteer
from contacts.leaving import give_up_post
from contacts.linking import LinkRefusal
from contacts.people import COMMANDING, Person, Post
from contacts.phones import display, masked, normalise
from contacts.place_store import names
from contacts.roster.columns import ROLE_WORDS, word
from data.database import Connection
from data.errors import NotAllowed


def register(what: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the parser to those of ``person``."""
    verb = what.add_parser("drop", help="去掉一个职务，其余不变 / one post less, all else kept")
    verb.add_argument("phone", help="电话 / the person's number")
    verb.add_argument("--area", help="哪里的职务（代码或名称） / the post's division")
    verb.add_argument("--role", help="什么角色，如 包保责任人 / the post's role")
    verb.add_argument("--place", help="哪处地点（编号或名称） / the place that it is at")
    verb.add_argument(
        "--yes", action="store_true", help="免去有发布权限的职务 / agree that a command is taken"
    )
    verb.set_defaults(func=_drop)


def _drop(arguments: argparse.Namespace, settings: Settings, out: TextIO) -> int:
    phone, now = normalise(arguments.phone), utc_now()

    def unit(c: Connection) -> tuple[int, list[str]]:
        person = people_store.person_by_phone(c, phone)
        if person is None:
            raise NotAllowed(LinkRefusal.NO_SUCH_NUMBER, phone=masked(phone))
        words = ChangeWords(load_gazetteer(c), "zh")
        meant = _meant(c, person, arguments)
        if len(meant) != 1:
            held = meant or person.posts
            head = "有几个，请写明是哪一个" if meant else "没有这个职务；现有"
            more = " / which of these" if meant else " / no such post; they hold"
            return 1, [f"{person.name}：{head}{more}", *(f"  {words.post(post)}" for post in held)]
        post = meant[0]
        who = f"{person.name} {display(person.phone)}"
        if post.role in COMMANDING and not arguments.yes:
            return 1, [
                f"‼️ {who} 将不再是 {words.post(post)}，不能再以此职发布预警。确认请加 --yes"
                " / would lose a commanding post: agree with --yes"
            ]
        give_up_post(c, person, post, now)
        tell_post_taken(c, person, post, now)
        mark = "‼️ " if post.role in COMMANDING else ""
        return 0, [f"{mark}{who} 不再是 {words.post(post)} / post taken away"]

    with closing(open_for_command(settings)) as database:
        code, lines = database.do(unit)
    print(*lines, sep="\n", file=out)
    return code


def _meant(c: Connection, person: Person, arguments: argparse.Namespace) -> list[Post]:
    """The posts that the options may mean; without options every one."""
    found = list(person.posts)
    if arguments.area:
        within = load_gazetteer(c).find(arguments.area)
        codes = {place.division.code for place in within.candidates}
        codes |= {arguments.area} | ({within.division.code} if within.division else set())
        found = [post for post in found if post.division_code in codes]
    if arguments.role:
        role = word(ROLE_WORDS, arguments.role)
        found = [post for post in found if post.role is role or post.title == arguments.role]
    if arguments.place:
        known = names(c, [post.place_code for post in found])
        found = [
            post
            for post in found
            if arguments.place in (post.place_code, known.get(post.place_code))
        ]
    return found
