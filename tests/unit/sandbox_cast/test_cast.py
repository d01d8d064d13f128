"""The sandbox's simulated people read buttons and answer after a while."""

from __future__ import annotations

from random import Random
from typing import Any

import pytest

from bot.sandbox.cast.roster import Temper
from bot.sandbox.cast.script import Deed, Script, reactions
from contacts.people import Role

DICE = Random(1)


def message(text: str, *labels: str, message_id: int = 5, chat_id: int = 7) -> dict[str, Any]:
    rows = [[{"text": label, "callback_data": f"{label}:1"}] for label in labels]
    return {
        "message_id": message_id,
        "chat": {"id": chat_id},
        "text": text,
        "reply_markup": {"inline_keyboard": rows},
    }


def villager(temper: Temper = Temper.PROMPT) -> Script:
    return Script(7, Role.VILLAGE_RESPONSIBLE, temper, "已转移群众", "12户 35人")


def officer() -> Script:
    return Script(8, Role.DUTY_OFFICER, Temper.PROMPT)


def test_a_prompt_villager_answers_within_ninety_seconds_and_once() -> None:
    script, call = villager(), message("预警", "✅ 收到")
    (tap,) = reactions(script, call, DICE)
    assert (tap.deed, tap.words, tap.message_id) == (Deed.TAP, "收到", 5)
    assert 15 <= tap.after <= 90
    assert reactions(script, call, DICE) == []


def test_another_answers_the_reminder_only() -> None:
    script = villager(Temper.AFTER_REMINDER)
    assert reactions(script, message("预警", "✅ 收到"), DICE) == []
    assert reactions(script, message("预警", "✅ 收到"), DICE) == []  # an edit is no reminder
    (tap,) = reactions(script, message("再次提醒", "✅ 收到", message_id=6), DICE)
    assert tap.message_id == 6


def test_some_never_answer() -> None:
    assert reactions(villager(Temper.NEVER), message("预警", "✅ 收到"), DICE) == []


def test_the_report_follows_the_answer_and_the_figures_the_question() -> None:
    script = villager()
    (tap,) = reactions(script, message("请立即", "🏠 已转移群众", "✔️ 已完成"), DICE)
    assert tap.words == "已转移群众"
    (words,) = reactions(script, message("转移了多少户、多少人？", message_id=9), DICE)
    assert (words.deed, words.words) == (Deed.WRITE, "12户 35人")
    assert reactions(script, message("转移了多少户、多少人？", message_id=9), DICE) == []


@pytest.mark.parametrize(
    ("first", "second", "rung"),
    [
        ("不到 1 分钟未回应", "1 分钟未回应\n ⚠️ 联系不上：未绑定", "王芳"),
        ("8 分钟未回应", "1 分钟未回应", "李强"),
        ("1 分钟未回应", "2 分钟未回应", None),
        ("1 分钟未回应", "1 分钟未回应\n ⚠️ 联系不上：未绑定\n 电话语音：已发出", None),
        ("1 分钟未回应", "8 分钟未回应\n ⚠️ 联系不上：未绑定\n 电话语音：关机", "王芳"),
    ],
)
def test_the_officer_rings_the_unreached_then_the_long_silent(
    first: str, second: str, rung: str | None
) -> None:
    text = f"未回应 2 人\n\n1. 李强\n{first}\n\n2. 王芳\n{second}\n\n更新于 03:00"
    silent = message(text, "📞 李强 已电话叫应", "📞 王芳 已电话叫应")
    rings = reactions(officer(), silent, DICE)
    assert [tap.words for tap in rings] == ([f"📞 {rung} 已电话叫应"] if rung else [])


def test_who_is_called_by_the_roll_reports_where_they_are_once() -> None:
    asked = message("📣 点名 · 敦化市\n请在 10:20 前报位。\n👇 按下面最大的「📍 一键报位」")
    script = villager()
    (locate,) = reactions(script, asked, DICE)
    assert locate.deed is Deed.LOCATE
    assert reactions(script, asked, DICE) == []
    silent = villager()
    silent.mute = True
    assert reactions(silent, asked, DICE) == []
    assert reactions(villager(Temper.NEVER), asked, DICE) == []
    assert reactions(villager(), message("已记录 敦化市\n📣 点名已到"), DICE) == []


def test_who_is_asked_whether_it_is_still_them_answers_once() -> None:
    buttons = ("✅ 是我，还管这里", "↪️ 是我，但不管这里了", "❌ 我不是这个人")
    asked = message("📋 名册核对：还是您吗？还管这里吗？", *buttons)
    script = villager()
    (tap,) = reactions(script, asked, DICE)
    assert (tap.deed, tap.words) == (Deed.TAP, "还管这里")
    reminder = message("📋 名册核对（还没收到您的回答）", *buttons, message_id=6)
    assert reactions(script, reminder, DICE) == []
    assert reactions(villager(Temper.NEVER), asked, DICE) == []
    moved = villager()
    moved.ending = "无法执行"
    (no,) = reactions(moved, asked, DICE)
    assert no.words == "不管这里了"
