"""A responsible person cannot comply or needs help: to those above, at once."""

from __future__ import annotations

from datetime import datetime, tzinfo

from alerts.calls import Call, Report
from alerts.model import Alert
from bot.actions.warnings import StatusOf
from bot.locale import translator
from bot.views.clock import BEIJING, clock
from bot.views.follow_up import moved
from bot.views.screen import Button, Inline, Screen, bold, name, quote
from bot.views.vocabulary import headline, role_name
from bot.views.warning import first
from contacts.people import Person


def help_wanted(
    alert: Alert,
    call: Call,
    person: Person,
    place: str,
    language: str,
    now: datetime,
    *,
    zone: tzinfo = BEIJING,
) -> Screen:
    """Who, where, why, and the number to ring."""
    _ = translator(language)
    shout = _("✖️ 无法执行") if call.report is Report.CANNOT else _("🙋 请求支援")
    lines = [
        first(alert, bold(_("{what}：{place}").format(what=shout, place=place)), language),
        f"<b>{name(person.name)}</b> {role_name(call.role, language)}",
        f"☎️ {person.phone}",
    ]
    lines.append(quote(call.report_text) if call.report_text else _("（没有写原因，请打电话问清）"))
    figures = moved(call.households, call.persons, language)
    if figures:
        lines.append(_("已转移 {figures}").format(figures=figures))
    lines += [
        "",
        bold(headline(alert.level, alert.hazard, "", language)),
        _("{time} 上报，请马上联系。").format(time=clock(call.reported_at or now, zone)),
    ]
    look = Button(_("📊 看态势"), StatusOf(alert.id).encode())
    return Screen("\n".join(lines), Inline(((look,),)))
