"""When each number was rung, for an hour: it rings neither too often nor for ever, as rows.

Tests of a number are kept apart. They wait for what warnings have rung; a warning does not wait for
them: whoever did not pick up for a test is just who is hard to reach.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, and_, case, delete, exists, insert, select

from alerts.channels.delivery_rows import ChannelDelivery
from alerts.channels.model import AGAIN_AFTER, TRIES_REMEMBERED, Kind, may_try_at
from contacts.channels import Channel
from data.tables.channels import channel_deliveries, channel_tries
from data.tables.columns import constant

RUNG = frozenset({Channel.VOICE})
"""Channels that ring: how often a number is tried is remembered, and limited."""

_OF_TESTS = "_test"
"""Behind the name of the channel, in the rows of tests."""


def ring(
    connection: Connection, channel: Channel, found: list[ChannelDelivery], now: datetime
) -> tuple[list[ChannelDelivery], list[tuple[int, datetime]]]:
    """Those whose numbers may ring now, entered as tries; and when each of the others may."""
    tries = _tries(connection, channel, {delivery.address for delivery in found}, now)
    ringing, later = [], []
    for delivery in found:
        of_warnings, of_tests = tries[delivery.address]
        test = delivery.kind is Kind.TEST
        may_at = may_try_at([*of_warnings, *of_tests] if test else of_warnings, now)
        if may_at > now:
            later.append((delivery.id, may_at))
            continue
        (of_tests if test else of_warnings).append(now)
        ringing.append(delivery)
    if ringing:
        rows = [
            {"channel": _kept_as(delivery), "address": delivery.address, "at": now}
            for delivery in ringing
        ]
        connection.execute(insert(channel_tries), rows)
    return ringing, later


def take_back(connection: Connection, delivery: ChannelDelivery) -> None:
    """It did not ring when it was claimed."""
    connection.execute(
        delete(channel_tries).where(
            channel_tries.c.channel == _kept_as(delivery),
            channel_tries.c.address == delivery.address,
            channel_tries.c.at == delivery.claimed_at,
        )
    )


def take_back_all(connection: Connection, which: ColumnElement[bool]) -> None:
    """The same of all deliveries that ``which`` says."""
    columns = channel_deliveries.c
    test = columns.kind == constant(Kind.TEST.value)
    kept_as = case((test, columns.channel.concat(_OF_TESTS)), else_=columns.channel)
    its_try = and_(
        kept_as == channel_tries.c.channel,
        columns.address == channel_tries.c.address,
        columns.claimed_at == channel_tries.c.at,
    )
    connection.execute(delete(channel_tries).where(exists().where(which, its_try)))


def _kept_as(delivery: ChannelDelivery) -> str:
    return delivery.channel.value + (_OF_TESTS if delivery.kind is Kind.TEST else "")


def _tries(
    connection: Connection, channel: Channel, addresses: Collection[str], now: datetime
) -> defaultdict[str, tuple[list[datetime], list[datetime]]]:
    """When each of these numbers was tried lately: for warnings, and for tests."""
    query = select(channel_tries.c.channel, channel_tries.c.address, channel_tries.c.at).where(
        channel_tries.c.channel.in_([channel.value, channel.value + _OF_TESTS]),
        channel_tries.c.address.in_(sorted(addresses)),
        channel_tries.c.at > now - TRIES_REMEMBERED,
        # By a clock that was set back since: it would silence the number until then.
        channel_tries.c.at <= now + AGAIN_AFTER,
    )
    found: defaultdict[str, tuple[list[datetime], list[datetime]]] = defaultdict(lambda: ([], []))
    for kept_as, address, at in connection.execute(query):
        found[address][kept_as.endswith(_OF_TESTS)].append(at)
    return found
