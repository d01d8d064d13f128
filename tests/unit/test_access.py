"""Who may release, confirm, see numbers and answer for others; each refusal has its reason."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from itertools import product

import pytest

from contacts.access import (
    Access,
    may_approve_link,
    may_call_roll,
    may_cancel,
    may_close,
    may_confirm,
    may_discharge,
    may_find,
    may_hand_code,
    may_handle_distress,
    may_invite,
    may_look_into,
    may_open_board,
    may_record_proxy,
    may_release,
    may_see_alert,
    may_see_households,
    may_see_phone,
    may_see_positions,
    may_take_charge,
    may_watch,
    require,
)
from contacts.people import COMMANDING, MOVING_PEOPLE, RIGHTS, Person, Post, Role
from data.errors import NotAllowed

PROVINCE, CITY, COUNTY = "220000000000", "222400000000", "222403000000"
TOWNSHIP, VILLAGE = "222403100000", "222403100201"
OTHER_COUNTY, OTHER_TOWNSHIP = "222404000000", "222403101000"


def person(role: Role, division: str = COUNTY, person_id: int = 1) -> Person:
    return Person(person_id, "某", "+8613900000001", division, role, 1, telegram_id=person_id)


HEAD = person(Role.VILLAGE_RESPONSIBLE, VILLAGE, 99)
WATCHING = {*COMMANDING, Role.DUTY_OFFICER}
INFORMED = {*WATCHING, Role.STAFF}


def gone(role: Role, division: str = COUNTY, person_id: int = 1) -> Person:
    return replace(person(role, division, person_id), active=False)


@pytest.mark.parametrize("verdict", list(Access))
def test_only_what_is_allowed_goes_on(verdict: Access) -> None:
    assert verdict.allowed is (verdict is Access.ALLOWED)
    if verdict is Access.ALLOWED:
        require(verdict)
        return
    with pytest.raises(NotAllowed) as refused:
        require(verdict, area=COUNTY)
    assert (refused.value.code, refused.value.facts) == (verdict, {"area": COUNTY})


@pytest.mark.parametrize("role", list(Role))
def test_only_commanding_posts_release(role: Role) -> None:
    expected = Access.ALLOWED if role in COMMANDING else Access.NOT_COMMANDING
    assert may_release(person(role), [COUNTY]) is expected
    assert may_release(person(role), [TOWNSHIP, VILLAGE]) is expected


def test_households_are_of_their_village_its_township_and_county() -> None:
    def may(role: Role, division: str, on_duty_in: Collection[str] = ()) -> Access:
        return may_see_households(person(role, division), VILLAGE, on_duty_in)

    for role in WATCHING:
        assert may(role, TOWNSHIP) is may(role, COUNTY) is Access.ALLOWED
        for elsewhere in (CITY, PROVINCE, OTHER_TOWNSHIP, OTHER_COUNTY):
            assert may(role, elsewhere) is Access.NOT_OF_VILLAGE
    for role in MOVING_PEOPLE:
        assert may(role, VILLAGE) is Access.ALLOWED
        assert may(role, TOWNSHIP) is may(role, "222403100202") is Access.NOT_OF_VILLAGE
    assert may(Role.RANGER, VILLAGE) is may(Role.STAFF, COUNTY) is Access.NOT_OF_VILLAGE
    assert may(Role.STAFF, COUNTY, [COUNTY]) is Access.ALLOWED
    assert may(Role.STAFF, CITY, [CITY]) is may(Role.STAFF, COUNTY, [OTHER_COUNTY])
    assert may_see_households(None, VILLAGE) is Access.NOT_LINKED
    assert may_see_households(gone(Role.COMMANDER), VILLAGE) is Access.INACTIVE
    unproven = replace(person(Role.DUTY_OFFICER), unproven=True)
    assert may_see_households(unproven, VILLAGE) is Access.NOT_OF_VILLAGE
    assert may_see_households(unproven, VILLAGE, [COUNTY]) is Access.UNPROVEN


@pytest.mark.parametrize("areas", [[OTHER_COUNTY], [CITY], [PROVINCE], [TOWNSHIP, OTHER_COUNTY]])
def test_only_to_the_own_division_and_below(areas: list[str]) -> None:
    assert may_release(person(Role.COMMANDER), areas) is Access.OUTSIDE_DIVISION


def test_strangers_and_the_departed_release_nothing() -> None:
    assert may_release(None, [COUNTY]) is Access.NOT_LINKED
    left = gone(Role.COMMANDER)
    assert may_release(left, [COUNTY]) is Access.INACTIVE
    assert may_cancel(left, [COUNTY]) is Access.INACTIVE
    assert may_cancel(None, [COUNTY]) is Access.NOT_LINKED


def test_the_second_person_is_another_one() -> None:
    sender, second = person(Role.COMMANDER), person(Role.DIRECTOR, CITY, 2)
    assert may_confirm(sender, sender.id, [COUNTY]) is Access.SAME_PERSON
    assert may_confirm(second, sender.id, [COUNTY]) is Access.ALLOWED
    assert may_confirm(person(Role.STAFF, CITY, 3), sender.id, [COUNTY]) is Access.NOT_COMMANDING
    below = person(Role.COMMANDER, TOWNSHIP, 4)
    assert may_confirm(below, sender.id, [COUNTY]) is Access.OUTSIDE_DIVISION
    assert may_confirm(None, sender.id, [COUNTY]) is Access.NOT_LINKED
    demoted = person(Role.STAFF)  # the reason that would be left if somebody else asked
    assert may_confirm(demoted, demoted.id, [COUNTY]) is Access.NOT_COMMANDING


def test_who_may_release_may_cancel_and_close() -> None:
    for may in (may_cancel, may_close):
        assert may(person(Role.STAFF), [COUNTY]) is Access.NOT_COMMANDING
        assert may(person(Role.DIRECTOR, CITY), [COUNTY]) is Access.ALLOWED
        assert may(person(Role.DIRECTOR, OTHER_COUNTY), [COUNTY]) is Access.OUTSIDE_DIVISION


def test_a_code_is_handed_on_strictly_downwards_and_gives_no_rights() -> None:
    officer = person(Role.DUTY_OFFICER)
    head = person(Role.VILLAGE_RESPONSIBLE, VILLAGE, 7)
    assert may_hand_code(officer, head) is Access.ALLOWED
    assert may_hand_code(person(Role.STAFF), head) is Access.NOT_ON_DUTY
    assert may_hand_code(None, head) is Access.NOT_LINKED
    assert may_hand_code(gone(Role.DUTY_OFFICER), head) is Access.INACTIVE
    assert may_hand_code(officer, person(Role.STAFF, COUNTY, 7)) is Access.OUTSIDE_DIVISION
    assert may_hand_code(officer, person(Role.RANGER, OTHER_COUNTY, 7)) is Access.OUTSIDE_DIVISION
    assert may_hand_code(officer, person(Role.STAFF, CITY, 7)) is Access.OUTSIDE_DIVISION
    for role in RIGHTS:
        assert may_hand_code(officer, person(role, TOWNSHIP, 7)) is Access.POST_WITH_RIGHTS


def test_an_account_is_approved_from_above_by_whoever_has_the_right_themselves() -> None:
    commander, officer = person(Role.COMMANDER, TOWNSHIP, 7), person(Role.DUTY_OFFICER, TOWNSHIP, 8)
    assert may_approve_link(person(Role.DIRECTOR), commander) is Access.ALLOWED
    assert may_approve_link(person(Role.DIRECTOR), officer) is Access.ALLOWED
    assert may_approve_link(person(Role.DUTY_OFFICER), officer) is Access.ALLOWED
    assert may_approve_link(person(Role.DUTY_OFFICER), commander) is Access.NOT_COMMANDING
    assert may_approve_link(person(Role.STAFF), officer) is Access.NOT_COMMANDING
    beside = person(Role.DIRECTOR, TOWNSHIP, 9)
    assert may_approve_link(beside, commander) is Access.OUTSIDE_DIVISION
    assert may_approve_link(commander, commander) is Access.SAME_PERSON
    assert may_approve_link(person(Role.DIRECTOR, OTHER_COUNTY), commander) is (
        Access.OUTSIDE_DIVISION
    )
    assert may_approve_link(None, commander) is Access.NOT_LINKED


def test_a_province_has_nobody_above_it_so_another_who_commands_there_approves() -> None:
    governor = person(Role.COMMANDER, PROVINCE, 7)
    assert may_approve_link(person(Role.DIRECTOR, PROVINCE, 8), governor) is Access.ALLOWED
    assert may_approve_link(governor, governor) is Access.SAME_PERSON
    desk = person(Role.DUTY_OFFICER, PROVINCE, 9)
    assert may_approve_link(desk, governor) is Access.NOT_COMMANDING
    assert may_approve_link(person(Role.DUTY_OFFICER, PROVINCE, 10), desk) is (
        Access.OUTSIDE_DIVISION
    )


def test_a_warning_is_seen_by_those_it_concerns() -> None:
    assert may_see_alert(HEAD, [COUNTY]) is Access.ALLOWED
    assert may_see_alert(person(Role.STAFF, PROVINCE), [COUNTY]) is Access.ALLOWED
    assert may_see_alert(HEAD, [OTHER_COUNTY]) is Access.NOT_ADDRESSEE
    assert may_see_alert(None, [COUNTY]) is Access.NOT_LINKED
    assert may_see_alert(gone(Role.COMMANDER), [COUNTY]) is Access.INACTIVE
    assert may_see_alert(HEAD, [OTHER_COUNTY, TOWNSHIP]) is Access.ALLOWED
    assert may_see_alert(HEAD, []) is Access.NOT_ADDRESSEE


@pytest.mark.parametrize("role", list(Role))
def test_who_has_answered_is_seen_by_those_who_are_informed_there(role: Role) -> None:
    expected = Access.ALLOWED if role in INFORMED else Access.NOT_ON_DUTY
    for division in (PROVINCE, COUNTY, VILLAGE):
        assert may_watch(person(role, division), [COUNTY]) is expected
    assert may_watch(person(role), [OTHER_COUNTY]) is Access.NOT_ADDRESSEE
    assert may_watch(gone(role), [COUNTY]) is Access.INACTIVE
    assert may_watch(None, [COUNTY]) is Access.NOT_LINKED


@pytest.mark.parametrize("may", [may_open_board, may_invite])
@pytest.mark.parametrize("role", list(Role))
def test_boards_and_invites_are_of_those_who_watch(may, role: Role) -> None:  # type: ignore[no-untyped-def]
    assert may(person(role)) is (Access.ALLOWED if role in WATCHING else Access.NOT_ON_DUTY)
    assert may(gone(role)) is Access.INACTIVE
    assert may(None) is Access.NOT_LINKED


@pytest.mark.parametrize("role", list(Role))
def test_everybody_looks_into_the_own_division_and_those_who_watch_take_charge(role: Role) -> None:
    asker = person(role)
    for code in (COUNTY, TOWNSHIP, VILLAGE):
        assert may_look_into(asker, code) is Access.ALLOWED
        charge = Access.ALLOWED if role in WATCHING else Access.NOT_ON_DUTY
        assert may_take_charge(asker, code) is charge
        assert may_call_roll(asker, code) is charge
    for code in (CITY, PROVINCE, OTHER_COUNTY):
        assert may_look_into(asker, code) is Access.OUTSIDE_DIVISION
        charge = Access.OUTSIDE_DIVISION if role in WATCHING else Access.NOT_ON_DUTY
        assert may_take_charge(asker, code) is charge
    for may in (may_look_into, may_take_charge):
        assert may(gone(role), VILLAGE) is Access.INACTIVE
        assert may(None, VILLAGE) is Access.NOT_LINKED


@pytest.mark.parametrize("role", list(Role))
def test_who_is_in_charge_ends_a_call_for_help(role: Role) -> None:
    verdict = Access.ALLOWED if role in WATCHING else Access.NOT_ON_DUTY
    for code in (COUNTY, TOWNSHIP, VILLAGE):
        assert may_handle_distress(person(role, code), HEAD) is verdict
    assert not may_handle_distress(person(role, OTHER_TOWNSHIP), HEAD).allowed
    assert may_handle_distress(HEAD, HEAD) is Access.SAME_PERSON
    assert may_handle_distress(gone(role), HEAD) is Access.INACTIVE
    on_shift = may_handle_distress(person(role, OTHER_COUNTY), HEAD, {COUNTY})
    assert on_shift is Access.ALLOWED  # whatever their post


@pytest.mark.parametrize("may", [may_see_phone, may_see_positions])
def test_numbers_and_positions_are_read_from_above(may) -> None:  # type: ignore[no-untyped-def]
    assert may(HEAD, HEAD) is Access.ALLOWED
    for role in (Role.COMMANDER, Role.DUTY_OFFICER, Role.STAFF):
        assert may(person(role, TOWNSHIP), HEAD) is Access.ALLOWED
        assert may(person(role, VILLAGE), HEAD) is Access.ALLOWED
        assert may(person(role, OTHER_TOWNSHIP), HEAD) is Access.OUTSIDE_DIVISION
    assert may(person(Role.RANGER, VILLAGE), HEAD) is Access.NOT_ON_DUTY
    assert may(HEAD, person(Role.COMMANDER, COUNTY)) is Access.NOT_ON_DUTY
    assert may(None, HEAD) is Access.NOT_LINKED
    assert may(gone(Role.COMMANDER), HEAD) is Access.INACTIVE


@pytest.mark.parametrize("role", list(Role))
def test_of_another_in_the_same_place_those_read_the_number_who_are_informed(role: Role) -> None:
    expected = Access.ALLOWED if role in INFORMED else Access.NOT_ON_DUTY
    assert may_see_phone(person(role, VILLAGE), HEAD) is expected
    # On shift over the place, whatever the post; a shift elsewhere lends nothing.
    assert may_see_phone(person(role, OTHER_COUNTY), HEAD, {CITY}) is Access.ALLOWED
    assert may_see_phone(person(role, VILLAGE), HEAD, {OTHER_TOWNSHIP}) is expected
    assert may_see_phone(gone(role), HEAD, {COUNTY}) is Access.INACTIVE


def test_a_person_is_found_by_name_and_by_a_number_only_if_it_may_be_read() -> None:
    known = replace(HEAD, name="Li Ming")
    ranger = person(Role.RANGER, OTHER_COUNTY)
    assert may_find(ranger, known, "li m") is Access.ALLOWED
    assert may_find(ranger, known, "LI M") is Access.ALLOWED
    assert may_find(ranger, known, "0001") is Access.NOT_ON_DUTY
    assert may_find(person(Role.STAFF), known, "0001") is Access.ALLOWED


def test_a_proxy_answer_comes_from_a_tier_above() -> None:
    for role in (Role.DUTY_OFFICER, Role.COMMANDER, Role.FLOOD_OFFICE_HEAD):
        assert may_record_proxy(person(role, TOWNSHIP), HEAD) is Access.ALLOWED
        assert may_record_proxy(person(role, PROVINCE), HEAD) is Access.ALLOWED
        assert may_record_proxy(person(role, OTHER_TOWNSHIP), HEAD) is Access.OUTSIDE_DIVISION
    assert may_record_proxy(person(Role.STAFF, COUNTY), HEAD) is Access.NOT_ON_DUTY
    assert may_record_proxy(person(Role.RANGER, VILLAGE), HEAD) is Access.NOT_ON_DUTY
    for may in (may_record_proxy, may_discharge):
        assert may(None, HEAD) is Access.NOT_LINKED
        assert may(gone(Role.COMMANDER), HEAD) is Access.INACTIVE
        assert may(gone(Role.STAFF), HEAD, {COUNTY}) is Access.INACTIVE
        above = person(Role.DIRECTOR, CITY, 5)
        assert may(person(Role.DUTY_OFFICER), above) is Access.OUTSIDE_DIVISION


@pytest.mark.parametrize("role", list(Role))
def test_which_posts_act_for_another_in_the_own_division(role: Role) -> None:
    subject, actor = person(Role.DIRECTOR, COUNTY, 5), person(role)
    proxy = Access.ALLOWED if role is Role.DUTY_OFFICER else Access.NOT_ON_DUTY
    assert may_record_proxy(actor, subject) is proxy
    discharge = Access.ALLOWED if role in WATCHING else Access.NOT_ON_DUTY
    assert may_discharge(actor, subject) is discharge


def test_in_the_own_division_only_the_duty_officer_records_a_proxy() -> None:
    subject = person(Role.DIRECTOR, COUNTY, 5)
    assert may_record_proxy(person(Role.DUTY_OFFICER, COUNTY), subject) is Access.ALLOWED
    assert may_record_proxy(person(Role.COMMANDER, COUNTY), subject) is Access.NOT_ON_DUTY
    assert may_discharge(person(Role.COMMANDER, COUNTY), subject) is Access.ALLOWED


def test_nobody_answers_for_themselves() -> None:
    officer = person(Role.DUTY_OFFICER)
    assert may_record_proxy(officer, officer) is Access.SAME_PERSON
    assert may_discharge(officer, officer, {COUNTY}) is Access.SAME_PERSON


def test_a_shift_lends_the_duty_officers_right() -> None:
    driver = person(Role.STAFF, COUNTY)
    assert may_record_proxy(driver, HEAD, {COUNTY}) is Access.ALLOWED
    assert may_record_proxy(driver, HEAD, {OTHER_TOWNSHIP}) is Access.NOT_ON_DUTY
    assert may_discharge(driver, HEAD, {TOWNSHIP}) is Access.ALLOWED


@pytest.mark.parametrize("role", list(Role))
def test_a_shift_takes_no_right_away(role: Role) -> None:
    """So it is looked up only where the posts do not allow it (``alerts.lookup``)."""
    for division, of_subject in product([PROVINCE, COUNTY, TOWNSHIP, VILLAGE], list(Role)):
        officer, subject = person(role, division), person(of_subject, TOWNSHIP, 99)
        for may, unproven in product([may_record_proxy, may_discharge], [False, True]):
            viewer = replace(officer, unproven=unproven)
            if may(viewer, subject).allowed:
                shifts = ({COUNTY}, {VILLAGE}, {OTHER_COUNTY})
                assert all(may(viewer, subject, shift).allowed for shift in shifts)


@pytest.mark.parametrize("role", list(Role))
def test_the_number_of_who_is_on_duty_is_there_for_everybody_below(role: Role) -> None:
    """Of no other post; and where the officer is, is nobody's business below."""
    above = person(role, COUNTY, 5)
    ranger, elsewhere = person(Role.RANGER, VILLAGE), person(Role.RANGER, OTHER_COUNTY)
    seen = Access.ALLOWED if role is Role.DUTY_OFFICER else Access.NOT_ON_DUTY
    assert may_see_phone(ranger, above) is seen
    assert may_see_phone(elsewhere, above) is Access.NOT_ON_DUTY
    assert may_see_positions(ranger, above) is Access.NOT_ON_DUTY
    assert may_see_phone(None, above) is Access.NOT_LINKED
    assert may_see_phone(gone(Role.RANGER), above) is Access.INACTIVE


