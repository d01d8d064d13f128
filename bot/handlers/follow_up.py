"""After the answer: what those who were called did (已完成, 已转移群众, 无法执行, 需要支援)."""

from __future__ import annotations

from dataclasses import replace

from alerts import call_post_store
from alerts import conversation_store as conversations
from alerts.acknowledge import CallResult
from alerts.call_post_store import numbered
from alerts.calls import CallOutcome, Report
from alerts.conversation_store import ConversationTopic
from alerts.figures_in_words import parse_moved, says_about
from alerts.follow_up import comes_after_cancelling, permit_report, report
from alerts.helping import HelpResult, resolve, take
from alerts.late_reports import ring_about_report
from alerts.loop.evacuation import card_store, standing
from alerts.loop.evacuation.standing import beyond_target
from alerts.reports import CALLING_FOR_HELP, Where
from alerts.typed_reports import says_why
from bot.actions.warnings import (
    FiguresSure,
    HelpResolve,
    HelpTake,
    ReportPlace,
    ReportPlaces,
    ReportTap,
    RingAboutReport,
)
from bot.handlers.context import Context
from bot.handlers.proxy_reports import ask_screen
from bot.handlers.replied import taps_of
from bot.handlers.routes import TapHandler
from bot.messages.calls import answered_screen, places_screen, unreported_screen
from bot.views.figures import moved_figures
from bot.views.screen import Screen
from bot.views.warnings import follow_up as views
from bot.views.warnings.evacuated import village_lines
from bot.views.warnings.households import by_household
from bot.views.warnings.parts import plain_title
from bot.views.warnings.places_reported import one_place
from bot.views.warnings.unreported_list import nobody_left, ring_toast
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

    def unit(c: Connection) -> tuple[CallResult, str]:
        where, of = _place(c, context, action.call_id, action.place)
        done = report(
            c, action.call_id, account, action.report, now, where=where, done_at=context.done_at
        )
        language = done.person.language
        if where is None:
            screen = answered_screen(context.facts(c), done.alert, done.call, language)
        else:
            whole = permit_report(c, action.call_id, account)[1]
            screen = places_screen(context.facts(c), done.alert, whole, language)
        context.will_show(c, screen)
        if needs_words:
            _will_ask_why(c, context, action, done, of)
        return done, of

    done, of = await context.write(unit)
    zone, language = context.zone, context.language
    words = views.report_toast(done.outcome, done.call, done.alert, language, of=of, zone=zone)
    await context.toast(f"{words}\n{plain_title(done.alert, '', language)}")


async def report_told(context: Context, text: str) -> None:
    """The figures or words that were asked for."""
    call_id, what = context.asked["call"], Report(context.asked["report"])
    tap = ReportTap(call_id, what, context.asked.get("place"))
    if what is not Report.MOVED:
        await context.write(lambda c: _record_told(c, context, tap, None, text))
    elif (figures := parse_moved(text)) is not None:
        await context.write(lambda c: _record_told(c, context, tap, figures, None))
    else:
        await _ask_figures(context, tap, not_read=text)


async def figures_told(context: Context, call_id: int, figures: Figures) -> None:
    """Figures typed in reply to a message: they are of the warning it was about."""
    await context.write(lambda c: record_figures(c, context, call_id, figures))


def record_said(c: Connection, context: Context, call_id: int, what: Report, text: str) -> None:
    """A report in words that nobody asked for; of who was moved the figures are asked for."""
    tap = ReportTap(call_id, what)
    if what is Report.MOVED:
        _will_ask_figures(c, context, tap)
        return
    why = text if what in CALLING_FOR_HELP and says_why(text) else None
    done = _record_told(c, context, tap, None, why)
    if what in CALLING_FOR_HELP and why is None:
        _will_ask_why(c, context, tap, done)


def record_figures(c: Connection, context: Context, call_id: int, figures: Figures) -> None:
    """Figures that were typed without being asked for, as the report of this call."""
    _record_told(c, context, ReportTap(call_id, Report.MOVED), figures, None)


