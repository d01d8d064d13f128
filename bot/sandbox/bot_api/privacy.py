"""Which messages of a group a bot may see. Pure.

Source: core.telegram.org/bots/features#privacy-mode. In privacy mode: commands, replies to the
bot, mentions of it, and service messages. A bot that is an administrator sees everything.
"""

from __future__ import annotations

from typing import Any

from bot.sandbox.bot_api.accounts import BotAccount, Chat
from bot.sandbox.bot_api.formatting import slice_utf16

_SERVICE = (
    "new_chat_members",
    "left_chat_member",
    "migrate_to_chat_id",
    "migrate_from_chat_id",
    "pinned_message",
    "group_chat_created",
    "new_chat_title",
)


def may_see(bot: BotAccount, chat: Chat, message: dict[str, Any]) -> bool:
    """Whether a person's message in a group reaches this bot."""
    if bot.can_read_all_group_messages or chat.members.get(bot.id) == "administrator":
        return True
    if any(name in message for name in _SERVICE):
        return True
    replied = message.get("reply_to_message")
    if replied and replied["from"]["id"] == bot.id:
        return True
    text = message.get("text") or message.get("caption") or ""
    for entity in message.get("entities") or message.get("caption_entities") or ():
        part = slice_utf16(text, entity["offset"], entity["length"]).lower()
        name = f"@{bot.user['username']}".lower()
        if entity["type"] == "mention" and part == name:
            return True
        if entity["type"] == "bot_command" and ("@" not in part or part.endswith(name)):
            return True
    return False
