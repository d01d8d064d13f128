"""A call on its way to the gateway: whether it is to be said yet, and whether it was made."""

from __future__ import annotations

from sqlalchemy import update

from alerts import acknowledge
from alerts.channels import gateway_store, store
from alerts.channels.model import Progress
from contacts.channels import Channel
from data.database import Database
from data.tables.alerts import alerts
from tests.called_by_channels import HEAD, RULES, at, call_of, call_off, look, of, warn


def claimed(database: Database) -> tuple[int, int]:
    """A warning, and the telephone call of one head on its way."""
    alert_id = warn(database)
    look(database)
    database.do(lambda c: store.claim(c, Channel.VOICE, "sending", at(0), 100))
    return alert_id, of(database, HEAD, alert_id)[0].id


def to_be_sent(database: Database, delivery_id: int, minutes: float = 0) -> bool:
    return database.read(lambda c: gateway_store.still_to_be_sent(c, delivery_id, at(minutes)))


def test_what_was_claimed_is_said_while_the_warning_holds(database: Database) -> None:
    _, delivery_id = claimed(database)
    assert to_be_sent(database, delivery_id)
    assert not to_be_sent(database, delivery_id, minutes=25 * 60), "it has expired"


def test_whoever_answered_by_telegram_meanwhile_is_not_rung(database: Database) -> None:
    alert_id, delivery_id = claimed(database)
    call_id, account = call_of(database, HEAD, alert_id).id, HEAD["telegram_id"]
    database.do(lambda c: acknowledge.by_button(c, call_id, account, RULES, at(0.1)))
    assert not to_be_sent(database, delivery_id)


def test_a_warning_that_is_cancelled_or_held_rings_nobody(database: Database) -> None:
    alert_id, delivery_id = claimed(database)
    held = update(alerts).where(alerts.c.id == alert_id)
    database.do(lambda c: c.execute(held.values(held_at=at(1))))
    assert not to_be_sent(database, delivery_id, minutes=1)
    database.do(lambda c: c.execute(held.values(held_at=None)))
    assert to_be_sent(database, delivery_id, minutes=1)
    call_off(database, alert_id)
    assert not to_be_sent(database, delivery_id, minutes=1)


def test_a_call_that_was_made_though_nobody_told_us_is_not_made_again(database: Database) -> None:
    alert_id, delivery_id = claimed(database)
    database.do(lambda c: store.put_back(c, delivery_id, at(1), at(0), rang=True))
    database.do(lambda c: gateway_store.made_after_all(c, delivery_id, at(0.2)))
    [call, *_] = of(database, HEAD, alert_id)
    assert (call.state, call.attempts) == (Progress.ACCEPTED, 1)
    again = database.do(lambda c: store.claim(c, Channel.VOICE, "sending", at(5), 100))
    assert delivery_id not in [delivery.id for delivery in again]


def test_a_number_that_may_have_rung_rests_and_one_that_did_not_does_not(
    database: Database,
) -> None:
    _, delivery_id = claimed(database)

    def claimed_again(minutes: float) -> bool:
        found = database.do(lambda c: store.claim(c, Channel.VOICE, "sending", at(minutes), 100))
        return delivery_id in [delivery.id for delivery in found]

    database.do(lambda c: store.put_back(c, delivery_id, at(0), at(0), rang=True))
    assert [claimed_again(minutes) for minutes in (0.5, 1)] == [False, True]
    database.do(lambda c: store.put_back(c, delivery_id, at(1), at(1)))
    assert claimed_again(1.1)


def test_only_claims_of_the_channel_are_taken_back(database: Database) -> None:
    claimed(database)
    free = store.free_claims
    assert database.do(lambda c: free(c, at(5), at(5), channel=Channel.SMS)) == 0
    assert database.do(lambda c: free(c, at(5), at(5), channel=Channel.VOICE)) >= 1
