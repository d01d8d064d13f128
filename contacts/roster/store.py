"""Rows of an import written, each change with its audit entry, in the caller's transaction."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import (
    BigInteger,
    Boolean,
    Connection,
    Float,
    Integer,
    Text,
    bindparam,
    delete,
    func,
    insert,
    select,
    update,
)

from contacts.board_link_store import end_everything_of
from contacts.divisions.gazetteer import Division
from contacts.divisions.store import division_count, shipped_divisions
from contacts.duty_plan_store import look_at, moved_keys
from contacts.group_store import save_group
from contacts.groups import Group
from contacts.linking import new_invite_codes
from contacts.people import Person, Post
from contacts.people_store import PERSON_COLUMNS, as_person
from contacts.places import Place
from contacts.post_store import add_further_posts, post_values, replace_further_posts
from contacts.roster.changes import Changed, Changes
from contacts.roster.records import DutyRow
from data import audit
from data.json_rows import GIVEN_IDS, GIVEN_WORDS, Insertion, as_json, looked_up
from data.reference import JILIN_DIVISIONS
from data.reference_versions import DIVISIONS, count_up
from data.tables.columns import to_milliseconds
from data.tables.contacts import divisions as division_table
from data.tables.contacts import people as people_table
from data.tables.contacts import places as place_table
from data.tables.contacts import posts as post_table
from data.tables.contacts import shifts as shift_table


def stored_people(connection: Connection) -> list[Person]:
    """Everybody, active or not."""
    return [as_person(row) for row in connection.execute(select(*PERSON_COLUMNS))]


def set_other_phones(connection: Connection, phones: Mapping[str, str]) -> None:
    """Record the further numbers of these persons, by their first."""
    _each(
        connection,
        update(people_table).where(people_table.c.phone == bindparam("_phone")),
        [{"_phone": phone, "other_phones": more} for phone, more in phones.items()],
    )


def left_ids(connection: Connection) -> set[int]:
    """The ids of those who left the roster."""
    query = select(people_table.c.id).where(people_table.c.left_at.is_not(None))
    return set(connection.execute(query).scalars())


def stored_shifts(connection: Connection) -> list[DutyRow]:
    """Every shift."""
    columns = shift_table.c
    query = select(columns.person_id, columns.division_code, columns.starts_at, columns.ends_at)
    return [DutyRow(*row) for row in connection.execute(query)]


def shifts_as_listed(connection: Connection, listed: Sequence[DutyRow]) -> list[DutyRow]:
    """The shifts that are stored; of those changed in chat since, as the file has them: the same
    file again does not undo what was agreed."""
    moved = moved_keys(connection, {row.person_id for row in listed})
    stored = stored_shifts(connection)
    kept = [row for row in listed if row.key in moved]
    return [*(row for row in stored if row.key not in moved), *kept]


def apply_people(
    connection: Connection, changes: Changes[Person], now: datetime, source: dict[str, Any]
) -> None:
    """Enter new persons, each with an invite code, and change those that changed."""
    if not changes:
        return
    table = people_table
    summary = _summary(changes, source)
    audit.append(connection, now, [audit.Entry("import.people", "roster", detail=summary)])
    # Accounts that change hands are let go of first: no two persons hold one, not even for long.
    relinked = [c for c in changes.changed if c.after.telegram_id != c.before.telegram_id]
    for change in relinked:
        end_everything_of(connection, change.before.id)
    _each(
        connection,
        update(table).where(table.c.id == bindparam("_id")),
        [{"_id": c.before.id, "telegram_id": None} for c in relinked],
    )
    _each(
        connection,
        update(table).where(table.c.id == bindparam("_id")),
        [{"_id": c.before.id, **_person_values(c.after)} for c in changes.changed],
    )
    back = as_json(c.before.id for c in changes.changed if not c.before.active)
    connection.execute(_COME_BACK, {"ids": back})
    _each(
        connection,
        update(table).where(table.c.id == bindparam("_id")),
        [{"_id": c.before.id, "linked_at": now} for c in relinked],
    )
    reposted = [c.after for c in changes.changed if c.after.others != c.before.others]
    if reposted:
        replace_further_posts(connection, reposted)
    newcomers = newcomers_of(changes.new, audit.Hiding.of(connection), now)
    _enter(connection, newcomers, now, active=True)
    entries = [
        audit.Entry(
            "person.changed", f"person:{change.before.id}", detail=_shown(connection, change)
        )
        for change in changes.changed
    ]
    audit.append(connection, now, entries)


def want_proof(connection: Connection, ids: Sequence[int], now: datetime) -> None:
    """The accounts of these persons, who gained rights, are to be proven anew; each has a new code.

    Until then they are told and called as before, and may do nothing that their new posts allow.
    """
    if not ids:
        return
    connection.execute(
        update(people_table)
        .where(people_table.c.id == bindparam("_id"))
        .values(unproven=True, invite_code=bindparam("code"), invite_made_at=bindparam("made_at")),
        [
            {"_id": key, "code": code, "made_at": now}
            for key, code in zip(ids, new_invite_codes(len(ids)), strict=True)
        ],
    )
    entries = [audit.Entry("person.proof_wanted", f"person:{key}") for key in ids]
    audit.append(connection, now, entries)


class Newcomers(NamedTuple):
    """New persons, with what is worked out about them before the writer's turn.

    ``rows``: their columns from the second on; ``details``: what the trail says of each.
    """

    people: Sequence[Person]
    rows: list[tuple[Any, ...]]
    details: list[dict[str, Any]]


def newcomers_of(people: Sequence[Person], hiding: audit.Hiding, now: datetime) -> Newcomers:
    """These as newcomers, each with an invite code."""
    stamp, hidden = to_milliseconds(now), hiding.hidden
    rows, details = [], []
    for person, code in zip(people, new_invite_codes(len(people)), strict=True):
        known = _values(person)
        linked = None if person.telegram_id is None else stamp
        rows.append((*known.values(), code, stamp, stamp, linked))
        known["name"], known["phone"] = hidden(person.name), hidden(person.phone)
        known["active"] = person.active
        if person.telegram_id is not None:
            known["telegram_id"] = hidden(str(person.telegram_id))
        if person.others:
            known["others"] = _told(person.others)
        details.append(known)
    return Newcomers(people, rows, details)


def enter(connection: Connection, newcomers: Newcomers, now: datetime) -> list[int]:
    """Enter new persons who are not active yet, before the rest of their file; returns their ids.

    Their accounts are held by nobody.
    """
    return _enter(connection, newcomers, now, active=False)


def activate(connection: Connection, ids: Iterable[int]) -> None:
    """Persons who were entered before are of the roster from now on."""
    connection.execute(_ACTIVATE, {"ids": as_json(ids)})


_add_people = Insertion(
    people_table,
    id=BigInteger(),
    name=Text(),
    phone=Text(),
    division_code=Text(),
    role=Text(),
    rank=Integer(),
    title=Text(),
    place_code=Text(),
    hazards=Text(),
    held_from=Text(),
    language=Text(),
    telegram_id=BigInteger(),
    contact=Text(),
    invite_code=Text(),
    invite_made_at=BigInteger(),
    listed_at=BigInteger(),
    linked_at=BigInteger(),
    active=Boolean(),
)
_COME_BACK = update(people_table).where(people_table.c.id.in_(GIVEN_IDS)).values(left_at=None)
_ACTIVATE = update(people_table).where(looked_up(people_table.c.id, GIVEN_IDS)).values(active=True)


def _enter(
    connection: Connection, newcomers: Newcomers, now: datetime, *, active: bool
) -> list[int]:
    people, values, details = newcomers
    if not people:
        return []
    highest = connection.execute(select(func.coalesce(func.max(people_table.c.id), 0))).scalar_one()
    ids = range(highest + 1, highest + 1 + len(people))
    _add_people(connection, [(key, *row, active) for key, row in zip(ids, values, strict=True)])
    _advance_ids(connection)
    with_more = [
        replace(person, id=person_id)
        for person_id, person in zip(ids, people, strict=True)
        if person.others
    ]
    add_further_posts(connection, with_more)
    entries = [
        audit.Entry("person.added", f"person:{key}", detail=detail)
        for key, detail in zip(ids, details, strict=True)
    ]
    audit.append(connection, now, entries)
    return list(ids)


def _shown(connection: Connection, change: Changed[Person]) -> dict[str, list[Any]]:
    """What differs, as the trail says it."""
    told = change.fields()
    for name in _PERSONAL & told.keys():
        told[name] = [
            None if value is None else audit.hidden(connection, str(value)) for value in told[name]
        ]
    return told


_PERSONAL = frozenset({"name", "phone", "telegram_id"})
"""Who somebody is. The trail is for good, and who is erased must not be found in it: it has
stand-ins (``audit.hidden``), by which the same name is known to be the same."""


_add_divisions = Insertion(
    division_table,
    code=Text(),
    name=Text(),
    level=Text(),
    parent_code=Text(),
    lon=Float(),
    lat=Float(),
)


def apply_divisions(
    connection: Connection, changes: Changes[Division], now: datetime, source: dict[str, Any]
) -> None:
    """Enter and change divisions. The file's digest in the audit entry stands for its new rows."""
    if not changes:
        return
    table = division_table
    if changes.new:
        _add_divisions(connection, [(*_division_values(new).values(),) for new in changes.new])
    _each(
        connection,
        update(table).where(table.c.code == bindparam("_code")),
        [{"_code": c.before.code, **_division_values(c.after)} for c in changes.changed],
    )
    count_up(connection, DIVISIONS)
    entries = [audit.Entry("import.divisions", "roster", detail=_summary(changes, source))]
    entries.extend(
        audit.Entry("division.changed", f"division:{change.before.code}", detail=change.fields())
        for change in changes.changed
    )
    audit.append(connection, now, entries)


