"""A change of a warning that a second person must confirm: asking them, telling who wants it."""

from __future__ import annotations

from datetime import datetime, tzinfo

from alerts.model import Alert
from alerts.updates.model import ChangeState
from bot.actions.changes import (
    ChangeStep,
    ChangeTap,
    ConfirmChangeOf,
    RefuseTheChange,
)
from bot.actions.warnings import StatusOf
from bot.locale import translator
from bot.views.clock import BEIJING, day_clock
from bot.views.screen import Button, Inline, Screen, bold, escape
from bot.views.vocabulary import with_thing
from bot.views.warnings.changes import Changing, change_lines, confirm_words, kinds_named
from bot.views.warnings.parts import BY_API, exercise_mark, title
from bot.views.warnings.proposal import Proposal, proposal_lines


def confirm_request(
    changing: Changing,
    change_id: int,
    language: str,
    *,
    proposal: Proposal,
    proposed_at: datetime,
    note: str = "",
    command_line: str | None = None,
    zone: tzinfo = BEIJING,
    asked_at: datetime | None = None,
) -> Screen:
    """To a second commander: what would change, whom it reaches, who else was asked; two buttons.

    :param note: why, in the words of whoever wants it.
    :param asked_at: now, when it was proposed so long ago that they are asked again.
    """
    _ = translator(language)
    mark = exercise_mark(changing.alert.exercise, language)
    parts = [
        bold(f"{mark} {_('⏳ 请您确认变更')}".strip()),
        *change_lines(changing, language, zone),
    ]
    if note:
        parts.append(_("说明：{note}").format(note=escape(note)))
    who = [_("{time} 提出").format(time=day_clock(proposed_at, zone))]
    if proposal.by is not None:
        who.append(f"👤 {escape(proposal.by.line)} {escape(proposal.by.phone)}".strip())
    if command_line is not None:
        words, where = _("🖥 由服务器命令行提出（{who}）"), command_line
        if command_line.startswith(BY_API):
            words, where = _("🔌 由其他系统经 API 提出（{who}）"), command_line.removeprefix(BY_API)
        who.append(words.format(who=escape(where)))
    parts.append("\n".join(who))
    parts.append("\n".join(proposal_lines(proposal, language, zone, change=True)))
    parts.append(
        with_thing(_("确认前，原来的{thing}照样有效，不会变更。"), changing.alert.hazard, language)
    )
    asked = 0 if asked_at is None else int(asked_at.timestamp()) // 60
    confirmed = ConfirmChangeOf(change_id, changing.alert.version, asked)
    yes = Button(confirm_words(changing, language, zone), confirmed.encode())
    no = Button(_("✋ 不同意"), RefuseTheChange(change_id).encode())
    return Screen("\n\n".join(parts), Inline(((yes,), (no,))))


def waiting(
    changing: Changing,
    change_id: int,
    proposal: Proposal,
    language: str,
    zone: tzinfo = BEIJING,
) -> Screen:
    """To whoever wants the change: it waits, for whom, until when."""
    _ = translator(language)
    words = _("⏳ 等待第二人确认，还没有变更：{kinds}").format(
        kinds=kinds_named(changing.kinds, language)
    )
    lines = [
        title(changing.alert, changing.place, language),
        bold(words),
        with_thing(_("确认前，原来的{thing}照样有效。"), changing.alert.hazard, language),
        *proposal_lines(proposal, language, zone, change=True),
    ]
    withdraw = Button(_("↩️ 撤回"), RefuseTheChange(change_id).encode())
    return Screen("\n".join(lines), Inline(((withdraw,),)))


def decided(
    alert: Alert,
    state: ChangeState,
    place: str,
    language: str,
    *,
    by: str = "",
    kinds: str = "",
    command_line: str = "",
    moot: bool = False,
    zone: tzinfo = BEIJING,
) -> Screen:
    """What became of it: to whoever wanted it, and what the question becomes.

    :param by: who decided.
    :param kinds: what was changed, in words.
    :param command_line: where that was decided, if not in the chat.
    :param moot: the warning became another before anybody decided.
    """
    _ = translator(language)
    lines = [title(alert, place, language)]
    if state is ChangeState.MADE:
        words = _("✅ 已由 {name} 确认，变更生效（第 {version} 版）")
        lines.append(bold(words.format(name=by, version=alert.version)))
        if kinds:
            lines.append(_("变更：{kinds}").format(kinds=kinds))
        if alert.in_force:
            until = day_clock(alert.expires_at, zone)
            lines.append(_("⏱ 有效至 {until}").format(until=until))
    else:
        lines.append(bold(_not_made(alert, state, language, by=by, moot=moot)))
    if command_line.startswith(BY_API):
        words = _("🔌 是经 API 由其他系统决定的（{who}）。本人若不知情，请马上找管理员。")
        lines.append(words.format(who=escape(command_line.removeprefix(BY_API))))
    rows = [(Button(_("📊 看态势"), StatusOf(alert.id).encode()),)]
    if state not in (ChangeState.MADE, ChangeState.PENDING) and alert.in_force:
        lines.append(
            with_thing(_("原来的{thing}照样有效。需要的话，可重新提出。"), alert.hazard, language)
        )
        again = Button(_("✏️ 重新变更"), ChangeTap(alert.id, ChangeStep.MENU).encode())
        rows.insert(0, (again,))
    return Screen("\n".join(lines), Inline(tuple(rows)))


def _not_made(alert: Alert, state: ChangeState, language: str, *, by: str, moot: bool) -> str:
    """Why a change was not made, or not yet."""
    _ = translator(language)
    if state is ChangeState.REFUSED:
        return _("✋ {name} 不同意，没有变更").format(name=by)
    if state is ChangeState.SUPERSEDED:
        return _("↪️ 又提出了新的变更，这一个作废，没有变更")
    if state is not ChangeState.LAPSED:
        return _("⏳ 等待第二人确认，还没有变更")
    if not alert.in_force:
        return with_thing(_("⌛ {thing}已经结束，没有变更"), alert.hazard, language)
    if moot:
        return with_thing(
            _("↪️ {thing}后来改过，这一个不用再确认，没有照它变更"), alert.hazard, language
        )
    return _("⌛ 没有人及时确认，没有变更")
