"""``release --area`` takes divisions by code and by name."""

from __future__ import annotations

import io

import pytest

from bot.console.alerts import meant_area
from contacts.divisions.codes import Tier
from contacts.divisions.gazetteer import Division, Gazetteer

GAZETTEER = Gazetteer(
    [
        Division("220000000000", "吉林省", Tier.PROVINCE),
        Division("222400000000", "延边朝鲜族自治州", Tier.CITY),
        Division("222403000000", "敦化市", Tier.COUNTY),
        Division("222403101000", "大石头镇", Tier.TOWNSHIP),
        Division("222403101200", "太平村", Tier.VILLAGE),
        Division("222403102000", "黄泥河镇", Tier.TOWNSHIP),
        Division("222403102200", "太平村", Tier.VILLAGE),
    ]
)


@pytest.mark.parametrize(
    ("written", "code", "said"),
    [
        ("敦化市", "222403000000", ""),
        ("大石头镇太平村", "222403101200", ""),
        ("222403000000", "222403000000", ""),
        ("229999000000", "229999000000", ""),  # refused by the release itself
        ("太平村", "", "222403101200 延边州 敦化市 大石头镇 太平村"),
        ("不知哪里", "", "没有区划“不知哪里”"),
    ],
)
def test_an_area_by_code_or_name(written: str, code: str, said: str) -> None:
    out = io.StringIO()
    assert meant_area(GAZETTEER, written, out) == code
    assert said in out.getvalue()
    assert bool(out.getvalue()) is bool(said)
