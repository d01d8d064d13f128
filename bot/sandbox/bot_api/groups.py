"""What happens to groups: people and bots come and go, a group becomes a supergroup."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from bot.sandbox.bot_api.accounts import HERE, BotAccount, Chat, UserAccount
from bot.sandbox.bot_api.errors import SandboxMistake
from bot.sandbox.bot_api.members import member_changed
from bot.sandbox.bot_api.world import WhichBot, World


class Groups:
    """The groups of the sandbox. Every change writes the service message Telegram writes."""

    def __init__(self, world: World) -> None:
        self._world = world

    def add_group(
        self,
        chat_id: int,
        title: str,
        members: Iterable[int] = (),
        kind: str = "supergroup",
        username: str = "",
    ) -> dict[str, Any]:
        """A group of people; its first member created it. Bots are added with ``add_bot``.

        :param kind: ``group`` or ``supergroup``.
        """
        chat = self._world.add_group(chat_id, title, members, kind, username)
        return self._world.described(chat)

    def add_bot(
        self, chat_id: int, *, by: int | None = None, admin: bool = False, bot: WhichBot = None
    ) -> None:
        """Someone adds the bot; it is told by ``my_chat_member`` and ``new_chat_members``."""
        chat, account = self._living(chat_id), self._world.bot(bot)
        adder = self._someone(chat, by)
        before, after = chat.members.get(account.id, "left"), "administrator" if admin else "member"
        chat.members[account.id] = after
        member_changed(self._world, account, chat, adder.user, account.user, before, after)
        if before not in HERE:
            self._world.post(chat, adder, {"new_chat_members": [account.user]})

    def remove_bot(self, chat_id: int, *, by: int | None = None, bot: WhichBot = None) -> None:
        """Someone throws the bot out."""
        chat, account = self._living(chat_id), self._world.bot(bot)
        remover = self._someone(chat, by)
        before = chat.members.get(account.id, "left")
        if before not in HERE:
            raise SandboxMistake(f"the bot is not in group {chat_id}")
        self._world.post(chat, remover, {"left_chat_member": account.user})
        chat.members[account.id] = "kicked"
        member_changed(self._world, account, chat, remover.user, account.user, before, "kicked")

    def join(self, chat_id: int, user_id: int) -> None:
        """A person joins."""
        chat, person = self._living(chat_id), self._world.known(user_id)
        before = chat.members.get(user_id, "left")
        if before in HERE:
            return
        chat.members[user_id] = "member"
        self._tell_admins(chat, person, before, "member")
        self._world.post(chat, person, {"new_chat_members": [person.user]})

    def leave(self, chat_id: int, user_id: int) -> None:
        """A person leaves."""
        chat, person = self._living(chat_id), self._world.known(user_id)
        before = chat.members.get(user_id, "left")
        if before not in HERE:
            raise SandboxMistake(f"user {user_id} is not in group {chat_id}")
        self._world.post(chat, person, {"left_chat_member": person.user})
        chat.members[user_id] = "left"
        chat.keyboards.pop(user_id, None)
        self._tell_admins(chat, person, before, "left")

    def promote(self, chat_id: int, user_id: int) -> None:
        """A person or a bot becomes an administrator."""
        chat = self._living(chat_id)
        account = self._world.bot_by_id(user_id)
        before = chat.members.get(user_id, "left")
        if before not in HERE:
            raise SandboxMistake(f"{user_id} is not in group {chat_id}")
        chat.members[user_id] = "administrator"
        if account is not None:
            by = self._someone(chat, None).user
            member_changed(self._world, account, chat, by, account.user, before, "administrator")
        else:
            self._tell_admins(chat, self._world.known(user_id), before, "administrator")

    def migrate(self, chat_id: int, new_chat_id: int | None = None) -> int:
        """The group becomes a supergroup with a new id; the old one answers 400 from now on.

        :returns: the new id, ``-100...`` by default.
        """
        old = self._living(chat_id)
        if old.kind != "group":
            raise SandboxMistake(f"chat {chat_id} is already a supergroup")
        new_id = new_chat_id or -1_000_000_000_000 + chat_id
        owner = self._someone(old, None)
        new = Chat(new_id, "supergroup", title=old.title)
        new.members.update(old.members)
        new.keyboards.update(old.keyboards)
        self._world.groups[new_id] = new
        self._world.post(old, owner, {"migrate_to_chat_id": new_id})
        old.migrated_to = new_id
        self._world.post(new, owner, {"migrate_from_chat_id": chat_id})
        return new_id

    def _living(self, chat_id: int) -> Chat:
        chat = self._world.group(chat_id)
        if chat is None:
            raise SandboxMistake(f"no group {chat_id}: call add_group first")
        if chat.migrated_to is not None:
            raise SandboxMistake(f"group {chat_id} was upgraded to {chat.migrated_to}")
        return chat

    def _someone(self, chat: Chat, user_id: int | None) -> UserAccount:
        """The one who acts: a member, the creator by default."""
        if user_id is not None:
            return self._world.known(user_id)
        for member, status in chat.members.items():
            if status in HERE and (person := self._world.person(member)) is not None:
                return person
        raise SandboxMistake(f"group {chat.id} has no human member: say who acts with `by`")

    def _tell_admins(self, chat: Chat, person: UserAccount, before: str, after: str) -> None:
        bots: list[BotAccount] = list(self._world.present_bots(chat))
        for bot in bots:
            if chat.members[bot.id] == "administrator":
                member_changed(self._world, bot, chat, person.user, person.user, before, after)
