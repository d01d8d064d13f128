"""The numbers kept of calls are those of the calls, whoever writes them, and cards read only them.

A card that shows how its alert ended is not looked at again.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, delete, event, func, insert, select, text, update

from alerts import alert_store, progress_store, silent_store
from alerts.acknowledge import by_button, by_proxy
from alerts.calls import CallState, Proxy, Reach, Report
from alerts.cards import progress_card_store
from alerts.cards.progress_cards import queue_edits, stale_cards
from alerts.cards.silent_lists import stale_lists
from alerts.chase import sweep
from alerts.closing import cancel, close, expire
from alerts.follow_up import discharge, report
from alerts.model import Alert, Draft, Hazard, Level, State
from alerts.outbox.deliveries import Attempt, Result
from alerts.outbox.lanes import Lane
from alerts.reach import lost, reached_again
from alerts.release import release
from alerts.report import progress
from alerts.rules import Rules
from alerts.sending import claim, record
from contacts import people_store
from contacts.divisions.codes import Tier
from contacts.people import Contact
from data import schema
from data.database import Database
from data.tables.alerts import alerts, call_counts, calls, cards
from tests.roster import (
    BOT_ID,
    COUNTY,
    COUNTY_COMMANDER,
    NOW,
    PROVINCE,
    TOWNSHIP,
    TOWNSHIP_DUTY,
    TOWNSHIP_HEAD,
    VILLAGERS,
    VILLAGES,
)
from tests.store.test_migrations import bring_to, fill_every_table

RULES = Rules()
DRAFT = Draft(Level.RED, Hazard.RAINSTORM, (COUNTY,), "立即转移", headline="暴雨红色预警")
# Of the county too, and calling the same persons: its numbers are its own.
FIRE = Draft(Level.ORANGE, Hazard.FOREST_FIRE, (COUNTY,), "禁火", headline="森林火险橙色预警")


def released(database: Database, draft: Draft = DRAFT, minutes: float = 0) -> int:
    def unit(connection: Connection) -> int:
        by = people_store.person(connection, COUNTY_COMMANDER["id"])
        assert by is not None
        return release(connection, draft, by, RULES, NOW + timedelta(minutes=minutes)).alert_id

    return database.do(unit)


def sent_all(database: Database, minutes: float) -> None:
    now = NOW + timedelta(minutes=minutes)

    def unit(connection: Connection) -> None:
        taken = claim(connection, "test", now, dict.fromkeys(Lane, 1000), BOT_ID)
        attempts = [Attempt(delivery, Result.SENT, delivery.id) for delivery in taken]
        record(connection, attempts, RULES, now)

    database.do(unit)


def agree(database: Database) -> bool:
    """Whether the numbers of every alert are those of its calls, counted one by one."""

    def query(connection: Connection) -> bool:
        ids = connection.execute(select(alerts.c.id)).scalars().all()
        return not any(progress_store.differing(connection, alert_id) for alert_id in ids)

    return database.read(query)


def person_of(row: dict[str, Any]) -> Callable[[Connection], Any]:
    return lambda connection: people_store.person(connection, row["id"])


def call_of(connection: Connection, alert_id: int, row: dict[str, Any]) -> int:
    query = select(calls.c.id).where(calls.c.alert_id == alert_id, calls.c.person_id == row["id"])
    return int(connection.execute(query).scalar_one())


def test_every_use_case_keeps_the_numbers(database: Database) -> None:
    flood, fire = released(database), released(database, FIRE)
    assert agree(database)
    sent_all(database, 0)
    assert agree(database)
    first, second, third = VILLAGERS

    def by_the_person(connection: Connection) -> None:
        call_id = call_of(connection, flood, first)
        by_button(connection, call_id, first["telegram_id"], RULES, NOW)
        report(
            connection,
            call_id,
            first["telegram_id"],
            Report.MOVED,
            NOW,
            households=12,
            persons=35,
        )
        report(connection, call_id, first["telegram_id"], Report.MOVED, NOW, households=11)

    def by_officers(connection: Connection) -> None:
        duty = TOWNSHIP_DUTY["telegram_id"]
        by_proxy(connection, call_of(connection, flood, second), duty, Proxy.PHONE, NOW)
        discharge(connection, call_of(connection, flood, third), duty, "出差", NOW)
        lost(connection, TOWNSHIP_HEAD["id"], Contact.BLOCKED, RULES, NOW)

    for unit in (by_the_person, by_officers):
        database.do(unit)
        assert agree(database)
    alert = database.read(lambda c: alert_of(c, flood))
    counted = database.read(lambda c: progress(c, alert))
    assert (counted.calls, counted.acknowledged, counted.reported) == (4, 1, 1)
    assert (counted.proxied, counted.discharged, counted.waiting) == (1, 1, 1)
    assert (counted.unreachable, counted.households, counted.persons) == (1, 11, 35)
    other = database.read(lambda c: alert_of(c, fire))
    untouched = database.read(lambda c: progress(c, other))
    assert untouched.waiting == untouched.calls > 0
    for minutes in (5, 20):
        now = NOW + timedelta(minutes=minutes)
        while database.do(lambda c, now=now: sweep(c, RULES, now)):
            pass
        assert agree(database)

    def back(connection: Connection) -> None:
        people_store.set_contact(connection, {TOWNSHIP_HEAD["id"]: Contact.OK}, NOW)
        assert reached_again(connection, [TOWNSHIP_HEAD["id"]], RULES, NOW)

    database.do(back)
    assert agree(database)
    by = database.read(person_of(COUNTY_COMMANDER))
    database.do(lambda c: close(c, flood, by, "都已转移", NOW))
    assert agree(database)
    database.do(lambda c: cancel(c, fire, by, NOW))
    assert agree(database)


def alert_of(connection: Connection, alert_id: int) -> Alert:
    found = alert_store.alert(connection, alert_id)
    assert found is not None
    return found


@pytest.mark.parametrize("seed", range(5))
def test_whatever_is_written_to_calls_is_counted(database: Database, seed: int) -> None:
    """Also by statements that no use case makes: of one row or many, by hand, moved, deleted."""
    chance = random.Random(seed)
    ids = [released(database), released(database, FIRE)]
    states = [state.value for state in CallState]
    reaches = [reach.value for reach in Reach]
    answer = {"answered_at": NOW, "proxy_by": COUNTY_COMMANDER["id"]}  # as an answered call needs
    database.do(lambda c: c.execute(update(calls).values(answer)))

    def change(connection: Connection) -> None:
        some = calls.c.id % chance.choice([1, 2, 3]) == 0
        values: dict[str, Any] = chance.choice(
            [
                {"state": chance.choice(states)},
                {"reach": chance.choice(reaches)},
                {"state": chance.choice(states), "households": chance.choice([None, 0, 7])},
                {"persons": chance.choice([None, 3, 40]), "reach": chance.choice(reaches)},
                {"steps": chance.randrange(16)},
                {"division_code": chance.choice([*VILLAGES, TOWNSHIP])},
                {"division_code": VILLAGES[0], "state": chance.choice(states)},
            ]
        )
        connection.execute(update(calls).where(some).values(values))
        if chance.random() < 0.2:
            last = connection.execute(select(func.max(calls.c.id))).scalar_one()
            connection.execute(
                delete(calls).where(calls.c.id == last, calls.c.stand_in_for.is_(None))
            )
        if chance.random() < 0.2:
            taken = select(calls.c.person_id).where(calls.c.alert_id == ids[0])
            free = next(
                number
                for number in (1, 2, 3, 20, 30, 40)
                if number not in set(connection.execute(taken).scalars())
            )
            row = {"alert_id": ids[0], "person_id": free, "division_code": VILLAGES[1]}
            row |= {"role": "ranger", "state": chance.choice(states), "reach": "queued"}
            connection.execute(insert(calls).values(row | answer | {"called_at": NOW}))

    for _ in range(12):
        database.do(change)
        assert agree(database)
        database.read(lambda c: counted_as_listed(c, ids[0]))


def counted_as_listed(connection: Connection, alert_id: int) -> None:
    """The figures above a list of silent people are those of the list itself."""
    for division in ("", COUNTY, TOWNSHIP, VILLAGES[0]):
        silent = silent_store.listed(connection, alert_id, division, NOW)
        counted = silent_store.counted(connection, alert_id, division, Tier.VILLAGE, NOW)
        unreachable = sum(call.reach is Reach.UNREACHABLE for call in silent)
        assert counted[:3] == (len(silent), unreachable, len(silent))
        assert counted.several_places == (len({call.division_code for call in silent}) > 1)


def test_numbers_that_are_wrong_are_found_and_put_right(database: Database) -> None:
    alert_id, other = released(database), released(database, FIRE)
    assert database.read(progress_store.wrong) == []
    damage = (
        update(call_counts).where(call_counts.c.alert_id == alert_id).values(waiting=99),
        delete(call_counts).where(call_counts.c.alert_id == alert_id),
        insert(call_counts).values(
            dict.fromkeys(progress_store.NUMBERS, 1)
            | {"alert_id": alert_id, "division_code": PROVINCE}
        ),
    )
    for statement in damage:
        database.do(lambda c, statement=statement: c.execute(statement))
        assert database.read(progress_store.wrong) == [alert_id]
        assert database.do(lambda c: progress_store.recount(c, alert_id, NOW))
        assert agree(database)
        assert not database.do(lambda c: progress_store.recount(c, alert_id, NOW))
    assert database.read(lambda c: progress_store.differing(c, other)) == set()


def test_numbers_at_every_tier_are_those_of_the_divisions_below(database: Database) -> None:
    alert_id = released(database)

    def query(connection: Connection) -> None:
        wanted = ["", PROVINCE, COUNTY, TOWNSHIP, *VILLAGES]
        by_code = progress_store.of_divisions(connection, alert_id, wanted)
        assert [by_code[code].waiting for code in wanted] == [4, 4, 4, 4, 1, 1, 1]
        assert progress_store.of_divisions(connection, alert_id, [VILLAGES[2]]) == {
            VILLAGES[2]: by_code[VILLAGES[2]]
        }
        for tier in Tier:
            rows = progress_store.counts(connection, alert_id, tier=tier)
            assert sum(row.waiting for row in rows) == 4
        [row] = progress_store.counts(connection, alert_id, tier=Tier.COUNTY)
        assert row.division_code == COUNTY

    database.read(query)


def statements(connection: Connection, work: Callable[[Connection], Any]) -> list[str]:
    """The statements that ``work`` makes."""
    made: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        made.append(statement)

    event.listen(connection, "before_cursor_execute", note)
    try:
        work(connection)
    finally:
        event.remove(connection, "before_cursor_execute", note)
    return made


def test_a_look_at_the_cards_reads_no_call(database: Database) -> None:
    released(database)
    sent_all(database, 0)
    made = database.read(lambda c: statements(c, lambda c: stale_cards(c, NOW)))
    made += database.read(lambda c: statements(c, lambda c: stale_lists(c, NOW)))
    assert made and not [statement for statement in made if "FROM calls" in statement]


def ended(database: Database, number: int, state: State) -> None:
    """So many alerts of years ago with cards that show how they ended."""

    def unit(connection: Connection) -> None:
        [row] = connection.execute(select(alerts).limit(1)).mappings()
        past = NOW - timedelta(days=400)
        rows = [
            {
                **row,
                "id": 1000 + n,
                "identifier": f"old{n}",
                "state": state.value,
                "created_at": past,
                "expires_at": past,
                "closed_at": past,
                "cancelled_at": past if state is State.CANCELLED else None,
            }
            for n in range(number)
        ]
        connection.execute(insert(alerts), rows)
        connection.execute(
            insert(cards),
            [
                {
                    "alert_id": 1000 + n,
                    "chat_id": 5,
                    "division_code": "",
                    "message_id": n,
                    "shown": "closed 1 0 0 0",
                    "settled": True,
                }
                for n in range(number)
            ],
        )

    database.do(unit)


def test_cards_of_alerts_that_ended_are_not_looked_at_again(database: Database) -> None:
    alert_id = released(database)
    sent_all(database, 0)
    before = database.read(lambda c: statements(c, lambda c: stale_cards(c, NOW)))
    ended(database, 300, State.CLOSED)
    assert database.read(lambda c: statements(c, lambda c: stale_cards(c, NOW))) == before
    assert list(database.read(progress_card_store.unsettled)) == [alert_id]


def redrawn(database: Database) -> list[str]:
    """What the cards' tick draws."""
    stale = database.read(lambda c: stale_cards(c, NOW))
    database.do(lambda c: queue_edits(c, stale, NOW))
    return [outdated.shows.split()[0] for outdated in stale]


