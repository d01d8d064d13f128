"""A warning for thousands of villages one by one, and for places outside of them."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy import insert, select

from alerts import alert_store
from alerts import release as releasing
from alerts.large_release import anything_unfinished, carry_on
from alerts.model import Draft, Hazard, Level
from alerts.preview import MOST_AREAS, preview
from alerts.release import release
from alerts.rules import Rules
from alerts.same_warnings import same_in_force
from contacts import bot_store, people_store, place_store
from contacts.access import Access
from contacts.divisions.codes import overlap
from contacts.divisions.store import children_of
from contacts.people import Person, Role
from data.database import Connection, Database
from data.errors import NotAllowed
from data.tables.alerts import calls
from data.tables.contacts import people, places
from tests.roster import COUNTY, NOW, OTHER_COUNTY, TOWNSHIP, VILLAGES, person

RULES = Rules()
# More than SQLite takes in one chain of conditions; all but two of them are no villages of ours.
MANY = (*VILLAGES[:2], *(f"222403{900 + n // 99:03d}{900 + n % 99:03d}" for n in range(1_500)))
DRAFT = Draft(Level.ORANGE, Hazard.RAINSTORM, (*VILLAGES[:2],), "立即转移", headline="暴雨橙色预警")


def commander(c: Connection, code: str = COUNTY) -> Person:
    return people_store.people_of(c, code, [Role.COMMANDER])[0]


def whom_called(database: Database, draft: Draft) -> set[str]:
    def unit(c: Connection) -> set[str]:
        released = release(c, draft, commander(c), RULES, NOW)
        query = select(people.c.name).join(calls, calls.c.person_id == people.c.id)
        return set(c.execute(query.where(calls.c.alert_id == released.alert_id)).scalars())

    return database.do(unit)


def test_thousands_of_villages_are_one_warning(database: Database) -> None:
    known = database.read(lambda c: alert_store.known_divisions(c, MANY))
    assert known == set(VILLAGES[:2])
    by = database.read(commander)
    # The county's own villages, as the divisions file has them, and enough to be many.
    villages = tuple(sorted(database.read(lambda c: _villages(c, COUNTY))))
    assert 32 < len(villages) <= MOST_AREAS
    draft = replace(DRAFT, areas=villages)
    seen = database.read(lambda c: preview(c, draft, by, RULES, NOW))
    assert seen.persons == 3 and seen.groups == 1
    assert not database.read(lambda c: place_store.any_within(c, MANY))
    assert whom_called(database, draft) == {"村长0", "村长1", "村长2"}
    assert len(database.read(lambda c: same_in_force(c, DRAFT, by, NOW))) == 1
    assert overlap(MANY, [TOWNSHIP]) and not overlap(MANY, ["220100000000"])


def test_a_place_outside_the_areas_is_called_besides_and_only_by_whom_may(
    database: Database,
) -> None:
    def enter(c: Connection) -> None:
        rows = [
            {"code": code, "kind": "reservoir", "name": code, "division_code": division}
            for code, division in (("R1", TOWNSHIP), ("R2", OTHER_COUNTY))
        ]
        c.execute(insert(places), rows)
        head = person(300, "库长", TOWNSHIP, Role.RESERVOIR_HEAD) | {"place_code": "R1"}
        c.execute(insert(people), [head])
        bot_store.assign(c)

    database.do(enter)
    assert whom_called(database, DRAFT) == {"村长0", "村长1"}
    besides = replace(DRAFT, areas=VILLAGES[1:2], besides=("R1",), shape='{"type":"Polygon"}')
    assert whom_called(database, besides) == {"村长1", "库长"}
    stored = database.read(lambda c: alert_store.alerts(c))[0]
    assert (stored.besides, stored.shape) == (("R1",), '{"type":"Polygon"}')
    with pytest.raises(NotAllowed) as refused:
        whom_called(database, replace(DRAFT, besides=("R2",)))
    assert refused.value.code is Access.OUTSIDE_DIVISION


def test_a_release_in_parts_that_stops_inside_a_township_goes_on_with_the_rest_of_it(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    def enter(c: Connection) -> None:
        crew = [person(400 + n, f"员{n}", VILLAGES[n // 10], Role.RANGER) for n in range(30)]
        c.execute(insert(people), [*crew])
        bot_store.assign(c)

    database.do(enter)
    monkeypatch.setattr(releasing, "MOST_AT_ONCE", 10)
    townships = tuple(sorted(database.read(lambda c: _below(c, COUNTY))))
    others = tuple(
        sorted(database.read(lambda c: _below(c, OTHER_COUNTY) | _below(c, "222401000000")))
    )
    by = database.read(lambda c: commander(c, "222400000000"))
    draft = replace(DRAFT, hazard=Hazard.FOREST_FIRE, areas=(*townships, *others))
    assert len(draft.areas) > 32 and TOWNSHIP in draft.areas
    released = database.do(lambda c: release(c, draft, by, RULES, NOW))
    while database.read(lambda c: anything_unfinished(c, NOW)):
        database.do(lambda c: carry_on(c, RULES, NOW, limit=7))
    query = select(calls.c.person_id).where(calls.c.alert_id == released.alert_id)
    called = set(database.read(lambda c: c.execute(query).scalars().all()))
    assert {400 + n for n in range(30)} <= called


def _below(c: Connection, code: str) -> set[str]:
    return set(children_of(c, code))


def _villages(c: Connection, code: str) -> set[str]:
    return {village for township in _below(c, code) for village in _below(c, township)}
