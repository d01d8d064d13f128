"""The Bot API's methods about bots, chats, members, files and settings.

Each takes the call and returns the result that Telegram documents under its name.
"""

from __future__ import annotations

from typing import Any

from bot.sandbox.bot_api.accounts import HERE
from bot.sandbox.bot_api.errors import bad_request, forbidden, migrated
from bot.sandbox.bot_api.members import chat_member
from bot.sandbox.bot_api.methods.call import MethodCall

DOWNLOAD_BYTES = 20 * 1024 * 1024  # getFile: at most 20 MB


def get_me(call: MethodCall) -> dict[str, Any]:
    return {
        **call.bot.user,
        "can_join_groups": True,
        "can_read_all_group_messages": call.bot.can_read_all_group_messages,
        "supports_inline_queries": False,
        "can_connect_to_business": False,
        "has_main_web_app": False,
    }


def get_chat(call: MethodCall) -> dict[str, Any]:
    """Telegram's ChatFullInfo, with the fields it must have."""
    chat = call.visible_chat()
    if chat.migrated_to is not None:
        raise migrated(chat.migrated_to)
    if not chat.is_private and chat.members.get(call.bot.id) == "kicked":
        raise forbidden(f"bot was kicked from the {chat.kind} chat")
    full = {
        **call.world.described(chat),
        "accent_color_id": 0,
        "max_reaction_count": 11,
        "accepted_gift_types": {
            "unlimited_gifts": False,
            "limited_gifts": False,
            "unique_gifts": False,
            "premium_subscription": False,
            "gifts_from_channels": False,
        },
    }
    if chat.pinned and (pinned := chat.messages.get(chat.pinned[-1])) is not None:
        full["pinned_message"] = pinned.message
    return full


def get_chat_member(call: MethodCall) -> dict[str, Any]:
    chat = call.writable_chat()
    user_id = call.parameters.integer("user_id") or 0
    account = call.world.bot_by_id(user_id)
    person = call.world.person(user_id)
    if account is None and person is None:
        raise bad_request("invalid user_id specified")
    user = account.user if account is not None else person.user if person is not None else {}
    if chat.is_private:
        if user_id not in (chat.id, call.bot.id):
            raise bad_request("user not found")
        return chat_member(user, "member")
    return chat_member(user, chat.members.get(user_id, "left"))


def get_chat_member_count(call: MethodCall) -> int:
    chat = call.writable_chat()
    return 2 if chat.is_private else sum(s in HERE for s in chat.members.values())


def get_chat_administrators(call: MethodCall) -> list[dict[str, Any]]:
    """Other bots are left out, as Telegram does."""
    chat = call.writable_chat()
    if chat.is_private:
        raise bad_request("there are no administrators in the private chat")
    found = []
    for user_id, status in chat.members.items():
        if status not in ("creator", "administrator"):
            continue
        if user_id == call.bot.id:
            found.append(chat_member(call.bot.user, status))
        elif (person := call.world.person(user_id)) is not None:
            found.append(chat_member(person.user, status))
    return found


def leave_chat(call: MethodCall) -> bool:
    chat = call.writable_chat()
    if chat.is_private:
        raise bad_request("chat member status can't be changed in private chats")
    call.world.post(chat, call.bot, {"left_chat_member": call.bot.user})
    chat.members[call.bot.id] = "left"
    call.world.event("member", chat, user=call.bot.user, status="left")
    return True


def get_file(call: MethodCall) -> dict[str, Any]:
    stored = call.world.files.by_id(call.parameters.text("file_id"))
    if stored is None:
        raise bad_request("invalid file_id")
    if len(stored.content) > DOWNLOAD_BYTES:
        raise bad_request("file is too big")
    return {
        "file_id": stored.file_id,
        "file_unique_id": stored.unique_id,
        "file_size": len(stored.content),
        "file_path": stored.path,
    }


# -- settings of the bot ------------------------------------------------------------------------


def _scope(call: MethodCall) -> str:
    scope = call.parameters.json("scope") or {"type": "default"}
    if not isinstance(scope, dict) or "type" not in scope:
        raise bad_request("can't parse BotCommandScope: type is not specified")
    if "chat_id" in scope:
        call.world.visible_chat(call.bot, scope["chat_id"])
    keys = "/".join(str(scope[key]) for key in ("type", "chat_id", "user_id") if key in scope)
    return f"{keys}/{call.parameters.text('language_code')}"


def set_my_commands(call: MethodCall) -> bool:
    commands = call.parameters.json("commands")
    if not isinstance(commands, list) or len(commands) > 100:
        raise bad_request("can't parse commands JSON object")
    kept = []
    for command in commands:
        name = str(command.get("command", "")).lstrip("/")
        about = str(command.get("description", ""))
        legal = name.isascii() and name.replace("_", "a").isalnum() and name == name.lower()
        if not legal or len(name) > 32:
            raise bad_request("BOT_COMMAND_INVALID")
        if not 1 <= len(about) <= 256:
            raise bad_request("BOT_COMMAND_DESCRIPTION_INVALID")
        kept.append({"command": name, "description": about})
    call.bot.commands[_scope(call)] = kept
    return True


def delete_my_commands(call: MethodCall) -> bool:
    call.bot.commands.pop(_scope(call), None)
    return True


def get_my_commands(call: MethodCall) -> list[dict[str, Any]]:
    return call.bot.commands.get(_scope(call), [])


def set_my_description(call: MethodCall) -> bool:
    return _setting(call, "description", 512)


def set_my_short_description(call: MethodCall) -> bool:
    return _setting(call, "short_description", 120)


def set_my_name(call: MethodCall) -> bool:
    return _setting(call, "name", 64)


def _setting(call: MethodCall, name: str, longest: int) -> bool:
    text = call.parameters.text(name)
    if len(text) > longest:
        raise bad_request(f"bot {name.replace('_', ' ')} is too long")
    call.bot.settings[f"{name}/{call.parameters.text('language_code')}"] = text
    return True


def set_chat_menu_button(call: MethodCall) -> bool:
    call.bot.settings["menu_button"] = call.parameters.json("menu_button") or {"type": "default"}
    return True
