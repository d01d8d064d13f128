"""What a list of tasks would come to in a division: for how many posts, and how many are vacant."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, select, true, union

from alerts.template_files.lists import ListedTask
from contacts.divisions.codes import code_range, tier_of
from data.tables.contacts import people, posts


@dataclass(frozen=True, slots=True)
class Extent:
    """Of one task of a list: the divisions of its tier that have anybody, and those among them in
    which nobody holds the post that owes it.
    """

    divisions: int
    vacant: int


def extents(connection: Connection, division: str, tasks: Sequence[ListedTask]) -> list[Extent]:
    """What each of these tasks comes to in a division and below, if a warning calls all of it."""
    low, high = code_range(division)
    own = select(people.c.division_code, people.c.role).where(
        people.c.division_code.between(low, high), people.c.active == true()
    )
    further = (
        select(posts.c.division_code, posts.c.role)
        .join(people, people.c.id == posts.c.person_id)
        .where(posts.c.division_code.between(low, high), people.c.active == true())
    )
    held = {(row.division_code, row.role) for row in connection.execute(union(own, further))}
    peopled = {code: tier_of(code) for code, _role in held}
    found = []
    for task in tasks:
        there = [code for code, tier in peopled.items() if tier is task.tier]
        vacant = sum((code, task.role.value) not in held for code in there)
        found.append(Extent(len(there), vacant))
    return found
