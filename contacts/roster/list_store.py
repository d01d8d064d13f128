"""Whom the newest list of an area names: what makes the date of the roster, and doubt of the rest.

An import takes nobody out of the roster. But whoever is not in the newest list of their area counts
as doubtful until a list names them again: a village is not covered by somebody who has left.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, insert, or_, select, update

from contacts.coverage import Doubt
from contacts.people import Person
from data import audit
from data.json_rows import GIVEN_IDS, GIVEN_WORDS, as_json, looked_up
from data.tables.columns import UtcDateTime
from data.tables.contacts import people
from data.tables.contacts import roster_lists as table


@dataclass(frozen=True, slots=True)
class Listed:
    """What a file of persons says about who is of the roster.

    ``phones``: whom it names; ``left_out``: ids of those of its area and roles that it does not,
    if it is a list of all of them. ``news``: nobody has said so since.
    """

    phones: frozenset[str] = frozenset()
    left_out: tuple[int, ...] = ()
    news: bool = False


def compared(
    connection: Connection, digest: str, phones: frozenset[str], missing: Sequence[Person]
) -> Listed:
    """What importing this file would say.

    :param missing: persons of its area and roles whom it does not name and who stay. A file that
        names fewer than are missing is a list of some, and says nothing of the others.
    """
    left_out = tuple(person.id for person in missing) if len(missing) <= len(phones) else ()
    last = connection.execute(select(table.c.imported_at).where(table.c.digest == digest)).scalar()
    return Listed(phones, left_out, last is None or _outdated(connection, phones, last, left_out))


def _outdated(
    connection: Connection, phones: Collection[str], last: datetime, left_out: Collection[int]
) -> bool:
    """Whether something was said since the file was imported that it says otherwise."""
    given = {"words": as_json(phones), "ids": as_json(left_out), "last": last}
    return any(connection.execute(query, given).first() for query in (_NAMED_NO_MORE, _NO_DOUBT))


_NAMED_NO_MORE = (
    select(people.c.id)
    .where(
        people.c.phone.in_(GIVEN_WORDS),
        or_(
            people.c.listed_at.is_(None),
            people.c.listed_at < bindparam("last", type_=UtcDateTime),
            people.c.doubt.is_not(None),
        ),
    )
    .limit(1)
)
_NO_DOUBT = select(people.c.id).where(people.c.id.in_(GIVEN_IDS), people.c.doubt.is_(None)).limit(1)
_LIST = (
    update(people)
    .where(people.c.phone.in_(GIVEN_WORDS))
    .values(listed_at=bindparam("now", type_=UtcDateTime), doubt=None, doubted_at=None)
)
_DOUBT = (
    update(people)
    .where(looked_up(people.c.id, GIVEN_IDS), people.c.doubt.is_(None))
    .values(doubt=bindparam("why"), doubted_at=bindparam("now", type_=UtcDateTime))
)


def note(connection: Connection, listed: Listed, source: dict[str, Any], now: datetime) -> None:
    """The file was imported: whom it names is of the roster now, whom it leaves out is in doubt.

    :param source: the file and its digest, for the trail.
    """
    if not listed.news:
        return
    connection.execute(_LIST, {"words": as_json(listed.phones), "now": now})
    doubt(connection, listed.left_out, Doubt.LEFT_OUT, now)
    digest, file = source["sha256"], source["file"]
    known = update(table).where(table.c.digest == digest).values(file=file, imported_at=now)
    if not connection.execute(known).rowcount:
        connection.execute(insert(table).values(digest=digest, file=file, imported_at=now))


def confirm(connection: Connection, listed: Listed, source: dict[str, Any], now: datetime) -> None:
    """As ``note``, where that is all that importing the file does: the trail says so."""
    note(connection, listed, source, now)
    detail = {**source, "named": len(listed.phones), "left_out": len(listed.left_out)}
    audit.append(connection, now, [audit.Entry("roster.listed", "roster", detail=detail)])


def doubt(connection: Connection, person_ids: Collection[int], why: Doubt, now: datetime) -> None:
    """These persons may not be of the roster any more; whoever was in doubt stays so."""
    given = {"ids": as_json(person_ids), "why": why.value, "now": now}
    connection.execute(_DOUBT, given)
