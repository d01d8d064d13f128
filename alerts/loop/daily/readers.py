"""Who reads a division's daily report, and its remarks."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime

from alerts.loop.daily import reader_store
from alerts.loop.daily.days import DailyRules
from contacts import duty_store
from contacts.divisions.codes import Tier
from contacts.people import Person, Role
from data.database import Connection


def readers_of(
    connection: Connection, codes: Collection[str], now: datetime, rules: DailyRules
) -> dict[str, list[Person]]:
    """Who can be told, by division: those whose posts read it, and who is on duty there.

    A division without any is left out. Whoever may not act before their account is proven does not
    read what the post would show.
    """
    found: dict[str, dict[int, Person]] = {}
    posted = rules.readers - {Role.DUTY_OFFICER}
    for code, person in reader_store.holders(connection, codes, posted):
        found.setdefault(code, {})[person.id] = person
    if Role.DUTY_OFFICER in rules.readers:
        for code, officers in duty_store.on_duty_in(connection, codes, now).items():
            for officer in officers:
                found.setdefault(code, {}).setdefault(officer.id, officer)
    told = {code: _told(people.values()) for code, people in found.items()}
    return {code: people for code, people in sorted(told.items()) if people}


def in_use(connection: Connection, tiers: Collection[Tier]) -> list[str]:
    """The divisions of these tiers in which somebody is in the roster, there or below."""
    return reader_store.divisions_in_use(connection, tiers)


def _told(people: Iterable[Person]) -> list[Person]:
    return [person for person in people if person.reachable and not person.unproven]
