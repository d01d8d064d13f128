"""Everything there is in the sandbox: bots, people, chats, messages, waiting updates. No I/O.

A private chat belongs to one bot and one person. Message ids count per bot over all its private
chats, and per group in groups (shared by every bot there). Time comes from two functions given by
the caller: wall time for dates, a monotonic one for how old a tap is.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from typing import Any

import orjson

from bot.sandbox.bot_api.accounts import (
    HERE,
    BotAccount,
    CallbackQuery,
    Chat,
    Message,
    MessageRecord,
    UserAccount,
)
from bot.sandbox.bot_api.errors import SandboxMistake, bad_request, forbidden, migrated
from bot.sandbox.bot_api.keyboards import Markup, is_inline
from bot.sandbox.bot_api.media import FileStore
from bot.sandbox.bot_api.privacy import may_see

Event = dict[str, Any]

WhichBot = str | int | None
"""A bot by token, id or ``@username``; ``None`` is the first one."""

REMEMBERED = 10_000  # messages kept, over all chats, when history is not
QUERIES = 100_000  # taps kept


class World:
    """Bots, persons, groups and private chats; their messages, taps and waiting updates."""

    def __init__(
        self,
        clock: Callable[[], datetime],
        monotonic: Callable[[], float],
        *,
        keep_messages: bool = True,
        population: int = 0,
    ) -> None:
        """
        :param keep_messages: False keeps only the newest ``REMEMBERED``, for edits and taps.
        :param population: every positive chat id up to this is a person who has started, and every
            negative one a group with every bot in it.
        """
        self.population = population
        self.bots: dict[str, BotAccount] = {}  # by token
        self.persons: dict[int, UserAccount] = {}
        self.groups: dict[int, Chat] = {}
        self.privates: dict[tuple[int, int], Chat] = {}  # bot id, user id
        self.clock = clock
        self.monotonic = monotonic
        self.queries: dict[str, CallbackQuery] = {}
        self.files = FileStore()
        self.on_event: Callable[[Event], None] = lambda _event: None
        self.on_update: Callable[[BotAccount], None] = lambda _bot: None
        self._recent: deque[tuple[Chat, int]] | None = None if keep_messages else deque()
        self._queries_made = 0

    def now(self) -> int:
        """Seconds since the epoch, as Telegram dates messages."""
        return int(self.clock().timestamp())

    # -- who exists, and where a bot may write ----------------------------------------------------

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

    def bot(self, which: WhichBot = None) -> BotAccount:
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
        """The bot of an id; ``None`` when there is none."""
        return next((bot for bot in self.bots.values() if bot.id == bot_id), None)

    def person(self, user_id: int) -> UserAccount | None:
        """A user; one whom the population covers is made on the spot."""
        person = self.persons.get(user_id)
        if person is None and 0 < user_id <= self.population:
            person = UserAccount({"id": user_id, "is_bot": False, "first_name": f"User {user_id}"})
            person.started.update(bot.id for bot in self.bots.values())
            self.persons[user_id] = person
        return person

    def known(self, user_id: int) -> UserAccount:
        """A user who exists.

        :raises SandboxMistake: otherwise.
        """
        person = self.person(user_id)
        if person is None:
            raise SandboxMistake(f"no user {user_id}: call add_user first")
        return person

    def group(self, chat_id: int) -> Chat | None:
        """A group; with a population it is made on the spot."""
        chat = self.groups.get(chat_id)
        if chat is None and self.population and chat_id < 0:
            kind = "supergroup" if chat_id <= -1_000_000_000_000 else "group"
            chat = Chat(chat_id, kind, title=f"Group {-chat_id}")
            chat.members.update((bot.id, "member") for bot in self.bots.values())
            self.groups[chat_id] = chat
        return chat

    def private(self, bot: BotAccount, user_id: int) -> Chat:
        """A person's chat with a bot; made when it is asked for first."""
        chat = self.privates.get((bot.id, user_id))
        if chat is None:
            chat = Chat(user_id, "private", bot_id=bot.id)
            self.privates[bot.id, user_id] = chat
        return chat

    def chat(self, bot: BotAccount, chat_id: int) -> Chat:
        """A chat, for a test or the page.

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

    # -- messages ---------------------------------------------------------------------------------

    def post(
        self,
        chat: Chat,
        sender: BotAccount | UserAccount,
        content: dict[str, Any],
        *,
        html: str = "",
        markup: Markup | None = None,
        date: int | None = None,
    ) -> MessageRecord:
        """Put a message into a chat; bots that may see it get an update.

        :param content: Telegram's fields besides message_id, from, chat and date.
        """
        message: Message = {
            "message_id": self._next_message_id(chat),
            "from": sender.user,
            "chat": self.described(chat),
            "date": self.now() if date is None else date,
            **content,
        }
        if is_inline(markup):
            message["reply_markup"] = markup
        ask = markup if markup is not None and "force_reply" in markup else None
        record = MessageRecord(message, html, sender.user["id"], ask)
        chat.messages[message["message_id"]] = record
        if self._recent is not None:
            self._recent.append((chat, message["message_id"]))
            if len(self._recent) > REMEMBERED:
                old, message_id = self._recent.popleft()
                old.messages.pop(message_id, None)
        self.event("message", chat, message=record.shown())
        if isinstance(sender, UserAccount):
            self.tell(chat, "message", message)
        elif markup is not None and not is_inline(markup):
            self._set_keyboard(chat, markup, message)
        return record

    def changed(self, chat: Chat, record: MessageRecord, by: BotAccount | UserAccount) -> None:
        """Tell that a message was edited: the page, and bots when a person did it."""
        record.message["edit_date"] = self.now()
        self.event("edited", chat, message=record.shown())
        if isinstance(by, UserAccount):
            self.tell(chat, "edited_message", record.message)

    def remove(self, chat: Chat, message_id: int) -> None:
        """Delete a message."""
        del chat.messages[message_id]
        self.event("deleted", chat, message_id=message_id)

    def forgotten(self, chat: Chat, message_id: int, bot: BotAccount) -> Message:
        """What stands for a bot's message that is no longer kept: Telegram's inaccessible message.

        Where old messages are dropped by choice, one with an empty text.
        """
        chat_fields = self.described(chat)
        if self._recent is None:
            return {"message_id": message_id, "date": 0, "chat": chat_fields}
        return {
            "message_id": message_id,
            "from": bot.user,
            "chat": chat_fields,
            "date": self.now(),
            "text": "",
        }

    @property
    def forgets(self) -> bool:
        """Whether old messages are dropped, so that an unknown one may have existed."""
        return self._recent is not None

    def _next_message_id(self, chat: Chat) -> int:
        if chat.is_private:
            bot = self.bot_by_id(chat.bot_id)
            assert bot is not None
            bot.last_message_id += 1
            chat.last_message_id = bot.last_message_id
        else:
            chat.last_message_id += 1
        return chat.last_message_id

    def _set_keyboard(self, chat: Chat, markup: Markup, message: Message) -> None:
        """A reply keyboard is shown to the chat; a selective one to the person replied to."""
        whom = [user_id for user_id in chat.members if user_id in self.persons]
        if chat.is_private:
            whom = [chat.id]
        elif markup.get("selective") and "reply_to_message" in message:
            whom = [message["reply_to_message"]["from"]["id"]]
        for user_id in whom:
            if "keyboard" in markup:
                chat.keyboards[user_id] = markup
            elif "remove_keyboard" in markup:
                chat.keyboards.pop(user_id, None)
            self.event("keyboard", chat, user_id=user_id, keyboard=chat.keyboards.get(user_id))

    # -- updates ----------------------------------------------------------------------------------

    def tell(self, chat: Chat, kind: str, message: Message) -> None:
        """Queue an update for every bot that may see the message."""
        for bot in self.present_bots(chat):
            if chat.is_private or may_see(bot, chat, message):
                self.queue(bot, kind, message)

    def present_bots(self, chat: Chat) -> Iterator[BotAccount]:
        """The bots in a chat."""
        for bot in self.bots.values():
            if chat.bot_id == bot.id if chat.is_private else chat.members.get(bot.id) in HERE:
                yield bot

    def queue(self, bot: BotAccount, kind: str, payload: dict[str, Any]) -> int | None:
        """Queue one update; None when the bot does not want this kind.

        What is queued is a copy: later edits do not reach back into the queue.
        """
        if not bot.wants(kind):
            return None
        update_id = bot.next_update_id
        bot.next_update_id += 1
        bot.updates.append({"update_id": update_id, kind: orjson.loads(orjson.dumps(payload))})
        self.on_update(bot)
        return update_id

    def open_query(self, bot: BotAccount, user_id: int, data: str) -> CallbackQuery:
        """Record a tap; it waits for its answer."""
        self._queries_made += 1
        query = CallbackQuery(
            str(4_000_000_000_000_000 + self._queries_made), bot.id, user_id, data, self.monotonic()
        )
        self.queries[query.id] = query
        if len(self.queries) > QUERIES:
            del self.queries[next(iter(self.queries))]
        return query

    def event(self, kind: str, chat: Chat | None, **more: Any) -> None:
        """Tell whoever watches that something happened."""
        self.on_event(
            {
                "type": kind,
                "chat_id": chat.id if chat else None,
                "bot_id": chat.bot_id if chat and chat.is_private else None,
                **more,
            }
        )
