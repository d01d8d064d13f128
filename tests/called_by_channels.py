"""People called by voice and SMS, for tests of rows: a warning, the tick, a provider's reports."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, insert

from alerts import call_store
from alerts.calls import Call
from alerts.channels import calling, store
from alerts.channels.delivery_rows import ChannelDelivery
from alerts.channels.model import Kind, Progress
from alerts.channels.receipts import take_receipt
from alerts.closing import cancel
from alerts.escalation import RungChannels
from alerts.model import Draft, Hazard, Level
from alerts.release import release
from alerts.rules import DEFAULT_POLICIES, Rules
from contacts import people_store
from contacts.channels import Cause, Channel, Receipt
from contacts.people import Role
from data.database import Database
from data.tables.contacts import people
from tests.roster import COUNTY, COUNTY_COMMANDER, NOW, VILLAGERS, VILLAGES, person

NAMED = RungChannels((Channel.VOICE,), (Channel.SMS,), (Channel.SMS,))
RED = replace(DEFAULT_POLICIES[Level.RED], channels=NAMED)
RULES = Rules(policies={**DEFAULT_POLICIES, Level.RED: RED, Level.ORANGE: RED})
DRAFT = Draft(Level.RED, Hazard.RAINSTORM, (COUNTY,), "立即转移", headline="暴雨红色预警")
UNLINKED = person(901, "没关联", VILLAGES[1], Role.VILLAGE_RESPONSIBLE, linked=False)
HEAD = VILLAGERS[0]


def at(minutes: float) -> datetime:
    return NOW + timedelta(minutes=minutes)


def warn(database: Database, minutes: float = 0, rules: Rules = RULES, draft: Draft = DRAFT) -> int:
    def unit(connection: Connection) -> int:
        by = people_store.person(connection, COUNTY_COMMANDER["id"])
        assert by is not None
        return release(connection, draft, by, rules, at(minutes)).alert_id

    return database.do(unit)


def call_off(database: Database, alert_id: int) -> None:
    def unit(connection: Connection) -> None:
        by = people_store.person(connection, COUNTY_COMMANDER["id"])
        assert by is not None
        cancel(connection, alert_id, by, at(1))

    database.do(unit)


def add_person(database: Database, **changes: Any) -> None:
    database.do(lambda c: c.execute(insert(people), [{**UNLINKED, **changes}]))


def look(database: Database, minutes: float = 0, rules: Rules = RULES) -> int:
    """The tick."""
    done = 0
    while database.read(lambda c: calling.anything_due(c, rules, at(minutes))):
        done += database.do(lambda c: calling.call_by_channels(c, rules, at(minutes)))
    return done


def call_of(database: Database, row: dict[str, Any], alert_id: int) -> Call:
    """Somebody's call."""
    found = database.read(lambda c: call_store.call_of(c, alert_id, row["id"]))
    assert found is not None
    return found


def of(database: Database, row: dict[str, Any], alert_id: int) -> list[ChannelDelivery]:
    """What is said to somebody by other channels."""

    def unit(connection: Connection) -> list[ChannelDelivery]:
        call = call_store.call_of(connection, alert_id, row["id"])
        assert call is not None
        return store.of_calls(connection, [call.id]).get(call.id, [])

    return database.read(unit)


def said(deliveries: list[ChannelDelivery]) -> list[tuple[Channel, Kind, Progress]]:
    return [(made.channel, made.kind, made.state) for made in deliveries]


def ring(database: Database, minutes: float = 0, channel: Channel = Channel.VOICE) -> list[int]:
    """Claim all that may be sent, and hand it to the provider."""

    def unit(connection: Connection) -> list[int]:
        claimed = store.claim(connection, channel, "here", at(minutes), 1000)
        for delivery in claimed:
            store.accepted(connection, delivery.id, f"p{delivery.id}", at(minutes))
        return [delivery.id for delivery in claimed]

    return database.do(unit)


def receipt(
    database: Database,
    delivery_id: int,
    told: Receipt | Cause,
    minutes: float = 0,
    *,
    event: str = "",
    channel: Channel = Channel.VOICE,
    seconds: float | None = None,
    length: float | None = None,
) -> bool:
    event = event or f"{delivery_id}.{told.value}.{minutes}"
    arrived, cause = (told, None) if isinstance(told, Receipt) else (None, told)
    return database.do(
        lambda c: take_receipt(
            c, channel, event, delivery_id, arrived, cause, seconds, at(minutes), at(minutes),
            message_seconds=length,
        )
    )  # fmt: skip
