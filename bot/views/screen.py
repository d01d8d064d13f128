"""A message as data, the Bot API request it becomes, and safe text for it.

The text is Telegram's HTML. Whatever is put in, a ``Screen`` is one that Telegram accepts: not
longer than the limit after parsing, with every tag closed. A warning that is cut is better than
one that is refused.
"""

from __future__ import annotations

import html
import re
import unicodedata
from dataclasses import dataclass
from typing import Any

LONGEST_TEXT = 4096
"""Characters of a message after parsing (Bot API, sendMessage)."""

LONGEST_CAPTION = 1024
LONGEST_TOAST = 200
LONGEST_BUTTON = 60
LONGEST_NAME = 64
"""Ours: a longer button is unreadable on a phone, whatever Telegram takes."""

LONGEST_DATA = 64
"""Bytes of callback data (Bot API, InlineKeyboardButton)."""


@dataclass(frozen=True, slots=True)
class Button:
    """One button. ``data`` and ``url`` are for inline keyboards, the requests for reply ones."""

    text: str
    data: str | None = None
    url: str | None = None
    request_location: bool = False
    request_contact: bool = False

    def __post_init__(self) -> None:
        if self.data is not None and not 1 <= len(self.data.encode()) <= LONGEST_DATA:
            raise ValueError(f"callback data of {len(self.data.encode())} bytes")
        object.__setattr__(self, "text", shorten(self.text, LONGEST_BUTTON) or "…")

    def as_dict(self) -> dict[str, Any]:
        """The Bot API's object."""
        fields: dict[str, Any] = {"text": self.text}
        if self.data is not None:
            fields["callback_data"] = self.data
        if self.url is not None:
            fields["url"] = self.url
        if self.request_location:
            fields["request_location"] = True
        if self.request_contact:
            fields["request_contact"] = True
        return fields


Rows = tuple[tuple[Button, ...], ...]


@dataclass(frozen=True, slots=True)
class Inline:
    """Buttons under the message."""

    rows: Rows

    def as_dict(self) -> dict[str, Any]:
        """The Bot API's InlineKeyboardMarkup."""
        return {"inline_keyboard": _rows(self.rows)}


@dataclass(frozen=True, slots=True)
class ReplyKeyboard:
    """Buttons in place of the phone's keyboard."""

    rows: Rows
    persistent: bool = True
    resize: bool = True
    placeholder: str | None = None

    def as_dict(self) -> dict[str, Any]:
        """The Bot API's ReplyKeyboardMarkup."""
        fields: dict[str, Any] = {
            "keyboard": _rows(self.rows),
            "is_persistent": self.persistent,
            "resize_keyboard": self.resize,
        }
        if self.placeholder:
            fields["input_field_placeholder"] = self.placeholder[:64]
        return fields


@dataclass(frozen=True, slots=True)
class RemoveReply:
    """Takes the reply keyboard away."""

    def as_dict(self) -> dict[str, Any]:
        """The Bot API's ReplyKeyboardRemove."""
        return {"remove_keyboard": True}


@dataclass(frozen=True, slots=True)
class ForceReply:
    """Opens the phone's keyboard for an answer in words."""

    placeholder: str | None = None

    def as_dict(self) -> dict[str, Any]:
        """The Bot API's ForceReply."""
        fields: dict[str, Any] = {"force_reply": True}
        if self.placeholder:
            fields["input_field_placeholder"] = self.placeholder[:64]
        return fields


Keyboard = Inline | ReplyKeyboard | RemoveReply | ForceReply


@dataclass(frozen=True, slots=True)
class Screen:
    """One message. ``photo`` is a Telegram file id; then ``text`` is its caption."""

    text: str
    keyboard: Keyboard | None = None
    photo: str | None = None
    silent: bool = False

    def __post_init__(self) -> None:
        most = LONGEST_TEXT if self.photo is None else LONGEST_CAPTION
        object.__setattr__(self, "text", cut(self.text, most))


def method(screen: Screen, *, message_id: int | None = None) -> str:
    """The Bot API method that ``payload`` is for."""
    if message_id is not None:
        return "editMessageText" if screen.photo is None else "editMessageCaption"
    return "sendMessage" if screen.photo is None else "sendPhoto"


