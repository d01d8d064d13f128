"""Hotspots in the database: stored once, given to the nearest patroller, chased, learned from."""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import event, insert, select

from alerts.patrol.hotspots import store as hotspot_store
from alerts.patrol.hotspots.intake import TakenIn, take_in
from alerts.patrol.hotspots.joining import Located
from alerts.patrol.hotspots.model import AskState, TaskProblem, TaskState, TaskStep, Verdict
from alerts.patrol.hotspots.model import VerificationRules as Rules
from alerts.patrol.hotspots.responder_store import responders
from alerts.patrol.hotspots.verdicts import add_evidence, verify
from alerts.patrol.hotspots.verification import accept, anything_due, decline, move_tasks
from alerts.sources.feed_store import claim, feed_states, polled
from alerts.sources.feeds import FeedAnswer, backoff, fingerprint
from alerts.sources.hotspots import FeedFault, Hotspot, Instrument
from contacts import people_store
from contacts.access import Access
from contacts.people import Person, Role
from data.audit import verify as verify_audit
from data.database import Database
from data.errors import Conflict, NotAllowed, NotFound
from data.tables.alerts import deliveries
from data.tables.contacts import people
from data.tables.patrol import distress_calls, field_reports, patrol_shifts, positions
from tests.roster import (
    COUNTY,
    COUNTY_COMMANDER,
    COUNTY_DUTY,
    RANGER,
    STRANGER_COMMANDER,
    VILLAGES,
    person,
)

pytestmark = pytest.mark.one_database


RULES = Rules()
NOW = datetime(2026, 4, 12, 6, 30, tzinfo=UTC)
LON, LAT = 128.2, 43.4
SECOND = person(31, "护林员二", VILLAGES[0], Role.RANGER)
THIRD = person(32, "瞭望员", VILLAGES[2], Role.LOOKOUT)


def east(metres: float) -> float:
    return LON + metres / (111_195 * math.cos(math.radians(LAT)))


def spot(
    east_m: float = 0.0, *, minutes: float = -80, satellite: str = "NOAA-20", county: str = COUNTY
) -> Located:
    at = NOW + timedelta(minutes=minutes)
    return Located(Hotspot(east(east_m), LAT, at, satellite, Instrument.VIIRS), county)


def see(database: Database, *spots: Located, now: datetime = NOW, rules: Rules = RULES) -> TakenIn:
    return take_in(database, "firms", spots, now, rules)


def task(database: Database, number: int = 1):
    found = database.read(lambda c: hotspot_store.task(c, number))
    assert found is not None
    return found


def person_of(database: Database, row: dict[str, Any]) -> Person:
    found = database.read(lambda c: people_store.person(c, row["id"]))
    assert found is not None
    return found


def at(
    database: Database,
    row: dict[str, Any],
    east_m: float,
    now: datetime = NOW,
    doubts: tuple[str, ...] = (),
) -> None:
    values = {
        "person_id": row["id"],
        "taken_at": now,
        "received_at": now,
        "lon": east(east_m),
        "lat": LAT,
        "live": False,
        "doubts": list(doubts),
    }
    database.do(lambda c: c.execute(insert(positions), [values]))


def queued(database: Database) -> list[tuple[str, int]]:
    query = select(deliveries.c.kind, deliveries.c.chat_id).order_by(deliveries.c.id)
    return [(row.kind, row.chat_id) for row in database.read(lambda c: c.execute(query).all())]


def later(**span: float) -> datetime:
    return NOW + timedelta(**span)


def move(database: Database, now: datetime, rules: Rules = RULES) -> list[tuple[str, int]]:
    """What moving on at ``now`` queued."""
    before = len(queued(database))
    database.do(lambda c: move_tasks(c, now, rules))
    return queued(database)[before:]


def chat(row: dict[str, Any]) -> int:
    return row["telegram_id"]


@pytest.fixture
def manned(database: Database) -> Database:
    """Three patrollers: 1 km, 3 km and 9 km away."""
    database.do(lambda c: c.execute(insert(people), [SECOND, THIRD]))
    at(database, RANGER, 1000)
    at(database, SECOND, 3000)
    at(database, THIRD, 9000)
    return database


