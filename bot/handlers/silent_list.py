"""Who has not answered (/who): the list, what an officer does for one of them."""

from __future__ import annotations

import secrets
from typing import Any

from telegram.ext import BaseHandler

from alerts import call_store, report, silent_store
from alerts import conversation_store as conversations
from alerts.accounts import note_use
from alerts.acknowledge import CallResult, by_proxy, take_proxy_back
from alerts.calls import Call
from alerts.cards import silent_list_store
from alerts.cards.silent_lists import order_ledger, order_list, order_sheet, reader_edit
from alerts.conversation_store import ConversationTopic
from alerts.follow_up import check_reason, discharge
from alerts.lookup import watched_alert, watched_alerts, watched_call
from alerts.model import IN_FORCE, Alert
from alerts.outbox import store as outbox_store
from alerts.ringing import ring, stop_ringing
from alerts.silence import ListPage
from bot.actions.named_places import PlaceCommand
from bot.actions.warnings import (
    CallOptions,
    DischargeAsk,
    DischargeNow,
    LedgerExport,
    PageLink,
    ProxyTakeBack,
    ProxyTap,
    Ring,
    RingInstead,
    SilentExport,
    SilentPage,
    SilentPlaces,
    StopRinging,
)
from bot.handlers.context import Context
from bot.handlers.named_places import alert_number, place_named
from bot.handlers.progress import status_screen
from bot.handlers.routes import TapHandler, commands
from bot.messages.answer_links import page_link
from bot.messages.silent_lists import places_screen, silent_rows, silent_screen
from bot.views.questions import too_late
from bot.views.screen import Screen
from bot.views.warnings import silent_list as views
from bot.views.warnings.page_link import page_link_message
from bot.views.warnings.progress import ledger_toast
from bot.views.warnings.silent_list import SilentCall
from contacts.access import may_see_phone
from contacts.answer_links import LinkFault, good_until
from contacts.divisions.codes import overlap
from contacts.people import Person
from data import audit
from data.database import Connection
from data.errors import NotFound

OfPerson = CallOptions | Ring | RingInstead | StopRinging | ProxyTap | ProxyTakeBack
"""What is done with one person of the list."""


def handlers() -> list[BaseHandler[Any, Any, Any]]:
    """The command."""
    return commands(who=who)


async def who(context: Context) -> None:
    """/who, 📵 未回应; /who 大石头镇: of one place; /who 12: of one warning."""
    person, named = await context.read(context.on_watch), context.after_command.strip()
    number = alert_number(named)
    if number is None:
        code = await place_named(context, PlaceCommand.WHO, named)
        if code is not None:
            await who_of_place(context, code)
        return

    def unit(c: Connection) -> None:
        _list_of(c, context, watched_alert(c, number, person), "")

    await context.write(unit)


async def who_of_place(context: Context, code: str) -> None:
    """The list of the only warning with silent persons, or which of them.

    The list is kept true from then on, as one that the ladder brought: who answers goes off it, and
    it says who rings whom.

    :param code: of the place that was named; empty: all that the reader looks after.
    """
    person = await context.read(context.on_watch)

    def unit(c: Connection) -> None:
        in_force = watched_alerts(c, person, *IN_FORCE)
        if code:
            in_force = [alert for alert in in_force if overlap([code], alert.areas)]
        silent = [
            alert for alert in in_force if alert.chasing and call_store.open_exists(c, alert.id)
        ]
        if len(silent) == 1:
            _list_of(c, context, silent[0], code)
        else:
            facts = context.facts(c)
            place = facts.place(code) if code else ""
            screen = status_screen(facts, silent or in_force, person.language, place)
            context.will_say(c, screen)

    await context.write(unit)


def _list_of(c: Connection, context: Context, alert: Alert, code: str) -> None:
    """The list of one warning, of the place that was named; that nobody is on it, if so."""
    person = context.on_watch(c)
    scope = report.scope_of(person.division_code, alert.areas, wanted=code)
    if alert.chasing and silent_store.any_silent(c, alert.id, scope, context.now):
        order_list(c, person, alert, scope, context.chat_id_here, context.now)
    else:  # a list that has become empty while it waited is not sent: whoever asked is told
        page = ListPage(0, scope)
        context.will_say(c, silent_screen(context.facts(c), alert, person, page))


async def silent_page(context: Context, action: SilentPage) -> None:
    """A page of the list."""
    person = await context.read(context.on_watch)

    def look(c: Connection) -> tuple[Screen, ListPage]:
        alert = watched_alert(c, action.alert_id, person)
        division = report.scope_of(person.division_code, alert.areas, wanted=action.division)
        page = ListPage(action.page, division, action.only)
        return silent_screen(context.facts(c), alert, person, page), page

    screen, page = await context.read(look)

    def unit(c: Connection) -> None:
        _now_shows(c, context, action.alert_id, page)
        context.will_show(c, screen)

    await context.write(unit)
    alert = await context.read(lambda c: watched_alert(c, action.alert_id, person))
    if not alert.in_force:
        await context.toast(views.settled_toast(alert, "", context.language), alert=True)


