"""Releasing a warning: who may, who is called, and when a second person has to confirm."""

from dataclasses import replace

import pytest
from sqlalchemy import select

from alerts import alert_store
from alerts.closing import cancel
from alerts.model import Alert, Draft, Hazard, Level, State
from alerts.preview import DraftProblem, preview
from alerts.release import confirm, release, withdraw
from alerts.rules import Rules
from contacts import people_store
from contacts.access import Access
from data.database import Database
from data.errors import Conflict, InvalidInput, NotAllowed
from data.tables.alerts import calls, deliveries
from tests.roster import (
    CITY,
    CITY_COMMANDER,
    CITY_DIRECTOR,
    COUNTY,
    COUNTY_COMMANDER,
    FIRE_GROUP,
    FLOOD_GROUP,
    GOVERNOR,
    NOW,
    RANGER,
    STAND_IN,
    STRANGER_COMMANDER,
    TOWNSHIP_HEAD,
    VILLAGERS,
    VILLAGES,
)

pytestmark = pytest.mark.one_database


RULES = Rules()
DRAFT = Draft(
    Level.RED, Hazard.RAINSTORM, (COUNTY,), "立即转移低洼地群众", headline="敦化市暴雨红色预警"
)


def go(database: Database, draft: Draft = DRAFT, by: dict = COUNTY_COMMANDER):
    def unit(connection):
        person = people_store.person(connection, by["id"])
        assert person is not None
        return release(connection, draft, person, RULES, NOW)

    return database.do(unit)


def called(database: Database) -> set[int]:
    return set(database.read(lambda c: c.execute(select(calls.c.person_id)).scalars().all()))


def queued(database: Database, kind: str) -> set[int]:
    query = select(deliveries.c.chat_id).where(
        deliveries.c.kind == kind, deliveries.c.state == "queued"
    )
    return set(database.read(lambda c: c.execute(query).scalars().all()))


def alert(database: Database, alert_id: int) -> Alert:
    found = database.read(lambda c: alert_store.alert(c, alert_id))
    assert found is not None
    return found


def test_a_county_warning_calls_the_first_in_rank_below_and_not_the_sender(
    database: Database,
) -> None:
    released = go(database)
    expected = {TOWNSHIP_HEAD["id"], *(row["id"] for row in VILLAGERS)}
    assert called(database) == expected
    assert (released.state, released.calls, released.groups) == (State.RELEASED, 4, 1)
    assert queued(database, "call") == {10_000 + person_id for person_id in expected}
    assert queued(database, "post") == {FLOOD_GROUP}
    assert queued(database, "card") == {COUNTY_COMMANDER["telegram_id"]}
    assert STAND_IN["id"] not in called(database)


def test_a_fire_warning_calls_the_patrollers_and_posts_to_the_fire_group(
    database: Database,
) -> None:
    go(database, replace(DRAFT, hazard=Hazard.FOREST_FIRE))
    assert RANGER["id"] in called(database)
    assert queued(database, "post") == {FIRE_GROUP}


@pytest.mark.both_databases
def test_villages_come_before_upper_tiers_and_groups_before_villages(database: Database) -> None:
    go(database)
    order = database.read(
        lambda c: c.execute(
            select(deliveries.c.kind, deliveries.c.place, deliveries.c.person_id)
            .where(deliveries.c.kind.in_(["call", "post"]))
            .order_by(deliveries.c.lane, deliveries.c.place, deliveries.c.id)
        ).all()
    )
    assert order[0].kind == "post"
    assert order[-1].person_id == TOWNSHIP_HEAD["id"]


@pytest.mark.parametrize(
    ("by", "reason"),
    [
        (STRANGER_COMMANDER, Access.OUTSIDE_DIVISION),
        (TOWNSHIP_HEAD, Access.OUTSIDE_DIVISION),
        (VILLAGERS[0], Access.NOT_COMMANDING),
    ],
)
def test_only_a_commander_of_the_division_or_above_releases(
    database: Database, by: dict, reason: Access
) -> None:
    with pytest.raises(NotAllowed) as caught:
        go(database, by=by)
    assert caught.value.code is reason
    assert called(database) == set()


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"text": " \n"}, DraftProblem.NO_TEXT),
        ({"text": "转" * 1001}, DraftProblem.TEXT_TOO_LONG),
        ({"areas": ()}, DraftProblem.NO_AREA),
        ({"areas": ("229999000000",)}, DraftProblem.UNKNOWN_AREA),
    ],
)
def test_a_draft_that_cannot_go_out(
    database: Database, change: dict, problem: DraftProblem
) -> None:
    with pytest.raises(InvalidInput) as caught:
        go(database, replace(DRAFT, **change))
    assert caught.value.code is problem
    assert called(database) == set()


