"""The outbox of the other channels as rows: queued, claimed, and what became of each."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    and_,
    bindparam,
    case,
    exists,
    or_,
    select,
    true,
    update,
)

from alerts.calls import CallState
from alerts.channels import address_store, news_store, rings_store, test_store
from alerts.channels.addresses import owned_by
from alerts.channels.delivery_rows import COLUMNS, ChannelDelivery, as_delivery
from alerts.channels.model import AGAIN_AFTER, OF_CALLS, Kind, Next, Progress
from alerts.model import Level, State
from contacts import people_store
from contacts.channels import ACCOUNTS, Cause, Channel, Receipt
from data.json_rows import GIVEN_IDS, as_json
from data.tables.alerts import alerts, calls
from data.tables.channels import channel_deliveries as table
from data.tables.columns import constant

LONGEST_PROVIDER_ID = 120
"""Characters kept of what a provider calls a delivery."""

_WAITING = constant(CallState.WAITING.value)
_TEST = constant(Kind.TEST.value)
_QUEUED, _CLAIMED, _DROPPED = (
    constant(progress.value) for progress in (Progress.QUEUED, Progress.CLAIMED, Progress.DROPPED)
)


# -- sending -----------------------------------------------------------------------------------


def claim(
    connection: Connection,
    channel: Channel,
    by: str,
    now: datetime,
    limit: int,
    *,
    tests: bool = False,
) -> list[ChannelDelivery]:
    """Take the next deliveries of a channel, to be handed to its provider now.

    Only of calls that are open, of warnings in force and not held: those of a red one first, then
    of an orange one; then what is only told (``news_store``). A number that rang too often lately
    is left for later. Each counts as a try.

    :param tests: it is an hour at which tests ring: they do when no call waits in this channel.
    """
    found: list[ChannelDelivery] = []
    for alert_id in connection.execute(_sent_now(now)).scalars().all():
        if len(found) >= limit:
            break
        next_of_alert = _next(connection, channel, alert_id, now, limit - len(found))
        next_of_alert = _still_theirs(connection, channel, next_of_alert, now)
        if channel in rings_store.RUNG:
            next_of_alert = _not_too_often(connection, channel, next_of_alert, now)
        found += next_of_alert
    if len(found) < limit:  # nobody who is called waits for what is only told
        news = news_store.due(connection, channel, now, limit - len(found))
        news = _still_theirs(connection, channel, news, now)
        if channel in rings_store.RUNG:
            news = _not_too_often(connection, channel, news, now)
        found += news
    if not found and tests:
        found = test_store.due(connection, channel, now, limit)
        found = _still_theirs(connection, channel, found, now)
        if channel in rings_store.RUNG:
            found = _not_too_often(connection, channel, found, now)
    if found:
        connection.execute(
            update(table)
            .where(table.c.id.in_(GIVEN_IDS))
            .values(state=_CLAIMED, claimed_by=by, claimed_at=now, attempts=table.c.attempts + 1),
            {"ids": as_json(delivery.id for delivery in found)},
        )
    return [
        replace(delivery, state=Progress.CLAIMED, claimed_at=now, attempts=delivery.attempts + 1)
        for delivery in found
    ]


def delivery(connection: Connection, delivery_id: int) -> ChannelDelivery | None:
    """The delivery of this number."""
    row = connection.execute(select(*COLUMNS).where(table.c.id == delivery_id)).first()
    return None if row is None else as_delivery(row)


def by_provider_id(
    connection: Connection, channel: Channel, provider_id: str
) -> ChannelDelivery | None:
    """The delivery that a channel's provider calls so; the newest, should it have named two so."""
    return _newest(connection, table.c.channel == channel.value, table.c.provider_id == provider_id)


def last_without_provider_id(
    connection: Connection, channel: Channel, address: str
) -> ChannelDelivery | None:
    """The last that was handed over to this address and of which nobody said what it is called."""
    return _newest(
        connection,
        table.c.channel == channel.value,
        table.c.address == address,
        table.c.state.in_(_UNDER_WAY_WORDS),
        table.c.claimed_at.is_not(None),
        table.c.provider_id.is_(None),
    )


