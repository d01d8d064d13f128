"""The gateway's rows: a signed request is taken once, and what stands still is counted."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlalchemy import Connection, insert

from alerts.channels import gateway_store
from alerts.oversight import channel_store
from data.database import Database
from data.tables.alerts import alerts
from data.tables.channels import channel_deliveries
from tests.roster import COUNTY, COUNTY_COMMANDER, NOW

MINUTE = timedelta(minutes=1)


def enter(database: Database, *rows: dict[str, Any]) -> None:
    """Deliveries of calls that nobody else's row refers to."""
    usual = {
        "alert_id": 7,
        "person_id": 10,
        "channel": "voice",
        "kind": "call",
        "not_before": NOW,
        "created_at": NOW,
    }
    with_columns = {
        "attempts": 0,
        "accepted_at": None,
        "ended_at": None,
        "claimed_at": None,
        "claimed_by": None,
    }
    entered = [
        {**usual, **with_columns, "cause": None, "address": f"+8619900000{n:03d}", "call_id": n}
        | row
        for n, row in enumerate(rows)
    ]
    database.do(lambda c: c.execute(insert(channel_deliveries), entered))


def warn(database: Database, alert_id: int, **more: Any) -> None:
    """A warning in force."""

    def unit(connection: Connection) -> None:
        connection.execute(
            insert(alerts).values(
                id=alert_id,
                identifier=f"22240341600100_20260701190000_{alert_id}",
                status="Actual",
                level="red",
                hazard="rainstorm",
                headline="暴雨红色预警",
                description="立即转移",
                areas=[COUNTY],
                state="released",
                sender_id=COUNTY_COMMANDER["id"],
                created_at=NOW,
                released_at=NOW,
                expires_at=NOW + 600 * MINUTE,
                **more,
            )
        )

    database.do(unit)


def test_a_nonce_is_taken_once_for_as_long_as_its_time_counts(database: Database) -> None:
    def taken(minutes: int) -> bool:
        now = NOW + minutes * MINUTE
        return database.do(lambda c: gateway_store.first_time(c, "nonce", NOW + 10 * MINUTE, now))

    assert [taken(0), taken(0), taken(70), taken(71)] == [True, False, False, True]


def test_what_a_gateway_fetched_is_known_by_its_batch(database: Database) -> None:
    out = {"state": "claimed", "claimed_at": NOW}
    enter(
        database,
        out | {"claimed_by": gateway_store.name_of("17")},
        out | {"claimed_by": gateway_store.name_of("18")},
        out | {"claimed_by": "sending"},
        {"state": "queued"},
    )
    everything = database.read(gateway_store.fetched)
    assert len(everything) == 2
    assert database.read(lambda c: gateway_store.fetched(c, "17")) == everything[:1]
    assert database.read(lambda c: gateway_store.fetched(c, "19")) == []


def test_dead_letters_are_what_no_channel_took_for_no_fault_of_the_number(
    database: Database,
) -> None:
    dead = {"state": "failed", "ended_at": NOW}
    enter(
        database,
        dead,
        dead | {"ended_at": NOW - 25 * 60 * MINUTE},
        dead | {"cause": "no_such_number"},
        dead | {"accepted_at": NOW},
        {"state": "queued"},
    )
    found = database.read(lambda c: channel_store.dead_letters(c, NOW - 24 * 60 * MINUTE))
    assert (found.count, found.oldest_at) == (1, NOW)
    assert database.read(channel_store.under_way) == [("voice", "queued", 1)]


def test_calls_that_nobody_takes_are_counted_unless_others_of_the_warning_leave(
    database: Database,
) -> None:
    def not_taken(minutes: int) -> int:
        now = NOW + minutes * MINUTE
        look = lambda c: channel_store.not_taken(c, now - 5 * MINUTE, now)  # noqa: E731
        return database.read(look).count

    queued = {"state": "queued"}
    warn(database, 7)
    warn(database, 8)
    warn(database, 9, held_at=NOW)
    enter(
        database,
        queued,
        queued | {"alert_id": 9},  # held: nothing of it is to be sent
        queued | {"alert_id": 8},
        queued | {"not_before": NOW + 30 * MINUTE},  # the number rang too often lately
        queued | {"attempts": 1},  # it is tried again, by rule
        {"state": "accepted", "alert_id": 8, "accepted_at": NOW + 4 * MINUTE},
    )
    assert [not_taken(minutes) for minutes in (4, 5, 9)] == [0, 1, 2]


def test_a_channel_is_silent_when_it_took_several_and_told_of_none(database: Database) -> None:
    def silent() -> int:
        look = lambda c: channel_store.silent(c, NOW - 60 * MINUTE, NOW - 10 * MINUTE)  # noqa: E731
        return database.read(look).count

    taken = {"state": "accepted", "accepted_at": NOW - 20 * MINUTE}
    enter(database, taken, taken)
    assert silent() == 0, "two telephones may be switched off"
    enter(database, taken | {"call_id": 20}, taken | {"call_id": 21, "channel": "sms"})
    assert silent() == 3
    enter(database, {"state": "delivered", "accepted_at": NOW - 19 * MINUTE, "call_id": 30})
    assert silent() == 0
