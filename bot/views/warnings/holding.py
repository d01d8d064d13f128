"""A warning that is overdue by too much: is it still to be sent?"""

from __future__ import annotations

from datetime import datetime, tzinfo

from alerts.model import Alert
from alerts.progress import Progress
from bot.actions.warnings import CancelAsk, SendAnew, StatusOf
from bot.locale import translator
from bot.views.clock import BEIJING, ago, clock
from bot.views.screen import Button, Inline, Screen, bold, escape
from bot.views.vocabulary import with_thing
from bot.views.warnings.parts import body, heading, title


def ask_still_send(
    alert: Alert,
    progress: Progress,
    language: str,
    place: str,
    now: datetime,
    *,
    decides: bool,
    sender_line: str,
    zone: tzinfo = BEIJING,
) -> Screen:
    """To whoever may decide, with two buttons; to those on duty without, and whom to ring."""
    _ = translator(language)
    released_at = alert.released_at or alert.created_at
    parts = [
        heading(
            alert,
            bold(with_thing(_("⏸️ {thing}停住了，还要发吗？"), alert.hazard, language)),
            place,
            language,
        ),
        _("{time} 发布，系统中断，已过去 {ago}。").format(
            time=clock(released_at, zone), ago=ago((now - released_at).total_seconds(), language)
        ),
        _("应叫 {calls} 人，已回应 {answered} 人。").format(
            calls=progress.calls, answered=progress.answered
        ),
        body(alert, language),
        _("决定之前不再发消息、不再追叫；{time} 自动失效。").format(
            time=clock(alert.expires_at, zone)
        ),
    ]
    if not decides:
        parts.append(_("请马上打电话给发布人：{who}").format(who=escape(sender_line)))
        return Screen("\n\n".join(parts))
    send = Button(_("📤 还要发：按现在的时间重新发出"), SendAnew(alert.id).encode())
    cancel = Button(
        with_thing(_("🚫 不用发了：取消{thing}"), alert.hazard, language),
        CancelAsk(alert.id).encode(),
    )
    return Screen("\n\n".join(parts), Inline(((send,), (cancel,))))


def sent_anew(alert: Alert, language: str, place: str, *, zone: tzinfo = BEIJING) -> Screen:
    """What the question becomes once it was answered with yes."""
    _ = translator(language)
    words = _("📤 已按现在的时间 {time} 重新发出").format(time=clock(alert.released_at, zone))
    look = Button(_("📊 看态势"), StatusOf(alert.id).encode())
    return Screen(f"{title(alert, place, language)}\n{bold(words)}", Inline(((look,),)))
