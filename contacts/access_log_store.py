"""Who was shown whose number, position or photo: one row a day for each, kept for some months.

Not in the trail, which is for good and holds no personal data. A duty officer's number is there to
be rung by everybody below, and is not noted.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import Enum

from sqlalchemy import Connection, bindparam, delete, insert, select

from contacts.divisions.codes import contains
from contacts.people import Person, Role
from contacts.people_store import PERSON_COLUMNS, as_person
from data.audit import acting_user
from data.json_rows import GIVEN_IDS, GIVEN_WORDS, as_json, looked_up
from data.tables.contacts import access_log as table
from data.tables.contacts import people

SAME_LOOK = timedelta(days=1)
"""What was shown again within it is one look (ours)."""


class Shown(Enum):
    """What somebody was shown of another."""

    PHONE = "phone"
    POSITION = "position"
    PHOTO = "photo"


class Way(Enum):
    """Where they were shown it."""

    BOT = "bot"
    BOARD = "board"
    GROUP = "group"
    COMMAND = "command"
    PAGE = "page"
    API = "api"


@dataclass(frozen=True, slots=True)
class Look:
    """``viewer_id`` was shown something of ``subject_id``.

    Of a group it is the chat, below 0. Of the command line it is 0, and ``operator`` says who ran
    it, as user@host.
    """

    at: datetime
    viewer_id: int
    subject_id: int
    what: Shown
    way: Way
    operator: str = ""


def note(connection: Connection, looks: Iterable[Look]) -> None:
    """Write down looks that are not noted yet."""
    alike: dict[Look, list[int]] = {}
    for look in dict.fromkeys(looks):
        alike.setdefault(replace(look, subject_id=0), []).append(look.subject_id)
    for look, subjects in alike.items():
        same = {
            "viewer": look.viewer_id,
            "ids": as_json(subjects),
            "what": look.what.value,
            "operator": look.operator,
            "since": look.at - SAME_LOOK,
        }
        noted = set(connection.execute(_NOTED, same).scalars())
        values = {
            "at": look.at,
            "viewer_id": look.viewer_id,
            "what": look.what.value,
            "way": look.way.value,
            "about": "",
            "operator": look.operator,
        }
        rows = [{**values, "subject_id": subject} for subject in subjects if subject not in noted]
        if rows:
            connection.execute(insert(table), rows)


def note_by_command(
    connection: Connection, subject_ids: Iterable[int], now: datetime, what: Shown = Shown.PHONE
) -> None:
    """Note that the command line wrote or printed something of these persons; see ``acting_user``.

    :param what: what it showed of each.
    """
    operator = acting_user(connection) or "?"
    note(
        connection,
        [Look(now, 0, subject, what, Way.COMMAND, operator) for subject in subject_ids],
    )


def note_numbers(
    connection: Connection,
    viewer: Person,
    phones: Collection[str],
    way: Way,
    now: datetime,
) -> None:
    """Note whose numbers somebody was shown.

    :param phones: as stored (``contacts.phones``); those of nobody in the roster are passed over.
    """
    rows = connection.execute(_WHOSE, {"words": as_json(set(phones))})
    note(
        connection,
        [
            Look(now, viewer.id, subject.id, Shown.PHONE, way)
            for subject in map(as_person, rows)
            if subject.id != viewer.id and not _there_to_be_rung(subject, viewer)
        ],
    )


def of_person(connection: Connection, person_id: int) -> list[Look]:
    """Everybody who was shown something of this person, the last first."""
    query = select(table).where(table.c.subject_id == person_id).order_by(table.c.id.desc())
    return [
        Look(row.at, row.viewer_id, row.subject_id, Shown(row.what), Way(row.way), row.operator)
        for row in connection.execute(query)
    ]


def any_before(connection: Connection, before: datetime) -> bool:
    """Whether there is anything to delete."""
    query = select(table.c.id).where(table.c.at < before).limit(1)
    return connection.execute(query).first() is not None


def delete_before(connection: Connection, before: datetime) -> int:
    """Delete what was noted before then; returns how much."""
    return connection.execute(delete(table).where(table.c.at < before)).rowcount


def _there_to_be_rung(subject: Person, viewer: Person) -> bool:
    return any(
        held.role is Role.DUTY_OFFICER and contains(held.division_code, post.division_code)
        for held in subject.posts
        for post in viewer.posts
    )


_WHOSE = select(*PERSON_COLUMNS).where(looked_up(people.c.phone, GIVEN_WORDS))
_NOTED = select(table.c.subject_id).where(
    looked_up(table.c.subject_id, GIVEN_IDS),
    table.c.viewer_id == bindparam("viewer"),
    table.c.what == bindparam("what"),
    table.c.operator == bindparam("operator"),
    table.c.at > bindparam("since"),
)
