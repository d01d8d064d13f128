"""People in the database: found by id, number, account or place, and what is written of them."""

from __future__ import annotations

from array import array
from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any, TypeVar

import orjson
from sqlalchemy import (
    ColumnElement,
    Connection,
    FromClause,
    ScalarSelect,
    Select,
    and_,
    bindparam,
    case,
    func,
    or_,
    select,
    union_all,
    update,
)

from contacts.divisions.codes import Tier, code_range
from contacts.divisions.store import lies_in
from contacts.many_people import make_person
from contacts.people import MAY_BE_BACK, Contact, Person, Post, Role, leading_first
from contacts.targeting import Range
from data import audit
from data.json_rows import GIVEN_IDS, GIVEN_WORDS, as_json, listed_rows, looked_up
from data.tables.columns import constant
from data.tables.contacts import people as table
from data.tables.contacts import posts

T = TypeVar("T")

# SQLite takes 32,766 parameters in one statement; PostgreSQL 65,535.
_PARAMETERS = 10_000

_OTHERS = (
    select(
        listed_rows(
            posts.c.division_code,
            posts.c.role,
            posts.c.rank,
            posts.c.title,
            posts.c.place_code,
            posts.c.hazards,
            posts.c.held_from,
        )
    )
    .where(posts.c.person_id == table.c.id)
    .correlate(table)
    .scalar_subquery()
)

PERSON_COLUMNS: tuple[ColumnElement[Any], ...] = (
    table.c.id,
    table.c.name,
    table.c.phone,
    table.c.division_code,
    table.c.role,
    table.c.rank,
    table.c.language,
    table.c.telegram_id,
    table.c.contact,
    table.c.invite_code,
    table.c.active,
    table.c.title,
    table.c.place_code,
    table.c.hazards,
    _OTHERS.label("others"),
    table.c.unproven,
    table.c.other_phones,
    table.c.held_from,
)
"""The fields of ``Person``, in their order; ``as_person`` makes one of them."""


# Built once: a tap asks for a person, and building the query costs as much as running it.
_BY_ID, _BY_PHONE, _BY_TELEGRAM, _BY_INVITE = (
    select(*PERSON_COLUMNS).where(column == bindparam("key"))
    for column in (
        table.c.id,
        table.c.phone,
        table.c.telegram_id,
        table.c.invite_code,
    )
)
_BY_IDS = select(*PERSON_COLUMNS).where(table.c.id.in_(GIVEN_IDS))
_BY_ACCOUNTS = select(*PERSON_COLUMNS).where(looked_up(table.c.telegram_id, GIVEN_IDS))

_ACCOUNTS = (
    select(table.c.telegram_id)
    .where(table.c.telegram_id.is_not(None), table.c.active)
    .order_by(table.c.telegram_id)
)
_ACCOUNTS_KNOWN = select(table.c.telegram_id).where(
    looked_up(table.c.telegram_id, GIVEN_IDS), table.c.active
)
_OUT_OF_REACH = or_(
    *(table.c.contact == constant(contact.value) for contact in sorted(MAY_BE_BACK, key=str))
)

_ROLES = {role.value: role for role in Role}
_CONTACTS = {contact.value: contact for contact in Contact}
_TIERS: dict[str | None, Tier | None] = {None: None, **{tier.value: tier for tier in Tier}}
_ANY_HAZARD: frozenset[str] = frozenset()


def as_person(row: Any) -> Person:
    """A row that begins with ``PERSON_COLUMNS`` as a person: its fields in their order."""
    values = list(row[: len(PERSON_COLUMNS)])
    values[4] = _ROLES[values[4]]
    values[8] = _CONTACTS[values[8]]
    values[13] = as_hazards(values[13])
    values[14] = () if values[14] is None else _posts(values[14])
    values[17] = _TIERS[values[17]]
    return make_person(*values)


def as_hazards(stored: str) -> frozenset[str]:
    """The hazards that a post answers for, as they are stored."""
    return frozenset(stored.split(",")) if stored else _ANY_HAZARD


