"""What is said when something cannot be done, and to what nobody understands."""

from __future__ import annotations

import logging
from contextlib import suppress
from typing import Any

from telegram import Update
from telegram.ext import BaseHandler, MessageHandler, filters

from bot.handlers.context import Context
from bot.views import membership
from bot.views.problems import problem, problem_screen, try_again
from bot.views.screen import Screen, escape
from data.errors import JiaoyingError

log = logging.getLogger(__name__)


def handlers() -> list[BaseHandler[Any, Any, Any]]:
    """Whatever no other handler wanted, in private: a short help."""
    private = filters.UpdateType.MESSAGE & filters.ChatType.PRIVATE
    return [MessageHandler(private & ~filters.StatusUpdate.ALL, not_understood)]


async def refused(update: Update, context: Context, error: JiaoyingError) -> None:
    """Say what happened and what to do next, where the person is looking."""
    log.info("update %s refused: %s", update.update_id, error.code)
    if update.callback_query is not None:
        await context.toast(problem(error, context.language), alert=True)
    elif _private(update):
        await context.say(problem_screen(error, context.language))


async def unexpected(update: Update, context: Context) -> None:
    """Something of ours failed: say so, truthfully; the update is kept."""
    words = try_again(context.language)
    with suppress(Exception):
        if update.callback_query is not None:
            await context.toast(words, alert=True)
        elif _private(update):
            await context.say(Screen(escape(words)))


async def not_understood(update: Update, context: Context) -> None:
    """A strange command, a sticker, a stranger."""
    if context.person is None:
        await context.say(membership.welcome_stranger(context.language))
    else:
        await context.say(membership.help_message(context.person, context.language))


def _private(update: Update) -> bool:
    chat = update.effective_chat
    return chat is not None and chat.type == "private"
