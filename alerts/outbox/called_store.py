"""Messages to the persons of many calls, as rows: each about their call."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from functools import cache

import orjson
from sqlalchemy import JSON, Connection, Insert, bindparam

from alerts.outbox.lanes import Lane
from alerts.outbox.messages import Message, MessageKind
from alerts.outbox.store import BOT_OF_PERSON, order_of, queue, queued, stored, to_called
from contacts.people_store import reachable
from data.json_rows import GIVEN_IDS, as_json, looked_up
from data.tables.alerts import calls
from data.tables.contacts import people


def add_to_called(
    connection: Connection,
    call_ids: Iterable[int],
    message: Message | MessageKind,
    lane: Lane,
    now: datetime,
) -> int:
    """A message about their calls to the persons of these, who can be reached; returns how many.

    An edit (``ANSWERED``) goes to whoever has the message of their call.
    """
    kind, params = stored(message)
    given = {
        "ids": as_json(call_ids),
        "lane": int(lane),
        "now": now,
        "message": orjson.loads(params),
    }
    queued(connection, lane)
    return connection.execute(
        _said_to_called(MessageKind(kind)), given, execution_options={"preserve_rowcount": True}
    ).rowcount


@cache
def _said_to_called(kind: MessageKind) -> Insert:
    query = to_called(
        kind,
        order_of(people.c.division_code),
        BOT_OF_PERSON,
        people.c.role,
        params=bindparam("message", type_=JSON),
    ).where(looked_up(calls.c.id, GIVEN_IDS), reachable())
    if kind is MessageKind.ANSWERED:
        query = query.where(calls.c.message_id.is_not(None))
    return queue(query)
