"""That a user exists, where they may write, and whether they hear the bot at all."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from bot.sandbox.accounts import HERE, BotAccount, Chat, Message, Person, Record, Update
from bot.sandbox.errors import SandboxMistake
from bot.sandbox.members import member_changed
from bot.sandbox.world import World

Which = str | int | None  # a bot: token, id or @username; None is the first one


class Presence:
    """Accounts of people; the base of everything they do."""

    def __init__(self, world: World) -> None:
        self._world = world

    def add_user(
        self,
        user_id: int,
        first_name: str,
        last_name: str = "",
        username: str = "",
        language_code: str = "zh-hans",
        phone: str = "",
    ) -> dict[str, Any]:
        """A new Telegram account, or new names for one; it has not met any bot yet."""
        user: dict[str, Any] = {"id": user_id, "is_bot": False, "first_name": first_name}
        given = {"last_name": last_name, "username": username, "language_code": language_code}
        user.update((name, value) for name, value in given.items() if value)
        person = self._world.persons.setdefault(user_id, Person(user))
        person.user = user
        person.phone = phone or person.phone
        self._world.event("user", None, user=user)
        return user

    def add_group(
        self,
        chat_id: int,
        title: str,
        members: Iterable[int] = (),
        kind: str = "supergroup",
        username: str = "",
    ) -> dict[str, Any]:
        """People found a group (the same as ``groups.add_group``)."""
        chat = self._world.add_group(chat_id, title, members, kind, username)
        return self._world.described(chat)

    def block_bot(self, user_id: int, *, bot: Which = None) -> None:
        """Block the bot: its messages are refused from now on."""
        person, account = self._world.known(user_id), self._world.bot(bot)
        if account.id not in person.blocked:
            person.blocked.add(account.id)
            self._standing(account, person, "member", "kicked")

    def unblock_bot(self, user_id: int, *, bot: Which = None) -> None:
        """Unblock it again."""
        person, account = self._world.known(user_id), self._world.bot(bot)
        if account.id in person.blocked:
            person.blocked.discard(account.id)
            self._standing(account, person, "kicked", "member")

    def deactivate(self, user_id: int) -> None:
        """The account is deleted; no bot is told."""
        self._world.known(user_id).deactivated = True

    def inject_update(self, update: Update, *, bot: Which = None) -> int | None:
        """Queue a raw update, whatever it is: ``{"callback_query": {...}}``.

        :returns: its update_id, or None when the bot does not want this kind.
        """
        account = self._world.bot(bot)
        kinds = [name for name in update if name != "update_id"]
        if len(kinds) != 1:
            raise SandboxMistake(f"an update has one kind, not {kinds}")
        return self._world.queue(account, kinds[0], update[kinds[0]])

    # -- for the actions --------------------------------------------------------------------------

    def _standing(self, bot: BotAccount, person: Person, before: str, after: str) -> None:
        chat = self._world.private(bot, person.user["id"])
        member_changed(self._world, bot, chat, person.user, bot.user, before, after)

    def _place(self, user_id: int, chat_id: int | None, bot: Which) -> tuple[Person, Chat]:
        person, account = self._world.known(user_id), self._world.bot(bot)
        if person.deactivated:
            raise SandboxMistake(f"the account of user {user_id} is deactivated")
        if chat_id is None or chat_id == user_id:
            if account.id in person.blocked:
                raise SandboxMistake(f"user {user_id} has blocked the bot: unblock it first")
            return person, self._world.private(account, user_id)
        if chat_id > 0:
            raise SandboxMistake(f"user {user_id} cannot write in the private chat {chat_id}")
        chat = self._world.chat(account, chat_id)
        if chat.migrated_to is not None:
            raise SandboxMistake(f"chat {chat_id} was upgraded to {chat.migrated_to}")
        if not self._world.population and chat.members.get(user_id) not in HERE:
            raise SandboxMistake(f"user {user_id} is not in group {chat_id}")
        return person, chat

    def _own(self, person: Person, chat: Chat, message_id: int) -> Record:
        record = chat.messages.get(message_id)
        if record is None or record.sender_id != person.user["id"]:
            raise SandboxMistake(f"message {message_id} is not one of this user's")
        return record

    def _say(
        self,
        user_id: int,
        chat_id: int | None,
        bot: Which,
        content: dict[str, Any],
        reply_to: int | None,
        *,
        date: int | None = None,
    ) -> Message:
        person, chat = self._place(user_id, chat_id, bot)
        if chat.is_private:
            person.started.add(chat.bot_id)  # whoever writes has opened the chat
        if reply_to is not None:
            replied = chat.messages.get(reply_to)
            if replied is None:
                raise SandboxMistake(f"no message {reply_to} in chat {chat.id} to reply to")
            shown = {k: v for k, v in replied.message.items() if k != "reply_to_message"}
            content = {**content, "reply_to_message": shown}
        return self._world.post(chat, person, content, date=date).message
