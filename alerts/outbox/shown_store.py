"""Messages that were sent about one thing, looked up to be edited when it has ended: what became of
it, and nothing to press.

For what is no warning's; those have ``end_store``.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import Connection, select

from alerts.outbox.codec import decode
from alerts.outbox.deliveries import DeliveryState, NewDelivery
from alerts.outbox.duty_messages import DutyAsked, DutyHandover
from alerts.outbox.lanes import Lane
from alerts.outbox.messages import Message
from alerts.outbox.roster_messages import RosterSilent
from alerts.outbox.stage_messages import StageAsk
from alerts.outbox.store import NOT_QUEUED, add_many, edit_key
from alerts.outbox.task_messages import TaskCheck, TaskNews
from data.json_rows import GIVEN_IDS, as_json
from data.tables.alerts import deliveries

MOST_LOOKED = 20_000
"""The newest messages of a kind that the database looks through while the writer waits (ours): a
tenth of a second. The buttons of older ones say, when they are pressed, that it has ended."""

_NUMBER: Mapping[type[Message], tuple[str | int, ...]] = {
    DutyAsked: ("ask",),
    DutyHandover: ("handover",),
    RosterSilent: ("check",),
    StageAsk: ("plan",),
    TaskCheck: ("task",),
    TaskNews: ("tasks", 0),
}
"""Where in the stored message the (first) thing that it is about stands."""

M = TypeVar("M", DutyAsked, DutyHandover, RosterSilent, StageAsk, TaskCheck, TaskNews)


def edit(
    connection: Connection,
    kind: type[M],
    about: Callable[[M], Collection[int]],
    numbers: Collection[int],
    now: datetime,
    *,
    since: datetime,
) -> None:
    """Edit what was sent of this kind about one of these things alone.

    :param about: what a message is about, by number.
    :param since: when the first of them began: no message of before can be about it.
    """
    wanted = set(numbers)
    if not wanted:
        return
    new = []
    for row in connection.execute(_newest(kind, since), {"ids": as_json(sorted(wanted))}):
        params: Mapping[str, Any] = row.params or {}
        message = decode(kind, params)
        named = set(about(message))
        if len(named) != 1 or not named & wanted or message.message_id is not None:
            continue
        edited = replace(message, message_id=row.message_id)
        new.append(
            NewDelivery(
                edited,
                Lane.CARD,
                row.chat_id,
                language=row.language,
                role=row.role,
                person_id=row.person_id,
                coalesce_key=edit_key(row.bot_id, row.chat_id, row.message_id),
                bot_id=row.bot_id,
            )
        )
    add_many(connection, new, now)


def _newest(kind: type[Message], since: datetime) -> Any:
    column = deliveries.c
    newest = (
        select(
            column.id,
            column.state,
            column.bot_id,
            column.chat_id,
            column.language,
            column.role,
            column.person_id,
            column.message_id,
            column.params,
        )
        .where(
            column.alert_id.is_(None),
            NOT_QUEUED,
            column.kind == kind.kind.value,
            column.created_at >= since,
        )
        .order_by(column.id.desc())
        .limit(MOST_LOOKED)
        .subquery()
    )
    return select(newest).where(
        newest.c.state == DeliveryState.SENT.value,
        newest.c.message_id.is_not(None),
        newest.c.params[_NUMBER[kind]].as_integer().in_(GIVEN_IDS),
    )
