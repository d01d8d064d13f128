"""``jiaoying person renumber OLD NEW``: somebody has another number, and stays who they are."""

from __future__ import annotations

import argparse
from contextlib import closing
from typing import TextIO

from bot.config.settings import Settings
from bot.services.clocks import utc_now
from bot.services.opening import open_for_command
from contacts import people_store
from contacts.leaving import renumber
from contacts.linking import LinkRefusal
from contacts.people import Person
from contacts.phones import display, masked, normalise
from data.database import Connection
from data.errors import NotAllowed


def register(what: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the parser to those of ``person``."""
    verb = what.add_parser("renumber", help="换号码，其余不变 / a new number, all else kept")
    verb.add_argument("phone", help="原电话 / the number until now")
    verb.add_argument("new_phone", help="新电话 / the new number")
    verb.set_defaults(func=_renumber)


def _renumber(arguments: argparse.Namespace, settings: Settings, out: TextIO) -> int:
    phone, new_phone = normalise(arguments.phone), normalise(arguments.new_phone)

    def unit(c: Connection) -> Person:
        person = people_store.person_by_phone(c, phone)
        if person is None:
            raise NotAllowed(LinkRefusal.NO_SUCH_NUMBER, phone=masked(phone))
        renumber(c, person, new_phone, utc_now())
        return person

    with closing(open_for_command(settings)) as database:
        person = database.do(unit)
    print(f"{person.name}：{display(phone)} → {display(new_phone)}", file=out)
    return 0
