"""Updates as they came from Telegram: committed here before the offset moves.

A row is deleted in the transaction of its effect, which first makes sure that it is still there: so
a process killed at any moment neither loses a tap nor counts it twice, and of two processes that
handle the same update only one has an effect. The numbers of handled updates are kept for two days,
longer than Telegram repeats any: an update that comes again is known. What cannot be handled again
and again is set aside, not lost.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

import orjson
from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Connection,
    Table,
    Text,
    and_,
    bindparam,
    delete,
    func,
    insert,
    literal_column,
    select,
    tuple_,
    update,
)

from data.errors import JiaoyingError
from data.json_rows import GIVEN_IDS, as_json, given_rows, looked_up
from data.tables.columns import UtcDateTime
from data.tables.running import handled_updates, inbox

MOST_ATTEMPTS = 3
"""How often an update is tried before it is set aside (kept in the table, not tried again)."""

KEPT_FOR = timedelta(hours=48)
"""How long the number of a handled update is kept: Telegram repeats one for 24 hours."""


class AlreadyHandled(JiaoyingError):
    """The update had its effect already, here or in another process: there is nothing to do."""

    def __init__(self, update_id: int) -> None:
        super().__init__("already_handled", update=update_id)


_GIVEN = given_rows(update_id=BigInteger(), payload=Text()).subquery("given")
_BOT = bindparam("bot", type_=BigInteger)


def _absent(table: Table, update_id: ColumnElement[int]) -> ColumnElement[bool]:
    """SQL: the table has no row of this update.

    A value asked for is looked up by the table's key. NOT EXISTS says the same, but PostgreSQL
    answered it by reading every update of the bot: two days of them, for each group of taps.
    """
    same = select(table.c.update_id).where(table.c.bot_id == _BOT, table.c.update_id == update_id)
    return same.scalar_subquery().is_(None)


_PUT = (
    insert(inbox)
    .from_select(
        ["bot_id", "update_id", "payload", "received_at", "attempts"],
        select(
            _BOT,
            _GIVEN.c.update_id,
            _GIVEN.c.payload,
            bindparam("now", type_=UtcDateTime),
            literal_column("0"),
        ).where(*(_absent(table, _GIVEN.c.update_id) for table in (inbox, handled_updates))),
        include_defaults=False,
    )
    .returning(inbox.c.update_id)
)


def put(
    connection: Connection, bot_id: int, updates: Iterable[dict[str, Any]], now: datetime
) -> list[int]:
    """Store updates that are neither stored nor handled yet; returns the ids of the new ones."""
    rows = {update["update_id"]: orjson.dumps(update).decode() for update in updates}
    if not rows:
        return []
    given = {"rows": as_json(rows.items()), "bot": bot_id, "now": now}
    return list(connection.execute(_PUT, given).scalars().all())


def pending(connection: Connection, bot_id: int) -> list[dict[str, Any]]:
    """What was stored but not handled, oldest first: after a restart."""
    query = (
        select(inbox.c.payload)
        .where(inbox.c.bot_id == bot_id, inbox.c.attempts < MOST_ATTEMPTS)
        .order_by(inbox.c.update_id)
    )
    return [orjson.loads(payload) for payload in connection.execute(query).scalars()]


def received_at(connection: Connection, bot_id: int) -> dict[int, datetime]:
    """When each of what is still to be handled was stored, by its number."""
    query = select(inbox.c.update_id, inbox.c.received_at).where(inbox.c.bot_id == bot_id)
    return {row.update_id: row.received_at for row in connection.execute(query)}


def untried(connection: Connection, bot_id: int) -> list[int]:
    """The ids of what was stored and is being handled by somebody, or by nobody any more."""
    query = select(inbox.c.update_id).where(inbox.c.bot_id == bot_id, inbox.c.attempts == 0)
    return list(connection.execute(query.order_by(inbox.c.update_id)).scalars())


def stored(connection: Connection, bot_id: int, ids: Iterable[int]) -> list[dict[str, Any]]:
    """Of these updates, those that are still to be handled, oldest first."""
    query = (
        select(inbox.c.payload)
        .where(inbox.c.bot_id == bot_id, inbox.c.update_id.in_(GIVEN_IDS))
        .order_by(inbox.c.update_id)
    )
    found = connection.execute(query, {"ids": as_json(ids)}).scalars()
    return [orjson.loads(payload) for payload in found]


# Built once: every tap asks, and building a statement costs as much as running it.
_THIS = and_(inbox.c.bot_id == bindparam("bot"), inbox.c.update_id == bindparam("update"))
_DONE = delete(inbox).where(_THIS)
_TRIED = update(inbox).where(_THIS).values(attempts=bindparam("tries"))
_TAKEN = (
    delete(inbox)
    .where(inbox.c.bot_id == bindparam("bot"), looked_up(inbox.c.update_id, GIVEN_IDS))
    .returning(inbox.c.update_id)
)
_NUMBERS = given_rows(update_id=BigInteger()).subquery("numbers")
_NOTE = insert(handled_updates).from_select(
    ["bot_id", "update_id", "at"],
    select(_BOT, _NUMBERS.c.update_id, bindparam("now", type_=UtcDateTime)).where(
        _absent(handled_updates, _NUMBERS.c.update_id)
    ),
)


def done(connection: Connection, bot_id: int, update_id: int, now: datetime) -> None:
    """The update had its effect, in this transaction.

    :raises AlreadyHandled: it had it before; this transaction must not be committed.
    """
    if connection.execute(_DONE, {"bot": bot_id, "update": update_id}).rowcount != 1:
        raise AlreadyHandled(update_id)
    _note(connection, bot_id, [update_id], now)


def done_many(
    connection: Connection, bot_id: int, update_ids: Iterable[int], now: datetime
) -> set[int]:
    """Take these updates off the inbox, for their effect in this transaction.

    Returns those that were still there: the others had their effect before.
    """
    given = {"bot": bot_id, "ids": as_json(update_ids)}
    taken = set(connection.execute(_TAKEN, given).scalars().all())
    if taken:
        _note(connection, bot_id, taken, now)
    return taken


def _note(connection: Connection, bot_id: int, update_ids: Iterable[int], now: datetime) -> None:
    rows = as_json([update_id] for update_id in update_ids)
    connection.execute(_NOTE, {"rows": rows, "bot": bot_id, "now": now})


def failed(connection: Connection, bot_id: int, update_id: int) -> None:
    """Handling the update failed; it is tried again at the next start."""
    given = {"bot": bot_id, "update": update_id}
    query = select(inbox.c.attempts).where(_THIS)
    tries = connection.execute(query, given).scalar()
    if tries is not None:
        connection.execute(_TRIED, given | {"tries": tries + 1})


def failed_ids(connection: Connection, bot_id: int) -> set[int]:
    """Of what is still to be handled, what was tried before and failed."""
    query = select(inbox.c.update_id).where(
        inbox.c.bot_id == bot_id, inbox.c.attempts.between(1, MOST_ATTEMPTS - 1)
    )
    return set(connection.execute(query).scalars())


def give_up(connection: Connection, bot_id: int, update_ids: Iterable[int]) -> None:
    """These failed and are not tried again: too long ago, or their person did it again since."""
    query = (
        update(inbox)
        .where(inbox.c.bot_id == bot_id, inbox.c.update_id.in_(GIVEN_IDS), inbox.c.attempts > 0)
        .values(attempts=MOST_ATTEMPTS)
    )
    connection.execute(query, {"ids": as_json(update_ids)})


def unreadable(connection: Connection, bot_id: int, update_id: int) -> None:
    """The update cannot be read, now or ever: it is kept as it came, and not tried again."""
    connection.execute(_TRIED, {"bot": bot_id, "update": update_id, "tries": MOST_ATTEMPTS})


def set_all_aside(connection: Connection) -> int:
    """Keep what waits, but do not handle it: it is of another time; returns how many."""
    return connection.execute(
        update(inbox).where(inbox.c.attempts < MOST_ATTEMPTS).values(attempts=MOST_ATTEMPTS)
    ).rowcount


def count(connection: Connection) -> int:
    """How many updates wait."""
    return int(connection.execute(select(func.count()).select_from(inbox)).scalar_one())


def any_set_aside(connection: Connection, before: datetime) -> bool:
    """Whether ``delete_set_aside`` would find any."""
    query = select(inbox.c.update_id).where(inbox.c.received_at < before, inbox.c.attempts > 0)
    return connection.execute(query.limit(1)).first() is not None


def delete_set_aside(connection: Connection, before: datetime) -> int:
    """Delete what could not be handled and came before then; returns how many."""
    return connection.execute(
        delete(inbox).where(inbox.c.received_at < before, inbox.c.attempts > 0)
    ).rowcount


def any_forgettable(connection: Connection, now: datetime) -> bool:
    """Whether ``forget_handled`` would find any."""
    query = select(handled_updates.c.update_id).where(handled_updates.c.at < now - KEPT_FOR)
    return connection.execute(query.limit(1)).first() is not None


def forget_handled(connection: Connection, now: datetime, most: int) -> int:
    """Forget up to ``most`` updates handled longer ago than ``KEPT_FOR``; returns how many."""
    key = (handled_updates.c.bot_id, handled_updates.c.update_id)
    old = select(*key).where(handled_updates.c.at < now - KEPT_FOR).limit(most)
    return connection.execute(delete(handled_updates).where(tuple_(*key).in_(old))).rowcount
