"""A task in one line, and until when: read as people write it."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from alerts.loop.tasks.model import TaskList
from bot.compose.task_line import find_deadline, parse_task_line
from contacts.divisions.codes import Tier
from contacts.divisions.gazetteer import Division, Gazetteer
from tests.every_case import hold_for_every

ZONE = ZoneInfo("Asia/Shanghai")
NOW = datetime(2026, 7, 1, 1, 0, tzinfo=UTC)  # Wednesday, 09:00 in Beijing

DEADLINES = {
    "3天": "07-04 09:00",
    "3天内": "07-04 09:00",
    "2小时": "07-01 11:00",
    "两周": "07-15 09:00",
    "1个月": "07-31 09:00",
    "明天18点": "07-02 18:00",
    "明天": "07-02 18:00",
    "周五": "07-03 18:00",
    "下周一": "07-06 18:00",
    "7月15日": "07-15 18:00",
    "7月15日前": "07-15 18:00",
    "7月15日9点": "07-15 09:00",
    "2026-07-15 09:30": "07-15 09:30",
    "月底": "07-31 18:00",
    "年底": "12-31 18:00",
    "昨天": "06-30 18:00",  # asked about
    "6月1日": "06-01 18:00",  # not of the next year: asked about
}


def test_until_when() -> None:
    def read(text: str) -> None:
        found = find_deadline(text, NOW, ZONE)
        assert found is not None, text
        assert f"{found[0].astimezone(ZONE):%m-%d %H:%M}" == DEADLINES[text]
        assert found[1] == ""

    hold_for_every(DEADLINES, read)
    assert find_deadline("1月5日", NOW, ZONE) == (datetime(2027, 1, 5, 10, tzinfo=UTC), "")
    assert find_deadline("修 2 处涵洞", NOW, ZONE) is None


def test_a_line_in_any_order() -> None:
    gazetteer = Gazetteer(
        [
            Division("220000000000", "吉林省", Tier.PROVINCE),
            Division("222400000000", "延边州", Tier.CITY),
            Division("222403000000", "敦化市", Tier.COUNTY),
            Division("222403101000", "黄泥河镇", Tier.TOWNSHIP),
        ]
    )
    lines = {
        "敦化市黄泥河镇 修涵洞 3天 张三": ("修涵洞", "张三"),
        "3天 黄泥河镇 修涵洞 张三": ("修涵洞", "张三"),
        "问题清单 黄泥河镇 修 2 处涵洞 3天": ("修", "2", "处涵洞"),
        "黄泥河镇修涵洞 3天": ("修涵洞",),
    }

    def read(text: str) -> None:
        line = parse_task_line(text, gazetteer, within="222403000000", now=NOW, zone=ZONE)
        assert (line.code, line.words) == ("222403101000", lines[text])
        assert line.due_at == datetime(2026, 7, 4, 1, 0, tzinfo=UTC)
        assert (line.in_list is TaskList.PROBLEM) is text.startswith("问题")

    hold_for_every(lines, read)