def _posts(stored: str) -> tuple[Post, ...]:
    """The further posts of a person, the one that would lead next first."""
    return leading_first(
        Post(code, _ROLES[role], rank, title, place, as_hazards(hazards), _TIERS[tier])
        for code, role, rank, title, place, hazards, tier in orjson.loads(stored)
    )


def in_batches(items: Iterable[T], size: int = _PARAMETERS) -> Iterator[list[T]]:
    """``items`` in lists short enough for one statement."""
    batch: list[T] = []
    for item in items:
        batch.append(item)
        if len(batch) == size:
            yield batch
            batch = []
    if batch:
        yield batch


def within(column: ColumnElement[str], ranges: Iterable[tuple[Any, Any]]) -> ColumnElement[bool]:
    """The condition that a division code lies in one of the inclusive ``ranges``."""
    return lies_in(column, ranges)


_holder, _further = table.alias("holder"), posts.alias("further")


def holding(
    ranges: Iterable[tuple[Any, Any]], roles: Collection[Role] | None = None
) -> ColumnElement[bool]:
    """The condition that one of a person's posts lies in the ``ranges`` and bears one of ``roles``.

    Each of the two tables of posts is looked up in its index: with OR neither would be.
    """
    wanted, ranges = None if roles is None else sorted(role.value for role in roles), list(ranges)
    found = []
    for held, person_id in ((_holder, _holder.c.id), (_further, _further.c.person_id)):
        query = select(person_id).where(within(held.c.division_code, ranges))
        found.append(query if wanted is None else query.where(held.c.role.in_(wanted)))
    return table.c.id.in_(union_all(*found))


def holding_exactly(codes: Any, roles: Any, after_rank: int = 0) -> ColumnElement[bool]:
    """As ``holding``, of exactly these divisions, and of a rank after that one.

    :param codes: and ``roles``: what ``in_`` takes.
    """
    found = []
    for held, person_id in ((_holder, _holder.c.id), (_further, _further.c.person_id)):
        query = select(person_id).where(held.c.division_code.in_(codes), held.c.role.in_(roles))
        found.append(query.where(held.c.rank > after_rank) if after_rank else query)
    return table.c.id.in_(union_all(*found))


def bearing(roles: Collection[Role]) -> ColumnElement[bool]:
    """The condition that one of a person's posts bears one of ``roles``, wherever it is."""
    words = sorted(role.value for role in roles)
    further = select(posts.c.person_id).where(posts.c.role.in_(words))
    return or_(table.c.role.in_(words), table.c.id.in_(further))


def division_held(ranges: Iterable[Range], roles: Collection[Role]) -> ColumnElement[str]:
    """SQL: the division of the first post that ``holding`` finds of a person."""
    words, ranges = sorted(role.value for role in roles), list(ranges)
    further = (
        select(func.min(posts.c.division_code))
        .where(
            posts.c.person_id == table.c.id,
            within(posts.c.division_code, ranges),
            posts.c.role.in_(words),
        )
        .correlate(table)
        .scalar_subquery()
    )
    leads = and_(within(table.c.division_code, ranges), table.c.role.in_(words))
    return case((leads, table.c.division_code), else_=further)


def seen_within(
    people: Iterable[Person], ranges: Iterable[Range], roles: Collection[Role] | None = None
) -> list[Person]:
    """Each with the first post in question that lies there, by division, role, calling order."""
    ranges = list(ranges)

    def wanted(post: Post) -> bool:
        there = any(low <= post.division_code <= high for low, high in ranges)
        return there and (roles is None or post.role in roles)

    seen = [person.seen_as(wanted) for person in people]
    return sorted(
        seen,
        key=lambda person: (person.division_code, person.role.value, person.rank, person.id),
    )


def reachable(people: FromClause = table) -> ColumnElement[bool]:
    """The condition of ``Person.reachable``: linked, and the last send did not say otherwise.

    :param people: the people table, or an alias of it.
    """
    return and_(people.c.telegram_id.is_not(None), people.c.contact == Contact.OK.value)


