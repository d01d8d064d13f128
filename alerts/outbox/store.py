"""The outbox as rows: queue what is to be said, look at what waits, drop what is overtaken.

Many deliveries are queued in one statement, whatever their number, each with the bot of its chat.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import (
    JSON,
    BigInteger,
    ColumnElement,
    Connection,
    Insert,
    Integer,
    Select,
    Text,
    bindparam,
    case,
    cast,
    delete,
    exists,
    func,
    insert,
    literal,
    null,
    or_,
    select,
    update,
)

from alerts.calls import CallState, Reach
from alerts.model import State
from alerts.outbox.codec import encode
from alerts.outbox.deliveries import DeliveryState, NewDelivery
from alerts.outbox.lanes import Lane, LaneOrder
from alerts.outbox.messages import Message, MessageKind, RelayedRequest, Reminder
from contacts.bot_store import bot_of
from contacts.divisions.codes import Tier
from contacts.divisions.store import by_tier
from data.database import many_joined, signal
from data.json_rows import (
    GIVEN_IDS,
    GIVEN_WORDS,
    Columns,
    Insertion,
    Kind,
    as_json,
    looked_up,
)
from data.tables.alerts import alerts, calls, deliveries
from data.tables.columns import UtcDateTime, constant, to_milliseconds
from data.tables.contacts import people

QUEUED = "queued:"
"""Signal to the watchers of the database: ``queued:<bot>:<lane>``, something was queued there."""

EVERY_BOT = "*"

# What was replied may hold numbers and positions: once it was sent, or will not be, it goes.
PARAMS_WHEN_OVER = case(
    (deliveries.c.kind == constant(MessageKind.REPLY.value), null()), else_=deliveries.c.params
)

MOST_NAMED = 200
"""Of so many deliveries queued at once the bots are named; of more, every bot looks."""

_QUEUED: ColumnElement[str] = constant("queued")

NOT_QUEUED = deliveries.c.state != _QUEUED
"""For what is looked for by its alert: PostgreSQL's index by alert holds what has left the queue (a
release enters nothing there), and is used where the statement itself says so."""

_COALESCED = deliveries.c.coalesce_key.is_not(None) & (deliveries.c.state == _QUEUED)


def add(connection: Connection, new: NewDelivery, now: datetime) -> None:
    """Queue one delivery; the bot of the chat's person or group will say it."""
    add_many(connection, [new], now)


def add_many(connection: Connection, new: Sequence[NewDelivery], now: datetime) -> None:
    """Queue deliveries; of several with the same ``coalesce_key`` only the last."""
    if not new:
        return
    newest = {delivery.coalesce_key: index for index, delivery in enumerate(new)}
    kept = [
        delivery
        for index, delivery in enumerate(new)
        if delivery.coalesce_key is None or newest[delivery.coalesce_key] == index
    ]
    if keys := newest.keys() - {None}:
        connection.execute(_REPLACE, {"words": as_json(keys)})
    # A sweep's reminders share a message: to encode it for each took a fortieth of the sweep.
    said = {id(delivery.message): delivery.message for delivery in kept}
    as_stored = {key: stored(message) for key, message in said.items()}
    at = to_milliseconds(now)
    rows = [_row(delivery, *as_stored[id(delivery.message)], at) for delivery in kept]
    if len(kept) > MOST_NAMED:
        _INSERT_MANY(connection, rows)
        for lane in {delivery.lane for delivery in kept}:
            queued(connection, lane)
        return
    for lane, bot_id in set(connection.execute(_INSERT_NAMING_BOTS, {"rows": as_json(rows)}).all()):
        if bot_id is not None:
            queued(connection, lane, bot_id)


def queued(connection: Connection, lane: int, bot_id: int | None = None) -> None:
    """Tell whoever sends for this bot (for any bot) that something was queued in the lane."""
    bot = EVERY_BOT if bot_id is None else bot_id
    signal(connection, f"{QUEUED}{bot}:{int(lane)}")


def queued_by(signals: Iterable[str]) -> dict[int | None, set[Lane]]:
    """The lanes in which something was queued, by bot; ``None``: perhaps of any bot."""
    found: dict[int | None, set[Lane]] = {}
    for word in signals:
        if word.startswith(QUEUED):
            bot, _, lane = word[len(QUEUED) :].partition(":")
            bot_id = None if bot == EVERY_BOT else int(bot)
            found.setdefault(bot_id, set()).add(Lane(int(lane)))
    return found


