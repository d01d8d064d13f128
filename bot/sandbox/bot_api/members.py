"""How Telegram describes a member of a chat, and the update when that changes. Pure."""

from __future__ import annotations

from typing import Any

from bot.sandbox.bot_api.accounts import BotAccount, Chat
from bot.sandbox.bot_api.world import World

_RIGHTS = (
    "can_be_edited",
    "is_anonymous",
    "can_manage_chat",
    "can_delete_messages",
    "can_manage_video_chats",
    "can_restrict_members",
    "can_promote_members",
    "can_change_info",
    "can_invite_users",
    "can_post_stories",
    "can_edit_stories",
    "can_delete_stories",
)
_GRANTED = {"can_manage_chat", "can_delete_messages", "can_change_info", "can_invite_users"}


def chat_member(user: dict[str, Any], status: str) -> dict[str, Any]:
    """Telegram's ChatMember with the fields its status requires."""
    member: dict[str, Any] = {"user": user, "status": status}
    if status == "kicked":
        member["until_date"] = 0
    elif status == "creator":
        member["is_anonymous"] = False
    elif status == "administrator":
        member.update((right, right in _GRANTED) for right in _RIGHTS)
    return member


def member_changed(
    world: World,
    bot: BotAccount,
    chat: Chat,
    by: dict[str, Any],
    who: dict[str, Any],
    before: str,
    after: str,
) -> None:
    """Tell a bot that somebody's membership changed: its own, or another's if it asked for that."""
    kind = "my_chat_member" if who["id"] == bot.id else "chat_member"
    world.event("member", chat, user=who, status=after)
    world.queue(
        bot,
        kind,
        {
            "chat": world.described(chat),
            "from": by,
            "date": world.now(),
            "old_chat_member": chat_member(who, before),
            "new_chat_member": chat_member(who, after),
        },
    )
