"""A change of a running warning in one line: what is understood and what is left open."""

from __future__ import annotations

from dataclasses import fields
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from alerts.model import Hazard, Level
from bot.compose.change_line import ChangeLine, Direction, Ending, Where, parse_change_line
from contacts.divisions.codes import tier_of
from contacts.divisions.gazetteer import Division, Gazetteer

PREFECTURE, DUNHUA = "222400000000", "222403000000"
STONE, RIVER, RED = "222403100000", "222403101000", "222403102000"
NAMES = {
    "220000000000": "吉林省",
    PREFECTURE: "延边朝鲜族自治州",
    DUNHUA: "敦化市",
    STONE: "大石头镇",
    RIVER: "黄泥河镇",
    RED: "红石乡",
    "222403100201": "太平村",
    "222403100202": "太平村",
}
GAZETTEER = Gazetteer(Division(code, name, tier_of(code)) for code, name in NAMES.items())
ZONE = ZoneInfo("Asia/Shanghai")
NOW = datetime(2026, 7, 29, 4, 1, tzinfo=ZONE).astimezone(UTC)
SIX = timedelta(hours=6)
UP, DOWN = Direction.UP, Direction.DOWN
ORDER = "立即转移河边群众"


def read(line: str) -> ChangeLine:
    return parse_change_line(line, GAZETTEER, within=DUNHUA, now=NOW, zone=ZONE)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("", {}),
        ("12 升级 红", {"alert_id": 12, "level": Level.RED, "direction": UP}),
        # /lift 12 and /cancel 12 with words behind: the question before the end, no correction.
        (
            "解除 12 洪水已经退去可以回家",
            {
                "alert_id": 12,
                "ending": Ending.LIFT,
                "of_hazard": Hazard.RIVER_FLOOD,
                "text": "已经退去可以回家",
            },
        ),
        (
            "取消 敦化市 暴雨",
            {
                "of_areas": (DUNHUA,),
                "of_hazard": Hazard.RAINSTORM,
                "ending": Ending.CANCEL,
            },
        ),
        ("第12号，升为红色", {"alert_id": 12, "level": Level.RED, "direction": UP}),
        ("#12 upgrade to red", {"alert_id": 12, "level": Level.RED, "direction": UP}),
        ("升级红", {"level": Level.RED, "direction": UP}),
        ("降级 黄", {"level": Level.YELLOW, "direction": DOWN}),
        ("改为橙色", {"level": Level.ORANGE}),
        ("红", {"level": Level.RED}),
        (
            f"12 升级红色，延长6小时，{ORDER}",
            {
                "alert_id": 12,
                "level": Level.RED,
                "direction": UP,
                "longer": SIX,
                "text": ORDER,
            },
        ),
        # In traditional characters; what becomes the text stays as it was written.
        ("12 升級 紅色", {"alert_id": 12, "level": Level.RED, "direction": UP}),
        ("降級 黃，延長6小時", {"level": Level.YELLOW, "direction": DOWN, "longer": SIX}),
        ("延長到30日8點", {"until": datetime(2026, 7, 30, 8, tzinfo=ZONE)}),
        ("擴大 黃泥河鎮", {"areas": ((Where.ADD, (RIVER,)),)}),
        ("縮小到大石頭鎮", {"areas": ((Where.KEEP, (STONE,)),)}),
        ("改為橙色 請立即轉移", {"level": Level.ORANGE, "text": "請立即轉移"}),
        ("更正：立即轉移。", {"text": "立即轉移。"}),
        ("解除預警", {"ending": Ending.LIFT}),
        ("取消預警", {"ending": Ending.CANCEL}),
        ("延长 6", {"longer": SIX}),
        ("12 6小时", {"alert_id": 12, "longer": SIX}),
        ("延长到明早8点", {"until": datetime(2026, 7, 30, 8, tzinfo=ZONE)}),
        ("有效期延长至30日8时", {"until": datetime(2026, 7, 30, 8, tzinfo=ZONE)}),
        ("至30日8时", {"until": datetime(2026, 7, 30, 8, tzinfo=ZONE)}),
        ("到村部集合，快走", {"strange": ("到村部集合", "快走")}),  # 到 is no time here
        ("扩大 黄泥河镇", {"areas": ((Where.ADD, (RIVER,)),)}),
        ("加 红石乡", {"areas": ((Where.ADD, (RED,)),)}),  # no 红
        (
            "扩大黄泥河镇、大石头镇 延长 6h",
            {"areas": ((Where.ADD, (RIVER, STONE)),), "longer": SIX},
        ),
        ("缩小到大石头镇", {"areas": ((Where.KEEP, (STONE,)),)}),
        ("缩小 去掉黄泥河镇", {"areas": ((Where.DROP, (RIVER,)),)}),
        ("缩小 大石头镇", {"areas": ((Where.NARROW, (STONE,)),)}),  # which of the two?
        (f"更正：{ORDER}。", {"text": f"{ORDER}。"}),
        (f"更正 升级 红 {ORDER}", {"text": f"升级 红 {ORDER}"}),  # all that follows is the text
        ("12 解除", {"alert_id": 12, "ending": Ending.LIFT}),
        ("取消预警", {"ending": Ending.CANCEL}),
        ("解除 取消", {"ending": Ending.LIFT, "strange": ("取消",)}),
        (
            "敦化市暴雨 升级 橙",
            {
                "of_areas": (DUNHUA,),
                "of_hazard": Hazard.RAINSTORM,
                "level": Level.ORANGE,
                "direction": UP,
            },
        ),
        ("延边州 降级 黄", {"of_areas": (PREFECTURE,), "level": Level.YELLOW, "direction": DOWN}),
        ("升级", {"direction": UP, "incomplete": ("升级",)}),
        ("扩大 延长 6小时", {"longer": SIX, "incomplete": ("扩大",)}),
        ("延长", {"incomplete": ("延长",)}),
        ("更正", {"incomplete": ("更正",)}),
        # A place that nothing is said of, and a word that says nothing, are never the text.
        ("升级 红 黄泥河镇", {"level": Level.RED, "direction": UP, "strange": ("黄泥河镇",)}),
        ("12 快点", {"alert_id": 12, "strange": ("快点",)}),
        ("红 橙", {"level": Level.RED, "strange": ("橙",)}),
    ],
)
def test_a_line(line: str, said: dict[str, Any]) -> None:
    found = read(line)
    told = {field.name: getattr(found, field.name) for field in fields(found)}
    assert {name: value for name, value in told.items() if value not in (None, (), "")} == said
    assert found.says_anything == bool(said.keys() - {"alert_id", "strange"} - _SELECTING)


_SELECTING = {"of_areas", "of_hazard"}


@pytest.mark.parametrize("name", ["团山仔村", "太平村"])
def test_a_name_that_is_not_one_place_is_asked_about(name: str) -> None:
    found = read(f"扩大 黄泥河镇、{name} 延长6小时")
    assert found.areas == ((Where.ADD, (RIVER,)),)
    assert found.unclear == ((Where.ADD, name),)
    assert found.longer == SIX
