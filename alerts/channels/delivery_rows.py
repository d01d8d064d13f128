"""One address at which somebody is called, reminded or tested, as a row. No statement is here."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from alerts.channels.model import Kind, Progress
from contacts.channels import Cause, Channel
from data.tables.channels import channel_deliveries as table


@dataclass(frozen=True, slots=True)
class ChannelDelivery:
    """One address at which somebody is called or reminded. Times are aware UTC.

    Of a test call (``alerts.test_calls``) ``test_line_id`` says which address it tests; then there
    is no call and no warning, and of a satellite telephone no person.
    """

    id: int
    call_id: int
    alert_id: int
    person_id: int
    channel: Channel
    address: str
    kind: Kind
    state: Progress
    attempts: int
    not_before: datetime
    claimed_at: datetime | None
    provider_id: str | None
    heard_at: datetime | None
    cause: Cause | None
    created_at: datetime
    test_line_id: int | None = None


COLUMNS = [table.c[name] for name in ChannelDelivery.__slots__]


def as_delivery(row: Any) -> ChannelDelivery:
    """The delivery of a row of ``COLUMNS``."""
    values = dict(row._mapping)
    return ChannelDelivery(
        **{
            **values,
            "channel": Channel(values["channel"]),
            "kind": Kind(values["kind"]),
            "state": Progress(values["state"]),
            "cause": None if values["cause"] is None else Cause(values["cause"]),
        }
    )
