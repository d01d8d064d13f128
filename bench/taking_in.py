"""Taps taken in and recorded as the bot does it, without Telegram: the database's part of a tap."""

from __future__ import annotations

from concurrent.futures import Future
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from alerts.acknowledge import by_button
from bench.scene import BOT_ID, QUIET, now
from bench.tapping import CallAndAccount
from data import inbox
from data.database import Connection, Database
from data.errors import NotAllowed

UPDATES = 100  # one answer to getUpdates holds no more


def take_in(database: Database, ids: list[CallAndAccount]) -> int:
    """Updates are committed to the inbox first, then a unit for each tap; returns the refusals.

    The next updates are asked for while the taps of the last wait for the writer. A tap whose
    account is not the addressee's is refused.
    """
    moment = now() + timedelta(seconds=1)
    refused = 0
    under_way: list[tuple[int, Future[Any]]] = []
    for start in range(0, len(ids), UPDATES):
        tapping = [
            (start + n, call, account)
            for n, (call, account) in enumerate(ids[start : start + UPDATES])
        ]
        updates = [_update(number, call, account) for number, call, account in tapping]
        database.do(lambda c, updates=updates: inbox.put(c, BOT_ID, updates, moment))  # type: ignore[misc]
        refused += _wait_for(database, under_way)
        under_way = [(tap[0], database.write(partial(_answer, *tap, moment))) for tap in tapping]
    return refused + _wait_for(database, under_way)


def _wait_for(database: Database, under_way: list[tuple[int, Future[Any]]]) -> int:
    """Until all are committed; one that was refused is taken off the inbox all the same."""
    refused = []
    for number, done in under_way:
        try:
            done.result()
        except NotAllowed:
            refused.append(database.write(partial(_done, number)))
    for handled in refused:
        handled.result()
    return len(refused)


def _answer(number: int, call: int, account: int, moment: datetime, connection: Connection) -> None:
    by_button(connection, call, account, QUIET, moment)
    inbox.done(connection, BOT_ID, number)


def _done(number: int, connection: Connection) -> None:
    inbox.done(connection, BOT_ID, number)


def _update(number: int, call: int, account: int) -> dict[str, Any]:
    chat = {"id": account, "type": "private", "first_name": "人"}
    return {
        "update_id": number,
        "callback_query": {
            "id": str(number),
            "from": {"id": account, "is_bot": False, "first_name": "人"},
            "message": {"message_id": 1, "date": 0, "chat": chat, "text": "红色预警"},
            "chat_instance": "1",
            "data": f"a:{call}",
        },
    }
