"""Duty officers and commanders found in the database, for one division or thousands at once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from datetime import datetime

from sqlalchemy import Connection, bindparam, select

from contacts import duty
from contacts.divisions.codes import ancestors, contains, tier_of
from contacts.duty import DutyShift, Leadership, Leaderships
from contacts.people import COMMANDING, Person, Role
from contacts.people_store import PERSON_COLUMNS, as_person, holding_exactly, in_batches
from data.tables.contacts import people as table
from data.tables.contacts import shifts as shifts_table

_LEADING_ROLES = COMMANDING | {Role.DUTY_OFFICER}


def officers_above(connection: Connection, code: str, now: datetime) -> list[Person]:
    """Who gets the silent list of ``code``; see ``contacts.duty.officers_above``."""
    return officers_above_many(connection, [code], now)[code]


def officers_above_many(
    connection: Connection, codes: Iterable[str], now: datetime
) -> dict[str, list[Person]]:
    """As ``officers_above`` for many divisions: two statements, however many there are."""

    def officers(code: str, led: Leaderships) -> list[Person]:
        return duty.officers_above(code, led, now)

    return _by_code(connection, codes, duty.path_above, officers, now)


def commanders_above(connection: Connection, code: str) -> list[Person]:
    """The commander of the tier above ``code``; see ``contacts.duty.commanders_above``."""
    return commanders_above_many(connection, [code])[code]


def commanders_above_many(connection: Connection, codes: Iterable[str]) -> dict[str, list[Person]]:
    """As ``commanders_above`` for many divisions, in one statement."""
    return _by_code(connection, codes, duty.path_above, duty.commanders_above)


def office_heads(connection: Connection, code: str) -> list[Person]:
    """Who sees to the duty plan of ``code``; see ``contacts.duty.office_heads``."""
    return duty.office_heads(code, _leaderships(connection, (code, *ancestors(code))))


def duty_officers(connection: Connection, code: str, now: datetime) -> list[Person]:
    """Who takes a help call from ``code``: county or above; see ``contacts.duty``."""
    return duty_officers_many(connection, [code], now)[code]


def duty_officers_many(
    connection: Connection, codes: Iterable[str], now: datetime
) -> dict[str, list[Person]]:
    """As ``duty_officers`` for many divisions."""

    def officers(code: str, led: Leaderships) -> list[Person]:
        return duty.duty_officers(code, led, now)

    return _by_code(connection, codes, duty.path_from_county, officers, now)


def on_duty_in(
    connection: Connection, codes: Iterable[str], now: datetime
) -> dict[str, list[Person]]:
    """The duty officers of each of these divisions themselves; not of those above.

    Each with their post there. A division without any is left out.
    """
    led = _leaderships(connection, codes, now)
    found = {code: duty.on_duty(leadership, now) for code, leadership in led.items()}
    return {code: officers for code, officers in found.items() if officers}


def station_officers_many(
    connection: Connection, codes: Iterable[str], now: datetime
) -> dict[str, list[Person]]:
    """The station's officers of many divisions; see ``contacts.duty.station_officers``."""

    def officers(code: str, led: Leaderships) -> list[Person]:
        return duty.station_officers(code, led, now)

    return _by_code(connection, codes, duty.path_from_township, officers, now)


def station_and_duty_officers(
    connection: Connection, code: str, now: datetime
) -> tuple[list[Person], list[Person]]:
    """The station's officers of ``code`` and its duty officers, read together: a tap waits for it.

    See ``contacts.duty.station_officers`` and ``contacts.duty.duty_officers``.
    """
    led = _leaderships(connection, duty.path_from_township(code), now)
    return duty.station_officers(code, led, now), duty.duty_officers(code, led, now)


def telephone_officers(connection: Connection, reader: Person, now: datetime) -> list[Person]:
    """Whom ``reader`` may ring up: the duty officers of the township and above, nearest first."""
    code = reader.division_code
    led = _leaderships(connection, duty.path_from_township(code), now)
    officers = duty.telephone_officers(code, led, now)
    return [officer for officer in officers if officer.id != reader.id]


def commanders_of(
    connection: Connection, areas: Iterable[str], *, linked: bool = True
) -> list[Person]:
    """Everybody who may release to all ``areas``: for the second confirmation.

    :param linked: only those with a Telegram account.
    """
    paths = [{code, *ancestors(code)} for code in areas]
    if not paths:
        return []
    shared = set.intersection(*paths)
    query = select(*PERSON_COLUMNS).where(
        holding_exactly(shared, sorted(role.value for role in COMMANDING)), table.c.active
    )
    if linked:
        query = query.where(table.c.telegram_id.is_not(None))
    found = [as_person(row) for row in connection.execute(query.order_by(table.c.id))]
    return [
        person.seen_as(lambda post: post.role in COMMANDING and post.division_code in shared)
        for person in found
        if not (linked and person.unproven)  # the account may not act for the post yet
    ]