async def figures_sure(context: Context, action: FiguresSure) -> None:
    """✅ 没错: the figures that were asked about count."""
    account, now = context.account, context.now
    households, persons = action.households, action.persons

    def unit(c: Connection) -> tuple[CallResult, str]:
        where, of = _place(c, context, action.call_id, action.place)
        done = report(
            c,
            action.call_id,
            account,
            Report.MOVED,
            now,
            where=where,
            done_at=context.done_at,
            households=households,
            persons=persons,
            sure=True,
        )
        if done.outcome in (CallOutcome.RECORDED, CallOutcome.ALREADY):
            context.will_show(c, _recorded(c, context, done, of))
        return done, of

    done, of = await context.write(unit)
    zone, language = context.zone, context.language
    words = views.report_toast(done.outcome, done.call, done.alert, language, of=of, zone=zone)
    await context.toast(words)


async def places_tapped(context: Context, action: ReportPlaces) -> None:
    """分别报告各处: the places and how each stands, as a new message; its pages as edits of it."""
    account = context.account

    def unit(c: Connection) -> None:
        person, call, alert = permit_report(c, action.call_id, account)
        screen = places_screen(context.facts(c), alert, call, person.language, action.page)
        if _under_places(context):
            context.will_show(c, screen)
        else:
            context.will_say(c, screen, about=call)

    await context.write(unit)


async def place_tapped(context: Context, action: ReportPlace) -> None:
    """One of the places: the buttons of its report."""
    account, zone = context.account, context.zone

    def unit(c: Connection) -> None:
        person, call, alert = permit_report(c, action.call_id, account)
        place = numbered(c, call, action.place)
        named = context.facts(c).names_of([place.where])[place.where]
        area = context.facts(c).area(alert)
        context.will_show(
            c,
            one_place(alert, call.id, action.place, place, named, person.language, area, zone=zone),
        )

    await context.write(unit)


async def help_take(context: Context, action: HelpTake) -> None:
    """✋ 我接手: seen by the others, and by whoever needs help."""
    account, now = context.account, context.now
    await _toast_help(context, await context.write(lambda c: take(c, action.id, account, now)))


async def help_resolve(context: Context, action: HelpResolve) -> None:
    """✅ 已解决, by an officer or by whoever needed help."""
    account, now = context.account, context.now
    await _toast_help(context, await context.write(lambda c: resolve(c, action.id, account, now)))


async def ring_about(context: Context, action: RingAboutReport) -> None:
    """📞 我来联系: the list shows who rings whom, so that nobody is rung twice."""
    account, now = context.account, context.now

    def unit(c: Connection) -> str:
        alert, officer, ringing = ring_about_report(c, action.id, account, now)
        facts = context.facts(c)
        screen = unreported_screen(facts, alert, facts.on_watch(officer), context.language)
        context.will_show(
            c, screen or nobody_left(alert, context.language, context.facts(c).area(alert))
        )
        instead = ringing is not None and ringing.id != officer.id
        if ringing is not None and not instead:
            context.will_say(c, ask_screen(c, context, action.id))
        return ring_toast(ringing, context.language, instead=instead)

    await context.toast(await context.write(unit))


TAPS: dict[type, TapHandler] = {
    ReportTap: report_tapped,
    FiguresSure: figures_sure,
    ReportPlaces: places_tapped,
    ReportPlace: place_tapped,
    HelpTake: help_take,
    HelpResolve: help_resolve,
    RingAboutReport: ring_about,
}


async def _toast_help(context: Context, done: HelpResult) -> None:
    taker = done.taker
    own = taker is not None and taker.id == context.known().id
    who = "" if taker is None or own else taker.name
    await context.toast(views.help_toast(done.outcome, context.language, taker=who))


def _place(
    c: Connection, context: Context, call_id: int, number: int | None
) -> tuple[Where | None, str]:
    """The place of this number, of those that the call is for, and its name; without one, all."""
    if number is None:
        return None, ""
    _, call, _ = permit_report(c, call_id, context.account)
    where = numbered(c, call, number).where
    return where, context.facts(c).names_of([where])[where]


def _under_places(context: Context) -> bool:
    """Whether the button pressed is under the list of places, or under one of them."""
    pressed = context.message
    taps = taps_of(pressed)
    return any(
        isinstance(tap, ReportPlace) or (isinstance(tap, ReportTap) and tap.place is not None)
        for tap in taps
    )