def of_calls(connection: Connection, call_ids: Iterable[int]) -> dict[int, list[ChannelDelivery]]:
    """What was said, or is to be said, for each of these calls, in order."""
    query = select(*COLUMNS).where(table.c.call_id.in_(GIVEN_IDS)).order_by(table.c.id)
    found: defaultdict[int, list[ChannelDelivery]] = defaultdict(list)
    for row in connection.execute(query, {"ids": as_json(call_ids)}):
        made = as_delivery(row)
        found[made.call_id].append(made)
    return dict(found)


def last_to(
    connection: Connection,
    channel: Channel,
    address: str | None,
    person_ids: Iterable[int],
    before: datetime | None = None,
) -> ChannelDelivery | None:
    """What one of these persons was last told at this address, of what was queued before then.

    :param address: ``None``: at whatever address.
    """
    return _newest(
        connection,
        table.c.person_id.in_(GIVEN_IDS),
        table.c.channel == channel.value,
        true() if address is None else table.c.address == address,
        table.c.attempts > 0,
        true() if before is None else table.c.created_at <= before,
        ids=as_json(person_ids),
    )


def accepted(
    connection: Connection, delivery_id: int, provider_id: str | None, now: datetime
) -> None:
    """The provider has it."""
    kept = None
    if provider_id is not None and provider_id.isprintable():
        kept = provider_id[:LONGEST_PROVIDER_ID]
    changes = {"state": Progress.ACCEPTED.value, "accepted_at": now, "provider_id": kept}
    _change(connection, delivery_id, changes, only_in=(Progress.CLAIMED,))
    known = delivery(connection, delivery_id)
    if known is not None and known.channel in ACCOUNTS:
        # There is such an account, which is all that its provider may have denied.
        address_store.works_after_all(
            connection, [known.person_id], [known.channel], known.address, now,
            causes=(Cause.NOT_LINKED, Cause.BLOCKED),
        )  # fmt: skip


def found_account(connection: Connection, delivery_id: int, account: str) -> None:
    """The account of the person was found by their number: it is told to them there from now on."""
    known = delivery(connection, delivery_id)
    if known is None or known.address == account or not known.person_id:
        return
    address_store.enter(connection, known.person_id, known.channel, account, found_by=known.address)
    there = table.alias("there")
    same = exists().where(
        there.c.call_id == known.call_id,
        there.c.kind == known.kind.value,
        there.c.channel == known.channel.value,
        there.c.address == account,
    )
    change = update(table).where(table.c.id == delivery_id, ~same).values(address=account)
    connection.execute(change)


def put_back(
    connection: Connection,
    delivery_id: int,
    not_before: datetime,
    now: datetime,  # noqa: ARG001 - as the others have it
    *,
    rang: bool = False,
) -> None:
    """It did not get to the provider: it is sent later, and was no try.

    :param rang: nobody knows whether it did: the number is left alone as if it had been rung.
    """
    known = delivery(connection, delivery_id)
    if known is None or known.state is not Progress.CLAIMED:
        return
    changes = {
        "state": Progress.QUEUED.value,
        "not_before": not_before,
        "claimed_by": None,
        "attempts": max(0, known.attempts - 1),
    }
    _change(connection, delivery_id, changes, only_in=(Progress.CLAIMED,))
    if known.channel in rings_store.RUNG and not rang:
        rings_store.take_back(connection, known)


def failed(connection: Connection, delivery_id: int, cause: Cause | None, now: datetime) -> None:
    """It will not get there, however often it is tried.

    Where something is wrong with the address, that is noted of it too.
    """
    record(connection, delivery_id, Next(Progress.FAILED, None, cause), now)
    known = delivery(connection, delivery_id)
    if cause is not None and known is not None and known.person_id:
        where = known.person_id, known.channel, known.address
        address_store.note_failure(connection, *where, cause, now, now)


def record(connection: Connection, delivery_id: int, following: Next, now: datetime) -> None:
    """What becomes of a delivery that has not ended, after a try."""
    ended = following.progress in (Progress.FAILED, Progress.ANSWERED, Progress.DROPPED)
    changes: dict[str, Any] = {
        "state": following.progress.value,
        "cause": None if following.cause is None else following.cause.value,
        "claimed_by": None,
    }
    if following.not_before is not None:
        changes["not_before"] = following.not_before
    if ended:
        changes["ended_at"] = now
    _change(connection, delivery_id, changes, only_in=_UNDER_WAY)