async def silent_places(context: Context, action: SilentPlaces) -> None:
    """📂 按乡镇看: where the silent are."""
    person = await context.read(context.on_watch)

    def unit(c: Connection) -> None:
        alert = watched_alert(c, action.alert_id, person)
        division = report.scope_of(person.division_code, alert.areas, wanted=action.division)
        _now_shows(c, context, alert.id, None)
        screen = places_screen(context.facts(c), alert, person, division, action.page)
        context.will_show(c, screen)

    await context.write(unit)


async def silent_export(context: Context, action: SilentExport) -> None:
    """📥 导出表格: the list comes as a file, as it stands when it leaves."""
    person, now = await context.read(context.on_watch), context.now

    def unit(c: Connection) -> None:
        alert = watched_alert(c, action.alert_id, person)
        division = report.scope_of(person.division_code, alert.areas, wanted=action.division)
        order_sheet(c, person, alert, division, action.only, context.chat_id_here, now)

    await context.write(unit)
    await context.toast(views.sheet_toast(context.language))


async def ledger_export(context: Context, action: LedgerExport) -> None:
    """📒 叫应台账: it comes as a file, of the part of the warning the officer looks after."""
    person, now = await context.read(context.on_watch), context.now

    def unit(c: Connection) -> None:
        alert = watched_alert(c, action.id, person)
        division = report.scope_of(person.division_code, alert.areas)
        order_ledger(c, person, alert, division, context.chat_id_here, now)

    await context.write(unit)
    await context.toast(ledger_toast(context.language))


async def call_options(context: Context, action: CallOptions) -> None:
    """⋯ beside a silent person."""
    officer = await context.read(context.on_watch)

    def unit(c: Connection) -> str:
        call, alert, person = watched_call(c, action.id, officer, context.now)
        if not (call.open and alert.in_force):
            return _settled_meanwhile(c, context, alert, person, _page_of(action))
        _will_show_person(c, context, alert, call, _page_of(action))
        return ""

    await context.toast(await context.write(unit))


async def ring_up(context: Context, action: Ring | RingInstead) -> None:
    """📲 我在打 beside a silent person: the others see it; here the number, and what came of it."""
    now, account = context.now, context.account
    instead = isinstance(action, RingInstead)

    def unit(c: Connection) -> str:
        found, page = ring(c, action.id, account, now, instead=instead), _page_of(action)
        if found.ringing is None:  # the answer came first
            return _settled_meanwhile(c, context, found.alert, found.person, page)
        silent = _will_show_person(c, context, found.alert, found.call, page)
        return views.ring_toast(silent, found.ringing.officer, context.language)

    await context.toast(await context.write(unit))


async def rung_in_vain(context: Context, action: StopRinging) -> None:
    """⬅️ 没打通: back to the list, and the person is free for others to ring up."""
    now, account = context.now, context.account

    def unit(c: Connection) -> None:
        alert = stop_ringing(c, action.id, account, now)
        _show_list_anew(c, context, alert, _page_of(action))

    await context.write(unit)
    await context.toast()


async def proxy_tapped(context: Context, action: ProxyTap) -> None:
    """📞 已电话叫应: recorded with who said so and how."""
    now, account = context.now, context.account

    def unit(c: Connection) -> CallResult:
        done = by_proxy(c, action.call_id, account, action.how, now, done_at=context.done_at)
        _show_list_anew(c, context, done.alert, _page_of(action))
        return done

    done = await context.write(unit)
    await context.toast(views.proxy_toast(done.outcome, done.person.name, context.language))


async def proxy_taken_back(context: Context, action: ProxyTakeBack) -> None:
    """↩️ 撤回 of a proxy answer just recorded: the person is called on."""
    now, account, rules = context.now, context.account, context.services.rules.warnings

    def unit(c: Connection) -> CallResult:
        done = take_proxy_back(c, action.id, account, rules, now)
        _show_list_anew(c, context, done.alert, _page_of(action))
        return done

    done = await context.write(unit)
    await context.toast(views.take_back_toast(done.outcome, done.person.name, context.language))


async def page_link_wanted(context: Context, action: PageLink) -> None:
    """🔗: the link by which the person answers in a browser, for the officer to pass on."""
    officer, now = await context.read(context.on_watch), context.now
    settings = context.services.settings.channels.page
    if not settings.url:
        raise NotFound(LinkFault.NOT_SET_UP)

    def unit(c: Connection) -> str:
        call, alert, person = watched_call(c, action.id, officer, now)
        if not (call.open and alert.in_force):
            return _settled_meanwhile(c, context, alert, person, views.FIRST_PAGE)
        note_use(c, officer, now)
        # That it was given out, never the link itself: who reads the trail must not open it.
        audit.append(c, now, [audit.Entry("call.page_link", f"call:{call.id}", officer.id)])
        address = page_link(c, settings, call, alert, now)
        until = good_until(alert.expires_at, now, settings.hours)
        place, zone = context.facts(c).area(alert), context.zone
        context.will_say(
            c,
            page_link_message(
                alert, address, person.name, until, context.language, place, zone=zone
            ),
        )
        return ""

    await context.toast(await context.write(unit))