def _will_ask_why(
    c: Connection, context: Context, action: ReportTap, done: CallResult, of: str = ""
) -> None:
    """Ask why it cannot be done, or what help is needed.

    :param of: the place, of several.
    """
    if done.outcome is not CallOutcome.CLOSED:
        _expect_answer(c, context, action)
    if done.outcome in (CallOutcome.RECORDED, CallOutcome.ALREADY):
        place = context.facts(c).area(done.alert)
        duty = context.facts(c).duty_phone(done.person)
        ask = views.ask_reason(action.report, context.language, done.alert, place, of=of, duty=duty)
        context.will_say(c, ask, about=done.call)


def _record_told(
    c: Connection, context: Context, tap: ReportTap, figures: Figures | None, text: str | None
) -> CallResult:
    """What was typed about a report.

    :param tap: the button that asked for it, or would have.
    """
    account, language = context.account, context.language
    households, persons = figures or (None, None)
    where, of = _place(c, context, tap.call_id, tap.place)
    done = report(
        c,
        tap.call_id,
        account,
        tap.report,
        context.now,
        where=where,
        done_at=context.done_at,
        households=households,
        persons=persons,
        text=text,
        plausible=context.services.rules.warnings.plausible,
    )
    conversations.end(c, account)
    place = context.facts(c).area(done.alert)
    if done.outcome is CallOutcome.DOUBTED:
        code = done.call.division_code if where is None else where[0]
        target = beyond_target(c, done.alert, code, households)
        screen = views.ask_figures(
            tap.call_id,
            households,
            persons,
            language,
            done.alert,
            place,
            number=tap.place,
            target="" if target is None else moved_figures(*target, language),
        )
    elif done.outcome in (CallOutcome.RECORDED, CallOutcome.ALREADY):
        screen = _recorded(c, context, done, of)
    else:
        screen = views.report_not_recorded(
            done.outcome, done.call, language, done.alert, place, zone=context.zone
        )
    context.will_say(c, screen, about=done.call)
    return done


def _recorded(c: Connection, context: Context, done: CallResult, of: str) -> Screen:
    """What whoever reported reads; the duty officer is looked up only where they are named.

    :param of: the place that was reported on, of several.
    """
    call, alert = done.call, done.alert
    named = call.report in CALLING_FOR_HELP
    screen = views.report_recorded(
        call,
        context.language,
        alert,
        context.facts(c).area(alert),
        of=of,
        duty=context.facts(c).duty_phone(done.person) if named else "",
        zone=context.zone,
    )
    if call.report is not Report.MOVED or of or not card_store.any_in(c, [call.division_code]):
        return screen
    count = standing.village_count(c, alert, call.division_code)
    if not count.target.any:
        return screen
    return replace(screen, text="\n".join([screen.text, *village_lines(count, context.language)]))


async def _ask_figures(context: Context, action: ReportTap, not_read: str | None = None) -> None:
    """``not_read``: what was typed, which is asked for again."""
    await context.write(lambda c: _will_ask_figures(c, context, action, not_read))


def _will_ask_figures(
    c: Connection, context: Context, action: ReportTap, not_read: str | None = None
) -> None:
    """As ``_ask_figures``, in the running unit."""
    language = context.language
    _, call, alert = permit_report(c, action.call_id, context.account)
    place = context.facts(c).area(alert)
    if comes_after_cancelling(alert, action.report, context.done_at):
        closed, zone = CallOutcome.CLOSED, context.zone
        words = views.report_not_recorded(closed, call, language, alert, place, zone=zone)
        context.will_say(c, words)
        return
    _expect_answer(c, context, action)
    if not_read is None:
        _, of = _place(c, context, call.id, action.place)
        several = bool(call_post_store.places_of(c, call))
        screen = views.ask_moved(language, alert, place, of=of, several=several)
        card = None if several else card_store.card_of(c, call.division_code, call.place_code)
        if card is not None and card.households_listed:
            context.will_say(c, by_household(alert, card, language))
    else:
        about = says_about(not_read)
        screen = views.moved_not_understood(language, alert, place, about=about)
    context.will_say(c, screen, about=call)


def _expect_answer(c: Connection, context: Context, action: ReportTap) -> None:
    """What the person types next is about this report."""
    state: dict[str, object] = {"call": action.call_id, "report": action.report.value}
    if action.place is not None:
        state["place"] = action.place
    conversations.put(c, context.account, ConversationTopic.REPORT, state, context.now)
