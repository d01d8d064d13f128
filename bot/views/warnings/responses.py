"""Raising an emergency response: which command, which level; and those in force."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import tzinfo

from alerts.model import RESPONSES, Alert, Level
from bot.actions.responses import raise_at
from bot.actions.warnings import LiftAsk, LookAt
from bot.locale import translator
from bot.views.clock import BEIJING, day_clock
from bot.views.screen import Button, Inline, Screen, bold, escape, name
from bot.views.vocabulary import family_name, grade_name, level_mark
from bot.views.warnings.change_menu import change_button
from bot.views.warnings.parts import plain_title, state_words, title

_SHOWN = 5


def choose_response(
    place: str, running: Sequence[tuple[Alert, str]], language: str, zone: tzinfo = BEIJING
) -> Screen:
    """Answer to /response: those in force, and a button for each level of each command.

    :param place: the division whose command would raise it.
    :param running: those in force that the reader may end, with the names of their areas.
    """
    _ = translator(language)
    lines = [bold(_("🚨 应急响应"))]
    rows: list[tuple[Button, ...]] = []
    for alert, where in running[:_SHOWN]:
        at = day_clock(alert.released_at or alert.created_at, zone)
        title = plain_title(alert, where, language)
        lines.append(f"• {escape(title)} · {at} · {state_words(alert, language)}")
        rows.append((Button(_("📊 {title}").format(title=title), LookAt(alert.id).encode()),))
    if not running:
        lines.append(_("现在没有正在进行的应急响应。"))
    lines += ["", _("{place}启动哪一级？下一步先核对，不会马上发出。").format(place=name(place))]
    lines.append(_("一行启动：<code>/response 防汛 Ⅱ级 敦化市</code>"))
    lines.append(_("终止：<code>/response 终止 防汛 敦化市</code>"))
    for level in Level:
        rows.append(
            tuple(
                Button(
                    f"{level_mark(level)} {family_name(hazard.family, language)}"
                    f"{grade_name(hazard, level, language)}",
                    raise_at(hazard, level).encode(),
                )
                for hazard in RESPONSES
            )
        )
    return Screen("\n".join(lines), Inline(tuple(rows)))


def in_force_already(alert: Alert, place: str, language: str) -> Screen:
    """One of this command is in force there: it is adjusted, not raised a second time."""
    _ = translator(language)
    lines = [
        title(alert, place, language),
        _("这个响应正在进行。要提升、降低等级，请按「✏️ 变更响应」"),
        _("或发：<code>/update {number} Ⅱ级</code>").format(number=alert.id),
    ]
    end = Button(_("✅ 终止响应"), LiftAsk(alert.id).encode())
    return Screen("\n".join(lines), Inline(((change_button(alert, language),), (end,))))


def which_to_end(running: Sequence[tuple[Alert, str]], language: str) -> Screen:
    """Several are in force: which one is to end?"""
    _ = translator(language)
    rows = tuple(
        (
            Button(
                _("✅ 终止 {title}").format(title=plain_title(alert, where, language)),
                LiftAsk(alert.id).encode(),
            ),
        )
        for alert, where in running
    )
    return Screen(bold(_("终止哪一个？")), Inline(rows))


def none_to_end(language: str) -> Screen:
    """None is in force there."""
    _ = translator(language)
    return Screen(_("没有正在进行的应急响应可以终止。看全部：/response"))