def apply_places(
    connection: Connection, changes: Changes[Place], now: datetime, source: dict[str, Any]
) -> None:
    """Enter and change places; the posts at one that moved to another division move with it."""
    if not changes:
        return
    table = place_table
    if changes.new:
        # Whoever closed it may open it again.
        codes = as_json(place.code for place in changes.new)
        connection.execute(delete(table).where(table.c.code.in_(GIVEN_WORDS)), {"words": codes})
        connection.execute(insert(table), [_place_values(place) for place in changes.new])
    for change in changes.changed:
        row = _place_values(change.after)
        connection.execute(update(table).where(table.c.code == change.before.code).values(row))
        if change.after.division_code != change.before.division_code:
            for held in (people_table, post_table):
                connection.execute(
                    update(held)
                    .where(held.c.place_code == change.before.code)
                    .values(division_code=change.after.division_code)
                )
    entries = [audit.Entry("import.places", "roster", detail=_summary(changes, source))]
    entries.extend(
        audit.Entry("place.changed", f"place:{change.before.code}", detail=change.fields())
        for change in changes.changed
    )
    audit.append(connection, now, entries)


def _place_values(place: Place) -> dict[str, Any]:
    return {
        "code": place.code,
        "kind": place.kind.value,
        "name": place.name,
        "division_code": place.division_code,
        "lon": place.lon,
        "lat": place.lat,
        "households": place.households,
        "persons": place.persons,
        "below": list(place.below) or None,
        "active": True,
    }


