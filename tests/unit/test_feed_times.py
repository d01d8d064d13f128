"""Times as agencies, offices and gauges write them: what one moment can be meant by is read."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.sources.written_times import read_time

CHINA = ZoneInfo("Asia/Shanghai")
THREE = datetime(2026, 6, 30, 19, 0, tzinfo=UTC)  # 03:00 of 1 July in China

THE_SAME = """
2026-07-01T03:00:00+08:00 | 2026-07-01 03:00:00+08 | 2026-07-01T03:00+0800 | 2026-07-01T03:00 +8
2026-07-01T03:00:00 UTC+8 | 2026-07-01T03:00:00GMT+08:00 | 2026-06-30T19:00:00 UTC
2026-06-30 19:00 GMT | 2026-06-30T19:00:00z | 2026-06-30T19:00:00-00:00 | 2026-06-30T14:00:00−05:00
2026-07-01 03:00 CST | Wed, 01 Jul 2026 03:00:00 CST | Wed Jul 01 03:00:00 CST 2026
Tue, 30 Jun 2026 19:00:00 GMT | Tue, 30 Jun 2026 12:00:00 PDT | 1 Jul 2026 03:00 +0800
2026-07-01T03:00+08:00[Asia/Shanghai] | 2026-07-01 03:00:00 (北京时间) | 北京时间2026年7月1日3时
２０２６－０７－０１　０３：００ | 2026年7月1日3时 | 2026年07月01日03时00分00秒 | 2026年7月1日 3点整
2026/7/1 上午 3:00:00 | 2026/7/1 3:00:00 AM | 2026年7月1日凌晨3时 | 2026.7.1 3:00 | 2026-07-01T3
20260701030000 | 202607010300 | 2026070103 | 20260701T030000+0800 | 20260630T190000Z
1782846000 | 1782846000000 | 1782846000.0 | /Date(1782846000000)/ | /Date(1782846000000+0800)/
Wed, 1 Jul 2026 03:00:00 +0800 (CST) | Wed Jul 01 03:00:00 HKT 2026 | 01 Jul 2026 03:00:00 BJT
1 Jul 2026 04:00 JST | Jul 1, 2026 3:00 AM BJT | 1 July 2026 03:00:00 AM +0800 | 01-Jul-26 03:00 HKT
Tue, Jun 30, 2026 3:00:00 PM EDT | Jun 30, 2026 7:00 PM GMT | 2026-07-01 04:00 KST
Wed Jul 01 2026 03:00:00 GMT+0800 (中国标准时间) | 2026-06-30 14:00:00-05:00 | 20260630T1400-0500
2026-07-01 03:00+0800 | Tue, 30 Jun 2026 14:00 -0500 | Wed Jul 01 03:00:00 +0800 2026
2026年7月1日 03:00 | 2026-06-30 19:00 (UTC) | 2026/7/1上午3:00
2026-06-30T19:00:00.123456Z | 2026-07-01 02:59:60 | 2026-07-01T02:59:60+08:00 | 46204.125
"""


@pytest.mark.parametrize("text", [t.strip() for t in THE_SAME.replace("\n", "|").split("|") if t])
def test_one_moment_however_it_is_written(text: str) -> None:
    found = read_time(text, CHINA, sheets=True)
    assert found is not None
    assert found.at.replace(microsecond=0) == THREE
    assert found.clock


def test_the_words_of_sheets() -> None:
    for text, day, hour, minute in (
        ("2026年11月30日3时", 29, 19, 0),
        ("2026年11月30日3时5分", 29, 19, 5),
        ("2026年11月30日 3点半", 29, 19, 30),
        ("2026/11/30 下午 3:05:00", 30, 7, 5),
        ("2026-11-30 12:30 AM", 29, 16, 30),
        ("2026-11-29 24:00", 29, 16, 0),
        ("2026-11-30T24:00:00+08:00", 30, 16, 0),
    ):
        found = read_time(text, CHINA)
        assert found is not None, text
        assert found.at == datetime(2026, 11, day, hour, minute, tzinfo=UTC), text
    noon = read_time("45991.5", CHINA, sheets=True)
    assert noon is not None
    assert noon.at == datetime(2025, 11, 30, 4, 0, tzinfo=UTC)
    assert read_time("45991.5", CHINA) is None, "a message is no spreadsheet"


def test_what_a_time_does_not_say() -> None:
    for text, zoned, clock in (
        ("2026-07-01", False, False),
        ("2026年7月1日", False, False),
        ("2026-07-01 03:00", False, True),
        ("2026-07-01 03:00Z", True, True),
        ("1782846000", True, True),
        ("Wed, 01 Jul 2026 03:00:00", False, True),
        ("Wed Jul  1 03:00:00 2026", False, True),
        ("Jul 1, 2026 3:00 AM", False, True),
        ("2026-07-01 03:00 (周三)", False, True),
    ):
        found = read_time(text, CHINA)
        assert found is not None, text
        assert (found.zoned, found.clock) == (zoned, clock), text
        assert zoned or not clock or found.at == THREE
    chicago = read_time("2026-07-01 03:00 CST", ZoneInfo("Europe/Berlin"))
    assert chicago is not None
    assert chicago.at.hour == 9


@pytest.mark.parametrize(
    "text",
    """|soon|昨天|04:00|3时5分|7/1/2026 3:00|2023111|2026-13-01 03:00
2026-02-30 03:00|2026-07-01 24:01
2026-07-01T03:00:61Z|2026-07-01 03:60|2026-07-01 25:00|2026-07-01 13:30 PM|2026-07-01T03:00+15:00
Wed, 01 Jul 2026 03:00:00 IST|Wed Jul 01 03:00:00 XYZ 2026|1 Jul 2026 13:00 PM|1 Foo 2026 03:00
2026-08-26 08-14|2026-08-26 08:00-09:00|2026-08-26 08:00 - 09|2026-08-26 08+08|202608260800-0900
2026-7-112:00|2026年7月18时|20260701-0800|2026-07-01 03:00 (Tokyo)|2026-07-01 03:00 IST
26 Aug 2026 08:00-09:00|2026-07-01T03:00 JST+8
2026-07-01T03:00+24:00|9999-12-31T00:00:00Z|1900-01-01 00:00|2026-07-01T|99999999999999""".replace(
        "\n", "|"
    ).split("|"),
)
def test_what_is_no_moment(text: str) -> None:
    assert read_time(text, CHINA, sheets=True) is None


@given(st.text(alphabet="0123456789-/:.T ZUCSJulAPM,()+年月日时分（）ａ１\x00", max_size=30))
def test_no_text_raises(text: str) -> None:
    found = read_time(text, CHINA, sheets=True)
    assert found is None or 1990 <= found.at.year <= 2100
