"""Those who were called answer in words: 收到, typed. Buttons: ``bot.runtime.answer_taps``."""

from __future__ import annotations

import re

from alerts import alert_store
from alerts.acknowledge import by_words, meant_by_reply, open_calls, posted_in_group
from alerts.calls import Call
from alerts.model import Alert
from bot.handlers.context import Context
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


async def received(context: Context) -> None:
    """收到, typed: for the call it can only mean, else ask which."""
    message, account = context.message, context.account
    found = await context.read(lambda c: open_calls(c, account, context.done_at))
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
            done = by_words(c, call_id, account, rules, now, done_at=context.done_at)
            words = views.answer_toast(
                done.outcome, done.call, language, zone=context.services.zone
            )
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
        await context.write(
            lambda c: by_words(c, call_id, account, rules, now, done_at=context.done_at)
        )


async def _nothing_open(context: Context) -> Screen:
    person = context.known()
    recent = await context.read(lambda c: alert_store.calls_of_person(c, person.id, limit=1))
    return views.no_open_call(
        context.language, recent[0] if recent else None, zone=context.services.zone
    )