def person(connection: Connection, person_id: int) -> Person | None:
    """The person with this id."""
    return _person_by(connection, _BY_ID, person_id)


def person_by_phone(connection: Connection, phone: str) -> Person | None:
    """The person with this number, in international form (see ``contacts.phones``)."""
    return _person_by(connection, _BY_PHONE, phone)


def person_by_telegram(connection: Connection, telegram_id: int) -> Person | None:
    """The person linked to this Telegram account."""
    return _person_by(connection, _BY_TELEGRAM, telegram_id)


def people_by_telegram(connection: Connection, accounts: Iterable[int]) -> dict[int, Person]:
    """The persons linked to these Telegram accounts, by account; unknown ones are left out."""
    rows = connection.execute(_BY_ACCOUNTS, {"ids": as_json(set(accounts))})
    found = map(as_person, rows)
    return {person.telegram_id: person for person in found if person.telegram_id is not None}


def person_by_invite(connection: Connection, code: str) -> Person | None:
    """The person this invite code was printed for."""
    return _person_by(connection, _BY_INVITE, code)


def people(connection: Connection, ids: Iterable[int]) -> dict[int, Person]:
    """Persons by id; unknown ids are left out."""
    wanted = set(ids)
    if not wanted:
        return {}
    rows = connection.execute(_BY_IDS, {"ids": as_json(wanted)}).all()
    return {row[0]: as_person(row) for row in rows}


def people_of(
    connection: Connection, division_code: str, roles: Collection[Role] | None = None
) -> list[Person]:
    """Active persons who hold a post of exactly this division, by role, then in calling order.

    Each with that post in question.
    """
    return _seen(connection, [(division_code, division_code)], roles)


def people_within(connection: Connection, code: str) -> list[Person]:
    """Active persons with a post in the division or below, by division, role, calling order.

    Each once, with the first such post in question.
    """
    return _seen(connection, [code_range(code)])


def search_people(
    connection: Connection, text: str, areas: Iterable[str] | None = None, limit: int = 20
) -> list[Person]:
    """Active persons whose name contains ``text``, or whose number contains its digits.

    :param areas: only in these divisions and below; everywhere when left out.
    """
    wanted = text.strip()
    if not wanted:
        return []
    digits = "".join(mark for mark in wanted if mark.isascii() and mark.isdigit())
    if len(digits) > 8:  # stored without the 0 of an area code
        digits = digits.lstrip("0")
    match: ColumnElement[bool] = table.c.name.contains(wanted, autoescape=True)
    if len(digits) >= 4:
        match = or_(match, table.c.phone.contains(digits), table.c.other_phones.contains(digits))
    query = select(*PERSON_COLUMNS).where(match, table.c.active)
    if areas is not None:
        query = query.where(holding([code_range(code) for code in areas]))
    query = query.order_by(table.c.division_code, table.c.id).limit(limit)
    return [as_person(row) for row in connection.execute(query)]


def holders(
    connection: Connection, roles: Collection[Role], areas: Iterable[str], limit: int = 20
) -> list[Person]:
    """Active persons of these divisions and below who hold one of ``roles``; empty: any post."""
    return _seen(connection, [code_range(code) for code in areas], roles or None, limit)


def post_holders(
    connection: Connection, codes: Iterable[str], roles: Collection[Role]
) -> list[Person]:
    """Active persons with a post of exactly one of these divisions that bears one of ``roles``.

    In no order, and as they are; of thousands of divisions in one statement.
    """
    wanted = sorted(role.value for role in roles)
    query = select(*PERSON_COLUMNS).where(holding_exactly(GIVEN_WORDS, wanted), table.c.active)
    rows = connection.execute(query, {"words": as_json(set(codes))}).all()
    return [as_person(row) for row in rows]


