"""What is said when something cannot be done, and to what nobody understands."""

from __future__ import annotations

import logging
from contextlib import suppress
from typing import Any

from telegram.ext import BaseHandler, filters

from alerts.cries import cry_in
from alerts.lookup import AlertProblem, Refusal, watched_alert
from bot.actions.parsing import parse
from bot.actions.warnings import (
    CancelAsk,
    CancelNow,
    CloseAsk,
    CloseNow,
    CloseWithReason,
    LiftAsk,
    LiftNow,
    SendAnew,
)
from bot.handlers import cries, task_evidence
from bot.handlers.calls import will_say_not_counted
from bot.handlers.context import Context
from bot.handlers.routes import IN_PRIVATE, message
from bot.messages.releases import card_screen
from bot.views import membership
from bot.views.problems import names_duty, problem, problem_screen, try_again
from bot.views.screen import Screen, escape
from contacts.access import Access
from data.database import Connection
from data.errors import JiaoyingError, NotAllowed, NotFound, StoreError

log = logging.getLogger(__name__)

_OF_CARDS = (
    CancelAsk,
    CancelNow,
    CloseAsk,
    CloseNow,
    CloseWithReason,
    LiftAsk,
    LiftNow,
    SendAnew,
)
"""The buttons under a warning's card, and under the questions that it becomes."""

_OVERTAKEN = (AlertProblem.OVER, AlertProblem.CLOSED, AlertProblem.NOT_HELD)
_STRANGER = (Access.NOT_LINKED, Refusal.NOT_LINKED)


def handlers() -> list[BaseHandler[Any, Any, Any]]:
    """Whatever no other handler wanted, in private: a short help."""
    return [message(IN_PRIVATE & ~filters.StatusUpdate.ALL, not_understood)]


async def refused(context: Context, error: JiaoyingError) -> None:
    """Say what happened and what to do next, where the person is looking.

    Whoever nobody knows is shown how to be known: the key that shares their number. That the
    database does not answer is said without it.
    """
    update = context.incoming
    log.info("update %s refused: %s", update.update_id, error.code)
    if update.callback_query is not None:
        duty, about = await _duty_phone(context, error), await context.refused_thing(error)
        await context.toast(problem(error, context.language, duty, about=about), alert=True)
        await _card_as_it_is(context, error)
        return
    if not _private(context):
        return
    duty, about = await _duty_phone(context, error), await context.refused_thing(error)
    if isinstance(error, StoreError):
        context.tell_without_store(problem_screen(error, context.language, duty))
    else:
        stranger = error.code in _STRANGER
        await context.say(
            membership.welcome_stranger(context.language)
            if stranger
            else problem_screen(error, context.language, duty, about=about)
        )


async def unexpected(context: Context) -> None:
    """Something of ours failed: say so, truthfully; the update is kept.

    What was recorded before the failure is recorded: then nobody is asked to try again.
    """
    words = try_again(context.language)
    with suppress(Exception):
        if context.wrote:
            await context.toast()
            return
        if context.incoming.callback_query is not None:
            await context.toast(words, alert=True)
        elif _private(context):
            await context.services.database.run(
                lambda c: context.will_say(c, Screen(escape(words)))
            )


async def not_understood(context: Context) -> None:
    """A strange command, a sticker; what is cried under anything is heard all the same."""
    person = context.known()
    caption = context.message.caption or ""
    if (cry := cry_in(caption)) is not None:
        await cries.cried(context, cry, caption)

    if context.message.sticker is not None or context.message.animation is not None:
        task_evidence.refuse_sticker(context)

    def unit(c: Connection) -> None:
        if not will_say_not_counted(c, context):
            context.will_say(c, membership.help_message(person, context.language))

    await context.write(unit)


async def _card_as_it_is(context: Context, error: JiaoyingError) -> None:
    """The warning under whose card a button was pressed is over: the card says so, without it."""
    query, person = context.incoming.callback_query, context.person
    if error.code not in _OVERTAKEN or query is None or person is None or not _private(context):
        return
    action = parse(query.data or "")
    if not isinstance(action, _OF_CARDS):
        return
    alert_id, language = action.id, context.language
    with suppress(NotFound, NotAllowed):
        screen = await context.read(
            lambda c: card_screen(
                context.facts(c), watched_alert(c, alert_id, person), language, person
            )
        )
        await context.show(screen)


async def _duty_phone(context: Context, error: JiaoyingError) -> str:
    return await context.duty_phone() if names_duty(error) else ""


def _private(context: Context) -> bool:
    chat = context.incoming.effective_chat
    return chat is not None and chat.type == "private"
