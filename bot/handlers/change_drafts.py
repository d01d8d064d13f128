"""The change of a warning that somebody is composing, as it is kept between two taps."""

from __future__ import annotations

from alerts import conversation_store as conversations
from alerts.conversation_store import ConversationTopic
from bot.compose.unfinished_change import UnfinishedChange
from bot.handlers.context import Context
from data.database import Connection


def unfinished_of(context: Context) -> UnfinishedChange | None:
    """The change that the person is composing."""
    conversation = context.conversation
    if conversation is None or conversation.topic is not ConversationTopic.CHANGE:
        return None
    return UnfinishedChange.from_state(conversation.state)


def of_warning(context: Context, alert_id: int) -> UnfinishedChange | None:
    """The same, when it is of this warning."""
    unfinished = unfinished_of(context)
    return unfinished if unfinished is not None and unfinished.alert_id == alert_id else None


def save(c: Connection, context: Context, unfinished: UnfinishedChange) -> None:
    """Keep it for the next tap."""
    state = unfinished.as_state()
    conversations.put(
        c, context.account, ConversationTopic.CHANGE, state, context.now, hears=unfinished.hears
    )


def children_of(context: Context, code: str) -> tuple[str, ...]:
    """The codes of the divisions directly below one."""
    return tuple(child.code for child in context.services.gazetteer.children(code))
