"""The duty officer: who has not answered, proxies, discharges, coverage, the handbook."""

from __future__ import annotations

from typing import Any

from telegram import Update
from telegram.ext import BaseHandler, CommandHandler, filters

from alerts import alert_store, call_store, report
from alerts import conversation_store as conversations
from alerts.acknowledge import Answer, Refusal, by_proxy
from alerts.conversation_store import Topic
from alerts.follow_up import discharge
from alerts.model import Alert, State
from alerts.release import AlertProblem
from bot.actions.handbook import HandbookIn
from bot.actions.warnings import CallOptions, DischargeAsk, ProxyTap, SilentPage, StatusOf
from bot.handlers.context import Context
from bot.handlers.silent_lists import turned
from bot.messages.facts import Facts
from bot.messages.warnings import card_screen, silent_rows, silent_screen
from bot.views import handbook as handbook_views
from bot.views.division_menu import menu_of
from bot.views.roster import coverage as coverage_views
from bot.views.screen import Screen, escape
from bot.views.warnings import progress as status_views
from bot.views.warnings import silent_list
from contacts import people_store
from contacts.access import Access, may_find, may_record_proxy, may_see_phone, may_watch, require
from contacts.coverage_store import coverage as coverage_of
from contacts.divisions.codes import contains
from contacts.duty_store import duty_divisions
from contacts.people import Person
from data.database import Connection
from data.errors import NotAllowed, NotFound


def handlers() -> list[BaseHandler[Any, Any, Any]]:
    """Commands; in private only, for lists hold phone numbers."""
    private = filters.UpdateType.MESSAGE & filters.ChatType.PRIVATE
    return [
        CommandHandler(name, _command(handler), filters=private)
        for name, handler in (
            ("who", who),
            ("status", status),
            ("coverage", coverage),
            ("handbook", handbook),
        )
    ]


async def who(context: Context) -> None:
    """/who, 📵 未回应."""
    person = context.known()

    def look(c: Connection) -> Screen:
        facts = context.facts(c)
        running = _watched(c, person, State.RELEASED)
        silent = [alert for alert in running if call_store.open_exists(c, alert.id)]
        if len(silent) == 1:
            scope = report.scope_of(person.division_code, silent[0].areas)
            return silent_screen(facts, silent[0], person, scope)
        return _list(facts, silent or running, context)

    await context.say(await context.read(look))


async def status(context: Context) -> None:
    """/status, 📊 态势."""
    person = context.known()

    def look(c: Connection) -> Screen:
        facts = context.facts(c)
        return _list(
            facts, _watched(c, person, State.RELEASED, State.PENDING, State.CLOSED), context
        )

    await context.say(await context.read(look))


async def status_of(context: Context, action: StatusOf) -> None:
    """The progress card of one warning."""
    person = context.known()

    def look(c: Connection) -> Screen:
        alert = _alert(c, action.id, person)
        return card_screen(context.facts(c), alert, context.language)

    screen = await context.read(look)
    await context.toast()
    await context.show(screen)


async def silent_page(context: Context, action: SilentPage) -> None:
    """A page of the silent list."""
    person = context.known()

    def look(c: Connection) -> Screen:
        alert = _alert(c, action.alert_id, person)
        division = action.division
        if not division or not contains(person.division_code, division):
            division = report.scope_of(person.division_code, alert.areas)
        facts = context.facts(c)
        return silent_screen(facts, alert, person, division, action.page)

    screen = await context.read(look)
    await turned(context, action.alert_id, action.page)
    await context.toast()
    await context.show(screen)


async def proxy_tapped(context: Context, action: ProxyTap) -> None:
    """📞 已电话叫应: recorded with who said so and how."""
    officer, now = context.known(), context.now
    assert officer.telegram_id is not None
    telegram_id = officer.telegram_id
    done = await context.write(lambda c: by_proxy(c, action.call_id, telegram_id, action.how, now))
    toast = silent_list.proxy_toast(done.outcome, done.person.name, context.language)
    await context.toast(toast)
    await _show_list(context, done, officer)


async def call_options(context: Context, action: CallOptions) -> None:
    """⋯ beside a silent person."""
    officer = context.known()

    def look(c: Connection) -> tuple[int, Screen]:
        facts = context.facts(c)
        alert, silent = _silent_one(facts, action.id, officer)
        phone = may_see_phone(officer, silent.person).allowed
        screen = silent_list.call_options(
            alert, silent, context.language, context.now, page=action.page, show_phone=phone
        )
        return alert.id, screen

    alert_id, screen = await context.read(look)
    await turned(context, alert_id, None)
    await context.toast()
    await context.show(screen)


async def discharge_ask(context: Context, action: DischargeAsk) -> None:
    """☑️ 销号 of one person: asks for the reason."""
    officer, now = context.known(), context.now
    assert officer.telegram_id is not None
    telegram_id = officer.telegram_id

    def unit(c: Connection) -> Screen:
        facts = context.facts(c)
        alert, silent = _silent_one(facts, action.id, officer)
        conversations.put(c, telegram_id, Topic.DISCHARGE, {"call": action.id}, now)
        return silent_list.ask_discharge_reason(silent, context.language, alert)

    screen = await context.write(unit)
    await context.toast()
    await context.say(screen)


