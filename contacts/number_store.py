"""Whose telephone number it is: of one person or of several who share it."""

from __future__ import annotations

from sqlalchemy import Connection, and_, literal_column, select

from contacts.people import Person
from contacts.people_store import PERSON_COLUMNS, as_person
from data.tables.contacts import people


def people_with(connection: Connection, number: str) -> list[Person]:
    """Active persons who have this number, as their first one or another, by id.

    :param number: in international form (``contacts.phones``).
    """
    if not number:
        return []
    first = people.c.phone == number
    # As the index of the few who have another says it.
    has_more = people.c.other_phones != literal_column("''")
    further = and_(has_more, people.c.other_phones.contains(number, autoescape=True))
    found: dict[int, Person] = {}
    for whose in (first, further):
        query = select(*PERSON_COLUMNS).where(whose, people.c.active)
        found |= {row[0]: as_person(row) for row in connection.execute(query)}
    # A longer number may contain it.
    return [found[key] for key in sorted(found) if number in found[key].numbers]
