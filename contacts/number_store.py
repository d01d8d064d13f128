"""Whose telephone number it is: of one person or of several who share it."""

from __future__ import annotations

from sqlalchemy import Connection, or_, select

from contacts.people import Person
from contacts.people_store import PERSON_COLUMNS, as_person
from data.tables.contacts import people


def people_with(connection: Connection, number: str) -> list[Person]:
    """Active persons who have this number, as their first one or another, by id.

    :param number: in international form (``contacts.phones``).
    """
    if not number:
        return []
    further = people.c.other_phones.contains(number, autoescape=True)
    query = select(*PERSON_COLUMNS).where(or_(people.c.phone == number, further), people.c.active)
    found = [as_person(row) for row in connection.execute(query.order_by(people.c.id))]
    # A longer number may contain it.
    return [person for person in found if number in person.numbers]
