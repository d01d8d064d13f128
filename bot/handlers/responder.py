"""Those who were called: 收到, and what they did."""

from __future__ import annotations

import re
from typing import Any

from telegram.ext import BaseHandler

from alerts import alert_store, call_store
from alerts import conversation_store as conversations
from alerts.acknowledge import (
    Answer,
    Refusal,
    by_button,
    by_group_button,
    by_words,
    open_calls,
)
from alerts.calls import Call, Outcome, Report
from alerts.cards import progress_card_store
from alerts.conversation_store import Topic
from alerts.follow_up import report
from alerts.model import Alert
from bot.actions.warnings import CallAnswer, GroupAnswer, ReportTap
from bot.handlers.context import Context
from bot.messages.facts import area_name
from bot.views.screen import Screen, escape
from bot.views.warnings import call as views
from bot.views.warnings import follow_up
from data.database import Connection
from data.errors import NotAllowed

_RECEIVED = re.compile(
    r"^\s*(ok|好的?|是)?[,，\s]*(已经?)?(收到(了)?|received|roger|copy)[\s。.!！~～]*$",
    re.IGNORECASE,
)


def handlers() -> list[BaseHandler[Any, Any, Any]]:
    """Words are handled in ``words``, taps in ``taps``."""
    return []


def says_received(text: str) -> bool:
    """Whether a typed text means 收到."""
    return _RECEIVED.match(text) is not None


async def answer(context: Context, action: CallAnswer) -> None:
    """收到 under a call. The toast says recorded only when it is on disk."""
    who = _sender(context)
    rules, now = context.services.rules.warnings, context.now
    done = await context.write(lambda c: by_button(c, action.id, who, rules, now))
    language = done.person.language
    await context.toast(views.answer_toast(done.outcome, done.call, language, zone=rules.zone))
    if done.outcome is not Outcome.RECORDED:
        await context.show(await _answered(context, done))


async def answer_in_group(context: Context, action: GroupAnswer) -> None:
    """收到 under a group's post: counts for members who have a call."""
    who = _sender(context)
    rules, now = context.services.rules.warnings, context.now
    done = await context.write(lambda c: by_group_button(c, action.id, who, rules, now))
    language = done.person.language
    await context.toast(views.answer_toast(done.outcome, done.call, language, zone=rules.zone))


async def report_tapped(context: Context, action: ReportTap) -> None:
    """已完成, 已转移群众, 无法执行, 需要支援. What needs words or figures is asked for."""
    who, now = _sender(context), context.now
    if action.report is Report.MOVED:
        alert = await context.write(lambda c: _ask_later(c, context, action, who))
        await context.toast()
        await context.say(follow_up.ask_moved(context.language, alert))
        return

    def unit(c: Connection) -> Answer:
        done = report(c, action.call_id, who, action.report, now)
        if action.report is not Report.DONE and done.outcome is not Outcome.CLOSED:
            state = {"call": action.call_id, "report": action.report.value}
            conversations.put(c, who, Topic.REPORT, state, now)
        return done

    done = await context.write(unit)
    zone = context.services.zone
    await context.toast(
        follow_up.report_toast(done.outcome, done.call, context.language, zone=zone)
    )
    await context.show(await _answered(context, done))
    if action.report is not Report.DONE and done.outcome in (Outcome.RECORDED, Outcome.ALREADY):
        await context.say(follow_up.ask_reason(action.report, context.language, done.alert))


async def report_told(context: Context, text: str) -> None:
    """The figures or words that were asked for."""
    conversation = context.conversation
    assert conversation is not None
    call_id, what = conversation.state["call"], Report(conversation.state["report"])
    who, now = _sender(context), context.now
    figures = follow_up.parse_moved(text) if what is Report.MOVED else (None, None)
    if figures is None:
        await context.say(follow_up.moved_not_understood(context.language))
        return
    households, persons = figures

    def unit(c: Connection) -> Answer:
        done = report(
            c,
            call_id,
            who,
            what,
            now,
            households=households,
            persons=persons,
            text=None if what is Report.MOVED else text,
        )
        conversations.end(c, who)
        return done

    done = await context.write(unit)
    if done.outcome in (Outcome.RECORDED, Outcome.ALREADY):
        screen = follow_up.report_recorded(
            done.call, context.language, alert=done.alert, zone=context.services.zone
        )
    else:
        screen = Screen(escape(follow_up.report_toast(done.outcome, done.call, context.language)))
    await context.say(screen)


