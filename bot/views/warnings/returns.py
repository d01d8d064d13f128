"""Calling home whoever was moved: whom it would reach, what it says, and the button."""

from __future__ import annotations

from datetime import tzinfo

from alerts.loop.evacuation.returning import Homecoming
from bot.actions.households import EvacuationPlaces, ReturnNow
from bot.locale import translator
from bot.views.clock import BEIJING
from bot.views.figures import moved_figures
from bot.views.screen import Button, Inline, Screen, bold, name
from bot.views.warnings.parts import body, exercise_mark, state_line, title


def ask_return(
    found: Homecoming, language: str, place: str, villages: str,
    *, zone: tzinfo = BEIJING,
) -> Screen:  # fmt: skip
    """Before the call home goes out.

    :param villages: the names of those it is for, in one line.
    """
    _ = translator(language)
    alert, moved = found.alert, found.moved.moved
    lines = [*filter(None, [title(alert, place, language), state_line(alert, language, zone)])]
    lines += [
        "",
        exercise_mark(alert.exercise, language) + bold(_("🏠 通知转移群众返回，请核对")),
        _("通知 {count} 个村：{villages}").format(
            count=len(found.draft.areas), villages=name(villages)
        ),
        _("这些村已转移 {figures}").format(
            figures=moved_figures(moved.households, moved.persons, language)
        ),
        _("叫应村里的责任人 {count} 人，收到后组织返回，报「已返回」。").format(
            count=found.persons
        ),
    ]
    if found.still_in_force:
        lines.append(bold(_("⚠️ 预警还在生效：请确认险情已排除、道路房屋已查看。")))
    lines += ["", _("将发出："), body(found.draft, language)]
    words = _("✅ 确认通知返回 · 叫应{persons}人")
    if alert.exercise:
        words = _("✅ 确认通知返回（演练）· 叫应{persons}人")
    yes = Button(
        words.format(persons=found.persons), ReturnNow(alert.id, len(found.draft.areas)).encode()
    )
    no = Button(_("⬅️ 不，先不返回"), EvacuationPlaces(alert.id).encode())
    return Screen("\n".join(lines), Inline(((yes,), (no,))))


def return_toast(calls: int, language: str) -> str:
    """Toast to the commander whose word it was."""
    _ = translator(language)
    return _("🏠 返回通知已发出，叫应 {count} 人").format(count=calls)


def changed_toast(language: str) -> str:
    """Toast when more, or fewer, villages are to be called home than were shown."""
    _ = translator(language)
    return _("要通知的村有变化，请重新核对再确认")
