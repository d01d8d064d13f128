"""The sandbox's world: which messages there are, which updates wait. No I/O.

Message ids count per bot over all its private chats, and per group in groups (shared by every bot
there). Time comes from two functions given by the caller: wall time for dates, a monotonic one for
how old a tap is.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

import orjson

from bot.sandbox.accounts import HERE, BotAccount, Chat, Message, Person, Query, Record
from bot.sandbox.directory import Directory
from bot.sandbox.keyboards import Markup, is_inline
from bot.sandbox.media import FileStore
from bot.sandbox.privacy import may_see

Event = dict[str, Any]

REMEMBERED = 10_000  # messages kept, over all chats, when history is not
QUERIES = 100_000  # taps kept


class World(Directory):
    """Users, chats, messages and updates of every bot."""

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
        :param population: see ``Directory``.
        """
        super().__init__(population)
        self.clock = clock
        self.monotonic = monotonic
        self.queries: dict[str, Query] = {}
        self.files = FileStore()
        self.on_event: Callable[[Event], None] = lambda event: None
        self.on_update: Callable[[BotAccount], None] = lambda bot: None
        self._recent: deque[tuple[Chat, int]] | None = None if keep_messages else deque()
        self._queries_made = 0

    def now(self) -> int:
        """Seconds since the epoch, as Telegram dates messages."""
        return int(self.clock().timestamp())

    # -- messages ---------------------------------------------------------------------------------

    def post(
        self,
        chat: Chat,
        sender: BotAccount | Person,
        content: dict[str, Any],
        *,
        html: str = "",
        markup: Markup | None = None,
        date: int | None = None,
    ) -> Record:
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
        record = Record(message, html, sender.user["id"], ask)
        chat.messages[message["message_id"]] = record
        if self._recent is not None:
            self._recent.append((chat, message["message_id"]))
            if len(self._recent) > REMEMBERED:
                old, message_id = self._recent.popleft()
                old.messages.pop(message_id, None)
        self.event("message", chat, message=record.shown())
        if isinstance(sender, Person):
            self.tell(chat, "message", message)
        elif markup is not None and not is_inline(markup):
            self._set_keyboard(chat, markup, message)
        return record

    def changed(self, chat: Chat, record: Record, by: BotAccount | Person) -> None:
        """A message was edited: say so to the page, and to bots when a person did it."""
        record.message["edit_date"] = self.now()
        self.event("edited", chat, message=record.shown())
        if isinstance(by, Person):
            self.tell(chat, "edited_message", record.message)

    def remove(self, chat: Chat, message_id: int) -> None:
        del chat.messages[message_id]
        self.event("deleted", chat, message_id=message_id)

    def forgotten(self, chat: Chat, message_id: int, bot: BotAccount) -> Message:
        """A bot's message that is no longer kept: inaccessible, unless history is off."""
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

    def open_query(self, bot: BotAccount, user_id: int, data: str) -> Query:
        """A tap that waits for its answer."""
        self._queries_made += 1
        query = Query(
            str(4_000_000_000_000_000 + self._queries_made), bot.id, user_id, data, self.monotonic()
        )
        self.queries[query.id] = query
        if len(self.queries) > QUERIES:
            del self.queries[next(iter(self.queries))]
        return query

    def event(self, kind: str, chat: Chat | None, **more: Any) -> None:
        """Tell whoever watches."""
        self.on_event(
            {
                "type": kind,
                "chat_id": chat.id if chat else None,
                "bot_id": chat.bot_id if chat and chat.is_private else None,
                **more,
            }
        )
