"""What the cards in chats show, as far as is known: an edit that would change nothing is not made.

A card's edit is queued when what it counts has changed, and rendered later, when it is about to
leave: it may show already what the next one would. Telegram refuses such an edit ("message is not
modified"), and it has cost a place in the pace. Pure.

Nothing here outlives the process, and whatever is not certain is forgotten: one edit too many is
harmless, one too few would leave a card wrong.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping
from typing import Any, NamedTuple

import orjson

MOST = 20_000
"""Messages remembered; the longest unchanged are forgotten first."""


class Edit(NamedTuple):
    """What an edit would make a message show."""

    chat_id: int
    message_id: int
    content: int  # equal contents, equal numbers


def edit_of(method: str, body: bytes) -> Edit | None:
    """The edit that a request is; ``None`` when it edits no message's text."""
    if method != "editMessageText":
        return None
    fields = orjson.loads(body)
    return Edit(fields["chat_id"], fields["message_id"], _content(fields))


class ShownMessages:
    """The newest content handed over for each message that is kept up to date."""

    def __init__(self) -> None:
        self._content: OrderedDict[tuple[int, int], int] = OrderedDict()

    def will_change(self, edit: Edit) -> bool:
        """Whether the edit must be made; from now on the message counts as showing it."""
        key = (edit.chat_id, edit.message_id)
        if self._content.get(key) == edit.content:
            return False
        self._remember(key, edit.content)
        return True

    def sent(self, chat_id: int, message_id: int, body: bytes) -> None:
        """A new message was sent: ``body`` is the JSON of its parameters."""
        self._remember((chat_id, message_id), _content(orjson.loads(body)))

    def forget(self, chat_id: int, message_id: int) -> None:
        """What this message shows is not known any more."""
        self._content.pop((chat_id, message_id), None)

    def _remember(self, key: tuple[int, int], content: int) -> None:
        self._content[key] = content
        self._content.move_to_end(key)
        if len(self._content) > MOST:
            self._content.popitem(last=False)


def _content(fields: Mapping[str, Any]) -> int:
    shown = (fields.get("text"), fields.get("reply_markup"))
    return hash(orjson.dumps(shown, option=orjson.OPT_SORT_KEYS))
