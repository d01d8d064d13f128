"""What people send from the camera and the microphone."""

from __future__ import annotations

from typing import Any

from bot.sandbox.accounts import Message
from bot.sandbox.formatting import formatted
from bot.sandbox.media import PIXEL, content_of
from bot.sandbox.presence import Presence, Which


class Pictures(Presence):
    """Sending files. ``content`` is the real file; without it, a placeholder of one pixel.

    Messages with the same ``media_group_id`` form an album.
    """

    def send_photo(
        self,
        user_id: int,
        content: bytes = b"",
        *,
        caption: str = "",
        media_group_id: str | None = None,
        chat_id: int | None = None,
        reply_to: int | None = None,
        bot: Which = None,
    ) -> Message:
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
        bot: Which = None,
    ) -> Message:
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
        bot: Which = None,
    ) -> Message:
        return self._file("video_note", user_id, content, "", None, chat_id, reply_to, bot)

    def send_voice(
        self,
        user_id: int,
        content: bytes = b"",
        *,
        caption: str = "",
        chat_id: int | None = None,
        reply_to: int | None = None,
        bot: Which = None,
    ) -> Message:
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
        bot: Which = None,
    ) -> Message:
        return self._file(
            "document", user_id, content, caption, media_group_id, chat_id, reply_to, bot, name
        )

    def _file(
        self,
        kind: str,
        user_id: int,
        content: bytes,
        caption: str,
        media_group_id: str | None,
        chat_id: int | None,
        reply_to: int | None,
        bot: Which,
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
