"""Reports from the spot in the database: linked to an alert, an album kept together, sent once."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import insert, select

from alerts.patrol.distress import calling as distress
from alerts.patrol.distress.model import DistressRules
from alerts.patrol.field_reports import store as field_report_store
from alerts.patrol.field_reports.reporting import (
    Reported,
    anything_to_forward,
    forward_due,
    report_from_spot,
)
from contacts import people_store
from data.database import Connection, Database
from data.tables.alerts import deliveries
from data.tables.patrol import positions
from tests.roster import COUNTY, FIRE_GROUP, NOW, OTHER_COUNTY, RANGER


def sent(c: Connection, kind: str = "photo", *, seconds: float = 0, album: str | None = None):
    person = people_store.person(c, RANGER["id"])
    assert person is not None
    now = NOW + timedelta(seconds=seconds)
    reported: Reported = report_from_spot(
        c, person, kind, "file", None, now, media_group_id=album, copy=True
    )
    return reported


def queued(c: Connection) -> list[tuple[int, list[int]]]:
    query = select(deliveries.c.chat_id, deliveries.c.params).where(
        deliveries.c.kind == "field_report"
    )
    return [(row.chat_id, row.params["reports"]) for row in c.execute(query)]


def test_an_album_waits_for_its_last_part_and_goes_on_once(database: Database) -> None:
    def unit(c: Connection) -> None:
        firsts = [sent(c, seconds=n * 1.5, album="a").first for n in range(3)]
        assert firsts == [True, False, False]
        assert not anything_to_forward(c, NOW + timedelta(seconds=4.9))
        later = NOW + timedelta(seconds=5)
        assert anything_to_forward(c, later)
        assert forward_due(c, later) == 3
        assert forward_due(c, later) == 0
        assert queued(c) == [(FIRE_GROUP, [1, 2, 3])]

    database.do(unit)


def test_documents_and_pictures_make_two_albums_of_ten_at_most(database: Database) -> None:
    def unit(c: Connection) -> None:
        for number in range(13):
            sent(c, "document" if number < 2 else "photo", album="a")
        forward_due(c, NOW + timedelta(seconds=2))
        assert [len(ids) for _, ids in queued(c)] == [10, 1, 2]

    database.do(unit)


def test_a_report_is_bound_to_a_good_position_that_is_fresh(database: Database) -> None:
    def unit(c: Connection) -> None:
        for minutes, doubts in ((31, []), (29, ["stale"])):
            at = NOW - timedelta(minutes=minutes)
            row = {"person_id": RANGER["id"], "taken_at": at, "received_at": at}
            c.execute(insert(positions), [{**row, "lon": 128.2, "lat": 43.3, "doubts": doubts}])
            report = sent(c).report
            assert report.position_id is None
            assert report.division_code == RANGER["division_code"]
        at = NOW - timedelta(minutes=1)
        row = {"person_id": RANGER["id"], "taken_at": at, "received_at": at, "doubts": []}
        c.execute(insert(positions), [{**row, "lon": 128.2, "lat": 43.3, "division_code": COUNTY}])
        report = sent(c).report
        assert report.position_id == 3 and report.division_code == COUNTY

    database.do(unit)


def test_a_picture_before_an_undone_call_for_help_still_goes_on(database: Database) -> None:
    def unit(c: Connection) -> None:
        person = people_store.person(c, RANGER["id"])
        assert person is not None
        distress.raise_distress(c, person, NOW, DistressRules())
        sent(c)
        assert [chat for chat, _ in queued(c)] == [FIRE_GROUP]
        distress.confirm(c, 1, person, NOW, DistressRules())
        sent(c)
        assert len(queued(c)) == 1  # those called for help have it

    database.do(unit)


def test_the_feed_counts_an_album_once_and_keeps_to_its_division(database: Database) -> None:
    def unit(c: Connection) -> None:
        for _ in range(3):
            sent(c, album="a")
        sent(c)
        assert (
            field_report_store.count(c, COUNTY) == 2
            and field_report_store.count(c, OTHER_COUNTY) == 0
        )
        assert [report.id for report in field_report_store.latest(c, COUNTY, 5, 0)] == [4, 1]
        assert [report.id for report in field_report_store.latest(c, COUNTY, 5, 1)] == [1]
        assert len(field_report_store.album(c, field_report_store.latest(c, COUNTY, 5, 1)[0])) == 3

    database.do(unit)


def test_a_copy_that_fails_is_tried_again_later_and_later(database: Database) -> None:
    def unit(c: Connection) -> None:
        sent(c)
        now = NOW
        for minutes in (1, 2, 4):
            (due,) = field_report_store.to_copy(c, now, 10)
            field_report_store.not_copied(c, due, now, again=True)
            assert (
                field_report_store.to_copy(c, now + timedelta(minutes=minutes, seconds=-1), 10)
                == []
            )
            now += timedelta(minutes=minutes)
        (due,) = field_report_store.to_copy(c, now, 10)
        field_report_store.not_copied(c, due, now, again=False)
        assert field_report_store.to_copy(c, now + timedelta(days=9), 10) == []
        report = field_report_store.field_report(c, 1)
        assert report is not None and report.copy_tries == 4

    database.do(unit)
