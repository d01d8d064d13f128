"""The warning that somebody is writing, as it is kept between two taps."""

from __future__ import annotations

from alerts import conversation_store as conversations
from alerts.conversation_store import ConversationTopic
from alerts.headquarters import issuing_divisions
from alerts.model import Draft
from bot.compose.release_draft import UnfinishedDraft
from bot.handlers.context import Context
from bot.messages.facts import warned_name
from bot.views.warnings import release_wizard as views
from contacts import place_store
from data.database import Connection


def unfinished_of(context: Context) -> UnfinishedDraft | None:
    """The draft that the person is writing."""
    conversation = context.conversation
    if conversation is None or conversation.topic is not ConversationTopic.RELEASE:
        return None
    return UnfinishedDraft.from_state(conversation.state)


def save(c: Connection, context: Context, unfinished: UnfinishedDraft) -> None:
    """Keep it for the next tap."""
    state = unfinished.as_state()
    conversations.put(
        c, context.account, ConversationTopic.RELEASE, state, context.now, hears=unfinished.hears
    )


def draft_line(unfinished: UnfinishedDraft, language: str) -> str:
    """Which draft it is (HTML)."""
    if unfinished.level is None or unfinished.hazard is None:
        return ""
    level, hazard = unfinished.level, unfinished.hazard
    return views.draft_line(level, hazard, language, exercise=unfinished.exercise)


def issuing(context: Context, unfinished: UnfinishedDraft) -> tuple[str, ...]:
    """The divisions whose weather service the warning may quote."""
    if unfinished.hazard is None:
        return ()
    codes = issuing_divisions(context.known().division_code, unfinished.hazard)
    return tuple(code for code in codes if context.services.weather_service(code))


async def draft_of(context: Context, unfinished: UnfinishedDraft) -> tuple[Draft, str]:
    """The warning as it would go out, and in words what it is for."""
    code = unfinished.signal_from(issuing(context, unfinished))
    services, places = context.services, unfinished.places
    service = services.weather_service(code) if code else ""
    if unfinished.issuer and unfinished.signal is None:
        service = unfinished.issuer
    names = await context.read(lambda c: place_store.names(c, places)) if places else {}
    place = warned_name(services, unfinished.areas, places, names)
    return unfinished.finished(place, service), place
