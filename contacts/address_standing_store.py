"""How the addresses of persons stand, as rows: who counts in coverage without Telegram."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import Connection, SelectBase, or_, select

from contacts.address_standing import AddressFacts, ProofRules, Standing, standing
from contacts.channels import Cause, Channel
from contacts.people_store import reachable
from data.tables.channels import channel_addresses as table
from data.tables.contacts import people

_BY_TELEPHONE = (Channel.VOICE.value, Channel.SMS.value)


def standings(
    connection: Connection, channels: Collection[Channel], rules: ProofRules, now: datetime
) -> dict[int, list[tuple[AddressFacts, Standing]]]:
    """The addresses of these channels of which anything is known, by person.

    Not a number that is the person's no more: who gets another one starts unproven.
    """
    number = table.c.address
    theirs = or_(
        table.c.channel.not_in(_BY_TELEPHONE),
        people.c.phone == number,
        people.c.other_phones.contains(number),
    )
    columns = [table.c[name] for name in AddressFacts._fields]
    query = (
        select(*columns)
        .join(people, people.c.id == table.c.person_id)
        .where(table.c.channel.in_([channel.value for channel in channels]), people.c.active)
        .where(theirs)
    )
    found: dict[int, list[tuple[AddressFacts, Standing]]] = {}
    for row in connection.execute(query):
        facts = AddressFacts(*row)._replace(
            channel=Channel(row.channel), cause=None if row.cause is None else Cause(row.cause)
        )
        known = (facts, standing(facts, rules.good_for, now))
        found.setdefault(facts.person_id, []).append(known)
    return found


def proven_people(connection: Connection, rules: ProofRules, now: datetime) -> frozenset[int]:
    """Who has a proven address in a channel that some ladder names."""
    if not rules.channels:
        return frozenset()
    found = standings(connection, rules.channels, rules, now)
    return frozenset(
        person_id
        for person_id, known in found.items()
        if any(each is Standing.PROVEN for _, each in known)
    )


def unproven_among(
    connection: Connection,
    audience: SelectBase,
    excluding: Sequence[int],
    rules: ProofRules,
    now: datetime,
) -> int:
    """How many whom ``audience`` selects and Telegram does not reach have no proven address.

    Nobody, where no ladder names another channel: there nothing is to be proven.
    """
    if not rules.channels:
        return 0
    who = audience.subquery()
    query = select(who.c.id).where(~reachable(who), who.c.id.not_in(excluding))
    ids = set(connection.execute(query).scalars())
    return len(ids - proven_people(connection, rules, now))
