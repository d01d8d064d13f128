"""Who somebody is: invite links, shared numbers, blocked and unblocked, groups joined and left."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from telegram import ChatMember, Update
from telegram.ext import (
    BaseHandler,
    ChatMemberHandler,
    CommandHandler,
    MessageHandler,
    filters,
)

from alerts.outbox import store as outbox_store
from alerts.reach import lost, reached_again
from bot.handlers.context import Context
from bot.views import membership
from bot.views.menu import menu_of
from bot.views.roster import invitations
from contacts import bot_store, people_store
from contacts.bots import nearest
from contacts.group_store import group, mark_group, migrate_group
from contacts.linking import Linked, link_by_code, link_by_contact, started
from contacts.people import COMMANDING, Contact, Person, Role
from data.database import Connection

MOST_INVITATIONS = 20

_NEW = filters.UpdateType.MESSAGE
_HERE = (ChatMember.MEMBER, ChatMember.ADMINISTRATOR, ChatMember.OWNER, ChatMember.RESTRICTED)


def handlers() -> list[BaseHandler[Any, Any, Any]]:
    """Commands and service messages about membership."""
    private = _NEW & filters.ChatType.PRIVATE
    return [
        CommandHandler("start", start, filters=private),
        CommandHandler("link", link, filters=private),
        CommandHandler("help", help_, filters=private),
        CommandHandler(["lang", "language"], language, filters=private),
        MessageHandler(filters.CONTACT & private, contact_shared),
        MessageHandler(filters.StatusUpdate.MIGRATE & _NEW, group_migrated),
        ChatMemberHandler(my_membership, ChatMemberHandler.MY_CHAT_MEMBER),
    ]


async def start(update: Update, context: Context) -> None:
    """/start, with an invite code or without."""
    user = update.effective_user
    assert user is not None
    code = context.args[0] if context.args else ""
    now, rules = context.now, context.services.rules.warnings
    if code:
        linked = await context.write(
            lambda c: _linked(c, context, link_by_code(c, code, user.id, now))
        )
        await _welcome(context, linked)
        return

    def again(c: Connection) -> Linked | None:
        person = started(c, user.id, now)
        if person is None:
            return None
        bot_store.started_with(c, person.id, context.voice.bot_id, now)
        reached_again(c, [person.id], rules, now)
        return Linked(person, already=True)

    known = await context.write(again)
    if known is None:
        await context.say(membership.welcome_stranger(context.language))
    else:
        await _welcome(context, known)


async def contact_shared(update: Update, context: Context) -> None:
    """A number was shared: it must be the sender's own."""
    message, user = update.effective_message, update.effective_user
    assert message is not None and message.contact is not None and user is not None
    shared, now = message.contact, context.now
    linked = await context.write(
        lambda c: _linked(
            c, context, link_by_contact(c, shared.phone_number, shared.user_id, user.id, now)
        )
    )
    await _welcome(context, linked)


async def link(update: Update, context: Context) -> None:
    """/link: who am I here; for officers, the invite links of those not linked yet."""
    person = context.person
    if person is None:
        await context.say(membership.welcome_stranger(context.language))
        return
    if person.role in COMMANDING or person.role is Role.DUTY_OFFICER:
        found = await context.read(lambda c: people_store.people_within(c, person.division_code))
        unlinked = [one for one in found if one.telegram_id is None]
        if unlinked:
            gazetteer = context.services.gazetteer
            shown = unlinked[:MOST_INVITATIONS]
            places = {one.id: gazetteer.path(one.division_code) for one in shown}
            serving = await context.read(bot_store.serving)
            usernames = {
                one.id: theirs.username or context.voice.username
                for one in shown
                if (theirs := nearest(one.division_code, serving)) is not None
            }
            await context.say(
                invitations.invitation_links(
                    shown, places, usernames, context.language, len(unlinked)
                )
            )
            return
    place = context.services.gazetteer.path(person.division_code)
    await context.say(membership.my_card(person, place, context.language))


