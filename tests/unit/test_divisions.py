"""Division codes, and finding a place by what people write."""

from __future__ import annotations

import csv
import random

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from contacts.divisions.codes import (
    CodeValidity,
    Tier,
    ancestors,
    code_range,
    contains,
    in_county_level_city,
    is_development_zone,
    prefix_of,
    tier_of,
    valid_code,
)
from contacts.divisions.gazetteer import Division, Found, Gazetteer
from contacts.divisions.spellings import canonical, pieces, plain, short_name
from data.errors import InvalidInput
from data.reference import JILIN_DIVISIONS


def shipped() -> list[Division]:
    with JILIN_DIVISIONS.open(encoding="utf-8", newline="") as file:
        return [
            Division(row["code"], row["name"], Tier(row["level"]), row["parent_code"] or None)
            for row in csv.DictReader(file)
        ]


JILIN = Gazetteer(shipped())


@st.composite
def codes(draw: st.DrawFn) -> str:
    """Any well-formed code of any tier; the county may be 00 (a city governing townships)."""
    province = draw(st.sampled_from(["22", "11", "44", "65"]))
    city = draw(st.integers(1, 99))
    digits = draw(st.sampled_from([2, 4, 6, 9, 12]))
    full = (
        f"{province}{city:02}{draw(st.integers(0, 99)):02}"
        f"{draw(st.integers(1, 999)):03}{draw(st.integers(1, 999)):03}"
    )
    return full[:digits].ljust(12, "0")


# ------------------------------------------------------------------------------------- codes


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("222403000000", CodeValidity.OK),
        ("", CodeValidity.EMPTY),
        ("2224", CodeValidity.WRONG_LENGTH),
        ("22240300000O", CodeValidity.NOT_DIGITS),
        ("２２２４０３００００００", CodeValidity.NOT_DIGITS),
        ("222403000000\n", CodeValidity.NOT_DIGITS),
        ("000000000000", CodeValidity.NO_SUCH_PROVINCE),
        ("992403000000", CodeValidity.NO_SUCH_PROVINCE),
    ],
)
def test_a_code_is_judged_with_a_reason(text: str, why: CodeValidity) -> None:
    assert valid_code(text) is why
    assert bool(valid_code(text)) is (why is CodeValidity.OK)


def test_what_is_no_code_has_no_tier() -> None:
    with pytest.raises(InvalidInput) as caught:
        tier_of("敦化市")
    assert caught.value.code is CodeValidity.NOT_DIGITS


def test_every_shipped_row_agrees_with_its_code() -> None:
    for division in JILIN:
        assert tier_of(division.code) is division.tier
        assert ancestors(division.code)[:1] == (
            (division.parent_code,) if division.parent_code else ()
        )
        assert all(code in JILIN for code in ancestors(division.code))


def test_a_township_may_be_governed_by_its_city_directly() -> None:
    # Dongguan has no counties.
    assert tier_of("441900003000") is Tier.TOWNSHIP
    assert ancestors("441900003001") == ("441900003000", "441900000000", "440000000000")
    assert contains("441900000000", "441900003001")


def test_tiers_know_their_neighbours() -> None:
    assert [tier.digits for tier in Tier] == [2, 4, 6, 9, 12]
    assert Tier.PROVINCE.above is None
    assert Tier.VILLAGE.below is None
    assert Tier.COUNTY.above is Tier.CITY
    assert Tier.COUNTY.below is Tier.TOWNSHIP


def test_development_zones() -> None:
    zones = [division.name for division in JILIN if is_development_zone(division.code)]
    assert len(zones) == 9
    assert all(name.endswith(("开发区", "食品区")) for name in zones)


def test_cities_of_the_tier_of_counties() -> None:
    counties = [division for division in JILIN if division.tier is Tier.COUNTY]
    found = [division.name for division in counties if in_county_level_city(division.code)]
    assert found == [division.name for division in counties if division.name.endswith("市")]
    assert not in_county_level_city("222400000000")
    assert in_county_level_city("429004000000"), "no city is above 仙桃市"


