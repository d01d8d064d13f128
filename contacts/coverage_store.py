"""What the readiness check reads: few statements over the whole roster."""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, exists, select

from contacts import proof_store
from contacts.address_standing import ProofRules
from contacts.address_standing_store import proven_people
from contacts.coverage import (
    ANY_HAZARD,
    Coverage,
    Doubt,
    Families,
    HeldPost,
    Holder,
    assess_coverage,
)
from contacts.divisions.codes import Tier, code_range
from contacts.divisions.gazetteer import Division
from contacts.group_store import EVERYWHERE, all_groups, groups_out_of_reach
from contacts.groups import Group
from contacts.people import Contact, Role
from contacts.people_store import within
from contacts.place_store import known_places
from contacts.targeting import Range
from data.tables.contacts import divisions as division_table
from data.tables.contacts import people as people_table
from data.tables.contacts import posts as post_table
from data.tables.contacts import shifts as shift_table

_LINKED = people_table.c.telegram_id.is_not(None)


@dataclass(frozen=True, slots=True)
class Readiness:
    """The figures of ``jiaoying check``. ``unreachable``: linked, but the last send failed.

    ``posts``: every post of every active person of the area, by division.
    """

    divisions: int
    persons: int
    linked: int
    unreachable: int
    groups: int
    groups_removed: tuple[Group, ...]
    without_duty_officer: tuple[Division, ...]
    coverage: Coverage
    posts: tuple[HeldPost, ...]

    @property
    def unlinked(self) -> int:
        """Persons who have not linked themselves to Telegram."""
        return self.persons - self.linked


def readiness(
    connection: Connection,
    families: Families = ANY_HAZARD,
    area: str | None = None,
    proofs: ProofRules | None = None,
    now: datetime | None = None,
) -> Readiness:
    """Everything ``jiaoying check`` and /coverage tell of a division and all below it, or of all.

    :param families: the roles that each hazard calls; see ``alerts.rules.Rules.called``.
    :param proofs: what counts beside Telegram at the time ``now``; without, nothing does.
    """
    ranges = [EVERYWHERE if area is None else code_range(area)]
    divisions = _divisions(connection, ranges)
    by_channel = None
    if proofs is not None and proofs.channels and now is not None:
        by_channel = proven_people(connection, proofs, now)
    posts = _posts(connection, None if area is None else ranges, by_channel)
    holders = {post.holder.id: post.holder for post in posts}
    known = {division.code for division in divisions}
    places = [place for place in known_places(connection).all() if place.division_code in known]
    low, high = ranges[0]
    groups = [group for group in all_groups(connection) if low <= group.division_code <= high]
    return Readiness(
        divisions=len(divisions),
        persons=len(holders),
        linked=sum(holder.linked for holder in holders.values()),
        unreachable=sum(holder.linked and not holder.reachable for holder in holders.values()),
        groups=len(groups),
        groups_removed=tuple(groups_out_of_reach(connection, ranges)),
        without_duty_officer=_without_duty_officer(connection, divisions, posts),
        coverage=assess_coverage(divisions, posts, families, places, area),
        posts=posts,
    )


def coverage(
    connection: Connection, area: str | None = None, families: Families = ANY_HAZARD
) -> Coverage:
    """The villages without anybody reachable, in ``area`` and below or everywhere."""
    return readiness(connection, families, area).coverage


def _divisions(connection: Connection, ranges: list[Range]) -> list[Division]:
    columns = division_table.c
    query = select(columns.code, columns.name, columns.level).order_by(columns.code)
    query = query.where(within(columns.code, ranges))
    return [Division(code, name, Tier(level)) for code, name, level in connection.execute(query)]


_OF_PERSON = (
    people_table.c.id,
    people_table.c.name,
    _LINKED,
    people_table.c.contact,
    people_table.c.listed_at,
    people_table.c.confirmed_at,
    people_table.c.doubt,
)
_ROLES = {role.value: role for role in Role}


def _posts(
    connection: Connection, ranges: list[Range] | None, by_channel: frozenset[int] | None
) -> tuple[HeldPost, ...]:
    """Every post of active persons there, those of one division side by side."""
    proofs = proof_store.proofs(connection, ranges)
    holders: dict[int, Holder] = {}
    found = []
    for held, source in (
        (people_table, people_table),
        (post_table, people_table.join(post_table, post_table.c.person_id == people_table.c.id)),
    ):
        columns = (
            held.c.division_code,
            held.c.role,
            held.c.rank,
            held.c.place_code,
            held.c.hazards,
            held.c.held_from,
        )
        query: Select[Any] = select(*columns, *_OF_PERSON).select_from(source)
        query = query.where(people_table.c.active)
        if ranges is not None:
            query = query.where(within(held.c.division_code, ranges))
        for code, role, rank, place, hazards, tier, person_id, *of_person in connection.execute(
            query
        ):
            holder = holders.get(person_id)
            if holder is None:
                name, linked, contact, listed, confirmed, doubt = of_person
                holder = holders[person_id] = Holder(
                    person_id,
                    name,
                    bool(linked),
                    Contact(contact),
                    _later(listed, confirmed),
                    None if doubt is None else Doubt(doubt),
                    proofs.get(person_id),
                    None if by_channel is None else person_id in by_channel,
                )
            sent_by = None if tier is None else Tier(tier)
            found.append(HeldPost(code, _ROLES[role], rank, place, hazards, holder, sent_by))
    return tuple(sorted(found, key=lambda post: (post.division_code, post.place_code, post.rank)))


def _later(listed: datetime | None, confirmed: datetime | None) -> datetime | None:
    return max((at for at in (listed, confirmed) if at is not None), default=None)


def _without_duty_officer(
    connection: Connection, divisions: list[Division], posts: tuple[HeldPost, ...]
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
    peopled = sorted({post.division_code for post in posts})
    return tuple(
        division
        for division in needed
        if division.code not in watched and _any_within(peopled, division.code)
    )


def _any_within(codes: list[str], ancestor: str) -> bool:
    low, high = code_range(ancestor)
    at = bisect_left(codes, low)
    return at < len(codes) and codes[at] <= high
