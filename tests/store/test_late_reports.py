"""A report that is late climbs: the person, the duty officer above, the tier above that one."""

from datetime import datetime
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select, update

from alerts import call_store, ladder_store, late_report_store
from alerts.acknowledge import by_proxy
from alerts.calls import Proxy, Report
from alerts.closing import cancel, close
from alerts.follow_up import report
from alerts.late_reports import climb_reports, ring_about_report
from alerts.model import Level
from alerts.release import release
from alerts.rules import Rules
from contacts import people_store
from data.audit import audit
from data.database import Database
from data.errors import NotAllowed
from data.tables.alerts import alerts, calls, deliveries
from data.tables.contacts import people
from tests.roster import (
    COUNTY_COMMANDER,
    COUNTY_DUTY,
    NOW,
    RANGER,
    TOWNSHIP_DUTY,
    TOWNSHIP_HEAD,
    VILLAGERS,
)
from tests.store.test_chase import DRAFT, RULES, after, answer, call_id, send_all

pytestmark = pytest.mark.one_database
HEAD = VILLAGERS[0]


@pytest.fixture
def released(database: Database) -> int:
    """A red warning to four persons, of whom the first village head has answered."""

    def unit(connection: Any) -> int:
        by = people_store.person(connection, COUNTY_COMMANDER["id"])
        assert by is not None
        return release(connection, DRAFT, by, RULES, NOW).alert_id

    alert_id = database.do(unit)
    send_all(database, NOW)
    answer(database, HEAD, 1)
    send_all(database, after(1))
    return alert_id


def climb(database: Database, minutes: float, rules: Rules = RULES) -> list[tuple[str, int]]:
    """The rungs due at that minute; what was queued by them, as (kind, chat)."""
    before = database.read(lambda c: set(c.execute(select(deliveries.c.id)).scalars()))
    database.do(lambda c: climb_reports(c, rules, after(minutes)))
    query = select(deliveries.c.id, deliveries.c.kind, deliveries.c.chat_id)
    rows = database.read(lambda c: c.execute(query.order_by(deliveries.c.id)).all())
    return [(row.kind, row.chat_id) for row in rows if row.id not in before]


def asked(person: dict[str, Any]) -> tuple[str, int]:
    return ("report_due", person["telegram_id"])


def listed(person: dict[str, Any]) -> tuple[str, int]:
    return ("unreported_list", person["telegram_id"])


def due(database: Database, person: dict[str, Any]) -> datetime | None:
    return database.read(lambda c: ladder_store.report_due_at(c, call_id(database, person)))


def left(database: Database, alert_id: int, division: str = "", without: int = 0) -> list[int]:
    found = database.read(
        lambda c: late_report_store.unreported(c, alert_id, division, without=without, limit=9)
    )
    count = database.read(
        lambda c: late_report_store.count_unreported(c, alert_id, division, without=without)
    )
    assert count == len(found)
    return [call.person_id for call in found]


def test_it_climbs_to_the_township_and_the_county_and_no_further(
    database: Database, released: int
) -> None:
    assert climb(database, 30.9) == []
    assert left(database, released) == []  # nobody was asked yet
    assert climb(database, 31) == [asked(HEAD)]
    assert left(database, released) == [HEAD["id"]]
    assert climb(database, 60.9) == []
    assert climb(database, 61) == [listed(TOWNSHIP_DUTY)]
    assert climb(database, 90.9) == []
    assert climb(database, 91) == [listed(COUNTY_DUTY)]
    assert climb(database, 1000) == []
    assert due(database, HEAD) is None
    query = select(audit.c.action).where(audit.c.subject == f"call:{call_id(database, HEAD)}")
    trail = database.read(lambda c: list(c.execute(query.order_by(audit.c.seq)).scalars()))
    assert [action for action in trail if "report" in action] == [
        "call.report_asked",
        "call.report_to_officer",
        "call.report_to_next_tier",
    ]


