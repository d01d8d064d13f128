"""A bot falls silent or speaks again: all its people are dealt with, some at a time, and only them.

The process may die between two parts; whoever is left is found again.
"""

from __future__ import annotations

from collections import Counter
from datetime import UTC, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, func, insert, select, update

from alerts import call_store
from alerts.accounts import tell_left
from alerts.acknowledge import by_button
from alerts.calls import Reach
from alerts.chase import sweep
from alerts.closing import close
from alerts.model import Draft, Hazard, Level
from alerts.outbox.deliveries import DeliveryState
from alerts.outbox.messages import MessageKind
from alerts.reach import bot_down, bot_up, falling_silent, lost, reached_again, silent
from alerts.release import release
from alerts.rules import Rules
from contacts import bot_store, people_store
from contacts.bots import Bot, Down
from contacts.people import Contact, Role
from contacts.roster.columns import RosterKind
from contacts.roster.comings import Spoken
from contacts.roster.importing import import_file
from contacts.roster.reading.people_list import Defaults
from data import audit
from data.database import Database
from data.tables.alerts import calls, deliveries
from data.tables.contacts import groups, people
from tests.roster import (
    BOT_ID,
    COUNTY,
    COUNTY_COMMANDER,
    FLOOD_GROUP,
    NOW,
    PROVINCE,
    TOWNSHIP_DUTY,
    VILLAGERS,
    VILLAGES,
    person,
)

RULES = Rules()
DRAFT = Draft(Level.RED, Hazard.RAINSTORM, (COUNTY,), "立即转移", headline="暴雨红色预警")
MORE = 30
OTHER_BOT = 1000000002
OF_OTHER_BOT = person(900, "别的机器人的人", VILLAGES[0], Role.VILLAGE_RESPONSIBLE)
UNLINKED = person(901, "没关联", VILLAGES[1], Role.VILLAGE_RESPONSIBLE, linked=False)
BLOCKED = person(902, "拉黑的", VILLAGES[1], Role.VILLAGE_RESPONSIBLE, contact=Contact.BLOCKED)


@pytest.fixture
def alert_id(database: Database) -> int:
    """A warning to some forty people of one bot, and three who are different."""

    def unit(connection: Connection) -> int:
        rows = [
            person(100 + n, f"村民{n}", VILLAGES[n % 3], Role.VILLAGE_RESPONSIBLE)
            for n in range(MORE)
        ]
        connection.execute(insert(people), [*rows, OF_OTHER_BOT, UNLINKED, BLOCKED])
        bot_store.configure(connection, [Bot(BOT_ID, PROVINCE), Bot(OTHER_BOT, COUNTY)], NOW)
        theirs = people.c.id != OF_OTHER_BOT["id"]
        connection.execute(update(people).where(theirs).values(bot_id=BOT_ID))
        connection.execute(update(groups).values(bot_id=BOT_ID))
        other = people.c.id == OF_OTHER_BOT["id"]
        connection.execute(update(people).where(other).values(bot_id=OTHER_BOT))
        by = people_store.person(connection, COUNTY_COMMANDER["id"])
        assert by is not None
        return release(connection, DRAFT, by, RULES, NOW).alert_id

    return database.do(unit)


def fall_silent(database: Database, limit: int = 7) -> int:
    moved = 0
    while database.read(lambda c: falling_silent(c, BOT_ID, Down.REVOKED)):
        moved += database.do(lambda c: bot_down(c, BOT_ID, Down.REVOKED, NOW, limit=limit))
    return moved


def speak_again(database: Database, minutes: float = 1, limit: int = 7) -> int:
    now, queued = NOW + timedelta(minutes=minutes), 0
    while database.read(lambda c: silent(c, BOT_ID)):
        queued += database.do(lambda c: bot_up(c, BOT_ID, RULES, now, limit=limit))
    return queued


def reaches(database: Database) -> Counter[str]:
    query = select(calls.c.reach, func.count()).group_by(calls.c.reach)
    return Counter(dict(tuple(row) for row in database.read(lambda c: c.execute(query).all())))


