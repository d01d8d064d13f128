"""Divisions ticked one by one are kept as few codes as say it."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from contacts.divisions.codes import any_around, tier_of
from contacts.divisions.gazetteer import Division, Gazetteer
from contacts.divisions.picking import Ticked, ticked, toggled, with_picked, without_picked
from contacts.divisions.wording import areas_in_words

COUNTY = "222403000000"
TOWNSHIPS = ("222403100000", "222403101000")
VILLAGES = [f"{township[:9]}{n:03d}" for township in TOWNSHIPS for n in (201, 202, 203)]
ALL = ["220000000000", "222400000000", COUNTY, *TOWNSHIPS, *VILLAGES]
NAMES = dict(zip(ALL, ("省", "州", "敦化市", "甲镇", "乙镇", *"一二三四五六"), strict=True))
GAZETTEER = Gazetteer(
    Division(code, name if len(name) > 1 else f"{name}村", tier_of(code))
    for code, name in NAMES.items()
)


def test_a_whole_township_is_its_own_code_and_one_village_less_is_the_others() -> None:
    picked = with_picked(GAZETTEER, (), VILLAGES[:3], COUNTY)
    assert picked == (TOWNSHIPS[0],)
    assert toggled(GAZETTEER, picked, VILLAGES[1], COUNTY) == (VILLAGES[0], VILLAGES[2])
    assert ticked(COUNTY, picked) is Ticked.PARTLY and ticked(VILLAGES[2], picked) is Ticked.WHOLE
    both = with_picked(GAZETTEER, picked, VILLAGES[3:], COUNTY)
    assert both == (COUNTY,)  # and never the prefecture above, which is not theirs
    less = without_picked(GAZETTEER, both, VILLAGES[5])
    assert set(less) == {TOWNSHIPS[0], *VILLAGES[3:5]}


@given(st.lists(st.tuples(st.booleans(), st.sampled_from([COUNTY, *TOWNSHIPS, *VILLAGES]))))
def test_any_order_of_ticks_gives_what_was_ticked(steps: list[tuple[bool, str]]) -> None:
    picked: tuple[str, ...] = ()
    villages: set[str] = set()
    for all_of_it, code in steps:
        below = {village for village in VILLAGES if any_around([village], [code])}
        if all_of_it:
            picked = with_picked(GAZETTEER, picked, [code], COUNTY)
            villages |= below
        else:
            villages = villages - below if below <= villages else villages | below
            picked = toggled(GAZETTEER, picked, code, COUNTY)
        assert {v for v in VILLAGES if any_around([v], picked)} == villages
        assert not any(any_around([a], set(picked) - {a}) for a in picked)
    assert len(picked) <= len(set(picked))


def test_many_villages_are_named_by_where_they_lie() -> None:
    assert areas_in_words(GAZETTEER, VILLAGES[:3]) == "一村、二村、三村"
    assert areas_in_words(GAZETTEER, VILLAGES) == "甲镇、乙镇 6 个村"
    assert areas_in_words(GAZETTEER, [*VILLAGES[:3], TOWNSHIPS[1]]) == "一村、二村、三村等4地"