def test_an_exercise_climbs_as_the_real_thing(database: Database, released: int) -> None:
    exercise = update(alerts).where(alerts.c.id == released).values(status="Exercise")
    database.do(lambda c: c.execute(exercise))
    assert climb(database, 31) == [asked(HEAD)]
    assert climb(database, 61) == [listed(TOWNSHIP_DUTY)]


@pytest.mark.usefixtures("released")
def test_after_an_outage_each_rung_still_waits_for_the_one_before(database: Database) -> None:
    assert climb(database, 300) == [asked(HEAD)]
    assert climb(database, 329) == []
    assert climb(database, 330) == [listed(TOWNSHIP_DUTY)]


def test_a_report_ends_it(database: Database, released: int) -> None:
    climb(database, 31)
    account = HEAD["telegram_id"]
    wanted = call_id(database, HEAD)
    database.do(lambda c: report(c, wanted, account, Report.DONE, after(40)))
    assert left(database, released) == []
    assert climb(database, 61) == []


def test_the_end_of_the_warning_ends_it(database: Database, released: int) -> None:
    climb(database, 31)
    by = database.read(lambda c: people_store.person(c, COUNTY_COMMANDER["id"]))
    assert by is not None
    database.do(lambda c: cancel(c, released, by, after(40)))
    assert climb(database, 61) == []
    # Even where the time of the next rung was left behind.
    database.do(lambda c: c.execute(update(calls).values(report_due_at=after(70))))
    assert climb(database, 71) == []
    assert due(database, HEAD) is None


def test_it_goes_on_when_the_calling_is_complete(database: Database, released: int) -> None:
    climb(database, 31)
    by = database.read(lambda c: people_store.person(c, COUNTY_COMMANDER["id"]))
    assert by is not None
    database.do(lambda c: close(c, released, by, "已派人", after(40)))
    assert climb(database, 61) == [listed(TOWNSHIP_DUTY)]


def test_nothing_is_taken_of_a_held_warning(database: Database, released: int) -> None:
    held = update(alerts).where(alerts.c.id == released)
    database.do(lambda c: c.execute(held.values(held_at=after(20))))
    assert climb(database, 31) == []
    assert due(database, HEAD) == after(61)
    database.do(lambda c: c.execute(held.values(held_at=None)))
    assert climb(database, 61) == [asked(HEAD)]


@pytest.mark.usefixtures("released")
def test_one_list_an_officer_whatever_the_number(database: Database) -> None:
    for head in VILLAGERS[1:]:
        answer(database, head, 1)
    send_all(database, after(1))
    assert climb(database, 31) == [asked(head) for head in VILLAGERS]
    assert climb(database, 61) == [listed(TOWNSHIP_DUTY)]


def test_who_reads_the_list_is_not_on_it_and_sees_only_theirs(
    database: Database, released: int
) -> None:
    answer(database, TOWNSHIP_HEAD, 2)
    climb(database, 40)
    both = [HEAD["id"], TOWNSHIP_HEAD["id"]]
    assert left(database, released) == both
    assert left(database, released, without=HEAD["id"]) == both[1:]
    assert left(database, released, division=HEAD["division_code"]) == both[:1]


@pytest.mark.usefixtures("released")
def test_a_tier_that_nobody_reaches_is_passed_over(database: Database) -> None:
    blocked = update(people).where(people.c.id == TOWNSHIP_DUTY["id"]).values(contact="blocked")
    also = update(people).where(people.c.id == TOWNSHIP_HEAD["id"]).values(contact="blocked")
    database.do(lambda c: (c.execute(blocked), c.execute(also)))
    climb(database, 31)
    assert climb(database, 61) == [listed(COUNTY_DUTY)]


def test_who_answered_by_proxy_is_not_asked(database: Database, released: int) -> None:
    other = VILLAGERS[1]
    wanted = call_id(database, other)
    duty = TOWNSHIP_DUTY["telegram_id"]
    database.do(lambda c: by_proxy(c, wanted, duty, Proxy.PHONE, after(2)))
    climb(database, 40)
    assert left(database, released) == [HEAD["id"]]