def test_a_card_is_drawn_once_for_each_way_its_alert_ends(database: Database) -> None:
    alert_id = released(database)
    sent_all(database, 0)
    redrawn(database)
    assert redrawn(database) == []
    by = database.read(person_of(COUNTY_COMMANDER))
    database.do(lambda c: close(c, alert_id, by, "都已转移", NOW))
    drawn = redrawn(database)
    assert set(drawn) == {"closed"}
    assert database.read(progress_card_store.unsettled) == {}
    database.do(lambda c: cancel(c, alert_id, by, NOW))
    assert redrawn(database) == ["cancelled"] * len(drawn)
    assert database.read(progress_card_store.unsettled) == {}


def test_an_alert_that_expires_settles_its_cards(database: Database) -> None:
    released(database)
    sent_all(database, 0)
    redrawn(database)
    database.do(lambda c: expire(c, NOW + timedelta(days=2)))
    assert set(redrawn(database)) == {"expired"}
    assert database.read(progress_card_store.unsettled) == {}


def test_an_alert_that_ends_while_its_card_is_drawn_is_drawn_again(database: Database) -> None:
    alert_id = released(database)
    sent_all(database, 0)
    redrawn(database)
    by = database.read(person_of(COUNTY_COMMANDER))
    database.do(lambda c: close(c, alert_id, by, "都已转移", NOW))
    stale = database.read(lambda c: stale_cards(c, NOW))
    database.do(lambda c: cancel(c, alert_id, by, NOW))
    database.do(lambda c: queue_edits(c, stale, NOW))  # closed, it says, and that is over
    assert set(redrawn(database)) == {"cancelled"}


