"""Selecting whom a warning calls: one statement, over 60,000 persons and more."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, and_, exists, func, or_, select, true

from contacts.divisions.codes import prefix_of
from contacts.people import Person, Role
from contacts.people_store import PERSON_COLUMNS, as_person, in_batches
from contacts.targeting import Audience, Post, next_in_line
from data.tables.contacts import people as table

# Above this many areas a chain of BETWEENs is slower than one scan with sets of prefixes.
_FEW_AREAS = 32


def audience_query(audience: Audience) -> Select[Any]:
    """The persons to call: active, and of the best rank present in their division and role.

    Columns: id, division_code, role, language, telegram_id, contact, rank. No order.
    """
    return select(
        table.c.id,
        table.c.division_code,
        table.c.role,
        table.c.language,
        table.c.telegram_id,
        table.c.contact,
        table.c.rank,
    ).where(_called(audience))


def stand_ins(
    connection: Connection,
    calls: Iterable[tuple[str, Role | str, int]],
    excluding: Iterable[int] = (),
) -> dict[tuple[str, Role, int], list[Person]]:
    """Who comes next for each (division, role, rank) that stayed silent.

    A post without anybody left is absent from the result. ``excluding``: persons called already.
    """
    wanted = {(code, Role(role), rank) for code, role, rank in calls}
    if not wanted:
        return {}
    lowest = min(rank for _, _, rank in wanted)
    holders: defaultdict[Post, list[Person]] = defaultdict(list)
    for batch in in_batches({code for code, _, _ in wanted}):
        query = select(*PERSON_COLUMNS).where(
            table.c.division_code.in_(batch), table.c.rank > lowest, table.c.active
        )
        for row in connection.execute(query):
            holders[row.division_code, Role(row.role)].append(as_person(row))
    called = frozenset(excluding)
    found = {
        (code, role, rank): next_in_line(holders[code, role], rank, called)
        for code, role, rank in wanted
        if (code, role) in holders
    }
    return {post: persons for post, persons in found.items() if persons}


def _called(audience: Audience) -> ColumnElement[bool]:
    better = table.alias("better")
    # Nobody comes before rank 1, which spares nearly every row the look at its colleagues.
    best = or_(
        table.c.rank == 1,
        ~exists().where(
            better.c.division_code == table.c.division_code,
            better.c.role == table.c.role,
            better.c.rank < table.c.rank,
            better.c.active,
        ),
    )
    roles = [role.value for role in audience.roles]
    # "Is true" keeps the roles out of the index: PostgreSQL read its part of the divisions once for
    # each role, three times as long as the people themselves.
    called = table.c.role.in_(roles).is_(true())
    return and_(_inside(audience), called, table.c.active, best)


def _inside(audience: Audience) -> ColumnElement[bool]:
    code = table.c.division_code
    if len(audience.ranges) <= _FEW_AREAS:
        return or_(False, *(code.between(low, high) for low, high in audience.ranges))
    prefixes: defaultdict[int, list[str]] = defaultdict(list)
    for low, _ in audience.ranges:
        prefix = prefix_of(low)
        prefixes[len(prefix)].append(prefix)
    return or_(
        False,
        *(func.substr(code, 1, length).in_(these) for length, these in sorted(prefixes.items())),
    )