def received(connection: Connection, delivery_id: int, receipt: Receipt, at: datetime) -> None:
    """A receipt came. The first of each kind counts."""
    column = _RECEIVED[receipt]
    first = update(table).where(table.c.id == delivery_id, table.c[column].is_(None))
    connection.execute(first.values({column: at}))
    if receipt is Receipt.ACCEPTED:
        changes = {"state": Progress.ACCEPTED.value, "claimed_by": None}
        _change(connection, delivery_id, changes, only_in=(Progress.CLAIMED,))
        return
    changes = {"state": Progress.DELIVERED.value, "cause": None, "claimed_by": None}
    before = (Progress.CLAIMED, Progress.ACCEPTED, Progress.QUEUED)
    _change(connection, delivery_id, changes, only_in=before)


def free_claims(
    connection: Connection,
    before: datetime,
    now: datetime,
    *,
    channel: Channel | None = None,
    known_again: bool = True,
) -> int:
    """Give back what was claimed before then and never recorded: the same try is made again.

    :param known_again: the provider knows a try by its number and makes it once: there is nothing
        to wait for. Elsewhere the number may be ringing just now.
    """
    stuck = and_(table.c.state == _CLAIMED, table.c.claimed_at < before)
    if channel is not None:
        stuck = and_(stuck, table.c.channel == channel.value)
    if known_again:
        rings_store.take_back_all(connection, stuck)
    not_before = now if known_again else now + AGAIN_AFTER
    changes = {"state": Progress.QUEUED.value, "claimed_by": None, "not_before": not_before}
    again = update(table).where(stuck).values(**changes, attempts=table.c.attempts - 1)
    return connection.execute(again).rowcount


def anything_due(
    connection: Connection,
    channel: Channel,
    now: datetime,
    claimed_before: datetime,
    *,
    tests: bool = False,
) -> bool:
    """Whether ``claim`` or ``free_claims`` may find something."""
    given = {"channel": channel.value, "now": now, "claimed_before": claimed_before}
    return any(
        connection.execute(which, given).first() is not None for which in (_ANY_QUEUED, _ANY_STUCK)
    ) or (tests and bool(test_store.due(connection, channel, now, 1)))


# Asked every second of each channel: built once.
_ANY_QUEUED = (
    select(table.c.id)
    .where(
        table.c.state == _QUEUED,
        table.c.channel == bindparam("channel"),
        table.c.not_before <= bindparam("now"),
        table.c.kind != _TEST,
    )
    .limit(1)
)
_ANY_STUCK = (
    select(table.c.id)
    .where(table.c.state == _CLAIMED, table.c.claimed_at < bindparam("claimed_before"))
    .limit(1)
)


def answered(connection: Connection, call_id: int, now: datetime) -> None:
    """The call was answered: what is still to be said of it is dropped, the rest has done it."""
    never_sent = table.c.state == _QUEUED
    connection.execute(
        update(table)
        .where(
            table.c.call_id == call_id,
            table.c.kind.in_(_OF_CALLS),
            table.c.state.in_(_UNDER_WAY_WORDS),
        )
        .values(
            state=case((never_sent, Progress.DROPPED.value), else_=Progress.ANSWERED.value),
            ended_at=now,
        )
    )


def any_pointless(connection: Connection, now: datetime) -> bool:
    """Whether anything is queued that is not worth sending any more."""
    return any(
        connection.execute(query.limit(1)).first() is not None
        for query in (_pointless(now), news_store.pointless(now))
    )


def drop_pointless(connection: Connection, now: datetime, limit: int) -> int:
    """Drop what is queued for calls that were answered, and for warnings that are over; and what
    was to be told and is not true any more."""
    ids = [
        pointless
        for query in (_pointless(now), news_store.pointless(now))
        for pointless in connection.execute(query.limit(limit)).scalars()
    ][:limit]
    if ids:
        change = update(table).where(table.c.id.in_(GIVEN_IDS), table.c.state == _QUEUED)
        dropped = change.values(state=_DROPPED, ended_at=now)
        connection.execute(dropped, {"ids": as_json(ids)})
    return len(ids)


# -- parts -------------------------------------------------------------------------------------

