"""What people do in the sandbox: press Start, write, tap, share, send files, block the bot."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from bot.sandbox.bot_api.accounts import (
    HERE,
    BotAccount,
    Chat,
    Message,
    MessageRecord,
    Update,
    UserAccount,
)
from bot.sandbox.bot_api.errors import SandboxMistake
from bot.sandbox.bot_api.formatting import formatted
from bot.sandbox.bot_api.keyboards import buttons, keys
from bot.sandbox.bot_api.live_locations import not_live, position
from bot.sandbox.bot_api.media import PIXEL, content_of
from bot.sandbox.bot_api.members import member_changed
from bot.sandbox.bot_api.reactions import reacted
from bot.sandbox.bot_api.world import WhichBot, World


class People:
    """What the users of the sandbox do.

    Nothing here waits: each action changes the world at once and queues the bots' updates. ``bot``
    is a token, an id or ``@username``; the first bot when left out. ``chat_id`` left out is the
    private chat with that bot.

    :raises SandboxMistake: for what nobody could do (a button that is not there, a stranger
        writing in a group).
    """

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
        person = self._world.persons.setdefault(user_id, UserAccount(user))
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

    def block_bot(self, user_id: int, *, bot: WhichBot = None) -> None:
        """Block the bot: its messages are refused from now on."""
        person, account = self._world.known(user_id), self._world.bot(bot)
        if account.id not in person.blocked:
            person.blocked.add(account.id)
            self._standing(account, person, "member", "kicked")

    def unblock_bot(self, user_id: int, *, bot: WhichBot = None) -> None:
        """Unblock it again."""
        person, account = self._world.known(user_id), self._world.bot(bot)
        if account.id in person.blocked:
            person.blocked.discard(account.id)
            self._standing(account, person, "kicked", "member")

    def deactivate(self, user_id: int) -> None:
        """Delete the account; no bot is told."""
        self._world.known(user_id).deactivated = True

    def inject_update(self, update: Update, *, bot: WhichBot = None) -> int | None:
        """Queue an update as it is given: ``{"callback_query": {...}}``.

        :returns: its update_id, or None when the bot does not want this kind.
        """
        account = self._world.bot(bot)
        kinds = [name for name in update if name != "update_id"]
        if len(kinds) != 1:
            raise SandboxMistake(f"an update has one kind, not {kinds}")
        return self._world.queue(account, kinds[0], update[kinds[0]])

    # -- words ------------------------------------------------------------------------------------

    def press_start(self, user_id: int, payload: str = "", *, bot: WhichBot = None) -> Message:
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
        bot: WhichBot = None,
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
        bot: WhichBot = None,
    ) -> Message:
        """Edit a text of the user's own; bots get ``edited_message``."""
        person, chat = self._place(user_id, chat_id, bot)
        record = self._own(person, chat, message_id)
        plain, entities = formatted(text, None)
        record.message["text"] = plain
        record.message.pop("entities", None)
        if entities:
            record.message["entities"] = entities
        self._world.changed(chat, record, person)
        return record.message

    def react(
        self,
        user_id: int,
        message_id: int,
        emoji: str | None,
        *,
        chat_id: int | None = None,
        bot: WhichBot = None,
    ) -> None:
        """React to a message with one emoji, or (``None``) take the reaction back."""
        reacted(self._world, *self._place(user_id, chat_id, bot), message_id, emoji)

    def forward(
        self,
        user_id: int,
        from_chat_id: int,
        message_id: int,
        *,
        to_chat_id: int | None = None,
        bot: WhichBot = None,
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
        bot: WhichBot = None,
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
        bot: WhichBot = None,
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
        bot: WhichBot = None,
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
        bot: WhichBot = None,
    ) -> Message:
        """Send a position (WGS-84 degrees, accuracy in metres), live for ``live_period`` seconds.

        :param date: seconds since the epoch, when the phone was out of reach; default now.
        """
        place = position(latitude, longitude, horizontal_accuracy)
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
        bot: WhichBot = None,
    ) -> Message:
        """Move a live position; bots get ``edited_message`` with the new one."""
        place = position(latitude, longitude, horizontal_accuracy)
        return self._relocate(user_id, message_id, chat_id, bot, lambda old: {**old, **place})

    def stop_live_location(
        self, user_id: int, message_id: int, *, chat_id: int | None = None, bot: WhichBot = None
    ) -> Message:
        """Stop sharing a live position; bots get a last ``edited_message`` without live_period."""
        return self._relocate(user_id, message_id, chat_id, bot, not_live)

    # -- files: ``content`` is the real file; without it a placeholder of one pixel ----------------

    def send_photo(
        self,
        user_id: int,
        content: bytes = b"",
        *,
        caption: str = "",
        media_group_id: str | None = None,
        chat_id: int | None = None,
        reply_to: int | None = None,
        bot: WhichBot = None,
    ) -> Message:
        """Send a photo; the same ``media_group_id`` makes an album."""
        return self._file(
            "photo", user_id, content, caption, media_group_id, chat_id, reply_to, bot
        )

    def send_video(
        self,
        user_id: int,
        content: bytes = b"",
        *,
        caption: str = "",
        media_group_id: str | None = None,
        chat_id: int | None = None,
        reply_to: int | None = None,
        bot: WhichBot = None,
    ) -> Message:
        """Send a video; the same ``media_group_id`` makes an album."""
        return self._file(
            "video", user_id, content, caption, media_group_id, chat_id, reply_to, bot
        )

    def send_video_note(
        self,
        user_id: int,
        content: bytes = b"",
        *,
        chat_id: int | None = None,
        reply_to: int | None = None,
        bot: WhichBot = None,
    ) -> Message:
        """Send a round video."""
        return self._file("video_note", user_id, content, "", None, chat_id, reply_to, bot)

    def send_voice(
        self,
        user_id: int,
        content: bytes = b"",
        *,
        caption: str = "",
        chat_id: int | None = None,
        reply_to: int | None = None,
        bot: WhichBot = None,
    ) -> Message:
        """Send a voice message."""
        return self._file("voice", user_id, content, caption, None, chat_id, reply_to, bot)

    def send_document(
        self,
        user_id: int,
        content: bytes = b"",
        *,
        name: str = "",
        caption: str = "",
        media_group_id: str | None = None,
        chat_id: int | None = None,
        reply_to: int | None = None,
        bot: WhichBot = None,
    ) -> Message:
        """Send a file of this ``name``."""
        return self._file(
            "document", user_id, content, caption, media_group_id, chat_id, reply_to, bot, name
        )

    # -- what the actions share --------------------------------------------------------------------

    def _standing(self, bot: BotAccount, person: UserAccount, before: str, after: str) -> None:
        chat = self._world.private(bot, person.user["id"])
        member_changed(self._world, bot, chat, person.user, bot.user, before, after)

    def _place(self, user_id: int, chat_id: int | None, bot: WhichBot) -> tuple[UserAccount, Chat]:
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

    def _own(self, person: UserAccount, chat: Chat, message_id: int) -> MessageRecord:
        record = chat.messages.get(message_id)
        if record is None or record.sender_id != person.user["id"]:
            raise SandboxMistake(f"message {message_id} is not one of this user's")
        return record

    def _say(
        self,
        user_id: int,
        chat_id: int | None,
        bot: WhichBot,
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

    def _relocate(
        self,
        user_id: int,
        message_id: int,
        chat_id: int | None,
        bot: WhichBot,
        moved: Callable[[dict[str, Any]], dict[str, Any]],
    ) -> Message:
        person, chat = self._place(user_id, chat_id, bot)
        record = self._own(person, chat, message_id)
        if "live_period" not in record.message.get("location", {}):
            raise SandboxMistake(f"message {message_id} is not a live location")
        record.message["location"] = moved(record.message["location"])
        self._world.changed(chat, record, person)
        return record.message

    def _file(
        self,
        kind: str,
        user_id: int,
        content: bytes,
        caption: str,
        media_group_id: str | None,
        chat_id: int | None,
        reply_to: int | None,
        bot: WhichBot,
        name: str = "",
    ) -> Message:
        fields: dict[str, Any] = content_of(self._world.files.add(kind, content or PIXEL, name))
        if caption:
            fields["caption"], entities = formatted(caption, None)
            if entities:
                fields["caption_entities"] = entities
        if media_group_id:
            fields["media_group_id"] = media_group_id
        return self._say(user_id, chat_id, bot, fields, reply_to)
