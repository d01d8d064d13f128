"""Words that go to others, or end something: shown first, with a button that alone does it.

What is typed while a question is open may be meant for somebody else.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from alerts import conversation_store as conversations
from alerts.conversation_store import ConversationTopic
from bot.actions.typed_words import WordsSend
from bot.handlers import daily, duty, tasks
from bot.handlers.context import Context
from bot.handlers.routes import TapHandler
from bot.views import questions
from bot.views.screen import Screen
from data.database import Connection

Doing = Callable[[Connection, Context, Mapping[str, Any], str], Screen]
"""Does it, with what was asked and the words; what it became."""

_DOES: Mapping[ConversationTopic, Doing] = {
    ConversationTopic.TASK: tasks.with_reason,
    ConversationTopic.HANDOVER: duty.with_words,
    ConversationTopic.DAILY_REMARK: daily.with_words,
}


async def send(context: Context, action: WordsSend) -> None:
    """✅ under the words; pressed twice it is done once."""

    def unit(c: Connection) -> bool:
        typed = context.conversation
        if typed is None or typed.topic not in _DOES:
            return False
        asked = conversations.to_confirm(c, context.account, typed.topic, action.nonce, context.now)
        if asked is None:
            return False
        context.will_show(c, _DOES[typed.topic](c, context, asked, asked["words"]))
        conversations.end(c, context.account)
        return True

    done = await context.write(unit)
    await context.toast("" if done else questions.spent(context.language), alert=not done)


TAPS: dict[type, TapHandler] = {WordsSend: send}
