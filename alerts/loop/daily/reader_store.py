"""Who could read a division's daily report, as rows."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from sqlalchemy import Connection, select

from contacts.divisions.codes import Tier, ancestors, tier_of
from contacts.people import Person, Role
from contacts.people_store import PERSON_COLUMNS, as_person, holding_exactly, in_batches
from data.tables.contacts import divisions
from data.tables.contacts import people as table


def holders(
    connection: Connection, codes: Collection[str], roles: Collection[Role]
) -> Iterator[tuple[str, Person]]:
    """Who holds one of these posts in one of these divisions, with that post in question."""
    words = sorted(role.value for role in roles)
    for batch in in_batches(sorted(codes)):
        there = frozenset(batch)
        query = select(*PERSON_COLUMNS).where(holding_exactly(batch, words), table.c.active)
        for row in connection.execute(query.order_by(table.c.id)):
            person = as_person(row)
            for post in person.posts:
                if post.division_code in there and post.role in roles:
                    yield post.division_code, person.at(post)


def divisions_in_use(connection: Connection, tiers: Collection[Tier]) -> list[str]:
    """The divisions of these tiers in which somebody holds their leading post, there or below."""
    query = select(table.c.division_code).where(table.c.active).distinct()
    held = connection.execute(query).scalars()
    around = {above for code in held for above in (code, *ancestors(code))}
    wanted = {code for code in around if tier_of(code) in tiers}
    levels = [tier.value for tier in tiers]
    known = connection.execute(select(divisions.c.code).where(divisions.c.level.in_(levels)))
    return sorted(wanted.intersection(known.scalars()))
