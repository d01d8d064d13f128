"""Reactions to messages in the sandbox: who may see them, and the update that tells of them."""

from __future__ import annotations

from bot.sandbox.bot_api.accounts import Chat, UserAccount
from bot.sandbox.bot_api.errors import SandboxMistake
from bot.sandbox.bot_api.world import World


def reacted(
    world: World, person: UserAccount, chat: Chat, message_id: int, emoji: str | None
) -> None:
    """Somebody reacted to a message with one emoji, or (``None``) took the reaction back.

    As in Telegram, the bot of a private chat hears of it if it asked to, and one in a group only
    as its administrator.
    """
    who = int(person.user["id"])
    record = chat.messages.get(message_id)
    if record is None:
        raise SandboxMistake(f"no message {message_id} in chat {chat.id}")
    before = record.reactions.get(who)
    if emoji == before:
        return
    if emoji is None:
        del record.reactions[who]
    else:
        record.reactions[who] = emoji
    world.event("reaction", chat, user_id=who, message_id=message_id, emoji=emoji)
    for account in world.present_bots(chat):
        if chat.is_private or chat.members.get(account.id) == "administrator":
            update = {
                "chat": world.described(chat),
                "message_id": message_id,
                "user": person.user,
                "date": world.now(),
                "old_reaction": _told(before),
                "new_reaction": _told(emoji),
            }
            world.queue(account, "message_reaction", update)


def _told(emoji: str | None) -> list[dict[str, str]]:
    return [] if emoji is None else [{"type": "emoji", "emoji": emoji}]
