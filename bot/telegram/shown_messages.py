"""What messages in chats show, as far as is known: an edit that would change nothing is not made.

Telegram refuses such an edit ("message is not modified"), and it has cost a place in the pace. A
button pressed twice asks for one, and so does a card of which something changed and changed back.
Pure.

Nothing here outlives the process, and whatever is not certain is forgotten: one edit too many is
harmless, one too few would leave a message wrong.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping
from typing import Any, NamedTuple

import orjson

MOST = 20_000
"""Messages remembered; the longest unchanged are forgotten first."""

_SHOWN = ("text", "parse_mode", "link_preview_options", "reply_markup")
_CHANGES = ("edit", "delete")  # how the methods begin that change or take away a message


class Edit(NamedTuple):
    """What a request makes a message show; ``None`` when that is not remembered."""

    chat_id: int
    message_id: int
    content: int | None  # equal contents, equal numbers


def edit_of(method: str, body: bytes) -> Edit | None:
    """The edit that a request is; ``None`` when it changes no single message."""
    if not method.startswith(_CHANGES):
        return None
    fields = orjson.loads(body)
    message_id = fields.get("message_id")
    if message_id is None:
        return None
    content = _content(fields) if method == "editMessageText" else None
    return Edit(fields["chat_id"], message_id, content)


class ShownMessages:
    """What is shown, from the moment that Telegram has told so."""

    def __init__(self) -> None:
        self._content: OrderedDict[tuple[int, int], int] = OrderedDict()
        self._under_way: dict[tuple[int, int], _UnderWay] = {}

    def shows(self, edit: Edit) -> bool:
        """Whether the message shows already what the edit would make it show."""
        shown = self._content.get((edit.chat_id, edit.message_id))
        return shown is not None and shown == edit.content

    def leaves(self, edit: Edit) -> None:
        """The edit is being made: until its answer, nobody knows what the message shows."""
        key = (edit.chat_id, edit.message_id)
        self._content.pop(key, None)
        others = self._under_way.get(key, _NOTHING)
        self._under_way[key] = _UnderWay(others.number + 1, others.number > 0)

    def arrived(self, edit: Edit, *, done: bool) -> None:
        """The answer to an edit came; ``done``: the message shows it now.

        Of edits that were under way together nobody knows which came last: none is believed.
        """
        key = (edit.chat_id, edit.message_id)
        under_way = self._under_way.pop(key, _NOTHING)
        if under_way.number > 1:
            self._under_way[key] = _UnderWay(under_way.number - 1, together=True)
        elif done and not under_way.together and edit.content is not None:
            self._remember(key, edit.content)

    def sent(self, chat_id: int, message_id: int, body: bytes) -> None:
        """A new message was sent: ``body`` is the JSON of its parameters."""
        self._remember((chat_id, message_id), _content(orjson.loads(body)))

    def _remember(self, key: tuple[int, int], content: int) -> None:
        self._content[key] = content
        self._content.move_to_end(key)
        if len(self._content) > MOST:
            self._content.popitem(last=False)


class _UnderWay(NamedTuple):
    """So many edits of a message are being made; ``together``: more than one at a time."""

    number: int
    together: bool


_NOTHING = _UnderWay(0, together=False)


def _content(fields: Mapping[str, Any]) -> int:
    shown = [fields.get(name) for name in _SHOWN]
    return hash(orjson.dumps(shown, option=orjson.OPT_SORT_KEYS))