@pytest.mark.usefixtures("released")
def test_an_officer_says_that_they_ring(database: Database) -> None:
    climb(database, 31)
    wanted, duty = call_id(database, HEAD), TOWNSHIP_DUTY["telegram_id"]
    _, officer, ringing = database.do(lambda c: ring_about_report(c, wanted, duty, after(62)))
    assert ringing == officer and officer.id == TOWNSHIP_DUTY["id"]
    # Who comes second reads who was first; nobody in charge of them reads nothing.
    chief = COUNTY_DUTY["telegram_id"]
    _, _, first = database.do(lambda c: ring_about_report(c, wanted, chief, after(63)))
    assert first is not None and first.id == officer.id
    with pytest.raises(NotAllowed):
        database.do(lambda c: ring_about_report(c, wanted, RANGER["telegram_id"], after(63)))
    database.do(lambda c: report(c, wanted, HEAD["telegram_id"], Report.DONE, after(64)))
    _, _, nobody = database.do(lambda c: ring_about_report(c, wanted, duty, after(65)))
    assert nobody is None
    found = database.read(lambda c: call_store.call(c, wanted))
    assert found is not None and found.report is Report.DONE


class _Undo(Exception):
    """The example is over: the database stays as it was."""


_PASSING = st.tuples(st.just("pass"), st.sampled_from([1, 29, 30, 31, 200]))
_HAPPENS = st.lists(
    st.one_of(
        _PASSING, st.tuples(st.sampled_from(["hold", "send", "report", "close"]), st.just(0))
    ),
    max_size=12,
)


@given(happens=_HAPPENS)
@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_whatever_happens_each_rung_is_climbed_once_in_order_and_none_in_vain(
    database: Database, released: int, happens: list[tuple[str, int]]
) -> None:
    """Held, sent anew, closed, reported at any time and looked at late or often."""
    wanted = call_id(database, HEAD)
    rungs = [f"call.report_{step}" for step in ("asked", "to_officer", "to_next_tier")]
    wait = RULES.policies[Level.RED].report
    assert wait is not None

    def example(connection: Any) -> None:
        by = people_store.person(connection, COUNTY_COMMANDER["id"])
        assert by is not None
        minute, climbed = 1.0, list[float]()
        held = reported = closed = False
        row = update(alerts).where(alerts.c.id == released)
        trail = select(audit.c.action).where(audit.c.subject == f"call:{wanted}")
        for what, minutes in happens:
            minute += minutes
            if what == "hold" and not closed:  # a calling that is complete is held by nobody
                held = True
                connection.execute(row.values(held_at=after(minute)))
            elif what == "send":
                held = False
                connection.execute(row.values(held_at=None))
            elif what == "close" and not closed:
                closed, held = True, False
                close(connection, released, by, "已派人", after(minute))
            elif what == "report" and not held:
                account = HEAD["telegram_id"]
                report(connection, wanted, account, Report.DONE, after(minute))
                reported = True
            climb_reports(connection, RULES, after(minute))
            taken = [act for act in connection.execute(trail).scalars() if act in rungs]
            new = taken[len(climbed) :]
            assert len(new) <= 1  # never two at once, however late the look
            assert not (new and (held or reported))
            last = climbed[-1] if climbed else 1.0
            assert not new or minute - last >= wait
            climbed += [minute] * len(new)
            assert taken == rungs[: len(taken)]
        if not held and not reported:  # and then nothing keeps it from the top
            for _ in range(4):
                minute += 2 * wait
                climb_reports(connection, RULES, after(minute))
            taken = [act for act in connection.execute(trail).scalars() if act in rungs]
            assert taken == rungs
        raise _Undo

    with pytest.raises(_Undo):
        database.do(example)
