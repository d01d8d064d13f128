"""Who has the bot: blocked and unblocked by a person, put into a group and thrown out of it."""

from __future__ import annotations

from typing import Any

from telegram import ChatMember, ChatMemberAdministrator, ChatMemberRestricted
from telegram.ext import BaseHandler, ChatMemberHandler, filters

from alerts.joining import come_back, group_joined, group_left, group_moved, leave
from alerts.outbox.lanes import Lane
from bot.handlers.context import Context
from bot.handlers.routes import handled_by, message
from bot.views.membership import group_hello
from data.database import Connection

_HERE = (ChatMember.MEMBER, ChatMember.ADMINISTRATOR, ChatMember.OWNER)


def handlers() -> list[BaseHandler[Any, Any, Any]]:
    """What Telegram tells about the bot's own membership."""
    migrated = filters.StatusUpdate.MIGRATE & filters.UpdateType.MESSAGE
    return [
        message(migrated, group_migrated),
        ChatMemberHandler(handled_by(membership_changed), ChatMemberHandler.MY_CHAT_MEMBER),
    ]


async def membership_changed(context: Context) -> None:
    """Somebody blocked or unblocked the bot, or a group took it in or threw it out."""
    changed = context.incoming.my_chat_member
    assert changed is not None
    member = changed.new_chat_member
    here = is_here(member)
    chat, now, bot_id = changed.chat, context.now, context.voice.bot_id
    rules = context.services.rules.warnings
    if chat.type == "private" and here:
        await context.write(lambda c: come_back(c, chat.id, bot_id, rules, now))
    elif chat.type == "private":
        await context.write(lambda c: leave(c, chat.id, bot_id, rules, now))
    elif here:
        writes = may_write(member, channel=chat.type == "channel")
        await _joined(context, chat.id, chat.title or "", writes=writes)
    else:
        await context.write(lambda c: group_left(c, chat.id, bot_id, now))


async def group_migrated(context: Context) -> None:
    """The group became a supergroup: from now on it has another id."""
    message, now = context.message, context.now
    old, new = message.chat.id, message.migrate_to_chat_id
    if new is None:
        old, new = message.migrate_from_chat_id or 0, message.chat.id
    await context.write(lambda c: group_moved(c, old, new, now))


def is_here(member: ChatMember) -> bool:
    """Whether the bot is in the chat. Somebody restricted may be in it or not."""
    if isinstance(member, ChatMemberRestricted):
        return member.is_member
    return member.status in _HERE


def may_write(member: ChatMember, *, channel: bool) -> bool:
    """Whether a bot that is in the chat may write there; in a channel only those who may post."""
    if isinstance(member, ChatMemberRestricted):
        return member.can_send_messages
    if isinstance(member, ChatMemberAdministrator):
        return bool(member.can_post_messages) or not channel
    return not channel or member.status == ChatMember.OWNER


async def _joined(context: Context, chat_id: int, title: str, *, writes: bool) -> None:
    now, bot_id = context.now, context.voice.bot_id

    def unit(c: Connection) -> None:
        group = group_joined(c, chat_id, bot_id, now, may_write=writes)
        if not writes:
            return  # said in the preview, by /coverage and to the duty officer
        if group is not None:
            context.lane = Lane.ANSWER
        place = "" if group is None else context.services.gazetteer.name(group.division_code)
        hello = group_hello(title, "zh", known=group is not None, place=place, chat_id=chat_id)
        context.will_say(c, hello, chat_id=chat_id)

    await context.write(unit)
