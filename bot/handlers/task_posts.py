"""Who of a division may have a task: offered by buttons, or meant by a word."""

from __future__ import annotations

from typing import Any

from bot.views.tasks.wizard import Offered
from bot.views.vocabulary import post_name, role_name
from contacts import people_store
from contacts.divisions.codes import Tier, tier_of
from contacts.people import Person, Role
from contacts.roster.columns import ROLE_WORDS
from data.database import Connection

_MOST_OFFERED = 7

# Who answers for a division where nobody is in the roster yet.
_USUAL = {
    Tier.PROVINCE: Role.DIRECTOR,
    Tier.CITY: Role.DIRECTOR,
    Tier.COUNTY: Role.DIRECTOR,
    Tier.TOWNSHIP: Role.DIRECTOR,
    Tier.VILLAGE: Role.VILLAGE_RESPONSIBLE,
}


def offered(c: Connection, code: str, language: str) -> list[Offered]:
    """Whoever holds a post there, and the usual post where nobody does."""
    people = people_store.people_of(c, code)
    people.sort(key=lambda person: (not person.reachable, person.rank, person.id))
    found = [
        Offered(f"{person.name} · {post_name(person, language)}", f"p{person.id}")
        for person in people[:_MOST_OFFERED]
    ]
    usual = _USUAL[tier_of(code)]
    if not any(person.role is usual for person in people):
        found.append(Offered(role_name(usual, language), usual.value))
    return found


def chosen(c: Connection, code: str, value: str) -> list[Any] | None:
    """Role, place and person that a button means."""
    if value.startswith("p") and value[1:].isdecimal():
        person = people_store.person(c, int(value[1:]))
        return None if person is None else _of_person(person, code)
    return [Role(value).value, "", None]


def who_is_meant(c: Connection, code: str, word: str) -> list[Any] | None:
    """The post that a name, a title or a role means in a division; ``None``: nobody there."""
    people = people_store.people_of(c, code)
    for person in people:
        if person.name == word:
            return _of_person(person, code)
    for person in people:
        if word in (person.title, role_name(person.role, "zh")):
            return [person.role.value, person.place_code, None]
    role = ROLE_WORDS.get(word)
    return None if role is None else [role.value, "", None]


def _of_person(person: Person, code: str) -> list[Any] | None:
    there = person.seen_as(lambda post: post.division_code == code)
    if there.division_code != code:
        return None
    return [there.role.value, there.place_code, there.id]
