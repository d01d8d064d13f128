"""What goes out to others, as rows: events, and their deliveries to webhooks."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import (
    ColumnElement,
    Connection,
    Integer,
    and_,
    bindparam,
    delete,
    exists,
    func,
    insert,
    select,
    update,
)

from alerts.model import Alert
from alerts.publishing.model import (
    GIVEN_UP_AFTER,
    HELD_UP_FOR,
    SOON,
    Delivery,
    Event,
    Happened,
    Outcome,
)
from alerts.publishing.shown_rows_store import shown_rows
from data.json_rows import GIVEN_IDS, as_json
from data.tables.columns import constant
from data.tables.publishing import outgoing_events as events
from data.tables.publishing import webhook_deliveries as deliveries

OUT_ALTOGETHER = ("unreachable", "broken_off")
"""Errors of a receiver that is out: what it gets afterwards is to be in order."""

OUT = (*OUT_ALTOGETHER, "timeout")
"""Errors that say nothing of what was sent: the receiver was not there for it."""

KEPT = timedelta(days=90)
"""How long is kept what was told (ours); a dead letter as long as that, too."""

_WAITING = constant(Outcome.WAITING.value)
_SAID_NO = deliveries.c.error.is_not(None) & deliveries.c.error.not_in(OUT)
_UNSPREAD = (
    select(events)
    .where(events.c.spread_at.is_(None))
    .order_by(events.c.id)
    .limit(bindparam("most", type_=Integer))
)
_UNFILED = (
    select(events)
    .where(events.c.filed_at.is_(None))
    .order_by(events.c.id)
    .limit(bindparam("most", type_=Integer))
)


def add(connection: Connection, event: Event) -> int:
    """Note what happened, in the transaction in which it does; its ``id`` is passed over."""
    values = {
        "kind": event.kind.value,
        "alert_id": event.alert_id,
        "message_number": event.message_number,
        "at": event.at,
        "detail": None if event.detail is None else dict(event.detail),
    }
    key = connection.execute(insert(events).values(values)).inserted_primary_key
    assert key is not None
    return int(key[0])


def event(connection: Connection, event_id: int) -> Event | None:
    """The event of this number."""
    row = connection.execute(select(events).where(events.c.id == event_id)).first()
    return None if row is None else _as_event(row)


def page(
    connection: Connection, shown: Callable[[Alert], bool], most: int, before: int | None = None
) -> tuple[list[tuple[Event, Alert]], int | None]:
    """The newest events of warnings that are ``shown``, and where the next page goes on."""
    rows, following = shown_rows(connection, select(events), events.c.id, shown, most, before)
    return [(_as_event(row), alert) for row, alert in rows], following


def unspread(connection: Connection, most: int) -> list[Event]:
    """The next events of which no delivery was queued yet."""
    return [_as_event(row) for row in connection.execute(_UNSPREAD, {"most": most})]


def spread(
    connection: Connection,
    some: Iterable[Event],
    webhooks: Mapping[str, Collection[str]],
    now: datetime,
) -> int:
    """Queue a delivery of each event for each webhook that wants it; how many.

    :param webhooks: the kinds of events that each wants, by its name.
    """
    some = list(some)
    wanted = [
        (event, name)
        for event in some
        for name, kinds in webhooks.items()
        if event.kind.value in kinds
    ]
    for event, name in wanted:
        if event.kind is Happened.COUNTS:
            _replace_counts(connection, event, name, now)
    rows = [
        {
            "event_id": event.id,
            "webhook": name,
            "state": Outcome.WAITING.value,
            "queued_at": now,
            "due_at": now,
        }
        for event, name in wanted
    ]
    if rows:
        connection.execute(insert(deliveries), rows)
    connection.execute(
        update(events).where(events.c.id.in_(GIVEN_IDS)).values(spread_at=now),
        {"ids": as_json(event.id for event in some)},
    )
    return len(rows)


def _replace_counts(connection: Connection, event: Event, name: str, now: datetime) -> None:
    """Older counts of the same warning that still wait are not told any more."""
    older = select(events.c.id).where(
        events.c.alert_id == event.alert_id,
        events.c.kind == Happened.COUNTS.value,
        events.c.id < event.id,
    )
    connection.execute(
        update(deliveries)
        .where(
            deliveries.c.webhook == name,
            deliveries.c.state == Outcome.WAITING.value,
            deliveries.c.event_id.in_(older),
        )
        .values(state=Outcome.REPLACED.value, done_at=now)
    )


def unfiled(connection: Connection, most: int) -> list[Event]:
    """The next events that are to become files."""
    return [_as_event(row) for row in connection.execute(_UNFILED, {"most": most})]


def filed(connection: Connection, ids: Iterable[int], now: datetime) -> None:
    """The files of these events are written."""
    connection.execute(
        update(events).where(events.c.id.in_(GIVEN_IDS)).values(filed_at=now),
        {"ids": as_json(ids)},
    )


def last_counts(connection: Connection, alert_id: int) -> Event | None:
    """The counts of a warning that were last told."""
    query = select(events).where(
        events.c.alert_id == alert_id, events.c.kind == Happened.COUNTS.value
    )
    row = connection.execute(query.order_by(events.c.id.desc()).limit(1)).first()
    return None if row is None else _as_event(row)


# -- webhooks ----------------------------------------------------------------------------------


def any_due(connection: Connection, webhooks: Collection[str], now: datetime) -> bool:
    """Whether anything is to be sent to one of these webhooks now."""
    return connection.execute(_due(webhooks, now).limit(1)).first() is not None


def due(connection: Connection, webhook: str, now: datetime, most: int) -> list[Delivery]:
    """What is to be sent to a webhook now, in the order in which it happened."""
    rows = connection.execute(_due([webhook], now).order_by(deliveries.c.event_id).limit(most))
    return [as_delivery(row) for row in rows]


def sent(connection: Connection, delivery: Delivery, status: int, now: datetime) -> None:
    """The other side has it: it is there, and what it did not take before is tried again soon."""
    _done(connection, delivery.id, Outcome.SENT, now, status=status, error=None)
    for when, said in ((now, deliveries.c.error.in_(OUT)), (now + SOON, _SAID_NO)):
        earlier = update(deliveries).where(
            deliveries.c.webhook == delivery.webhook,
            deliveries.c.state == _WAITING,
            deliveries.c.due_at > when,
            said,
        )
        connection.execute(earlier.values(due_at=when))


def failed(
    connection: Connection,
    delivery_id: int,
    status: int | None,
    error: str,
    again_at: datetime | None,
    now: datetime,
) -> None:
    """A try failed: it is made again then, or never (``None``)."""
    if again_at is None:
        _done(connection, delivery_id, Outcome.DEAD, now, status=status, error=error)
        return
    changed = {
        "attempts": deliveries.c.attempts + 1,
        "due_at": again_at,
        "status": status,
        "error": error,
    }
    connection.execute(update(deliveries).where(_open(delivery_id)).values(changed))


def dead(connection: Connection, webhook: str = "", most: int = 200) -> list[Delivery]:
    """Dead letters, the oldest first; of one webhook, or of all."""
    query = select(deliveries).where(deliveries.c.state == Outcome.DEAD.value)
    if webhook:
        query = query.where(deliveries.c.webhook == webhook)
    return [
        as_delivery(row) for row in connection.execute(query.order_by(deliveries.c.id).limit(most))
    ]


def send_again(
    connection: Connection, now: datetime, ids: Collection[int] = (), webhook: str = ""
) -> int:
    """Queue dead letters anew: these, those of a webhook, or (neither) all; how many."""
    chosen: list[ColumnElement[bool]] = [deliveries.c.state == Outcome.DEAD.value]
    if ids:
        chosen.append(deliveries.c.id.in_(list(ids)))
    if webhook:
        chosen.append(deliveries.c.webhook == webhook)
    anew = {
        "state": Outcome.WAITING.value,
        "attempts": 0,
        "queued_at": now,
        "due_at": now,
        "done_at": None,
    }
    return connection.execute(update(deliveries).where(*chosen).values(anew)).rowcount


class Standing(NamedTuple):
    """How the deliveries to a webhook stand."""

    webhook: str
    waiting: int
    oldest_waiting: datetime | None
    dead: int
    last_sent: datetime | None


def standings(connection: Connection) -> list[Standing]:
    """How the deliveries to each webhook stand, by name; also of one configured no more."""
    waiting = deliveries.c.state == Outcome.WAITING.value
    is_dead = deliveries.c.state == Outcome.DEAD.value
    is_sent = deliveries.c.state == Outcome.SENT.value
    query = (
        select(
            deliveries.c.webhook,
            func.count().filter(waiting),
            func.min(deliveries.c.queued_at).filter(waiting),
            func.count().filter(is_dead),
            func.max(deliveries.c.done_at).filter(is_sent),
        )
        .group_by(deliveries.c.webhook)
        .order_by(deliveries.c.webhook)
    )
    return [Standing(*row) for row in connection.execute(query)]


def set_waiting_aside(connection: Connection, now: datetime) -> int:
    """What a restored database still meant to tell becomes dead letters: it may have been told."""
    dead = {"state": Outcome.DEAD.value, "done_at": now, "error": "restored"}
    waiting = deliveries.c.state == Outcome.WAITING.value
    return connection.execute(update(deliveries).where(waiting).values(dead)).rowcount


def give_up_forgotten(connection: Connection, configured: Collection[str], now: datetime) -> int:
    """What waits for a webhook that nobody configures any more becomes a dead letter after a day.

    Not what waits for one that is: after an outage of ours it is still to be told.
    """
    dead = {"state": Outcome.DEAD.value, "done_at": now, "error": "not_configured"}
    statement = update(deliveries).where(_forgotten(configured, now)).values(dead)
    return connection.execute(statement).rowcount


def any_forgotten(connection: Connection, configured: Collection[str], now: datetime) -> bool:
    """Whether ``give_up_forgotten`` would find anything; only reads."""
    query = select(deliveries.c.event_id).where(_forgotten(configured, now)).limit(1)
    return connection.execute(query).first() is not None


def _forgotten(configured: Collection[str], now: datetime) -> ColumnElement[bool]:
    return and_(
        deliveries.c.state == Outcome.WAITING.value,
        deliveries.c.due_at < now - GIVEN_UP_AFTER,
        deliveries.c.webhook.not_in(list(configured)),
    )


# -- what is old -------------------------------------------------------------------------------


def any_old(connection: Connection, now: datetime) -> bool:
    """Whether what was told may be forgotten."""
    query = select(events.c.id).where(*_old(now)).limit(1)
    return connection.execute(query).first() is not None


def delete_old(connection: Connection, now: datetime, limit: int = 2000) -> int:
    """Forget what was told long ago; how many events."""
    ids = list(connection.execute(select(events.c.id).where(*_old(now)).limit(limit)).scalars())
    if ids:
        given = {"ids": as_json(ids)}
        connection.execute(delete(deliveries).where(deliveries.c.event_id.in_(GIVEN_IDS)), given)
        connection.execute(delete(events).where(events.c.id.in_(GIVEN_IDS)), given)
    return len(ids)


def _old(now: datetime) -> tuple[ColumnElement[bool], ...]:
    waits = exists().where(
        deliveries.c.event_id == events.c.id, deliveries.c.state == Outcome.WAITING.value
    )
    return (
        events.c.at < now - KEPT,
        events.c.spread_at.is_not(None),
        ~waits,
        # What no file was written of stays until one is.
        events.c.filed_at.is_not(None) | events.c.message_number.is_(None),
    )


def _due(webhooks: Collection[str], now: datetime) -> Any:
    """What is due, but for what comes after something of the same warning that still waits."""
    own = events.alias()
    before, of_before = deliveries.alias(), events.alias()
    held_up = (
        exists()
        .where(
            before.c.webhook == deliveries.c.webhook,
            before.c.state == _WAITING,
            before.c.due_at > now,
            before.c.event_id < deliveries.c.event_id,
            before.c.error.in_(OUT_ALTOGETHER) | (before.c.queued_at > now - HELD_UP_FOR),
            of_before.c.id == before.c.event_id,
            of_before.c.alert_id == own.c.alert_id,
        )
        .correlate(deliveries, own)
    )
    return (
        select(deliveries)
        .join(own, own.c.id == deliveries.c.event_id)
        .where(
            deliveries.c.state == _WAITING,
            deliveries.c.webhook.in_(list(webhooks)),
            deliveries.c.due_at <= now,
            ~held_up,
        )
    )


def _open(delivery_id: int) -> ColumnElement[bool]:
    return (deliveries.c.id == delivery_id) & (deliveries.c.state == Outcome.WAITING.value)


def _done(
    connection: Connection,
    delivery_id: int,
    state: Outcome,
    now: datetime,
    *,
    status: int | None,
    error: str | None,
) -> None:
    changed = {
        "state": state.value,
        "attempts": deliveries.c.attempts + 1,
        "done_at": now,
        "status": status,
        "error": error,
    }
    connection.execute(update(deliveries).where(_open(delivery_id)).values(changed))


def as_delivery(row: Any) -> Delivery:
    """The delivery of a row."""
    return Delivery(
        row.id,
        row.event_id,
        row.webhook,
        Outcome(row.state),
        row.attempts,
        row.queued_at,
        row.due_at,
        row.status,
        row.error,
    )


def _as_event(row: Any) -> Event:
    return Event(row.id, Happened(row.kind), row.alert_id, row.at, row.message_number, row.detail)
