"""The level rises for more persons than one transaction takes, while calls are still on their way.

Who is asked by then, in the words of now, is not asked again; a rise that is taken back before it
got to somebody was never theirs.
"""

from __future__ import annotations

import pytest
from sqlalchemy import select

from alerts.calls import CallOutcome, CallState
from alerts.lifecycle import Change
from alerts.model import Draft, Family, Hazard, Level
from alerts.outbox import called_store
from alerts.outbox import store as outbox_store
from alerts.outbox.deliveries import Attempt, Result
from alerts.outbox.lanes import Lane
from alerts.outbox.messages import MessageKind
from alerts.responses.lists import DEFAULT_LISTS, ResponseList
from alerts.rules import Rules
from alerts.sending import claim, record
from alerts.updates import carrying_out, unfinished_store
from contacts.people import Role
from data.database import Connection, Database
from data.tables.alerts import deliveries
from tests.roster import COUNTY, COUNTY_DUTY, TOWNSHIP_HEAD, VILLAGERS
from tests.store.test_updates import (
    BOT_ID,
    EVERYTHING,
    RULES,
    Warning_,
    after,
    arrive,
    people_told,
)

pytestmark = pytest.mark.one_database
RED, ORANGE = Change(level=Level.RED), Change(level=Level.ORANGE)
HEAD, OTHER, THIRD = VILLAGERS


@pytest.fixture
def parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(carrying_out, "AT_ONCE", 1)


def carried_on(warning: Warning_, minutes: float, parts: int = 99) -> None:
    for _ in range(parts):
        if not warning.database.do(
            lambda c: carrying_out.carry_on(c, RULES, after(minutes), limit=2)
        ):
            break


def calls_of(warning: Warning_, row: dict) -> list[str]:
    """What became of each message of somebody's call, in order."""
    query = select(deliveries.c.state).where(
        deliveries.c.alert_id == warning.id,
        deliveries.c.person_id == row["id"],
        deliveries.c.kind == MessageKind.CALL.value,
    )
    return list(
        warning.database.read(lambda c: c.execute(query.order_by(deliveries.c.id)).scalars())
    )


def sent(warning: Warning_, minutes: float, version: int) -> None:
    """What is queued leaves and arrives, with the words of this version."""

    def unit(c: Connection) -> None:
        taken = claim(c, "test", after(minutes), EVERYTHING, BOT_ID)
        made = [
            Attempt(one, Result.SENT, 1000 * version + one.id, version=version) for one in taken
        ]
        record(c, made, RULES, after(minutes))

    warning.database.do(unit)


@pytest.mark.usefixtures("parts")
def test_who_is_reached_by_the_raised_words_is_not_asked_again(database: Database) -> None:
    warning = Warning_(database)
    warning.change(RED)
    sent(warning, 10, 2)  # queued before the rise, it left with the words of now
    assert warning.tap(HEAD, 11, asked=2) is CallOutcome.RECORDED
    carried_on(warning, 12)
    assert calls_of(warning, HEAD) == calls_of(warning, OTHER) == ["sent"]
    assert warning.call(HEAD).state is CallState.ACKNOWLEDGED
    assert warning.call(OTHER).state is CallState.WAITING


def test_who_answered_what_is_asked_now_is_not_asked_again(database: Database) -> None:
    """By the button of an edit, or of what an old button was answered with."""
    warning = Warning_(database)
    arrive(warning)
    assert warning.tap(HEAD, 1) is CallOutcome.RECORDED
    warning.change(RED)
    assert warning.tap(OTHER, 10) is CallOutcome.RAISED
    assert warning.tap(OTHER, 11, asked=2) is CallOutcome.RECORDED
    carried_on(warning, 12)
    assert warning.call(OTHER).state is CallState.ACKNOWLEDGED
    assert warning.call(HEAD).state is CallState.WAITING


