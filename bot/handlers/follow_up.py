"""After the answer: what those who were called did (已完成, 已转移群众, 无法执行, 需要支援)."""

from __future__ import annotations

from alerts import conversation_store as conversations
from alerts.acknowledge import CallResult
from alerts.calls import CallOutcome, Report
from alerts.conversation_store import ConversationTopic
from alerts.figures_in_words import parse_moved, says_about
from alerts.follow_up import permit_report, report
from alerts.helping import HelpResult, resolve, take
from alerts.reports import CALLING_FOR_HELP
from bot.actions.warnings import FiguresSure, HelpResolve, HelpTake, ReportTap
from bot.handlers.context import Context
from bot.handlers.routes import TapHandler
from bot.messages.calls import answered_screen
from bot.messages.facts import area_name
from bot.views.screen import Screen
from bot.views.warnings import follow_up as views
from bot.views.warnings.parts import plain_title
from data.database import Connection

Figures = tuple[int | None, int | None]
"""Households and persons; ``None`` where it was not said."""


async def report_tapped(context: Context, action: ReportTap) -> None:
    """One of the four buttons. Figures are asked for first, words after the report is recorded."""
    if action.report is Report.MOVED:
        await _ask_figures(context, action)
        return
    account, now = context.account, context.now
    needs_words = action.report in CALLING_FOR_HELP

    def unit(c: Connection) -> CallResult:
        done = report(c, action.call_id, account, action.report, now, done_at=context.done_at)
        if needs_words and done.outcome is not CallOutcome.CLOSED:
            _expect_answer(c, context, action)
        language = done.person.language
        context.will_show(c, answered_screen(context.facts(c), done.alert, done.call, language))
        if needs_words and done.outcome in (CallOutcome.RECORDED, CallOutcome.ALREADY):
            place = area_name(context.services, done.alert.areas)
            duty = context.facts(c).duty_phone(done.person)
            ask = views.ask_reason(action.report, context.language, done.alert, place, duty=duty)
            context.will_say(c, ask, about=done.call)
        return done

    done = await context.write(unit)
    zone, language = context.services.zone, context.language
    words = views.report_toast(done.outcome, done.call, language, zone=zone)
    await context.toast(f"{words}\n{plain_title(done.alert, '', language)}")


async def report_told(context: Context, text: str) -> None:
    """The figures or words that were asked for."""
    call_id, what = context.asked["call"], Report(context.asked["report"])
    if what is not Report.MOVED:
        await _report(context, call_id, what, None, text)
    elif (figures := parse_moved(text)) is not None:
        await _report(context, call_id, what, figures, None)
    else:
        await _ask_figures(context, ReportTap(call_id, what), not_read=text)


async def figures_told(context: Context, call_id: int, figures: Figures) -> None:
    """Figures typed in reply to a message: they are of the warning it was about."""
    await _report(context, call_id, Report.MOVED, figures, None)


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
            done_at=context.done_at,
            households=households,
            persons=persons,
            sure=True,
        )
        if done.outcome in (CallOutcome.RECORDED, CallOutcome.ALREADY):
            context.will_show(c, _recorded(c, context, done))
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


async def _report(
    context: Context, call_id: int, what: Report, figures: Figures | None, text: str | None
) -> None:
    account, now, language = context.account, context.now, context.language
    households, persons = figures or (None, None)

    def unit(c: Connection) -> None:
        done = report(
            c,
            call_id,
            account,
            what,
            now,
            done_at=context.done_at,
            households=households,
            persons=persons,
            text=text,
            plausible=context.services.rules.warnings.plausible,
        )
        conversations.end(c, account)
        place = area_name(context.services, done.alert.areas)
        if done.outcome is CallOutcome.DOUBTED:
            screen = views.ask_figures(call_id, households, persons, language, done.alert, place)
        elif done.outcome in (CallOutcome.RECORDED, CallOutcome.ALREADY):
            screen = _recorded(c, context, done)
        else:
            screen = views.report_not_recorded(done.outcome, done.call, language, done.alert, place)
        context.will_say(c, screen, about=done.call)

    await context.write(unit)


def _recorded(c: Connection, context: Context, done: CallResult) -> Screen:
    """What whoever reported reads; the duty officer is looked up only where they are named."""
    call, alert = done.call, done.alert
    named = call.report in CALLING_FOR_HELP
    return views.report_recorded(
        call,
        context.language,
        alert,
        area_name(context.services, alert.areas),
        duty=context.facts(c).duty_phone(done.person) if named else "",
        zone=context.services.zone,
    )


async def _ask_figures(context: Context, action: ReportTap, not_read: str | None = None) -> None:
    """``not_read``: what was typed, which is asked for again."""
    account, language = context.account, context.language

    def unit(c: Connection) -> None:
        _, call, alert = permit_report(c, action.call_id, account)
        place = area_name(context.services, alert.areas)
        _expect_answer(c, context, action)
        if not_read is None:
            screen = views.ask_moved(language, alert, place)
        else:
            about = says_about(not_read)
            screen = views.moved_not_understood(language, alert, place, about=about)
        context.will_say(c, screen, about=call)

    await context.write(unit)


def _expect_answer(c: Connection, context: Context, action: ReportTap) -> None:
    """What the person types next is about this report."""
    state = {"call": action.call_id, "report": action.report.value}
    conversations.put(c, context.account, ConversationTopic.REPORT, state, context.now)