def _seen(
    connection: Connection,
    ranges: list[Range],
    roles: Collection[Role] | None = None,
    limit: int | None = None,
) -> list[Person]:
    query = (
        select(*PERSON_COLUMNS)
        .where(table.c.active, holding(ranges, roles))
        .order_by(table.c.division_code, table.c.role, table.c.rank, table.c.id)
        .limit(limit)
    )
    found = [as_person(row) for row in connection.execute(query)]
    return seen_within(found, ranges, roles)


def set_contact(connection: Connection, learned: Mapping[int, Contact], now: datetime) -> int:
    """Record what sends taught us about reaching persons; returns how many rows changed."""
    before = people(connection, learned)
    changed = {
        person_id: contact
        for person_id, contact in learned.items()
        if person_id in before and before[person_id].contact is not contact
    }
    for contact in set(changed.values()):
        ids = [person_id for person_id, now_known in changed.items() if now_known is contact]
        for batch in in_batches(ids):
            connection.execute(
                update(table).where(table.c.id.in_(batch)).values(contact=contact.value)
            )
    audit.append(
        connection,
        now,
        [
            audit.Entry(
                "person.contact",
                f"person:{person_id}",
                detail={"from": before[person_id].contact.value, "to": contact.value},
            )
            for person_id, contact in changed.items()
        ],
    )
    return len(changed)


def accounts(connection: Connection) -> array[int]:
    """The Telegram accounts of everybody in the roster, in order: half a megabyte for a province's.

    Read a few at a time: rows of all at once would be thirty times as much.
    """
    found = array("q")
    for some in connection.execute(_ACCOUNTS).scalars().partitions(1000):
        found.extend(some)
    return found


def accounts_known(connection: Connection, accounts: Iterable[int]) -> set[int]:
    """Those of these Telegram accounts that are somebody's in the roster."""
    return set(connection.execute(_ACCOUNTS_KNOWN, {"ids": as_json(accounts)}).scalars())


def out_of_reach_in(chat_id: ColumnElement[int]) -> ScalarSelect[int]:
    """SQL: the person of this chat, if they count as out of reach; else null."""
    out_of_reach = select(table.c.id).where(table.c.telegram_id == chat_id, _OUT_OF_REACH)
    return out_of_reach.scalar_subquery()


def set_language(connection: Connection, person_id: int, language: str, now: datetime) -> None:
    """The person chose the language they are spoken to in."""
    connection.execute(update(table).where(table.c.id == person_id).values(language=language))
    entry = audit.Entry("person.language", f"person:{person_id}", person_id, {"language": language})
    audit.append(connection, now, [entry])


def set_link(connection: Connection, person_id: int, telegram_id: int, now: datetime) -> None:
    """Tie a person to a Telegram account that belongs to nobody else; the caller has looked."""
    connection.execute(
        update(table)
        .where(table.c.id == person_id)
        .values(telegram_id=telegram_id, linked_at=now, contact=Contact.OK.value, unproven=False)
    )


def clear_link(connection: Connection, person_id: int, invite_code: str, now: datetime) -> None:
    """Untie a person, who gets a new invite code."""
    connection.execute(
        update(table)
        .where(table.c.id == person_id)
        .values(
            telegram_id=None,
            linked_at=None,
            contact=Contact.OK.value,
            invite_code=invite_code,
            invite_made_at=now,
            account_is_new=False,
            approved_by=None,
            unproven=False,
        )
    )


def set_phone(connection: Connection, person_id: int, phone: str) -> None:
    """Give a person this number, which is nobody else's."""
    connection.execute(update(table).where(table.c.id == person_id).values(phone=phone))


def set_left(connection: Connection, person_id: int, now: datetime) -> None:
    """The person is out of the roster."""
    connection.execute(
        update(table).where(table.c.id == person_id).values(active=False, left_at=now)
    )


def _person_by(connection: Connection, query: Select[Any], key: int | str) -> Person | None:
    row = connection.execute(query, {"key": key}).first()
    return as_person(row) if row else None
