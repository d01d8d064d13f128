"""The link by which somebody answers in a browser, for the officer who passes it on."""

from __future__ import annotations

from datetime import datetime, tzinfo

from alerts.model import Alert
from bot.locale import translator
from bot.views.clock import BEIJING, day_clock
from bot.views.screen import Screen, bold, escape, name
from bot.views.warnings.parts import heading


def page_link_message(
    alert: Alert,
    address: str,
    person: str,
    until: datetime,
    language: str,
    place: str,
    *,
    zone: tzinfo = BEIJING,
) -> Screen:
    """The link, to be copied by a tap on it, and whom alone it is for."""
    _ = translator(language)
    shown = name(person)
    head = heading(alert, bold(_("🔗 {name} 的网页答复链接").format(name=shown)), place, language)
    lines = [
        head,
        "",
        _("点一下链接即复制，用微信等发给本人；本人打开后按「收到」，就算回应。"),
        "",
        f"<code>{escape(address)}</code>",
        "",
        _("只发给 {name} 本人：谁打开都能替此人回应。{until} 前有效。").format(
            name=shown, until=day_clock(until, zone)
        ),
    ]
    return Screen("\n".join(lines))