def test_the_same_poll_again_changes_nothing(manned: Database) -> None:
    first = see(manned, spot(), spot(375), spot(satellite="S-NPP", minutes=-60))
    assert (first.new, first.opened) == (3, (1,))
    assert see(manned, spot(), spot(375), now=later(minutes=5)) == TakenIn()
    found = task(manned)
    assert (found.pixels, found.hotspots, found.satellites) == (2, 3, "NOAA-20/S-NPP")
    assert queued(manned) == [("hotspot_task", chat(RANGER))]
    assert found.asked_id == RANGER["id"]


def test_a_neighbour_in_a_later_pass_joins_and_a_far_one_is_another_task(manned: Database) -> None:
    see(manned, spot())
    taken = see(manned, spot(400, minutes=20), spot(5000, minutes=20), now=later(hours=2))
    assert (taken.grown, taken.opened) == ((1,), (2,))
    assert task(manned).hotspots == 2
    # The nearest to the second is the third: the others are nearer, but one is busy.
    assert task(manned, 2).asked_id == SECOND["id"]


def test_what_is_old_makes_no_task(manned: Database) -> None:
    assert see(manned, spot(minutes=-25 * 60)) == TakenIn()


def test_no_answer_goes_to_the_next_nearest_and_then_to_the_county(manned: Database) -> None:
    see(manned, spot())
    assert move(manned, later(minutes=4.9)) == []
    assert move(manned, later(minutes=5)) == [("hotspot_task", chat(SECOND))]
    assert move(manned, later(minutes=10)) == [("hotspot_task", chat(THIRD))]
    assert move(manned, later(minutes=15)) == [("hotspot_list", chat(COUNTY_DUTY))]
    assert task(manned).state is TaskState.WAITING
    assert move(manned, later(minutes=20)) == []
    asks = manned.read(lambda c: hotspot_store.asks(c, 1))
    assert [ask.answer for ask in asks] == [AskState.SILENT] * 3
    assert [round(ask.away_m, -2) for ask in asks] == [1000, 3000, 9000]
    assert manned.read(verify_audit).broken is None


def test_refusing_asks_the_next_at_once_and_the_first_to_accept_goes(manned: Database) -> None:
    see(manned, spot())
    ranger, second = person_of(manned, RANGER), person_of(manned, SECOND)
    manned.do(lambda c: decline(c, 1, ranger, later(minutes=1), RULES))
    assert queued(manned)[-1] == ("hotspot_task", chat(SECOND))
    move(manned, later(minutes=6))  # the second is silent, the third is asked
    taken = manned.do(lambda c: accept(c, 1, second, later(minutes=7), RULES))
    assert (taken.state, taken.accepted_by) == (TaskState.ACCEPTED, second.id)
    assert queued(manned)[-2:] == [
        ("hotspot_taken", chat(THIRD)),
        ("hotspot_spot", chat(SECOND)),
    ]
    third = person_of(manned, THIRD)
    with pytest.raises(Conflict) as caught:
        manned.do(lambda c: accept(c, 1, third, later(minutes=8), RULES))
    assert (caught.value.code, caught.value.facts["name"]) == (TaskProblem.TAKEN, second.name)
    # Accepting twice is accepting once; giving up hands it on.
    manned.do(lambda c: accept(c, 1, second, later(minutes=8), RULES))
    assert len(queued(manned)) == 5
    manned.do(lambda c: decline(c, 1, second, later(minutes=9), RULES))
    assert task(manned).asked_id == THIRD["id"]


def test_only_who_was_asked_may_answer(manned: Database) -> None:
    see(manned, spot())
    third = person_of(manned, THIRD)
    for act in (accept, decline):
        with pytest.raises(NotAllowed) as caught:
            manned.do(lambda c, act=act: act(c, 1, third, NOW, RULES))
        assert caught.value.code is TaskProblem.NOT_ASKED
        with pytest.raises(NotFound):
            manned.do(lambda c, act=act: act(c, 99, third, NOW, RULES))
    with pytest.raises(NotAllowed):
        manned.do(lambda c: verify(c, 1, third, Verdict.NOTHING_FOUND, NOW, RULES))


