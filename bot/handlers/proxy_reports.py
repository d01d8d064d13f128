"""An officer records what somebody reported over the telephone (代报)."""

from __future__ import annotations

from alerts import conversation_store as conversations
from alerts.acknowledge import CallResult
from alerts.calls import CallOutcome, Report
from alerts.conversation_store import ConversationTopic
from alerts.figures_in_words import parse_moved
from alerts.proxy_reports import permit_report_for, report_for
from alerts.reports import CALLING_FOR_HELP
from bot.actions.proxy_reports import ProxyFiguresSure, ProxyReport, ProxyReportAsk
from bot.handlers.context import Context
from bot.handlers.routes import TapHandler
from bot.views.screen import Screen
from bot.views.warnings import proxy_report as views
from bot.views.warnings.follow_up import report_not_recorded
from data.database import Connection

Figures = tuple[int | None, int | None]


async def asked(context: Context, action: ProxyReportAsk) -> None:
    """📝: the four reports, as a message of its own: the list stays what it is."""

    def unit(c: Connection) -> None:
        context.will_say(c, ask_screen(c, context, action.id))

    await context.write(unit)
    await context.toast()


def ask_screen(c: Connection, context: Context, call_id: int) -> Screen:
    """What did they say?

    :raises NotFound: no such call.
    :raises NotAllowed: they are not the officer's to look after.
    """
    _, call, alert, person = permit_report_for(c, call_id, context.account, context.now)
    place = context.facts(c).area(alert)
    return views.ask_report(call, person, context.language, alert, place)


async def tapped(context: Context, action: ProxyReport) -> None:
    """One of the four: figures are asked for first, words after the report is recorded."""

    def unit(c: Connection) -> None:
        if action.report is Report.MOVED:
            _ask_words(c, context, action)
            return
        done = _report(c, context, action)
        if done.outcome in _TAKEN and action.report in CALLING_FOR_HELP:
            context.will_show(c, _screen(c, context, done))
            _ask_words(c, context, action)
        else:
            context.will_show(c, _screen(c, context, done))

    await context.write(unit)
    await context.toast()


async def told(context: Context, text: str) -> None:
    """The figures or words that were asked for."""
    action = ProxyReport(context.asked["call"], Report(context.asked["report"]))

    def unit(c: Connection) -> None:
        figures = parse_moved(text) if action.report is Report.MOVED else None
        if action.report is Report.MOVED and figures is None:
            _ask_words(c, context, action, not_read=True)
            return
        words = None if action.report is Report.MOVED else text
        done = _report(c, context, action, figures, words)
        conversations.end(c, context.account)
        context.will_say(c, _screen(c, context, done, figures))

    await context.write(unit)


async def sure(context: Context, action: ProxyFiguresSure) -> None:
    """✅ 没错: the figures that were asked about count."""

    def unit(c: Connection) -> None:
        tap, figures = (
            ProxyReport(action.call_id, Report.MOVED),
            (action.households, action.persons),
        )
        context.will_show(c, _screen(c, context, _report(c, context, tap, figures, sure=True)))

    await context.write(unit)
    await context.toast()


TAPS: dict[type, TapHandler] = {
    ProxyReportAsk: asked,
    ProxyReport: tapped,
    ProxyFiguresSure: sure,
}

_TAKEN = (CallOutcome.RECORDED, CallOutcome.ALREADY)


def _report(
    c: Connection,
    context: Context,
    action: ProxyReport,
    figures: Figures | None = None,
    text: str | None = None,
    *,
    sure: bool = False,
) -> CallResult:
    households, persons = figures or (None, None)
    return report_for(
        c,
        action.call_id,
        context.account,
        action.report,
        context.now,
        done_at=context.done_at,
        households=households,
        persons=persons,
        text=text,
        plausible=context.services.rules.warnings.plausible,
        sure=sure,
    )


def _screen(
    c: Connection, context: Context, done: CallResult, figures: Figures | None = None
) -> Screen:
    place, language = context.facts(c).area(done.alert), context.language
    if done.outcome is CallOutcome.DOUBTED:
        return views.ask_figures(
            done.call.id, *(figures or (None, None)), language, done.alert, place
        )
    if done.outcome in _TAKEN:
        zone = context.zone
        return views.recorded(done.call, done.person, language, done.alert, place, zone)
    zone = context.zone
    return report_not_recorded(done.outcome, done.call, language, done.alert, place, zone=zone)


def _ask_words(
    c: Connection, context: Context, action: ProxyReport, *, not_read: bool = False
) -> None:
    _, _, alert, person = permit_report_for(c, action.call_id, context.account, context.now)
    state = {"call": action.call_id, "report": action.report.value}
    conversations.put(c, context.account, ConversationTopic.PROXY_REPORT, state, context.now)
    place = context.facts(c).area(alert)
    context.will_say(
        c, views.ask_words(action.report, person, context.language, alert, place, about=not_read)
    )
