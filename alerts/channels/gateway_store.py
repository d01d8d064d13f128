"""What the road of a gateway needs to know of rows: what it fetched, what it said before."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, delete, select
from sqlalchemy.dialects import postgresql, sqlite

from data.tables.channels import channel_deliveries, channel_nonces
from data.tables.columns import constant

_FETCHED = "fetched "
_CLAIMED = constant("claimed")


def first_time(connection: Connection, nonce: str, until: datetime, now: datetime) -> bool:
    """Whether a request with this nonce is taken for the first time; then it is remembered.

    :param until: so long the request's time would let it in again; afterwards it is forgotten.
    """
    connection.execute(delete(channel_nonces).where(channel_nonces.c.expires_at < now))
    insert_into = sqlite.insert if connection.dialect.name == "sqlite" else postgresql.insert
    added = insert_into(channel_nonces).values(nonce=nonce, expires_at=until)
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
