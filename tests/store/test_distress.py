"""Calls for help in the database: stored at the first tap, sent once a round, and to whom."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import event, insert, select, update

from alerts.outbox.lanes import Lane
from alerts.patrol.distress import calling as distress
from alerts.patrol.distress.model import DistressRules, DistressStage
from alerts.patrol.distress.store import near_colleagues
from contacts import people_store
from contacts.people import Contact, Role
from data.audit import verify
from data.database import Connection, Database
from data.errors import Conflict, NotAllowed, NotFound
from data.tables.alerts import deliveries
from data.tables.contacts import people
from data.tables.patrol import positions
from tests.roster import (
    COUNTY_DUTY,
    GOVERNOR,
    NOW,
    RANGER,
    STRANGER_COMMANDER,
    TOWNSHIP_DUTY,
    VILLAGES,
    person,
)

pytestmark = pytest.mark.one_database


RULES = DistressRules()
HERE = (128.232, 43.372)
OTHER_VILLAGE = "222402101200"  # of another county of the city


def person_of(c: Connection, row: dict[str, Any]):
    found = people_store.person(c, row["id"])
    assert found is not None
    return found


def raised(c: Connection) -> distress.Raised:
    return distress.raise_distress(c, person_of(c, RANGER), NOW, RULES)


def queued(c: Connection, since: int = 0) -> list[tuple[str, int, int]]:
    query = select(deliveries.c.kind, deliveries.c.person_id, deliveries.c.lane)
    return [tuple(row) for row in c.execute(query.where(deliveries.c.id > since))]


def position(person_id: int, lon: float, lat: float, *, minutes: float = 5, doubt: str = ""):
    at = NOW - timedelta(minutes=minutes)
    return {
        "person_id": person_id,
        "taken_at": at,
        "received_at": at,
        "lon": lon,
        "lat": lat,
        "doubts": [doubt] if doubt else [],
    }


def test_the_first_tap_tells_nobody_and_the_sweep_sends_it_once(database: Database) -> None:
    def unit(c: Connection) -> None:
        assert raised(c).call.stage is DistressStage.PENDING
        assert queued(c) == []
        assert not distress.anything_due(c, NOW + timedelta(seconds=9))
        assert distress.send_due(c, NOW + timedelta(seconds=9), RULES) == 0
        late = NOW + timedelta(seconds=10)
        assert distress.anything_due(c, late)
        assert distress.send_due(c, late, RULES) == 1
        assert distress.send_due(c, late, RULES) == 0
        assert {(kind, chat_id) for kind, chat_id, _ in queued(c)} == {
            ("distress", COUNTY_DUTY["id"]),
            ("distress", TOWNSHIP_DUTY["id"]),
            ("distress_sent", RANGER["id"]),
        }
        assert {lane for _, _, lane in queued(c)} == {int(Lane.DISTRESS)}
        assert verify(c).broken is None

    database.do(unit)


def test_a_round_nobody_could_send_yet_is_replaced_not_stacked(database: Database) -> None:
    def unit(c: Connection) -> None:
        call = raised(c).call
        distress.confirm(c, call.id, person_of(c, RANGER), NOW, RULES)
        for number in range(1, 6):
            assert distress.send_due(c, NOW + timedelta(minutes=2 * number), RULES) == 1
        assert len(queued(c)) == 2

    database.do(unit)


def test_the_nearest_three_who_can_come_are_asked(database: Database) -> None:
    rows = [person(50 + n, f"巡护{n}", VILLAGES[2], Role.RANGER) for n in range(9)]

    def unit(c: Connection) -> None:
        c.execute(insert(people), rows)
        lon, lat = HERE
        spots = [
            position(50, lon, lat + 0.05),
            position(51, lon, lat + 0.01),
            position(52, lon, lat + 0.02),
            position(53, lon, lat + 0.03),
            position(54, lon, lat + 0.001, minutes=60 * 13),  # not seen lately
            position(55, lon, lat + 0.001),  # blocked the bot
            position(56, lon, lat + 0.001),  # in distress too
            position(57, lon, lat + 0.002, minutes=30),
            position(57, 0.0, 0.0, doubt="null_island"),  # the one before it is good
            position(58, lon, lat + 0.9),  # another county's woods
        ]
        c.execute(insert(positions), [*spots, position(RANGER["id"], lon, lat)])
        c.execute(update(people).where(people.c.id == 55).values(contact=Contact.BLOCKED.value))
        distress.raise_distress(c, person_of(c, {"id": 56}), NOW, RULES)
        found = near_colleagues(c, person_of(c, RANGER), HERE, NOW, RULES)
        assert [colleague.id for colleague, _ in found] == [57, 51, 52]
        assert [round(away or 0) for _, away in found] == pytest.approx([222, 1112, 2224], abs=3)
        nowhere = near_colleagues(c, person_of(c, RANGER), None, NOW, RULES)
        assert len(nowhere) == 3 and all(away is None for _, away in nowhere)

    database.do(unit)


def rangers(first: int, codes: list[str]) -> list[dict[str, Any]]:
    return [
        person(first + n, f"巡护{first + n}", code, Role.RANGER) for n, code in enumerate(codes)
    ]


def test_without_a_spot_those_of_the_village_come_before_the_township_county_and_city(
    database: Database,
) -> None:
    own, beside, next_township = VILLAGES[1], VILLAGES[2], "222403102200"
    rows = rangers(50, [OTHER_VILLAGE, next_township, next_township, beside, own])

    def unit(c: Connection) -> None:
        c.execute(insert(people), rows)
        c.execute(insert(positions), [position(row["id"], *HERE) for row in rows])
        asker = person_of(c, RANGER)

        def found(most: int) -> list[int]:
            rules = replace(RULES, colleagues=most)
            places = near_colleagues(c, asker, None, NOW, rules)
            assert all(away is None for _, away in places)
            return [colleague.id for colleague, _ in places]

        assert [found(most) for most in (0, 1, 3, 9)] == [
            [],
            [54],
            [54, 53, 51],
            [54, 53, 51, 52, 50],
        ]
        # Who belongs to the province alone has no colleague of whom it is known to be near.
        governor = person_of(c, GOVERNOR)
        assert near_colleagues(c, governor, None, NOW, RULES) == []
        assert len(near_colleagues(c, governor, HERE, NOW, RULES)) == 3

    database.do(unit)


def test_whose_newest_position_is_doubtful_is_not_asked_of_one_by_one(database: Database) -> None:
    """A tap waits for it; and a doubtful position says nothing, nor does one that is old."""
    rows = rangers(50, [VILLAGES[2]] * 40)

    def unit(c: Connection) -> None:
        c.execute(insert(people), rows)
        for row in rows:
            doubtful = position(row["id"], 0.0, 0.0, minutes=1, doubt="null_island")
            c.execute(insert(positions), [doubtful])
        c.execute(insert(positions), [position(60, *HERE, minutes=9), position(70, *HERE)])
        c.execute(insert(positions), [position(80, *HERE, minutes=60 * 13)])
        for spot in (HERE, None):
            made: list[str] = []

            def note(_c: Any, _cursor: Any, statement: str, *_: Any, made: Any = made) -> None:
                made.append(statement)

            event.listen(c, "before_cursor_execute", note)
            found = near_colleagues(c, person_of(c, RANGER), spot, NOW, RULES)
            event.remove(c, "before_cursor_execute", note)
            assert [colleague.id for colleague, _ in found] == [60, 70]
            assert len(made) <= 6

    database.do(unit)


def test_who_may_take_clear_and_undo(database: Database) -> None:
    def unit(c: Connection) -> None:
        ranger, officer = person_of(c, RANGER), person_of(c, COUNTY_DUTY)
        call = raised(c).call
        with pytest.raises(NotFound):
            distress.take(c, call.id, officer, NOW)  # pending: nobody knows of it
        with pytest.raises(NotAllowed):
            distress.confirm(c, call.id, officer, NOW, RULES)
        distress.confirm(c, call.id, ranger, NOW, RULES)
        assert distress.confirm(c, call.id, ranger, NOW, RULES).call.rounds == 1
        for stranger in (person_of(c, STRANGER_COMMANDER), ranger):
            with pytest.raises(NotAllowed):
                distress.take(c, call.id, stranger, NOW)
        assert not distress.take(c, call.id, officer, NOW).already
        assert distress.take(c, call.id, person_of(c, TOWNSHIP_DUTY), NOW).already
        assert distress.send_due(c, NOW + timedelta(minutes=9), RULES) == 0
        assert distress.clear(c, call.id, officer, NOW).call.stage is DistressStage.OVER
        with pytest.raises(Conflict):
            distress.undo(c, call.id, ranger, NOW)
        assert raised(c).call.id != call.id  # a new call after the old one is over

    database.do(unit)


@pytest.mark.both_databases
def test_what_is_added_goes_to_whoever_took_it(database: Database) -> None:
    def unit(c: Connection) -> None:
        ranger, officer = person_of(c, RANGER), person_of(c, COUNTY_DUTY)
        call = raised(c).call
        distress.add_to_distress(c, ranger, NOW, note="腿断了")
        assert queued(c) == []
        distress.confirm(c, call.id, ranger, NOW, RULES)
        distress.take(c, call.id, officer, NOW)
        added = distress.add_to_distress(c, ranger, NOW, note="在沟底")
        assert added is not None and [receiver.id for receiver in added.told] == [officer.id]
        assert added.call.note == "腿断了\n在沟底"

    database.do(unit)
