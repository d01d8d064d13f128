"""How a command or a message finds its handler, which takes the ``Context`` and nothing else."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

from telegram import Update
from telegram.ext import BaseHandler, CommandHandler, MessageHandler, filters

from bot.handlers.context import Context
from bot.handlers.written_command import written_command

Handler = Callable[[Context], Awaitable[None]]
TapHandler = Callable[[Context, Any], Awaitable[None]]
"""Handles one kind of button; the second argument is what the button says (``bot.actions``)."""

IN_PRIVATE = filters.UpdateType.MESSAGE & filters.ChatType.PRIVATE
"""New messages in private: an edited one is not said twice, and much that is said back holds
telephone numbers."""

EDITED_IN_PRIVATE = filters.UpdateType.EDITED_MESSAGE & filters.ChatType.PRIVATE


class WrittenCommand(CommandHandler[Any, Any]):
    """A command, also as Telegram does not mark it: with ／, or with no space behind it."""

    def check_update(self, update: object) -> Any:
        """The words behind the command and what the filters said, as the library has it."""
        found = super().check_update(update)
        if found or not isinstance(update, Update) or update.effective_message is None:
            return found
        text = update.effective_message.text or ""
        written = written_command(text)
        if written is None or written[0] not in self.commands:
            return found
        passed = self.filters.check_update(update)
        return (written[1].split(), passed) if passed else False


def commands(**handlers: Handler) -> list[BaseHandler[Any, Any, Any]]:
    """One handler for each command, by its name without the slash; in private only."""
    return [
        WrittenCommand(name, handled_by(handler), filters=IN_PRIVATE)
        for name, handler in handlers.items()
    ]


def edited_command(name: str, handler: Handler) -> BaseHandler[Any, Any, Any]:
    """A handler of a command that was edited; in private only."""
    return WrittenCommand(name, handled_by(handler), filters=EDITED_IN_PRIVATE)


def message(wanted: filters.BaseFilter, handler: Handler) -> BaseHandler[Any, Any, Any]:
    """A handler of messages that ``wanted`` lets through."""
    return MessageHandler(wanted, handled_by(handler))


def handled_by(handler: Handler) -> Callable[[Update, Context], Coroutine[Any, Any, None]]:
    """The handler as the library calls it: with the update too, which the context holds anyway."""

    async def handle(_update: Update, context: Context) -> None:
        await handler(context)

    return handle
