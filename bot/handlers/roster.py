"""The roster as its people see it: the handbook, and villages where nobody can be reached."""

from __future__ import annotations

from typing import Any

from telegram.ext import BaseHandler

from bot.actions.handbook import HandbookIn
from bot.handlers.context import Context
from bot.handlers.routes import TapHandler, commands
from bot.views import handbook as handbook_views
from bot.views.division_menu import menu_of
from bot.views.handbook import HandbookEntry
from bot.views.roster import coverage as coverage_views
from bot.views.screen import Screen
from contacts import people_store
from contacts.access import may_find, may_look_into, may_see_phone, require
from contacts.coverage_store import coverage as coverage_of
from contacts.people import Person


def handlers() -> list[BaseHandler[Any, Any, Any]]:
    """The commands."""
    return commands(coverage=coverage, handbook=handbook)


async def coverage(context: Context) -> None:
    """/coverage, 👥 覆盖: villages with nobody reachable."""
    person = context.known()
    found = await context.read(lambda c: coverage_of(c, person.division_code))
    gazetteer = context.services.gazetteer
    place = gazetteer.name(person.division_code)
    await context.say(coverage_views.coverage_message(found, gazetteer, context.language, place))


async def handbook(context: Context) -> None:
    """/handbook, 📖 通讯录; with words: look somebody up."""
    reader = context.known()
    wanted = " ".join(context.args or ())
    if not wanted:
        await context.say(await _page(context, reader, reader.division_code, 0))
        return
    found = await context.read(
        lambda c: people_store.search_people(c, wanted, (reader.division_code,))
    )
    gazetteer = context.services.gazetteer
    entries = [
        (_entry(reader, person), gazetteer.path(person.division_code))
        for person in found
        if may_find(reader, person, wanted).allowed
    ]
    await context.say(handbook_views.search_results(wanted, entries, context.language))


async def handbook_in(context: Context, action: HandbookIn) -> None:
    """The handbook of another division, the reader's own or below."""
    reader = context.known()
    require(may_look_into(reader, action.code))
    screen = await _page(context, reader, action.code, action.page)
    await context.toast()
    await context.show(screen)


TAPS: dict[type, TapHandler] = {HandbookIn: handbook_in}


async def _page(context: Context, reader: Person, code: str, page: int) -> Screen:
    people = await context.read(lambda c: people_store.people_of(c, code))
    return handbook_views.handbook(
        menu_of(context.services.gazetteer, code, own=reader.division_code),
        [_entry(reader, person) for person in people],
        context.language,
        page=page,
    )


def _entry(reader: Person, person: Person) -> HandbookEntry:
    return HandbookEntry(person, may_see_phone(reader, person).allowed)
