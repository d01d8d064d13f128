"""How a command or a message finds its handler, which takes the ``Context`` and nothing else."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

from telegram import Update
from telegram.ext import BaseHandler, CommandHandler, MessageHandler, filters

from bot.handlers.context import Context

Handler = Callable[[Context], Awaitable[None]]
TapHandler = Callable[[Context, Any], Awaitable[None]]
"""Handles one kind of button; the second argument is what the button says (``bot.actions``)."""

IN_PRIVATE = filters.UpdateType.MESSAGE & filters.ChatType.PRIVATE
"""New messages in private: an edited one is not said twice, and much that is said back holds
telephone numbers."""


def commands(**handlers: Handler) -> list[BaseHandler[Any, Any, Any]]:
    """One handler for each command, by its name without the slash; in private only."""
    return [
        CommandHandler(name, handled_by(handler), filters=IN_PRIVATE)
        for name, handler in handlers.items()
    ]


def message(wanted: filters.BaseFilter, handler: Handler) -> BaseHandler[Any, Any, Any]:
    """A handler of messages that ``wanted`` lets through."""
    return MessageHandler(wanted, handled_by(handler))


def handled_by(handler: Handler) -> Callable[[Update, Context], Coroutine[Any, Any, None]]:
    """The handler as the library calls it: with the update too, which the context holds anyway."""

    async def handle(_update: Update, context: Context) -> None:
        await handler(context)

    return handle
