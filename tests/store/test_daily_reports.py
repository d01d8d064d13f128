"""What a day came to, as rows: each call once, archived or not; one report a day; remarks."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import delete, func, insert, select, update

from alerts.acknowledge import by_button, by_proxy
from alerts.call_store import call_of
from alerts.calls import Proxy, Report
from alerts.closing import expire
from alerts.follow_up import report
from alerts.history.archiving import Archiving
from alerts.loop.daily import making, store
from alerts.loop.daily.counting import counted
from alerts.loop.daily.days import DailyRules, Period, Span, span_of
from alerts.loop.daily.figures import Figure, Figures, by_child, of_division, summed_up, total
from alerts.loop.daily.reading import read_report
from alerts.loop.daily.remarking import remark
from alerts.loop.daily.remarks import DailyProblem, Mark, RemarkOutcome
from alerts.loop.evacuation import move_store
from alerts.loop.evacuation.counting import MoveState
from alerts.loop.evacuation.move_store import Move, TickedBy
from alerts.model import Draft, Hazard, Level
from alerts.release import release
from alerts.rules import Rules
from contacts import bot_store, people_store
from contacts.access import Access
from contacts.bots import Bot
from contacts.people import Contact, Person
from data.database import Connection, Database
from data.errors import InvalidInput, JiaoyingError
from data.tables.alerts import alerts, calls, deliveries
from data.tables.contacts import people, shifts
from data.tables.daily import daily_remarks
from data.tables.evacuation import evacuation_cards, evacuation_households
from data.tables.hotspots import hotspot_tasks
from data.tables.patrol import distress_calls, field_reports
from data.tables.patrol_results import patrol_days
from data.tables.tasks import tasks
from data.tables.water import station_watches, stations
from tests.roster import (
    BOT_ID,
    CITY,
    CITY_COMMANDER,
    COUNTY,
    COUNTY_COMMANDER,
    COUNTY_DUTY,
    GOVERNOR,
    NOW,
    OTHER_COUNTY,
    PROVINCE,
    RANGER,
    STRANGER_COMMANDER,
    TOWNSHIP,
    TOWNSHIP_HEAD,
    VILLAGERS,
    VILLAGES,
)

pytestmark = pytest.mark.one_database

RULES, DAILY = Rules(), DailyRules()
DAY = date(2026, 7, 2)  # of NOW, 03:00 in Beijing
TODAY = span_of(DAY, DAILY)
AT_FIVE = datetime(2026, 7, 2, 9, 0, tzinfo=UTC)
DRAFT = Draft(Level.RED, Hazard.RAINSTORM, (COUNTY,), "立即转移", headline="暴雨红色预警")
HOTSPOT = {"lon": 128.2, "lat": 43.4, "pixels": 1, "hotspots": 1, "satellites": "NPP"}


def after(minutes: float) -> datetime:
    return NOW + timedelta(minutes=minutes)


def who(connection: Connection, row: Any) -> Person:
    found = people_store.person(connection, row["id"])
    assert found is not None
    return found


def busy(connection: Connection) -> int:
    """A warning to the county: who answers when, what is reported; and everything else once."""
    bot_store.configure(connection, [Bot(BOT_ID, PROVINCE)], NOW)
    alert_id = release(connection, DRAFT, who(connection, COUNTY_COMMANDER), RULES, NOW).alert_id
    for n, minutes in enumerate((1, 3, 20)):
        call = call_of(connection, alert_id, VILLAGERS[n]["id"])
        assert call is not None
        by_button(connection, call.id, VILLAGERS[n]["telegram_id"], RULES, after(minutes))
    head = call_of(connection, alert_id, TOWNSHIP_HEAD["id"])
    assert head is not None
    by_proxy(connection, head.id, COUNTY_DUTY["telegram_id"], Proxy.PHONE, after(30))
    for n, (what, figures) in enumerate(
        ((Report.MOVED, (5, 11)), (Report.MOVED, (3, 9)), (Report.HELP, (None, None)))
    ):
        call = call_of(connection, alert_id, VILLAGERS[n]["id"])
        assert call is not None
        households, persons = figures
        for minutes in (40, 50):  # said twice, it is said once
            report(
                connection,
                call.id,
                VILLAGERS[n]["telegram_id"],
                what,
                after(minutes),
                households=households,
                persons=persons,
            )
    times = {"county_code": COUNTY, "first_at": NOW, "last_at": NOW, "opened_at": NOW}
    verdict = {"verdict": "forest_fire", "verdict_at": after(9), "state": "verified"}
    for task in (
        {"village_code": VILLAGES[0], **verdict},
        {"village_code": None, "verdict": None, "verdict_at": None, "state": "waiting"},
    ):
        connection.execute(
            insert(hotspot_tasks).values(**HOTSPOT, **times, **task, due_at=after(60))
        )
    row = {"person_id": RANGER["id"], "at": after(5), "kind": "photo", "division_code": TOWNSHIP}
    connection.execute(insert(field_reports).values(row))
    cry = {"person_id": RANGER["id"], "raised_at": NOW, "sent_at": NOW, "rounds": 1}
    connection.execute(insert(distress_calls).values(cry))
    gauge = {"code": "g1", "name": "黄泥河", "division_code": VILLAGES[2], "hazard": "river_flood"}
    connection.execute(insert(stations).values(**gauge, lines=[], warns=[], places=[]))
    watch = {"station_code": "g1", "quantity": "level", "silent_at": after(60)}
    connection.execute(insert(station_watches).values(watch))
    return alert_id


def figures(found: Any) -> dict[str, int]:
    return {figure.value: count for figure, count in found.counts.items() if count}


@pytest.mark.both_databases
def test_each_is_counted_once_and_where_it_belongs(database: Database) -> None:
    alert_id = database.do(busy)
    parts = database.read(lambda c: counted(c, TODAY))
    county, township = of_division(parts, COUNTY), of_division(parts, TOWNSHIP)
    assert figures(township) == {
        "calls": 4,
        "answered": 4,
        "proxied": 1,
        "reports": 3,
        "help": 1,
        "help_open": 1,
        "households": 8,
        "persons": 20,
        "hotspots": 1,
        "hotspots_settled": 1,
        "fires": 1,
        "field_reports": 1,
        "distress": 1,
        "silent_sources": 1,
    }
    assert (township.median, township.slowest) == ((3 + 20) * 30, (1800, TOWNSHIP))
    asked = database.read(
        lambda c: c.execute(select(func.count()).where(calls.c.alert_id == alert_id)).scalar_one()
    )
    assert county[Figure.CALLS] == asked and county[Figure.WARNINGS] == 1
    assert county[Figure.HOTSPOTS] == 2 and county[Figure.HOTSPOTS_OPEN] == 1
    below = by_child(summed_up(parts), parts[COUNTY], COUNTY)
    assert set(below) == {COUNTY, TOWNSHIP} and total(below.values()) == county
    assert of_division(parts, PROVINCE) == of_division(parts, CITY) == county
    assert of_division(parts, OTHER_COUNTY).empty


def test_no_moment_is_in_two_days(database: Database) -> None:
    """However the time is cut, the parts come to the same."""
    database.do(busy)
    whole = database.read(lambda c: of_division(counted(c, TODAY), COUNTY))
    flows = {"calls", "answered", "households", "persons", "hotspots", "fires", "distress"}
    for minutes in (0, 1, 3, 19, 40.5, 400):
        cut = after(minutes)
        first, rest = (
            database.read(lambda c, span=span: of_division(counted(c, span), COUNTY))
            for span in (Span(TODAY.since, cut), Span(cut, TODAY.until))
        )
        summed = figures(total((first, rest)))
        assert {key: summed.get(key, 0) for key in flows} == {
            key: figures(whole)[key] for key in flows
        }, minutes
        assert total((first, rest)).answers == whole.answers
    early = database.read(lambda c: of_division(counted(c, Span(TODAY.since, after(10))), COUNTY))
    assert (early[Figure.WAITING], early[Figure.ANSWERED]) == (2, 2)


@pytest.mark.both_databases
def test_where_households_are_ticked_the_ticks_count(database: Database) -> None:
    """Ticked twice it counts once; taken back, it is as if nothing was ticked."""
    alert_id = database.do(busy)  # 11 persons of the first village, 9 of the second were reported

    def cards(c: Connection, code: str) -> list[int]:
        card = {"division_code": code, "name": "双泉", "version": 1, "at": NOW}
        card |= {"households": 3, "persons": 9, "route": []}
        card_id = c.execute(insert(evacuation_cards).values(card)).inserted_primary_key[0]
        rows = [{"number": n, "head": f"户{n}", "persons": n + 1} for n in (1, 2, 3)]
        for row in rows:
            c.execute(insert(evacuation_households).values(row | {"card_id": card_id}))
        query = select(evacuation_households.c.id).where(evacuation_households.c.card_id == card_id)
        return list(c.execute(query.order_by(evacuation_households.c.id)).scalars())

    homes = {code: database.do(lambda c, code=code: cards(c, code)) for code in VILLAGES}

    def tick(home: int, state: MoveState, minutes: float, code: str = VILLAGES[0]) -> None:
        household = homes[code][home - 1]
        move = Move(household, state, home + 1, VILLAGERS[0]["id"], after(minutes))
        database.do(lambda c: move_store.tick(c, alert_id, code, [move], TickedBy.OWN))

    def moved_until(minutes: float) -> tuple[int, int]:
        span = Span(TODAY.since, after(minutes))
        told = database.read(lambda c: of_division(counted(c, span), TOWNSHIP))
        return told[Figure.HOUSEHOLDS], told[Figure.PERSONS]

    tick(1, MoveState.MOVED, 60)
    tick(2, MoveState.MOVED, 61)
    tick(2, MoveState.MOVED, 62)
    tick(3, MoveState.REFUSED, 63)
    assert moved_until(59) == (8, 20)
    assert moved_until(70) == (3 + 2, 9 + 5)
    # Against what the cards say: the refused is still to move, a village that is done owes nothing.
    every = len(VILLAGES)
    in_all = standing(database, Span(TODAY.since, after(70)))
    assert in_all == ((3 * every, 9 * every), (5, 14), (3 * (every - 2) + 1, 9 * (every - 2) + 4))
    tick(1, MoveState.HOME, 80)
    assert moved_until(90) == (3 + 1, 9 + 3)
    for home in (2, 3):
        tick(home, MoveState.HOME, 100)
    assert moved_until(110) == (8, 20)
    night = database.read(lambda c: of_division(counted(c, Span(after(90), after(110))), TOWNSHIP))
    assert (night[Figure.HOUSEHOLDS], night[Figure.PERSONS]) == (4, 8)
    # Where nobody said a figure, too: what was ticked and taken back was nothing.
    tick(1, MoveState.MOVED, 120, VILLAGES[2])
    tick(1, MoveState.HOME, 130, VILLAGES[2])
    assert moved_until(125) == (9, 22) and moved_until(135) == (8, 20)
    span = Span(after(125), after(135))
    back = database.read(lambda c: of_division(counted(c, span), TOWNSHIP))
    assert (back[Figure.HOUSEHOLDS], back[Figure.PERSONS]) == (-1, -2)
    # In force for three days, and over: each day says how far it has got, the week says it once.
    end = NOW + timedelta(days=3)
    database.do(lambda c: c.execute(update(alerts).values(expires_at=end - timedelta(hours=1))))
    whole = standing(database, TODAY)
    for days in (1, 2):
        later = Span(TODAY.since + timedelta(days=days), TODAY.until + timedelta(days=days))
        assert standing(database, later) == whole
    assert standing(database, Span(end, end + timedelta(days=1))) == ((0, 0), (0, 0), (0, 0))
    for when in (AT_FIVE + timedelta(days=1), AT_FIVE + timedelta(days=3)):
        week = database.read(lambda c, at=when: read_report(c, COUNTY, Period.WEEK, DAY, at, DAILY))
        assert pairs(week.figures) == pairs(week.sums[TOWNSHIP]) == whole
        assert week.figures[Figure.HOUSEHOLDS] == 8


Pair = tuple[int, int]


def pairs(found: Figures) -> tuple[Pair, Pair, Pair]:
    """应转, 已转, 未转: households and persons."""
    return (
        (found[Figure.TARGET_HOUSEHOLDS], found[Figure.TARGET_PERSONS]),
        (found[Figure.EVACUATED_HOUSEHOLDS], found[Figure.EVACUATED_PERSONS]),
        (found[Figure.LEFT_HOUSEHOLDS], found[Figure.LEFT_PERSONS]),
    )


def standing(database: Database, span: Span) -> tuple[Pair, Pair, Pair]:
    """How far the township's warnings of that time have got."""
    return pairs(database.read(lambda c: of_division(counted(c, span), TOWNSHIP)))