def test_a_code_is_handed_to_nobody_with_a_post_beside_or_with_rights() -> None:
    officer = person(Role.COMMANDER, COUNTY, 1)
    head = person(Role.VILLAGE_RESPONSIBLE, VILLAGE, 2)
    assert may_hand_code(officer, head) is Access.ALLOWED
    beside = replace(head, others=(Post(COUNTY, Role.STAFF),))
    assert may_hand_code(officer, beside) is Access.OUTSIDE_DIVISION
    with_rights = replace(head, others=(Post(TOWNSHIP, Role.DUTY_OFFICER),))
    assert may_hand_code(officer, with_rights) is Access.POST_WITH_RIGHTS


def test_an_account_is_approved_for_every_post_with_rights_or_not_at_all() -> None:
    county, city = person(Role.COMMANDER, COUNTY, 1), person(Role.COMMANDER, CITY, 3)
    both = replace(person(Role.COMMANDER, TOWNSHIP, 2), others=(Post(COUNTY, Role.DUTY_OFFICER),))
    assert may_approve_link(county, both) is Access.OUTSIDE_DIVISION
    assert may_approve_link(city, both) is Access.ALLOWED


def test_two_posts_do_not_lend_each_other_their_rights() -> None:
    here = person(Role.STAFF, COUNTY, 1)
    both = replace(here, others=(Post(VILLAGE, Role.COMMANDER),))
    assert may_release(both, [VILLAGE]) is Access.ALLOWED
    assert may_release(both, [COUNTY]) is Access.OUTSIDE_DIVISION
    assert may_watch(both, [COUNTY]) is Access.ALLOWED
    assert may_take_charge(both, COUNTY) is Access.OUTSIDE_DIVISION
