"""The posts that persons hold: the one that leads in ``people``, the further ones in ``posts``."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import Connection, delete, insert, update

from contacts.people import Person, Post
from data.json_rows import GIVEN_IDS, as_json
from data.tables.contacts import people as people_table
from data.tables.contacts import posts as post_table


def post_values(post: Post) -> dict[str, Any]:
    """The columns of a post, in ``people`` and in ``posts``."""
    return {
        "division_code": post.division_code,
        "role": post.role.value,
        "rank": post.rank,
        "title": post.title,
        "place_code": post.place_code,
        "hazards": ",".join(sorted(post.hazards)),
        "held_from": post.held_from.value if post.held_from else None,
    }


def set_posts(connection: Connection, person: Person) -> None:
    """The person holds the posts that ``person`` has, and no others, from now on."""
    leads = update(people_table).where(people_table.c.id == person.id)
    connection.execute(leads.values(**post_values(person.post)))
    replace_further_posts(connection, [person])


def replace_further_posts(connection: Connection, people: Sequence[Person]) -> None:
    """Beside the post that leads, these persons hold what each of them has, and no others."""
    connection.execute(_LEAVE, {"ids": as_json(person.id for person in people)})
    add_further_posts(connection, people)


def add_further_posts(connection: Connection, people: Iterable[Person]) -> None:
    """These persons come to hold, beside the post that leads, those that each has."""
    rows = [
        {"person_id": person.id, **post_values(post)} for person in people for post in person.others
    ]
    if rows:
        connection.execute(insert(post_table), rows)


_LEAVE = delete(post_table).where(post_table.c.person_id.in_(GIVEN_IDS))
