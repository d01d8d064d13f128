"""Who is above a person: those who hear what becomes of the account of a post with rights."""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import datetime

from contacts.access import may_approve_link
from contacts.divisions.codes import ancestors
from contacts.link_store import watched_by
from contacts.people import RIGHTS, Person
from contacts.people_store import people_of
from data.database import Connection


def superiors(
    connection: Connection, person: Person, except_for: Collection[int] = frozenset()
) -> list[Person]:
    """The linked holders of posts with rights in the nearest division above that has any.

    A province has nobody above it: there it is the others of the province.

    :param except_for: ids of persons who are no help in this.
    """
    return _nearest(connection, person, lambda above: above.id not in except_for)


def approvers(connection: Connection, person: Person, now: datetime) -> list[Person]:
    """Those of the nearest division who may say which account is this person's."""
    watched = watched_by(connection, person.id, now)
    return _nearest(
        connection, person, lambda above: may_approve_link(above, person, watched).allowed
    )


def _nearest(
    connection: Connection, person: Person, wanted: Callable[[Person], bool]
) -> list[Person]:
    # Of the post that leads: nearly always the only one that gives rights.
    codes = ancestors(person.division_code) or (person.division_code,)
    for code in codes:
        found = [
            above
            for above in people_of(connection, code, RIGHTS)
            if above.telegram_id is not None and above.id != person.id and wanted(above)
        ]
        if found:
            return found
    return []