def test_who_cannot_be_sent(manned: Database) -> None:
    def sent(now: datetime = NOW) -> list[int]:
        return [
            responder.person_id
            for responder in manned.read(lambda c: responders(c, now, RULES, [(LON, LAT)]))
        ]

    assert sent() == [RANGER["id"], SECOND["id"], THIRD["id"]]
    assert sent(later(hours=4, minutes=1)) == []  # not seen lately
    at(manned, THIRD, 0, later(minutes=1), doubts=("null_island",))
    [third] = [
        responder
        for responder in manned.read(lambda c: responders(c, NOW, RULES, [(LON, LAT)]))
        if responder.person_id == 32
    ]
    assert third.lon == east(9000)  # the doubtful one does not count
    day_off = {"person_id": SECOND["id"], "day": NOW.date(), "every_minutes": 0}
    hours = {"starts_at": later(hours=-5), "ends_at": later(hours=5)}
    manned.do(lambda c: c.execute(insert(patrol_shifts), [{**day_off, **hours}]))
    manned.do(
        lambda c: c.execute(insert(distress_calls), [{"person_id": RANGER["id"], "raised_at": NOW}])
    )
    assert sent() == [THIRD["id"]]


def test_patrollers_with_doubtful_positions_cost_no_query_of_their_own(manned: Database) -> None:
    def statements() -> int:
        counted: list[str] = []

        def unit(c: Any) -> None:
            def count(_connection: Any, _cursor: Any, statement: str, *_more: Any) -> None:
                counted.append(statement)

            event.listen(c, "before_cursor_execute", count)
            try:
                assert len(responders(c, NOW, RULES, [(LON, LAT)])) == 3
            finally:
                event.remove(c, "before_cursor_execute", count)

        manned.read(unit)
        return len(counted)

    before = statements()
    for row in (RANGER, SECOND, THIRD):
        at(manned, row, 90_000, later(minutes=1), doubts=("null_island",))
    assert statements() == before


def test_nobody_near_tells_the_county_at_once_and_who_checks_in_later_is_asked(
    database: Database,
) -> None:
    see(database, spot())
    assert queued(database) == [("hotspot_list", chat(COUNTY_DUTY))]
    at(database, RANGER, 2000, later(minutes=3))
    assert move(database, later(minutes=5)) == [("hotspot_task", chat(RANGER))]


@pytest.mark.both_databases
def test_a_verdict_overdue_is_chased_up(manned: Database) -> None:
    see(manned, spot())
    ranger = person_of(manned, RANGER)
    manned.do(lambda c: accept(c, 1, ranger, later(minutes=1), RULES))
    assert move(manned, later(minutes=29)) == []
    assert move(manned, later(minutes=30)) == [("hotspot_due", chat(RANGER))]
    assert move(manned, later(minutes=35)) == [("hotspot_list", chat(COUNTY_DUTY))]
    move(manned, later(minutes=64))
    assert task(manned).county_at == later(minutes=65)
    move(manned, later(minutes=65))  # the list not sent yet is replaced by the newer one
    assert task(manned).county_at == later(minutes=95)
    manned.do(lambda c: verify(c, 1, ranger, Verdict.FARM_BURNING, later(minutes=70), RULES))
    assert queued(manned)[-1] == ("hotspot_verdict", chat(COUNTY_DUTY))
    assert not manned.read(lambda c: anything_due(c, later(days=9)))


@pytest.mark.both_databases
def test_a_verdict_bears_its_position_and_photo(manned: Database) -> None:
    see(manned, spot())
    ranger = person_of(manned, RANGER)
    manned.do(lambda c: accept(c, 1, ranger, later(minutes=1), RULES))
    at(manned, RANGER, 2600, later(minutes=10))
    verified = manned.do(
        lambda c: verify(c, 1, ranger, Verdict.PLANNED_BURNING, later(minutes=12), RULES)
    )
    assert verified.task.far
    assert verified.task.away_m == pytest.approx(2600 - 187.5, abs=1)
    report = {"person_id": ranger.id, "at": later(minutes=14), "kind": "photo", "file_id": "x"}
    manned.do(lambda c: c.execute(insert(field_reports), [report]))
    at(manned, RANGER, 500, later(minutes=15))
    [better] = manned.do(lambda c: add_evidence(c, ranger, later(minutes=15), RULES))
    assert (better.far, better.report_id) == (False, 1)
    at(manned, RANGER, 9000, later(minutes=20))  # on the way home: the nearest counts
    assert manned.do(lambda c: add_evidence(c, ranger, later(minutes=20), RULES)) == []
    assert not task(manned).far