@pytest.mark.usefixtures("parts")
def test_a_rise_that_was_taken_back_asks_nobody_whom_it_had_not_got_to(database: Database) -> None:
    warning = Warning_(database)
    arrive(warning)
    for row in (TOWNSHIP_HEAD, *VILLAGERS):
        assert warning.tap(row, 1) is CallOutcome.RECORDED
    arrive(warning, 2)
    warning.change(RED)
    carried_on(warning, 10, parts=1)
    asked = people_told(warning, MessageKind.CALL)
    assert 0 < len(asked) < 4
    warning.change(ORANGE, 11)
    assert warning.alert.asked_version == 1 and warning.alert.asked_at is None
    carried_on(warning, 12)
    assert people_told(warning, MessageKind.CALL) == asked
    # Who was asked by the raised level hears that it fell; nobody else heard of either.
    assert people_told(warning, MessageKind.CHANGED) <= asked
    for row in VILLAGERS:
        waits = warning.call(row).state is CallState.WAITING
        assert waits is (row["id"] in asked)


@pytest.mark.usefixtures("parts")
def test_where_everybody_was_asked_anew_a_group_gets_a_button_that_counts(
    database: Database,
) -> None:
    """The rise is taken back when it has got to all calls, and not yet to the groups."""
    warning = Warning_(database)
    arrive(warning)
    assert warning.tap(HEAD, 1) is CallOutcome.RECORDED
    warning.change(RED)
    while database.read(lambda c: unfinished_store.rises(c, [warning.id])):
        carried_on(warning, 10, parts=1)
    warning.change(ORANGE, 11)
    assert warning.alert.asked_version == 2, "an answer to the button of before counts no more"
    carried_on(warning, 12)
    post = (deliveries.c.alert_id == warning.id) & (deliveries.c.kind == MessageKind.POST.value)
    query = select(deliveries.c.state).where(post).order_by(deliveries.c.id)
    assert database.read(lambda c: list(c.execute(query).scalars())) == ["sent", "queued"]


def test_what_waits_of_a_call_that_is_asked_anew_is_said_no_more(database: Database) -> None:
    """A reminder of what was asked before; one that this rise itself queued stays."""
    warning = Warning_(database)
    arrive(warning)
    ids = [warning.call(HEAD).id]

    def reminded(c: Connection, minutes: float) -> None:
        called_store.add_to_called(c, ids, MessageKind.REMIND, Lane.REST, after(minutes))

    database.do(lambda c: reminded(c, 2))
    assert people_told(warning, MessageKind.REMIND) == {HEAD["id"]}
    warning.change(RED)
    assert people_told(warning, MessageKind.REMIND) == set()
    database.do(lambda c: reminded(c, 11))
    of_calls, rose = [MessageKind.REMIND], after(10)
    database.do(lambda c: outbox_store.drop_queued_of(c, ids, of_calls, before=rose))
    assert people_told(warning, MessageKind.REMIND) == {HEAD["id"]}


@pytest.mark.parametrize("at_once", [True, False])
def test_whom_a_rise_does_not_ask_gets_the_call_that_waits(
    database: Database, monkeypatch: pytest.MonkeyPatch, at_once: bool
) -> None:
    """A response that is raised calls a list of its own: the duty officer is on the first alone."""
    watch, heads = (
        ResponseList(frozenset({Role.DUTY_OFFICER})),
        ResponseList(frozenset(), frozenset({Role.DIRECTOR, Role.COMMANDER})),
    )
    lists = {**DEFAULT_LISTS[Family.FLOOD], Level.BLUE: watch, Level.YELLOW: heads}
    rules = Rules(responses={**DEFAULT_LISTS, Family.FLOOD: lists})
    monkeypatch.setattr(f"{Warning_.__module__}.RULES", rules)
    if not at_once:
        monkeypatch.setattr(carrying_out, "AT_ONCE", 0)
    warning = Warning_(database, Draft(Level.BLUE, Hazard.FLOOD_RESPONSE, (COUNTY,), "到岗"))
    assert calls_of(warning, COUNTY_DUTY) == ["queued"]
    warning.change(Change(level=Level.YELLOW))
    while database.do(lambda c: carrying_out.carry_on(c, rules, after(11), limit=2)):
        pass
    assert calls_of(warning, COUNTY_DUTY) == calls_of(warning, TOWNSHIP_HEAD) == ["queued"]