async def help_(update: Update, context: Context) -> None:
    """/help."""
    await context.say(membership.help_message(context.person, context.language))
    if context.person is not None:
        await _offer_commands(context, context.person)


async def language(update: Update, context: Context) -> None:
    """/lang zh or /lang en."""
    person = context.known()
    wanted = (context.args[0] if context.args else "").lower()
    chosen = "en" if wanted.startswith("en") else "zh"
    await context.write(lambda c: people_store.set_language(c, person.id, chosen, context.now))
    await context.say(membership.language_set(chosen))
    await _offer_commands(context, replace(person, language=chosen))


async def my_membership(update: Update, context: Context) -> None:
    """Somebody blocked or unblocked the bot, or a group took it in or threw it out."""
    changed = update.my_chat_member
    assert changed is not None
    here = changed.new_chat_member.status in _HERE
    if changed.chat.type == "private":
        await _private_membership(context, changed.chat.id, here)
    elif here:
        await _joined(context, changed.chat.id, changed.chat.title or "")
    else:
        await _left(context, changed.chat.id)


async def group_migrated(update: Update, context: Context) -> None:
    """The group became a supergroup: from now on it has another id."""
    message = update.effective_message
    assert message is not None
    old, new = message.chat.id, message.migrate_to_chat_id
    if new is None:
        old, new = message.migrate_from_chat_id or 0, message.chat.id

    def unit(c: Connection) -> None:
        migrate_group(c, old, new, context.now)
        outbox_store.move_chat(c, old, new)

    await context.write(unit)


def _linked(c: Connection, context: Context, linked: Linked) -> Linked:
    """Whoever is linked in the middle of a warning gets their calls at once, from this bot."""
    bot_store.started_with(c, linked.person.id, context.voice.bot_id, context.now)
    people_store.set_contact(c, {linked.person.id: Contact.OK}, context.now)
    reached_again(c, [linked.person.id], context.services.rules.warnings, context.now)
    return linked


async def _welcome(context: Context, linked: Linked) -> None:
    place = context.services.gazetteer.path(linked.person.division_code)
    screen = membership.linked(linked.person, place, linked.person.language, already=linked.already)
    await context.say(screen)
    await _offer_commands(context, linked.person)


async def _offer_commands(context: Context, person: Person) -> None:
    """The commands of this person's post behind Telegram's menu button; nothing hangs on it."""
    if (menu := menu_of(person)) is not None:
        await context.voice.at_once("setMyCommands", menu)


async def _private_membership(context: Context, telegram_id: int, here: bool) -> None:
    rules, now, bot_id = context.services.rules.warnings, context.now, context.voice.bot_id

    def unit(c: Connection) -> None:
        person = people_store.person_by_telegram(c, telegram_id)
        if person is None:
            return
        if here:
            bot_store.started_with(c, person.id, bot_id, now)
            people_store.set_contact(c, {person.id: Contact.OK}, now)
            reached_again(c, [person.id], rules, now)
        elif bot_store.bot_id_of_person(c, person.id) in (None, bot_id):
            lost(c, person.id, Contact.BLOCKED, rules, now)

    await context.write(unit)


async def _left(context: Context, chat_id: int) -> None:
    """Thrown out of a group; of no account when another of our bots speaks there."""
    bot_id, now = context.voice.bot_id, context.now

    def unit(c: Connection) -> None:
        if bot_store.bot_id_of_group(c, chat_id) in (None, bot_id):
            mark_group(c, chat_id, Contact.REMOVED, now)

    await context.write(unit)


async def _joined(context: Context, chat_id: int, title: str) -> None:
    now = context.now

    def unit(c: Connection) -> str | None:
        known = group(c, chat_id)
        if known is None:
            return None
        mark_group(c, chat_id, Contact.OK, now)
        bot_store.joined_with(c, chat_id, context.voice.bot_id)
        return known.division_code

    code = await context.write(unit)
    place = "" if code is None else context.services.gazetteer.name(code)
    screen = membership.group_hello(
        title, "zh", known=code is not None, place=place, chat_id=chat_id
    )
    await context.say(screen, chat_id=chat_id)
