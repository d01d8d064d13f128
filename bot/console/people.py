"""``jiaoying person retire|unlink PHONE``: who leaves, and whose account or sheet was lost."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from contextlib import closing
from datetime import datetime
from typing import TextIO

from bot.config.settings import Settings
from bot.services.clocks import utc_now
from bot.services.opening import open_upgraded
from contacts import people_store
from contacts.leaving import retire
from contacts.linking import LinkRefusal, unlink
from contacts.people import Person
from contacts.phones import masked, normalise
from data.database import Connection
from data.errors import NotAllowed

_Act = Callable[[Connection, int, datetime], bool]
_DONE: dict[_Act, str] = {
    retire: "已停用并解除绑定 / out of the roster, account untied",
    unlink: "已解除绑定，原邀请单作废 / account untied, the old invitation is void",
}
_ALREADY: dict[_Act, str] = {
    retire: "本来就不在名单上 / was out of the roster already",
    unlink: "本来就没有绑定 / was not linked",
}


def register(verbs: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the parsers."""
    person = verbs.add_parser("person", help="离任、解除绑定 / who leaves, untie an account")
    what = person.add_subparsers(required=True)
    for name, words, act in (
        ("retire", "离任：停用并解除绑定 / leaves: out of the roster, untied", retire),
        ("unlink", "解除绑定，换新邀请码 / untie the account, new invitation", unlink),
    ):
        verb = what.add_parser(name, help=words)
        verb.add_argument("phone", help="电话 / the person's number")
        verb.set_defaults(func=_run, act=act)


def _run(arguments: argparse.Namespace, settings: Settings, out: TextIO) -> int:
    act: _Act = arguments.act
    phone = normalise(arguments.phone)

    def unit(c: Connection) -> tuple[Person, bool]:
        person = people_store.person_by_phone(c, phone)
        if person is None:
            raise NotAllowed(LinkRefusal.PHONE_UNKNOWN, phone=masked(phone))
        return person, act(c, person.id, utc_now())

    with closing(open_upgraded(settings)) as database:
        person, done = database.do(unit)
    print(f"{person.name}：{(_DONE if done else _ALREADY)[arguments.act]}", file=out)
    return 0