def test_a_forest_fire_alarms_the_county_and_its_commanders(manned: Database) -> None:
    see(manned, spot())
    ranger = person_of(manned, RANGER)
    manned.do(lambda c: accept(c, 1, ranger, later(minutes=1), RULES))
    done = manned.do(lambda c: verify(c, 1, ranger, Verdict.FOREST_FIRE, later(minutes=9), RULES))
    assert done.task.steps & TaskStep.ALARM_FIRE
    assert [message for message in queued(manned) if message[0] == "hotspot_alarm"] == [
        ("hotspot_alarm", chat(COUNTY_DUTY)),
        ("hotspot_alarm", chat(COUNTY_COMMANDER)),
    ]
    with pytest.raises(Conflict):
        other = person_of(manned, COUNTY_DUTY)
        manned.do(lambda c: verify(c, 1, other, Verdict.NOTHING_FOUND, later(hours=1), RULES))
    # A slip of the finger is put right within half an hour by whom it slipped.
    manned.do(lambda c: verify(c, 1, ranger, Verdict.FARM_BURNING, later(minutes=15), RULES))
    assert task(manned).verdict is Verdict.FARM_BURNING
    assert queued(manned)[-2:] == [
        ("hotspot_verdict", chat(COUNTY_DUTY)),
        ("hotspot_verdict", chat(COUNTY_COMMANDER)),
    ]
    with pytest.raises(Conflict):
        manned.do(lambda c: verify(c, 1, ranger, Verdict.FOREST_FIRE, later(hours=1), RULES))


def test_three_pixels_of_one_pass_alarm_before_anybody_went(manned: Database) -> None:
    see(manned, spot(), spot(375), spot(750, satellite="S-NPP"))
    assert "hotspot_alarm" not in {kind for kind, _ in queued(manned)}
    see(manned, spot(750), spot(1125), now=later(minutes=5))
    assert [kind for kind, _ in queued(manned)].count("hotspot_alarm") == 2
    see(manned, spot(1500), now=later(minutes=6))
    assert [kind for kind, _ in queued(manned)].count("hotspot_alarm") == 2
    assert task(manned).pixels == 5


def test_an_officer_of_the_county_may_say_what_it_is(manned: Database) -> None:
    see(manned, spot())
    stranger = person_of(manned, STRANGER_COMMANDER)
    with pytest.raises(NotAllowed) as caught:
        manned.do(lambda c: verify(c, 1, stranger, Verdict.FARM_BURNING, NOW, RULES))
    assert caught.value.code is Access.OUTSIDE_DIVISION
    officer = person_of(manned, COUNTY_DUTY)
    manned.do(lambda c: verify(c, 1, officer, Verdict.FARM_BURNING, NOW, RULES))
    assert queued(manned)[-1] == ("hotspot_taken", chat(RANGER))
    assert not task(manned).open


def test_the_same_spot_is_asked_about_again_only_when_it_burns_again(manned: Database) -> None:
    see(manned, spot())
    officer = person_of(manned, COUNTY_DUTY)
    manned.do(lambda c: verify(c, 1, officer, Verdict.FARM_BURNING, NOW, RULES))
    assert see(manned, spot(minutes=30, satellite="S-NPP"), now=later(hours=2)).grown == (1,)
    assert see(manned, spot(minutes=200, satellite="Aqua"), now=later(hours=5)).opened == (2,)


def test_a_spot_found_to_be_a_heat_source_three_times_is_masked(manned: Database) -> None:
    officer = person_of(manned, COUNTY_DUTY)
    for day in range(3):
        now = later(days=day * 2)
        taken = see(manned, spot(minutes=day * 2 * 1440 - 60), now=now)
        done = manned.do(
            lambda c, t=taken, n=now: verify(
                c, t.opened[0], officer, Verdict.OTHER_HEAT_SOURCE, n, RULES
            )
        )
        assert done.learned is (day == 2)
    now = later(days=8)
    taken = see(
        manned, spot(200, minutes=8 * 1440 - 60), spot(1200, minutes=8 * 1440 - 60), now=now
    )
    assert (taken.new, taken.masked, len(taken.opened)) == (2, 1, 1)  # beside it, it may burn
    assert manned.read(verify_audit).broken is None


def test_a_task_nobody_ever_looked_at_ends_after_a_day(database: Database) -> None:
    see(database, spot())
    database.do(lambda c: move_tasks(c, later(hours=24), RULES))
    assert task(database).state is TaskState.EXPIRED
    assert not database.read(lambda c: anything_due(c, later(days=9)))


# -- feeds -----------------------------------------------------------------------------------

EVERY = timedelta(minutes=5)


