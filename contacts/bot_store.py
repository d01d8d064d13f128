"""Bots in the database, and to which of them each person and group belongs."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    Select,
    Table,
    func,
    insert,
    or_,
    select,
    update,
)

from contacts.bots import Bot, Down, nearest_first
from contacts.divisions.codes import code_range
from contacts.people import Contact
from data import audit
from data.json_rows import GIVEN_IDS, as_json, looked_up
from data.tables.alerts import deliveries
from data.tables.contacts import bots as table
from data.tables.contacts import groups, people


def bots(connection: Connection) -> list[Bot]:
    """Every bot that is configured somewhere, by id."""
    query = select(table).where(table.c.retired.is_(False)).order_by(table.c.id)
    return [_as_bot(row) for row in connection.execute(query)]


def bot(connection: Connection, bot_id: int) -> Bot | None:
    """One bot, configured or not."""
    row = connection.execute(select(table).where(table.c.id == bot_id)).first()
    return None if row is None else _as_bot(row)


def configure(connection: Connection, configured: Iterable[Bot], now: datetime) -> None:
    """Enter the configured bots, retire the others, and give everybody a bot who has none."""
    wanted = {bot.id: bot for bot in configured}
    known = {row.id: row for row in connection.execute(select(table))}
    for bot_id, row in known.items():
        if bot_id not in wanted and not row.retired:
            _change(connection, bot_id, retired=True, down_reason=None, down_since=None)
            _audit(connection, bot_id, "bot.retired", {}, now)
        elif not row.retired and wanted[bot_id].division_code != row.division_code:
            # Two may change places: at no moment do both serve one division.
            _change(connection, bot_id, retired=True)
    for bot in wanted.values():
        before = known.get(bot.id)
        if before is None:
            values = {"id": bot.id, "division_code": bot.division_code, "retired": False}
            connection.execute(insert(table).values(values))
        elif before.division_code != bot.division_code or before.retired:
            _change(connection, bot.id, division_code=bot.division_code, retired=False)
        else:
            continue
        _audit(connection, bot.id, "bot.configured", {"division": bot.division_code}, now)
    assign(connection)


def introduce(connection: Connection, bot_id: int, username: str) -> None:
    """The bot told its name: links and QR sheets bear it."""
    _change(connection, bot_id, username=username)


def heard_until(connection: Connection, bot_id: int) -> datetime | None:
    """Everything done to the bot before then was taken in; ``None``: nobody knows."""
    query = select(table.c.heard_until).where(table.c.id == bot_id)
    return connection.execute(query).scalar()


def newest_heard_until(connection: Connection) -> datetime | None:
    """Until when any bot was heard; ``None``: none ever was."""
    return connection.execute(select(func.max(table.c.heard_until))).scalar()


def all_heard_since(connection: Connection, since: datetime) -> bool:
    """Whether none of the bots has been out since before then."""
    out = (table.c.heard_until < since) & table.c.retired.is_(False)
    return connection.execute(select(table.c.id).where(out).limit(1)).first() is None


def note_heard(connection: Connection, bot_id: int, until: datetime) -> None:
    """Everything done to the bot before then was taken in."""
    _change(connection, bot_id, heard_until=until)


def assign(connection: Connection) -> None:
    """Give every person and group a bot that serves them, where they have none, or a retired one.

    Cheap when there is nothing to do. A person keeps the bot they started.
    """
    configured = bots(connection)
    if not configured:
        return
    ids = [bot.id for bot in configured]
    for owners in (people, groups):
        homeless = or_(owners.c.bot_id.is_(None), owners.c.bot_id.not_in(ids))
        if connection.execute(select(owners.c.division_code).where(homeless).limit(1)).first():
            _give_bots(connection, owners, homeless, configured)
    waiting = (deliveries.c.state == "queued") & or_(
        deliveries.c.bot_id.is_(None), deliveries.c.bot_id.not_in(ids)
    )
    if connection.execute(select(deliveries.c.id).where(waiting).limit(1)).first():
        owner = func.coalesce(*bot_of(deliveries.c.chat_id))
        connection.execute(update(deliveries).where(waiting).values(bot_id=owner))


def bot_of(chat_id: Any) -> tuple[Any, Any, Any]:
    """Subqueries: the bot of the person with this chat, that of the group, and the broadest bot."""
    person = select(people.c.bot_id).where(people.c.telegram_id == chat_id)
    group = select(groups.c.bot_id).where(groups.c.chat_id == chat_id)
    broadest = (
        select(table.c.id)
        .where(table.c.retired.is_(False))
        .order_by(table.c.division_code, table.c.id)
        .limit(1)
    )
    return tuple(query.scalar_subquery() for query in (person, group, broadest))  # type: ignore[return-value]


def bot_id_of_person(connection: Connection, person_id: int) -> int | None:
    """The bot this person belongs to."""
    query = select(people.c.bot_id).where(people.c.id == person_id)
    return connection.execute(query).scalar()


def bot_id_of_group(connection: Connection, chat_id: int) -> int | None:
    """The bot that speaks in this group."""
    query = select(groups.c.bot_id).where(groups.c.chat_id == chat_id)
    return connection.execute(query).scalar()


def serving(connection: Connection) -> dict[str, Bot]:
    """The configured bots by the division they serve; see ``contacts.bots.nearest``."""
    return {bot.division_code: bot for bot in bots(connection)}


def started_with(connection: Connection, person_id: int, bot_id: int, now: datetime) -> bool:
    """The person writes to this bot now; returns whether that is news."""
    row = select(people.c.bot_id).where(people.c.id == person_id)
    before = connection.execute(row).scalar()
    if before == bot_id:
        return False
    connection.execute(update(people).where(people.c.id == person_id).values(bot_id=bot_id))
    detail = {"from": before, "to": bot_id}
    audit.append(
        connection, now, [audit.Entry("person.bot", f"person:{person_id}", person_id, detail)]
    )
    return True


def joined_with(connection: Connection, chat_id: int, bot_id: int) -> None:
    """This bot was put into the group: it speaks there from now on."""
    connection.execute(update(groups).where(groups.c.chat_id == chat_id).values(bot_id=bot_id))


def mark_down(connection: Connection, bot_id: int, down: Down, now: datetime) -> bool:
    """The bot cannot speak, nor its groups be reached; whether that is news. See ``silence``."""
    before = bot(connection, bot_id)
    if before is None or before.down is down:
        return False
    since = before.down_since or now
    _change(connection, bot_id, down_reason=down.value, down_since=since)
    if before.down is None:
        _set_contact_of_groups(connection, bot_id, Contact.OK, Contact.BOT_DOWN)
    _audit(connection, bot_id, "bot.down", {"reason": down.value}, now)
    return before.down is None


def mark_up(connection: Connection, bot_id: int, now: datetime) -> None:
    """The bot can speak again, and its groups be reached. Its people before that: ``hear``."""
    before = bot(connection, bot_id)
    if before is None or before.down is None:
        return
    _change(connection, bot_id, down_reason=None, down_since=None)
    _set_contact_of_groups(connection, bot_id, Contact.BOT_DOWN, Contact.OK)
    _audit(connection, bot_id, "bot.up", {}, now)


def silence(connection: Connection, bot_id: int, limit: int) -> list[int]:
    """Up to ``limit`` persons of a bot that cannot speak cannot be reached from now on."""
    return _set_contact_of_some(connection, bot_id, Contact.OK, Contact.BOT_DOWN, limit)


def hear(connection: Connection, bot_id: int, limit: int) -> list[int]:
    """Up to ``limit`` persons of a bot that speaks again can be reached from now on."""
    return _set_contact_of_some(connection, bot_id, Contact.BOT_DOWN, Contact.OK, limit)


def anybody_hears(connection: Connection, bot_id: int) -> bool:
    """Whether ``silence`` would find anybody."""
    return connection.execute(_some_of_bot(bot_id, Contact.OK, 1)).first() is not None


def _give_bots(
    connection: Connection,
    owners: Table,
    homeless: ColumnElement[bool],
    configured: Collection[Bot],
) -> None:
    """Give each of ``owners`` without a bot the one that serves their division most narrowly."""
    for bot in nearest_first(configured):
        low, high = code_range(bot.division_code)
        inside = owners.c.division_code.between(low, high)
        connection.execute(update(owners).where(homeless, inside).values(bot_id=bot.id))


def _set_contact_of_groups(
    connection: Connection, bot_id: int, before: Contact, now: Contact
) -> None:
    of_bot = (groups.c.bot_id == bot_id) & (groups.c.contact == before.value)
    connection.execute(update(groups).where(of_bot).values(contact=now.value))


def _set_contact_of_some(
    connection: Connection, bot_id: int, before: Contact, now: Contact, limit: int
) -> list[int]:
    rows = connection.execute(_some_of_bot(bot_id, before, limit))
    some = [row.id for row in rows]
    change = update(people).where(looked_up(people.c.id, GIVEN_IDS)).values(contact=now.value)
    connection.execute(change, {"ids": as_json(some)})
    return some


def _some_of_bot(bot_id: int, contact: Contact, limit: int) -> Select[tuple[int]]:
    of_bot = (people.c.bot_id == bot_id) & (people.c.contact == contact.value)
    return select(people.c.id).where(of_bot).limit(limit)


def _change(connection: Connection, bot_id: int, **values: Any) -> None:
    connection.execute(update(table).where(table.c.id == bot_id).values(**values))


def _audit(
    connection: Connection, bot_id: int, action: str, detail: dict[str, Any], now: datetime
) -> None:
    audit.append(connection, now, [audit.Entry(action, f"bot:{bot_id}", None, detail)])


def _as_bot(row: Row[Any]) -> Bot:
    down = None if row.down_reason is None else Down(row.down_reason)
    return Bot(row.id, row.division_code, row.username, down, row.down_since)
