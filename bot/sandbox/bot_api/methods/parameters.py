"""The parameters of a call, whatever way they came: query, JSON, form or multipart. Pure.

Telegram takes numbers and objects as JSON or as text holding JSON; so does this.
"""

from __future__ import annotations

from typing import Any

import orjson

from bot.sandbox.bot_api.errors import bad_request

_TRUE = ("true", "yes", "1", "t", "y")


class Parameters:
    """Reads parameters by type; a missing one is None, False or empty."""

    __slots__ = ("given", "uploads")

    def __init__(
        self, given: dict[str, Any], uploads: dict[str, tuple[str, bytes]] | None = None
    ) -> None:
        """:param uploads: multipart files by field name: file name and content."""
        self.given = given
        self.uploads = uploads or {}

    def text(self, name: str) -> str:
        """A text; anything else is written as JSON."""
        value = self.given.get(name)
        if value is None:
            return ""
        return value if isinstance(value, str) else orjson.dumps(value).decode()

    def integer(self, name: str) -> int | None:
        """A whole number.

        :raises ApiError: 400 when it is none.
        """
        value = self.given.get(name)
        if value is None or value == "":
            return None
        try:
            return int(value)
        except (TypeError, ValueError):
            raise bad_request(f'field "{name}" must be a valid Number') from None

    def number(self, name: str) -> float | None:
        """A number.

        :raises ApiError: 400 when it is none.
        """
        value = self.given.get(name)
        if value is None or value == "":
            return None
        try:
            return float(value)
        except (TypeError, ValueError):
            raise bad_request(f'field "{name}" must be a valid Number') from None

    def flag(self, name: str) -> bool:
        """A truth value."""
        value = self.given.get(name)
        return value if isinstance(value, bool) else str(value).lower() in _TRUE

    def json(self, name: str) -> Any:
        """An object or list; text is parsed as JSON.

        :raises ApiError: 400 when it cannot be.
        """
        value = self.given.get(name)
        if isinstance(value, str):
            if not value:
                return None
            try:
                return orjson.loads(value)
            except orjson.JSONDecodeError:
                raise bad_request(f"can't parse {name.replace('_', ' ')} JSON object") from None
        return value

    def chat_id(self, name: str = "chat_id") -> int | str:
        """The chat: a number, or text for ``@name``.

        :raises ApiError: 400 when it is missing.
        """
        value = self.given.get(name)
        if isinstance(value, int) and not isinstance(value, bool):
            return value
        if value is None or value == "":
            raise bad_request(f"{name} is empty")
        text = str(value).strip()
        if text.startswith("@"):
            return text
        try:
            return int(text)
        except ValueError:
            raise bad_request("chat not found") from None

    def chat_number(self) -> int | None:
        """The chat as a number, if there is one: for limits, faults and the log."""
        value = self.given.get("chat_id")
        if isinstance(value, int):
            return value
        try:
            return int(value) if value else None
        except (TypeError, ValueError):
            return None
