"""What every handler works with: one update, one unit of work, one voice.

A handler parses, calls one use case inside ``write`` and answers with ``toast``, ``say`` or
``show``. The transaction of ``write`` also takes the update off the inbox, so that an update
handled twice (after a crash, or by two processes) has its effect once. What is said is queued to
the outbox: inside the unit with ``will_say`` and ``will_show``, so that it is said if and only if
the unit was committed; or by itself with ``say`` and ``show``. Nobody waits until it was sent.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import count
from typing import Any, TypeVar

import orjson
from telegram import CallbackQuery, Message, Update
from telegram.ext import Application, CallbackContext

from alerts import conversation_store as conversations
from alerts.calls import Call
from alerts.cards.progress_card_store import Card, leave_alone, take_over
from alerts.channels import trouble_store
from alerts.channels.model import Trouble
from alerts.channels.reach_store import Reached, reached
from alerts.conversation_store import Conversation
from alerts.model import Alert, Draft
from alerts.outbox import end_store
from alerts.outbox.lanes import Lane
from alerts.preview import whom_of
from alerts.reach import sender
from bot.handlers.written_command import written_command
from bot.locale.local_day import LocalDay
from bot.messages.facts import Facts
from bot.messages.refusals import is_about_something, refused_thing
from bot.messages.requests import with_buttons
from bot.services.async_database import LONGEST_REST
from bot.services.services import Services
from bot.telegram.acts import done_at
from bot.telegram.outgoing import Request
from bot.telegram.voice import Voice
from bot.telegram.windows import time_to_finish
from bot.views.channels import ChannelTime
from bot.views.menu import item_of, menu_for
from bot.views.screen import Inline, Screen, method, payload
from contacts.access import Access, may_release, require
from contacts.channels import Channel
from contacts.duty_store import now_on_watch
from contacts.people import Person
from contacts.targeting_store import audience_query
from data import inbox
from data.database import Connection, Unit
from data.errors import JiaoyingError, NotAllowed, StoreError
from data.inbox import AlreadyHandled

log = logging.getLogger(__name__)

LONGEST_LOOK = 1.0
"""Seconds that a refusal waits for the duty officer's number before it tells the general one, and
for the name of what was refused before it does without."""

PAGE_STAYS = timedelta(minutes=2)
"""How long what is shown in the place of a progress card stays there, after the last tap (ours)."""

T = TypeVar("T")
AnyApplication = Application[Any, Any, Any, Any, Any, Any]


class Context(CallbackContext[Any, Any, Any, Any]):
    """One update on its way through one handler."""

    services: Services
    voice: Voice
    now: datetime
    done_at: datetime
    zone: LocalDay  # where times are shown, and what day it is there
    person: Person | None
    conversation: Conversation | None
    may_be_back: bool  # the person counts as out of reach, and has just done something here
    lane: Lane  # in which what is said here waits for its turn
    incoming: Update

    def __init__(
        self, application: Any, chat_id: int | None = None, user_id: int | None = None
    ) -> None:
        super().__init__(application, chat_id, user_id)
        self.person = None
        self.conversation = None
        self.wrote = False
        self._left_question = False
        self.may_be_back = False
        self.lane = Lane.STRANGER
        self.toasted = False
        self.preface = ""  # HTML that stands above whatever is answered

    @classmethod
    def of(
        cls,
        update: Update,
        application: AnyApplication,
        services: Services,
        voice: Voice,
        raw: dict[str, Any] | None = None,
    ) -> Context:
        """The context of ``update``; ``load`` it before the handler runs.

        :param raw: the update as it was taken in: it says since when it may have waited.
        """
        context = cls.from_update(update, application)
        context.incoming = update
        context.services = services
        context.voice = voice
        context.now = services.clock()
        context.zone = LocalDay(services.zone, context.now)
        # When the person did it: long ago, if the update waited at Telegram or in the inbox.
        context.done_at = context.now if raw is None else done_at(raw, context.now)
        return context

    async def load(self) -> None:
        """Look up who sent the update and what they were being asked."""
        user = self.incoming.effective_user
        if user is None:
            return

        here = self._in_own_chat

        def look(c: Connection) -> tuple[Person | None, Conversation | None, bool]:
            found, back = sender(c, user.id)
            back = back and here and found is not None and found.active
            return found, conversations.get(c, user.id, self.done_at), back

        found, self.conversation, self.may_be_back = await self.read(look)
        # Who left the roster keeps the account and the old messages, and may do nothing with them.
        self.person = found if found is not None and found.active else None
        if self.person is not None:
            self.lane = Lane.ANSWER

    @property
    def _in_own_chat(self) -> bool:
        """Whether it was said to the bot itself; in a group one may speak who has blocked it."""
        chat = self.incoming.effective_chat
        said = self.incoming.my_chat_member is None  # that somebody blocks us is no word to us
        return said and chat is not None and chat.type == "private"

    def known(self) -> Person:
        """The person of the roster who sent it.

        :raises NotAllowed: somebody nobody knows (``NOT_LINKED``).
        """
        if self.person is None:
            raise NotAllowed(Access.NOT_LINKED)
        return self.person

    def on_watch(self, connection: Connection) -> Person:
        """As ``known``; whoever is on shift over more than their own as its duty officer."""
        return now_on_watch(connection, self.known(), self.now)

    def commander(self) -> Person:
        """The person who sent it, who commands their division.

        :raises NotAllowed: somebody nobody knows, or whose post does not command.
        """
        person = self.known()
        require(may_release(person, [person.division_code]), division=person.division_code)
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
    def forwarded(self) -> bool:
        """Whether the message was written at another time, perhaps by somebody else, and passed on:
        no word of it answers a call."""
        return self.message.forward_origin is not None

    @property
    def after_command(self) -> str:
        """What stands behind the command, as it was typed."""
        written = written_command(self.message.text or "")
        return "" if written is None else written[1]

    @property
    def asked(self) -> Mapping[str, Any]:
        """What the question was about that this answers: for the handlers of answers."""
        assert self.conversation is not None
        return self.conversation.state

    @property
    def language(self) -> str:
        """The person's language; Chinese for strangers."""
        return self.person.language if self.person is not None else "zh"

    def leave_question(self) -> None:
        """What the person says is no answer to what they were asked: nothing later is, either."""
        self._left_question = True

    async def write(self, unit: Unit[T]) -> T:
        """Run the unit of work of this update; returns after its commit.

        The first takes the update off the inbox. One after that is not to be had again with the
        update, so it is tried until the database takes it.

        :raises data.errors.JiaoyingError: what the use case raised; nothing was changed then.
        :raises AlreadyHandled: the update had its effect before: the handler ends here, silently.
        """
        if self.wrote:
            return await self._until_done(lambda: self.services.database.run(unit))
        result = await self._write_once(unit)
        self.wrote = True
        return result

    async def _write_once(self, unit: Unit[T]) -> T:
        bot_id, update_id = self.voice.bot_id, self.incoming.update_id
        returned: list[T] = []

        def with_update(c: Connection) -> T:
            inbox.done(c, bot_id, update_id, self.now)  # first: a second effect is not even begun
            if self._went_on:
                conversations.stop_hearing(c, [self.account])
            result = unit(c)
            returned[:] = [result]
            return result

        uncertain = False
        for attempt in count():
            try:
                return await self.services.database.run(with_update)
            except StoreError as error:
                uncertain = uncertain or error.code == "uncertain"
                if not uncertain:
                    raise
                # Is it done or not? The inbox says so, as soon as the database answers again.
                log.error("the commit of update %s is uncertain: %s", update_id, error)
                await asyncio.sleep(min(LONGEST_REST, attempt))
            except AlreadyHandled:
                if not uncertain:
                    raise
                return returned[0]  # it was done: what was lost is only the word of it
        raise AssertionError("unreachable")

    async def read(self, query: Unit[T]) -> T:
        """Run a query off the event loop."""
        if self.wrote:
            return await self._until_done(lambda: self.services.database.ask(query))
        return await self.services.database.ask(query)

    async def _until_done(self, work: Callable[[], Awaitable[T]]) -> T:
        """After the effect of the update, which cannot be had again: until the database answers."""
        for attempt in count(1):
            try:
                return await work()
            except StoreError as error:
                log.error("update %s waits for the database: %s", self.incoming.update_id, error)
                await asyncio.sleep(min(LONGEST_REST, attempt))
        raise AssertionError("unreachable")

    def time_to_finish(self, persons: int, groups: int = 0) -> float:
        """Seconds until a message to so many chats has left, at the pace of one bot."""
        return time_to_finish(persons, groups, self.services.settings.telegram.limits)

    async def channel_times(self, draft: Draft) -> list[ChannelTime]:
        """How many a draft calls by each other channel at once, and how long that takes."""
        rules, by = self.services.rules.warnings, self.known().id
        named = rules.policies[draft.level].channels
        channels = self.services.settings.channels
        wanted = dict.fromkeys((*named.at_once, *named.remind_by))
        if not wanted:
            return []

        def count(c: Connection) -> tuple[dict[Channel, Reached], dict[Channel, Trouble]]:
            whom = audience_query(whom_of(c, draft, rules))
            known = {
                channel: reached(
                    c, whom, channel, excluding=[by], beyond_telegram=channel not in named.at_once
                )
                for channel in wanted
            }
            standing = trouble_store.standing(c, wanted)
            return known, {one.channel: one.trouble for one in standing}

        times = []
        known, troubles = await self.read(count)
        for channel, counts in known.items():
            pace = channels.per_second(channel)
            if counts.persons:
                seconds = pace and counts.addresses / pace
                trouble = troubles.get(channel)
                times.append(ChannelTime(channel, counts.persons, seconds, trouble))
        return times

    async def duty_phone(self) -> str:
        """Whom the person rings up (``Facts.duty_phone``), whatever state the database is in."""
        try:
            unit = self.services.database.ask(lambda c: self.facts(c).duty_phone(self.person))
            return await asyncio.wait_for(unit, LONGEST_LOOK)
        except (StoreError, TimeoutError):
            return self.services.settings.telephones.duty

    async def refused_thing(self, error: JiaoyingError) -> str:
        """What was refused, named for the person; empty when that cannot be had at once."""
        if not is_about_something(error):
            return ""
        try:
            unit = self.services.database.ask(
                lambda c: refused_thing(self.facts(c), error, self.person)
            )
            return await asyncio.wait_for(unit, LONGEST_LOOK)
        except (StoreError, TimeoutError):
            return ""

    def facts(self, connection: Connection) -> Facts:
        """What a screen is made of, read on ``connection``."""
        return Facts(connection, self.services, self.now, self.voice.bot_id)

    async def toast(self, text: str = "", *, alert: bool = False) -> None:
        """Answer the tap, once: a passing line, or with ``alert`` a box to be closed."""
        query = self.incoming.callback_query
        if query is None or self.toasted:
            return
        self.toasted = True
        self.voice.toast(query.id, text, alert=alert)

    async def say(
        self, screen: Screen, *, chat_id: int | None = None, reply_to: int | None = None
    ) -> None:
        """Send a message, here or to ``chat_id``."""
        await self.write(lambda c: self.will_say(c, screen, chat_id=chat_id, reply_to=reply_to))

    def will_say(
        self,
        connection: Connection,
        screen: Screen,
        *,
        chat_id: int | None = None,
        reply_to: int | None = None,
        about: Call | None = None,
        card_of: Alert | None = None,
    ) -> None:
        """Send a message, here or to ``chat_id``, once the running unit is committed.

        :param about: the call that the message asks about: a reply to it is about that call.
        :param card_of: whose progress card it is: it is kept true from then on.
        """
        chat_id = self.chat_id_here if chat_id is None else chat_id
        screen = self._with_menu(self._prefaced(screen), chat_id)
        body = payload(screen, chat_id, reply_to=reply_to)
        request = Request(method(screen), orjson.dumps(body))
        thing: tuple[int, int | None] | None = None
        if about is not None:
            thing = (about.alert_id, about.id)
        elif card_of is not None and _is_kept_true(card_of, chat_id):
            thing = (card_of.id, None)
        self.voice.will_make(connection, request, chat_id, self.lane, thing, self.language)

    async def show(self, screen: Screen) -> None:
        """Edit the message the tap came from; a new message where that cannot be."""
        await self.write(lambda c: self.will_show(c, screen))

    def will_show(
        self, connection: Connection, screen: Screen, *, card_of: Alert | None = None
    ) -> None:
        """As ``show``, once the running unit is committed.

        :param card_of: whose progress card it is: it is kept true from then on.
        """
        query: CallbackQuery | None = self.incoming.callback_query
        if query is None or query.message is None:
            self.will_say(connection, screen, card_of=card_of)
            return
        if screen.photo is None and getattr(query.message, "photo", None):
            # The words below a picture are not its place.
            self.will_say(connection, screen, card_of=card_of)
            return
        chat_id, message_id = query.message.chat.id, query.message.message_id
        screen = self._prefaced(screen)
        body = payload(screen, chat_id, message_id=message_id)
        request = Request(method(screen, message_id=message_id), orjson.dumps(body))
        self.will_make(connection, request, chat_id)
        if card_of is None and chat_id > 0 and isinstance(screen.keyboard, Inline):
            leave_alone(connection, chat_id, message_id, self.now + PAGE_STAYS)
        # A list of the warning that shows its card for a moment goes on as a list.
        if (
            card_of is not None
            and _is_kept_true(card_of, chat_id)
            and not end_store.loses_buttons(connection, card_of.id, chat_id, message_id)
        ):
            fresh = Card(card_of.id, chat_id, "", self.language, message_id, None)
            take_over(connection, fresh, self.now)

    def will_take_button_away(self, connection: Connection) -> None:
        """The button that was pressed leaves its message, once the running unit is committed.

        The others stay.
        """
        query: CallbackQuery | None = self.incoming.callback_query
        markup = getattr(None if query is None else query.message, "reply_markup", None)
        if query is None or query.message is None or markup is None:
            return
        left = [
            [button.to_dict() for button in row if button.callback_data != query.data]
            for row in markup.inline_keyboard
        ]
        chat_id = query.message.chat.id
        request = with_buttons(chat_id, query.message.message_id, [row for row in left if row])
        self.will_make(connection, request, chat_id)

    async def make(self, request: Request) -> None:
        """Make a request about this chat."""
        await self.write(lambda c: self.will_make(c, request, self.chat_id_here))

    def will_make(self, connection: Connection, request: Request, chat_id: int) -> None:
        """Make a request about a chat, once the running unit is committed."""
        self.voice.will_make(connection, request, chat_id, self.lane)

    def tell_without_store(self, screen: Screen) -> None:
        """Say something here that cannot be committed: the database does not answer."""
        self.voice.tell_without_store(payload(screen, self.chat_id_here), self.chat_id_here)

    def _prefaced(self, screen: Screen) -> Screen:
        if not self.preface:
            return screen
        preface, self.preface = self.preface, ""
        return replace(screen, text=f"{preface}\n\n{screen.text}")

    @property
    def _went_on(self) -> bool:
        """Whether the person does something else than answer in words what they were asked."""
        if self.conversation is None or not self.conversation.open:
            return False
        if self._left_question or self.incoming.callback_query is not None:
            return True
        message = self.incoming.message
        text = None if message is None else message.text
        return text is not None and (text.startswith(("/", "／")) or item_of(text) is not None)

    @property
    def chat_id_here(self) -> int:
        """The chat it came from."""
        chat = self.incoming.effective_chat
        assert chat is not None
        return chat.id

    def _with_menu(self, screen: Screen, chat_id: int) -> Screen:
        """With the keyboard of the person's post, where the message has no buttons of its own.

        Whom the roster linked has never had the welcome that brings it: any answer does. In a group
        it would be everybody's.
        """
        person = self.person
        if screen.keyboard is not None or person is None or chat_id != person.telegram_id:
            return screen
        return replace(screen, keyboard=menu_for(person, self.language))


def _is_kept_true(alert: Alert, chat_id: int) -> bool:
    """Whether its card changes once more; in a group that is the post."""
    return alert.in_force and chat_id > 0
