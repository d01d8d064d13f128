"""The warning that somebody is writing, as it is kept between two taps."""

from __future__ import annotations

from alerts import conversation_store as conversations
from alerts.conversation_store import ConversationTopic
from alerts.drawn_area import DrawnArea
from alerts.headquarters import issuing_divisions
from alerts.model import Draft
from bot.compose.release_draft import UnfinishedDraft
from bot.handlers.context import Context
from bot.messages.facts import warned_name
from bot.views.screen import Screen
from bot.views.warnings import area_menu
from bot.views.warnings import release_wizard as views
from contacts import place_store
from contacts.divisions.codes import county_of
from contacts.divisions.gazetteer import Found, Resolution
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


async def drawn_lines_of(context: Context, unfinished: UnfinishedDraft) -> list[str]:
    """What is said of the drawing that the areas were taken from (HTML)."""
    besides = unfinished.besides
    named = await context.read(lambda c: place_store.names(c, besides)) if besides else {}
    names = {} if unfinished.drawn is None else names_in(context, unfinished.drawn)
    listed = list(named.values())
    return area_menu.drawn_lines(unfinished.drawn, listed, names, context.language)


def names_in(context: Context, drawn: DrawnArea) -> dict[str, str]:
    """The counties that a drawing reaches into, and those of villages left out, by code."""
    name = context.services.gazetteer.name
    codes = (*drawn.left_out_of, *drawn.elsewhere)
    return {code: name(county_of(code) or code) for code in codes}


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


def which_area(
    unfinished: UnfinishedDraft,
    text: str,
    found: Resolution,
    language: str,
    *,
    in_line: bool = False,
) -> Screen:
    """A name that is not exactly one place.

    :param in_line: it was written in a line, where it may be the beginning of the text.
    """
    draft = draft_line(unfinished, language)
    if found.outcome is Found.AMBIGUOUS:
        total = found.total
        return views.area_ambiguous(text, found.candidates, total, language, draft=draft)
    return views.area_unknown(text, found.candidates, language, draft=draft, in_line=in_line)
