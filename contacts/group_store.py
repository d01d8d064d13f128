"""Work groups in the database, every change with its audit entry."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, Select, bindparam, delete, insert, or_, select, update

from contacts.divisions.codes import CODE_LENGTH, ancestors
from contacts.groups import Group, Purpose, purposes_for
from contacts.people import Contact
from contacts.people_store import within
from contacts.targeting import Range
from data import audit
from data.tables.contacts import groups as table

EVERYWHERE: Range = ("0" * CODE_LENGTH, "9" * CODE_LENGTH)
"""Every division there is."""


def group(connection: Connection, chat_id: int) -> Group | None:
    """The group with this chat id."""
    row = connection.execute(select(table).where(table.c.chat_id == chat_id)).first()
    return _as_group(row) if row else None


def groups_for(
    connection: Connection,
    ranges: Iterable[Range],
    purpose: Purpose | str,
    above: Iterable[str] = (),
) -> list[Group]:
    """The groups to post in: division inside ``ranges``, right purpose, bot still a member.

    Also those that refused us last: what is posted there is another try.

    :param above: divisions whose own groups hear of it too (``groups.tiers_above``).
    """
    there = _serving(ranges, above, purpose, Contact.OK, Contact.REFUSED)
    return [_as_group(row) for row in connection.execute(there)]


def groups_out_of_reach(
    connection: Connection,
    ranges: Iterable[Range],
    purpose: Purpose | str = Purpose.ALL,
    above: Iterable[str] = (),
) -> list[Group]:
    """The groups of these divisions whose members read nothing: the bot may not write, or is not
    there any more.

    :param above: as for ``groups_for``.
    """
    there = _serving(ranges, above, purpose, Contact.REFUSED, Contact.REMOVED)
    return [_as_group(row) for row in connection.execute(there)]


def _serving(
    ranges: Iterable[Range], above: Iterable[str], purpose: Purpose | str, *contacts: Contact
) -> Select[Any]:
    """The groups of these divisions that serve a purpose, and are as ``contacts`` says."""
    return (
        select(table)
        .where(
            or_(within(table.c.division_code, ranges), table.c.division_code.in_(sorted(above))),
            table.c.purpose.in_([wanted.value for wanted in purposes_for(purpose)]),
            table.c.contact.in_([contact.value for contact in contacts]),
        )
        .order_by(table.c.division_code, table.c.chat_id)
    )


def groups_to_ask(connection: Connection, asked_before: datetime, limit: int) -> list[Group]:
    """Groups that refused us and were last tried at ``asked_before`` or earlier."""
    given = {"before": asked_before, "most": limit}
    return [_as_group(row) for row in connection.execute(_TO_ASK, given)]


def note_asked(connection: Connection, chat_id: int, now: datetime) -> None:
    """It was tried whether the group takes messages again."""
    connection.execute(update(table).where(table.c.chat_id == chat_id).values(asked_at=now))


def reached_after_all(connection: Connection, chat_ids: Iterable[int]) -> list[int]:
    """Groups that counted as out of reach, of those in which a message has just arrived."""
    query = select(table.c.chat_id).where(
        table.c.chat_id.in_(list(chat_ids)),
        table.c.contact.in_([Contact.REFUSED.value, Contact.REMOVED.value]),
    )
    return list(connection.execute(query).scalars())


def groups_containing(
    connection: Connection, division_code: str, purpose: Purpose | str | None = None
) -> list[Group]:
    """The groups of the division, or of its nearest ancestor that has one."""
    line = (division_code, *ancestors(division_code))
    query = select(table).where(
        table.c.division_code.in_(line), table.c.contact == Contact.OK.value
    )
    if purpose is not None:
        wanted = [serving.value for serving in purposes_for(purpose)]
        query = query.where(table.c.purpose.in_(wanted))
    found = [_as_group(row) for row in connection.execute(query.order_by(table.c.chat_id))]
    for code in line:
        nearest = [group for group in found if group.division_code == code]
        if nearest:
            return nearest
    return []


def all_groups(connection: Connection) -> list[Group]:
    """Every group, also those the bot was removed from."""
    query = select(table).order_by(table.c.division_code, table.c.chat_id)
    return [_as_group(row) for row in connection.execute(query)]


def save_group(
    connection: Connection, saved: Group, now: datetime, actor: int | None = None
) -> bool:
    """Enter or change a group; returns whether anything changed."""
    before = group(connection, saved.chat_id)
    if before == saved:
        return False
    values = _as_row(saved)
    if before is None:
        connection.execute(insert(table).values(values))
    else:
        connection.execute(update(table).where(table.c.chat_id == saved.chat_id).values(values))
    action = "group.added" if before is None else "group.changed"
    detail = {"to": values} if before is None else {"from": _as_row(before), "to": values}
    audit.append(connection, now, [audit.Entry(action, _subject(saved.chat_id), actor, detail)])
    return True


def migrate_group(connection: Connection, old: int, new: int, now: datetime) -> bool:
    """A group became a supergroup and bears a new chat id; safe to tell twice.

    Telegram announces it in both chats, so the second telling finds nothing to do.
    """
    moved = group(connection, old)
    if moved is None:
        return False
    bot_id = connection.execute(select(table.c.bot_id).where(table.c.chat_id == old)).scalar()
    connection.execute(delete(table).where(table.c.chat_id == old))
    if group(connection, new) is None:
        values = {
            **_as_row(moved),
            "chat_id": new,
            "contact": Contact.OK.value,
            "bot_id": bot_id,
        }
        connection.execute(insert(table).values(values))
    audit.append(
        connection, now, [audit.Entry("group.migrated", _subject(new), detail={"from": old})]
    )
    return True


def mark_group(connection: Connection, chat_id: int, contact: Contact, now: datetime) -> bool:
    """Record that the bot was removed from a group, or is back; returns whether that is news."""
    before = group(connection, chat_id)
    if before is None or before.contact is contact:
        return False
    connection.execute(
        update(table).where(table.c.chat_id == chat_id).values(contact=contact.value)
    )
    detail = {"from": before.contact.value, "to": contact.value}
    audit.append(connection, now, [audit.Entry("group.contact", _subject(chat_id), detail=detail)])
    return True


def _subject(chat_id: int) -> str:
    return f"group:{chat_id}"


def _as_group(row: Row[Any]) -> Group:
    return Group(
        chat_id=row.chat_id,
        title=row.title,
        division_code=row.division_code,
        purpose=Purpose(row.purpose),
        contact=Contact(row.contact),
    )


def _as_row(saved: Group) -> dict[str, Any]:
    return {
        "chat_id": saved.chat_id,
        "title": saved.title,
        "division_code": saved.division_code,
        "purpose": saved.purpose.value,
        "contact": saved.contact.value,
    }


_TO_ASK = (
    select(table)
    .where(
        table.c.contact == Contact.REFUSED.value,
        or_(table.c.asked_at.is_(None), table.c.asked_at <= bindparam("before")),
    )
    .order_by(table.c.chat_id)
    .limit(bindparam("most"))
)