def add_calls_of(
    connection: Connection,
    alert_id: int,
    lane: Lane,
    now: datetime,
    *,
    ids: tuple[int, int] | None = None,
) -> int:
    """The warning to each person of the alert who can be reached, villages first.

    :param ids: only calls still open with ids from the first to the second.
    """
    query = to_called(
        MessageKind.CALL, order_of(calls.c.division_code), people.c.bot_id, people.c.role
    ).where(calls.c.reach == Reach.QUEUED.value)
    if ids is None:
        query = query.where(calls.c.alert_id == alert_id)
    else:  # by id: plus 0, no index of the alert's calls is thought of
        query = query.where(calls.c.id.between(*ids), calls.c.alert_id + 0 == alert_id)
        query = query.where(calls.c.state == CallState.WAITING.value)
    queued(connection, lane)
    with many_joined(connection):
        return connection.execute(
            queue(query),
            {"lane": int(lane), "now": now},
            execution_options={"preserve_rowcount": True},
        ).rowcount


def add_calls_again(
    connection: Connection, call_ids: Iterable[int], lane: Lane, now: datetime
) -> int:
    """The warning to the persons of these calls, who can be reached now; returns how many.

    Only while their alert is in force. Where the same waits already, for a second look at a refusal
    (``again_key``), it leaves at once.
    """
    call_ids = list(call_ids)
    keys = as_json(again_key(call_id) for call_id in call_ids)
    hurried = connection.execute(_HURRY, {"words": keys, "now": now}).rowcount
    added = connection.execute(
        _CALL_AGAIN,
        {"ids": as_json(call_ids), "lane": int(lane), "now": now},
        execution_options={"preserve_rowcount": True},
    ).rowcount
    if added or hurried:
        queued(connection, lane)
    return added + hurried


def again_key(call_id: int) -> str:
    """The ``coalesce_key`` of a call's message that is sent once more."""
    return f"again:{call_id}"


def add_reminders(
    connection: Connection, call_ids: Sequence[int], message: Reminder, lane: Lane, now: datetime
) -> None:
    """The reminder to the linked persons of these calls; it replaces one that is still queued."""
    keys = as_json(f"remind:{call_id}" for call_id in call_ids)
    connection.execute(_REPLACE, {"words": keys})
    values = {
        "ids": as_json(call_ids),
        "lane": int(lane),
        "now": now,
        "message": encode(message) or None,
    }
    connection.execute(_REMIND, values)
    queued(connection, lane)


def relay(
    connection: Connection,
    bot_id: int,
    reply: RelayedRequest,
    chat_id: int,
    lane: Lane,
    now: datetime,
    *,
    about: tuple[int, int | None] | None = None,
    language: str = "zh",
) -> None:
    """Queue a request as it is, to be made by whichever process speaks for the bot.

    Of several edits of one message that wait, only the newest is kept.

    :param about: the alert and the call that its message is about: a reply to it means that call.
        Without a call it is the alert's progress card, kept true from then on.
    """
    key = None
    if reply.method.startswith("edit"):
        key = edit_key(bot_id, chat_id, reply.payload["message_id"])
    alert_id, call_id = about or (None, None)
    new = NewDelivery(
        reply,
        lane,
        chat_id,
        LaneOrder.GROUP,
        language,
        alert_id=alert_id,
        call_id=call_id,
        coalesce_key=key,
        bot_id=bot_id,
    )
    add(connection, new, now)


def call_of_message(
    connection: Connection, alert_ids: Sequence[int], chat_id: int, message_id: int
) -> int | None:
    """The call that a message was about which we sent to this chat; of these alerts."""
    query = select(deliveries.c.call_id).where(
        deliveries.c.alert_id.in_(alert_ids),
        deliveries.c.chat_id == chat_id,
        deliveries.c.state == DeliveryState.SENT.value,  # of the index, on PostgreSQL
        deliveries.c.message_id == message_id,
        deliveries.c.call_id.is_not(None),
    )
    return connection.execute(query.limit(1)).scalar()


def edit_key(bot_id: int, chat_id: int, message_id: int) -> str:
    """The ``coalesce_key`` of replies that edit one message: the newest says it all."""
    return f"reply:{bot_id}:{chat_id}:{message_id}"