@pytest.mark.both_databases
def test_tasks_patrols_and_gaps_in_duty(database: Database) -> None:
    """What other topics count; a patrol's day grows when positions arrive late."""
    patrol = {"person_id": RANGER["id"], "day": DAY, "division_code": VILLAGES[1]}
    patrol |= {"positions": 4, "seconds": 7200, "cells": 10, "visited": 3, "made_at": NOW}
    task = {"title": "修涵洞", "in_list": "task", "division_code": TOWNSHIP, "state": "open"}
    task |= {"responsible_division": TOWNSHIP, "responsible_role": "commander"}
    task |= {"created_at": after(1), "since_at": after(1), "due_at": after(30)}
    watch = {"person_id": COUNTY_DUTY["id"], "division_code": COUNTY}
    watch |= {"starts_at": TODAY.since, "ends_at": TODAY.until - timedelta(hours=3)}

    def unit(c: Connection) -> None:
        c.execute(insert(patrol_days).values(patrol))
        c.execute(insert(tasks).values(task))
        c.execute(insert(shifts).values(watch))

    database.do(unit)
    parts = database.read(lambda c: making.count(c, DAY, DAILY))
    assert parts is not None
    assert figures(of_division(parts, TOWNSHIP)) == {
        "tasks_new": 1,
        "tasks_due": 1,
        "tasks_open": 1,
        "tasks_overdue": 1,
        "patrollers": 1,
        "positions": 4,
        "patrol_seconds": 7200,
        "route_cells": 10,
        "route_visited": 3,
    }
    county = of_division(parts, COUNTY)
    assert (county[Figure.DUTY_GAPS], county[Figure.DUTY_GAP_SECONDS]) == (1, 3 * 3600)
    database.do(lambda c: store.put(c, DAY, parts, AT_FIVE))
    grown = update(patrol_days).values(positions=9, visited=5)
    database.do(lambda c: c.execute(grown))
    told = database.read(lambda c: read_report(c, COUNTY, Period.WEEK, DAY, AT_FIVE, DAILY))
    assert told.figures[Figure.POSITIONS] == told.sums[TOWNSHIP][Figure.POSITIONS] == 9
    assert told.figures[Figure.TASKS_OPEN] == 1  # how it stands: of the last day
    database.do(lambda c: c.execute(delete(patrol_days)))  # kept long enough
    told = database.read(lambda c: read_report(c, COUNTY, Period.DAY, DAY, AT_FIVE, DAILY))
    assert told.figures[Figure.POSITIONS] == 4


