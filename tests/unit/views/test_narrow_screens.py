"""What is read on a telephone of 360 points: a line and a button hold what belongs together."""

from __future__ import annotations

import unicodedata
from datetime import timedelta

from alerts.sources.feed_store import FeedState
from bot.views.patrol import feeds
from bot.views.screen import Inline
from bot.views.warnings import follow_up, progress, silent_list
from bot.views.warnings.parts import on_button
from tests.unit.views import samples as s
from tests.unit.views.screens import SCREENS

HALF_A_ROW = 18
"""Columns of a button that shares its row with another; a Chinese character has two."""


def columns(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(sign) in "WF" else 1 for sign in text)


def test_the_button_for_whom_was_reached_is_not_cut_off() -> None:
    screen = silent_list.silent_list(s.ALERT, s.SILENT, "zh", s.PLACE, s.NOW, total=4)
    assert isinstance(screen.keyboard, Inline)
    named = [row[0].text for row in screen.keyboard.rows if "已电话叫应" in row[0].text]
    assert len(named) == len(s.SILENT)
    for words in named:
        who = words.split()[0]
        assert columns(words) - columns(who) + columns("唐大勇") <= HALF_A_ROW


def test_a_number_stands_on_a_line_of_its_own_or_with_the_hour() -> None:
    listed = silent_list.silent_list(s.ALERT, s.SILENT, "zh", s.PLACE, s.NOW, total=4).text
    wanted = dict(SCREENS)["help_list"]("zh").text
    for text in (listed, wanted):
        numbers = [line for line in text.splitlines() if "☎️" in line]
        assert numbers
        assert all(columns(line) <= 2 * HALF_A_ROW and "未回应" not in line for line in numbers)


def test_a_warning_just_released_is_not_under_a_minute_past() -> None:
    start = s.ALERT.released_at
    assert start is not None
    for seconds, said in ((20, False), (60, True)):
        now = start + timedelta(seconds=seconds)
        card = progress.progress_card(s.ALERT, s.PROGRESS, "zh", s.PLACE, now)
        assert ("已过" in card.text) is said and "不到 1 分钟" not in card.text


def test_one_page_of_a_list_is_refreshed_not_numbered() -> None:
    screen = silent_list.silent_list(s.ALERT, s.SILENT, "zh", s.PLACE, s.NOW, total=4)
    assert isinstance(screen.keyboard, Inline)
    words = [button.text for row in screen.keyboard.rows for button in row]
    assert "🔄 刷新" in words and not any("1/1" in each for each in words)


def test_an_older_list_of_who_needs_help_has_no_button() -> None:
    assert follow_up.help_list_below(s.ALERT, "zh", s.PLACE).keyboard is None


def test_a_village_in_a_chat_is_named_from_below_what_was_asked_about() -> None:
    shown = dict(SCREENS)["coverage"]("zh").text
    gaps = [line for line in shown.splitlines() if "没有登记人员" in line and "：" in line]
    assert gaps and not any("2224" in line or "延边州" in line for line in gaps)


def test_an_order_for_nobody_says_so_before_it_is_confirmed() -> None:
    screen = dict(SCREENS)["danger_preview_red_for_nobody"]("zh")
    assert "没有人收到要求" in screen.text and "每人须按" not in screen.text
    assert isinstance(screen.keyboard, Inline)
    assert screen.keyboard.rows[0][0].text == "✅ 确认设置 🔴·敦化市"


def test_a_feed_that_saw_nothing_yet_has_no_hour_of_dashes() -> None:
    state = FeedState("卫星", s.NOW, tried_at=s.NOW, succeeded_at=s.NOW)
    (line,) = feeds.feed_lines([state], ["卫星"], s.NOW, "zh")
    assert "还没有观测" in line and "--" not in line


def test_several_places_on_a_button_are_counted_not_cut() -> None:
    assert on_button("大石头镇、黄泥河镇", "zh") == "大石头镇等2地"
    assert on_button("敦化市、安图县", "zh") == "敦化市、安图县"
    assert on_button("延边州（不含敦化市、图们市）", "zh").endswith("（部分）")
