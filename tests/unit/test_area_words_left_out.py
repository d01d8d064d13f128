"""A list of divisions in one line, as a headline names it."""

from __future__ import annotations

import pytest

from contacts.divisions.codes import tier_of
from contacts.divisions.gazetteer import Division, Gazetteer
from contacts.divisions.wording import areas_in_words

DUNHUA = "222403000000"
TOWNS = [f"22240310{number}000" for number in range(6)]
NAMES = {
    "222400000000": "延边朝鲜族自治州",
    DUNHUA: "敦化市",
    **{code: f"{'甲乙丙丁戊己'[n]}镇" for n, code in enumerate(TOWNS)},
    **{f"{TOWNS[0][:9]}20{number}": f"{'一二三四五'[number]}道村" for number in range(5)},
    **{f"2224{county}000000": f"{county}县" for county in ("01", "02", "04", "05")},
}
GAZETTEER = Gazetteer(Division(code, name, tier_of(code)) for code, name in NAMES.items())
VILLAGES = [code for code in NAMES if not code.endswith("000")]


@pytest.mark.parametrize(
    ("areas", "words"),
    [
        ([DUNHUA], "敦化市"),
        (TOWNS[:3], "甲镇、乙镇、丙镇"),
        (TOWNS[:5], "敦化市（不含己镇）"),
        ([*VILLAGES[1:], *TOWNS[1:]], "敦化市（不含一道村）"),
        (VILLAGES[:4], "甲镇（不含五道村）"),
        ([*TOWNS[:3], *VILLAGES[:1]], "甲镇、乙镇、丙镇等4地"),
        ([*TOWNS[:5], "222402000000"], "敦化市（不含己镇）、02县"),
        (["222401000000", "222402000000", DUNHUA, "222404000000"], "延边州（不含05县）"),
    ],
)
def test_areas_in_words(areas: list[str], words: str) -> None:
    assert areas_in_words(GAZETTEER, areas) == words
