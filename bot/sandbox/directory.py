"""Who exists in the sandbox and where a bot may write. No I/O.

A private chat belongs to one bot and one person.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from bot.sandbox.accounts import HERE, BotAccount, Chat, Person
from bot.sandbox.errors import SandboxMistake, bad_request, forbidden, migrated


class Directory:
    """Bots, persons, groups and private chats."""

    def __init__(self, population: int = 0) -> None:
        """
        :param population: every positive chat id up to this is a person who has started, and every
            negative one a group with every bot in it.
        """
        self.population = population
        self.bots: dict[str, BotAccount] = {}  # by token
        self.persons: dict[int, Person] = {}
        self.groups: dict[int, Chat] = {}
        self.privates: dict[tuple[int, int], Chat] = {}  # bot id, user id

    def add_group(
        self, chat_id: int, title: str, members: Iterable[int], kind: str, username: str
    ) -> Chat:
        """A group of people; its first member created it.

        :raises SandboxMistake: for a positive id, another kind, or a member who does not exist.
        """
        if chat_id >= 0 or kind not in ("group", "supergroup"):
            raise SandboxMistake("a group has a negative id and is a group or a supergroup")
        chat = Chat(chat_id, kind, title=title, username=username)
        for user_id in members:
            self.known(user_id)
            chat.members[user_id] = "member" if chat.members else "creator"
        self.groups[chat_id] = chat
        return chat

    def bot(self, which: str | int | None = None) -> BotAccount:
        """A bot by token, id or ``@username``; the first one when not said.

        :raises SandboxMistake: when there is none.
        """
        for bot in self.bots.values():
            if which is None or which in (bot.token, bot.id, str(bot.id)):
                return bot
            if which == f"@{bot.user['username']}":
                return bot
        raise SandboxMistake(f"no such bot: {which}")

    def bot_by_id(self, bot_id: int) -> BotAccount | None:
        return next((bot for bot in self.bots.values() if bot.id == bot_id), None)

    def person(self, user_id: int) -> Person | None:
        """A user, made on the spot when the population covers them."""
        person = self.persons.get(user_id)
        if person is None and 0 < user_id <= self.population:
            person = Person({"id": user_id, "is_bot": False, "first_name": f"User {user_id}"})
            person.started.update(bot.id for bot in self.bots.values())
            self.persons[user_id] = person
        return person

    def known(self, user_id: int) -> Person:
        """A user who must exist.

        :raises SandboxMistake: otherwise.
        """
        person = self.person(user_id)
        if person is None:
            raise SandboxMistake(f"no user {user_id}: call add_user first")
        return person

    def group(self, chat_id: int) -> Chat | None:
        """A group, made on the spot when there is a population."""
        chat = self.groups.get(chat_id)
        if chat is None and self.population and chat_id < 0:
            kind = "supergroup" if chat_id <= -1_000_000_000_000 else "group"
            chat = Chat(chat_id, kind, title=f"Group {-chat_id}")
            chat.members.update((bot.id, "member") for bot in self.bots.values())
            self.groups[chat_id] = chat
        return chat

    def private(self, bot: BotAccount, user_id: int) -> Chat:
        chat = self.privates.get((bot.id, user_id))
        if chat is None:
            chat = Chat(user_id, "private", bot_id=bot.id)
            self.privates[bot.id, user_id] = chat
        return chat

    def chat(self, bot: BotAccount, chat_id: int) -> Chat:
        """A chat for the one who drives the sandbox.

        :raises SandboxMistake: when there is none.
        """
        if chat_id > 0:
            self.known(chat_id)
            return self.private(bot, chat_id)
        chat = self.group(chat_id)
        if chat is None:
            raise SandboxMistake(f"no chat {chat_id}: call add_group first")
        return chat

    def visible_chat(self, bot: BotAccount, chat_id: int | str) -> Chat:
        """A chat the bot can name.

        :raises ApiError: 400 ``chat not found``.
        """
        if isinstance(chat_id, str):
            name = chat_id.lstrip("@").lower()
            chat_id = next((g.id for g in self.groups.values() if g.username.lower() == name), 0)
        if chat_id > 0 and (self.person(chat_id) is not None):
            return self.private(bot, chat_id)
        chat = self.group(chat_id) if chat_id < 0 else None
        if chat is None:
            if self.bot_by_id(chat_id) is not None:
                raise forbidden("bots can't send messages to bots")
            raise bad_request("chat not found")
        return chat

    def writable_chat(self, bot: BotAccount, chat_id: int | str) -> Chat:
        """A chat the bot may write to.

        :raises ApiError: 400 or 403 with Telegram's reason why not.
        """
        chat = self.visible_chat(bot, chat_id)
        if chat.is_private:
            person = self.persons[chat.id]
            if person.deactivated:
                raise forbidden("user is deactivated")
            if bot.id in person.blocked:
                raise forbidden("bot was blocked by the user")
            if bot.id not in person.started:
                raise forbidden("bot can't initiate conversation with a user")
            return chat
        if chat.migrated_to is not None:
            raise migrated(chat.migrated_to)
        status = chat.members.get(bot.id, "left")
        if status not in HERE:
            why = "was kicked from" if status == "kicked" else "is not a member of"
            raise forbidden(f"bot {why} the {chat.kind} chat")
        return chat

    def described(self, chat: Chat) -> dict[str, Any]:
        """Telegram's Chat object, as messages carry it."""
        if chat.is_private:
            user = self.persons[chat.id].user
            described: dict[str, Any] = {"id": chat.id, "type": "private"}
            names = ("first_name", "last_name", "username")
            described.update((name, user[name]) for name in names if name in user)
            return described
        described = {"id": chat.id, "type": chat.kind, "title": chat.title}
        if chat.username:
            described["username"] = chat.username
        return described