def test_a_post_that_leaves_after_the_end_is_put_right(database: Database) -> None:
    alert_id = released(database)
    now = NOW + timedelta(minutes=1)
    taken = database.do(lambda c: claim(c, "test", now, dict.fromkeys(Lane, 1000), BOT_ID))
    by = database.read(person_of(COUNTY_COMMANDER))
    database.do(lambda c: cancel(c, alert_id, by, NOW))
    assert redrawn(database) == []
    attempts = [Attempt(delivery, Result.SENT, delivery.id) for delivery in taken]
    database.do(lambda c: record(c, attempts, RULES, now))
    assert set(redrawn(database)) == {"cancelled"}


def test_the_looks_of_every_few_seconds_use_their_indexes(database: Database) -> None:
    """However many alerts and cards of other years there are."""
    released(database)
    ended(database, 300, State.CLOSED)
    plans = database.read(
        lambda c: [
            plan_of(c, look)
            for look in (lambda c: stale_cards(c, NOW), lambda c: stale_lists(c, NOW))
        ]
    )
    text_of_all = "\n".join(plans)
    for name in ("cards_unsettled", "alerts_closed", "alerts_expires"):
        assert name in text_of_all
    for table in ("cards", "alerts", "calls", "deliveries"):
        assert f"SCAN {table}\n" not in text_of_all + "\n"