@given(codes())
def test_everything_lies_below_its_ancestors_and_only_they_are_above(code: str) -> None:
    above = ancestors(code)
    assert len(above) <= tier_of(code).depth
    assert code not in above
    for ancestor in above:
        assert contains(ancestor, code)
        assert not contains(code, ancestor)
        assert tier_of(ancestor).depth < tier_of(code).depth


@given(codes(), codes())
def test_the_range_of_codes_is_the_prefix(ancestor: str, code: str) -> None:
    low, high = code_range(ancestor)
    assert (low <= code <= high) == code.startswith(prefix_of(ancestor))
    assert contains(ancestor, code) == (low <= code <= high)


@given(codes(), codes())
def test_two_ranges_nest_or_are_apart(first: str, other: str) -> None:
    assume(not contains(first, other) and not contains(other, first))
    (low, high), (other_low, other_high) = code_range(first), code_range(other)
    assert high < other_low or other_high < low


# ------------------------------------------------------------------------------------- kinship


def test_the_gazetteer_drills_down() -> None:
    assert len(JILIN) == 13_014
    cities = JILIN.children("220000000000")
    assert len(cities) == 9
    assert sum(len(JILIN.children(city.code)) for city in cities) == 69
    assert JILIN.children("222403000000")[0].tier is Tier.TOWNSHIP
    village = next(JILIN.within("222403000000", Tier.VILLAGE))
    assert JILIN.children(village.code) == ()
    assert JILIN.children("229999000000") == ()


def test_within_is_the_division_and_all_below_it() -> None:
    below = [division.code for division in JILIN.within("222403000000")]
    assert below == [division.code for division in JILIN if contains("222403000000", division.code)]
    assert sum(1 for _ in JILIN.within("220000000000", Tier.VILLAGE)) == 11_860


def test_a_missing_tier_is_skipped() -> None:
    few = Gazetteer(
        [division for division in shipped() if division.tier in (Tier.PROVINCE, Tier.COUNTY)]
    )
    parent = few.parent("222403000000")
    assert parent is not None
    assert parent.name == "吉林省"
    assert len(few.children("220000000000")) == 69
    assert few.path("222403100000") == "敦化市 222403100000"


def test_paths_are_written_short() -> None:
    assert JILIN.path("222403000000") == "延边州 敦化市"
    assert JILIN.path("222403000000", province=True) == "吉林省 延边州 敦化市"
    assert JILIN.path("220000000000") == "吉林省"
    assert JILIN.name("220721000000") == "前郭县"
    gongzhuling = JILIN.get("220184000000")
    assert gongzhuling is not None
    assert gongzhuling.name == "公主岭市"
    assert JILIN.path(gongzhuling.code) == "长春市 公主岭市"


def test_a_place_in_a_list_is_named_from_below_what_the_list_is_about() -> None:
    village, township, county = "222403101201", "222403101000", "222403000000"
    assert JILIN.path_below(village, county) == JILIN.path(village).split(" ", 2)[2]
    assert JILIN.path_below(village, township) == JILIN.name(village)
    assert JILIN.path_below(village, village) == JILIN.name(village)
    assert JILIN.path_below(village, "222402000000") == JILIN.path(village)  # of elsewhere
    assert JILIN.path_below(village, "") == JILIN.path(village)
    assert JILIN.path_below("222403101999", county) == "黄泥河镇 222403101999"


def test_a_path_inside_a_name_is_not_written_twice() -> None:
    found = JILIN.find("四平市铁东区平东街道东晟社区居民委员会")
    assert [c.path for c in found.candidates] == ["四平市 铁东区 平东街道 东晟社区"]


