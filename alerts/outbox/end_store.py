"""What is said when a warning ends: who hears of it, and which messages lose their buttons.

Whom a warning never reached hears nothing of its end: a request still under way is decided when it
is known what came of it (``tell_late``). Nor does whoever was told that it is no more theirs
(``left_out_store``).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Connection,
    Insert,
    Select,
    and_,
    bindparam,
    exists,
    func,
    insert,
    literal,
    literal_column,
    or_,
    select,
)

from alerts.calls import ANSWERED, CallState
from alerts.model import State
from alerts.outbox.lanes import Lane, LaneOrder
from alerts.outbox.left_out_store import without_left_out
from alerts.outbox.messages import MessageKind
from alerts.outbox.store import queued
from contacts.bot_store import bot_of
from data.json_rows import GIVEN_IDS, as_json, as_json_pairs, given_pairs
from data.tables.alerts import OF_CALL, alerts, calls, deliveries
from data.tables.columns import UtcDateTime, constant
from data.tables.contacts import people

DRAWN_IN = (
    MessageKind.CHASE,
    MessageKind.SILENT_LIST,
    MessageKind.HELP_WANTED,
    MessageKind.UNREPORTED_LIST,
    MessageKind.CUT_OFF_LIST,
    MessageKind.ERRAND,
)
"""What asks others than the called to do something about a warning."""

BEARING_WARNING = (
    MessageKind.CALL,
    MessageKind.REMIND,
    MessageKind.STAND_IN_TOO,
    MessageKind.POST,
    *DRAWN_IN,
)
"""Whoever got one of these has heard of the warning, and hears of its end."""


def tell(
    connection: Connection,
    alert_id: int,
    kinds: Collection[MessageKind],
    now: datetime,
    *,
    but_chats: Collection[int] = (),
    narrowed: bool = False,
) -> int:
    """The end of the alert to each chat that got, or may have got, a message of these kinds.

    :param but_chats: where it is known already: that of whoever ended it.
    :param narrowed: some may have read that it is no more for where they are.
    """
    queued(connection, Lane.CANCEL)
    got = and_(
        deliveries.c.alert_id == alert_id,
        deliveries.c.kind.in_([kind.value for kind in kinds]),
        deliveries.c.chat_id.not_in(sorted(but_chats)),
        _ARRIVED,
    )
    said = _tell(got, select(literal(alert_id, BigInteger)) if narrowed else None)
    return connection.execute(
        said, {"now": now}, execution_options={"preserve_rowcount": True}
    ).rowcount


def tell_late(connection: Connection, delivery_ids: Iterable[int], now: datetime) -> int:
    """The end of an alert to whom its message reached only after that end; returns how many.

    :param delivery_ids: of ``BEARING_WARNING``, of which it is known now what came of them.
    """
    given = {"ids": as_json(delivery_ids), "now": now}
    if connection.execute(_LATE, given).first() is None:
        return 0
    queued(connection, Lane.CANCEL)
    return connection.execute(
        _TELL_LATE, given, execution_options={"preserve_rowcount": True}
    ).rowcount


def any_over(connection: Connection, alert_ids: Iterable[int]) -> bool:
    """Whether any of these alerts is over: of the others nobody need hear late that they are."""
    return connection.execute(_ANY_OVER, {"ids": as_json(alert_ids)}).first() is not None


def take_buttons(
    connection: Connection,
    alert_id: int,
    kinds: Collection[MessageKind],
    now: datetime,
    *,
    after: timedelta = timedelta(0),
) -> None:
    """Every message of these kinds that was sent is edited: how it ended, and no buttons.

    :param after: how long what is under them can still be pressed.
    """
    given = {
        "alert": alert_id,
        "now": now,
        "from": now + after,
        "kinds": [kind.value for kind in kinds],
    }
    connection.execute(_TAKE_BUTTONS[connection.dialect.name == "postgresql"], given)
    queued(connection, Lane.CARD)


def loses_buttons(connection: Connection, alert_id: int, chat_id: int, message_id: int) -> bool:
    """Whether this message is one that the end of the alert takes the buttons of."""
    found = select(deliveries.c.id).where(
        deliveries.c.alert_id == alert_id,
        deliveries.c.kind.in_([kind.value for kind in DRAWN_IN]),
        deliveries.c.state == _SENT,
        deliveries.c.chat_id == chat_id,
        deliveries.c.message_id == message_id,
    )
    return connection.execute(found.limit(1)).first() is not None


def take_buttons_of_stand_ins(
    connection: Connection, call_ids: Iterable[int], now: datetime
) -> None:
    """Every message that a stand-in got of these calls is edited: its buttons go."""
    given = {"ids": as_json(call_ids), "now": now, "from": now}
    connection.execute(_TAKE_FROM_STAND_INS[connection.dialect.name == "postgresql"], given)
    queued(connection, Lane.ANSWER)


def take_buttons_of_earlier(
    connection: Connection, arrived: Mapping[int, int | None], now: datetime
) -> None:
    """Messages of these calls have arrived: the ones before them lose their buttons.

    :param arrived: the new message of each call, by call id; ``None``: its number is not known.
    """
    given = {"rows": as_json_pairs(arrived), "now": now, "from": now}
    connection.execute(_TAKE_FROM_EARLIER[connection.dialect.name == "postgresql"], given)
    queued(connection, Lane.CARD)


def take_buttons_of_late(
    connection: Connection, delivery_ids: Collection[int], now: datetime
) -> None:
    """These messages have arrived, and a newer one of their call before them: their buttons go."""
    if not delivery_ids:
        return
    given = {"ids": as_json(delivery_ids), "now": now, "from": now}
    connection.execute(_TAKE_FROM_LATE[connection.dialect.name == "postgresql"], given)
    queued(connection, Lane.CARD)


def edit_discharged(connection: Connection, alert_id: int, now: datetime) -> None:
    """The messages of the calls that ended unanswered are edited: they lose their buttons."""
    states = [CallState.DISCHARGED.value]
    connection.execute(_EDIT_CALLS[Lane.CARD], {"alert": alert_id, "states": states, "now": now})
    queued(connection, Lane.CARD)


def edit_calls(connection: Connection, alert_id: int, now: datetime) -> None:
    """The warning is over: every message of it that still has buttons to a called person is edited.

    Of a province's these are tens of thousands: they leave when nothing else wants to.
    """
    given = {"alert": alert_id, "states": _WITH_BUTTONS, "now": now}
    connection.execute(_EDIT_CALLS[Lane.LAST], given)
    given = {"alert": alert_id, "now": now, "from": now}
    connection.execute(_TAKE_FROM_CALLED[connection.dialect.name == "postgresql"], given)
    queued(connection, Lane.LAST)


def take_buttons_of_left_out(
    connection: Connection, alert_id: int, call_ids: Iterable[int], now: datetime
) -> None:
    """It is no more for where these calls of it are: what else asked them loses its buttons."""
    given = {"alert": alert_id, "ids": as_json(call_ids), "now": now, "from": now}
    connection.execute(_TAKE_FROM_LEFT_OUT[connection.dialect.name == "postgresql"], given)
    queued(connection, Lane.CARD)


def take_buttons_in(
    connection: Connection,
    alert_id: int,
    kinds: Collection[MessageKind],
    chats: Collection[int],
    now: datetime,
) -> None:
    """As ``take_buttons``, of what was sent to these chats."""
    given = {
        "alert": alert_id,
        "now": now,
        "from": now,
        "kinds": [kind.value for kind in kinds],
        "ids": as_json(chats),
    }
    connection.execute(_TAKE_IN_CHATS[connection.dialect.name == "postgresql"], given)
    queued(connection, Lane.CARD)


_QUEUED: ColumnElement[str] = constant("queued")
# Written out: PostgreSQL uses its index by alert for what has certainly left the queue.
_SENT: ColumnElement[str] = constant("sent")
_ARRIVED = or_(deliveries.c.state == _SENT, deliveries.c.uncertain_at.is_not(None))
_NOW = bindparam("now", type_=UtcDateTime)


def _tell(got: ColumnElement[bool], changed: Select[Any] | None) -> Insert:
    """SQL: one message for each chat and alert of the deliveries that meet ``got``.

    :param changed: of which alerts somebody may have been left out; ``None``: of none.
    """
    values: dict[str, ColumnElement[Any]] = {
        "kind": literal(MessageKind.CANCEL.value),
        "lane": literal(int(Lane.CANCEL)),
        "place": func.min(deliveries.c.place),
        "state": _QUEUED,
        "bot_id": func.max(deliveries.c.bot_id),
        "chat_id": deliveries.c.chat_id,
        "language": func.min(deliveries.c.language),
        "role": func.min(deliveries.c.role),
        "alert_id": deliveries.c.alert_id,
        "call_id": func.min(deliveries.c.call_id),
        "person_id": func.min(deliveries.c.person_id),
        "not_before": _NOW,
        "created_at": _NOW,
    }
    query = (
        select(*(value.label(name) for name, value in values.items()))
        .where(got)
        .group_by(deliveries.c.chat_id, deliveries.c.alert_id)
    )
    if changed is not None:
        query = without_left_out(query, changed)
    return insert(deliveries).from_select(list(values), query, include_defaults=False)


_ANY_OVER = (
    select(alerts.c.id)
    .where(
        alerts.c.id.in_(GIVEN_IDS),
        or_(
            *(
                alerts.c.state == state.value
                for state in (State.CANCELLED, State.LIFTED, State.EXPIRED)
            )
        ),
    )
    .limit(1)
)
_told, _given = deliveries.alias("told"), deliveries.alias("given")
_OVER_FOR_IT = exists().where(
    alerts.c.id == deliveries.c.alert_id,
    or_(
        alerts.c.state.in_([State.CANCELLED.value, State.LIFTED.value]),
        and_(
            alerts.c.state == State.EXPIRED.value,
            deliveries.c.kind.in_([kind.value for kind in DRAWN_IN]),
        ),
    ),
)
_IN_TIME = and_(deliveries.c.id.in_(GIVEN_IDS), _ARRIVED, _OVER_FOR_IT)
_LATE = select(deliveries.c.id).where(_IN_TIME).limit(1)
_THERE = (
    _told.c.alert_id == deliveries.c.alert_id,
    _told.c.kind == MessageKind.CANCEL.value,
    _told.c.chat_id == deliveries.c.chat_id,
)
_TELL_LATE = _tell(
    and_(
        _IN_TIME,
        # Two questions, each with an index.
        ~exists().where(*_THERE, _told.c.state != _QUEUED),
        ~exists().where(
            *_THERE,
            _told.c.state == _QUEUED,
            _told.c.bot_id == deliveries.c.bot_id,
            _told.c.lane == literal(int(Lane.CANCEL)),
        ),
    ),
    select(_given.c.alert_id).where(_given.c.id.in_(GIVEN_IDS)),
)


def _take_buttons(
    json_object: Any, lane: Lane, *which: ColumnElement[bool], beside: bool = False
) -> Insert:
    """:param beside: of what asks beside the call, whose number of a change is kept."""
    number = ("number", deliveries.c.params["number"].as_integer()) if beside else ()
    values: dict[str, ColumnElement[Any]] = {
        "kind": literal(MessageKind.OVER.value),
        "lane": literal(int(lane)),
        "place": literal(int(LaneOrder.TOWNSHIP)),
        "state": _QUEUED,
        "bot_id": deliveries.c.bot_id,
        "chat_id": deliveries.c.chat_id,
        "language": deliveries.c.language,
        "role": deliveries.c.role,
        "alert_id": deliveries.c.alert_id,
        "call_id": deliveries.c.call_id,
        "person_id": deliveries.c.person_id,
        "params": json_object(
            "was", deliveries.c.kind, "message", deliveries.c.message_id, *number
        ),
        "not_before": bindparam("from", type_=UtcDateTime),
        "created_at": _NOW,
    }
    query = select(*(value.label(name) for name, value in values.items())).where(
        *which,
        deliveries.c.state == _SENT,
        deliveries.c.message_id.is_not(None),
    )
    return insert(deliveries).from_select(list(values), query, include_defaults=False)


_JSON_OBJECT = {False: func.json_object, True: func.json_build_object}
"""How a database makes an object of JSON; ``True`` for PostgreSQL."""

_OF_KINDS = (
    deliveries.c.alert_id == bindparam("alert", type_=BigInteger),
    deliveries.c.kind.in_(bindparam("kinds", expanding=True)),
)
_TAKE_BUTTONS = {
    which: _take_buttons(made, Lane.CARD, *_OF_KINDS) for which, made in _JSON_OBJECT.items()
}
_OF_CALL: ColumnElement[bool] = literal_column(OF_CALL)
_TAKE_FROM_STAND_INS = {
    which: _take_buttons(made, Lane.ANSWER, deliveries.c.call_id.in_(GIVEN_IDS), _OF_CALL)
    for which, made in _JSON_OBJECT.items()
}
_TAKE_FROM_LATE = {
    which: _take_buttons(made, Lane.CARD, deliveries.c.id.in_(GIVEN_IDS))
    for which, made in _JSON_OBJECT.items()
}

_ASKED_BESIDE = deliveries.c.kind.in_([MessageKind.CHANGED.value, MessageKind.REPORT_DUE.value])
# Whoever had answered before read what changed, and had nothing to press.
_HAD_BUTTON = exists().where(
    calls.c.id == deliveries.c.call_id,
    or_(
        deliveries.c.kind == MessageKind.REPORT_DUE.value,
        calls.c.answered_at.is_(None),
        calls.c.answered_at > deliveries.c.created_at,
    ),
)
_BESIDE_CALLS = (
    deliveries.c.alert_id == bindparam("alert", type_=BigInteger),
    _ASKED_BESIDE,
    _HAD_BUTTON,
)
_TAKE_FROM_CALLED = {
    which: _take_buttons(made, Lane.LAST, *_BESIDE_CALLS, beside=True)
    for which, made in _JSON_OBJECT.items()
}
_TAKE_FROM_LEFT_OUT = {
    which: _take_buttons(
        made, Lane.CARD, *_BESIDE_CALLS, deliveries.c.call_id.in_(GIVEN_IDS), beside=True
    )
    for which, made in _JSON_OBJECT.items()
}
_TAKE_IN_CHATS = {
    which: _take_buttons(made, Lane.CARD, *_OF_KINDS, deliveries.c.chat_id.in_(GIVEN_IDS))
    for which, made in _JSON_OBJECT.items()
}

_ARRIVED_NOW = given_pairs("id", "message_id").cte("arrived")


def _take_from_earlier(json_object: Any) -> Insert:
    was = literal(MessageKind.CALL.value)
    values: dict[str, ColumnElement[Any]] = {
        **_EDIT_VALUES,
        "kind": literal(MessageKind.OVER.value),
        "params": json_object("was", was, "message", calls.c.message_id),
        "not_before": bindparam("from", type_=UtcDateTime),
    }
    query = (
        select(*(value.label(name) for name, value in values.items()))
        .select_from(
            calls.join(people, people.c.id == calls.c.person_id).join(
                _ARRIVED_NOW, _ARRIVED_NOW.c.id == calls.c.id
            )
        )
        .where(
            calls.c.message_id.is_not(None),
            calls.c.message_id != _ARRIVED_NOW.c.message_id,
            people.c.telegram_id.is_not(None),
        )
    )
    return insert(deliveries).from_select(list(values), query, include_defaults=False)


_EDIT_VALUES: dict[str, ColumnElement[Any]] = {
    "kind": literal(MessageKind.ANSWERED.value),
    "lane": literal(int(Lane.CARD)),
    "place": literal(int(LaneOrder.PROVINCE)),
    "state": _QUEUED,
    "bot_id": func.coalesce(people.c.bot_id, bot_of(people.c.telegram_id)[-1]),
    "chat_id": people.c.telegram_id,
    "language": people.c.language,
    "role": people.c.role,
    "alert_id": calls.c.alert_id,
    "call_id": calls.c.id,
    "person_id": calls.c.person_id,
    "not_before": _NOW,
    "created_at": _NOW,
}


def _edit_calls(lane: Lane) -> Insert:
    values = _EDIT_VALUES | {"lane": literal(int(lane))}
    query = (
        select(*(value.label(name) for name, value in values.items()))
        .select_from(calls.join(people, people.c.id == calls.c.person_id))
        .where(
            calls.c.alert_id == bindparam("alert", type_=BigInteger),
            calls.c.state.in_(bindparam("states", expanding=True)),
            calls.c.message_id.is_not(None),
            people.c.telegram_id.is_not(None),
        )
    )
    return insert(deliveries).from_select(list(values), query, include_defaults=False)


_EDIT_CALLS = {lane: _edit_calls(lane) for lane in (Lane.CARD, Lane.LAST)}
_WITH_BUTTONS = [state.value for state in (*ANSWERED, CallState.CANCELLED, CallState.LEFT_OUT)]
_TAKE_FROM_EARLIER = {which: _take_from_earlier(made) for which, made in _JSON_OBJECT.items()}