def plan_of(connection: Connection, work: Callable[[Connection], Any]) -> str:
    """How the database goes about the statements of ``work``."""
    if connection.dialect.name == "postgresql":
        pytest.skip("PostgreSQL reads tables this small as a whole")
    lines: list[str] = []

    def explain(
        _connection: Any, cursor: Any, statement: str, parameters: Any, *_rest: Any
    ) -> None:
        other = cursor.connection.cursor()
        other.execute(f"EXPLAIN QUERY PLAN {statement}", parameters)
        lines.extend(str(row[-1]) for row in other.fetchall())

    event.listen(connection, "before_cursor_execute", explain)
    try:
        work(connection)
    finally:
        event.remove(connection, "before_cursor_execute", explain)
    return "\n".join(lines)


def test_calls_of_an_earlier_release_are_counted_by_the_upgrade(empty_url: str) -> None:
    database = Database(empty_url)
    bring_to(database, "0015")
    database.do(fill_every_table)
    words = {"state": "waiting", "reach": "queued", "households": 2}
    database.do(lambda c: c.execute(update(calls).values(words)))
    ended_and_drawn = "UPDATE {} SET {} = 'closed{}' WHERE {} = 1"
    for table, column, more, key in (
        ("alerts", "state", "", "id"),
        ("cards", "shown", " 1 0 0 0", "alert_id"),
    ):
        statement = text(ended_and_drawn.format(table, column, more, key))
        database.do(lambda c, statement=statement: c.execute(statement))
    schema.upgrade(database)
    assert agree(database)
    total = select(func.sum(call_counts.c.waiting), func.sum(call_counts.c.households))
    assert tuple(database.read(lambda c: c.execute(total).one())) == (3, 6)
    assert set(database.read(progress_card_store.unsettled)) == {2, 3}
    database.close()
