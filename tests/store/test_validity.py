"""What is claimed, and what a sweep does, after hours in which nobody could send or sweep."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy import func, select, update

from alerts import alert_store
from alerts.chase import sweep
from alerts.escalation import Step
from alerts.holding import hold, send_anew
from alerts.model import Alert, State
from alerts.outbox import store as outbox_store
from alerts.outbox.deliveries import Attempt, NewDelivery, Result
from alerts.outbox.lanes import Lane
from alerts.outbox.messages import Chase, MessageKind, RelayedRequest, SilentList
from alerts.rules import Rules
from alerts.sending import claim, record, still_true
from contacts import people_store
from data.audit import audit
from data.database import Database
from data.errors import Conflict, NotAllowed
from data.tables.alerts import calls, deliveries
from tests.roster import BOT_ID, COUNTY, COUNTY_COMMANDER, COUNTY_DUTY, NOW, VILLAGERS
from tests.store.test_release import go

pytestmark = pytest.mark.one_database


EVERYTHING = dict.fromkeys(Lane, 1000)
RULES = Rules()
CHAT = 7_001


def claimed(database: Database, at: datetime) -> set[MessageKind]:
    taken = database.do(lambda c: claim(c, "a", at, EVERYTHING, BOT_ID, RULES))
    return {delivery.kind for delivery in taken}


def queued(database: Database, message: object, alert_id: int | None = None) -> None:
    new = NewDelivery(message, Lane.REST, CHAT, alert_id=alert_id)  # type: ignore[arg-type]
    database.do(lambda c: outbox_store.add(c, new, NOW))


def the_alert(database: Database, alert_id: int) -> Alert:
    found = database.read(lambda c: alert_store.alert(c, alert_id))
    assert found is not None
    return found


def in_trail(database: Database, action: str) -> int:
    query = select(func.count()).where(audit.c.action == action)
    return int(database.read(lambda c: c.execute(query).scalar_one()))


@pytest.mark.parametrize(
    "message",
    [Chase(COUNTY), SilentList(Step.COMMANDER, COUNTY), MessageKind.REPORT_DUE],
)
def test_nothing_of_a_warning_that_is_over_is_claimed(database: Database, message: object) -> None:
    """It is the hour that ends it: no sweep has run yet."""
    released = go(database)
    queued(database, message, released.alert_id)
    later = NOW + timedelta(hours=50)
    assert (
        claimed(database, later)
        & {
            MessageKind.CALL,
            MessageKind.POST,
            MessageKind.CHASE,
            MessageKind.SILENT_LIST,
            MessageKind.REPORT_DUE,
        }
        == set()
    )


def test_a_confirmation_is_not_asked_for_what_is_not_pending_any_more(database: Database) -> None:
    released = go(database)
    queued(database, MessageKind.CONFIRM, released.alert_id)
    assert MessageKind.CONFIRM not in claimed(database, NOW)


@pytest.mark.parametrize(("hours", "said"), [(11, True), (13, False)])
def test_a_reply_of_yesterday_is_not_said_today(database: Database, hours: int, said: bool) -> None:
    queued(database, RelayedRequest("sendMessage", {"chat_id": CHAT, "text": "…"}))
    kinds = claimed(database, NOW + timedelta(hours=hours))
    assert (MessageKind.REPLY in kinds) is said


@pytest.mark.parametrize(("minutes", "held"), [(59, False), (61, True)])
def test_what_is_overdue_by_too_much_is_held(database: Database, minutes: int, held: bool) -> None:
    released = go(database)
    kinds = claimed(database, NOW + timedelta(minutes=minutes))
    assert (MessageKind.CALL in kinds) is not held
    assert (the_alert(database, released.alert_id).held_at is not None) is held
    assert in_trail(database, "alert.held") == held
    if held:
        asked = claimed(database, NOW + timedelta(minutes=minutes))
        assert MessageKind.STILL_SEND in asked | kinds


def test_only_what_is_called_and_not_held_yet_is_held(database: Database) -> None:
    released = go(database)
    alert, late = the_alert(database, released.alert_id), NOW + timedelta(hours=3)
    for other in (
        replace(alert, state=State.CLOSED),
        replace(alert, state=State.PENDING),
        replace(alert, expires_at=late),
        replace(alert, held_at=NOW),
    ):
        database.do(lambda c, other=other: hold(c, other, late))  # type: ignore[misc]
    assert the_alert(database, released.alert_id).held_at is None
    assert in_trail(database, "alert.held") == 0
    database.do(lambda c: hold(c, alert, late))
    database.do(lambda c: hold(c, the_alert(database, released.alert_id), late))
    assert the_alert(database, released.alert_id).held_at == late
    assert in_trail(database, "alert.held") == 1
    asked = {COUNTY_COMMANDER["telegram_id"], COUNTY_DUTY["telegram_id"]}
    query = select(deliveries.c.chat_id).where(deliveries.c.kind == "still_send")
    assert set(database.read(lambda c: c.execute(query).scalars().all())) == asked


def test_a_long_queue_that_moves_is_not_held(database: Database) -> None:
    """A province at the pace of one bot takes hours: what was sent lately says that it goes on."""
    released = go(database)
    few = database.do(lambda c: claim(c, "a", NOW, {Lane.RED: 1}, BOT_ID, RULES))
    late = NOW + timedelta(minutes=90)
    sent = [Attempt(delivery, Result.SENT, 9) for delivery in few]
    database.do(lambda c: record(c, sent, RULES, late - timedelta(minutes=1)))
    assert MessageKind.CALL in claimed(database, late)
    assert the_alert(database, released.alert_id).held_at is None


def test_what_waited_in_the_pacer_while_the_machine_slept_is_not_sent(database: Database) -> None:
    released = go(database)
    taken = database.do(lambda c: claim(c, "a", NOW, EVERYTHING, BOT_ID, RULES))
    later = NOW + timedelta(hours=9)
    still = database.read(lambda c: still_true(c, taken, later, RULES))
    calling = [d for d in taken if d.kind in (MessageKind.CALL, MessageKind.POST)]
    assert calling and not still & {delivery.id for delivery in calling}
    dropped = [Attempt(delivery, Result.DROPPED, error="overtaken") for delivery in calling]
    database.do(lambda c: record(c, dropped, RULES, later))
    assert the_alert(database, released.alert_id).held_at is not None


def test_steps_overdue_by_too_much_are_not_taken_unasked(database: Database) -> None:
    released = go(database)
    taken = database.do(lambda c: claim(c, "a", NOW, EVERYTHING, BOT_ID, RULES))
    sent = [Attempt(delivery, Result.SENT, 9) for delivery in taken]
    database.do(lambda c: record(c, sent, RULES, NOW))
    later = NOW + timedelta(hours=9)
    database.do(lambda c: sweep(c, RULES, later))
    assert in_trail(database, "call.reminded") == 0
    assert the_alert(database, released.alert_id).held_at == later
    assert database.do(lambda c: sweep(c, RULES, later + timedelta(hours=1))) == 0


def test_no_step_is_taken_for_a_warning_whose_time_is_over(database: Database) -> None:
    released = go(database)
    database.do(lambda c: sweep(c, RULES, NOW + timedelta(hours=50)))
    assert in_trail(database, "call.reminded") + in_trail(database, "call.to_duty_officer") == 0
    assert the_alert(database, released.alert_id).held_at is None  # it ends, it is not asked about


@pytest.mark.both_databases
def test_it_is_sent_anew_to_whoever_has_not_answered(database: Database) -> None:
    released = go(database)
    late = NOW + timedelta(hours=3)
    claimed(database, late)
    answered = (
        update(calls)
        .where(calls.c.person_id == VILLAGERS[0]["id"])
        .values(state="acknowledged", answered_at=NOW, answered_via="button")
    )
    database.do(lambda c: c.execute(answered))

    def again(c):  # type: ignore[no-untyped-def]
        chief = people_store.person(c, COUNTY_COMMANDER["id"])
        return send_anew(c, released.alert_id, chief, RULES, late)

    alert = database.do(again)
    assert (alert.held_at, alert.released_at) == (None, late)
    assert alert.expires_at == late + timedelta(hours=24)
    taken = database.do(lambda c: claim(c, "a", late, EVERYTHING, BOT_ID, RULES))
    called = {delivery.person_id for delivery in taken if delivery.kind is MessageKind.CALL}
    assert VILLAGERS[0]["id"] not in called
    assert {row["id"] for row in VILLAGERS[1:]} <= called
    with pytest.raises(Conflict):
        database.do(again)


def test_who_is_on_duty_hears_of_it_and_does_not_decide(database: Database) -> None:
    released = go(database)
    late = NOW + timedelta(hours=3)
    claimed(database, late)

    def again(c):  # type: ignore[no-untyped-def]
        officer = people_store.person(c, COUNTY_DUTY["id"])
        return send_anew(c, released.alert_id, officer, RULES, late)

    with pytest.raises(NotAllowed):
        database.do(again)


def test_with_no_limit_it_is_sent_whenever_it_can_be(database: Database) -> None:
    rules = Rules(overdue_minutes=dict.fromkeys(RULES.overdue_minutes, 0))
    released = go(database)
    late = NOW + timedelta(hours=20)
    taken = database.do(lambda c: claim(c, "a", late, EVERYTHING, BOT_ID, rules))
    assert MessageKind.CALL in {delivery.kind for delivery in taken}
    assert the_alert(database, released.alert_id).held_at is None