# ------------------------------------------------------------------------------------- finding


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("222403000000", "延边州 敦化市"),
        ("222403", "延边州 敦化市"),
        ("２２２４０３", "延边州 敦化市"),
        (" 2224 03 ", "延边州 敦化市"),
        ("2224", "延边州"),
        ("22", "吉林省"),
        ("敦化市", "延边州 敦化市"),
        ("敦化", "延边州 敦化市"),
        ("延边", "延边州"),
        ("延边州", "延边州"),
        ("延边朝鲜族自治州", "延边州"),
        ("吉林省", "吉林省"),
        ("吉林市", "吉林市"),
        ("长春", "长春市"),
        ("公主岭", "长春市 公主岭市"),
        ("朝阳区", "长春市 朝阳区"),
        ("伊通", "四平市 伊通县"),
        ("伊通满族自治县", "四平市 伊通县"),
        ("前郭", "松原市 前郭县"),
        ("前郭尔罗斯蒙古族自治县", "松原市 前郭县"),
        ("通化县", "通化市 通化县"),
        ("大口钦镇", "吉林市 龙潭区 大口钦镇"),
        ("净月", "长春市 长春净月高新技术产业开发区"),
        ("净月区", "长春市 长春净月高新技术产业开发区"),
        ("长春高新区", "长春市 长春高新技术产业开发区"),
        ("池北区", "延边州 安图县 池北区"),
        ("敦化市林业局", "延边州 敦化市 敦化市林业局"),
        ("敦化市大石头镇", "延边州 敦化市 大石头镇"),
        ("敦化大石头", "延边州 敦化市 大石头镇"),
        ("延边州敦化市", "延边州 敦化市"),
        ("延边州　敦化市\u3000大石头镇", "延边州 敦化市 大石头镇"),
        ("吉林省延边朝鲜族自治州敦化市大石头镇", "延边州 敦化市 大石头镇"),
        ("大石头镇/红星村", "延边州 敦化市 大石头镇 红星村"),
        ("大石头镇红星村委会", "延边州 敦化市 大石头镇 红星村"),
        ("大石头镇红星村民委员会", "延边州 敦化市 大石头镇 红星村"),
        ("吉林吉林市", "吉林市"),
        ("吉林 长春", "长春市"),
        ("浑江区红旗街道办事处", "白山市 浑江区 红旗街道"),
        ("敦化市人民政府", "延边州 敦化市"),
    ],
)
def test_a_place_is_found_as_people_write_it(text: str, path: str) -> None:
    found = JILIN.find(text)
    assert (found.outcome, [c.path for c in found.candidates]) == (Found.EXACT, [path])
    assert found.division is found.candidates[0].division
    assert found.total == 1


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("吉林", ["吉林省", "吉林市"]),
        ("通化", ["通化市", "通化市 通化县"]),
        ("高新区", ["长春市 长春高新技术产业开发区", "吉林市 吉林高新技术产业开发区"]),
        ("和平村", ["长春市 二道区 英俊镇 和平村", "长春市 九台区 兴港街道 和平村"]),
    ],
)
def test_an_ambiguous_name_is_asked_about(text: str, first: list[str]) -> None:
    found = JILIN.find(text)
    assert found.outcome is Found.AMBIGUOUS
    assert [c.path for c in found.candidates[:2]] == first
    assert found.division is None


def test_many_candidates_are_capped_but_counted() -> None:
    found = JILIN.find("太平村", limit=5)
    spelled = [division for division in JILIN if JILIN.name(division.code) == "太平村"]
    assert len(found.candidates) == 5
    assert found.total == len(spelled) > 30


def test_every_spelling_of_a_village_is_the_same_place() -> None:
    assert JILIN.find("太平村").total == JILIN.find("太平村民委员会").total
    # ... but the register's own spelling narrows the choice to those who bear it.
    official = [division for division in JILIN if division.name == "太平村委会"]
    assert JILIN.find("太平村委会").total == len(official) < JILIN.find("太平村").total