async def discharge_ask(context: Context, action: DischargeAsk) -> None:
    """☑️ 销号 of one person: asks for the reason."""
    officer, now, account = await context.read(context.on_watch), context.now, context.account

    def unit(c: Connection) -> str:
        call, alert, person = watched_call(c, action.id, officer, now)
        if not (call.open and alert.in_force):
            return _settled_meanwhile(c, context, alert, person, views.FIRST_PAGE)
        [silent] = silent_rows(context.facts(c), [call], officer)
        conversations.put(c, account, ConversationTopic.DISCHARGE, {"call": action.id}, now)
        place = context.facts(c).area(alert)
        context.will_say(c, views.ask_discharge_reason(silent, context.language, alert, place))
        return ""

    await context.toast(await context.write(unit))


async def discharge_reason(context: Context, text: str) -> None:
    """The reason that was asked for: shown with a button, which alone discharges."""
    officer, now, account = await context.read(context.on_watch), context.now, context.account
    call_id, nonce = context.asked["call"], secrets.token_hex(4)
    check_reason(text, call=call_id)

    def unit(c: Connection) -> None:
        call, alert, _ = watched_call(c, call_id, officer, now)
        [silent] = silent_rows(context.facts(c), [call], officer)
        state = {"call": call.id, "reason": text, "nonce": nonce}
        conversations.put(c, account, ConversationTopic.DISCHARGE, state, now, hears=False)
        place = context.facts(c).area(alert)
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
        place = context.facts(c).area(done.alert)
        name = done.person.name
        context.will_show(
            c, views.discharged(done.outcome, name, context.language, done.alert, place)
        )

    await context.write(unit)


TAPS: dict[type, TapHandler] = {
    SilentPage: silent_page,
    SilentPlaces: silent_places,
    SilentExport: silent_export,
    LedgerExport: ledger_export,
    Ring: ring_up,
    RingInstead: ring_up,
    StopRinging: rung_in_vain,
    CallOptions: call_options,
    ProxyTap: proxy_tapped,
    ProxyTakeBack: proxy_taken_back,
    PageLink: page_link_wanted,
    DischargeAsk: discharge_ask,
    DischargeNow: discharge_now,
}


def _page_of(action: OfPerson) -> ListPage:
    """The page of the list that somebody was chosen from."""
    return ListPage(action.page, action.division, action.only)


def _will_show_person(
    c: Connection, context: Context, alert: Alert, call: Call, page: ListPage
) -> SilentCall:
    """The tapped list shows one of its persons: the number, and what can be done."""
    officer = context.on_watch(c)
    [silent] = silent_rows(context.facts(c), [call], officer)
    phone = may_see_phone(officer, silent.person).allowed
    screen = views.call_options(
        alert,
        silent,
        context.language,
        context.now,
        context.facts(c).area(alert),
        page=page,
        show_phone=phone,
        page_link=bool(context.services.settings.channels.page.url),
    )
    _now_shows(c, context, alert.id, None)
    context.will_show(c, screen)
    return silent


def _settled_meanwhile(
    c: Connection, context: Context, alert: Alert, person: Person, page: ListPage
) -> str:
    """Nothing is to be done for this person any more: the list as it is now; what is said."""
    _show_list_anew(c, context, alert, page)
    return views.settled_toast(alert, person.name, context.language)


def _show_list_anew(c: Connection, context: Context, alert: Alert, page: ListPage) -> None:
    """The tapped message becomes the list again, the page it was.

    Rendered when it leaves: an officer on the telephone taps faster than a chat takes edits.
    """
    officer, message = context.on_watch(c), context.incoming.effective_message
    scope = report.scope_of(officer.division_code, alert.areas, wanted=page.division)
    page = page._replace(division=scope)
    _now_shows(c, context, alert.id, page)
    if message is not None:
        edit = reader_edit(
            officer, alert.id, page, message.chat.id, message.message_id, context.voice.bot_id
        )
        outbox_store.add(c, edit, context.now)


def _now_shows(c: Connection, context: Context, alert_id: int, page: ListPage | None) -> None:
    """Note that the tapped message shows ``page`` of the list, or (``None``) no page of it.

    The list is edited as people answer; an edit must not turn its page.
    """
    message = context.incoming.effective_message
    if message is not None:
        silent_list_store.turned(c, alert_id, message.chat.id, message.message_id, page)