def seed_divisions(connection: Connection, now: datetime) -> int:
    """Enter the shipped divisions, unless there are divisions already; how many were entered."""
    if division_count(connection):
        return 0
    shipped = shipped_divisions()
    source = {"file": f"reference/jilin/{JILIN_DIVISIONS.name}"}
    apply_divisions(connection, Changes(shipped), now, source)
    return len(shipped)


def apply_groups(
    connection: Connection, changes: Changes[Group], now: datetime, source: dict[str, Any]
) -> None:
    """Enter and change groups."""
    if not changes:
        return
    summary = _summary(changes, source)
    audit.append(connection, now, [audit.Entry("import.groups", "roster", detail=summary)])
    for group in (*changes.new, *(change.after for change in changes.changed)):
        save_group(connection, group, now)


def apply_duty(
    connection: Connection, changes: Changes[DutyRow], now: datetime, source: dict[str, Any]
) -> None:
    """Enter shifts, and move the ends of those that changed."""
    if not changes:
        return
    table = shift_table
    if changes.new:
        connection.execute(insert(table), [_shift_values(row) for row in changes.new])
    for change in changes.changed:
        key = change.before
        connection.execute(
            update(table)
            .where(
                table.c.person_id == key.person_id,
                table.c.division_code == key.division_code,
                table.c.starts_at == key.starts_at,
            )
            .values(ends_at=change.after.ends_at)
        )
    touched = [*changes.new, *(change.after for change in changes.changed)]
    look_at(connection, {row.division_code for row in touched}, now)
    entries = [audit.Entry("import.duty", "roster", detail=_summary(changes, source))]
    for action, rows in (
        ("shift.added", changes.new),
        ("shift.changed", [change.after for change in changes.changed]),
    ):
        for row in rows:
            detail = {
                "division": row.division_code,
                "starts_at": row.starts_at.isoformat(),
                "ends_at": row.ends_at.isoformat(),
            }
            entries.append(audit.Entry(action, f"person:{row.person_id}", detail=detail))
    audit.append(connection, now, entries)


