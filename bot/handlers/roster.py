"""The roster as its people see it: the handbook, and villages where nobody can be reached."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

from telegram.ext import BaseHandler

from alerts.channels.refusing import refusing
from bot.actions.handbook import HandbookIn
from bot.actions.named_places import PlaceCommand
from bot.handlers import handbook_cards
from bot.handlers.context import Context
from bot.handlers.named_places import place_named
from bot.handlers.routes import TapHandler, commands
from bot.views import handbook as handbook_views
from bot.views.channels import refusing_lines
from bot.views.division_menu import menu_of
from bot.views.handbook import HandbookEntry
from bot.views.roster import coverage as coverage_views
from bot.views.roster.checks import begin_button
from bot.views.screen import Inline, Screen
from bot.views.telephones import duty_phones as duty_phones_view
from bot.views.test_calls import begin_test_button
from contacts import duty_store, people_store
from contacts.access import may_find, may_look_into, may_see_phone, may_take_charge, require
from contacts.coverage_store import readiness
from contacts.divisions.codes import ancestors
from contacts.divisions.gazetteer import Gazetteer
from contacts.handbook_words import is_called, read_handbook_words
from contacts.people import Person, Role
from data.database import Connection
from data.simplified import simplified


def handlers() -> list[BaseHandler[Any, Any, Any]]:
    """The commands."""
    return commands(coverage=coverage, handbook=handbook)


async def coverage(context: Context) -> None:
    """/coverage, 👥 覆盖: villages with nobody reachable; /coverage 大石头镇: of one place."""
    named = context.after_command.strip()
    code = await place_named(context, PlaceCommand.COVERAGE, named)
    if code is not None:
        await coverage_of_place(context, code)


async def coverage_of_place(context: Context, code: str) -> None:
    """Coverage of a division, the reader's own when ``code`` is empty.

    :raises NotAllowed: it lies above the reader's, or elsewhere.
    """
    person = context.known()
    if code:
        require(may_look_into(person, code), division=code)
    code = code or person.division_code
    rules = context.services.rules.warnings
    proofs, now = context.services.rules.proofs, context.now
    found, refused = await context.read(
        lambda c: (readiness(c, rules.called, code, proofs, now), refusing(c, rules, code, now))
    )
    gazetteer = context.services.gazetteer
    screen = coverage_views.coverage_message(
        found,
        gazetteer,
        context.language,
        code,
        context.now,
        rules.zone,
        refusing_lines(refused, gazetteer, context.language),
    )
    if may_take_charge(person, code).allowed:
        rows = list(begin_button(code, context.language).rows)
        if context.services.rules.tests.channels:
            rows.append((begin_test_button(code, context.language),))
        screen = replace(screen, keyboard=Inline(tuple(rows)))
    await context.say(screen)


async def handbook(context: Context) -> None:
    """/handbook, 📖 通讯录; with words: look somebody up, and what to do about a hazard."""
    reader = context.known()
    wanted = " ".join(context.args or ())
    if not wanted:
        await context.say(await _page(context, reader, reader.division_code, 0))
        return
    gazetteer, now = context.services.gazetteer, context.now
    found = await context.read(lambda c: looked_up(c, reader, wanted, gazetteer, now))
    cards = await handbook_cards.found_by(context, wanted)
    entries = [
        (_entry(reader, person, gazetteer), gazetteer.path(person.division_code))
        for person in found
    ]
    await context.say(handbook_views.search_results(wanted, entries, context.language, cards=cards))


async def duty_phones(context: Context) -> None:
    """☎️ 值班电话: whom to ring up from here, the nearest first."""
    reader, now = context.known(), context.now
    officers = await context.read(lambda c: duty_store.telephone_officers(c, reader, now))
    gazetteer = context.services.gazetteer
    named = [(officer, gazetteer.name(officer.division_code)) for officer in officers]
    otherwise = context.services.settings.telephones.duty
    await context.say(duty_phones_view(named, context.language, otherwise=otherwise))


async def handbook_in(context: Context, action: HandbookIn) -> None:
    """The handbook of another division, the reader's own or below."""
    reader = context.known()
    require(may_look_into(reader, action.code), division=action.code)
    screen = await _page(context, reader, action.code, action.page)
    await context.toast()
    await context.show(screen)


TAPS: dict[type, TapHandler] = {HandbookIn: handbook_in}


def looked_up(
    c: Connection, reader: Person, wanted: str, gazetteer: Gazetteer, now: datetime
) -> list[Person]:
    """By name or number; by place and post; and the duty officers that anybody may ring up."""
    own = reader.division_code
    found: dict[int, Person] = {}
    for spelling in dict.fromkeys((wanted, simplified(wanted))):
        by_name = people_store.search_people(c, spelling, (own,))
        found |= {one.id: one for one in by_name if may_find(reader, one, spelling).allowed}
    words = read_handbook_words(wanted, gazetteer, own)
    for officer in duty_store.telephone_officers(c, reader, now):
        by_post = Role.DUTY_OFFICER in words.roles or words.above
        there = officer.division_code in (words.above or (() if words.areas else ancestors(own)))
        if (by_post and there) or is_called(officer, simplified(wanted)):
            found.setdefault(officer.id, officer)
    if words.areas or (words.roles and not words.above):
        holders = people_store.holders(c, words.roles, words.areas or (own,))
        nearest = {code: at for at, code in enumerate(words.areas)}
        for person in sorted(holders, key=lambda one: nearest.get(one.division_code, len(nearest))):
            found.setdefault(person.id, person)
    return list(found.values())


async def _page(context: Context, reader: Person, code: str, page: int) -> Screen:
    people = await context.read(lambda c: people_store.people_of(c, code))
    return handbook_views.handbook(
        menu_of(context.services.gazetteer, code, own=reader.division_code),
        [_entry(reader, person, context.services.gazetteer) for person in people],
        context.language,
        page=page,
    )


def _entry(reader: Person, person: Person, gazetteer: Gazetteer) -> HandbookEntry:
    others = tuple((gazetteer.path(post.division_code), post) for post in person.others)
    return HandbookEntry(person, may_see_phone(reader, person).allowed, others)