def payload(
    screen: Screen,
    chat_id: int,
    *,
    message_id: int | None = None,
    reply_to: int | None = None,
) -> dict[str, Any]:
    """The request's fields: of an edit when ``message_id`` is given, else of a new message."""
    fields: dict[str, Any] = {"chat_id": chat_id, "parse_mode": "HTML"}
    if screen.photo is None:
        fields["text"] = screen.text
        fields["link_preview_options"] = {"is_disabled": True}
    else:
        fields["caption"] = screen.text
    if message_id is not None:
        fields["message_id"] = message_id
        # An edit takes no keyboard but an inline one, and removes that one when none is given.
        if isinstance(screen.keyboard, Inline):
            fields["reply_markup"] = screen.keyboard.as_dict()
        return fields
    if screen.photo is not None:
        fields["photo"] = screen.photo
    if screen.keyboard is not None:
        fields["reply_markup"] = screen.keyboard.as_dict()
    if screen.silent:
        fields["disable_notification"] = True
    if reply_to is not None:
        fields["reply_parameters"] = {
            "message_id": reply_to,
            "allow_sending_without_reply": True,
        }
    return fields


def escape(text: str) -> str:
    """People's text inside a message: markup is shown as typed, nothing turns the line around."""
    return html.escape(clean(text), quote=False)


def name(text: str) -> str:
    """A person's or place's name inside a message: escaped, in one line, not endless."""
    return html.escape(shorten(text, LONGEST_NAME), quote=False)


def bold(text: str) -> str:
    """The text in bold, escaped."""
    return f"<b>{escape(text)}</b>"


def quote(text: str) -> str:
    """The text as a quotation, escaped."""
    return f"<blockquote>{escape(text)}</blockquote>"


def mention(text: str, telegram_id: int | None) -> str:
    """A name that notifies its owner in a group, when they are linked to Telegram."""
    if telegram_id is None:
        return name(text)
    return f'<a href="tg://user?id={telegram_id}">{name(text)}</a>'


def clean(text: str) -> str:
    """Without what cannot be sent (surrogates, controls) or turns the line around (bidi)."""
    if text.isascii() and text.isprintable():
        return text
    return text.translate(_CLEANED)


def shorten(text: str, most: int) -> str:
    """Plain text in one line of at most ``most`` characters."""
    line = " ".join(clean(text).split())
    return line if len(line) <= most else line[: most - 1] + "…"


def toast(text: str) -> str:
    """What answerCallbackQuery can show: plain, at most 200 characters."""
    return clean(text) if length(text) <= LONGEST_TOAST else _cut_plain(clean(text), LONGEST_TOAST)


def length(text: str) -> int:
    """The length of a text as Telegram counts it: UTF-16 code units."""
    if text.isascii():
        return len(text)
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def visible_length(text: str) -> int:
    """The length of an HTML text after parsing."""
    return length(html.unescape(_TAG.sub("", text)))


def cut(text: str, most: int) -> str:
    """``text`` (HTML) with at most ``most`` characters after parsing, and its tags closed."""
    if 2 * len(text) <= most or visible_length(text) <= most:
        return text
    room, open_tags, kept = most - 1, list[str](), list[str]()
    for token in _TOKEN.finditer(text):
        piece = token.group()
        if token.lastgroup == "tag":
            tag = piece.strip("</>").split()[0]
            if not piece.startswith("</"):
                open_tags.append(tag)
            elif open_tags:
                open_tags.pop()
        else:
            size = length(html.unescape(piece))
            if size > room:
                if not piece.startswith("&"):
                    kept.append(_beginning(piece, room))
                break
            room -= size
        kept.append(piece)
    return "".join([*kept, "…", *(f"</{tag}>" for tag in reversed(open_tags))])


def _beginning(text: str, most: int) -> str:
    """As much as fits; never half of a character."""
    return text.encode("utf-16-le", "surrogatepass")[: 2 * most].decode("utf-16-le", "ignore")


def _cut_plain(text: str, most: int) -> str:
    while length(text) > most - 1:
        text = text[: -max(1, (length(text) - most + 1) // 2)]
    return text + "…"


_TAG = re.compile(r"</?[a-z][^<>]*>")
_TOKEN = re.compile(r"(?P<tag></?[a-z][^<>]*>)|(?P<text>&[#a-zA-Z0-9]{1,8};|[^<&]+|.)", re.DOTALL)
_BIDI = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def _kept(char: str) -> bool:
    return char not in _BIDI and unicodedata.category(char) not in ("Cc", "Cs", "Cn")


_RARE = 0xFFFF
_EMOJI = range(0x1F000, 0x1FB00)


class _Cleaned(dict[int, int | None]):
    """What becomes of each character, looked up once: asking ``_kept`` took three times as long."""

    def __missing__(self, code: int) -> int | None:
        kept = code if code == ord("\n") or _kept(chr(code)) else None
        if code <= _RARE or code in _EMOJI:  # no stranger fills the memory with rare ones
            self[code] = kept
        return kept


_CLEANED = _Cleaned()


def _rows(rows: Rows) -> list[list[dict[str, Any]]]:
    return [[button.as_dict() for button in row] for row in rows if row]
