"""Who somebody is: invite links, shared numbers, their card, their language."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from telegram.ext import BaseHandler, filters

from alerts.accounts import note_use
from alerts.joining import come_back, join_by_approval, join_by_code, join_by_contact
from alerts.outbox.lanes import Lane
from bot.actions.accounts import ApproveLink, RefuseLink
from bot.actions.named_places import PlaceCommand
from bot.handlers.context import Context
from bot.handlers.named_places import place_named
from bot.handlers.routes import IN_PRIVATE, TapHandler, commands, message
from bot.messages.accounts import tell_account
from bot.views import accounts, membership
from bot.views.menu import menu_of
from bot.views.roster.invitations import all_linked, invitation_links
from contacts import bot_store, people_store
from contacts.bots import nearest
from contacts.divisions.codes import contains
from contacts.linking import LinkAsked, Linked, hand_out, not_linked_yet, refuse
from contacts.people import Person
from contacts.superiors import approvers
from data.database import Connection

MOST_INVITATIONS = 20
_DIGITS_OF_MOBILE = 11


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
        asker = _asker(context)
        await _welcome(context, lambda c: join_by_code(c, code, account, bot_id, rules, now, asker))
        return

    def unit(c: Connection) -> Linked | LinkAsked | None:
        person = come_back(c, account, bot_id, rules, now)
        return None if person is None else Linked(person, already=True)

    await _welcome(context, unit)


async def contact_shared(context: Context) -> None:
    """A number was shared: it must be the sender's own."""
    shared, account, bot_id = context.message.contact, context.account, context.voice.bot_id
    now, rules = context.now, context.services.rules.warnings
    assert shared is not None
    phone, owner = shared.phone_number, shared.user_id
    asker = _asker(context)
    await _welcome(
        context, lambda c: join_by_contact(c, phone, owner, account, bot_id, rules, now, asker)
    )


async def link(context: Context) -> None:
    """/link: who am I here; for officers, the invite links of those below not linked yet.

    /link 王强, /link 大石头镇: of those alone.
    """
    person, now, named = context.known(), context.now, context.after_command.strip()
    unlinked = await context.read(lambda c: not_linked_yet(c, person, now))
    if not unlinked:
        place = context.services.gazetteer.path(person.division_code)
        duty, language = await context.duty_phone(), context.language
        await context.say(membership.my_card(person, place, language, duty, named=named))
        return
    of_name = [waiting for waiting in unlinked if named and _is_named(waiting, named)]
    if of_name:
        await _invitations(context, person, of_name)
        return
    code = await place_named(context, PlaceCommand.LINK, named)
    if code is not None:
        await links_of_place(context, code)


async def links_of_place(context: Context, code: str) -> None:
    """The invite links of those not linked yet in a division; of all when ``code`` is empty."""
    person, now = context.known(), context.now
    unlinked = await context.read(lambda c: not_linked_yet(c, person, now))
    if code:
        unlinked = [each for each in unlinked if contains(code, each.division_code)]
    place = context.services.gazetteer.path(code or person.division_code)
    if not unlinked:
        await context.say(all_linked(place, context.language))
        return
    await _invitations(context, person, unlinked)


def _is_named(person: Person, words: str) -> bool:
    """Whether the words are in the person's name, or are the whole number."""
    number = re.sub(r"[^0-9]", "", words)
    whole = len(number) >= _DIGITS_OF_MOBILE and person.phone.endswith(number[-_DIGITS_OF_MOBILE:])
    return "".join(words.split()) in "".join(person.name.split()) or whole


async def approve_link(context: Context, action: ApproveLink) -> None:
    """批准: somebody above says that the account is the person's."""
    officer, now, rules = context.known(), context.now, context.services.rules.warnings

    def unit(c: Connection) -> None:
        person, wanted = join_by_approval(c, action.id, action.account, officer, rules, now)
        place = context.services.gazetteer.path(person.division_code)
        duty = context.facts(c).duty_phone(person)
        welcome = membership.linked(
            person, place, person.language, duty=duty, keep_days=_keep_days(context)
        )
        tell_account(c, wanted, welcome, now)
        context.will_show(c, accounts.approved(person, place, context.language))

    await context.write(unit)
    await context.toast()


async def refuse_link(context: Context, action: RefuseLink) -> None:
    """不是本人: it is not; the account is told, and may ring up."""
    officer, now = context.known(), context.now

    def unit(c: Connection) -> None:
        wanted = refuse(c, action.id, action.account, officer, now)
        note_use(c, officer, now)
        person = people_store.person(c, action.id)
        assert person is not None
        place = context.services.gazetteer.path(person.division_code)
        duty = context.services.settings.telephones.duty
        new_code = wanted.code_at is not None
        told = accounts.refused_to_asker(person.language, duty)
        tell_account(c, wanted, told, now)
        context.will_show(c, accounts.refused(person, place, context.language, new_code=new_code))

    await context.write(unit)
    await context.toast()


TAPS: dict[type, TapHandler] = {ApproveLink: approve_link, RefuseLink: refuse_link}


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


def _keep_days(context: Context) -> int:
    return context.services.settings.positions.retention_days


def _asker(context: Context) -> str:
    """What the account is called at Telegram, for those who are asked whose it is."""
    user = context.incoming.effective_user
    if user is None:
        return ""
    return f"{user.full_name} @{user.username}" if user.username else user.full_name


async def _welcome(
    context: Context, join: Callable[[Connection], Linked | LinkAsked | None]
) -> None:
    """Link the account, and say who it is now: nobody's is told how to be known."""

    def unit(c: Connection) -> Linked | None:
        linked = join(c)
        if isinstance(linked, LinkAsked):
            person = linked.person
            place = context.services.gazetteer.path(person.division_code)
            context.will_say(
                c,
                accounts.wait_for_more(
                    person,
                    linked.shown,
                    place,
                    person.language,
                    asked=bool(approvers(c, person, context.now)),
                    duty=context.services.settings.telephones.duty,
                ),
            )
            return None
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
                keep_days=_keep_days(context),
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


async def _invitations(context: Context, officer: Person, unlinked: list[Person]) -> None:
    """The first of those not linked yet, each with a link to the bot that serves them."""
    gazetteer, now, rules = context.services.gazetteer, context.now, context.services.rules.warnings
    first = unlinked[:MOST_INVITATIONS]

    def unit(c: Connection) -> list[Person]:
        note_use(c, officer, now)
        return hand_out(c, first, officer, "link", now, rules.code_for)

    shown = await context.write(unit)
    places = {person.id: gazetteer.path(person.division_code) for person in shown}
    serving = await context.read(bot_store.serving)
    usernames = {
        person.id: bot.username or context.voice.username
        for person in shown
        if (bot := nearest(person.division_code, serving)) is not None
    }
    await context.say(invitation_links(shown, places, usernames, context.language, len(unlinked)))
