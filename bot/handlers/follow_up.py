"""After the answer: what those who were called did (已完成, 已转移群众, 无法执行, 需要支援)."""

from __future__ import annotations

from alerts import conversation_store as conversations
from alerts.acknowledge import CallResult
from alerts.calls import CallOutcome, Report
from alerts.conversation_store import ConversationTopic
from alerts.follow_up import permit_report, report
from alerts.helping import HelpResult, resolve, take
from alerts.reports import CALLING_FOR_HELP
from bot.actions.warnings import FiguresSure, HelpResolve, HelpTake, ReportTap
from bot.handlers.context import Context
from bot.handlers.routes import TapHandler
from bot.messages.calls import answered_screen
from bot.views.screen import Screen, escape
from bot.views.warnings import follow_up as views
from data.database import Connection


async def report_tapped(context: Context, action: ReportTap) -> None:
    """One of the four buttons. Figures are asked for first, words after the report is recorded."""
    if action.report is Report.MOVED:
        await _ask_figures(context, action)
        return
    account, now = context.account, context.now
    needs_words = action.report in CALLING_FOR_HELP

    def unit(c: Connection) -> CallResult:
        done = report(c, action.call_id, account, action.report, now)
        if needs_words and done.outcome is not CallOutcome.CLOSED:
            _expect_answer(c, context, action)
        language = done.person.language
        context.will_show(c, answered_screen(context.facts(c), done.alert, done.call, language))
        if needs_words and done.outcome in (CallOutcome.RECORDED, CallOutcome.ALREADY):
            duty = context.facts(c).duty_phone(done.person)
            context.will_say(
                c, views.ask_reason(action.report, context.language, done.alert, duty=duty)
            )
        return done

    done = await context.write(unit)
    zone = context.services.zone
    await context.toast(views.report_toast(done.outcome, done.call, context.language, zone=zone))


async def report_told(context: Context, text: str) -> None:
    """The figures or words that were asked for."""
    call_id, what = context.asked["call"], Report(context.asked["report"])
    account, now = context.account, context.now
    figures = views.parse_moved(text) if what is Report.MOVED else (None, None)
    if figures is None:
        await context.say(views.moved_not_understood(context.language))
        return
    households, persons = figures

    plausible = context.services.rules.warnings.plausible

    def unit(c: Connection) -> None:
        done = report(
            c,
            call_id,
            account,
            what,
            now,
            households=households,
            persons=persons,
            text=None if what is Report.MOVED else text,
            plausible=plausible,
        )
        conversations.end(c, account)
        if done.outcome is CallOutcome.DOUBTED:
            screen = views.ask_figures(call_id, households, persons, context.language, done.alert)
        elif done.outcome in (CallOutcome.RECORDED, CallOutcome.ALREADY):
            screen = views.report_recorded(
                done.call,
                context.language,
                alert=done.alert,
                duty=context.facts(c).duty_phone(done.person),
                zone=context.services.zone,
            )
        else:
            screen = Screen(escape(views.report_toast(done.outcome, done.call, context.language)))
        context.will_say(c, screen)

    await context.write(unit)


async def figures_sure(context: Context, action: FiguresSure) -> None:
    """✅ 没错: the figures that were asked about count."""
    account, now = context.account, context.now
    households, persons = action.households, action.persons

    def unit(c: Connection) -> CallResult:
        done = report(
            c,
            action.call_id,
            account,
            Report.MOVED,
            now,
            households=households,
            persons=persons,
            sure=True,
        )
        if done.outcome in (CallOutcome.RECORDED, CallOutcome.ALREADY):
            zone = context.services.zone
            screen = views.report_recorded(done.call, context.language, alert=done.alert, zone=zone)
            context.will_show(c, screen)
        return done

    done = await context.write(unit)
    zone = context.services.zone
    await context.toast(views.report_toast(done.outcome, done.call, context.language, zone=zone))


async def help_take(context: Context, action: HelpTake) -> None:
    """✋ 我接手: seen by the others, and by whoever needs help."""
    account, now = context.account, context.now
    await _toast_help(context, await context.write(lambda c: take(c, action.id, account, now)))


async def help_resolve(context: Context, action: HelpResolve) -> None:
    """✅ 已解决, by an officer or by whoever needed help."""
    account, now = context.account, context.now
    await _toast_help(context, await context.write(lambda c: resolve(c, action.id, account, now)))


TAPS: dict[type, TapHandler] = {
    ReportTap: report_tapped,
    FiguresSure: figures_sure,
    HelpTake: help_take,
    HelpResolve: help_resolve,
}


async def _toast_help(context: Context, done: HelpResult) -> None:
    taker = "" if done.taker is None else done.taker.name
    await context.toast(views.help_toast(done.outcome, context.language, taker=taker))


async def _ask_figures(context: Context, action: ReportTap) -> None:
    account = context.account

    def unit(c: Connection) -> None:
        _, _, alert = permit_report(c, action.call_id, account)
        _expect_answer(c, context, action)
        context.will_say(c, views.ask_moved(context.language, alert))

    await context.write(unit)


def _expect_answer(c: Connection, context: Context, action: ReportTap) -> None:
    """What the person types next is about this report."""
    state = {"call": action.call_id, "report": action.report.value}
    conversations.put(c, context.account, ConversationTopic.REPORT, state, context.now)
