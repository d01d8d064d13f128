"""A release that a second person must confirm: asking them, and telling the sender."""

from __future__ import annotations

from datetime import datetime, tzinfo

from alerts.model import Alert, State
from alerts.preview import Preview
from bot.actions.codec import Action
from bot.actions.warnings import ConfirmAlert, ConfirmKnowing, RefuseAlert, StatusOf
from bot.locale import translator
from bot.views.clock import BEIJING
from bot.views.screen import Button, Inline, Screen, bold, escape
from bot.views.warnings.departments import wanted_line
from bot.views.warnings.parts import (
    body,
    command_line_note,
    confirm_words,
    heading,
    sent_line,
    state_line,
    title,
)
from bot.views.warnings.progress import nobody_to_call
from bot.views.warnings.proposal import Proposal, proposal_lines


def confirm_request(
    alert: Alert,
    counts: Preview,
    language: str,
    place: str,
    *,
    sender_line: str,
    proposal: Proposal | None = None,
    zone: tzinfo = BEIJING,
    asked_at: datetime | None = None,
) -> Screen:
    """To a second commander: what would go out, to how many, who else was asked; two buttons.

    :param asked_at: now, when it was proposed so long ago that they are asked again.
    """
    _ = translator(language)
    wanted = _("⏳ 请您确认启动") if alert.hazard.response else _("⏳ 请您确认发布")
    parts = [
        heading(alert, bold(wanted), place, language),
        body(alert, language),
        "\n".join(
            [
                _("将叫应 {persons} 人，{groups} 个群").format(
                    persons=counts.persons, groups=counts.groups
                ),
                *wanted_line(counts.departments, language),
                *nobody_to_call(counts.uncalled, language),
            ]
        ),
        sent_line(alert, sender_line, language, zone),
    ]
    if proposal is not None:
        if proposal.by is not None and proposal.by.phone:
            parts[-1] += f" {escape(proposal.by.phone)}"
        parts.append("\n".join(proposal_lines(proposal, language, zone)))
    parts += command_line_note(alert, language)
    parts.append(_("确认前不会发出任何消息。"))
    confirmed: Action = ConfirmAlert(alert.id)
    if asked_at is not None:
        confirmed = ConfirmKnowing(alert.id, int(asked_at.timestamp()) // 60)
    words = confirm_words(alert, place, counts.persons, language)
    yes = Button(words, confirmed.encode())
    no = Button(_("✋ 不同意"), RefuseAlert(alert.id).encode())
    return Screen("\n\n".join(parts), Inline(((yes,), (no,))))


def confirm_done(
    alert: Alert, language: str, place: str, *, by: str, zone: tzinfo = BEIJING
) -> Screen:
    """What the request becomes, by what became of the alert."""
    _ = translator(language)
    raised = alert.hazard.response
    if alert.in_force:
        words = _("✅ 已由 {name} 确认启动") if raised else _("✅ 已由 {name} 确认发布")
        words = bold(words.format(name=by))
        keyboard = Inline(((Button(_("📊 看态势"), StatusOf(alert.id).encode()),),))
        return Screen(f"{title(alert, place, language)}\n{words}", keyboard)
    if alert.state is State.REFUSED and by:
        words = bold(_refused_by(alert, by, language))
    else:
        words = state_line(alert, language, zone)
    return Screen(f"{title(alert, place, language)}\n{words}")


def released_message(
    alert: Alert,
    language: str,
    place: str,
    *,
    calls: int = 0,
    groups: int = 0,
    by: str = "",
    proposal: Proposal | None = None,
    zone: tzinfo = BEIJING,
) -> Screen:
    """To the sender: it is out (who confirmed it), or it was refused (and by whom)."""
    _ = translator(language)
    lines = [title(alert, place, language)]
    raised = alert.hazard.response
    if alert.state is State.REFUSED:
        if by:
            lines.append(bold(_refused_by(alert, by, language)))
        elif raised:
            lines.append(bold(_("✋ 没有人及时确认，没有启动")))
        else:
            lines.append(bold(_("✋ 没有人及时确认，没有发布")))
        again = _("没有发出任何消息。修改后可重新启动。")
        lines.append(again if raised else _("没有发出任何消息。修改后可重新发布。"))
        return Screen("\n".join(lines))
    if alert.state is State.PENDING:
        lines.append(bold(_("⏳ 等待第二人确认，尚未发出")))
        lines += command_line_note(alert, language)
        if proposal is not None:
            lines += proposal_lines(proposal, language, zone)
        withdraw = Button(_("↩️ 撤回"), RefuseAlert(alert.id).encode())
        return Screen("\n".join(lines), Inline(((withdraw,),)))
    lines.append(bold(_("✅ 已启动") if raised else _("✅ 已发布")))
    if by:
        lines.append(_("由 {name} 确认").format(name=escape(by)))
    if calls or groups:
        lines.append(_("叫应 {calls} 人，{groups} 个群").format(calls=calls, groups=groups))
    look = Button(_("📊 看态势"), StatusOf(alert.id).encode())
    return Screen("\n".join(lines), Inline(((look,),)))


def _refused_by(alert: Alert, name: str, language: str) -> str:
    """Who did not agree; a response (应急响应) is started, a warning released."""
    _ = translator(language)
    words = (
        _("✋ {name} 不同意，没有启动")
        if alert.hazard.response
        else _("✋ {name} 不同意，没有发布")
    )
    return words.format(name=name)
