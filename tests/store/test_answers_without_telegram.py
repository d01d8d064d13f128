"""Who answers and reports by a way that is not Telegram, with an account there or without."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import delete, select, update

from alerts import call_store, report_store
from alerts.acknowledge import by_button, by_person
from alerts.calls import Call, CallOutcome, CallState, Reach, Report, Via
from alerts.follow_up import report_by_person
from alerts.lookup import Refusal
from alerts.rules import Rules
from contacts import people_store
from contacts.people import Contact
from data.database import Connection, Database
from data.errors import NotAllowed, NotFound
from data.tables.alerts import calls, deliveries
from data.tables.contacts import people
from tests.roster import NOW, VILLAGERS
from tests.store.test_release import go

RULES = Rules()
HEAD, OTHER = VILLAGERS[0], VILLAGERS[1]
LATER = NOW + timedelta(minutes=4)


@pytest.fixture
def call(database: Database) -> Call:
    """The call of a village head without Telegram."""
    without = update(people).where(people.c.id == HEAD["id"]).values(telegram_id=None)
    database.do(lambda c: c.execute(without))
    return called(database, HEAD["id"])


def called(database: Database, person_id: int) -> Call:
    alert_id = go(database).alert_id
    found = database.read(lambda c: call_store.call_of(c, alert_id, person_id))
    assert found is not None
    database.do(lambda c: c.execute(delete(deliveries)))
    return found


def told(database: Database) -> list[tuple[str, int]]:
    """What was queued, and to which chats."""
    query = select(deliveries.c.kind, deliveries.c.chat_id)
    return [(row.kind, row.chat_id) for row in database.read(lambda c: c.execute(query).all())]


def test_whoever_has_no_account_answers_and_reports(database: Database, call: Call) -> None:
    def unit(c: Connection) -> tuple[CallOutcome, CallOutcome]:
        first = by_person(c, call.id, HEAD["id"], Via.WORDS, RULES, LATER, done_at=NOW)
        again = by_person(c, call.id, HEAD["id"], Via.WORDS, RULES, LATER)
        return first.outcome, again.outcome

    assert database.do(unit) == (CallOutcome.RECORDED, CallOutcome.ALREADY)
    database.do(
        lambda c: report_by_person(c, call.id, HEAD["id"], Report.MOVED, LATER, households=3)
    )
    found = database.read(lambda c: call_store.call(c, call.id))
    assert found is not None and (found.state, found.answered_at) == (CallState.REPORTED, NOW)
    [fact] = database.read(lambda c: report_store.of_call(c, call.id))
    assert (fact.report, fact.households) == (Report.MOVED, 3)
    assert told(database) == []  # there is no chat to say it in


def test_a_message_in_telegram_says_what_was_done_elsewhere(database: Database) -> None:
    call = called(database, OTHER["id"])
    sent = update(calls).where(calls.c.id == call.id).values(message_id=77, reach="delivered")
    database.do(lambda c: c.execute(sent))
    database.do(lambda c: by_person(c, call.id, OTHER["id"], Via.WORDS, RULES, NOW))
    assert told(database) == [("answered", OTHER["telegram_id"])]
    database.do(lambda c: c.execute(delete(deliveries)))
    database.do(lambda c: report_by_person(c, call.id, OTHER["id"], Report.DONE, LATER))
    assert told(database) == [("answered", OTHER["telegram_id"])]


def test_an_answer_elsewhere_says_nothing_of_telegram(database: Database) -> None:
    call = called(database, OTHER["id"])
    lost = update(people).where(people.c.id == OTHER["id"]).values(contact="blocked")
    database.do(lambda c: c.execute(lost))
    unreached = update(calls).where(calls.c.id == call.id).values(reach="unreachable")
    database.do(lambda c: c.execute(unreached))
    database.do(lambda c: by_person(c, call.id, OTHER["id"], Via.WORDS, RULES, NOW))
    person = database.read(lambda c: people_store.person(c, OTHER["id"]))
    found = database.read(lambda c: call_store.call(c, call.id))
    assert person is not None and person.contact is Contact.BLOCKED
    assert found is not None and found.answered and found.reach is Reach.UNREACHABLE


def test_nobody_answers_or_reports_for_another(database: Database, call: Call) -> None:
    other = OTHER["id"]
    refused: list[tuple[int, int, Refusal]] = [
        (call.id, other, Refusal.NOT_YOURS),
        (10**9, other, Refusal.UNKNOWN),
        (call.id, 10**9, Refusal.NOT_LINKED),
    ]
    for call_id, person_id, why in refused:
        with pytest.raises((NotAllowed, NotFound)) as answer:
            database.do(lambda c, a=call_id, b=person_id: by_person(c, a, b, Via.WORDS, RULES, NOW))
        with pytest.raises((NotAllowed, NotFound)) as told_of:
            database.do(
                lambda c, a=call_id, b=person_id: report_by_person(c, a, b, Report.DONE, NOW)
            )
        assert answer.value.code is why and told_of.value.code is why
    left = update(people).where(people.c.id == HEAD["id"]).values(active=False)
    database.do(lambda c: c.execute(left))
    with pytest.raises(NotAllowed):
        database.do(lambda c: by_person(c, call.id, HEAD["id"], Via.WORDS, RULES, NOW))
    found = database.read(lambda c: call_store.call(c, call.id))
    assert found is not None and found.open


def test_a_tap_still_says_that_telegram_reaches_them(database: Database) -> None:
    call = called(database, OTHER["id"])
    lost = update(people).where(people.c.id == OTHER["id"]).values(contact="blocked")
    database.do(lambda c: c.execute(lost))
    database.do(lambda c: by_button(c, call.id, OTHER["telegram_id"], RULES, NOW))
    person = database.read(lambda c: people_store.person(c, OTHER["id"]))
    assert person is not None and person.contact is Contact.OK
