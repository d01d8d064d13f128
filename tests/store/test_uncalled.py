"""What a warning is for is villages: those in which nobody can be called are counted, and said."""

from __future__ import annotations

import pytest
from sqlalchemy import Connection, delete, func, insert, select, update

from alerts import large_release, release_store, uncalled_store
from alerts import release as releasing
from alerts.model import Draft, Hazard, Level
from alerts.preview import preview
from alerts.release import release
from alerts.rules import Rules
from contacts import people_store
from contacts.divisions.codes import code_range
from contacts.people import Contact, Person, Role
from data.database import Database
from data.tables.contacts import divisions, people
from tests.roster import COUNTY, COUNTY_COMMANDER, NOW, TOWNSHIP, VILLAGERS, VILLAGES, person

RULES = Rules()


def draft(*areas: str) -> Draft:
    return Draft(Level.RED, Hazard.RAINSTORM, areas, "立即转移", headline="暴雨红色预警")


def commander(connection: Connection) -> Person:
    by = people_store.person(connection, COUNTY_COMMANDER["id"])
    assert by is not None
    return by


def villages_in(connection: Connection, code: str) -> int:
    low, high = code_range(code)
    query = select(func.count()).where(
        divisions.c.level == "village", divisions.c.code.between(low, high)
    )
    return int(connection.execute(query).scalar_one())


@pytest.mark.parametrize("area", [COUNTY, TOWNSHIP])
def test_the_preview_and_the_warning_say_the_same(database: Database, area: str) -> None:
    def unit(connection: Connection) -> tuple[int, int, int]:
        by = commander(connection)
        seen = preview(connection, draft(area), by, RULES).uncalled
        alert_id = release(connection, draft(area), by, RULES, NOW).alert_id
        kept = uncalled_store.villages(connection, alert_id)
        return seen, kept, villages_in(connection, area)

    seen, kept, every = database.do(unit)
    assert seen == kept == every - len(VILLAGES) > 0


def test_who_cannot_be_reached_is_called_all_the_same(database: Database) -> None:
    """They are on the list to be telephoned: their village is not forgotten."""

    def unit(connection: Connection) -> int:
        blocked = update(people).where(people.c.id == VILLAGERS[0]["id"])
        connection.execute(blocked.values(contact=Contact.BLOCKED.value))
        alert = release(connection, draft(*VILLAGES), commander(connection), RULES, NOW)
        return uncalled_store.villages(connection, alert.alert_id)

    assert database.do(unit) == 0


def test_two_persons_of_a_village_are_one_village(database: Database) -> None:
    def unit(connection: Connection) -> int:
        more = [person(100 + n, f"二{n}", VILLAGES[0], Role.VILLAGE_RESPONSIBLE) for n in range(3)]
        connection.execute(insert(people), more)
        connection.execute(delete(people).where(people.c.id == VILLAGERS[2]["id"]))
        alert = release(connection, draft(*VILLAGES), commander(connection), RULES, NOW)
        return uncalled_store.villages(connection, alert.alert_id)

    assert database.do(unit) == 1


def test_it_is_counted_for_each_viewer(database: Database) -> None:
    def unit(connection: Connection) -> tuple[dict[int, int], int]:
        alert = release(connection, draft(COUNTY), commander(connection), RULES, NOW)
        low, high = code_range(TOWNSHIP)
        found = uncalled_store.of_alerts(connection, [alert.alert_id], low, high)
        return found, villages_in(connection, TOWNSHIP)

    found, every = database.do(unit)
    assert list(found.values()) == [every - len(VILLAGES)]


def test_it_is_kept_as_it_was_at_the_release(database: Database) -> None:
    def unit(connection: Connection) -> tuple[int, int]:
        alert = release(connection, draft(COUNTY), commander(connection), RULES, NOW)
        before = uncalled_store.villages(connection, alert.alert_id)
        code = connection.execute(
            select(divisions.c.code).where(
                divisions.c.level == "village", divisions.c.code.between(*code_range(COUNTY))
            )
        ).scalars()
        new = next(found for found in code if found not in VILLAGES)
        connection.execute(insert(people), [person(150, "新人", new, Role.VILLAGE_RESPONSIBLE)])
        return before, uncalled_store.villages(connection, alert.alert_id)

    before, after = database.do(unit)
    assert before == after


def test_a_large_release_counts_when_all_are_called(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(releasing, "MOST_AT_ONCE", 1)

    def begin(connection: Connection) -> int:
        return release(connection, draft(COUNTY), commander(connection), RULES, NOW).alert_id

    alert_id = database.do(begin)
    assert database.read(lambda c: uncalled_store.villages(c, alert_id)) == 0
    while database.do(lambda c: large_release.carry_on(c, RULES, NOW, limit=2)):
        continue
    assert database.read(lambda c: release_store.first(c, but=[])) is None
    every = database.read(lambda c: villages_in(c, COUNTY))
    kept = database.read(lambda c: uncalled_store.villages(c, alert_id))
    assert kept == every - len(VILLAGES)
