"""A warning written in one line, and edited: what of it was not understood, what became of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import Enum

from alerts.model import WARNED_OF, Alert, Hazard, Level
from bot.actions.warnings import StatusOf
from bot.locale import translator
from bot.views.screen import Button, Inline, Screen, bold, escape, shorten
from bot.views.vocabulary import grade_name, hazard_name, level_name, with_thing
from bot.views.warnings.change_menu import change_button, named
from bot.views.warnings.parts import title


class StrangeKind(Enum):
    """What a word seems to be that it is not."""

    LEVEL = "level"
    HAZARD = "hazard"
    SECOND = "second"  # a second level or hazard
    UNKNOWN = "unknown"
    COUNT = "count"  # 五个村, and four of them are known


@dataclass(frozen=True, slots=True)
class StrangeWord:
    """A word of the line that was not used."""

    text: str
    kind: StrangeKind


def with_note(note: str, screen: Screen) -> Screen:
    """The screen with a note (HTML) above it; as it is without one."""
    return replace(screen, text=f"{note}\n\n{screen.text}") if note else screen


def line_notes(strange: Sequence[StrangeWord], language: str, *, response: bool = False) -> str:
    """What in a line was not used, and why (HTML); ``response``: of a response's line."""
    _ = translator(language)
    not_a_level = _("「{word}」不是预警等级，等级只有：{levels}。")
    levels = _("、").join(level_name(level, language) for level in Level)
    if response:
        not_a_level = _("「{word}」不是应急响应等级，等级只有：{levels}。")
        grades = (grade_name(Hazard.FLOOD_RESPONSE, level, language) for level in Level)
        levels = _("、").join(grades)
    hazards = _("、").join(hazard_name(hazard, language) for hazard in WARNED_OF)
    reasons = {
        StrangeKind.LEVEL: not_a_level,
        StrangeKind.HAZARD: _("「{word}」不在灾害表里，可选：{hazards}。"),
        StrangeKind.SECOND: _("一条预警只有一个等级、一种灾害：「{word}」没有用上。"),
        StrangeKind.COUNT: _("「{word}」与认出的区域个数不符，请核对区域。"),
        StrangeKind.UNKNOWN: _("没有看懂「{word}」，没有用上。"),
    }
    return "\n".join(
        "⚠️ "
        + reasons[word.kind].format(
            word=escape(shorten(word.text, 20)), levels=levels, hazards=hazards
        )
        for word in strange
    )


def line_renewed(language: str) -> str:
    """Above the preview of a line that was edited (HTML)."""
    _ = translator(language)
    return bold(_("✏️ 按您改过的那一行重新核对，之前的预览作废。"))


def only_places(places: Sequence[str], language: str) -> str:
    """Above the first question, of a line that names neither level nor hazard: what was kept."""
    _ = translator(language)
    return _("区域已记下：{places}。还要等级和灾害：").format(places=named(places, language))


def text_renewed(language: str) -> str:
    """Above the preview of a text that was edited (HTML)."""
    _ = translator(language)
    return bold(_("✏️ 内容已按您的修改更新，之前的预览作废。"))


def same_meanwhile(language: str) -> str:
    """Above the preview when somebody else has just released the same (HTML)."""
    _ = translator(language)
    return bold(_("⚠️ 刚刚有人发布了同样的预警。您的还没有发出，请再核对。"))


def edit_not_used(language: str) -> Screen:
    """Answer to an edited message that is not the one the open draft was made of."""
    _ = translator(language)
    return Screen(_("您改的这条消息没有用上：正在核对的内容不会随它改变。要改内容请按「改内容」。"))


def text_not_used(language: str) -> Screen:
    """Answer to a text typed while a preview is open."""
    _ = translator(language)
    return Screen(_("这段话没有用上：正在核对的内容没有改变。要改内容请按「改内容」，再写。"))


def edited_too_late(alert: Alert, language: str, place: str) -> Screen:
    """Answer to an edited message of which a warning was made that is out already."""
    _ = translator(language)
    lines = [
        bold(with_thing(_("改这条消息不会改变已经提交的{thing}："), alert.hazard, language)),
        title(alert, place, language),
        _("发出的内容不变。要更正，请按「{button}」。").format(
            button=change_button(alert, language).text
        ),
    ]
    look = Button(_("📊 看态势"), StatusOf(alert.id).encode())
    if not alert.in_force:
        return Screen("\n".join(lines), Inline(((look,),)))
    return Screen("\n".join(lines), Inline(((change_button(alert, language),), (look,))))
