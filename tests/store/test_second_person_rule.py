"""The second person for what is as wide as a prefecture: in one list, or one after another."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from sqlalchemy import update

from alerts import alert_store
from alerts.closing import cancel, close, lift
from alerts.lookup import AlertProblem
from alerts.model import Draft, Hazard, Level, State
from alerts.preview import preview
from alerts.release import confirm, release, second_persons, withdraw
from alerts.rules import Rules
from contacts import people_store
from contacts.access import Access
from contacts.divisions.store import children_of
from contacts.people import Person, Role
from data.database import Database
from data.errors import NotAllowed
from data.tables.contacts import people
from tests.roster import (
    CITY,
    CITY_COMMANDER,
    CITY_DIRECTOR,
    COUNTY,
    COUNTY_COMMANDER,
    GOVERNOR,
    NOW,
    OTHER_COUNTY,
    VILLAGES,
)

pytestmark = pytest.mark.one_database


RULES = Rules()
DRAFT = Draft(Level.RED, Hazard.RAINSTORM, (COUNTY,), "立即转移", headline="暴雨红色预警")


@pytest.fixture
def everywhere(database: Database) -> Database:
    """Somebody to be called in each county of the prefecture."""

    def fill(c: Any) -> None:
        for number, code in enumerate(children_of(c, CITY)):
            row = {
                "id": 500 + number,
                "name": f"村长{code}",
                "phone": f"+86199111{number:05d}",
                "division_code": code,
                "role": Role.VILLAGE_RESPONSIBLE.value,
                "invite_code": f"code{code}",
            }
            c.execute(people.insert().values(row))

    database.do(fill)
    return database


def counties(database: Database) -> tuple[str, ...]:
    """Dunhua and Tumen first."""
    found = database.read(lambda c: children_of(c, CITY))
    return (COUNTY, OTHER_COUNTY, *(code for code in found if code not in (COUNTY, OTHER_COUNTY)))


def of(c: Any, row: dict[str, Any]) -> Person:
    found = people_store.person(c, row["id"])
    assert found is not None
    return found


def go(
    database: Database,
    draft: Draft,
    at: datetime = NOW,
    by: dict[str, Any] = CITY_COMMANDER,
) -> State:
    """The preview promises what the release does."""
    promised = database.read(lambda c: preview(c, draft, of(c, by), RULES, at).second_person)
    state = database.do(lambda c: release(c, draft, of(c, by), RULES, at)).state
    assert (state is State.PENDING) is promised
    return state


@pytest.mark.both_databases
def test_eight_counties_in_one_list_wait_for_a_second_person(everywhere: Database) -> None:
    eight = counties(everywhere)
    assert len(eight) == 8
    assert go(everywhere, replace(DRAFT, areas=eight)) is State.PENDING
    assert go(everywhere, replace(DRAFT, areas=eight[:5])) is State.PENDING
    assert go(everywhere, replace(DRAFT, areas=eight[:4])) is State.RELEASED


def test_eight_counties_one_after_another_do_too(everywhere: Database) -> None:
    states = []
    for number, code in enumerate(counties(everywhere)):
        at = NOW + timedelta(minutes=5 * number)
        states.append(go(everywhere, replace(DRAFT, areas=(code,)), at))
    assert states == [State.RELEASED] * 4 + [State.PENDING] * 4


def test_what_was_released_an_hour_before_counts_no_more(everywhere: Database) -> None:
    eight = counties(everywhere)
    go(everywhere, replace(DRAFT, areas=eight[:4]), NOW)
    fifth = replace(DRAFT, areas=eight[4:5])
    assert go(everywhere, fifth, NOW + timedelta(minutes=59)) is State.PENDING
    assert go(everywhere, fifth, NOW + timedelta(minutes=60)) is State.RELEASED


def test_a_cancelled_one_counts_for_it_has_reached_people(everywhere: Database) -> None:
    eight = counties(everywhere)
    go(everywhere, replace(DRAFT, areas=eight[:4]))
    everywhere.do(lambda c: cancel(c, 1, of(c, CITY_COMMANDER), NOW))
    assert go(everywhere, replace(DRAFT, areas=eight[4:5])) is State.PENDING


@pytest.mark.both_databases
@pytest.mark.parametrize(
    "change", [{"level": Level.ORANGE}, {"exercise": True}], ids=["orange", "exercise"]
)
def test_what_takes_one_person_counts_for_nothing(
    everywhere: Database, change: dict[str, Any]
) -> None:
    eight = counties(everywhere)
    assert go(everywhere, replace(DRAFT, areas=eight, **change)) is State.RELEASED
    assert go(everywhere, replace(DRAFT, areas=eight[4:5])) is State.RELEASED
    go(everywhere, replace(DRAFT, areas=eight[:4]))
    assert go(everywhere, replace(DRAFT, areas=eight[5:6], **change)) is State.RELEASED


def test_each_person_has_an_account_of_their_own(everywhere: Database) -> None:
    eight = counties(everywhere)
    go(everywhere, replace(DRAFT, areas=eight[:4]))
    assert go(everywhere, replace(DRAFT, areas=eight[4:5]), by=CITY_DIRECTOR) is State.RELEASED


def test_what_two_persons_agreed_to_is_not_counted_again(everywhere: Database) -> None:
    eight = counties(everywhere)
    assert go(everywhere, replace(DRAFT, areas=eight)) is State.PENDING
    everywhere.do(lambda c: confirm(c, 1, of(c, CITY_DIRECTOR), RULES, NOW))
    assert go(everywhere, replace(DRAFT, areas=eight[:1])) is State.RELEASED


DEMOTED: dict[str, dict[str, Any]] = {
    "another post": {"role": Role.STAFF.value},
    "moved": {"division_code": OTHER_COUNTY},
    "moved down": {"division_code": VILLAGES[0]},
    "out of the roster": {"active": False},
}


@pytest.mark.parametrize("loss", DEMOTED)
def test_a_sender_without_the_post_ends_nothing(database: Database, loss: str) -> None:
    go(database, DRAFT, by=COUNTY_COMMANDER)
    change = update(people).where(people.c.id == COUNTY_COMMANDER["id"]).values(**DEMOTED[loss])
    database.do(lambda c: c.execute(change))
    for end in (cancel, lift):
        with pytest.raises(NotAllowed):
            database.do(lambda c, end=end: end(c, 1, of(c, COUNTY_COMMANDER), NOW))
    with pytest.raises(NotAllowed):
        database.do(lambda c: close(c, 1, of(c, COUNTY_COMMANDER), "", NOW))
    alert = database.read(lambda c: alert_store.alert(c, 1))
    assert alert is not None and alert.state is State.RELEASED
    database.do(lambda c: cancel(c, 1, of(c, CITY_COMMANDER), NOW))


@pytest.mark.parametrize("loss", DEMOTED)
def test_what_a_sender_proposed_is_not_released_after_they_lost_the_post(
    database: Database, loss: str
) -> None:
    assert go(database, replace(DRAFT, areas=(CITY,))) is State.PENDING
    change = update(people).where(people.c.id == CITY_COMMANDER["id"]).values(**DEMOTED[loss])
    database.do(lambda c: c.execute(change))
    with pytest.raises(NotAllowed) as refused:
        database.do(lambda c: confirm(c, 1, of(c, CITY_DIRECTOR), RULES, NOW))
    assert refused.value.code is AlertProblem.SENDER_LEFT
    with pytest.raises(NotAllowed):
        database.do(lambda c: withdraw(c, 1, of(c, CITY_COMMANDER), NOW))
    database.do(lambda c: withdraw(c, 1, of(c, GOVERNOR), NOW))


def test_the_account_that_the_sender_let_in_is_not_the_second_person(database: Database) -> None:
    go(database, replace(DRAFT, areas=(CITY,)))
    let_in = update(people).where(people.c.id == CITY_DIRECTOR["id"])
    database.do(lambda c: c.execute(let_in.values(approved_by=CITY_COMMANDER["id"])))
    with pytest.raises(NotAllowed) as refused:
        database.do(lambda c: confirm(c, 1, of(c, CITY_DIRECTOR), RULES, NOW))
    assert refused.value.code is Access.SAME_PERSON
    database.do(lambda c: c.execute(let_in.values(approved_by=GOVERNOR["id"])))
    confirmed = database.do(lambda c: confirm(c, 1, of(c, CITY_DIRECTOR), RULES, NOW))
    assert confirmed.state is State.RELEASED


@pytest.mark.both_databases
@pytest.mark.parametrize("chain", [(), (800,), (800, 801)], ids=len)
@pytest.mark.parametrize("let_in", ["second", "sender"])
def test_who_let_whom_in_is_one_hand_whichever_way_and_however_long(
    database: Database, chain: tuple[int, ...], let_in: str
) -> None:
    """The one who said that an account is somebody's may hold it: he is no second person to it."""
    first, last = CITY_COMMANDER["id"], CITY_DIRECTOR["id"]
    if let_in == "sender":
        first, last = last, first

    def lets_in(c: Any) -> None:
        for number in chain:
            between = CITY_COMMANDER | {
                "id": number,
                "phone": f"+86199222{number:05d}",
                "invite_code": f"between{number}",
                "telegram_id": None,
                "role": Role.STAFF.value,
            }
            c.execute(people.insert().values(between))
        steps = [first, *chain, last]
        for above, below in pairwise(steps):
            c.execute(update(people).where(people.c.id == below).values(approved_by=above))

    database.do(lets_in)
    go(database, replace(DRAFT, areas=(CITY,)))
    with pytest.raises(NotAllowed) as refused:
        database.do(lambda c: confirm(c, 1, of(c, CITY_DIRECTOR), RULES, NOW))
    assert refused.value.code is Access.SAME_PERSON
    alert = database.read(lambda c: alert_store.alert(c, 1))
    assert alert is not None
    asked = [
        person.id
        for person in database.read(lambda c: second_persons(c, alert.areas, alert.sender_id))
    ]
    assert asked == [GOVERNOR["id"]]
    confirmed = database.do(lambda c: confirm(c, 1, of(c, GOVERNOR), RULES, NOW))
    assert confirmed.state is State.RELEASED
