"""Who leaves: out of the roster at once, whatever account, buttons or links they still hold.

An import only adds and changes: a person missing from a file may be in another. So leaving is said
by name. Whoever stands in a file that is imported later is in the roster again only if that is
said, too, and never with the account of before.
"""

from __future__ import annotations

from datetime import datetime
from enum import Enum

from contacts import people_store
from contacts.linking import untie
from contacts.people import Person, Post, leading_first
from contacts.phones import former
from contacts.post_store import set_posts
from contacts.token_making import end_all_of
from data import audit
from data.database import Connection
from data.errors import Conflict


class NumberTaken(Enum):
    """Why a person does not get a number."""

    PHONE_TAKEN = "phone_taken"


class PostProblem(Enum):
    """Why a post is not taken away."""

    LAST_POST = "last_post"


def retire(connection: Connection, person_id: int, now: datetime, actor: int | None = None) -> bool:
    """Take a person out of the roster, untie the account and end what systems do in their name;
    False: they were out already.

    What they answered and did stays, as does the trail. Their number is free for nobody else: it
    belongs to the row that an import brings back.

    :param actor: who asked for it; ``None`` for the operator at the command line.
    """
    known = people_store.person(connection, person_id)
    if known is None or not known.active:
        return False
    untie(connection, known, now)
    people_store.set_left(connection, person_id, now)
    end_all_of(connection, person_id, now)
    entry = audit.Entry("person.retired", f"person:{person_id}", actor, {})
    audit.append(connection, now, [entry])
    return True


def give_up_post(
    connection: Connection, person: Person, post: Post, now: datetime, actor: int | None = None
) -> Person:
    """Take one of several posts away from a person; returns them with those that are left.

    What they answered and did stays.

    :param actor: who asked for it; ``None`` for the operator at the command line.
    :raises Conflict: LAST_POST: whoever holds none leaves the roster (``retire``).
    """
    left = [held for held in person.posts if held.office != post.office]
    if not left:
        raise Conflict(PostProblem.LAST_POST, name=person.name)
    after = person.with_posts(leading_first(left))
    set_posts(connection, after)
    detail = {
        "division": post.division_code,
        "role": post.role.value,
        "title": post.title,
        "place": post.place_code,
    }
    entry = audit.Entry("person.post_removed", f"person:{person.id}", actor, detail)
    audit.append(connection, now, [entry])
    return after


def give_up_number(connection: Connection, person: Person, now: datetime) -> None:
    """Somebody else bears this person's number and posts from now on: they leave the roster.

    Their row stays, with their name and what they did; its number is marked as a former one, so
    that the successor can have it. Nobody inherits the account.
    """
    retire(connection, person.id, now)
    people_store.set_phone(connection, person.id, former(person.phone, person.id))


def renumber(
    connection: Connection, person: Person, phone: str, now: datetime, actor: int | None = None
) -> None:
    """Give a person another number; the account, the posts and what they did stay theirs.

    :param phone: in its stored form.
    :raises Conflict: PHONE_TAKEN: it is somebody else's (``name``).
    """
    holder = people_store.person_by_phone(connection, phone)
    if holder is not None and holder.id != person.id:
        raise Conflict(NumberTaken.PHONE_TAKEN, name=holder.name)
    people_store.set_phone(connection, person.id, phone)
    detail = {
        "from": audit.hidden(connection, person.phone),
        "to": audit.hidden(connection, phone),
    }
    audit.append(
        connection, now, [audit.Entry("person.renumbered", f"person:{person.id}", actor, detail)]
    )
