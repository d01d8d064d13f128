"""How much longer, or until when, as people write it in a hurry."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from bot.compose.written_spans import moment_at_start, span_at_start

ZONE = ZoneInfo("Asia/Shanghai")
NOW = datetime(2026, 7, 29, 4, 1, tzinfo=ZONE).astimezone(UTC)  # as at 建始, in 2023


@pytest.mark.parametrize(
    ("text", "minutes"),
    [
        ("6小时", 360),
        ("６ 个小时，立即转移", 360),
        ("两个半小时", 150),
        ("6个小时半", 390),
        ("十二小时", 720),
        ("半小时", 30),
        ("半天", 720),
        ("一天", 1440),
        ("90分钟", 90),
        ("6h", 360),
        ("6 hours", 360),
        ("6", None),
        ("6月30日", None),
        ("立即转移", None),
        ("", None),
    ],
)
def test_spans(text: str, minutes: int | None) -> None:
    read = span_at_start(text)
    assert (None if read is None else read.longer) == (
        None if minutes is None else timedelta(minutes=minutes)
    )


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("22:00", (29, 22, 0)),
        ("22：00，立即转移", (29, 22, 0)),
        ("3点", (30, 3, 0)),  # the next three o'clock
        ("8点半", (29, 8, 30)),
        ("8时5分", (29, 8, 5)),
        ("今天3点", (29, 3, 0)),  # over, as it was said
        ("明早8点", (30, 8, 0)),
        ("今晚10点", (29, 22, 0)),
        ("今晚12点", (30, 0, 0)),
        ("凌晨12点", (30, 0, 0)),
        ("明天中午1点", (30, 13, 0)),
        ("24点", (30, 0, 0)),
        ("后天六点", (31, 6, 0)),
        ("30日8时", (30, 8, 0)),
        ("7月30日 8时", (30, 8, 0)),
        ("7-30 08:00", (30, 8, 0)),
        ("25点", None),
        ("31日24:30", None),
        ("2月30日8时", None),
        ("立即转移", None),
    ],
)
def test_moments(text: str, at: tuple[int, int, int] | None) -> None:
    read = moment_at_start(text, NOW, ZONE)
    expected = None if at is None else datetime(2026, 7, at[0], at[1], at[2], tzinfo=ZONE)
    assert (None if read is None else read.until) == expected


def test_a_day_that_is_over_is_of_the_next_month_or_year() -> None:
    first = moment_at_start("1日8时", NOW, ZONE)
    new_year = moment_at_start("1月2日8时", NOW, ZONE)
    assert first is not None and first.until == datetime(2026, 8, 1, 8, tzinfo=ZONE)
    assert new_year is not None and new_year.until == datetime(2027, 1, 2, 8, tzinfo=ZONE)
