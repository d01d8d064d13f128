"""Who has not answered (/who): the list, what an officer does for one of them."""

from __future__ import annotations

import secrets
from typing import Any

from telegram.ext import BaseHandler

from alerts import call_store, report
from alerts import conversation_store as conversations
from alerts.acknowledge import CallResult, by_proxy, take_proxy_back
from alerts.cards import silent_list_store
from alerts.cards.silent_lists import reader_edit
from alerts.conversation_store import ConversationTopic
from alerts.follow_up import check_reason, discharge
from alerts.lookup import watched_alert, watched_alerts, watched_call
from alerts.model import IN_FORCE, Alert
from alerts.outbox import store as outbox_store
from bot.actions.warnings import (
    CallOptions,
    DischargeAsk,
    DischargeNow,
    ProxyTakeBack,
    ProxyTap,
    SilentPage,
)
from bot.handlers.context import Context
from bot.handlers.progress import status_screen
from bot.handlers.routes import TapHandler, commands
from bot.messages.facts import area_name
from bot.messages.silent_lists import silent_rows, silent_screen
from bot.views.questions import too_late
from bot.views.screen import Screen
from bot.views.warnings import silent_list as views
from contacts.access import may_see_phone
from contacts.people import Person
from data.database import Connection


def handlers() -> list[BaseHandler[Any, Any, Any]]:
    """The command."""
    return commands(who=who)


async def who(context: Context) -> None:
    """/who, 📵 未回应: the list of the only warning with silent persons, or which of them."""
    person = context.known()

    def look(c: Connection) -> Screen:
        facts = context.facts(c)
        in_force = watched_alerts(c, person, *IN_FORCE)
        silent = [
            alert for alert in in_force if alert.chasing and call_store.open_exists(c, alert.id)
        ]
        if len(silent) == 1:
            scope = report.scope_of(person.division_code, silent[0].areas)
            return silent_screen(facts, silent[0], person, scope)
        return status_screen(facts, silent or in_force, context.language)

    await context.say(await context.read(look))


async def silent_page(context: Context, action: SilentPage) -> None:
    """A page of the list."""
    person = context.known()

    def look(c: Connection) -> Screen:
        alert = watched_alert(c, action.alert_id, person)
        division = report.scope_of(person.division_code, alert.areas, wanted=action.division)
        return silent_screen(context.facts(c), alert, person, division, action.page)

    screen = await context.read(look)

    def unit(c: Connection) -> None:
        _now_shows(c, context, action.alert_id, action.page)
        context.will_show(c, screen)

    await context.write(unit)
    alert = await context.read(lambda c: watched_alert(c, action.alert_id, person))
    if not alert.in_force:
        await context.toast(views.settled_toast(alert, "", context.language), alert=True)


async def call_options(context: Context, action: CallOptions) -> None:
    """⋯ beside a silent person."""
    officer = context.known()

    def unit(c: Connection) -> str:
        call, alert, person = watched_call(c, action.id, officer, context.now)
        if not (call.open and alert.in_force):
            return _settled_meanwhile(c, context, alert, person)
        [silent] = silent_rows(context.facts(c), [call])
        phone = may_see_phone(officer, person).allowed
        screen = views.call_options(
            alert,
            silent,
            context.language,
            context.now,
            area_name(context.services, alert.areas),
            page=action.page,
            show_phone=phone,
        )
        _now_shows(c, context, alert.id, None)
        context.will_show(c, screen)
        return ""

    await context.toast(await context.write(unit))


async def proxy_tapped(context: Context, action: ProxyTap) -> None:
    """📞 已电话叫应: recorded with who said so and how."""
    now, account = context.now, context.account

    def unit(c: Connection) -> CallResult:
        done = by_proxy(c, action.call_id, account, action.how, now, done_at=context.done_at)
        _show_list_anew(c, context, done.alert)
        return done

    done = await context.write(unit)
    await context.toast(views.proxy_toast(done.outcome, done.person.name, context.language))


