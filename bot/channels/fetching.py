"""Gives calls to a gateway that fetches them: nothing opens a port at the county's.

Each answer is a batch with a name. Asking with ``after`` that name says: stored, all of it. Asking
without it gives the same calls once more, by the same ids; so nothing is lost when an answer is.
"""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any

from alerts.channels import calling, gateway_store, take_back_store
from alerts.channels import store as channel_store
from bot.channels.contract import BY_GATEWAY, MOST_CALLS, call_json
from bot.channels.events import Handle
from bot.channels.rendering import outgoing_calls
from bot.channels.sending import FIRST_WAIT
from bot.channels.taking_back import by_gateway
from bot.services.services import Services
from data.database import Connection
from data.tables.columns import to_milliseconds

_BATCH = re.compile(r"\d{1,18}", re.ASCII)


def calls_after(
    connection: Connection, services: Services, after: str, now: datetime
) -> dict[str, Any]:
    """The next calls, and the name of this batch of them.

    :param after: the name of the last batch that the gateway has stored; may be empty.
    """
    if _BATCH.fullmatch(after):
        for delivery_id in gateway_store.fetched(connection, after):
            channel_store.accepted(connection, delivery_id, None, now)
        take_back_store.told_in(connection, after, now)
    for delivery_id in gateway_store.fetched(connection):  # an answer of ours that did not arrive
        channel_store.put_back(connection, delivery_id, now, now)
    batch = str(to_milliseconds(now))
    told: list[dict[str, Any]] = []
    for channel in BY_GATEWAY:
        claimed = calling.claim(
            connection,
            channel,
            gateway_store.name_of(batch),
            services.rules.warnings,
            now,
            MOST_CALLS // len(BY_GATEWAY),
            tests=services.rules.tests.may_ring(now),
        )
        calls = outgoing_calls(connection, services, claimed, now)
        for delivery in claimed:
            if delivery.id in calls:
                told.append(call_json(calls[delivery.id]))
            else:
                channel_store.put_back(connection, delivery.id, now + FIRST_WAIT, now)
    channels = by_gateway(services)
    held = take_back_store.to_be_taken_back(connection, channels, now, MOST_CALLS)
    take_back_store.tell_in(connection, [call.delivery_id for call in held], batch)
    answer: dict[str, Any] = {"calls": told, "next": batch if told or held else after}
    if held:
        answer["withdrawn"] = [str(Handle(*call)) for call in held]
    return answer
