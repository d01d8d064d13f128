"""One call of a Bot API method, and the parts of it that most methods read."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from bot.sandbox.bot_api.accounts import BotAccount, Chat, Message, MessageRecord
from bot.sandbox.bot_api.errors import bad_request
from bot.sandbox.bot_api.formatting import Entity, formatted, utf16_length
from bot.sandbox.bot_api.keyboards import Markup, checked_markup
from bot.sandbox.bot_api.methods.parameters import Parameters
from bot.sandbox.bot_api.world import World

TEXT_UNITS = 4096  # UTF-16 code units after the entities were taken out
CAPTION_UNITS = 1024


@dataclass(frozen=True, slots=True)
class MethodCall:
    """Who calls what with which parameters."""

    world: World
    bot: BotAccount
    parameters: Parameters

    def writable_chat(self) -> Chat:
        """The chat named by the parameters.

        :raises ApiError: when there is none, or the bot may not write there.
        """
        return self.world.writable_chat(self.bot, self.parameters.chat_id())

    def visible_chat(self) -> Chat:
        """The chat named by the parameters, even if the bot may not write there.

        :raises ApiError: 400 ``chat not found``.
        """
        return self.world.visible_chat(self.bot, self.parameters.chat_id())

    def message_text(self) -> tuple[str, list[Entity]]:
        """The text to send, plain, and its entities.

        :raises ApiError: 400 when it is empty or too long or cannot be parsed.
        """
        text, entities = formatted(
            self.parameters.text("text"),
            self.parameters.given.get("parse_mode"),
            self.parameters.json("entities"),
        )
        if not text:
            raise bad_request("message text is empty")
        if utf16_length(text) > TEXT_UNITS:
            raise bad_request("message is too long")
        return text, entities

    def caption(self) -> dict[str, Any]:
        """The message fields of the caption; none without a caption.

        :raises ApiError: 400 when it is too long or cannot be parsed.
        """
        return caption_fields(
            self.parameters.text("caption"),
            self.parameters.given.get("parse_mode"),
            self.parameters.json("caption_entities"),
        )

    def markup(self) -> Markup | None:
        """The keyboard to send with the message, if any.

        :raises ApiError: 400 when it is not one.
        """
        if "reply_markup" not in self.parameters.given:
            return None
        return checked_markup(self.parameters.json("reply_markup"))

    def reply(self, chat: Chat) -> dict[str, Any]:
        """The message field ``reply_to_message``, when the parameters name one.

        :raises ApiError: 400 when that message does not exist and must.
        """
        asked = self.parameters.json("reply_parameters") or {}
        message_id = asked.get("message_id") or self.parameters.integer("reply_to_message_id")
        if not message_id:
            return {}
        replied = chat.messages.get(int(message_id))
        if replied is None:
            lenient = asked.get("allow_sending_without_reply")
            if lenient or self.parameters.flag("allow_sending_without_reply"):
                return {}
            raise bad_request("message to be replied not found")
        shown = {k: v for k, v in replied.message.items() if k != "reply_to_message"}
        return {"reply_to_message": shown}

    def send(self, content: dict[str, Any], *, html: str = "") -> Message:
        """Send a message of this bot into the chat named by the parameters.

        :param html: as the bot wrote it.
        :raises ApiError: when the bot may not write there.
        """
        markup = self.markup()
        chat = self.writable_chat()
        content = {**content, **self.reply(chat)}
        if self.parameters.flag("protect_content"):
            content["has_protected_content"] = True
        return self.world.post(chat, self.bot, content, html=html, markup=markup).message

    def html(self, name: str = "text") -> str:
        """The text as the bot wrote it, when that was HTML; for the page and for tests."""
        mode = str(self.parameters.given.get("parse_mode") or "")
        return self.parameters.text(name) if mode.lower() == "html" else ""

    def record(self, chat: Chat, name: str = "message_id") -> MessageRecord | None:
        """The message named by the parameters; ``None`` when there is none."""
        message_id = self.parameters.integer(name)
        return chat.messages.get(message_id) if message_id else None


def caption_fields(
    text: str, parse_mode: str | None, entities: list[Entity] | None
) -> dict[str, Any]:
    """The message fields of a caption; none for an empty one.

    :raises ApiError: 400 when it is too long or cannot be parsed.
    """
    if not text:
        return {}
    caption, found = formatted(text, parse_mode, entities)
    if utf16_length(caption) > CAPTION_UNITS:
        raise bad_request("message caption is too long")
    return {"caption": caption, **({"caption_entities": found} if found else {})}


Method = Callable[[MethodCall], Any]
