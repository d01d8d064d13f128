"""What every handler works with: one update, one unit of work, one voice.

A handler parses, calls one use case inside ``write`` and answers with ``toast``, ``say`` or
``show``. The transaction of ``write`` also takes the update off the inbox, so that an update
handled twice (after a crash) has its effect once.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any, TypeVar

from telegram import CallbackQuery, Message, Update
from telegram.ext import Application, CallbackContext

from alerts import conversation_store as conversations
from alerts.conversation_store import Conversation
from alerts.outbox import store as outbox_store
from alerts.outbox.lanes import Lane
from alerts.outbox.messages import RelayedRequest
from bot.actions.warnings import CallAnswer, GroupAnswer
from bot.messages.facts import Facts
from bot.services.services import Services
from bot.telegram.failures import Reason
from bot.telegram.voice import Voice
from bot.telegram.windows import time_to_finish
from bot.views.menu import menu_for
from bot.views.screen import Screen, payload
from contacts import people_store
from contacts.access import Access, may_release, require
from contacts.people import Person
from data import inbox
from data.database import Connection
from data.errors import NotAllowed

T = TypeVar("T")
AnyApplication = Application[Any, Any, Any, Any, Any, Any]

LONGEST_TOAST = 200  # characters, Telegram's limit for the answer to a tap

# The taps that come by the thousand: their use case loads the person itself, once.
_LEAN = tuple(f"{kind.form.prefix}:" for kind in (CallAnswer, GroupAnswer))


class Context(CallbackContext[Any, Any, Any, Any]):
    """One update on its way through one handler."""

    services: Services
    voice: Voice
    now: datetime
    person: Person | None
    conversation: Conversation | None
    incoming: Update

    def __init__(
        self, application: Any, chat_id: int | None = None, user_id: int | None = None
    ) -> None:
        super().__init__(application, chat_id, user_id)
        self.person = None
        self.conversation = None
        self.wrote = False
        self.toasted = False

    @classmethod
    def of(
        cls, update: Update, application: AnyApplication, services: Services, voice: Voice
    ) -> Context:
        """The context of ``update``; ``load`` it before the handler runs."""
        context = cls.from_update(update, application)
        context.incoming = update
        context.services = services
        context.voice = voice
        context.now = services.clock()
        return context

    async def load(self) -> None:
        """Look up who sent the update and what they were being asked."""
        user = self.incoming.effective_user
        query = self.incoming.callback_query
        if user is None or (query is not None and (query.data or "").startswith(_LEAN)):
            return

        def look(c: Connection) -> tuple[Person | None, Conversation | None]:
            found = people_store.person_by_telegram(c, user.id)
            return found, conversations.get(c, user.id, self.now)

        found, self.conversation = await self.read(look)
        # Who left the roster keeps the account and the old messages, and may do nothing with them.
        self.person = found if found is not None and found.active else None

    def known(self) -> Person:
        """The person of the roster who sent it.

        :raises NotAllowed: somebody nobody knows (``NOT_LINKED``).
        """
        if self.person is None:
            raise NotAllowed(Access.NOT_LINKED)
        return self.person

    def commander(self) -> Person:
        """The person who sent it, who commands their division.

        :raises NotAllowed: somebody nobody knows, or whose post does not command.
        """
        person = self.known()
        require(may_release(person, [person.division_code]))
        return person

    @property
    def account(self) -> int:
        """The Telegram account it came from, somebody's of the roster or not.

        :raises NotAllowed: from none: a channel's post.
        """
        user = self.incoming.effective_user
        if user is None:
            raise NotAllowed(Access.NOT_LINKED)
        return user.id

    @property
    def message(self) -> Message:
        """The message it is: for handlers of messages and commands."""
        message = self.incoming.effective_message
        assert message is not None
        return message

    @property
    def after_command(self) -> str:
        """What stands behind the command, as it was typed."""
        _, _, line = (self.message.text or "").partition(" ")
        return line

    @property
    def asked(self) -> Mapping[str, Any]:
        """What the question was about that this answers: for the handlers of answers."""
        assert self.conversation is not None
        return self.conversation.state

    @property
    def language(self) -> str:
        """The person's language; Chinese for strangers."""
        return self.person.language if self.person is not None else "zh"

    async def write(self, unit: Callable[[Connection], T]) -> T:
        """Run the one unit of work of this update; returns after its commit.

        :raises data.errors.JiaoyingError: what the use case raised; nothing was changed then.
        """
        bot_id, update_id = self.voice.bot_id, self.incoming.update_id

        def with_update(c: Connection) -> T:
            result = unit(c)
            inbox.done(c, bot_id, update_id)
            return result

        result = await self.services.database.run(with_update)
        self.wrote = True
        return result

    async def read(self, query: Callable[[Connection], T]) -> T:
        """Run a query off the event loop."""
        return await self.services.database.ask(query)

    def time_to_finish(self, persons: int, groups: int = 0) -> float:
        """Seconds until a message to so many chats has left, at the pace of one bot."""
        return time_to_finish(persons, groups, self.services.settings.telegram.limits)

    def facts(self, connection: Connection) -> Facts:
        """What a screen is made of, read on ``connection``."""
        return Facts(connection, self.services, self.now, self.voice.bot_id)

    async def toast(self, text: str = "", *, alert: bool = False) -> None:
        """Answer the tap, once: a passing line, or with ``alert`` a box to be closed."""
        query = self.incoming.callback_query
        if query is None or self.toasted:
            return
        self.toasted = True
        answer: dict[str, Any] = {"callback_query_id": query.id}
        if text:
            answer["text"] = text if len(text) <= LONGEST_TOAST else text[: LONGEST_TOAST - 1] + "…"
        if alert:
            answer["show_alert"] = True
        await self.voice.at_once("answerCallbackQuery", answer)

    async def say_in_turn(self, screen: Screen) -> None:
        """Commit a message to this chat to the outbox: it goes when the chat's turn comes.

        The next update of this person is handled meanwhile.
        """
        chat = self.incoming.effective_chat
        assert chat is not None
        bot_id, chat_id = self.voice.bot_id, chat.id
        reply = RelayedRequest("sendMessage", payload(screen, chat_id))
        await self.services.database.run(
            lambda c: outbox_store.relay(c, bot_id, reply, chat_id, Lane.ANSWER, self.now)
        )

    async def say(
        self, screen: Screen, *, chat_id: int | None = None, reply_to: int | None = None
    ) -> int | None:
        """Send a message, here or to ``chat_id``; returns its id, ``None`` when it did not go."""
        if chat_id is None:
            chat = self.incoming.effective_chat
            assert chat is not None
            chat_id = chat.id
        person = self.person
        if screen.keyboard is None and person is not None and chat_id == person.telegram_id:
            # Whom the roster linked has never had the welcome that brings the keyboard: any answer
            # without buttons brings it. In a group it would be everybody's.
            screen = replace(screen, keyboard=menu_for(person, self.language))
        outcome = await self.voice.say(
            "sendMessage", payload(screen, chat_id, reply_to=reply_to), chat_id
        )
        return outcome.message_id

    async def show(self, screen: Screen) -> None:
        """Edit the message the tap came from; a new message where that cannot be."""
        query: CallbackQuery | None = self.incoming.callback_query
        if query is None or query.message is None:
            await self.say(screen)
            return
        chat_id, message_id = query.message.chat.id, query.message.message_id
        outcome = await self.voice.say(
            "editMessageText", payload(screen, chat_id, message_id=message_id), chat_id
        )
        if outcome.reason is Reason.MESSAGE_GONE:
            await self.say(screen, chat_id=chat_id)
