"""A warning that expires soon: is it to hold longer, or is it over?"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, tzinfo

from alerts.expiry.model import DUTY_BEFORE, ExpiryAnswer, minute_of
from alerts.model import Alert
from alerts.progress import Progress
from alerts.reports import NO_HELP, HelpCounts
from bot.actions.changes import ChangeStep, ChangeTap, LetExpire
from bot.actions.warnings import StatusOf
from bot.locale import translator
from bot.views.clock import BEIJING, ago, clock, day_clock
from bot.views.screen import Button, Inline, Screen, bold, escape
from bot.views.warnings.change_menu import ends
from bot.views.warnings.parts import heading, state_line, title
from bot.views.warnings.progress import counts, help_open

_HALF_A_MINUTE = 30  # seconds: the nearest minute is said, not the one before

OFFERED_HOURS = (3, 6)
"""By how much it is prolonged by one tap; any other time is behind 变更预警."""


def ask_expiry(
    alert: Alert,
    progress: Progress,
    language: str,
    place: str,
    now: datetime,
    *,
    decides: bool,
    duty: bool = False,
    asked: Sequence[str] = (),
    wanted: HelpCounts = NO_HELP,
    zone: tzinfo = BEIJING,
) -> Screen:
    """To whoever may decide, with buttons; to those on duty without, and whom to ring.

    :param duty: nobody in charge has answered.
    :param asked: those in charge, each with the number the reader may know (plain).
    """
    _ = translator(language)
    left = ago((alert.expires_at - now).total_seconds() + _HALF_A_MINUTE, language)
    response = alert.hazard.response
    question = _("⏳ 还有 {left}到期：延长，还是解除？")
    if response:
        question = _("⏳ 还有 {left}到期：延长，还是终止？")
    question = question.format(left=left)
    lines = [
        heading(alert, bold(question), place, language),
        _("有效至 {until}。没有人处理，到时自动到期，不再叫应。").format(
            until=day_clock(alert.expires_at, zone)
        ),
        "",
        *help_open(wanted, language),
        *counts(progress, language),
    ]
    if duty:
        lines += ["", bold(_("负责人还没有答复："))]
        lines += [f"• {escape(line)}" for line in asked] or [_("（没有能联系上的负责人）")]
        lines.append(_("请马上打电话问，或直接决定。") if decides else _("请马上打电话问。"))
    else:
        at = clock(max(alert.expires_at - DUTY_BEFORE, now), zone)
        lines += ["", _("{time} 前没有人处理，就报值班员。").format(time=at)]
    if not decides:
        return Screen("\n".join(lines))
    longer = tuple(
        Button(
            _("⏱ 延长 {hours} 小时").format(hours=hours),
            ChangeTap(alert.id, ChangeStep.TIME, str(hours)).encode(),
        )
        for hours in OFFERED_HOURS
    )
    rows = (
        longer,
        (Button(_("⏱ 延长到别的时间"), ChangeTap(alert.id, ChangeStep.TIME).encode()),),
        (ends(alert, language)[0],),
        (
            Button(
                _("⌛ 不延长，到时自动到期"),
                LetExpire(alert.id, minute_of(alert.expires_at)).encode(),
            ),
        ),
    )
    return Screen("\n".join(lines), Inline(rows))


def expiry_answered(
    alert: Alert,
    answer: ExpiryAnswer | None,
    language: str,
    place: str,
    *,
    by: str = "",
    zone: tzinfo = BEIJING,
) -> Screen:
    """What the question becomes: prolonged, may expire, over."""
    _ = translator(language)
    lines = [title(alert, place, language)]
    until = day_clock(alert.expires_at, zone)
    if not alert.in_force:
        lines.append(state_line(alert, language, zone))
    elif answer is ExpiryAnswer.LET:
        words = _("⌛ 不延长，{until} 自动到期").format(until=until)
        lines.append(bold(words))
        if by:
            lines.append(_("由 {name} 决定").format(name=escape(by)))
    else:
        lines.append(bold(_("⏱ 已延长，有效至 {until}").format(until=until)))
    look = Button(_("📊 看态势"), StatusOf(alert.id).encode())
    return Screen("\n".join(lines), Inline(((look,),)))