def waiting(database: Database, kind: MessageKind = MessageKind.CALL) -> list[int]:
    """Whose chats have such a message queued."""
    query = select(deliveries.c.person_id).where(
        deliveries.c.kind == kind.value, deliveries.c.state == DeliveryState.QUEUED.value
    )
    return sorted(database.read(lambda c: c.execute(query).scalars().all()))


# Three villagers, the township's head and the others; two of them could not be reached before.
OURS = MORE + 4


@pytest.mark.usefixtures("alert_id")
def test_a_silent_bot_moves_the_ladders_of_its_own_people_on(database: Database) -> None:
    assert fall_silent(database) == OURS
    assert reaches(database) == {"unreachable": OURS + 2, "queued": 1}
    assert waiting(database) == [OF_OTHER_BOT["id"]]
    due = select(func.count()).where(calls.c.due_at == NOW, calls.c.reach == "unreachable")
    assert database.read(lambda c: c.execute(due).scalar_one()) == OURS + 2
    assert fall_silent(database) == 0, "told again"
    contacts = dict(
        tuple(row)
        for row in database.read(
            lambda c: c.execute(
                select(people.c.contact, func.count()).group_by(people.c.contact)
            ).all()
        )
    )
    assert contacts["ok"] == 1 and contacts["blocked"] == 1
    group = select(groups.c.contact).where(groups.c.chat_id == FLOOD_GROUP)
    assert database.read(lambda c: c.execute(group).scalar_one()) == "bot_down"


@pytest.mark.usefixtures("alert_id")
@pytest.mark.one_database
def test_a_bot_that_speaks_again_calls_its_people_once(database: Database) -> None:
    fall_silent(database)
    assert speak_again(database) == OURS
    assert len(waiting(database)) == OURS + 1 == len(set(waiting(database)))
    assert reaches(database) == {"unreachable": 2, "queued": OURS + 1}
    assert speak_again(database) == 0
    contact = database.read(lambda c: people_store.person(c, BLOCKED["id"]))
    assert contact is not None and contact.contact is Contact.BLOCKED


@pytest.mark.usefixtures("alert_id")
def test_a_process_that_dies_between_two_parts_loses_nobody(database: Database) -> None:
    database.do(lambda c: bot_down(c, BOT_ID, Down.REVOKED, NOW, limit=7))
    assert database.read(lambda c: falling_silent(c, BOT_ID, Down.REVOKED))
    assert fall_silent(database) + 7 >= OURS
    assert reaches(database)["unreachable"] == OURS + 2
    database.do(lambda c: bot_up(c, BOT_ID, RULES, NOW, limit=7))
    assert database.read(lambda c: silent(c, BOT_ID)), "the next process sees it, and goes on"
    speak_again(database)
    assert len(waiting(database)) == OURS + 1 == len(set(waiting(database)))


@pytest.mark.usefixtures("alert_id")
@pytest.mark.one_database
def test_a_bot_that_falls_silent_while_it_is_heard_again_is_silent(database: Database) -> None:
    fall_silent(database)
    database.do(lambda c: bot_up(c, BOT_ID, RULES, NOW, limit=7))
    fall_silent(database)
    assert reaches(database)["unreachable"] == OURS + 2
    assert waiting(database) == [OF_OTHER_BOT["id"]]
    assert speak_again(database) == OURS


def test_who_has_answered_or_whose_warning_is_over_is_not_called_again(
    database: Database, alert_id: int
) -> None:
    def answer(connection: Connection) -> None:
        call = call_store.call_of(connection, alert_id, VILLAGERS[0]["id"])
        assert call is not None
        by_button(connection, call.id, VILLAGERS[0]["telegram_id"], RULES, NOW)

    database.do(answer)
    assert fall_silent(database) == OURS - 1
    assert speak_again(database) == OURS - 1
    fall_silent(database)
    by = database.read(lambda c: people_store.person(c, COUNTY_COMMANDER["id"]))
    database.do(lambda c: close(c, alert_id, by, "都已转移", NOW))
    assert speak_again(database) == 0