@pytest.mark.both_databases
def test_a_feed_is_claimed_once_and_rests_longer_after_each_failure(database: Database) -> None:
    def take(now: datetime, mark: str = "a"):
        return database.do(lambda c: claim(c, "firms", mark, now))

    def end(state, fault: FeedFault | None, now: datetime, **answer: Any):
        given = FeedAnswer(fault=fault, **answer)
        return database.do(lambda c: polled(c, state, given, fault, EVERY, now, rows=7))

    first = take(NOW)
    assert first is not None
    assert take(NOW) is None
    good = end(first, None, NOW, etag='"1"')
    assert (good.next_at, good.etag, good.rows) == (NOW + EVERY, '"1"', 7)
    assert take(later(minutes=4)) is None
    reclaimed = take(later(minutes=5))
    assert reclaimed is not None
    failed = end(reclaimed, FeedFault.SERVER, later(minutes=5))
    for _ in range(4):
        failed = end(failed, FeedFault.SERVER, later(minutes=5))
    assert (failed.failures, failed.next_at - later(minutes=5)) == (5, timedelta(minutes=16))
    assert failed.etag == '"1"'
    slowed = end(failed, FeedFault.SERVER, later(minutes=5), retry_after=7200.0)
    assert slowed.next_at == later(minutes=125)
    moved = take(later(minutes=6), mark="b")  # another address: asked at once, nothing remembered
    assert moved is not None
    assert (moved.etag, moved.failures) == (None, 0)
    assert [feed.name for feed in database.read(feed_states)] == ["firms"]


def test_backoff_grows_to_an_hour_and_never_asks_faster_than_the_pace() -> None:
    rests = [backoff(n, timedelta(minutes=2)) for n in range(20)]
    assert rests[:5] == [timedelta(minutes=n) for n in (2, 2, 2, 4, 8)]
    assert rests == sorted(rests)
    assert rests[-1] == timedelta(hours=1)
    assert backoff(3, timedelta(hours=2)) == timedelta(hours=2)


def test_an_address_is_never_told() -> None:
    assert "KEY" not in fingerprint("https://example.org/KEY/x")
    assert len(fingerprint("x")) == 16


@pytest.mark.both_databases
def test_who_was_spared_is_asked_again_when_the_other_gives_up(manned: Database) -> None:
    see(manned, spot())
    move(manned, later(minutes=5))  # the first is silent, the second is asked
    ranger = person_of(manned, RANGER)
    manned.do(lambda c: accept(c, 1, ranger, later(minutes=6), RULES))
    manned.do(lambda c: decline(c, 1, ranger, later(minutes=9), RULES))
    assert queued(manned)[-1] == ("hotspot_task", chat(SECOND))
    assert task(manned).asked_id == SECOND["id"]


@pytest.mark.both_databases
def test_a_burst_of_fires_is_sent_out_a_chunk_at_a_time(manned: Database) -> None:
    taken = see(manned, *(spot(3000 * n) for n in range(130)))
    assert len(taken.opened) == 130
    while manned.read(lambda c: anything_due(c, NOW)):
        manned.do(lambda c: move_tasks(c, NOW, RULES))
    query = select(deliveries.c.kind).where(deliveries.c.kind == "hotspot_task")
    assert len(manned.read(lambda c: c.execute(query).all())) == 3  # as many as can be sent
    assert len([message for message in queued(manned) if message[0] == "hotspot_list"]) == 1


def test_a_verdict_counts_from_when_it_was_given(manned: Database) -> None:
    see(manned, spot())
    ranger = person_of(manned, RANGER)
    manned.do(lambda c: accept(c, 1, ranger, later(minutes=2), RULES))
    given = later(minutes=20)
    manned.do(
        lambda c: verify(c, 1, ranger, Verdict.FARM_BURNING, later(hours=3), RULES, done_at=given)
    )
    assert task(manned).verdict_at == given
    # The photo sent just behind it, and taken in as late, belongs to it.
    at(manned, RANGER, 100, later(minutes=21))
    changed = manned.do(
        lambda c: add_evidence(c, ranger, later(hours=3), RULES, done_at=later(minutes=21))
    )
    assert [found.id for found in changed] == [1] and not task(manned).far


def test_no_verdict_is_older_than_who_gave_it_was_sent(manned: Database) -> None:
    see(manned, spot())
    ranger = person_of(manned, RANGER)
    manned.do(lambda c: accept(c, 1, ranger, later(minutes=2), RULES))
    early = later(minutes=-60)
    manned.do(
        lambda c: verify(c, 1, ranger, Verdict.FARM_BURNING, later(minutes=9), RULES, done_at=early)
    )
    assert task(manned).verdict_at == later(minutes=2)
