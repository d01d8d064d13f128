"""What other channels only tell, as rows: a card in words, that a warning is over, or no more here.

Whom they told of a warning hears there that it is over: at the addresses that took its call, in
writing. A telephone that was rung gets an SMS; where none can be written to, it is rung once more.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import (
    ColumnElement,
    Connection,
    Integer,
    Select,
    and_,
    case,
    delete,
    exists,
    func,
    insert,
    literal,
    literal_column,
    or_,
    select,
    text,
    true,
    update,
)
from sqlalchemy.sql.selectable import NamedFromClause

from alerts.calls import ANSWERED, ANSWERED_BY, CallState
from alerts.channels.delivery_rows import COLUMNS, ChannelDelivery, as_delivery
from alerts.channels.model import NEWS, NEWS_FOR, OF_CALLS, Kind, Progress
from alerts.model import IN_FORCE, State
from alerts.restored import restored_lately
from contacts.channels import Channel
from data.json_rows import GIVEN_IDS, as_json
from data.tables.alerts import alerts, calls
from data.tables.channels import channel_deliveries as table
from data.tables.channels import untold_ends as ends
from data.tables.columns import UtcDateTime, constant
from data.upserts import insert_into

ENDED_BY_WORD = (State.LIFTED, State.CANCELLED)
"""Ends that are told: until when a warning was to hold is in every message of it."""

_CLAIMED = constant(Progress.CLAIMED.value)
# As text: a database uses its index of such rows for a condition that reads the same.
QUEUED_NEWS = text(
    "channel_deliveries.state = 'queued'"
    " AND channel_deliveries.kind IN ('card', 'end', 'narrowed', 'changed')"
)
"""SQL: it waits to be told."""

_CARD, _END, _NARROWED, _CHANGED = (constant(kind.value) for kind in NEWS)
_CALLED = table.c.kind.in_([kind.value for kind in OF_CALLS])
_BESIDE_TELEGRAM = [via.value for via in ANSWERED_BY.values()]
# Whom Telegram did not tell of it, or who answered elsewhere: who reads in Telegram is told there.
_GOES_ON = sorted(state.value for state in (*ANSWERED, CallState.WAITING))
_LEFT_OUT = calls.c.state == constant(CallState.LEFT_OUT.value)
_HEARS_HERE = or_(calls.c.message_id.is_(None), calls.c.answered_via.in_(_BESIDE_TELEGRAM))


UNDER_WAY = timedelta(seconds=5)
"""A change that is so young may not be written down yet (ours)."""


class UntoldEnd(NamedTuple):
    """A warning that is over, and how far its end was told."""

    alert_id: int
    after_id: int  # the last delivery of another channel that was dealt with
    told: int
    after_call: int  # the last call of which it was looked who has to be rung up by hand


class Unheard(NamedTuple):
    """Somebody who knows of a warning and whom nothing tells what became of it."""

    call_id: int
    person_id: int
    division_code: str


def worth_telling(now: datetime) -> ColumnElement[bool]:
    """SQL, of a delivery, its call and its warning: whether it is still true, and not too old."""
    in_force = and_(
        alerts.c.state.in_([state.value for state in IN_FORCE]), alerts.c.expires_at > now
    )
    return and_(
        table.c.created_at > now - NEWS_FOR,
        or_(
            and_(
                table.c.kind == _CARD,
                in_force,
                calls.c.state.in_(sorted(state.value for state in ANSWERED)),
            ),
            and_(
                table.c.kind == _END,
                alerts.c.state.in_([state.value for state in ENDED_BY_WORD]),
                ~_LEFT_OUT,
            ),
            and_(table.c.kind == _CHANGED, in_force, calls.c.state.in_(_GOES_ON)),
            # Of its end whoever was left out is not told: this is true after it, too.
            and_(table.c.kind == _NARROWED, _LEFT_OUT),
        ),
    )


def due(
    connection: Connection, channel: Channel, now: datetime, limit: int
) -> list[ChannelDelivery]:
    """What a channel is to tell next, what was queued first first; of no warning that is held."""
    query = (
        select(*COLUMNS)
        .join(calls, calls.c.id == table.c.call_id)
        .join(alerts, alerts.c.id == table.c.alert_id)
        .where(
            QUEUED_NEWS,
            table.c.channel == channel.value,
            table.c.not_before <= now,
            or_(table.c.kind.not_in([_CARD, _CHANGED]), alerts.c.held_at.is_(None)),
            worth_telling(now),
        )
        .order_by(table.c.id)
        .limit(limit)
    )
    if connection.dialect.name == "postgresql":
        query = query.with_for_update(of=table, skip_locked=True)
    return [as_delivery(row) for row in connection.execute(query)]


def pointless(now: datetime) -> Select[tuple[int]]:
    """SQL: what waits to be told and is not true any more, or too old."""
    return (
        select(table.c.id)
        .outerjoin(calls, calls.c.id == table.c.call_id)
        .outerjoin(alerts, alerts.c.id == table.c.alert_id)
        .where(
            QUEUED_NEWS,
            or_(calls.c.id.is_(None), alerts.c.id.is_(None), ~worth_telling(now)),
        )
    )


def still_to_be_told(connection: Connection, delivery_id: int, now: datetime) -> bool:
    """Whether what was claimed is still true."""
    query = (
        select(table.c.id)
        .join(calls, calls.c.id == table.c.call_id)
        .join(alerts, alerts.c.id == table.c.alert_id)
        .where(table.c.id == delivery_id, table.c.state == _CLAIMED, worth_telling(now))
    )
    return connection.execute(query).first() is not None


def tell_narrowed(
    connection: Connection, call_ids: Iterable[int], by: Collection[Channel], now: datetime
) -> None:
    """Where these calls were heard, it is told that the warning is no more for there."""
    if by:
        which = table.c.call_id.in_(GIVEN_IDS)
        _tell(connection, which, Kind.NARROWED, by, now, {"ids": as_json(call_ids)})


def tell_changed(
    connection: Connection,
    call_ids: Iterable[int],
    by: Collection[Channel],
    since: datetime,
    now: datetime,
) -> None:
    """Where these calls were heard, it is told what changed of the warning since then.

    What waits to be told there says this, too: it is read when it leaves.
    """
    if by:
        which = and_(table.c.call_id.in_(GIVEN_IDS), calls.c.state.in_(_GOES_ON))
        given = {"ids": as_json(call_ids)}
        _tell(connection, which, Kind.CHANGED, by, now, given, since=since)


def last_said_at(connection: Connection, delivery: ChannelDelivery) -> datetime | None:
    """Until when what the address last read of this call knew how things are: it was written when
    it was claimed, and whatever changed before its provider took it is not in it.

    Told twice is better than never: so is what changed just before that.
    """
    says = [kind.value for kind in (*OF_CALLS, Kind.CHANGED)]
    written_at = func.coalesce(table.c.claimed_at, table.c.accepted_at)
    query = select(func.max(written_at, type_=UtcDateTime)).where(
        table.c.call_id == delivery.call_id,
        table.c.address == delivery.address,
        table.c.kind.in_(says),
        table.c.id != delivery.id,
        table.c.accepted_at.is_not(None),
    )
    found: datetime | None = connection.execute(query).scalar()
    return None if found is None else found - UNDER_WAY


def note_end(connection: Connection, alert_id: int, now: datetime) -> None:
    """The warning was lifted or cancelled: whom Telegram does not tell that is to hear it, too."""
    row = {"alert_id": alert_id, "after_id": 0, "told": 0, "after_call_id": 0, "created_at": now}
    connection.execute(insert_into(connection, ends).values(**row).on_conflict_do_nothing())


def first_untold(connection: Connection) -> UntoldEnd | None:
    """The first warning whose end is still to be told."""
    row = connection.execute(_FIRST_UNTOLD).first()
    return None if row is None else UntoldEnd(*row)


def anything_untold(connection: Connection, now: datetime) -> bool:
    """Whether there is one: a look into a table that is empty nearly always."""
    return first_untold(connection) is not None and not restored_lately(connection, now)


def tell_end(
    connection: Connection, end: UntoldEnd, by: Collection[Channel], now: datetime, limit: int
) -> tuple[UntoldEnd, bool]:
    """Queue the next part of an end; how far it is then, and whether that was the last part.

    Whoever a narrowing left out was told so: it was no more theirs.
    """
    part = (
        select(table.c.id)
        .where(table.c.alert_id == end.alert_id, table.c.id > end.after_id)
        .order_by(table.c.id)
        .limit(limit)
    )
    ids = list(connection.execute(part).scalars())
    told = 0
    if ids and by:
        which = and_(table.c.id.in_(GIVEN_IDS), ~_LEFT_OUT)
        told = _tell(connection, which, Kind.END, by, now, {"ids": as_json(ids)})
    after = end._replace(after_id=ids[-1] if ids else end.after_id, told=end.told + told)
    _keep(connection, after)
    return after, len(ids) < limit


def unheard_of_end(
    connection: Connection, end: UntoldEnd, limit: int
) -> tuple[UntoldEnd, list[Unheard]]:
    """The next of those who know of a warning that is over and whom nothing tells its end.

    Asked when all of the end is queued. How far it is then; nobody: that were all.
    """
    which = and_(calls.c.alert_id == end.alert_id, calls.c.id > end.after_call, ~_LEFT_OUT)
    found = _unheard(connection, which, Kind.END, limit)
    if found:
        end = end._replace(after_call=found[-1].call_id)
        _keep(connection, end)
    return end, found


def unheard(
    connection: Connection, call_ids: Iterable[int], kind: Kind, since: datetime | None = None
) -> list[Unheard]:
    """Of these calls those of whom the same is true.

    :param since: what was told before then told something else.
    """
    ids = list(call_ids)
    return _unheard(connection, calls.c.id.in_(GIVEN_IDS), kind, len(ids), ids, since)


def _unheard(
    connection: Connection,
    which: ColumnElement[bool],
    kind: Kind,
    limit: int,
    ids: Iterable[int] | None = None,
    since: datetime | None = None,
) -> list[Unheard]:
    there = table.alias("there")
    is_told = exists().where(
        there.c.call_id == calls.c.id,
        there.c.kind == kind.value,
        there.c.state.not_in([Progress.DROPPED.value, Progress.FAILED.value]),
        _says_it(there, since),
    )
    heard = exists().where(
        table.c.call_id == calls.c.id,
        _CALLED,
        or_(
            table.c.delivered_at.is_not(None),
            table.c.heard_at.is_not(None),
            table.c.read_at.is_not(None),
        ),
    )
    answered = or_(
        calls.c.state.in_(sorted(state.value for state in ANSWERED)),
        and_(_LEFT_OUT, calls.c.answered_at.is_not(None)),
    )
    query = (
        select(calls.c.id, calls.c.person_id, calls.c.division_code)
        .where(which, calls.c.message_id.is_(None), or_(answered, heard), ~is_told)
        .order_by(calls.c.id)
        .limit(limit)
    )
    rows = connection.execute(query, {} if ids is None else {"ids": as_json(ids)})
    return [Unheard(*row) for row in rows]


def _keep(connection: Connection, end: UntoldEnd) -> None:
    change = update(ends).where(ends.c.alert_id == end.alert_id)
    values = {"after_id": end.after_id, "told": end.told, "after_call_id": end.after_call}
    connection.execute(change.values(**values))


_FIRST_UNTOLD = (
    select(ends.c.alert_id, ends.c.after_id, ends.c.told, ends.c.after_call_id)
    .order_by(ends.c.created_at)
    .limit(1)
)


def end_told(connection: Connection, alert_id: int) -> None:
    """It is queued for everybody, or not to be told any more."""
    connection.execute(delete(ends).where(ends.c.alert_id == alert_id))


_MAY_HAVE_ARRIVED = or_(table.c.accepted_at.is_not(None), table.c.state == _CLAIMED)


def _tell(
    connection: Connection,
    which: ColumnElement[bool],
    kind: Kind,
    by: Collection[Channel],
    now: datetime,
    given: dict[str, str],
    *,
    since: datetime | None = None,
) -> int:
    """Queue this for each address at which one of these deliveries may have arrived; how many.

    :param since: what was told before then told something else.
    """
    channel = _told_by(table, by)
    there = table.alias("there")
    # Nobody is rung up for what they can read.
    other = table.alias("other")
    reads = exists().where(
        other.c.call_id == table.c.call_id,
        other.c.kind.in_([each.value for each in OF_CALLS]),
        or_(other.c.accepted_at.is_not(None), other.c.state == _CLAIMED),
        _told_by(other, by).in_([each.value for each in by if each is not Channel.VOICE]),
    )
    told_before = exists().where(
        there.c.call_id == table.c.call_id,
        there.c.kind == kind.value,
        there.c.channel == channel,
        there.c.address == table.c.address,
        there.c.state != Progress.DROPPED.value,
        _says_it(there, since),
    )
    values: dict[str, ColumnElement[Any]] = {
        "call_id": table.c.call_id,
        "alert_id": table.c.alert_id,
        "person_id": table.c.person_id,
        "channel": channel,
        "address": table.c.address,
        "kind": literal(kind.value),
        "state": literal(Progress.QUEUED.value),
        "attempts": literal(0, Integer),
        "not_before": literal(now, UtcDateTime),
        "created_at": literal(now, UtcDateTime),
    }
    query = (
        select(*(value.label(name) for name, value in values.items()))
        .join(calls, calls.c.id == table.c.call_id)
        .where(
            which,
            _CALLED,
            _MAY_HAVE_ARRIVED,
            _HEARS_HERE,
            channel.in_([each.value for each in by]),
            or_(channel != constant(Channel.VOICE.value), ~reads),
            ~told_before,
        )
        # A telephone that was rung and written to hears it once.
        .group_by(table.c.call_id, table.c.alert_id, table.c.person_id, channel, table.c.address)
    )
    made = insert(table).from_select(list(values), query, include_defaults=False)
    done = connection.execute(made, given, execution_options={"preserve_rowcount": True})
    return done.rowcount


def _says_it(there: NamedFromClause, since: datetime | None) -> ColumnElement[bool]:
    """Whether a row tells what is told now: it was made for it, or is read when it leaves."""
    if since is None:
        return true()
    return or_(there.c.created_at >= since, there.c.state == Progress.QUEUED.value)


def _told_by(deliveries: NamedFromClause, by: Collection[Channel]) -> ColumnElement[str]:
    """By which channel the address of a delivery is told something: a mobile that was rung in
    writing, where that can be done."""
    channel: ColumnElement[str] = deliveries.c.channel
    if Channel.SMS not in by:
        return channel
    # Written out: PostgreSQL takes two parameters for two expressions, which it cannot group by.
    # A landline is what ``contacts.channels.telephones`` leaves out for SMS.
    its = f"{deliveries.name}.address"
    landline: ColumnElement[bool] = literal_column(
        f"(substr({its}, 1, 3) = '+86' AND (substr({its}, 4, 1) <> '1' OR length({its}) <> 14))"
    )
    rung = channel == constant(Channel.VOICE.value)
    return case((and_(rung, ~landline), constant(Channel.SMS.value)), else_=channel)
