"""What a silent list in an officer's chat shows now, so that its edits do not turn the page."""

from __future__ import annotations

from alerts.cards import silent_list_store
from bot.handlers.context import Context


async def turned(context: Context, alert_id: int, page: int | None) -> None:
    """The list of this tap now shows ``page``, or (``None``) one of its persons."""
    message = context.incoming.effective_message
    if message is not None:
        chat_id, message_id = message.chat.id, message.message_id
        await context.write(
            lambda c: silent_list_store.turned(c, alert_id, chat_id, message_id, page)
        )
