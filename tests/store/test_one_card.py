"""Two warnings of one danger: one button, under the newer; ending one says that the other holds."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import select

from alerts import chase, one_card_store
from alerts.acknowledge import by_words
from alerts.calls import CallOutcome, CallState
from alerts.closing import cancel
from alerts.model import Hazard
from alerts.outbox.messages import MessageKind
from data.database import Database
from data.tables.alerts import deliveries
from tests.roster import CITY, CITY_COMMANDER, COUNTY_COMMANDER
from tests.store.test_updates import DRAFT, HEAD, RULES, Warning_, after, arrive, commander

pytestmark = pytest.mark.one_database


def edits(warning: Warning_) -> list[int]:
    query = select(deliveries.c.person_id).where(
        deliveries.c.alert_id == warning.id,
        deliveries.c.kind == MessageKind.ANSWERED.value,
        deliveries.c.state == "queued",
    )
    return warning.database.read(lambda c: list(c.execute(query).scalars()))


def two(database: Database, **second: Any) -> tuple[Warning_, Warning_]:
    """The county's, then the prefecture's, a minute later; both have arrived."""
    older = Warning_(database)
    arrive(older)
    draft = replace(DRAFT, areas=(CITY,), **second)
    newer = Warning_(database, draft, by=CITY_COMMANDER, minutes=1)
    arrive(newer, 1)
    return older, newer


def test_the_newer_card_bears_the_button_and_answers_both(database: Database) -> None:
    older, newer = two(database)
    assert HEAD["id"] in edits(older)
    found = database.read(lambda c: one_card_store.newer_open(c, [older.call(HEAD)]))
    assert found[older.call(HEAD).id].id == newer.call(HEAD).id
    # The older button, where it is still to be seen, answers the older alone.
    assert older.tap(HEAD, 2) is CallOutcome.RECORDED
    assert newer.call(HEAD).open
    assert newer.tap(HEAD, 3) is CallOutcome.RECORDED


def test_one_tap_on_the_newer_answers_the_older_too(database: Database) -> None:
    older, newer = two(database)
    assert newer.tap(HEAD, 3) is CallOutcome.RECORDED
    call = older.call(HEAD)
    assert call.state is CallState.ACKNOWLEDGED and call.answered_at == after(3)


@pytest.mark.parametrize("other", [{"hazard": Hazard.HAIL}, {"exercise": True}])
def test_another_danger_and_an_exercise_have_a_card_of_their_own(
    database: Database, other: dict[str, Any]
) -> None:
    older, newer = two(database, **other)
    assert not edits(older)
    newer.tap(HEAD, 3)
    assert older.call(HEAD).open


def test_ending_one_gives_the_other_its_button_back_and_says_that_it_holds(
    database: Database,
) -> None:
    older, newer = two(database)
    arrive(older, 2)
    assert not edits(older)
    database.do(lambda c: cancel(c, newer.id, commander(c, CITY_COMMANDER), after(4)))
    assert HEAD["id"] in edits(older)
    held = database.read(lambda c: one_card_store.still_held(c, [HEAD["id"]], [newer.id], after(4)))
    assert held == {HEAD["id"]: (older.id,)}
    answered = database.do(
        lambda c: by_words(c, older.call(HEAD).id, HEAD["telegram_id"], RULES, after(5))
    )
    assert answered.outcome is CallOutcome.RECORDED
    assert not database.read(
        lambda c: one_card_store.still_held(
            c, [COUNTY_COMMANDER["id"]], [newer.id, older.id], after(4)
        )
    )


def test_the_reminder_of_the_newer_rings_for_both(database: Database) -> None:
    older, newer = two(database)
    database.do(lambda c: chase.sweep(c, RULES, after(30)))
    query = select(deliveries.c.alert_id).where(
        deliveries.c.kind == MessageKind.REMIND.value, deliveries.c.person_id == HEAD["id"]
    )
    assert database.read(lambda c: list(c.execute(query).scalars())) == [newer.id]
    assert older.call(HEAD).steps == newer.call(HEAD).steps  # the older's is taken, all the same