def test_townships_of_long_ago_are_forgotten_and_stay_in_the_sums(database: Database) -> None:
    database.do(busy)
    parts = database.read(lambda c: counted(c, TODAY))
    for day in (DAY, DAY + timedelta(days=1)):
        database.do(lambda c, day=day: store.put(c, day, parts, AT_FIVE))

    def read(day: date) -> Any:
        later = AT_FIVE + timedelta(days=500)
        return database.read(lambda c: read_report(c, COUNTY, Period.DAY, day, later, DAILY))

    before = read(DAY)
    assert TOWNSHIP in before.sums
    assert database.read(lambda c: store.any_townships_before(c, DAY + timedelta(days=1)))
    assert database.do(lambda c: store.forget_townships(c, DAY + timedelta(days=1))) == 1
    assert not database.read(lambda c: store.any_townships_before(c, DAY + timedelta(days=1)))
    assert read(DAY).figures == before.figures and TOWNSHIP not in read(DAY).sums
    assert TOWNSHIP in read(DAY + timedelta(days=1)).sums


@pytest.mark.both_databases
def test_what_was_archived_is_in_the_sum_of_its_month(database: Database) -> None:
    database.do(busy)
    later = NOW + timedelta(days=500)
    database.do(lambda c: expire(c, NOW + timedelta(days=3)))
    database.do(lambda c: c.execute(update(deliveries).values(state="sent", sent_at=NOW)))
    read = lambda c: read_report(c, COUNTY, Period.MONTH, DAY, later, DAILY)  # noqa: E731
    before = database.read(read)
    own = Database(database.url)
    try:
        assert Archiving(own, NOW + timedelta(days=100), later).run().calls
    finally:
        own.close()
    after_it = database.read(read)
    assert before.figures == after_it.figures and before.figures[Figure.PERSONS] == 20
    assert (after_it.days[0], after_it.days[-1]) == (date(2026, 7, 1), date(2026, 7, 31))
    assert [day for day, of_it in after_it.curve.items() if of_it[Figure.CALLS]] == [DAY]
    # The history's file is away: what was made before is told, and is not counted from it.
    database.do(lambda c: store.put(c, DAY, {TOWNSHIP: before.figures}, later))
    stored = database.read(lambda c: read_report(c, CITY, Period.DAY, DAY, later, DAILY))
    assert stored.figures == before.figures and stored.made_at == later


