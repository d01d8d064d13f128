"""Answers that count no more: taken back by whoever pressed by mistake, doubted by officers."""

from __future__ import annotations

import secrets
from datetime import datetime

from alerts import conversation_store as conversations
from alerts.conversation_store import ConversationTopic
from alerts.follow_up import check_reason
from alerts.lookup import watched_alert
from alerts.withdrawals.withdrawing import WithdrawalResult, doubt, permit_doubt, take_back
from bot.actions.warnings import (
    AnsweredFind,
    AnsweredPage,
    DoubtAsk,
    DoubtNow,
    DoubtTyped,
    DoubtWrite,
    TakeBack,
)
from bot.handlers.context import Context
from bot.handlers.routes import TapHandler
from bot.messages.calls import answered_screen as screen_of_call
from bot.messages.withdrawals import answered_rows, answered_screen
from bot.views.questions import too_late
from bot.views.warnings import withdrawals as views
from data.database import Connection
from data.tables.columns import from_milliseconds


async def taken_back(context: Context, action: TakeBack) -> None:
    """↩️ 误点，撤回: the call waits again."""
    account, now, rules = context.account, context.now, context.services.rules.warnings
    meant = from_milliseconds(action.answered)

    def unit(c: Connection) -> WithdrawalResult:
        done = take_back(
            c, action.call_id, account, rules, now, meant=meant, done_at=context.done_at
        )
        facts = context.facts(c)
        context.will_show(c, screen_of_call(facts, done.alert, done.call, done.person.language))
        return done

    done = await context.write(unit)
    within, duty = rules.take_back_for, await context.duty_phone()
    await context.toast(
        views.take_back_toast(done.outcome, context.language, within, duty), alert=True
    )


async def answered_page(context: Context, action: AnsweredPage) -> None:
    """A page of those who have answered."""
    officer = await context.read(context.on_watch)
    screen = await context.read(
        lambda c: answered_screen(
            context.facts(c),
            watched_alert(c, action.alert_id, officer),
            officer,
            action.division,
            action.page,
        )
    )
    await context.toast()
    await context.show(screen)


async def find(context: Context, action: AnsweredFind) -> None:
    """🔎: whose answer is meant?"""
    officer, now, account = await context.read(context.on_watch), context.now, context.account

    def unit(c: Connection) -> None:
        alert = watched_alert(c, action.id, officer)
        conversations.put(c, account, ConversationTopic.ANSWERED, {"alert": alert.id}, now)
        context.will_say(c, views.ask_name(alert, context.language, context.facts(c).area(alert)))

    await context.write(unit)
    await context.toast()


async def name_told(context: Context, text: str) -> None:
    """The name that was asked for: those who have answered and bear it."""
    officer, alert_id, account = (
        await context.read(context.on_watch), context.asked["alert"], context.account,
    )  # fmt: skip

    def unit(c: Connection) -> None:
        alert = watched_alert(c, alert_id, officer)
        conversations.end(c, account)
        context.will_say(c, answered_screen(context.facts(c), alert, officer, words=text.strip()))

    await context.write(unit)


async def doubt_ask(context: Context, action: DoubtAsk) -> None:
    """❓ 存疑 of one person: why?"""
    officer, now = await context.read(context.on_watch), context.now
    meant = from_milliseconds(action.answered)

    def unit(c: Connection) -> str:
        call, alert, person = permit_doubt(c, action.call_id, officer, now)
        facts = context.facts(c)
        if not call.answered or call.answered_at != meant or not alert.in_force:
            context.will_show(c, answered_screen(facts, alert, officer))
            return views.changed_toast(person, context.language)
        [row] = answered_rows(facts, [(call, person)], officer.division_code)
        context.will_show(
            c, views.ask_why(alert, row, context.language, facts.area(alert), zone=facts.zone)
        )
        return ""

    await context.toast(await context.write(unit))


async def doubt_now(context: Context, action: DoubtNow) -> None:
    """One of the reasons."""
    meant = from_milliseconds(action.answered)
    await context.write(lambda c: _doubt(c, context, action.call_id, action.why.value, meant))


async def doubt_write(context: Context, action: DoubtWrite) -> None:
    """✍️: the reason in words is asked for."""
    officer, now, account = await context.read(context.on_watch), context.now, context.account

    def unit(c: Connection) -> None:
        call, alert, person = permit_doubt(c, action.call_id, officer, now)
        state = {"call": call.id, "answered": action.answered}
        conversations.put(c, account, ConversationTopic.DOUBT, state, now)
        place = context.facts(c).area(alert)
        context.will_say(c, views.ask_doubt_reason(alert, person, context.language, place))

    await context.write(unit)
    await context.toast()


async def doubt_reason(context: Context, text: str) -> None:
    """The reason that was asked for: shown with a button, which alone acts on it."""
    officer, now, account = await context.read(context.on_watch), context.now, context.account
    call_id, nonce = context.asked["call"], secrets.token_hex(4)
    text = check_reason(text, call=call_id)

    def unit(c: Connection) -> None:
        call, alert, person = permit_doubt(c, call_id, officer, now)
        state = {**context.asked, "reason": text, "nonce": nonce}
        conversations.put(c, account, ConversationTopic.DOUBT, state, now, hears=False)
        place = context.facts(c).area(alert)
        context.will_say(
            c, views.confirm_doubt(alert, call.id, person, text, nonce, context.language, place)
        )

    await context.write(unit)


async def doubt_typed(context: Context, action: DoubtTyped) -> None:
    """❓ 确定存疑 under the reason."""
    now, account, topic = context.now, context.account, ConversationTopic.DOUBT

    def unit(c: Connection) -> None:
        typed = conversations.to_confirm(c, account, topic, action.nonce, now)
        if typed is None or typed["call"] != action.id:
            context.will_show(c, too_late(context.language))
            return
        conversations.end(c, account)
        meant = from_milliseconds(typed["answered"])
        _doubt(c, context, action.id, typed["reason"], meant)

    await context.write(unit)


TAPS: dict[type, TapHandler] = {
    TakeBack: taken_back,
    AnsweredPage: answered_page,
    AnsweredFind: find,
    DoubtAsk: doubt_ask,
    DoubtNow: doubt_now,
    DoubtWrite: doubt_write,
    DoubtTyped: doubt_typed,
}


def _doubt(c: Connection, context: Context, call_id: int, reason: str, meant: datetime) -> None:
    rules = context.services.rules.warnings
    done = doubt(c, call_id, context.account, reason, rules, context.now, meant=meant)
    place = context.facts(c).area(done.alert)
    context.will_show(
        c, views.doubted(done.outcome, done.alert, done.person, reason, context.language, place)
    )
