"""Whom a task is told to when something of it is due: of one, or of a thousand at once.

Whoever took it, while they are in the roster. Else whoever was named, else the holder of the post
who comes first and can be reached: the post's own next stands in. Is there nobody, the post is
*vacant*, and the officers of the nearest tier above are told instead, and that it is vacant.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from alerts.loop.tasks.model import Responsible, Task, TaskState
from contacts import people_store
from contacts.access import may_take_charge
from contacts.divisions.codes import ancestors
from contacts.duty_store import officers_above_many
from contacts.people import Person, Post
from contacts.people_store import post_holders
from data.database import Connection


@dataclass(frozen=True, slots=True)
class Whose:
    """Who is told of a task now. ``vacant``: nobody holds its post. ``out_of_reach``: somebody
    does, and no message reaches them. ``left``: who took it has left the roster, so it is open
    again.
    """

    told: tuple[Person, ...]
    vacant: bool = False
    out_of_reach: bool = False
    left: bool = False

    @property
    def handed_over(self) -> bool:
        """Whether others than the post's are told."""
        return self.vacant or self.out_of_reach


class Owed(Protocol):
    """A task, as far as it says whose it is."""

    @property
    def id(self) -> int: ...
    @property
    def responsible(self) -> Responsible: ...
    @property
    def state(self) -> TaskState: ...
    @property
    def taken_by(self) -> int | None: ...


def whose(connection: Connection, task: Owed, now: datetime) -> Whose:
    """Of one task."""
    return whose_many(connection, [task], now)[task.id]


def whose_many(connection: Connection, tasks: Collection[Owed], now: datetime) -> dict[int, Whose]:
    """Of many, in a few statements: by the task's number."""
    meant = (who for task in tasks for who in (task.taken_by, task.responsible.person_id))
    named = people_store.people(connection, {who for who in meant if who is not None})
    taken = {
        task.id: person
        for task in tasks
        if task.state is not TaskState.OPEN
        and (person := named.get(task.taken_by or 0)) is not None
        and person.active
    }
    holders = holders_of(
        connection, (task.responsible for task in tasks if task.id not in taken), named
    )
    first = {post: next(filter(_reached, there), None) for post, there in holders.items()}
    empty = {post.division_code for post, person in first.items() if person is None}
    above = officers_above_many(connection, empty, now) if empty else {}
    found = {}
    for task in tasks:
        if task.id in taken:
            found[task.id] = Whose((taken[task.id],))
            continue
        post, left = task.responsible, task.state is TaskState.TAKEN
        person = first[post]
        if person is not None:
            found[task.id] = Whose((person,), left=left)
        else:
            there = bool(holders[post])
            found[task.id] = Whose(tuple(above[post.division_code]), not there, there, left)
    return found


def holders_of(
    connection: Connection,
    posts: Iterable[Responsible],
    named: dict[int, Person] | None = None,
) -> dict[Responsible, list[Person]]:
    """Who answers for each, in the order in which they are told.

    :param named: persons that were read already.
    """
    posts = set(posts)
    if named is None:
        ids = [post.person_id for post in posts if post.person_id is not None]
        named = people_store.people(connection, ids)
    by_office: defaultdict[tuple[str, str], list[Person]] = defaultdict(list)
    codes = {post.division_code for post in posts}
    roles = {post.role for post in posts}
    for person in post_holders(connection, codes, roles) if posts else ():
        if not person.others:  # nearly everybody: to make the posts of thousands takes a tenth
            by_office[person.division_code, person.role.value].append(person)
            continue
        for held in person.posts:
            by_office[held.division_code, held.role.value].append(person.at(held))
    found = {}
    for post in posts:
        there = by_office.get((post.division_code, post.role.value), [])
        if post.place_code:
            there = [person for person in there if person.place_code == post.place_code]
        if len(there) > 1:
            # Where no place is named, the division's own comes before those of its places.
            there = sorted(there, key=lambda person: (person.place_code, person.rank, person.id))
        meant = named.get(post.person_id or 0)
        if meant is not None and meant.active:
            there = [meant, *(person for person in there if person.id != meant.id)]
        found[post] = there
    return found


def _reached(person: Person) -> bool:
    return person.reachable


def fits(held: Post, wanted: Responsible) -> bool:
    """Whether a post is the one that answers; where no place is named, the role at any."""
    there = held.division_code == wanted.division_code and held.role is wanted.role
    return there and wanted.place_code in ("", held.place_code)


def answers_for(person: Person, task: Task) -> bool:
    """Whether it is this person's to do: named, of the post, or in charge of its division."""
    wanted = task.responsible
    return (
        person.id in (wanted.person_id, task.taken_by)
        or any(fits(post, wanted) for post in person.posts)
        or may_take_charge(person, wanted.division_code).allowed
    )


def tiers_above(code: str) -> int:
    """How many tiers can hear that what a division owes is overdue."""
    return len(ancestors(code))


def rung_division(code: str, climbed: int) -> str:
    """The division whose officers above are told next, when ``climbed`` tiers were told."""
    line = (code, *ancestors(code))
    return line[min(climbed, max(len(line) - 2, 0))]
