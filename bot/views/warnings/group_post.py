"""The warning in a group: a post whose edits show the progress, and the chase of the silent."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, tzinfo

from alerts.model import Alert, State
from alerts.progress import Progress
from bot.actions.warnings import GroupAnswer
from bot.locale import translator
from bot.views.clock import BEIJING, ago, clock
from bot.views.figures import bar, percent
from bot.views.screen import Button, Inline, Screen, bold, mention, name
from bot.views.vocabulary import called_name, with_thing
from bot.views.warnings.left_out import no_more_for_group
from bot.views.warnings.parts import (
    asked_with,
    body,
    heading,
    released_title,
    sent_line,
    state_line,
    title,
)
from bot.views.warnings.silent_list import SilentCall

NAMED = 30
"""Silent persons named in a group; more would hide the button, the rest are counted."""


def post_message(
    alert: Alert,
    language: str,
    place: str,
    *,
    sender_line: str,
    progress: Progress | None = None,
    now: datetime | None = None,
    raised: str = "",
    zone: tzinfo = BEIJING,
) -> Screen:
    """The group's post, first and at every later edit.

    :param raised: of which level it was before (HTML), if it was posted anew for that.
    """
    _ = translator(language)
    parts = [released_title(alert, place, language)]
    if raised and alert.in_force:
        parts = [heading(alert, raised, place, language)]
    over = state_line(alert, language, zone)
    if over:
        parts.append(bold(over))
    parts += [body(alert, language), sent_line(alert, sender_line, language, zone)]
    if progress is not None and progress.calls:
        parts.append(_progress(progress, now, language, zone))
    if alert.state is not State.RELEASED:
        return Screen("\n\n".join(parts))
    parts.append(_("👇 被叫应的人请按「收到」，其他人不用按"))
    return Screen("\n\n".join(parts), _answer_button(alert, language))


def chase_message(
    alert: Alert,
    language: str,
    place: str,
    silent: Sequence[SilentCall],
    *,
    total: int,
    minutes: int,
) -> Screen:
    """Names those of a group who have not answered; each is notified by their name.

    No telephone numbers: a group has members who may not read them.
    """
    _ = translator(language)
    if not total:
        answered = bold(_("✅ 点到的人都已回应"))
        return Screen(heading(alert, answered, place, language))
    shout = _("‼️ {time}了，还有 {total} 人没有回应").format(
        time=ago(60 * max(1, minutes), language), total=total
    )
    lines = [
        heading(alert, bold(shout), place, language),
        "",
        *(
            _("• {who}（{post}）").format(
                who=mention(row.person.name, row.person.telegram_id),
                post=f"{name(row.place)} {called_name(row.call, row.person, language)}",
            )
            for row in silent[:NAMED]
        ),
    ]
    more = total - min(len(silent), NAMED)
    if more > 0:
        lines.append(_("……另有 {count} 人").format(count=more))
    lines += ["", _("请被点到的人立即按「收到」，身边的人帮忙叫一声。")]
    return Screen("\n".join(lines), _answer_button(alert, language))


def chase_over(alert: Alert, language: str, place: str, *, zone: tzinfo = BEIJING) -> Screen:
    """What the naming becomes when the calling has ended: nobody is to be called any more."""
    _ = translator(language)
    lines = [title(alert, place, language), bold(state_line(alert, language, zone))]
    lines.append(_("叫应已停止，不用再叫人。"))
    return Screen("\n".join(lines))


def post_replaced(alert: Alert, language: str, place: str, *, zone: tzinfo = BEIJING) -> Screen:
    """What a post becomes when the level rose: it is posted anew below; or, where the warning is
    over before this is shown, that it is."""
    _ = translator(language)
    if not alert.in_force:
        over = bold(state_line(alert, language, zone))
        return Screen("\n".join([title(alert, place, language), over]))
    words = bold(with_thing(_("⬆️ {thing}有更新，请看下面的新消息"), alert.hazard, language))
    return Screen(heading(alert, words, place, language))


def post_outside(alert: Alert, language: str, place: str) -> Screen:
    """What a post becomes when the warning is no more for the group's division."""
    _ = translator(language)
    words = bold(no_more_for_group(alert.hazard, language))
    return Screen(heading(alert, words, place, language))


def _progress(progress: Progress, now: datetime | None, language: str, zone: tzinfo) -> str:
    _ = translator(language)
    done, every = progress.answered, progress.calls
    line = _("已回应 {done} / {every}").format(done=done, every=every)
    text = f"{bar(done, every)} {percent(done, every)}\n{bold(line)}"
    return text if now is None else f"{text} · {clock(now, zone)}"


def _answer_button(alert: Alert, language: str) -> Inline:
    _ = translator(language)
    tap = GroupAnswer(alert.id, asked_with(alert))
    return Inline(((Button(_("✅ 收到（被叫应人员）"), tap.encode()),),))