def queued_keys(connection: Connection, prefix: str) -> set[str]:
    """The coalesce keys with this beginning that wait to be sent."""
    query = select(deliveries.c.coalesce_key).where(
        _COALESCED, deliveries.c.coalesce_key.startswith(prefix, autoescape=True)
    )
    return set(connection.execute(query).scalars())


def posted(connection: Connection, alert_id: int, chat_id: int) -> bool:
    """Whether a post of the alert is in this group, may be, or waits to be sent there."""
    query = select(deliveries.c.id).where(
        deliveries.c.alert_id == alert_id,
        deliveries.c.chat_id == chat_id,
        deliveries.c.kind == MessageKind.POST.value,
        or_(
            deliveries.c.state.not_in([DeliveryState.FAILED.value, DeliveryState.DROPPED.value]),
            deliveries.c.uncertain_at.is_not(None),
        ),
    )
    return connection.execute(query.limit(1)).first() is not None


def drop_queued(
    connection: Connection, alert_id: int, *kinds: MessageKind, before: datetime | None = None
) -> int:
    """Do not send what is still queued of these kinds: the alert is over.

    :param before: only what was queued before then: all of it is said anew.
    """
    which = [
        deliveries.c.alert_id == alert_id,
        deliveries.c.state == _QUEUED,
        deliveries.c.kind.in_([kind.value for kind in kinds]),
    ]
    if before is not None:
        which.append(deliveries.c.created_at < before)
    dropped = update(deliveries).where(*which).values(state=DeliveryState.DROPPED.value)
    return connection.execute(dropped).rowcount


def drop_queued_of(
    connection: Connection,
    call_ids: Collection[int],
    kinds: Iterable[MessageKind],
    *,
    before: datetime,
) -> None:
    """The same of these calls alone."""
    which = [
        deliveries.c.state == _QUEUED,
        # Of a whole queue these first: PostgreSQL compared each row with each id, a minute long.
        deliveries.c.call_id.between(min(call_ids), max(call_ids)),
        looked_up(deliveries.c.call_id, GIVEN_IDS),
        deliveries.c.kind.in_([kind.value for kind in kinds]),
        deliveries.c.created_at < before,
    ]
    dropped = update(deliveries).where(*which).values(state=DeliveryState.DROPPED.value)
    connection.execute(dropped, {"ids": as_json(call_ids)})


def drop_keys(connection: Connection, keys: Iterable[str]) -> None:
    """Do not send what is still queued under these coalesce keys: its cause is over."""
    connection.execute(_REPLACE, {"words": as_json(list(keys))})


def reached_keys(connection: Connection, kind: MessageKind, since: datetime) -> set[str]:
    """The coalesce keys of messages of no warning that have left, or are about to."""
    query = select(deliveries.c.coalesce_key).where(
        deliveries.c.alert_id.is_(None),
        NOT_QUEUED,
        deliveries.c.kind == kind.value,
        deliveries.c.created_at >= since,
        deliveries.c.coalesce_key.is_not(None),
        deliveries.c.state.in_([DeliveryState.SENT.value, DeliveryState.CLAIMED.value]),
    )
    return set(connection.execute(query).scalars())


def moved_since(
    connection: Connection, alert_id: int, kinds: Iterable[MessageKind], since: datetime
) -> bool:
    """Whether anything of these kinds has been sent of the alert after then."""
    query = select(deliveries.c.id).where(
        deliveries.c.alert_id == alert_id,
        deliveries.c.kind.in_([kind.value for kind in kinds]),
        deliveries.c.sent_at > since,
        deliveries.c.state == constant("sent"),  # as the index says
    )
    return connection.execute(query.limit(1)).first() is not None


_REPLACE = delete(deliveries).where(_COALESCED, deliveries.c.coalesce_key.in_(GIVEN_WORDS))

_ORDER_OF_TIER = {tier: int(LaneOrder[tier.name]) for tier in Tier}


def order_of(code: ColumnElement[str]) -> ColumnElement[int]:
    """SQL: the ``LaneOrder`` of a division code, so that villages are called before upper tiers."""
    return by_tier(code, _ORDER_OF_TIER)


