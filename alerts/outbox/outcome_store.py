"""What became of claimed deliveries, written down: made, ended, or to be sent again.

Only while the claim of each is that of whoever sent it: another process may have taken it over.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence, Set
from datetime import datetime
from operator import attrgetter
from typing import NamedTuple

from sqlalchemy import (
    BigInteger,
    Connection,
    Text,
    and_,
    bindparam,
    case,
    false,
    literal_column,
    null,
    select,
    update,
)

from alerts.outbox.claim_store import CLAIMED, OVERTAKEN
from alerts.outbox.deliveries import Delivery, DeliveryState, End, Retry
from alerts.outbox.store import PARAMS_WHEN_OVER
from contacts.people_store import out_of_reach_in
from data.json_rows import (
    GIVEN_IDS,
    GIVEN_WORDS,
    as_json,
    as_json_pairs,
    given_pairs,
    given_rows,
)
from data.tables.alerts import deliveries
from data.tables.columns import constant


class Arrived(NamedTuple):
    """What became known when deliveries were written down as made."""

    ours: Set[int] = frozenset()
    """Those whose claim still held; by id. Nothing is known of the others."""
    out_of_reach: Mapping[int, int] = {}
    """Persons who counted as out of reach until now, by delivery."""


def sent(
    connection: Connection, made: Iterable[tuple[Delivery, int | None]], now: datetime
) -> Arrived:
    """These deliveries were made, as the messages of these ids.

    An older one of the same key that is still under way is dropped: sent once more, it would be
    what is shown last.
    """
    made = list(made)
    if not made:
        return Arrived()
    by_worker: dict[str, dict[int, int | None]] = {}
    for delivery, message_id in made:
        by_worker.setdefault(delivery.claimed_by, {})[delivery.id] = message_id
    ours: set[int] = set()
    out_of_reach: dict[int, int] = {}
    for worker, messages in by_worker.items():
        given = {"rows": as_json_pairs(messages), "by": worker, "at": now}
        for delivery_id, person_id in connection.execute(_SENT, given).all():
            ours.add(delivery_id)
            if person_id is not None:
                out_of_reach[delivery_id] = person_id
    keyed = [delivery for delivery, _ in made if delivery.coalesce_key is not None]
    newest = {
        delivery.coalesce_key: delivery.id
        for delivery in sorted(keyed, key=attrgetter("id"))
        if delivery.id in ours
    }
    if newest:
        under_way = connection.execute(_UNDER_WAY, {"words": as_json(newest)})
        older = [row[0] for row in under_way if row[0] < newest[row[1]]]
        if older:
            connection.execute(_DROP, {"ids": as_json(older)})
    return Arrived(ours, out_of_reach)


def finish(connection: Connection, ends: Sequence[End], now: datetime) -> set[int]:
    """These deliveries are not to be sent any more; returns whose claim still held."""
    rows = [(end.delivery.id, end.delivery.claimed_by, end.state.value, end.error) for end in ends]
    if not rows:
        return set()
    return set(connection.execute(_FINISH, {"rows": as_json(rows), "at": now}).scalars().all())


def refused_before(connection: Connection, refused: Iterable[tuple[Delivery, str]]) -> set[int]:
    """Of these deliveries and what refused them, those refused in the same words before; by id."""
    words = {delivery.id: error for delivery, error in refused if delivery.attempts}
    if not words:
        return set()
    query = select(deliveries.c.id, deliveries.c.error).where(deliveries.c.id.in_(GIVEN_IDS))
    rows = connection.execute(query, {"ids": as_json(words)})
    return {row[0] for row in rows if row[1] == words[row[0]]}


def requeue(connection: Connection, retries: Iterable[Retry], now: datetime) -> None:
    """Send these again when their time comes."""
    for retry in retries:
        delivery = retry.delivery
        row = {"delivery": delivery.id, "by": delivery.claimed_by}
        if retry.uncertain:
            may_have_arrived(connection, delivery, now)
        named = delivery.coalesce_key is not None
        if not named and retry.coalesce_key is not None:
            connection.execute(_NAME, {**row, "key": retry.coalesce_key})
            named = True
        # A newer one of the same key is queued or under way: that one says it all.
        if named and connection.execute(_REPLACED, row).rowcount:
            continue
        row |= {
            "due": retry.not_before,
            "tries": delivery.attempts + 1,
            "why": retry.error,
            "chat": retry.chat_id,
        }
        connection.execute(_REQUEUE, row)


def may_have_arrived(connection: Connection, delivery: Delivery, now: datetime) -> None:
    """Remember that a delivery was sent, though nobody knows what came of it."""
    row = {"delivery": delivery.id, "by": delivery.claimed_by, "at": now}
    connection.execute(_MAY_HAVE_ARRIVED, row)


_MADE = given_pairs("id", "message_id").cte("made")
_SENT = (
    update(deliveries)
    .where(
        deliveries.c.id == _MADE.c.id,
        # Within CASE: SQLite would look through all that is claimed, for each id.
        case(
            (deliveries.c.state == CLAIMED, deliveries.c.claimed_by == bindparam("by")),
            else_=false(),
        ),
    )
    .values(
        state=constant(DeliveryState.SENT.value),
        sent_at=bindparam("at"),
        error=null(),
        message_id=_MADE.c.message_id,
        params=PARAMS_WHEN_OVER,
    )
    # With the rows, not in a statement of its own: measured, a twentieth of recording a delivery.
    .returning(
        deliveries.c.id,
        # Written out: for SQLite the names of tables are left away in what is returned.
        out_of_reach_in(literal_column("deliveries.chat_id")),
    )
)

_ENDED = given_rows(id=BigInteger(), worker=Text(), state=Text(), error=Text()).cte("ended")
_FINISH = (
    update(deliveries)
    .where(
        deliveries.c.id == _ENDED.c.id,
        deliveries.c.state == CLAIMED,
        deliveries.c.claimed_by == _ENDED.c.worker,
    )
    .values(
        state=_ENDED.c.state,
        sent_at=bindparam("at"),
        error=_ENDED.c.error,
        params=PARAMS_WHEN_OVER,
    )
    .returning(deliveries.c.id)
)

_OURS = and_(
    deliveries.c.id == bindparam("delivery"),
    deliveries.c.state == CLAIMED,
    deliveries.c.claimed_by == bindparam("by"),
)

_MAY_HAVE_ARRIVED = update(deliveries).where(_OURS).values(uncertain_at=bindparam("at"))

_NAME = update(deliveries).where(_OURS).values(coalesce_key=bindparam("key"))
_REPLACED = (
    update(deliveries)
    .where(_OURS, OVERTAKEN)
    .values(state=DeliveryState.DROPPED.value, params=PARAMS_WHEN_OVER)
)

# Among the few that are claimed, as their index says.
_UNDER_WAY = select(deliveries.c.id, deliveries.c.coalesce_key).where(
    deliveries.c.state == CLAIMED, deliveries.c.coalesce_key.in_(GIVEN_WORDS)
)
_DROP = (
    update(deliveries)
    .where(deliveries.c.id.in_(GIVEN_IDS), deliveries.c.state == CLAIMED)
    .values(state=DeliveryState.DROPPED.value, params=PARAMS_WHEN_OVER)
)

_REQUEUE = (
    update(deliveries)
    .where(_OURS)
    .values(
        state=DeliveryState.QUEUED.value,
        not_before=bindparam("due"),
        attempts=bindparam("tries"),
        error=bindparam("why"),
        chat_id=bindparam("chat"),
    )
)


def sent_before(connection: Connection, chat_id: int, message_id: int, at: datetime) -> bool:
    """Whether a message of ours in this chat was sent before then, for all that is still known."""
    query = select(deliveries.c.id).where(
        deliveries.c.chat_id == chat_id,
        deliveries.c.state == DeliveryState.SENT.value,
        deliveries.c.message_id == message_id,
        deliveries.c.sent_at < at,
    )
    return connection.execute(query.limit(1)).first() is not None