@pytest.mark.usefixtures("alert_id")
def test_ladders_go_on_from_where_each_stood(database: Database) -> None:
    """Some have climbed a rung while they could not be reached, some have not."""
    lost_one = VILLAGERS[1]["id"]
    database.do(lambda c: lost(c, lost_one, Contact.BLOCKED, RULES, NOW))
    while database.do(lambda c: sweep(c, RULES, NOW + timedelta(seconds=1))):
        pass

    def back(connection: Connection) -> int:
        people_store.set_contact(connection, {lost_one: Contact.OK}, NOW)
        return reached_again(connection, [lost_one], RULES, NOW + timedelta(minutes=1))

    assert database.do(back) == 1
    assert database.do(back) == 0, "once"
    query = select(calls.c.reach, calls.c.steps, calls.c.due_at)
    reach, steps, due_at = database.read(
        lambda c: c.execute(query.where(calls.c.person_id == lost_one)).one()
    )
    # The stand-in and the duty officer were told; what is left counts from the release.
    assert (reach, steps) == (Reach.QUEUED.value, 2 | 4)
    assert due_at == NOW + timedelta(minutes=15)


@pytest.mark.usefixtures("alert_id")
def test_a_call_that_waits_already_is_not_queued_twice(database: Database) -> None:
    who = VILLAGERS[2]["id"]

    def blocked_and_back(connection: Connection) -> int:
        lost(connection, who, Contact.BLOCKED, RULES, NOW)
        people_store.set_contact(connection, {who: Contact.OK}, NOW)
        return reached_again(connection, [who, TOWNSHIP_DUTY["id"]], RULES, NOW)

    assert database.do(blocked_and_back) == 1
    assert database.do(blocked_and_back) == 0
    key = select(func.count()).where(deliveries.c.coalesce_key.startswith("again:"))
    assert database.read(lambda c: c.execute(key).scalar_one()) == 1


@pytest.mark.usefixtures("alert_id")
def test_the_trail_tells_each_change_of_the_bot_once(database: Database) -> None:
    fall_silent(database)
    speak_again(database)
    trail = database.read(lambda c: list(audit.trail(c, f"bot:{BOT_ID}")))
    assert [entry["action"] for entry in trail][-2:] == ["bot.down", "bot.up"]


def test_who_leaves_is_called_no_more_and_the_ladder_moves_on(
    database: Database, alert_id: int, tmp_path: Path
) -> None:
    """Of two who leave by a file, by its word or as somebody's predecessor; nobody else's call."""
    first, second, kept = VILLAGERS[:3]
    header = "name,phone,division_code,role,rank\n"

    def row(person: dict[str, Any], name: str = "") -> str:
        cells = (name or person["name"], person["phone"], person["division_code"], person["role"])
        return ",".join(cells) + f",{person['rank']}\n"

    file = tmp_path / "people.csv"
    file.write_text(header + row(second, "继任") + row(kept), encoding="utf-8")
    spoken = Spoken(successors=frozenset({second["phone"]}), retire_missing=True, threshold=100)
    report = import_file(
        database,
        RosterKind.PEOPLE,
        file,
        NOW,
        zone=UTC,
        said=Defaults(area=first["division_code"]),
        spoken=spoken,
        after_leaving=tell_left,
    )
    assert not report.written, "the others lie outside the area"
    report = import_file(
        database,
        RosterKind.PEOPLE,
        file,
        NOW,
        zone=UTC,
        said=Defaults(area=COUNTY),
        spoken=spoken,
        after_leaving=tell_left,
    )
    assert report.written
    gone = {person.id for person in (*report.comings.leaving, *report.comings.succeeded)}
    assert {first["id"], second["id"]} <= gone and kept["id"] not in gone
    query = select(calls.c.person_id, calls.c.reach, calls.c.due_at).where(
        calls.c.alert_id == alert_id, calls.c.person_id.in_([first["id"], second["id"], kept["id"]])
    )
    found = {row.person_id: row for row in database.read(lambda c: c.execute(query).all())}
    for gone_id in (first["id"], second["id"]):
        assert found[gone_id].reach == Reach.UNREACHABLE.value
        assert found[gone_id].due_at <= NOW
    assert found[kept["id"]].reach != Reach.UNREACHABLE.value