class Office:
    """The tick of the daily report, run by hand at any moment."""

    def __init__(self, database: Database, rules: DailyRules = DAILY) -> None:
        self.database, self.rules = database, rules

    def look(self, now: datetime) -> list[tuple[int, str, int]]:
        """Who is told what then: person, division, days missed before."""
        read, write = self.database.read, self.database.do
        due = read(lambda c: making.due(c, now, self.rules))
        before = read(lambda c: c.execute(select(func.max(deliveries.c.id))).scalar()) or 0
        if due.begins:
            write(lambda c: making.begin(c, due.begins, now))
        if due.ahead_of:
            write(lambda c: making.drop_after(c, due.ahead_of, now))
        for _process in range(2):  # started twice
            for day in due.to_make:
                parts = read(lambda c, day=day: making.count(c, day, self.rules))
                write(lambda c, day=day, parts=parts: making.put(c, day, parts, now))
            for day in sorted({*due.to_make, *due.to_tell}, reverse=True):
                told = read(lambda c, day=day: making.plan_telling(c, day, now, self.rules))
                write(lambda c, told=told: making.tell(c, told, now))
        query = select(deliveries.c.person_id, deliveries.c.params).where(deliveries.c.id > before)
        return [
            (row.person_id, row.params["division"], row.params.get("missed", 0))
            for row in read(lambda c: c.execute(query.order_by(deliveries.c.id)).all())
        ]