def _summary(changes: Changes[Any], source: dict[str, Any]) -> dict[str, Any]:
    counts = {"new": len(changes.new) + changes.entered, "changed": len(changes.changed)}
    return {**source, **counts, "unchanged": changes.unchanged}


def _each(connection: Connection, statement: Any, rows: Sequence[dict[str, Any]]) -> None:
    """``statement`` for each of ``rows``, of one shape; its keys beginning with _ are not set."""
    if rows:
        named: dict[str, Any] = {key: bindparam(key) for key in rows[0] if not key.startswith("_")}
        connection.execute(statement.values(named), list(rows))


def _advance_ids(connection: Connection) -> None:
    """PostgreSQL's sequence does not see ids that were given by hand."""
    if connection.dialect.name == "postgresql":
        sequence = func.pg_get_serial_sequence("people", "id")
        highest = select(func.max(people_table.c.id)).scalar_subquery()
        connection.execute(select(func.setval(sequence, highest)))


def _told(posts: Iterable[Post]) -> list[list[Any]]:
    """Posts as the trail tells of them."""
    return [list(post_values(post).values()) for post in posts]


def _person_values(person: Person) -> dict[str, Any]:
    return {**_values(person), "active": person.active}


def _values(person: Person) -> dict[str, Any]:
    """The columns of a person and their leading post, in the order of ``_add_people``."""
    return {
        "name": person.name,
        "phone": person.phone,
        "division_code": person.division_code,
        "role": person.role.value,
        "rank": person.rank,
        "title": person.title,
        "place_code": person.place_code,
        "hazards": ",".join(sorted(person.hazards)) if person.hazards else "",
        "held_from": person.held_from.value if person.held_from else None,
        "language": person.language,
        "telegram_id": person.telegram_id,
        "contact": person.contact.value,
    }


def _division_values(division: Division) -> dict[str, Any]:
    return {
        "code": division.code,
        "name": division.name,
        "level": division.tier.value,
        "parent_code": division.parent_code,
        "lon": division.lon,
        "lat": division.lat,
    }


def _shift_values(row: DutyRow) -> dict[str, Any]:
    return {
        "person_id": row.person_id,
        "division_code": row.division_code,
        "starts_at": row.starts_at,
        "ends_at": row.ends_at,
    }
