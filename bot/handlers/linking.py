"""Who somebody is: invite links, shared numbers, their card, their language."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from telegram.ext import BaseHandler, filters

from alerts.joining import come_back, join_by_code, join_by_contact
from alerts.outbox.lanes import Lane
from bot.handlers.context import Context
from bot.handlers.routes import IN_PRIVATE, commands, message
from bot.views import membership
from bot.views.menu import menu_of
from bot.views.roster.invitations import invitation_links
from contacts import bot_store, people_store
from contacts.bots import nearest
from contacts.linking import Linked, not_linked_yet
from contacts.people import Person
from data.database import Connection

MOST_INVITATIONS = 20


def handlers() -> list[BaseHandler[Any, Any, Any]]:
    """The commands, and a shared number."""
    return [
        *commands(start=start, link=link, help=help_, lang=language, language=language),
        message(filters.CONTACT & IN_PRIVATE, contact_shared),
    ]


async def start(context: Context) -> None:
    """/start, with an invite code or without."""
    account, bot_id = context.account, context.voice.bot_id
    now, rules = context.now, context.services.rules.warnings
    if context.args:
        code = context.args[0]
        await _welcome(context, lambda c: join_by_code(c, code, account, bot_id, rules, now))
        return

    def unit(c: Connection) -> Linked | None:
        person = come_back(c, account, bot_id, rules, now)
        return None if person is None else Linked(person, already=True)

    await _welcome(context, unit)


async def contact_shared(context: Context) -> None:
    """A number was shared: it must be the sender's own."""
    shared, account, bot_id = context.message.contact, context.account, context.voice.bot_id
    now, rules = context.now, context.services.rules.warnings
    assert shared is not None
    phone, owner = shared.phone_number, shared.user_id
    await _welcome(context, lambda c: join_by_contact(c, phone, owner, account, bot_id, rules, now))


async def link(context: Context) -> None:
    """/link: who am I here; for officers, the invite links of those not linked yet."""
    person = context.known()
    unlinked = await context.read(lambda c: not_linked_yet(c, person))
    if unlinked:
        await _invitations(context, unlinked)
        return
    place = context.services.gazetteer.path(person.division_code)
    await context.say(
        membership.my_card(person, place, context.language, await context.duty_phone())
    )


async def help_(context: Context) -> None:
    """/help."""
    person = context.known()
    await context.say(membership.help_message(person, context.language))
    _offer_commands(context, person)


async def language(context: Context) -> None:
    """/lang zh or /lang en."""
    person = context.known()
    wanted = (context.args[0] if context.args else "").lower()
    chosen = "en" if wanted.startswith("en") else "zh"

    def unit(c: Connection) -> None:
        people_store.set_language(c, person.id, chosen, context.now)
        context.will_say(c, membership.language_set(person, chosen))

    await context.write(unit)
    _offer_commands(context, replace(person, language=chosen), chosen=True)


async def _welcome(context: Context, join: Callable[[Connection], Linked | None]) -> None:
    """Link the account, and say who it is now: nobody's is told how to be known."""

    def unit(c: Connection) -> Linked | None:
        linked = join(c)
        if linked is None:
            context.will_say(c, membership.welcome_stranger(context.language))
            return None
        context.lane = Lane.ANSWER  # from now on they are somebody of ours
        person = linked.person
        place = context.services.gazetteer.path(person.division_code)
        context.will_say(
            c,
            membership.linked(
                person,
                place,
                person.language,
                already=linked.already,
                duty=context.facts(c).duty_phone(person),
            ),
        )
        return linked

    linked = await context.write(unit)
    if linked is not None:
        _offer_commands(context, linked.person)


def _offer_commands(context: Context, person: Person, *, chosen: bool = False) -> None:
    """The commands of this person's post behind Telegram's menu button; nothing hangs on it."""
    if (menu := menu_of(person, chosen=chosen)) is not None:
        context.voice.ask_for("setMyCommands", menu)


async def _invitations(context: Context, unlinked: list[Person]) -> None:
    """The first of those not linked yet, each with a link to the bot that serves them."""
    gazetteer, shown = context.services.gazetteer, unlinked[:MOST_INVITATIONS]
    places = {person.id: gazetteer.path(person.division_code) for person in shown}
    serving = await context.read(bot_store.serving)
    usernames = {
        person.id: bot.username or context.voice.username
        for person in shown
        if (bot := nearest(person.division_code, serving)) is not None
    }
    await context.say(invitation_links(shown, places, usernames, context.language, len(unlinked)))