READERS = [
    (GOVERNOR["id"], PROVINCE, 0),
    (CITY_COMMANDER["id"], CITY, 0),
    (3, CITY, 0),
    (STRANGER_COMMANDER["id"], OTHER_COUNTY, 0),
    (COUNTY_COMMANDER["id"], COUNTY, 0),
    (COUNTY_DUTY["id"], COUNTY, 0),
]


@pytest.mark.both_databases
def test_one_report_a_day_whatever_happens_to_the_process(database: Database) -> None:
    office = Office(database)
    minute, day = timedelta(minutes=1), timedelta(days=1)
    assert office.look(NOW) == []  # the first day of all is not told
    database.do(busy)
    assert office.look(AT_FIVE - minute) == []
    assert sorted(office.look(AT_FIVE)) == sorted(READERS)
    # Looked at again; the clock is set back over five o'clock, and passes it once more.
    assert office.look(AT_FIVE + minute) == []
    # Back by an hour: the day is over only once more, and is made by the right clock then.
    assert office.look(AT_FIVE - 60 * minute) == []
    assert len(office.look(AT_FIVE + minute)) == len(READERS)
    # Out at five, up again in the evening: still the same day's.
    assert len(office.look(AT_FIVE + day + 4 * 60 * minute)) == len(READERS)
    # Out for three days: those are made, and nobody is told of them but how many they were.
    told = office.look(AT_FIVE + 5 * day + minute)
    assert {missed for _who, _code, missed in told} == {3} and len(told) == len(READERS)
    # Up again in the morning only: the day before is over, and is asked for by whoever wants it.
    assert office.look(AT_FIVE + 7 * day - 60 * minute) == []
    made = database.read(lambda c: store.made(c, [DAY + n * day for n in range(-1, 9)]))
    assert sorted(made) == [DAY + n * day for n in range(7)]
    # Never, where nobody wants it.
    off = Office(database, DailyRules(at=None))
    assert off.look(AT_FIVE + 9 * day) == []