async def proxy_taken_back(context: Context, action: ProxyTakeBack) -> None:
    """↩️ 撤回 of a proxy answer just recorded: the person is called on."""
    now, account, rules = context.now, context.account, context.services.rules.warnings

    def unit(c: Connection) -> CallResult:
        done = take_proxy_back(c, action.id, account, rules, now)
        _show_list_anew(c, context, done.alert)
        return done

    done = await context.write(unit)
    await context.toast(views.take_back_toast(done.outcome, done.person.name, context.language))


async def discharge_ask(context: Context, action: DischargeAsk) -> None:
    """☑️ 销号 of one person: asks for the reason."""
    officer, now, account = context.known(), context.now, context.account

    def unit(c: Connection) -> str:
        call, alert, person = watched_call(c, action.id, officer, now)
        if not (call.open and alert.in_force):
            return _settled_meanwhile(c, context, alert, person)
        [silent] = silent_rows(context.facts(c), [call])
        conversations.put(c, account, ConversationTopic.DISCHARGE, {"call": action.id}, now)
        place = area_name(context.services, alert.areas)
        context.will_say(c, views.ask_discharge_reason(silent, context.language, alert, place))
        return ""

    await context.toast(await context.write(unit))


async def discharge_reason(context: Context, text: str) -> None:
    """The reason that was asked for: shown with a button, which alone discharges."""
    officer, now, account = context.known(), context.now, context.account
    call_id, nonce = context.asked["call"], secrets.token_hex(4)
    check_reason(text)

    def unit(c: Connection) -> None:
        call, alert, _ = watched_call(c, call_id, officer, now)
        [silent] = silent_rows(context.facts(c), [call])
        state = {"call": call.id, "reason": text, "nonce": nonce}
        conversations.put(c, account, ConversationTopic.DISCHARGE, state, now, hears=False)
        place = area_name(context.services, alert.areas)
        screen = views.confirm_discharge(silent, text, nonce, context.language, alert, place)
        context.will_say(c, screen)

    await context.write(unit)


async def discharge_now(context: Context, action: DischargeNow) -> None:
    """☑️ 确定销号 under the reason."""
    now, account = context.now, context.account
    topic = ConversationTopic.DISCHARGE

    def unit(c: Connection) -> None:
        typed = conversations.to_confirm(c, account, topic, action.nonce, now)
        if typed is None or typed["call"] != action.id:
            context.will_show(c, too_late(context.language))
            return
        done = discharge(c, action.id, account, typed["reason"], now)
        conversations.end(c, account)
        place = area_name(context.services, done.alert.areas)
        name = done.person.name
        context.will_show(
            c, views.discharged(done.outcome, name, context.language, done.alert, place)
        )

    await context.write(unit)


TAPS: dict[type, TapHandler] = {
    SilentPage: silent_page,
    CallOptions: call_options,
    ProxyTap: proxy_tapped,
    ProxyTakeBack: proxy_taken_back,
    DischargeAsk: discharge_ask,
    DischargeNow: discharge_now,
}


def _settled_meanwhile(c: Connection, context: Context, alert: Alert, person: Person) -> str:
    """Nothing is to be done for this person any more: the list as it is now; what is said."""
    _show_list_anew(c, context, alert)
    return views.settled_toast(alert, person.name, context.language)


def _show_list_anew(c: Connection, context: Context, alert: Alert) -> None:
    """The tapped message becomes the list's first page.

    Rendered when it leaves: an officer on the telephone taps faster than a chat takes edits.
    """
    officer, message = context.known(), context.incoming.effective_message
    _now_shows(c, context, alert.id, 0)
    if message is not None:
        scope = report.scope_of(officer.division_code, alert.areas)
        edit = reader_edit(
            officer, alert.id, scope, message.chat.id, message.message_id, context.voice.bot_id
        )
        outbox_store.add(c, edit, context.now)


def _now_shows(c: Connection, context: Context, alert_id: int, page: int | None) -> None:
    """Note that the tapped message shows ``page`` of the list, or (``None``) one of its persons.

    The list is edited as people answer; an edit must not turn its page.
    """
    message = context.incoming.effective_message
    if message is not None:
        silent_list_store.turned(c, alert_id, message.chat.id, message.message_id, page)