async def received(context: Context) -> None:
    """收到, typed: for the call it can only mean, else ask which."""
    message = context.incoming.effective_message
    assert message is not None
    who = _sender(context)
    found = await context.read(lambda c: open_calls(c, who))
    if message.chat.id < 0:
        await _received_in_group(context, found, message.chat.id)
        return
    if message.reply_to_message is not None:
        meant = message.reply_to_message.message_id
        found = [pair for pair in found if pair[0].message_id == meant] or found
    if not found:
        await context.say(await _nothing_open(context))
    elif len(found) > 1:
        places = {alert.id: area_name(context.services, alert.areas) for _, alert in found}
        await context.say(views.which_call(found, places, context.language))
    else:
        rules, now, call_id = context.services.rules.warnings, context.now, found[0][0].id
        done = await context.write(lambda c: by_words(c, call_id, who, rules, now))
        words = views.answer_toast(done.outcome, done.call, context.language, zone=rules.zone)
        await context.say(Screen(escape(words)))


async def my_tasks(context: Context) -> None:
    """📋 我的任务."""
    person = context.known()
    found = await context.read(lambda c: alert_store.calls_of_person(c, person.id, limit=5))
    places = {alert.id: area_name(context.services, alert.areas) for _, alert in found}
    await context.say(views.tasks(found, places, context.language, zone=context.services.zone))


TAPS: dict[type, Any] = {
    CallAnswer: answer,
    GroupAnswer: answer_in_group,
    ReportTap: report_tapped,
}


def _sender(context: Context) -> int:
    user = context.incoming.effective_user
    if user is None:
        raise NotAllowed(Refusal.NOT_LINKED)
    return user.id


def _ask_later(c: Connection, context: Context, action: ReportTap, who: int) -> Alert | None:
    call = call_store.call(c, action.call_id)
    if call is None or context.person is None or call.person_id != context.person.id:
        raise NotAllowed(Refusal.NOT_YOURS)
    state = {"call": action.call_id, "report": action.report.value}
    conversations.put(c, who, Topic.REPORT, state, context.now)
    return alert_store.alert(c, call.alert_id)


async def _answered(context: Context, done: Answer) -> Screen:
    """The message of an answered call, as it is now."""

    def look(c: Connection) -> Screen:
        facts = context.facts(c)
        return views.answered_message(
            done.alert,
            done.call,
            done.call.role,
            done.person.language,
            facts.area(done.alert),
            sender_line=facts.sender_line(done.alert, done.person.language),
            by=facts.by(done.call.proxy_by or done.call.discharged_by),
            zone=context.services.zone,
        )

    return await context.read(look)


async def _received_in_group(
    context: Context, found: list[tuple[Call, Alert]], chat_id: int
) -> None:
    """Quiet in groups: a typed 收到 counts when it can only mean one of the group's warnings."""
    here = await context.read(
        lambda c: [
            pair for pair in found if progress_card_store.card(c, pair[1].id, chat_id) is not None
        ]
    )
    if len(here) == 1:
        who, rules, now, call_id = (
            _sender(context),
            context.services.rules.warnings,
            context.now,
            here[0][0].id,
        )
        await context.write(lambda c: by_words(c, call_id, who, rules, now))


async def _nothing_open(context: Context) -> Screen:
    person = context.known()
    recent = await context.read(lambda c: alert_store.calls_of_person(c, person.id, limit=1))
    return views.no_open_call(
        context.language, recent[0] if recent else None, zone=context.services.zone
    )
