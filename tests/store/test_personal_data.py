"""What is stored about somebody can be given out and taken away, and the trail stays whole."""

from __future__ import annotations

import json
from contextlib import closing
from dataclasses import replace
from datetime import UTC, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from alerts.history.archiving import Archiving
from alerts.model import Draft, Hazard, Level
from alerts.release import release
from alerts.rules import Rules
from contacts import access_log_store, link_store, people_store
from contacts.access_log_store import Look, Shown, Way
from contacts.personal_store import ERASED_NAME, erase, everything_about
from contacts.roster.columns import RosterKind
from contacts.roster.importing import import_file
from data import audit
from data.database import Database
from data.errors import NotFound
from data.tables import metadata
from data.tables.contacts import people
from data.tables.patrol import positions
from data.tables.running import audit as trail
from data.tables.running import conversations
from tests.roster import COUNTY, COUNTY_COMMANDER, NOW, VILLAGERS, fill
from tests.stories.command_line import CommandLine

HEAD, OTHER = VILLAGERS[0], VILLAGERS[1]
PEOPLE = "name,phone,division_code,role,rank\n{name},{phone},222403101200,village_responsible,1\n"


@pytest.fixture
def busy(database: Database) -> Database:
    """A warning was released, and two heads reported where they are."""

    def unit(c) -> None:
        by = people_store.person(c, COUNTY_COMMANDER["id"])
        assert by is not None
        release(c, Draft(Level.YELLOW, Hazard.RAINSTORM, (COUNTY,), "注意"), by, Rules(), NOW)
        for number, row in enumerate((HEAD, OTHER), start=1):
            spot = {"lon": 128.0, "lat": 43.0, "taken_at": NOW, "received_at": NOW, "doubts": []}
            kind = {"id": number, "person_id": row["id"], "source": "single", "verdict": "ok"}
            known = {key: value for key, value in (spot | kind).items() if key in positions.c}
            c.execute(positions.insert().values(known))

    database.do(unit)
    return database


def everything(database: Database) -> str:
    """All rows of all tables, as text."""
    return database.read(
        lambda c: "\n".join(
            str(tuple(row)) for table in metadata.sorted_tables for row in c.execute(select(table))
        )
    )


@pytest.mark.one_database
def test_all_about_one_person_and_nothing_of_others(busy: Database) -> None:
    told = busy.read(lambda c: everything_about(c, HEAD["id"]))
    assert [row["name"] for row in told["people"]] == [HEAD["name"]]
    assert told["people"][0]["phone"] == HEAD["phone"]
    assert "invite_code" not in told["people"][0]
    assert len(told["calls"]) == 1 and len(told["positions"]) == 1
    assert set(told["deliveries"][0]) <= {"kind", "created_at", "sent_at"}
    for row in (OTHER, COUNTY_COMMANDER):
        assert row["name"] not in str(told) and row["phone"] not in str(told)


def test_who_looked_and_what_is_being_written_are_told_too(busy: Database) -> None:
    def unit(c) -> None:
        look = Look(NOW, COUNTY_COMMANDER["id"], HEAD["id"], Shown.PHONE, Way.BOT)
        access_log_store.note(c, [look, replace(look, subject_id=OTHER["id"])])
        dialog = {"topic": "release", "state": {}, "updated_at": NOW}
        for row in (HEAD, OTHER):
            c.execute(conversations.insert().values(telegram_id=row["telegram_id"], **dialog))

    busy.do(unit)
    told = busy.read(lambda c: everything_about(c, HEAD["id"]))
    assert [row["viewer_id"] for row in told["access_log"]] == [COUNTY_COMMANDER["id"]]
    assert [row["telegram_id"] for row in told["conversations"]] == [HEAD["telegram_id"]]


def test_what_was_archived_is_told_too_or_nothing_is(tmp_path: Path) -> None:
    file = tmp_path / "story.db"
    row = f"VALUES ('call', 1, 0, 'sent', {HEAD['telegram_id']}, {HEAD['id']}, 1, 1, 1)"
    with closing(Database(f"sqlite:///{file}", synchronous="off")) as database:
        fill(database)
        columns = "kind, lane, place, state, chat_id, person_id, not_before, created_at, sent_at"
        statement = f"INSERT INTO deliveries ({columns}) {row}"
        database.do(lambda c: c.exec_driver_sql(statement) and None)
        entry = audit.Entry("person.language", f"person:{HEAD['id']}", HEAD["id"])
        database.do(lambda c: audit.append(c, NOW, [entry]))
        before = database.read(lambda c: everything_about(c, HEAD["id"]))
        Archiving(database, NOW + timedelta(days=400), NOW + timedelta(days=500)).run()
        database.do(lambda c: audit.append(c, NOW, [entry]))
        after = database.do(lambda c: everything_about(c, HEAD["id"]))
        assert after["deliveries"] == before["deliveries"] and len(after["deliveries"]) == 1
        assert [entry["action"] for entry in after["trail"]] == ["person.language"] * 2
    file.with_name("story.history.db").rename(tmp_path / "elsewhere.db")
    with (
        closing(Database(f"sqlite:///{file}", synchronous="off")) as database,
        pytest.raises(NotFound),
    ):
        database.do(lambda c: everything_about(c, HEAD["id"]))