_RECEIVED = {
    Receipt.ACCEPTED: "accepted_at",
    Receipt.DELIVERED: "delivered_at",
    Receipt.READ: "read_at",
    Receipt.HEARD: "heard_at",
}
_UNDER_WAY = (Progress.QUEUED, Progress.CLAIMED, Progress.ACCEPTED, Progress.DELIVERED)
_UNDER_WAY_WORDS = [progress.value for progress in _UNDER_WAY]
_OF_CALLS = [kind.value for kind in OF_CALLS]
_LEVELS = [level.value for level in (Level.RED, Level.ORANGE, Level.YELLOW, Level.BLUE)]
_IN_FORCE = [State.RELEASED.value, State.CLOSED.value]


def _sent_now(now: datetime) -> Select[Any]:
    """Warnings of which something may be sent, in the order of their levels."""
    urgency = case({level: place for place, level in enumerate(_LEVELS)}, value=alerts.c.level)
    return (
        select(alerts.c.id)
        .where(alerts.c.state.in_(_IN_FORCE), alerts.c.expires_at > now, alerts.c.held_at.is_(None))
        .order_by(urgency, alerts.c.id)
    )


def _next(
    connection: Connection, channel: Channel, alert_id: int, now: datetime, limit: int
) -> list[ChannelDelivery]:
    """The next deliveries of one warning."""
    query = (
        select(*COLUMNS)
        .join(calls, calls.c.id == table.c.call_id)
        .where(
            table.c.state == _QUEUED,
            table.c.channel == channel.value,
            table.c.alert_id == alert_id,
            table.c.kind.in_(_OF_CALLS),
            table.c.not_before <= now,
            calls.c.state == _WAITING,
        )
        .order_by(table.c.not_before, table.c.id)
        .limit(limit)
    )
    if connection.dialect.name == "postgresql":
        query = query.with_for_update(of=table, skip_locked=True)
    return [as_delivery(row) for row in connection.execute(query)]


def _still_theirs(
    connection: Connection, channel: Channel, found: list[ChannelDelivery], now: datetime
) -> list[ChannelDelivery]:
    """Those whose addresses are still their persons'; the others are dropped.

    Whoever has the number now is told nothing; the person is called at the one they have now.
    """
    people = people_store.people(connection, {delivery.person_id for delivery in found})
    active = [person for person in people.values() if person.active]
    owned = owned_by(connection, active, channel) if active else {}
    theirs: list[ChannelDelivery] = []
    gone: list[ChannelDelivery] = []
    for delivery in found:
        # A satellite telephone is nobody's own.
        still = not delivery.person_id or delivery.address in owned.get(delivery.person_id, ())
        (theirs if still else gone).append(delivery)
    if gone:
        connection.execute(
            update(table)
            .where(table.c.id.in_(GIVEN_IDS), table.c.state == _QUEUED)
            .values(state=_DROPPED, ended_at=now),
            {"ids": as_json(delivery.id for delivery in gone)},
        )
    return theirs


def _worth_sending(now: datetime) -> ColumnElement[bool]:
    return and_(calls.c.state == _WAITING, alerts.c.state.in_(_IN_FORCE), alerts.c.expires_at > now)


def _pointless(now: datetime) -> Any:
    return (
        select(table.c.id)
        .outerjoin(calls, calls.c.id == table.c.call_id)
        .outerjoin(alerts, alerts.c.id == table.c.alert_id)
        .where(
            table.c.state == _QUEUED,
            table.c.kind.in_(_OF_CALLS),
            or_(calls.c.id.is_(None), alerts.c.id.is_(None), ~_worth_sending(now)),
        )
    )


def _not_too_often(
    connection: Connection, channel: Channel, found: list[ChannelDelivery], now: datetime
) -> list[ChannelDelivery]:
    """Those whose numbers may ring now; the others wait until they may."""
    ringing, later = rings_store.ring(connection, channel, found, now)
    for delivery_id, may_at in later:
        connection.execute(update(table).where(table.c.id == delivery_id).values(not_before=may_at))
    return ringing


def _change(
    connection: Connection,
    delivery_id: int,
    changes: Mapping[str, Any],
    *,
    only_in: Collection[Progress],
) -> None:
    states = [progress.value for progress in only_in]
    connection.execute(
        update(table).where(table.c.id == delivery_id, table.c.state.in_(states)).values(changes)
    )


def _newest(
    connection: Connection, *which: ColumnElement[bool], **given: Any
) -> ChannelDelivery | None:
    query = select(*COLUMNS).where(*which).order_by(table.c.id.desc()).limit(1)
    row = connection.execute(query, given).first()
    return None if row is None else as_delivery(row)
