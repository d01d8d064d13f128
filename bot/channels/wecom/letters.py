"""What WeCom tells us and what we reply, as XML. Pure.

The shapes are the published ones: document/path/90238 (messages), 90240 (events), 90241 (replies).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import Enum
from typing import Any, NamedTuple

from bot.channels import not_text
from data.errors import InvalidInput

LARGEST = 64 * 1024
"""Bytes of a letter; what members type is at most 2,048 of them."""

_NO_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


class LetterFault(Enum):
    """Why a letter cannot be read."""

    NOT_XML = "not_xml"
    TOO_LONG = "too_long"
    MISSING = "missing"
    BAD_TIME = "bad_time"


class Event(Enum):
    """What a member did, of what concerns us."""

    TEXT = "text"  # typed
    PRESSED = "pressed"  # a button of a card
    OPENED = "opened"  # the app's chat
    JOINED = "joined"  # the app shows with them: taken into its 可见范围, or into the corporation
    LEFT = "left"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Letter:
    """One letter of WeCom.

    :param account: the member's userid.
    :param task_id: of the card whose button was pressed, as ``key`` is of the button.
    :param text: what was typed; of a picture, a voice or a place, that it was one.
    """

    event: Event
    corp_id: str
    account: str
    at: datetime
    text: str = ""
    message_id: str = ""
    task_id: str = ""
    key: str = ""

    @property
    def name(self) -> str:
        """The same for a letter that comes again, and for no other.

        A button is known by the card and who pressed it: pressed twice, it is one answer.
        """
        if self.event is Event.PRESSED:
            return f"{self.task_id} {self.account} {self.key}"
        return self.message_id or f"{self.event.value} {self.account} {int(self.at.timestamp())}"


class CardNow(NamedTuple):
    """A card after a button was pressed.

    :param said: what became of the answer; ``instead``: in place of the buttons, grey.
    """

    title: str
    text: str
    said: str
    instead: str


_EVENTS = {
    "template_card_event": Event.PRESSED,
    "enter_agent": Event.OPENED,
    "subscribe": Event.JOINED,
    "unsubscribe": Event.LEFT,
}


def read_envelope(body: bytes) -> str:
    """The encrypted text in a request's body.

    :raises InvalidInput: with a ``LetterFault``.
    """
    if len(body) > LARGEST:
        raise InvalidInput(LetterFault.TOO_LONG)
    return _wanted(_fields(body), "Encrypt")


def read_letter(plain: bytes) -> Letter:
    """A decrypted letter.

    :raises InvalidInput: with a ``LetterFault``.
    """
    told = _fields(plain)
    kind = told.get("MsgType", "")
    event = Event.TEXT
    if kind == "event":
        event = _EVENTS.get(told.get("Event", ""), Event.OTHER)
    pressed = event is Event.PRESSED
    return Letter(
        event=event,
        corp_id=_wanted(told, "ToUserName"),
        account=_wanted(told, "FromUserName"),
        at=_time(_wanted(told, "CreateTime")),
        text=_words(kind, told),
        message_id=told.get("MsgId", ""),
        task_id=_wanted(told, "TaskId") if pressed else "",
        key=_wanted(told, "EventKey") if pressed else "",
    )


_OTHERS = {
    "image": not_text.PICTURE,
    "voice": not_text.VOICE,
    "video": not_text.VIDEO,
    "link": not_text.LINK,
    "location": not_text.PLACE,
}
"""What a member sent that is no text, by WeCom's words."""


def _words(kind: str, told: Mapping[str, str]) -> str:
    words = told.get("Content", "")
    if kind not in ("event", "text"):
        where = (told.get(field, "") for field in ("Label", "Location_X", "Location_Y"))
        words = not_text.named(kind, _OTHERS, *(where if kind == "location" else ()))
    return words.replace("\0", "")


def text_reply(letter: Letter, words: str, now: datetime) -> bytes:
    """A reply that appears in the app's chat."""
    return _xml({**_head(letter, "text", now), "Content": words})


def card_reply(letter: Letter, card: CardNow, now: datetime) -> bytes:
    """The card as it looks from now on, to the one who pressed its button."""
    fields = {
        "CardType": "button_interaction",
        "MainTitle": {"Title": card.title, "Desc": card.said},
        "SubTitleText": card.text,
        "ButtonList": {"Text": card.instead, "Style": 2, "Key": letter.key},
        "ReplaceText": card.instead,
    }
    return _xml({**_head(letter, "update_template_card", now), "TemplateCard": fields})


def envelope(encrypted: str, signature: str, timestamp: str, nonce: str) -> bytes:
    """An encrypted reply as it is given."""
    return _xml(
        {
            "Encrypt": encrypted,
            "MsgSignature": signature,
            "TimeStamp": int(timestamp),
            "Nonce": nonce,
        }
    )


def _head(letter: Letter, kind: str, now: datetime) -> dict[str, Any]:
    return {
        "ToUserName": letter.account,
        "FromUserName": letter.corp_id,
        "CreateTime": int(now.timestamp()),
        "MsgType": kind,
    }


def _xml(fields: Mapping[str, Any]) -> bytes:
    return f"<xml>{_elements(fields)}</xml>".encode()


def _elements(fields: Mapping[str, Any]) -> str:
    return "".join(f"<{name}>{_content(value)}</{name}>" for name, value in fields.items())


def _content(value: Any) -> str:
    if isinstance(value, Mapping):
        return _elements(value)
    if isinstance(value, int):
        return str(value)
    kept = _NO_XML.sub("", value).replace("]]>", "]]]]><![CDATA[>")
    return f"<![CDATA[{kept}]]>"


def _fields(body: bytes) -> dict[str, str]:
    """The fields of a flat XML document: the only shape that comes."""
    from defusedxml import DefusedXmlException, ElementTree  # only where WeCom is used

    try:
        root = ElementTree.fromstring(body, forbid_dtd=True)
    except (ElementTree.ParseError, DefusedXmlException, ValueError, LookupError) as error:
        raise InvalidInput(LetterFault.NOT_XML) from error
    return {element.tag: (element.text or "").strip() for element in root}


def _wanted(told: Mapping[str, str], field: str) -> str:
    if not told.get(field):
        raise InvalidInput(LetterFault.MISSING, field=field)
    return told[field]


def _time(text: str) -> datetime:
    try:
        return datetime.fromtimestamp(int(text), UTC)
    except (ValueError, OverflowError, OSError) as error:
        raise InvalidInput(LetterFault.BAD_TIME, field="CreateTime") from error
