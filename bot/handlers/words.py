"""What people type: a key of their keyboard, 收到, the answer to a question, or something else."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from telegram.ext import BaseHandler, filters

from alerts.acts import ActKind
from alerts.conversation_store import ConversationTopic
from bot.handlers import (
    board,
    calls,
    distress,
    ending,
    field_reports,
    follow_up,
    hotspots,
    late,
    positions,
    progress,
    release_wizard,
    roll_calls,
    roster,
    silent_list,
)
from bot.handlers.calls import says_received
from bot.handlers.context import Context
from bot.handlers.routes import Handler, message
from bot.views.menu import Item, item_of

_KEYS: dict[Item, Handler] = {
    Item.RELEASE: release_wizard.start,
    Item.STATUS: progress.status,
    Item.SILENT: silent_list.who,
    Item.COVERAGE: roster.coverage,
    Item.HANDBOOK: roster.handbook,
    Item.ROLL_CALL: roll_calls.start,
    Item.HOTSPOTS: hotspots.hotspots,
    Item.FEED: field_reports.feed,
    Item.BOARD: board.board,
    Item.TASKS: calls.my_tasks,
    Item.DUTY_PHONE: roster.duty_phones,
    Item.POSITION: positions.ask_position,
    Item.FIELD_REPORT: field_reports.ask_field_report,
    Item.DISTRESS: distress.raise_distress,
}

_ANSWERS: dict[ConversationTopic, Callable[[Context, str], Awaitable[None]]] = {
    ConversationTopic.RELEASE: release_wizard.typed,
    ConversationTopic.REPORT: follow_up.report_told,
    ConversationTopic.DISCHARGE: silent_list.discharge_reason,
    ConversationTopic.CLOSE: ending.close_reason,
    ConversationTopic.ROLL_CALL: roll_calls.typed,
}


def handlers() -> list[BaseHandler[Any, Any, Any]]:
    """Texts that are no command. An edited one is not said twice, but may be a warning's text."""
    text = filters.TEXT & ~filters.COMMAND
    new, edited = filters.UpdateType.MESSAGE, filters.UpdateType.EDITED_MESSAGE
    return [
        message(text & new & filters.ChatType.PRIVATE, private_text),
        message(text & edited & filters.ChatType.PRIVATE, edited_text),
        message(text & new & filters.ChatType.GROUPS, group_text),
    ]


async def private_text(context: Context) -> None:
    """A text in the private chat."""
    context.known()
    text = (context.message.text or "").strip()
    if (item := item_of(text)) is not None:
        await _KEYS[item](context)
    elif says_received(text):
        await calls.received(context)
    elif context.conversation is not None and late.is_late(context, ActKind.END):
        await late.say_not_done(context, text)
    elif context.conversation is not None:
        await _ANSWERS[context.conversation.topic](context, text)
    else:
        await distress.heard(context, text)


async def edited_text(context: Context) -> None:
    """A text that was changed: of a warning that is being written, or nothing."""
    if context.person is not None:
        await release_wizard.text_edited(context, (context.message.text or "").strip())


async def group_text(context: Context) -> None:
    """A text in a group: only 收到 of somebody known means anything; the bot stays quiet."""
    if context.person is not None and says_received(context.message.text or ""):
        await calls.received(context)
