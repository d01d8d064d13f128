"""Those who were called answer otherwise than by the button: in words, or by a sign.

Buttons: ``bot.runtime.answer_taps``.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from alerts import alert_store, report_store
from alerts.acknowledge import NEWEST_CALLS, WHOLE_SECOND, by_words, open_calls, posted_in_group
from alerts.calls import Call, CallOutcome, Via
from alerts.heard_late import ended_since_typed
from alerts.model import IN_FORCE, Alert
from alerts.reports import ReportFact, Where
from bot.handlers import asked, further_words
from bot.handlers.context import Context
from bot.handlers.replied import Replied, alerts_named, post_replied_to
from bot.messages.tasks import own_tasks
from bot.views.screen import Screen
from bot.views.warnings import call as views
from bot.views.warnings import tasks
from data.database import Connection

LISTED = 5
"""Tasks of the five lists under 📋 我的任务 (ours); the others are behind a button."""


async def received(context: Context, replied: Replied | None = None) -> None:
    """收到 in words: for the call it replies to, or the only open one; else ask which."""
    found = await context.read(lambda c: _meant(c, context))
    if context.chat_id_here < 0:
        await _received_in_group(context, found, context.chat_id_here)
    elif replied is not None and replied.call is not None:
        await _answered_in_words(context, replied.call.id, replied.asked)
    elif len(found) == 1 and replied is None:
        await _answered_in_words(context, found[0][0].id)
    else:
        which = await (_which_call(context, found) if found else _nothing_open(context))

        def unit(c: Connection) -> None:
            """What it replies to may be no warning; or something else waits to be answered."""
            if replied is not None and asked.say_to_reply(c, context, replied):
                return
            if found or not asked.say_what_waits(c, context):
                context.will_say(c, which)
            further_words.will_hear(c, context, None if found else _answered_before(c, context))

        await context.write(unit)


async def received_by_edit(context: Context, replied: Replied | None) -> None:
    """A text became 收到 when it was edited: for calls made before it was written."""
    written = context.message.date
    found = await context.read(lambda c: _meant(c, context))
    # Telegram dates messages in whole seconds.
    until = written + timedelta(seconds=1)
    asked = [(call, alert) for call, alert in found if call.called_at <= until]
    if replied is not None and replied.call is not None:
        asked = [pair for pair in asked if pair[0].id == replied.call.id]
    if len(asked) == 1:
        await _answered_in_words(context, asked[0][0].id)
    elif asked:
        await context.say(await _which_call(context, asked))


def _meant(c: Connection, context: Context) -> list[tuple[Call, Alert]]:
    """The calls that a typed 收到 may mean: open ones; typed long ago, those ended since, too."""
    account, typed_at = context.account, context.done_at
    found = open_calls(c, account, typed_at)
    if found or typed_at >= context.now:
        return found
    return ended_since_typed(c, account, typed_at, WHOLE_SECOND)


async def answered(context: Context, call_id: int, via: Via, *, asked: int | None = None) -> None:
    """Record an answer that can only mean this call, and say of which warning it is.

    :param asked: with which message of the warning that asked which it replies to.
    """
    await context.write(lambda c: will_answer(c, context, call_id, via, asked=asked))


async def _answered_in_words(context: Context, call_id: int, asked: int | None = None) -> None:
    """As ``answered``, by a text; and what stands with the word is heard."""

    def unit(c: Connection) -> None:
        outcome = will_answer(c, context, call_id, Via.WORDS, asked=asked)
        further_words.will_hear(c, context, call_id if outcome in _STANDS else None)

    await context.write(unit)


_STANDS = frozenset({CallOutcome.RECORDED, CallOutcome.ALREADY})


def _answered_before(c: Connection, context: Context) -> int | None:
    """The one call that whoever writes 收到 again has answered, of a warning in force."""
    newest = alert_store.calls_of_person(c, context.known().id, limit=NEWEST_CALLS)
    found = [call.id for call, alert in newest if alert.state in IN_FORCE and call.answered]
    return found[0] if len(found) == 1 else None


def will_answer(
    c: Connection, context: Context, call_id: int, via: Via, *, asked: int | None = None
) -> CallOutcome:
    """As ``answered``, in the running unit; what became of it."""
    account, rules, language = context.account, context.services.rules.warnings, context.language
    done = by_words(
        c, call_id, account, rules, context.now, via=via, done_at=context.done_at, asked=asked
    )
    others = [pair for pair in open_calls(c, account) if pair[0].id != call_id]
    screen = views.answer_receipt(
        done.outcome,
        done.call,
        done.alert,
        context.facts(c).area(done.alert),
        language,
        others=others,
        places=places_of(c, context, others),
        zone=rules.zone,
    )
    context.will_say(c, screen, about=done.call)
    return done.outcome


async def not_counted(context: Context) -> bool:
    """Tell whoever has still to answer that this was no answer; whether they have."""
    return await context.write(lambda c: will_say_not_counted(c, context))


def will_say_not_counted(c: Connection, context: Context) -> bool:
    """As ``not_counted``, in the running unit."""
    found = open_calls(c, context.account)
    if found:
        screen = views.not_counted(found, places_of(c, context, found), context.language)
        context.will_say(c, screen, about=found[0][0] if len(found) == 1 else None)
    return bool(found)


async def my_tasks(context: Context) -> None:
    """📋 我的任务."""
    person = context.known()
    found = await context.read(lambda c: alert_store.calls_of_person(c, person.id, limit=5))

    def told(
        c: Connection,
    ) -> tuple[dict[int, list[ReportFact]], dict[Where, str], dict[int, str]]:
        reports = {call.id: report_store.of_call(c, call.id) for call, _alert in found}
        alone = {fact.where for facts in reports.values() for fact in facts if fact.where}
        return reports, context.facts(c).names_of(alone), places_of(c, context, found)

    reports, names, places = await context.read(told)
    listed, total = await context.read(lambda c: own_tasks(context.facts(c), person, LISTED))
    screen = tasks.tasks(
        found,
        places,
        context.language,
        reports=reports,
        names=names,
        zone=context.zone,
        listed=listed,
        listed_total=total,
    )
    await context.say(screen)


async def _received_in_group(
    context: Context, found: list[tuple[Call, Alert]], chat_id: int
) -> None:
    """A typed 收到 counts when it can only mean one of the group's warnings.

    The group is left in peace: which of several is asked in the person's own chat.
    """
    reply = post_replied_to(context)
    named = set() if reply is None else alerts_named(reply)
    if reply is None or named:
        here = await context.read(lambda c: posted_in_group(c, found, chat_id))
        here = [pair for pair in here if not named or pair[1].id in named]
    else:
        message_id = reply.message_id
        here = await context.read(lambda c: posted_in_group(c, found, chat_id, message_id))
    if len(here) > 1:
        await context.say(await _which_call(context, here), chat_id=context.account)
    elif here:
        account, rules, now = context.account, context.services.rules.warnings, context.now
        call_id = here[0][0].id

        def unit(c: Connection) -> None:
            by_words(c, call_id, account, rules, now, done_at=context.done_at)
            further_words.will_hear(c, context, call_id, quietly=True)

        await context.write(unit)


async def _which_call(context: Context, found: Sequence[tuple[Call, Alert]]) -> Screen:
    places = await context.read(lambda c: places_of(c, context, found))
    return views.which_call(found, places, context.language)


def places_of(
    c: Connection, context: Context, found: Sequence[tuple[Call, Alert]]
) -> dict[int, str]:
    """What the warnings of these calls are for, in words, by warning."""
    facts = context.facts(c)
    return {alert.id: facts.area(alert) for _, alert in found}


async def _nothing_open(context: Context) -> Screen:
    person = context.known()
    recent = await context.read(lambda c: alert_store.calls_of_person(c, person.id, limit=1))
    return views.no_open_call(context.language, recent[0] if recent else None, zone=context.zone)
