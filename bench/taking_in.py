"""Taps taken in and recorded as the bot does it, without Telegram: the database's part of a tap."""

from __future__ import annotations

from concurrent.futures import Future
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from alerts.acknowledge import Pressed, by_buttons
from bench.scene import BOT_ID, QUIET, now
from bench.tapping import CallAndAccount
from bot.runtime.answer_taps import read
from data import inbox
from data.database import Connection, Database
from data.errors import NotAllowed

UPDATES = 100  # one answer to getUpdates holds no more


def take_in(database: Database, ids: list[CallAndAccount], first: int = 0) -> int:
    """Updates are committed to the inbox first, then a unit for the taps; returns the refusals.

    The next updates are asked for while the taps of the last wait for the writer. A tap whose
    account is not the addressee's is refused.

    :param first: the number of the first update; none is handled twice.
    """
    moment = now() + timedelta(seconds=1)
    refused = 0
    under_way: Future[int] | None = None
    for start in range(0, len(ids), UPDATES):
        updates = [
            _update(first + start + n, call, account)
            for n, (call, account) in enumerate(ids[start : start + UPDATES])
        ]
        database.do(lambda c, updates=updates: inbox.put(c, BOT_ID, updates, moment))  # type: ignore[misc]
        taps = [found for update in updates if (found := read(update)) is not None]
        assert len(taps) == len(updates)
        if under_way is not None:
            refused += under_way.result()
        under_way = database.write(partial(_answer, taps, moment))
    return refused + (0 if under_way is None else under_way.result())


def _answer(
    taps: list[tuple[int, str, Pressed, int | None]], moment: datetime, connection: Connection
) -> int:
    """As ``bot.runtime.answer_taps`` records a group; how many were refused."""
    still = inbox.done_many(connection, BOT_ID, [tap[0] for tap in taps], moment)
    pressed = [tap[2] for tap in taps if tap[0] in still]
    results = by_buttons(connection, pressed, QUIET, moment)
    return sum(isinstance(result, NotAllowed) for result in results)


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
