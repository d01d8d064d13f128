"""Who is on duty, and who is told about silent people."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from contacts.duty import (
    DutyShift,
    Leadership,
    commanders_above,
    duty_officers,
    officers_above,
    on_duty,
)
from contacts.people import Contact, Person, Role

PROVINCE, CITY, COUNTY = "220000000000", "222400000000", "222403000000"
TOWNSHIP, VILLAGE = "222403100000", "222403100201"
NOW = datetime(2026, 7, 1, 0, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)


def person(person_id: int, role: Role, division: str, rank: int = 1) -> Person:
    return Person(person_id, f"p{person_id}", "", division, role, rank, telegram_id=person_id)


def desk(*people: Person) -> Leadership:
    return Leadership(people)


def ids(people: list[Person]) -> list[int]:
    return [each.id for each in people]


def test_a_shift_that_covers_now_decides() -> None:
    officer, driver = person(1, Role.DUTY_OFFICER, COUNTY), person(2, Role.STAFF, COUNTY)
    watch = DutyShift(driver, COUNTY, NOW - HOUR, NOW + HOUR)
    full = Leadership((officer, driver), (watch,))
    assert ids(on_duty(full, NOW)) == [2]
    assert ids(on_duty(full, NOW - HOUR)) == [2], "a shift begins at its first moment"
    assert ids(on_duty(full, NOW + HOUR)) == [1], "and is over at its last"


def test_without_a_shift_every_duty_officer_is_on_duty() -> None:
    officers = [person(n, Role.DUTY_OFFICER, COUNTY, rank=n) for n in (2, 1)]
    assert ids(on_duty(desk(*officers, person(9, Role.STAFF, COUNTY)), NOW)) == [1, 2]


def test_somebody_gone_is_not_on_duty_by_an_old_shift() -> None:
    gone = replace(person(1, Role.STAFF, COUNTY), active=False)
    watch = DutyShift(gone, COUNTY, NOW - HOUR, NOW + HOUR)
    assert on_duty(Leadership((), (watch,)), NOW) == []


def test_the_list_goes_to_the_nearest_tier_above_not_to_the_own() -> None:
    desks = {
        VILLAGE: desk(person(1, Role.DUTY_OFFICER, VILLAGE)),
        TOWNSHIP: desk(person(2, Role.DUTY_OFFICER, TOWNSHIP)),
        COUNTY: desk(person(3, Role.DUTY_OFFICER, COUNTY)),
    }
    assert ids(officers_above(VILLAGE, desks, NOW)) == [2]
    assert ids(officers_above(TOWNSHIP, desks, NOW)) == [3]


def test_a_tier_without_a_duty_officer_asks_its_office_before_going_higher() -> None:
    desks = {
        TOWNSHIP: desk(
            person(1, Role.COMMANDER, TOWNSHIP),
            person(2, Role.DIRECTOR, TOWNSHIP),
            person(3, Role.FLOOD_OFFICE_HEAD, TOWNSHIP),
        ),
        COUNTY: desk(person(9, Role.DUTY_OFFICER, COUNTY)),
    }
    assert ids(officers_above(VILLAGE, desks, NOW)) == [3]
    no_office = {**desks, TOWNSHIP: desk(*desks[TOWNSHIP].people[:2])}
    assert ids(officers_above(VILLAGE, no_office, NOW)) == [2]


def test_an_unreachable_officer_is_passed_over() -> None:
    blocked = replace(person(1, Role.DUTY_OFFICER, TOWNSHIP), contact=Contact.BLOCKED)
    unlinked = replace(person(2, Role.COMMANDER, TOWNSHIP), telegram_id=None)
    desks = {
        TOWNSHIP: desk(blocked, unlinked),
        CITY: desk(person(3, Role.DUTY_OFFICER, CITY)),
    }
    assert ids(officers_above(VILLAGE, desks, NOW)) == [3]


def test_whose_account_is_to_be_proven_is_passed_over() -> None:
    """They could do nothing with the list."""
    waits = replace(person(3, Role.DUTY_OFFICER, COUNTY), unproven=True)
    desks = {COUNTY: desk(waits), CITY: desk(person(4, Role.DUTY_OFFICER, CITY))}
    assert ids(officers_above(TOWNSHIP, desks, NOW)) == [4]
    assert ids(officers_above(TOWNSHIP, {COUNTY: desk(waits)}, NOW)) == [3]


def test_when_nobody_can_be_reached_the_nearest_is_named() -> None:
    unlinked = replace(person(2, Role.COMMANDER, COUNTY), telegram_id=None)
    assert ids(officers_above(VILLAGE, {COUNTY: desk(unlinked)}, NOW)) == [2]
    assert officers_above(VILLAGE, {}, NOW) == []


def test_the_province_reports_to_itself() -> None:
    desks = {PROVINCE: desk(person(1, Role.DUTY_OFFICER, PROVINCE))}
    assert ids(officers_above(PROVINCE, desks, NOW)) == [1]
    assert ids(officers_above(CITY, desks, NOW)) == [1]


def test_the_commander_above_by_post_then_rank() -> None:
    township = desk(
        person(1, Role.DIRECTOR, TOWNSHIP),
        person(2, Role.COMMANDER, TOWNSHIP, rank=2),
        person(3, Role.COMMANDER, TOWNSHIP, rank=1),
    )
    assert ids(commanders_above(VILLAGE, {TOWNSHIP: township})) == [3]
    away = replace(township.people[2], contact=Contact.DEACTIVATED)
    second = Leadership((*township.people[:2], away))
    assert ids(commanders_above(VILLAGE, {TOWNSHIP: second})) == [2]
    assert ids(commanders_above(VILLAGE, {TOWNSHIP: desk(township.people[0])})) == [1]


def test_a_help_call_goes_to_the_county() -> None:
    desks = {
        TOWNSHIP: desk(person(1, Role.DUTY_OFFICER, TOWNSHIP)),
        COUNTY: desk(person(2, Role.DUTY_OFFICER, COUNTY)),
        CITY: desk(person(3, Role.DUTY_OFFICER, CITY)),
    }
    assert ids(duty_officers(VILLAGE, desks, NOW)) == [2]
    assert ids(duty_officers(COUNTY, desks, NOW)) == [2]
    assert ids(duty_officers(CITY, desks, NOW)) == [3]
    del desks[COUNTY]
    assert ids(duty_officers(VILLAGE, desks, NOW)) == [3]