async def discharge_reason(context: Context, text: str) -> None:
    """The reason that was asked for."""
    officer, now = context.known(), context.now
    assert officer.telegram_id is not None and context.conversation is not None
    telegram_id, call_id = officer.telegram_id, context.conversation.state["call"]

    def unit(c: Connection) -> Answer:
        done = discharge(c, call_id, telegram_id, text, now)
        conversations.end(c, telegram_id)
        return done

    done = await context.write(unit)
    words = silent_list.discharge_toast(done.outcome, done.person.name, context.language)
    await context.say(Screen(escape(words)))


async def coverage(context: Context) -> None:
    """/coverage, 👥 覆盖: villages with nobody reachable."""
    person = context.known()
    found = await context.read(lambda c: coverage_of(c, person.division_code))
    gazetteer = context.services.gazetteer
    place = gazetteer.name(person.division_code)
    await context.say(coverage_views.coverage_message(found, gazetteer, context.language, place))


async def handbook(context: Context) -> None:
    """/handbook, 📖 通讯录; with words: look somebody up."""
    person = context.known()
    wanted = " ".join(context.args or ())
    if not wanted:
        await context.say(await _handbook(context, person, person.division_code, 0))
        return
    gazetteer = context.services.gazetteer
    found = await context.read(
        lambda c: people_store.search_people(c, wanted, (person.division_code,))
    )
    entries = [
        (_entry(person, one), gazetteer.path(one.division_code))
        for one in found
        if may_find(person, one, wanted).allowed
    ]
    await context.say(handbook_views.search_results(wanted, entries, context.language))


async def handbook_in(context: Context, action: HandbookIn) -> None:
    """The handbook of another division, the reader's own or below."""
    person = context.known()
    if not contains(person.division_code, action.code):
        raise NotAllowed(Access.OUTSIDE_DIVISION)
    screen = await _handbook(context, person, action.code, action.page)
    await context.toast()
    await context.show(screen)


TAPS: dict[type, Any] = {
    StatusOf: status_of,
    SilentPage: silent_page,
    ProxyTap: proxy_tapped,
    CallOptions: call_options,
    DischargeAsk: discharge_ask,
    HandbookIn: handbook_in,
}


def _command(handler: Any) -> Any:
    async def run(update: Update, context: Context) -> None:
        await handler(context)

    return run


def _watched(c: Connection, person: Person, *states: State) -> list[Alert]:
    found = alert_store.alerts(c, *states)
    verdicts = [(alert, may_watch(person, alert.areas)) for alert in found]
    if found and all(verdict is Access.NOT_ON_DUTY for _, verdict in verdicts):
        raise NotAllowed(Access.NOT_ON_DUTY)
    return [alert for alert, verdict in verdicts if verdict is Access.ALLOWED]


def _alert(c: Connection, alert_id: int, person: Person) -> Alert:
    alert = alert_store.alert(c, alert_id)
    if alert is None:
        raise NotFound(AlertProblem.UNKNOWN, alert=alert_id)
    require(may_watch(person, alert.areas))
    return alert


def _list(facts: Facts, alerts: list[Alert], context: Context) -> Screen:
    lines = [
        status_views.StatusLine(alert, facts.area(alert), report.progress(facts.connection, alert))
        for alert in alerts
    ]
    return status_views.status_list(
        lines, context.language, context.now, zone=context.services.zone
    )


def _silent_one(
    facts: Facts, call_id: int, officer: Person
) -> tuple[Alert, silent_list.SilentCall]:
    call = call_store.call(facts.connection, call_id)
    if call is None:
        raise NotFound(Refusal.UNKNOWN, call=call_id)
    alert = _alert(facts.connection, call.alert_id, officer)
    silent = silent_rows(facts, [call])[0]
    on_duty = duty_divisions(facts.connection, officer.id, facts.now)
    require(may_record_proxy(officer, silent.person, on_duty))
    return alert, silent


async def _show_list(context: Context, done: Answer, officer: Person) -> None:
    def look(c: Connection) -> Screen:
        scope = report.scope_of(officer.division_code, done.alert.areas)
        return silent_screen(context.facts(c), done.alert, officer, scope)

    screen = await context.read(look)
    await turned(context, done.alert.id, 0)
    await context.show(screen)


def _entry(viewer: Person, person: Person) -> handbook_views.HandbookEntry:
    return handbook_views.HandbookEntry(person, may_see_phone(viewer, person).allowed)


async def _handbook(context: Context, person: Person, code: str, page: int) -> Screen:
    found = await context.read(lambda c: people_store.people_of(c, code))
    return handbook_views.handbook(
        menu_of(context.services.gazetteer, code, own=person.division_code),
        [_entry(person, other) for other in found],
        context.language,
        page=page,
    )
