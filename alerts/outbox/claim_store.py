"""The outbox from the dispatcher's side: claim what is next, record what became of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Connection,
    and_,
    bindparam,
    func,
    literal_column,
    or_,
    select,
    text,
    update,
)

from alerts.outbox.deliveries import Delivery, DeliveryState, End, Retry
from alerts.outbox.lanes import Lane
from alerts.outbox.messages import MessageKind
from data.json_rows import GIVEN_IDS, as_json, given_rows
from data.tables.alerts import deliveries
from data.tables.columns import UtcDateTime

_CLAIMED: ColumnElement[str] = literal_column("'claimed'")
_QUEUED: ColumnElement[str] = literal_column("'queued'")

_COLUMNS = [
    deliveries.c[name]
    for name in (
        "id kind lane place chat_id language role alert_id call_id person_id params attempts"
    ).split()
]


def claim(
    connection: Connection, worker: str, now: datetime, lane: Lane, limit: int, bot_id: int
) -> list[Delivery]:
    """Take up to ``limit`` deliveries of a bot's lane for ``worker``, in order of sending."""
    rows = connection.execute(
        _CLAIM[connection.dialect.name == "postgresql"],
        {"worker": worker, "now": now, "at_lane": int(lane), "most": limit, "bot": bot_id},
    ).all()
    return sorted(
        (as_delivery(row) for row in rows), key=lambda delivery: (delivery.order, delivery.id)
    )


def waiting(connection: Connection) -> dict[Lane, int]:
    """How many deliveries are queued in each lane."""
    query = (
        select(deliveries.c.lane, func.count())
        .where(deliveries.c.state == _QUEUED)
        .group_by(deliveries.c.lane)
    )
    return {Lane(row[0]): row[1] for row in connection.execute(query)}


def give_back(
    connection: Connection,
    now: datetime,
    *,
    bot_id: int,
    worker: str | None = None,
    except_ids: Iterable[int] = (),
) -> int:
    """Queue again what was claimed of a bot's deliveries: uncertain sends.

    :param worker: only what this one had claimed.
    :param except_ids: what it still holds.
    """
    query = update(deliveries).where(deliveries.c.state == _CLAIMED, deliveries.c.bot_id == bot_id)
    if worker is not None:
        query = query.where(deliveries.c.claimed_by == worker)
    params: dict[str, Any] = {}
    if held := list(except_ids):
        query = query.where(deliveries.c.id.not_in(GIVEN_IDS))
        params["ids"] = as_json(held)
    clash = deliveries.alias()
    newer = (
        select(clash.c.id)
        .where(
            clash.c.coalesce_key == deliveries.c.coalesce_key,
            or_(
                clash.c.state == _QUEUED,
                and_(clash.c.state == _CLAIMED, clash.c.id > deliveries.c.id),
            ),
        )
        .exists()
    )
    connection.execute(query.where(newer).values(state=DeliveryState.DROPPED.value), params)
    return connection.execute(
        query.values(
            state=DeliveryState.QUEUED.value,
            attempts=deliveries.c.attempts + 1,
            not_before=now,
        ),
        params,
    ).rowcount


def sent(connection: Connection, messages: Mapping[int, int | None], now: datetime) -> None:
    """These deliveries were made: by delivery id, the message's id."""
    if messages:
        connection.execute(_SENT, {"rows": as_json(messages.items()), "at": now})


def finish(connection: Connection, ends: Sequence[End], now: datetime) -> None:
    """These deliveries are not to be sent any more."""
    if ends:
        rows = [
            {"delivery": end.delivery_id, "end": end.state.value, "at": now, "why": end.error}
            for end in ends
        ]
        connection.execute(_FINISH, rows)


def requeue(connection: Connection, retries: Iterable[Retry]) -> None:
    """Send these again when their time comes."""
    for retry in retries:
        row = {
            "delivery": retry.delivery_id,
            "at": retry.not_before,
            "tries": retry.attempts,
            "why": retry.error,
            "chat": retry.chat_id,
        }
        # A newer one of the same key was queued meanwhile: that one says it all.
        replaced = connection.execute(_REPLACED, row).rowcount
        if not replaced:
            connection.execute(_REQUEUE, row)


_KINDS = {kind.value: kind for kind in MessageKind}
_LANES = tuple(Lane)


def as_delivery(row: Any) -> Delivery:
    """The delivery of a row holding ``_COLUMNS`` in their order."""
    return Delivery(row[0], _KINDS[row[1]], _LANES[row[2]], *row[3:])


def _claim(postgresql: bool) -> Any:
    candidates = (
        select(deliveries.c.id)
        .where(
            deliveries.c.state == _QUEUED,
            deliveries.c.bot_id == bindparam("bot"),
            deliveries.c.lane == bindparam("at_lane"),
            deliveries.c.not_before <= bindparam("now", type_=UtcDateTime),
        )
        .order_by(deliveries.c.place, deliveries.c.id)
        .limit(bindparam("most"))
    )
    if postgresql:
        candidates = candidates.with_for_update(skip_locked=True)
    return (
        update(deliveries)
        .where(deliveries.c.id.in_(candidates.scalar_subquery()))
        .values(
            state=DeliveryState.CLAIMED.value,
            claimed_by=bindparam("worker"),
            claimed_at=bindparam("now", type_=UtcDateTime),
        )
        .returning(*_COLUMNS)
    )


_CLAIM = {False: _claim(False), True: _claim(True)}

_FINISH = (
    update(deliveries)
    .where(deliveries.c.id == bindparam("delivery"))
    .values(
        state=bindparam("end"),
        sent_at=bindparam("at"),
        error=bindparam("why"),
    )
)

_MADE = given_rows(id=BigInteger(), message_id=BigInteger()).cte("made")
_SENT = (
    update(deliveries)
    .where(deliveries.c.id == _MADE.c.id)
    .values(
        state=DeliveryState.SENT.value,
        sent_at=bindparam("at"),
        error=None,
        message_id=_MADE.c.message_id,
    )
)

_REPLACED = text(
    "UPDATE deliveries SET state = 'dropped' WHERE id = :delivery AND coalesce_key IS NOT NULL "
    "AND EXISTS (SELECT 1 FROM deliveries newer WHERE newer.coalesce_key = deliveries.coalesce_key "
    "AND newer.state = 'queued')"
)

_REQUEUE = (
    update(deliveries)
    .where(deliveries.c.id == bindparam("delivery"))
    .values(
        state=DeliveryState.QUEUED.value,
        not_before=bindparam("at"),
        attempts=bindparam("tries"),
        error=bindparam("why"),
        chat_id=bindparam("chat"),
    )
)
