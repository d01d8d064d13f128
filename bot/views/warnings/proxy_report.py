"""What an officer reads who records what somebody reported over the telephone. Pure."""

from __future__ import annotations

from datetime import tzinfo

from alerts.calls import Call, Report
from alerts.model import Alert
from alerts.reports import CALLING_FOR_HELP
from bot.actions.proxy_reports import ProxyFiguresSure, ProxyReport, ProxyReportAsk
from bot.locale import translator
from bot.views.clock import BEIJING
from bot.views.figures import moved_figures
from bot.views.screen import Button, ForceReply, Inline, Screen, bold, escape, name, shorten
from bot.views.vocabulary import report_name
from bot.views.warnings.follow_up import recorded_report
from bot.views.warnings.parts import heading
from contacts.people import Person

_MARKS = {Report.DONE: "✅ ", Report.MOVED: "🏠 ", Report.CANNOT: "⛔ ", Report.HELP: "🆘 "}


def proxy_report_button(call_id: int, language: str) -> tuple[Button]:
    """📝 电话里已反馈，代为登记: a row of its own."""
    words = translator(language)("📝 电话里已反馈，代为登记")
    return (Button(words, ProxyReportAsk(call_id).encode()),)


def ask_report(call: Call, person: Person, language: str, alert: Alert, place: str) -> Screen:
    """What did they say over the telephone?"""
    _ = translator(language)
    words = _("📝 {name} 在电话里说了什么？请代为登记").format(name=shorten(person.name, 30))
    lines = [heading(alert, bold(escape(words)), place, language)]
    if call.open:
        lines.append(_("登记反馈，也就登记了已电话叫应。"))
    rows = [
        (Button(mark + report_name(what, language), ProxyReport(call.id, what).encode()),)
        for what, mark in _MARKS.items()
    ]
    return Screen("\n".join(lines), Inline(tuple(rows)))


def ask_words(
    report: Report, person: Person, language: str, alert: Alert, place: str, *, about: bool = False
) -> Screen:
    """The figures, the reason, the help wanted, as the person said it.

    :param about: what was written was no exact number, and is asked for again.
    """
    _ = translator(language)
    who = shorten(person.name, 30)
    example, hint = _("例如：桥断了，车过不去"), ""
    if report is Report.MOVED:
        ask = _("{name} 说转移了多少户、多少人？").format(name=who)
        hint, example = _("12户 35人"), _("例如：12户 35人")
        if about:
            ask = _("没看懂，还没有记录。请只写总户数、总人数")
    elif report is Report.CANNOT:
        ask = _("{name} 说是什么原因？").format(name=who)
    else:
        ask = _("{name} 说需要什么支援？").format(name=who)
        example = _("例如：两台车，卧床老人 3 名")
    head = heading(alert, bold(escape(ask)), place, language)
    return Screen(f"{head}\n{escape(example)}", ForceReply(hint))


def ask_figures(
    call_id: int,
    households: int | None,
    persons: int | None,
    language: str,
    alert: Alert,
    place: str,
) -> Screen:
    """Figures that hardly anybody can mean: they count only when they are confirmed."""
    _ = translator(language)
    figures = moved_figures(households, persons, language)
    shout = bold(_("真的是 {figures}？还没有记录。").format(figures=figures))
    text = heading(alert, shout, place, language) + "\n" + _("数字很大，请核对后再按。")
    sure = Button(
        _("✅ 没错，{figures}").format(figures=figures),
        ProxyFiguresSure(call_id, households, persons).encode(),
    )
    again = Button(_("✏️ 写错了，重报"), ProxyReport(call_id, Report.MOVED).encode())
    return Screen(text, Inline(((sure,), (again,))))


def recorded(
    call: Call,
    person: Person,
    language: str,
    alert: Alert,
    place: str,
    zone: tzinfo = BEIJING,
) -> Screen:
    """What was recorded for whom, so that a mistake is seen; another one can follow."""
    _ = translator(language)
    lines = [
        heading(
            alert, bold(_("✅ 已代 {name} 登记").format(name=name(person.name))), place, language
        ),
        recorded_report(call, language, zone),
    ]
    if call.report in CALLING_FOR_HELP:
        lines.append(_("已转给上级值班员。"))
    again = Button(_("✏️ 改报"), ProxyReportAsk(call.id).encode())
    return Screen("\n".join(lines), Inline(((again,),)))
