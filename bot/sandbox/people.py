"""What people do in the sandbox: press Start, write, tap, share, send pictures, block the bot.

Nothing here waits: each action changes the world at once and queues the bots' updates. ``bot`` is a
token, an id or ``@username``; the first bot when left out. ``chat_id`` left out is the private chat
with that bot. An impossible action (a button that is not there, a stranger writing in a group)
raises ``SandboxMistake``.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from bot.sandbox.accounts import Message
from bot.sandbox.errors import SandboxMistake
from bot.sandbox.formatting import formatted
from bot.sandbox.keyboards import buttons, keys
from bot.sandbox.pictures import Pictures
from bot.sandbox.presence import Which


class People(Pictures):
    """The users of the sandbox."""

    # -- words ------------------------------------------------------------------------------------

    def press_start(self, user_id: int, payload: str = "", *, bot: Which = None) -> Message:
        """Open the bot by a link ``t.me/bot?start=payload`` and press Start (or Restart)."""
        person = self._world.known(user_id)
        if self._world.bot(bot).id in person.blocked:
            self.unblock_bot(user_id, bot=bot)
        return self.send_text(user_id, f"/start {payload}".strip(), bot=bot)

    def send_text(
        self,
        user_id: int,
        text: str,
        *,
        chat_id: int | None = None,
        reply_to: int | None = None,
        bot: Which = None,
    ) -> Message:
        """Type a message; commands, links and mentions are marked as Telegram's apps do."""
        plain, entities = formatted(text, None)
        content: dict[str, Any] = {"text": plain, **({"entities": entities} if entities else {})}
        return self._say(user_id, chat_id, bot, content, reply_to)

    def edit_text(
        self,
        user_id: int,
        message_id: int,
        text: str,
        *,
        chat_id: int | None = None,
        bot: Which = None,
    ) -> Message:
        """Edit one's own text; bots get ``edited_message``."""
        person, chat = self._place(user_id, chat_id, bot)
        record = self._own(person, chat, message_id)
        plain, entities = formatted(text, None)
        record.message["text"] = plain
        record.message.pop("entities", None)
        if entities:
            record.message["entities"] = entities
        self._world.changed(chat, record, person)
        return record.message

    def forward(
        self,
        user_id: int,
        from_chat_id: int,
        message_id: int,
        *,
        to_chat_id: int | None = None,
        bot: Which = None,
    ) -> Message:
        """Forward a message. Buttons with callback data stay behind, as in Telegram."""
        origin = self._world.chat(self._world.bot(bot), from_chat_id).messages.get(message_id)
        if origin is None:
            raise SandboxMistake(f"no message {message_id} in chat {from_chat_id}")
        left_out = {"message_id", "from", "chat", "date", "edit_date", "reply_to_message"}
        content = {k: v for k, v in origin.message.items() if k not in left_out | {"reply_markup"}}
        content["forward_origin"] = {
            "type": "user",
            "sender_user": origin.message["from"],
            "date": origin.message["date"],
        }
        return self._say(user_id, to_chat_id, bot, content, None)

    # -- buttons ----------------------------------------------------------------------------------

    def tap(
        self,
        user_id: int,
        chat_id: int,
        message_id: int,
        *,
        text: str | None = None,
        data: str | None = None,
        bot: Which = None,
    ) -> str:
        """Tap an inline button.

        :param text: part of the button's text; the button must be there.
        :param data: instead of ``text``: any callback data, any chat's message (a forged tap too).
        :returns: the callback query's id; ``watch.callback_answer`` waits for its answer.
        """
        world = self._world
        person = world.known(user_id)
        chat = world.chat(world.bot(bot), chat_id)
        record = chat.messages.get(message_id)
        account = world.bot(bot)
        if bot is None and record is not None:
            account = world.bot_by_id(record.sender_id) or account
        if text is not None:
            if record is None:
                raise SandboxMistake(f"no message {message_id} in chat {chat_id}")
            if chat.is_private and user_id != chat_id:
                raise SandboxMistake(f"user {user_id} cannot see the private chat {chat_id}")
            labels = [button["text"] for button in buttons(record.message)]
            data = next(
                (b.get("callback_data") for b in buttons(record.message) if text in b["text"]), None
            )
            if data is None:
                raise SandboxMistake(f"no button {text!r} on message {message_id}: {labels}")
        if data is None:
            raise SandboxMistake("tap needs text or data")
        query = world.open_query(account, user_id, data)
        world.event(
            "callback_query",
            chat,
            user_id=user_id,
            message_id=message_id,
            query_id=query.id,
            data=data,
        )
        world.queue(
            account,
            "callback_query",
            {
                "id": query.id,
                "from": person.user,
                "message": record.message if record else world.forgotten(chat, message_id, account),
                "chat_instance": str(hash((chat.id, chat.bot_id)) & 0x7FFFFFFFFFFFFFFF),
                "data": data,
            },
        )
        return query.id

    def press_key(
        self,
        user_id: int,
        text: str,
        *,
        chat_id: int | None = None,
        location: tuple[float, float, float] | None = None,
        bot: Which = None,
    ) -> Message:
        """Press a button of the reply keyboard, found by part of its text.

        :param location: latitude, longitude, accuracy in metres; for a key that asks for it.
        """
        _, chat = self._place(user_id, chat_id, bot)
        shown = list(keys(chat.keyboards.get(user_id)))
        key = next((key for key in shown if text in key["text"]), None)
        if key is None:
            labels = [key["text"] for key in shown]
            raise SandboxMistake(f"no key {text!r} on the keyboard of user {user_id}: {labels}")
        if key.get("request_location"):
            if location is None:
                raise SandboxMistake("this key asks for a position: give location")
            latitude, longitude, accuracy = location
            return self.send_location(
                user_id, latitude, longitude, horizontal_accuracy=accuracy, chat_id=chat_id, bot=bot
            )
        if key.get("request_contact"):
            return self.share_contact(user_id, chat_id=chat_id, bot=bot)
        return self.send_text(user_id, key["text"], chat_id=chat_id, bot=bot)

    # -- contact and position ---------------------------------------------------------------------

    def share_contact(
        self,
        user_id: int,
        *,
        contact_user_id: int | None = None,
        phone: str | None = None,
        first_name: str | None = None,
        chat_id: int | None = None,
        bot: Which = None,
    ) -> Message:
        """Share a contact: one's own unless ``contact_user_id``, or ``phone`` with
        ``first_name`` (a phone-book entry without an account), says otherwise."""
        person = self._world.known(user_id)
        if first_name is not None and contact_user_id is None:
            contact = {"phone_number": phone or "", "first_name": first_name}
        else:
            whose = self._world.known(contact_user_id) if contact_user_id else person
            contact = {
                "phone_number": phone or whose.phone,
                "first_name": first_name or whose.user["first_name"],
                "user_id": whose.user["id"],
            }
        if not contact["phone_number"]:
            raise SandboxMistake("that contact has no phone number: give phone")
        return self._say(user_id, chat_id, bot, {"contact": contact}, None)

    def send_location(
        self,
        user_id: int,
        latitude: float,
        longitude: float,
        *,
        horizontal_accuracy: float | None = None,
        live_period: int | None = None,
        date: int | None = None,
        chat_id: int | None = None,
        reply_to: int | None = None,
        bot: Which = None,
    ) -> Message:
        """Send a position (WGS-84 degrees, accuracy in metres), live for ``live_period`` seconds.

        :param date: seconds since the epoch, when the phone was out of reach; default now.
        """
        place: dict[str, Any] = {"latitude": latitude, "longitude": longitude}
        if horizontal_accuracy is not None:
            place["horizontal_accuracy"] = horizontal_accuracy
        if live_period is not None:
            place["live_period"] = live_period
        return self._say(user_id, chat_id, bot, {"location": place}, reply_to, date=date)

    def move_live_location(
        self,
        user_id: int,
        message_id: int,
        latitude: float,
        longitude: float,
        *,
        horizontal_accuracy: float | None = None,
        chat_id: int | None = None,
        bot: Which = None,
    ) -> Message:
        """The phone moved: bots get ``edited_message`` with the new position."""
        place: dict[str, Any] = {"latitude": latitude, "longitude": longitude}
        if horizontal_accuracy is not None:
            place["horizontal_accuracy"] = horizontal_accuracy
        return self._relocate(user_id, message_id, chat_id, bot, lambda old: {**old, **place})

    def stop_live_location(
        self, user_id: int, message_id: int, *, chat_id: int | None = None, bot: Which = None
    ) -> Message:
        """Stop sharing: a last ``edited_message`` without live_period."""
        return self._relocate(
            user_id,
            message_id,
            chat_id,
            bot,
            lambda old: {k: v for k, v in old.items() if k != "live_period"},
        )

    def _relocate(
        self,
        user_id: int,
        message_id: int,
        chat_id: int | None,
        bot: Which,
        moved: Callable[[dict[str, Any]], dict[str, Any]],
    ) -> Message:
        person, chat = self._place(user_id, chat_id, bot)
        record = self._own(person, chat, message_id)
        if "live_period" not in record.message.get("location", {}):
            raise SandboxMistake(f"message {message_id} is not a live location")
        record.message["location"] = moved(record.message["location"])
        self._world.changed(chat, record, person)
        return record.message
