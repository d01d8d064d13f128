"""People, groups, audiences and duty as they are stored in the database."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import insert, select

from contacts import coverage_store, duty_store, group_store, people_store
from contacts.coverage import GapReason
from contacts.divisions.store import load_gazetteer
from contacts.groups import Group, Purpose, hears_of, tiers_above
from contacts.people import Contact, Role
from contacts.roster import store as roster_store
from contacts.targeting import audience
from contacts.targeting_store import audience_query, stand_ins
from data import audit, tables
from data.database import Database
from data.schema import missing_tables

PROVINCE, CITY, COUNTY = "220000000000", "222400000000", "222403000000"
TOWNSHIP, VILLAGE, VILLAGE_2 = "222403001000", "222403001001", "222403001002"
NOW = datetime(2026, 7, 1, tzinfo=UTC)
HOUR = timedelta(hours=1)
VR = Role.VILLAGE_RESPONSIBLE


@pytest.fixture
def database(upgraded_url: str) -> Iterator[Database]:
    database = Database(upgraded_url, synchronous="normal")
    yield database
    database.close()


def enter(database: Database, *people: tuple[Any, ...], **values: Any) -> None:
    """Persons as (id, division, role[, rank]); linked to the account of their id."""
    rows = [
        {
            "id": person_id,
            "name": f"人{person_id}",
            "phone": f"+861390000{person_id:04}",
            "division_code": division,
            "role": role.value,
            "rank": rank[0] if rank else 1,
            "telegram_id": person_id,
            "invite_code": f"code{person_id}",
            "active": True,
            "contact": "ok",
            **values,
        }
        for person_id, division, role, *rank in people
    ]
    database.do(
        lambda connection: connection.execute(insert(tables.contacts.people), rows) and None
    )


def called(database: Database, areas: list[str], *roles: Role) -> list[int]:
    wanted = audience(areas, roles or Role)
    return sorted(database.read(lambda c: [row.id for row in c.execute(audience_query(wanted))]))


def actions(database: Database) -> list[str]:
    query = select(tables.running.audit.c.action).order_by(tables.running.audit.c.seq)
    return database.read(lambda connection: list(connection.execute(query).scalars()))


def test_a_person_is_found_by_each_of_their_names(database: Database) -> None:
    enter(database, (7, VILLAGE, VR))
    found = database.read(lambda c: people_store.person(c, 7))
    assert found is not None
    assert found.role is VR
    assert found.reachable
    for same in (
        database.read(lambda c: people_store.person_by_phone(c, "+8613900000007")),
        database.read(lambda c: people_store.person_by_telegram(c, 7)),
        database.read(lambda c: people_store.person_by_invite(c, "code7")),
        database.read(lambda c: people_store.people(c, [7, 8])[7]),
        database.read(lambda c: people_store.people_of(c, VILLAGE, [VR])[0]),
        database.read(lambda c: people_store.people_within(c, COUNTY)[0]),
    ):
        assert same == found
    assert database.read(lambda c: people_store.person(c, 8)) is None


def test_searching_takes_text_as_it_is(database: Database) -> None:
    enter(database, (1, VILLAGE, VR), name="百分%之_李")
    enter(database, (2, VILLAGE, VR), name="王五")
    enter(database, (3, "222404001001", VR), name="李四", other_phones="+864333230001x8")

    def found(text: str, areas: list[str] | None = None) -> list[int]:
        return database.read(
            lambda c: [person.id for person in people_store.search_people(c, text, areas)]
        )

    assert found("李") == [1, 3]
    assert found("李", [COUNTY]) == [1]
    assert found("%") == [1]
    assert found("_") == [1]
    assert found("0002") == [2]
    assert found("0433-3230001") == found("3230001") == [3], "a further number"
    assert found("  ") == []
    assert found("'; DROP TABLE people") == []


def test_only_the_best_rank_of_each_post_is_called(database: Database) -> None:
    enter(
        database,
        (1, VILLAGE, VR, 1),
        (2, VILLAGE, VR, 2),
        (3, VILLAGE_2, VR, 3),
        (4, VILLAGE_2, VR, 3),
        (5, VILLAGE_2, VR, 4),
        (6, VILLAGE_2, Role.RANGER, 5),
        (7, TOWNSHIP, VR, 2),
    )
    assert called(database, [COUNTY]) == [1, 3, 4, 6, 7]
    assert called(database, [VILLAGE_2], VR) == [3, 4]
    assert called(database, [COUNTY], Role.COMMANDER) == []
    assert called(database, []) == []


def test_somebody_gone_is_not_called_and_blocks_nobody(database: Database) -> None:
    enter(database, (1, VILLAGE, VR, 1), active=False)
    enter(database, (2, VILLAGE, VR, 2))
    assert called(database, [VILLAGE]) == [2]


def test_many_areas_select_as_few_do(database: Database) -> None:
    villages = [f"222403001{n:03}" for n in range(1, 60)]
    enter(database, *[(n, code, VR) for n, code in enumerate(villages, start=1)])
    enter(database, (100, "222404001001", VR), (101, TOWNSHIP, VR))
    areas = [*villages[:50], "220100000000", "222405000000"]
    assert called(database, areas) == list(range(1, 51))
    assert called(database, [*areas, "222404000000"]) == [*range(1, 51), 100]


def test_stand_ins_are_the_next_rank(database: Database) -> None:
    enter(
        database,
        (1, VILLAGE, VR, 1),
        (2, VILLAGE, VR, 3),
        (3, VILLAGE, VR, 3),
        (4, VILLAGE_2, VR, 1),
        (5, VILLAGE, Role.RANGER, 2),
    )
    here, there = (VILLAGE, VR, ""), (VILLAGE_2, VR, "")
    calls = [(here, 1), (there, 1), (here, 3)]
    found = database.read(lambda c: stand_ins(c, calls))
    assert {key: [person.id for person in people] for key, people in found.items()} == {
        (here, 1): [2, 3]
    }
    found = database.read(lambda c: stand_ins(c, calls, excluding=[2]))
    assert [person.id for person in found[here, 1]] == [3]
    assert database.read(lambda c: stand_ins(c, calls, excluding=[2, 3])) == {}


def test_what_a_send_taught_is_kept_and_audited_once(database: Database) -> None:
    enter(database, (1, VILLAGE, VR), (2, VILLAGE, VR))
    learned = {1: Contact.BLOCKED, 2: Contact.OK, 99: Contact.BLOCKED}
    assert database.do(lambda c: people_store.set_contact(c, learned, NOW)) == 1
    assert database.do(lambda c: people_store.set_contact(c, learned, NOW)) == 0
    person = database.read(lambda c: people_store.person(c, 1))
    assert person is not None
    assert person.contact is Contact.BLOCKED
    assert not person.reachable
    assert actions(database) == ["person.contact"]


def test_groups_of_an_area_and_of_the_nearest_division(database: Database) -> None:
    groups = [
        Group(-1, "县", COUNTY, Purpose.ALL),
        Group(-2, "乡", TOWNSHIP, Purpose.FLOOD),
        Group(-3, "乡火", TOWNSHIP, Purpose.FIRE),
        Group(-4, "市", CITY, Purpose.ALL),
    ]
    for group in groups:
        assert database.do(lambda c, group=group: group_store.save_group(c, group, NOW))
    assert not database.do(lambda c: group_store.save_group(c, groups[0], NOW))

    ranges = audience([COUNTY], Role).ranges

    def posted(purpose: str) -> list[int]:
        return database.read(
            lambda c: sorted(group.chat_id for group in group_store.groups_for(c, ranges, purpose))
        )

    def nearest(code: str, purpose: str | None = None) -> list[int]:
        return database.read(
            lambda c: sorted(
                group.chat_id for group in group_store.groups_containing(c, code, purpose)
            )
        )

    assert posted("flood") == [-2, -1]
    assert posted("fire") == [-3, -1]
    assert posted("all") == [-3, -2, -1]

    # A warning for a village is read by the township's groups and the county's, not the city's.
    village, above = audience([VILLAGE], Role).ranges, tiers_above([VILLAGE])
    heard = database.read(lambda c: group_store.groups_for(c, village, "flood", above))
    assert sorted(group.chat_id for group in heard) == [-2, -1]
    assert [hears_of(group, [VILLAGE]) for group in groups] == [True, True, True, False]
    assert [hears_of(group, [CITY]) for group in groups] == [True, True, True, True]
    assert nearest(VILLAGE) == [-3, -2]
    assert nearest(VILLAGE, "flood") == [-2]
    assert nearest("222404001001") == [-4]
    assert nearest("220100000000") == []
    assert database.do(lambda c: group_store.mark_group(c, -2, Contact.REMOVED, NOW))
    assert not database.do(lambda c: group_store.mark_group(c, -2, Contact.REMOVED, NOW))
    assert posted("flood") == [-1]
    assert nearest(VILLAGE, "flood") == [-1]


def test_a_group_that_becomes_a_supergroup_moves_once(database: Database) -> None:
    group = Group(-1, "县", COUNTY, Purpose.ALL)
    database.do(lambda c: group_store.save_group(c, group, NOW))
    assert database.do(lambda c: group_store.migrate_group(c, -1, -1001, NOW))
    assert not database.do(lambda c: group_store.migrate_group(c, -1, -1001, NOW))
    assert database.read(lambda c: group_store.group(c, -1)) is None
    moved = database.read(lambda c: group_store.group(c, -1001))
    assert moved == Group(-1001, "县", COUNTY, Purpose.ALL)
    assert actions(database) == ["group.added", "group.migrated"]


def test_officers_and_commanders_of_many_divisions_at_once(database: Database) -> None:
    enter(
        database,
        (1, TOWNSHIP, Role.DUTY_OFFICER),
        (2, COUNTY, Role.DUTY_OFFICER),
        (3, COUNTY, Role.STAFF),
        (4, COUNTY, Role.COMMANDER),
        (5, PROVINCE, Role.DUTY_OFFICER),
    )
    shift = {
        "person_id": 3,
        "division_code": COUNTY,
        "starts_at": NOW,
        "ends_at": NOW + HOUR,
    }
    database.do(lambda c: c.execute(insert(tables.contacts.shifts), [shift]) and None)
    codes = [VILLAGE, VILLAGE_2, TOWNSHIP, CITY, PROVINCE, "220102001001"]

    def officers(now: datetime) -> dict[str, list[int]]:
        found = database.read(lambda c: duty_store.officers_above_many(c, codes, now))
        return {code: [person.id for person in people] for code, people in found.items()}

    assert officers(NOW) == {
        VILLAGE: [1],
        VILLAGE_2: [1],
        TOWNSHIP: [3],
        CITY: [5],
        PROVINCE: [5],
        "220102001001": [5],
    }
    assert officers(NOW + HOUR)[TOWNSHIP] == [2]
    for code in codes:
        above = database.read(lambda c, code=code: duty_store.officers_above(c, code, NOW))
        assert [person.id for person in above] == officers(NOW)[code]
    commanders = database.read(lambda c: duty_store.commanders_above_many(c, codes))
    assert [person.id for person in commanders[VILLAGE]] == [4]
    assert [person.id for person in commanders[TOWNSHIP]] == [4]
    assert commanders[CITY] == []
    help_goes_to = database.read(lambda c: duty_store.duty_officers(c, VILLAGE, NOW))
    assert [person.id for person in help_goes_to] == [3]
    assert database.read(lambda c: duty_store.duty_divisions(c, 3, NOW)) == {COUNTY}
    assert database.read(lambda c: duty_store.duty_divisions(c, 3, NOW + HOUR)) == frozenset()


def test_those_who_may_confirm_hold_every_area(database: Database) -> None:
    enter(
        database,
        (1, COUNTY, Role.COMMANDER),
        (2, "222404000000", Role.COMMANDER),
        (3, CITY, Role.DIRECTOR),
        (4, CITY, Role.STAFF),
    )
    enter(database, (5, CITY, Role.COMMANDER), telegram_id=None)

    def confirming(*areas: str) -> list[int]:
        return database.read(lambda c: [person.id for person in duty_store.commanders_of(c, areas)])

    assert confirming(TOWNSHIP) == [1, 3]
    assert confirming(TOWNSHIP, "222404000000") == [3]
    assert confirming(PROVINCE) == []
    assert confirming() == []


def test_shipped_divisions_are_entered_once(database: Database) -> None:
    assert database.do(lambda c: roster_store.seed_divisions(c, NOW)) == 13_014
    assert database.do(lambda c: roster_store.seed_divisions(c, NOW)) == 0
    assert actions(database) == ["import.divisions"]
    gazetteer = database.read(load_gazetteer)
    assert gazetteer.path(VILLAGE) == "延边州 敦化市 渤海街道 红旗社区"
    assert database.read(missing_tables) == []
    assert database.read(audit.verify).broken is None


def test_villages_where_nobody_can_be_reached(database: Database) -> None:
    database.do(lambda c: roster_store.seed_divisions(c, NOW))
    enter(database, (1, VILLAGE, VR), (2, COUNTY, Role.DUTY_OFFICER), (3, CITY, Role.STAFF))
    enter(database, (4, VILLAGE_2, VR), telegram_id=None)
    enter(database, (5, "222403001003", VR), contact="blocked")
    enter(database, (6, "222403001009", VR), active=False)
    ready = database.read(coverage_store.readiness)
    coverage = ready.coverage
    assert (ready.persons, ready.linked, ready.unlinked, ready.unreachable) == (5, 4, 1, 1)
    assert [county.code for county in coverage.counties] == [COUNTY], "other counties sleep yet"
    assert coverage.counties_unused == 68
    assert coverage.covered == 1
    assert len(coverage.gaps) == coverage.villages - 1
    reasons = {gap.code: gap.reason for gap in coverage.gaps}
    assert VILLAGE not in reasons
    assert reasons[VILLAGE_2] is GapReason.NOT_LINKED
    assert reasons["222403001003"] is GapReason.UNREACHABLE
    assert reasons["222403001009"] is GapReason.NOBODY
    assert [each.code for each in ready.without_duty_officer] == [PROVINCE, CITY]
    township = database.read(lambda c: coverage_store.coverage(c, TOWNSHIP))
    assert {gap.code[:9] for gap in township.gaps} == {TOWNSHIP[:9]}
    assert township.covered == 1
