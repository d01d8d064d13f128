"""Areas and roles become ranges of divisions; who is called first."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contacts.divisions.codes import contains
from contacts.people import Person, Role
from contacts.targeting import audience, covers, next_in_line, stand_in_order
from data.errors import InvalidInput

PROVINCE, CITY, COUNTY = "220000000000", "222400000000", "222403000000"
TOWNSHIP, VILLAGE, OTHER = "222403100000", "222403100201", "222404000000"


def holder(person_id: int, rank: int, *, active: bool = True) -> Person:
    return Person(
        person_id, f"p{person_id}", "", VILLAGE, Role.VILLAGE_RESPONSIBLE, rank, active=active
    )


def test_an_area_inside_another_counts_once() -> None:
    inside_other = "222404100000"
    areas = [VILLAGE, COUNTY, TOWNSHIP, COUNTY, OTHER, inside_other]
    wanted = audience(areas, [Role.DIRECTOR])
    assert wanted.ranges == (
        ("222403000000", "222403999999"),
        ("222404000000", "222404999999"),
    )
    assert wanted.roles == {Role.DIRECTOR}


def test_the_province_swallows_all() -> None:
    assert len(audience([VILLAGE, OTHER, PROVINCE, CITY], Role).ranges) == 1


def test_no_area_is_nobody() -> None:
    assert audience([], Role).ranges == ()
    assert not covers(audience([], Role), VILLAGE)


def test_an_area_must_be_a_code() -> None:
    with pytest.raises(InvalidInput):
        audience(["敦化市"], Role)


codes = st.tuples(st.integers(0, 3), st.integers(0, 3), st.integers(0, 3), st.integers(0, 3)).map(
    lambda n: f"22{n[0]:02}{n[1] if n[0] else 0:02}{n[2]:03}{n[3] if n[2] else 0:03}"
)


@given(st.lists(codes, max_size=12), codes)
def test_merged_ranges_cover_exactly_the_areas(areas: list[str], code: str) -> None:
    wanted = audience(areas, Role)
    assert covers(wanted, code) == any(contains(area, code) for area in areas)
    ends = [end for low_high in wanted.ranges for end in low_high]
    assert ends == sorted(ends), "ranges overlap or are out of order"


def test_stand_ins_come_by_rank_then_by_entry() -> None:
    people = [holder(3, 2), holder(2, 2), holder(1, 5), holder(4, 1)]
    assert [person.id for person in stand_in_order(people)] == [4, 2, 3, 1]


def test_the_next_in_line_is_the_next_rank_there_is() -> None:
    people = [holder(1, 1), holder(2, 3), holder(3, 3), holder(4, 7)]
    assert [person.id for person in next_in_line(people, 1)] == [2, 3]
    assert [person.id for person in next_in_line(people, 3)] == [4]
    assert next_in_line(people, 7) == []


def test_those_called_already_and_those_gone_do_not_stand_in() -> None:
    people = [holder(1, 1), holder(2, 2), holder(3, 3, active=False), holder(4, 4)]
    assert [person.id for person in next_in_line(people, 1, frozenset({2}))] == [4]
