"""When a danger is expected, as it is written."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from bot.compose.onset import find_onset, parse_onset

ZONE = ZoneInfo("Asia/Shanghai")
NOW = datetime(2026, 7, 1, 8, 30, tzinfo=ZONE)  # a Wednesday


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("明天14时", "2026-07-02 14:00"),
        ("明天下午2点半", "2026-07-02 14:30"),
        ("今晚8点", "2026-07-01 20:00"),
        ("昨天14时", "2026-06-30 14:00"),
        ("大后天 6:00", "2026-07-04 06:00"),
        ("周五 14:00", "2026-07-03 14:00"),
        ("周三8点", "2026-07-08 08:00"),
        ("下周一8时", "2026-07-06 08:00"),
        ("7月3日14时", "2026-07-03 14:00"),
        ("7月3日14时30分", "2026-07-03 14:30"),
        ("2026-07-03 14:00", "2026-07-03 14:00"),
        ("1月3日8时", "2027-01-03 08:00"),
        ("30小时后", "2026-07-02 14:30"),
        ("3天后", "2026-07-04 08:30"),
        ("90分钟后", "2026-07-01 10:00"),
        ("14:00", "2026-07-01 14:00"),
        ("8:00", "2026-07-02 08:00"),
        ("30h", "2026-07-02 14:30"),
        ("24:00", "2026-07-02 00:00"),
    ],
)
def test_a_time(text: str, expected: str) -> None:
    at = parse_onset(text, NOW, ZONE)
    assert at is not None
    assert at.tzinfo is UTC
    assert f"{at.astimezone(ZONE):%Y-%m-%d %H:%M}" == expected


@pytest.mark.parametrize("text", ["", "改天", "25:00", "13月3日8时", "14", "立即转移", "周八8点"])
def test_no_time(text: str) -> None:
    assert parse_onset(text, NOW, ZONE) is None


@pytest.mark.parametrize(
    ("line", "rest"),
    [
        ("橙 暴雨 敦化市 明天14时 立即转移", "橙 暴雨 敦化市 立即转移"),
        ("7月3日14时 橙 暴雨 敦化市", "橙 暴雨 敦化市"),
        ("橙 暴雨 敦化市 30小时后", "橙 暴雨 敦化市"),
    ],
)
def test_it_is_taken_out_of_a_line(line: str, rest: str) -> None:
    found = find_onset(line, NOW, ZONE)
    assert found is not None
    assert found[1] == rest