def test_who_is_erased_is_nowhere_and_what_they_did_stays(busy: Database) -> None:
    calls = busy.read(lambda c: everything_about(c, HEAD["id"]))["calls"]
    assert busy.do(lambda c: erase(c, HEAD["id"], NOW))
    assert not busy.do(lambda c: erase(c, HEAD["id"], NOW))
    assert not busy.do(lambda c: erase(c, 9999, NOW))
    left = everything(busy)
    for trace in (f"'{HEAD['name']}'", HEAD["phone"]):
        assert trace not in left
    told = busy.read(lambda c: everything_about(c, HEAD["id"]))
    assert told["people"][0]["name"] == ERASED_NAME
    assert told["people"][0]["telegram_id"] is None
    assert told["calls"] == calls
    assert "positions" not in told
    assert not busy.read(lambda c: link_store.is_blocked(c, HEAD["telegram_id"]))
    assert busy.read(lambda c: len(everything_about(c, OTHER["id"])["positions"])) == 1
    assert busy.read(audit.verify).broken is None


def test_the_trail_never_holds_a_number(database: Database, tmp_path: Path) -> None:
    file = tmp_path / "people.csv"
    number = "+8619912345678"
    for name, phone in (("王新", number), (HEAD["name"] + "改", HEAD["phone"])):
        file.write_text(PEOPLE.format(name=name, phone=phone), encoding="utf-8")
        import_file(database, RosterKind.PEOPLE, file, NOW, zone=UTC)
    details = database.read(lambda c: list(c.execute(select(trail.c.detail)).scalars()))
    assert not any("19912345678" in detail or HEAD["phone"] in detail for detail in details)
    added = [json.loads(detail) for detail in details if '"phone"' in detail]
    keyed = database.do(lambda c: audit.hidden(c, number))
    assert [detail["phone"] for detail in added] == [keyed]
    assert keyed != database.do(lambda c: audit.hidden(c, HEAD["phone"]))
    assert database.read(lambda c: people_store.person_by_phone(c, number)) is not None


@pytest.mark.one_database
def test_a_number_that_was_erased_may_come_back_as_somebody_new(
    database: Database, tmp_path: Path
) -> None:
    database.do(lambda c: erase(c, HEAD["id"], NOW))
    file = tmp_path / "people.csv"
    file.write_text(PEOPLE.format(name="新人", phone=HEAD["phone"]), encoding="utf-8")
    import_file(database, RosterKind.PEOPLE, file, NOW, zone=UTC)
    newcomer = database.read(lambda c: people_store.person_by_phone(c, HEAD["phone"]))
    assert newcomer is not None and newcomer.id != HEAD["id"]
    erased = database.read(lambda c: people_store.person(c, HEAD["id"]))
    assert erased is not None and not erased.active


def test_by_command_who_ran_it_is_in_the_trail(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'story.db'}", synchronous="normal")
    fill(database)
    jiaoying = CommandLine(tmp_path)
    shown = jiaoying.run("person", "export", HEAD["phone"])
    assert json.loads(shown.out)["people"][0]["name"] == HEAD["name"]
    done = jiaoying.run("person", "export", HEAD["phone"], "--output", "of_him.json")
    assert done.code == 0
    assert (tmp_path / "of_him.json").stat().st_mode & 0o077 == 0
    assert jiaoying.run("person", "export", HEAD["phone"], "--output", "no/such.json").code == 1
    assert "已删除" in jiaoying.run("person", "erase", HEAD["phone"]).out
    assert jiaoying.run("person", "erase", HEAD["phone"]).code == 1  # nobody has that number now
    rows = database.read(lambda c: list(audit.trail(c, f"person:{HEAD['id']}")))
    assert [row["action"] for row in rows][-1] == "person.erased"
    for row in rows:
        assert row["detail"]["via"] == "command_line"
        assert row["detail"]["os_user"] and row["detail"]["host"]
    assert database.read(audit.verify).broken is None
    # The bot's own entries say the person who acted, and no machine.
    database.do(lambda c: audit.append(c, NOW, [audit.Entry("x", "y", 1)]))
    assert database.read(lambda c: list(audit.trail(c, "y")))[0]["detail"] == {}
    assert database.read(lambda c: c.execute(select(people.c.id)).first()) is not None
    database.close()
