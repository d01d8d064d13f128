"""Frames of evacuation cards: what ships is said as before; a bad one is refused by its line."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from alerts.template_files.faults import BadTemplate, TemplateFault
from alerts.template_files.frames import (
    LONGEST_LINE,
    MOST_LINES,
    CardFrame,
    FrameLine,
    Surface,
    frame_lines,
    read_frame,
    read_frame_lines,
    write_frame,
)
from alerts.template_files.model import TemplateKind, read_template
from bot.views.evacuation.card import card_caption, card_lines
from bot.views.evacuation.wall_sheet import wall_sheet
from bot.views.screen import LONGEST_CAPTION, visible_length
from bot.views.template_problems import bad_template_line
from data.templates import TEMPLATES
from tests.every_case import hold_for_every
from tests.unit.views.evacuation_screens import BARE, FULL

SHIPPED = (TEMPLATES / "cards" / "evacuation.toml").read_text(encoding="utf-8")
TYPED = frame_lines(read_frame(SHIPPED, "x"))
T = TemplateFault


def test_a_frame_is_written_as_it_is_read_in_files_and_in_chats() -> None:
    shipped = read_frame(SHIPPED, "evacuation.toml")
    own = replace(
        shipped,
        below="",
        foot="",
        lines=(
            FrameLine("值班电话", "0433-0000000"),
            *shipped.lines[::-1],
            FrameLine("村医", "李医生", frozenset({Surface.WALL})),
            FrameLine("按住", "说话", frozenset({Surface.CHAT})),
        ),
    )
    for frame in (shipped, own):
        assert read_frame(write_frame(frame), "x") == frame
        assert read_frame_lines(frame_lines(frame), "x") == frame
    # As phones write them: braces of the wide kind, spaces, lines ended as on Windows.
    wide = TYPED.replace("{信号}", "｛ 信号 ｝").replace("：", ":").replace("\n", "\r\n\r\n")
    assert read_frame_lines(wide, "x") == shipped


BAD = {
    SHIPPED.replace("{signal}", "{sginal}"): (T.UNKNOWN_PLACEHOLDER, 20),
    SHIPPED.replace("{signal}", "{signal.__class__}"): (T.UNKNOWN_PLACEHOLDER, 20),
    SHIPPED.replace("{signal}", "{signal"): (T.UNKNOWN_PLACEHOLDER, 20),
    SHIPPED.replace('"组织"', '"{when}"'): (T.UNKNOWN_PLACEHOLDER, 11),
    SHIPPED.replace("{organiser}", "王村长"): (T.MISSING_PLACEHOLDER, 10),
    SHIPPED.replace('text = "{route}"', 'text = "{route}"\non = ["墙上"]'): (
        T.MISSING_PLACEHOLDER,
        10,
    ),
    SHIPPED.replace('text = "{route}"', 'text = "{route}"\non = ["门上"]'): (T.UNKNOWN_SURFACE, 29),
    SHIPPED.replace("{village} 转移路线图", "转移路线图"): (T.MISSING_PLACEHOLDER, 4),
    SHIPPED.replace('no_return = "未', 'back = "未'): (T.UNKNOWN_FIELD, 7),
    SHIPPED.replace("未接到返回通知，任何人不得返回", " "): (T.NO_TEXT, 7),
    SHIPPED.replace("text =", "words =", 1): (T.UNKNOWN_FIELD, 12),
    SHIPPED.replace("{key_holder}", "长" * 81): (T.TEXT_TOO_LONG, 36),
    SHIPPED + '\n[[line]]\nheading = "一"\ntext = "二"\n' * 6: (T.TOO_MANY, 58),
    SHIPPED.partition("[[line]]")[0]: (T.MISSING_PLACEHOLDER, 1),
}
BAD_TYPED = {
    TYPED.replace("{信号}", "{暗号}"): (T.UNKNOWN_PLACEHOLDER, 9),
    TYPED.replace("路线：{路线}", "路线（只上墙）：{路线}"): (T.MISSING_PLACEHOLDER, 6),
    TYPED.replace("页脚：", "页尾："): (T.UNKNOWN_FIELD, 16),
    TYPED.replace("不得返回：未接到返回通知，任何人不得返回", ""): (T.MISSING_FIELD, 1),
    TYPED.replace("页脚：", "不得返回："): (T.FIELD_TWICE, 16),
    TYPED.replace("【标题】\n", ""): (T.NOT_A_FIELD, 1),
    TYPED.replace("何时：{何时}", "红色就走"): (T.NOT_A_FIELD, 10),
    "随便写的": (T.NOT_A_FIELD, 1),
}


def test_a_bad_frame_is_refused_with_its_line() -> None:
    def refused(text: str) -> None:
        with pytest.raises(BadTemplate) as raised:
            if text in BAD:
                read_template(TemplateKind.FRAME, "evacuation", text)
            else:
                read_frame_lines(text, "您发的文字")
        fault = raised.value
        assert (fault.fault, fault.line) == {**BAD, **BAD_TYPED}[text]
        for language in ("zh", "en"):
            assert str(fault.line) in bad_template_line(fault, language)

    hold_for_every([*BAD, *BAD_TYPED], refused)
    with pytest.raises(BadTemplate) as raised:
        read_template(TemplateKind.FRAME, "own", SHIPPED)
    assert raised.value.fault is T.OTHER_FRAME
    assert TemplateKind.of_file("evacuation.toml") is TemplateKind.FRAME


def longest() -> CardFrame:
    shipped = read_frame(SHIPPED, "x")
    more = MOST_LINES - len(shipped.lines)
    filler = FrameLine("长长的一个名目字数", "话" * LONGEST_LINE)
    return replace(shipped, lines=(*[filler] * more, *shipped.lines))


def test_what_a_card_lacks_is_left_out_in_chat_and_blank_on_the_wall() -> None:
    shipped = read_frame(SHIPPED, "x")
    frame = replace(
        shipped, lines=(*shipped.lines[:2], FrameLine("返回", "听广播"), *shipped.lines[2:])
    )
    bare = card_lines(BARE, frame, "zh", numbers=True)
    assert bare == [("转移", "3户8人"), ("返回", "听广播")]
    printed = card_lines(BARE, frame, "zh", numbers=True, printed=True)
    assert [heading for heading, _ in printed] == [line.heading for line in frame.lines]
    assert ("信号", "") in printed


def test_the_longest_frame_loses_neither_the_last_line_nor_the_page() -> None:
    full = replace(FULL, signal="锣" * 120, when_to_move="水" * 120, route_words="路" * 120)
    caption = card_caption(full, longest(), "zh", numbers=True, frail=2)
    assert visible_length(caption.text) <= LONGEST_CAPTION
    assert caption.text.endswith("未接到返回通知，任何人不得返回</b>")
    page = wall_sheet(full, longest(), "x", None, date(2026, 6, 1), "zh")
    assert page.count(b"/Type /Page\n") == 1
