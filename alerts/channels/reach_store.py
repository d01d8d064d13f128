"""How many people, and how many of their addresses, a warning reaches by a channel."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from sqlalchemy import Connection, SelectBase, and_, func, not_, or_, select, true

from contacts.channels import ACCOUNTS, Channel, known_by
from contacts.people_store import PERSON_COLUMNS, as_person, reachable
from data.tables.channels import channel_addresses
from data.tables.contacts import people


class Reached(NamedTuple):
    """Persons with an address in a channel, and all their addresses there."""

    persons: int
    addresses: int


def reached(
    connection: Connection,
    audience: SelectBase,
    channel: Channel,
    *,
    excluding: Sequence[int] = (),
    beyond_telegram: bool = False,
) -> Reached:
    """Count whom of ``audience`` (as ``audience_query``) a channel reaches.

    :param beyond_telegram: only those whom Telegram does not reach.
    """
    who = audience.subquery()
    beyond = or_(not_(reachable(who)), who.c.telegram_id.is_(None)) if beyond_telegram else true()
    wanted = select(who.c.id).where(who.c.id.not_in(excluding), beyond)
    if channel is Channel.EMAIL:
        columns = channel_addresses.c
        query = select(func.count(columns.person_id.distinct()), func.count()).where(
            columns.channel == channel.value, columns.person_id.in_(wanted)
        )
        return Reached(*connection.execute(query).one())
    # Nearly everybody has one mobile number; only the others are looked at one by one.
    plain = and_(people.c.other_phones == "", people.c.phone.like("+861" + "_" * 10))
    theirs = people.c.id.in_(wanted)
    ordinary = connection.execute(select(func.count()).where(plain, theirs)).scalar_one()
    others = connection.execute(select(*PERSON_COLUMNS).where(not_(plain), theirs))
    of_others = [len(known_by(as_person(row), (), channel)) for row in others]
    if channel in ACCOUNTS:
        of_others = [min(1, count) for count in of_others]
    reached_others = [count for count in of_others if count]
    return Reached(ordinary + len(reached_others), ordinary + sum(reached_others))