def test_the_preview_counts_what_the_release_does(database: Database) -> None:
    person = database.read(lambda c: people_store.person(c, CITY_COMMANDER["id"]))
    assert person is not None
    draft = replace(DRAFT, areas=(CITY,), level=Level.ORANGE)
    counts = database.read(lambda c: preview(c, draft, person, RULES))
    released = go(database, draft, CITY_COMMANDER)
    assert (counts.persons, counts.groups, counts.second_person) == (
        released.calls,
        released.groups,
        False,
    )


def test_red_for_a_city_waits_for_a_second_commander(database: Database) -> None:
    released = go(database, replace(DRAFT, areas=(CITY,)), CITY_COMMANDER)
    assert released.state is State.PENDING
    assert called(database) == set()
    assert queued(database, "confirm") == {CITY_DIRECTOR["telegram_id"], GOVERNOR["telegram_id"]}

    def second(by: dict):
        def unit(connection):
            person = people_store.person(connection, by["id"])
            assert person is not None
            return confirm(connection, released.alert_id, person, RULES, NOW)

        return database.do(unit)

    with pytest.raises(NotAllowed) as same:
        second(CITY_COMMANDER)
    assert same.value.code is Access.SAME_PERSON
    with pytest.raises(NotAllowed):
        second(COUNTY_COMMANDER)
    assert second(CITY_DIRECTOR).state is State.RELEASED
    assert len(called(database)) == 7  # everybody called in the prefecture but the sender
    with pytest.raises(Conflict):
        second(GOVERNOR)


def test_an_exercise_takes_one_person(database: Database) -> None:
    draft = replace(DRAFT, areas=(CITY,), exercise=True)
    released = go(database, draft, CITY_COMMANDER)
    assert released.state is State.RELEASED
    assert alert(database, released.alert_id).exercise


def test_a_withdrawn_alert_was_never_released(database: Database) -> None:
    released = go(database, replace(DRAFT, areas=(CITY,)), CITY_COMMANDER)

    def unit(connection) -> None:
        person = people_store.person(connection, CITY_DIRECTOR["id"])
        assert person is not None
        withdraw(connection, released.alert_id, person, NOW)

    database.do(unit)
    assert alert(database, released.alert_id).state is State.REFUSED
    assert queued(database, "released") == {CITY_COMMANDER["telegram_id"]}
    assert called(database) == set()


def test_identifiers_follow_the_national_profile(database: Database) -> None:
    first, second = go(database), go(database)
    of_first = alert(database, first.alert_id).identifier
    of_second = alert(database, second.alert_id).identifier
    assert of_first == "22240341600100_20260702030000_0"
    assert of_second == "22240341600100_20260702030000_1"
    assert len(of_first) == 31


@pytest.mark.both_databases
def test_cancelling_reaches_who_got_it_and_stops_the_rest(database: Database) -> None:
    released = go(database)
    got_it = VILLAGERS[0]["telegram_id"]

    def unit(connection) -> None:
        connection.execute(
            deliveries.update().where(deliveries.c.chat_id == got_it).values(state="sent")
        )
        person = people_store.person(connection, COUNTY_COMMANDER["id"])
        assert person is not None
        cancel(connection, released.alert_id, person, NOW)

    database.do(unit)
    assert queued(database, "cancel") == {got_it}
    assert queued(database, "call") == set()
    assert queued(database, "post") == set()
    states = database.read(lambda c: c.execute(select(calls.c.state)).scalars().all())
    assert set(states) == {"cancelled"}


def test_a_village_alone_can_be_warned(database: Database) -> None:
    assert go(database, replace(DRAFT, areas=(VILLAGES[2],))).calls == 1
