"""What the readiness check reads: few statements over the whole roster."""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from dataclasses import dataclass

from sqlalchemy import Connection, case, exists, func, select, union

from contacts.coverage import Coverage, Headcount, assess_coverage
from contacts.divisions.codes import Tier, code_range
from contacts.divisions.gazetteer import Division
from contacts.group_store import all_groups
from contacts.groups import Group
from contacts.people import Contact, Role
from contacts.people_store import reachable
from data.tables.contacts import divisions as division_table
from data.tables.contacts import people as people_table
from data.tables.contacts import posts as post_table
from data.tables.contacts import shifts as shift_table

_LINKED = people_table.c.telegram_id.is_not(None)


@dataclass(frozen=True, slots=True)
class Readiness:
    """The figures of ``jiaoying check``. ``unreachable``: linked, but the last send failed."""

    divisions: int
    persons: int
    linked: int
    unreachable: int
    groups: int
    groups_removed: tuple[Group, ...]
    without_duty_officer: tuple[Division, ...]
    coverage: Coverage

    @property
    def unlinked(self) -> int:
        """Persons who have not linked themselves to Telegram."""
        return self.persons - self.linked


def coverage(connection: Connection, within: str | None = None) -> Coverage:
    """The villages without anybody reachable, in ``within`` and below or everywhere."""
    return assess_coverage(_divisions(connection, within), _headcounts(connection, within))


def without_duty_officer(connection: Connection, within: str) -> tuple[Division, ...]:
    """The counties and above, in ``within`` and below, that nobody watches."""
    divisions, headcounts = _divisions(connection, within), _headcounts(connection, within)
    return _without_duty_officer(connection, divisions, headcounts)


def readiness(connection: Connection) -> Readiness:
    """Everything ``jiaoying check`` tells."""
    divisions = _divisions(connection, None)
    headcounts = _headcounts(connection, None)
    groups = all_groups(connection)
    persons, linked, reached = connection.execute(_EVERYBODY).one()
    return Readiness(
        divisions=len(divisions),
        persons=int(persons),
        linked=int(linked),
        unreachable=int(linked - reached),
        groups=len(groups),
        groups_removed=tuple(group for group in groups if group.contact is not Contact.OK),
        without_duty_officer=_without_duty_officer(connection, divisions, headcounts),
        coverage=assess_coverage(divisions, headcounts),
    )


def _divisions(connection: Connection, within: str | None) -> list[Division]:
    columns = division_table.c
    query = select(columns.code, columns.name, columns.level).order_by(columns.code)
    if within is not None:
        query = query.where(columns.code.between(*code_range(within)))
    return [Division(code, name, Tier(level)) for code, name, level in connection.execute(query)]


_COUNTS = (
    func.count(),
    func.coalesce(func.sum(case((_LINKED, 1), else_=0)), 0),
    func.coalesce(func.sum(case((reachable(), 1), else_=0)), 0),
)
_EVERYBODY = select(*_COUNTS).where(people_table.c.active)


def _headcounts(connection: Connection, within: str | None) -> dict[str, Headcount]:
    """By division; whoever holds posts in several is counted in each, once."""
    linked, reached = case((_LINKED, 1), else_=0), case((reachable(), 1), else_=0)
    parts = []
    for code, source in (
        (people_table.c.division_code, people_table),
        (
            post_table.c.division_code,
            people_table.join(post_table, post_table.c.person_id == people_table.c.id),
        ),
    ):
        part = select(
            code.label("code"),
            people_table.c.id,
            people_table.c.contact,
            linked.label("linked"),
            reached.label("reached"),
        )
        part = part.select_from(source).where(people_table.c.active)
        if within is not None:
            part = part.where(code.between(*code_range(within)))
        parts.append(part)
    held = union(*parts).subquery("held")
    query = select(
        held.c.code, func.count(), func.sum(held.c.linked), func.sum(held.c.reached)
    ).group_by(held.c.code)
    why = select(held.c.code, held.c.contact).where(held.c.linked == 1, held.c.reached == 0)
    lost: defaultdict[str, set[Contact]] = defaultdict(set)
    for place, contact in connection.execute(why.distinct()):
        lost[place].add(Contact(contact))
    return {
        row[0]: Headcount(row[1], int(row[2]), int(row[3]), frozenset(lost[row[0]]))
        for row in connection.execute(query)
    }


def _without_duty_officer(
    connection: Connection, divisions: list[Division], headcounts: dict[str, Headcount]
) -> tuple[Division, ...]:
    """Divisions from county to province that somebody below may need, and that nobody watches.

    Townships are left out: few keep a watch of their own, and the county's stands in.
    """
    watched = set(
        connection.execute(
            select(people_table.c.division_code).where(
                people_table.c.role == Role.DUTY_OFFICER.value, people_table.c.active
            )
        ).scalars()
    )
    further = select(post_table.c.division_code).join(
        people_table, people_table.c.id == post_table.c.person_id
    )
    further = further.where(post_table.c.role == Role.DUTY_OFFICER.value, people_table.c.active)
    watched.update(connection.execute(further).scalars())
    on_shift = select(shift_table.c.division_code).where(
        exists().where(people_table.c.id == shift_table.c.person_id, people_table.c.active)
    )
    watched.update(connection.execute(on_shift).scalars())
    needed = [division for division in divisions if division.tier.depth <= Tier.COUNTY.depth]
    peopled = sorted(code for code, count in headcounts.items() if count.persons)
    return tuple(
        division
        for division in needed
        if division.code not in watched and _any_within(peopled, division.code)
    )


def _any_within(codes: list[str], ancestor: str) -> bool:
    low, high = code_range(ancestor)
    at = bisect_left(codes, low)
    return at < len(codes) and codes[at] <= high