def test_a_division_without_readers_is_named_to_those_above(database: Database) -> None:
    office = Office(database)
    office.look(NOW)

    def nobody(connection: Connection) -> None:
        gone = people.c.id.in_([STRANGER_COMMANDER["id"], CITY_COMMANDER["id"]])
        connection.execute(update(people).where(gone).values(contact=Contact.BLOCKED.value))

    database.do(nobody)
    told = {code for _person, code, _missed in office.look(AT_FIVE)}
    assert told == {PROVINCE, CITY, COUNTY}
    above = database.read(lambda c: read_report(c, CITY, Period.DAY, DAY, AT_FIVE, DAILY))
    assert above.unread == (OTHER_COUNTY,)
    own = database.read(lambda c: read_report(c, OTHER_COUNTY, Period.DAY, DAY, AT_FIVE, DAILY))
    assert own.unread == () and own.figures.empty


@pytest.mark.both_databases
def test_the_tier_above_remarks_and_nobody_else(database: Database) -> None:
    Office(database).look(NOW)

    def say(row: Any, mark: Mark, words: str, code: str = COUNTY, day: date = DAY) -> Any:
        def unit(connection: Connection) -> Any:
            return remark(connection, who(connection, row), code, day, mark, words, AT_FIVE, DAILY)

        return database.do(unit)

    def refused(row: Any, code: str = COUNTY, words: str = "好", day: date = DAY) -> Any:
        with pytest.raises(JiaoyingError) as caught:
            say(row, Mark.GOOD, words, code, day)
        return caught.value.code

    assert refused(CITY_COMMANDER) is DailyProblem.NOT_MADE
    Office(database).look(AT_FIVE)
    cases = (
        (COUNTY_COMMANDER, COUNTY, Access.OUTSIDE_DIVISION),  # their own
        (COUNTY_COMMANDER, CITY, Access.OUTSIDE_DIVISION),
        (STRANGER_COMMANDER, TOWNSHIP, Access.OUTSIDE_DIVISION),
        (VILLAGERS[0], VILLAGES[1], Access.NOT_ON_DUTY),
    )
    for row, code, why in cases:
        assert refused(row, code) is why, (row["name"], code)
    assert refused(CITY_COMMANDER, words="很" * 301) is DailyProblem.TOO_LONG
    first = say(CITY_COMMANDER, Mark.GOOD, "应答  快\n转移到位")
    assert (first.outcome, first.told) == (RemarkOutcome.SAID, 2)
    assert first.remark.words == "应答 快 转移到位"
    again = say(CITY_COMMANDER, Mark.GOOD, "应答 快 转移到位")
    assert (again.outcome, again.told) == (RemarkOutcome.ALREADY, 0)
    changed = say(CITY_COMMANDER, Mark.BAD, "两个村没有反馈")
    assert changed.outcome is RemarkOutcome.CHANGED and changed.remark.id == first.remark.id
    above = say(GOVERNOR, Mark.BAD, "")
    assert above.outcome is RemarkOutcome.SAID
    shown = database.read(lambda c: read_report(c, COUNTY, Period.DAY, DAY, AT_FIVE, DAILY))
    assert [(each.from_code, each.mark, each.words) for each in shown.own_remarks] == [
        (PROVINCE, Mark.BAD, ""),
        (CITY, Mark.BAD, "两个村没有反馈"),
    ]
    count = select(func.count()).select_from(daily_remarks)
    assert database.read(lambda c: c.execute(count).scalar_one()) == 2


def test_a_day_that_has_not_begun(database: Database) -> None:
    with pytest.raises(InvalidInput) as caught:
        database.read(
            lambda c: read_report(c, COUNTY, Period.DAY, DAY + timedelta(days=1), NOW, DAILY)
        )
    assert caught.value.code is DailyProblem.AHEAD
    so_far = database.read(lambda c: read_report(c, COUNTY, Period.WEEK, DAY, NOW, DAILY))
    assert so_far.so_far and so_far.span.until == NOW and so_far.days[-1] == DAY
