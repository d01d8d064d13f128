"""What the road of a gateway needs to know of rows: what it fetched, what it said before."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, select, update

from alerts.calls import CallState
from alerts.model import IN_FORCE
from data.tables.alerts import alerts, calls
from data.tables.channels import channel_deliveries, channel_nonces
from data.tables.columns import constant
from data.upserts import insert_into

_FETCHED = "fetched "
_QUEUED = constant("queued")
_CLAIMED = constant("claimed")
_ACCEPTED = constant("accepted")


CLOCKS_APART = timedelta(hours=1)
"""Nonces are kept for so much longer: a clock that is ahead for a moment forgets none."""


def first_time(connection: Connection, nonce: str, until: datetime, now: datetime) -> bool:
    """Whether a request with this nonce is taken for the first time; then it is remembered.

    :param until: so long the request's time would let it in again; afterwards it is forgotten.
    """
    gone = channel_nonces.c.expires_at < now - CLOCKS_APART
    connection.execute(delete(channel_nonces).where(gone))
    added = insert_into(connection, channel_nonces).values(nonce=nonce, expires_at=until)
    noted = added.on_conflict_do_nothing().returning(channel_nonces.c.nonce)
    return connection.execute(noted).scalar_one_or_none() is not None


def name_of(batch: str) -> str:
    """In whose name the calls of a batch are claimed that a gateway fetches."""
    return _FETCHED + batch


def fetched(connection: Connection, batch: str | None = None) -> list[int]:
    """The deliveries of a batch, or of all, that were fetched and are not confirmed."""
    columns = channel_deliveries.c
    query = select(columns.id).where(columns.state == _CLAIMED)
    if batch is None:
        query = query.where(columns.claimed_by.startswith(_FETCHED, autoescape=True))
    else:
        query = query.where(columns.claimed_by == name_of(batch))
    return list(connection.execute(query.order_by(columns.id)).scalars())


def still_to_be_sent(connection: Connection, delivery_id: int, now: datetime) -> bool:
    """Whether what was claimed is to be said yet: nobody answered, cancelled or held it since."""
    query = (
        select(channel_deliveries.c.id)
        .join(calls, calls.c.id == channel_deliveries.c.call_id)
        .join(alerts, alerts.c.id == channel_deliveries.c.alert_id)
        .where(
            channel_deliveries.c.id == delivery_id,
            channel_deliveries.c.state == _CLAIMED,
            calls.c.state == CallState.WAITING.value,
            alerts.c.state.in_([state.value for state in IN_FORCE]),
            alerts.c.held_at.is_(None),
            alerts.c.expires_at > now,
        )
    )
    return connection.execute(query).first() is not None


def made_after_all(connection: Connection, delivery_id: int, now: datetime) -> None:
    """A try that was put back, since the gateway gave no answer, was made: it tells us of it."""
    columns = channel_deliveries.c
    connection.execute(
        update(channel_deliveries)
        .where(columns.id == delivery_id, columns.state == _QUEUED)
        .values(state=_ACCEPTED, attempts=columns.attempts + 1, accepted_at=now, claimed_by=None)
    )