def test_places_inside_the_own_division_come_first() -> None:
    everywhere = JILIN.find("朝阳镇")
    here = JILIN.find("朝阳镇", within="220523000000")
    assert everywhere.outcome is Found.AMBIGUOUS
    assert [c.path for c in here.candidates] == ["通化市 辉南县 朝阳镇"]
    # Of those that an order may mean, too, whatever the tier of the others.
    order = JILIN.find("朝阳", within="222403000000", careful=True)
    assert order.outcome is Found.AMBIGUOUS
    assert order.candidates[0].path == "延边州 敦化市 黑石乡 朝阳村"
    assert order.candidates[1].path == "长春市 朝阳区"
    # From the next village: those of the township, the county, the city, then the rest.
    village = JILIN.find("永安村", limit=100)
    assert village.total > 8
    for meant in (village.candidates[0], village.candidates[-1]):
        code = meant.division.code
        next_door = next(d.code for d in JILIN.children(code[:9] + "000") if d.code != code)
        near = JILIN.find("永安村", within=next_door)
        assert near.candidates[0].division.code == code
    # A name that is not inside is still found outside.
    outside = JILIN.find("敦化市", within="220523000000")
    assert outside.division is not None
    assert outside.division.code == "222403000000"


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("敦华市", "延边州 敦化市"),
        ("敦化市大石镇", "延边州 敦化市 大石头镇"),
        ("大石头镇红石村", "延边州 敦化市 大石头镇 红星村"),
        ("220199000000", "长春市"),
    ],
)
def test_an_unknown_place_brings_suggestions(text: str, meant: str) -> None:
    found = JILIN.find(text)
    assert found.outcome is Found.UNKNOWN
    assert (found.division, found.total) == (None, 0)
    assert found.candidates[0].path == meant
    assert len(found.candidates) <= 5


@pytest.mark.parametrize(
    "text", ["", "   ", "🔥", "<b>&", "市", "220", "和平" * 2500, "2" * 5000, "/", "999999999999"]
)
def test_what_is_no_place_is_unknown_without_fuss(text: str) -> None:
    assert JILIN.find(text).outcome is Found.UNKNOWN


@given(st.text(max_size=40))
def test_no_text_breaks_the_search(text: str) -> None:
    found = JILIN.find(text, within="220100000000")
    assert (found.outcome is Found.EXACT) == (found.division is not None)
    assert len(found.candidates) <= max(found.total, 5)


def test_every_place_is_found_by_its_own_path() -> None:
    sample = random.Random(22).sample(list(JILIN), 1_500)
    for division in sample:
        for separator in ("", "/"):
            path = JILIN.path(division.code, separator=separator)
            found = JILIN.find(path, limit=50)
            assert division in [c.division for c in found.candidates], path


def test_every_place_is_found_by_its_code() -> None:
    for division in JILIN:
        assert JILIN.find(division.code).division is division


def test_an_empty_gazetteer_knows_nothing() -> None:
    nothing = Gazetteer([])
    assert nothing.find("敦化").outcome is Found.UNKNOWN
    assert nothing.find("222403").outcome is Found.UNKNOWN
    assert nothing.path("222403000000") == "222403000000"


# ------------------------------------------------------------------------------------- spelling


@pytest.mark.parametrize(
    ("name", "short"),
    [
        ("延边朝鲜族自治州", "延边州"),
        ("长白朝鲜族自治县", "长白县"),
        ("太平村委会", "太平村"),
        ("太平村民委员会", "太平村"),
        ("新村村委会", "新村"),
        ("合隆居委会（合隆经济开发区）（省级）", "合隆居委会"),
        ("永吉经济开发区特殊乡镇", "永吉经济开发区"),
        ("内蒙古自治区", "内蒙古自治区"),
        ("敦化市", "敦化市"),
    ],
)
def test_short_names(name: str, short: str) -> None:
    assert short_name(name) == short


@given(st.text(max_size=30))
def test_no_space_survives(text: str) -> None:
    assert not any(sign.isspace() for sign in plain(text))
    assert all(pieces(text))


def test_canonical_is_settled_after_one_pass_for_every_shipped_name() -> None:
    for division in JILIN:
        once = canonical(division.name)
        assert canonical(once) == once