def to_called(
    kind: MessageKind,
    place: ColumnElement[int],
    bot: ColumnElement[int],
    role: ColumnElement[str],
    **more: ColumnElement[Any],
) -> Select[Any]:
    """SQL: a delivery to the person of each call, for ``_queue``; say which calls by ``where``.

    Its parameters are ``lane`` and ``now``.
    """
    now = bindparam("now", type_=UtcDateTime)
    values: dict[str, ColumnElement[Any]] = {
        "kind": literal(kind.value),
        "lane": bindparam("lane", type_=Integer),
        "place": place,
        "state": _QUEUED,
        "bot_id": bot,
        "chat_id": people.c.telegram_id,
        "language": people.c.language,
        "role": role,
        "alert_id": calls.c.alert_id,
        "call_id": calls.c.id,
        "person_id": calls.c.person_id,
        "not_before": now,
        "created_at": now,
        **more,
    }
    return (
        select(*(value.label(name) for name, value in values.items()))
        .select_from(calls)
        .join(people, people.c.id == calls.c.person_id)
    )


def queue(query: Select[Any]) -> Insert:
    """SQL: queue what ``query`` selects; its columns bear the names of those of a delivery."""
    names = [column.name for column in query.selected_columns]
    return insert(deliveries).from_select(names, query, include_defaults=False)


BOT_OF_PERSON = func.coalesce(people.c.bot_id, bot_of(people.c.telegram_id)[-1])

_AGAIN_KEY = literal("again:").concat(cast(calls.c.id, Text))
_HURRY = (
    update(deliveries)
    .where(
        _COALESCED,
        deliveries.c.coalesce_key.in_(GIVEN_WORDS),
        deliveries.c.not_before > bindparam("now", type_=UtcDateTime),
    )
    .values(not_before=bindparam("now", type_=UtcDateTime))
)
_QUEUED_ALREADY = deliveries.alias("already")
_CALL_AGAIN = queue(
    to_called(
        MessageKind.CALL,
        literal(int(LaneOrder.VILLAGE)),
        BOT_OF_PERSON,
        people.c.role,
        coalesce_key=_AGAIN_KEY,
    )
    .join(alerts, alerts.c.id == calls.c.alert_id)
    .where(
        looked_up(calls.c.id, GIVEN_IDS),
        alerts.c.state == State.RELEASED.value,
        ~exists().where(
            _QUEUED_ALREADY.c.coalesce_key == _AGAIN_KEY, _QUEUED_ALREADY.c.state == _QUEUED
        ),
    )
)
_REMIND = queue(
    to_called(
        MessageKind.REMIND,
        order_of(people.c.division_code),
        BOT_OF_PERSON,
        people.c.role,
        params=bindparam("message", type_=JSON),
        coalesce_key=literal("remind:").concat(cast(calls.c.id, Text)),
    ).where(looked_up(calls.c.id, GIVEN_IDS), people.c.telegram_id.is_not(None))
)

_GIVEN: dict[str, Kind] = {
    "kind": Text(),
    "lane": Integer(),
    "place": Integer(),
    "chat_id": BigInteger(),
    "language": Text(),
    "role": Text(),
    "alert_id": BigInteger(),
    "call_id": BigInteger(),
    "person_id": BigInteger(),
    "params": JSON(),
    "coalesce_key": Text(),
    "not_before": BigInteger(),
    "created_at": BigInteger(),
    "by_bot": BigInteger(),
}


def _made_of(given: Columns) -> dict[str, ColumnElement[Any]]:
    """A delivery of what is given: queued, with the bot of its chat."""
    kept = {name: given[name] for name in _GIVEN if name != "by_bot"}
    bot_id = func.coalesce(given["by_bot"], *bot_of(given["chat_id"]))
    return {"state": _QUEUED, "bot_id": bot_id, **kept}


_INSERT_MANY = Insertion(deliveries, _made_of, **_GIVEN)
_INSERT_NAMING_BOTS = _INSERT_MANY.statement.returning(deliveries.c.lane, deliveries.c.bot_id)


def stored(message: Message | MessageKind) -> tuple[str, str]:
    """The kind of a message, and its parameters as JSON."""
    if isinstance(message, MessageKind):
        return message.value, "null"
    return message.kind.value, orjson.dumps(encode(message) or None).decode()


def _row(new: NewDelivery, kind: str, params: str, now: int) -> tuple[Any, ...]:
    """A delivery in the order of ``_GIVEN``; ``now`` in milliseconds since the epoch."""
    return (
        kind,
        new.lane,
        new.order,
        new.chat_id,
        new.language,
        new.role,
        new.alert_id,
        new.call_id,
        new.person_id,
        params,
        new.coalesce_key,
        now if new.not_before is None else to_milliseconds(new.not_before),
        now,
        new.bot_id,
    )
