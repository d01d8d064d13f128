"""Choosing the places that a warning is for alone: reservoirs, schools, hazard points."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from bot.compose.release_draft import UnfinishedDraft
from bot.handlers.context import Context
from bot.handlers.release_drafts import draft_line, save
from bot.locale import translator
from bot.messages.facts import area_name
from bot.views.screen import Screen, shorten
from bot.views.warnings import place_menu
from contacts import place_store
from contacts.places import Place, PlaceKind
from contacts.roster.columns import KIND_WORDS
from data.database import Connection


async def places_called(context: Context, name: str) -> list[Place]:
    """The places in the commander's division that bear a name or a code."""
    own = context.known().division_code
    known = await context.read(lambda c: place_store.places_within(c, [own]))
    return known.find("".join(name.split()))


def which_place(
    context: Context, unfinished: UnfinishedDraft, text: str, named: Sequence[Place]
) -> Screen:
    path = context.services.gazetteer.path
    found = [(place, path(place.division_code)) for place in named]
    draft = draft_line(unfinished, context.language)
    return place_menu.which_place(text, found, context.language, draft=draft)


async def place_named(context: Context, unfinished: UnfinishedDraft, text: str) -> None:
    """The name of a place, or a kind of them, was written while they are chosen."""
    _ = translator(context.language)
    known = await context.read(lambda c: place_store.places_within(c, unfinished.areas))
    name = "".join(text.split())
    kind = KIND_WORDS.get(re.sub("^(所有|全部|各)", "", name))
    words = [place.code for place in known.find(name)] or ([kind.value] if kind else [])
    note = "" if words else _("没有找到「{text}」。").format(text=shorten(text, 30))
    for word in words:
        if word not in unfinished.places:
            unfinished = unfinished.toggled(word)
    await show_places(context, unfinished, known.all(), note=note, new_message=True)


async def show_places(
    context: Context,
    unfinished: UnfinishedDraft,
    places: Sequence[Place],
    *,
    page: int = 0,
    note: str = "",
    new_message: bool = False,
) -> None:
    unfinished = replace(unfinished, choosing=True)
    screen = place_menu.ask_places(
        places,
        unfinished.places,
        context.language,
        area_name(context.services, unfinished.areas),
        page=page,
        draft=draft_line(unfinished, context.language),
        note=note,
    )

    def unit(c: Connection) -> None:
        save(c, context, unfinished)
        (context.will_say if new_message else context.will_show)(c, screen)

    await context.write(unit)


async def names_of(context: Context, places: Sequence[str]) -> dict[str, str]:
    """The names of the places among these codes and kinds, by code."""
    if not places:
        return {}
    return await context.read(lambda c: place_store.names(c, places))


async def only_words(context: Context, places: Sequence[str]) -> str:
    """Which places a warning is for alone, in words; empty: it is for everybody."""
    names = await names_of(context, places)
    kinds = [kind for kind in PlaceKind if kind.value in places]
    return place_menu.only_these(kinds, list(names.values()), context.language)