def duty_divisions(connection: Connection, person_id: int, now: datetime) -> frozenset[str]:
    """The divisions over which the person is on shift at ``now``."""
    return frozenset(connection.execute(_DUTIES, {"person": person_id, "now": now}).scalars())


def now_on_watch(connection: Connection, person: Person, now: datetime) -> Person:
    """The person with the widest division in question that they are on shift over now.

    As they are where that is no more than their own.
    """
    widest = min(duty_divisions(connection, person.id, now), key=_depth, default="")
    if not widest or any(contains(post.division_code, widest) for post in person.posts):
        return person
    return duty.on_watch(person, widest)


def _depth(code: str) -> tuple[int, str]:
    return tier_of(code).depth, code


def _by_code(
    connection: Connection,
    codes: Iterable[str],
    path_of: Callable[[str], tuple[str, ...]],
    choose: Callable[[str, Leaderships], list[Person]],
    now: datetime | None = None,
) -> dict[str, list[Person]]:
    """Whom ``choose`` finds for each code.

    That depends on the code's path of divisions upwards alone, so it is worked out once for all
    that share a path: the villages of a township do.

    :param now: when duty shifts matter.
    """
    siblings: defaultdict[str, list[str]] = defaultdict(list)
    for code in set(codes):
        siblings[code[:9] if code[9:] != "000" else code].append(code)
    by_path: defaultdict[tuple[str, ...], list[str]] = defaultdict(list)
    for alike in siblings.values():
        by_path[path_of(alike[0])].extend(alike)
    led = _leaderships(connection, {code for path in by_path for code in path}, now)
    # Most townships of a long list have nobody: what is left of their paths is their county's.
    by_leaders: defaultdict[tuple[str, ...], list[str]] = defaultdict(list)
    for path, alike in by_path.items():
        by_leaders[tuple(code for code in path if code in led)].extend(alike)
    found: dict[str, list[Person]] = {}
    for alike in by_leaders.values():
        people = choose(alike[0], led)
        found.update((code, list(people)) for code in alike)
    return found


def _leaderships(
    connection: Connection, codes: Iterable[str], now: datetime | None = None
) -> dict[str, Leadership]:
    """Who leads these divisions; shifts are left out when no ``now`` is given."""
    people: defaultdict[str, list[Person]] = defaultdict(list)
    shifts: defaultdict[str, list[DutyShift]] = defaultdict(list)
    for batch in in_batches(set(codes)):
        there = frozenset(batch)
        for row in connection.execute(_LEADING, {"codes": batch}):
            person = as_person(row)
            for post in person.posts:
                if post.division_code in there and post.role in _LEADING_ROLES:
                    people[post.division_code].append(person.at(post))
        if now is None:
            continue
        for row in connection.execute(_ON_SHIFT, {"codes": batch, "now": now}):
            watch = DutyShift(as_person(row), row.watched, row.starts_at, row.ends_at)
            shifts[row.watched].append(watch)
    return {
        code: Leadership(tuple(people.get(code, ())), tuple(shifts.get(code, ())))
        for code in people.keys() | shifts.keys()
    }


# Built once: whom a call for help goes to is asked twice before its tap is answered, and building
# the queries took three times as long as running them.
_LEADING = select(*PERSON_COLUMNS).where(
    holding_exactly(
        bindparam("codes", expanding=True), sorted(role.value for role in _LEADING_ROLES)
    ),
    table.c.active,
)
_ON_SHIFT = (
    select(
        *PERSON_COLUMNS,
        shifts_table.c.division_code.label("watched"),
        shifts_table.c.starts_at,
        shifts_table.c.ends_at,
    )
    .join(shifts_table, shifts_table.c.person_id == table.c.id)
    .where(
        shifts_table.c.division_code.in_(bindparam("codes", expanding=True)),
        shifts_table.c.starts_at <= bindparam("now"),
        shifts_table.c.ends_at > bindparam("now"),
    )
)
# Asked at every tap of an officer: made once.
_DUTIES = select(shifts_table.c.division_code).where(
    shifts_table.c.person_id == bindparam("person"),
    shifts_table.c.starts_at <= bindparam("now"),
    shifts_table.c.ends_at > bindparam("now"),
)
