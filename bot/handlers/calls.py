"""Those who were called answer: 收到 by a button, under a group's post, or typed."""

from __future__ import annotations

import re

from alerts import alert_store
from alerts.acknowledge import (
    CallResult,
    by_button,
    by_group_button,
    by_words,
    meant_by_reply,
    open_calls,
    posted_in_group,
)
from alerts.calls import Call, CallOutcome
from alerts.model import Alert
from bot.actions.warnings import CallAnswer, GroupAnswer
from bot.handlers.context import Context
from bot.handlers.routes import TapHandler
from bot.messages.calls import answered_screen
from bot.messages.facts import area_name
from bot.views.screen import Screen, escape
from bot.views.warnings import call as views
from data.database import Connection

_RECEIVED = re.compile(
    r"^\s*(ok|好的?|是)?[,，\s]*(已经?)?(收到(了)?|received|roger|copy)[\s。.!！~～]*$",
    re.IGNORECASE,
)


def says_received(text: str) -> bool:
    """Whether a typed text means 收到."""
    return _RECEIVED.match(text) is not None


async def answer(context: Context, action: CallAnswer) -> None:
    """收到 under a call. The toast says recorded only when it is on disk.

    Most of these taps come by the thousand and go another way (``bot.runtime.answer_taps``).
    """
    account, rules, now = context.account, context.services.rules.warnings, context.now

    def unit(c: Connection) -> CallResult:
        done = by_button(c, action.id, account, rules, now)
        if done.outcome is not CallOutcome.RECORDED:
            language = done.person.language
            context.will_show(c, answered_screen(context.facts(c), done.alert, done.call, language))
        return done

    done = await context.write(unit)
    language = done.person.language
    await context.toast(views.answer_toast(done.outcome, done.call, language, zone=rules.zone))


async def answer_in_group(context: Context, action: GroupAnswer) -> None:
    """收到 under a group's post: counts for members who have a call."""
    account, rules, now = context.account, context.services.rules.warnings, context.now
    done = await context.write(lambda c: by_group_button(c, action.id, account, rules, now))
    language = done.person.language
    await context.toast(views.answer_toast(done.outcome, done.call, language, zone=rules.zone))


TAPS: dict[type, TapHandler] = {CallAnswer: answer, GroupAnswer: answer_in_group}


async def received(context: Context) -> None:
    """收到, typed: for the call it can only mean, else ask which."""
    message, account = context.message, context.account
    found = await context.read(lambda c: open_calls(c, account))
    if message.chat.id < 0:
        await _received_in_group(context, found, message.chat.id)
        return
    if message.reply_to_message is not None:
        found = meant_by_reply(found, message.reply_to_message.message_id)
    if not found:
        await context.say(await _nothing_open(context))
    elif len(found) > 1:
        places = {alert.id: area_name(context.services, alert.areas) for _, alert in found}
        await context.say(views.which_call(found, places, context.language))
    else:
        rules, now, call_id = context.services.rules.warnings, context.now, found[0][0].id
        language = context.language

        def unit(c: Connection) -> None:
            done = by_words(c, call_id, account, rules, now)
            words = views.answer_toast(done.outcome, done.call, language, zone=rules.zone)
            context.will_say(c, Screen(escape(words)))

        await context.write(unit)


async def my_tasks(context: Context) -> None:
    """📋 我的任务."""
    person = context.known()
    found = await context.read(lambda c: alert_store.calls_of_person(c, person.id, limit=5))
    places = {alert.id: area_name(context.services, alert.areas) for _, alert in found}
    await context.say(views.tasks(found, places, context.language, zone=context.services.zone))


async def _received_in_group(
    context: Context, found: list[tuple[Call, Alert]], chat_id: int
) -> None:
    """Quiet in groups: a typed 收到 counts when it can only mean one of the group's warnings."""
    here = await context.read(lambda c: posted_in_group(c, found, chat_id))
    if len(here) == 1:
        account, rules, now = context.account, context.services.rules.warnings, context.now
        call_id = here[0][0].id
        await context.write(lambda c: by_words(c, call_id, account, rules, now))


async def _nothing_open(context: Context) -> Screen:
    person = context.known()
    recent = await context.read(lambda c: alert_store.calls_of_person(c, person.id, limit=1))
    return views.no_open_call(
        context.language, recent[0] if recent else None, zone=context.services.zone
    )
