"""A call as a card of Feishu: its card JSON 2.0. Pure.

The text is plain: nothing that somebody wrote into a warning is read as Markdown. Buttons stand
one below the other, large, as wide as the card. A forwarded card has no buttons that work
(Feishu's default).
"""

from __future__ import annotations

from typing import Any

from alerts.channels.model import Kind
from bot.channels.events import OutgoingCall
from bot.channels.reference import reference
from bot.views.warnings.card_replies import link_words

Element = dict[str, Any]

LONGEST_BUTTON = 100  # characters
_OVER = (Kind.END.value, Kind.NARROWED.value)
_COLOURS = ("primary_filled", "danger_filled")  # of the first button, and of the others


def card(call: OutgoingCall, answered: str = "") -> dict[str, Any]:
    """The card; ``answered``: what stands in place of its buttons since one was pressed."""
    elements = [_words(call.text)]
    if answered:
        elements += [{"tag": "hr"}, _words(answered)]
    else:
        elements += [
            _button(words, _COLOURS[place > 0], {"call": reference(call), "key": key})
            for place, (key, words) in enumerate(call.buttons.items())
        ]
        if call.link:
            elements.append(_link(call))
    return _whole(call.title, _colour(call, answered), elements)


def over_card(title: str, words: str) -> dict[str, Any]:
    """The card of a warning that is over, or is no more for there: why, and nothing to press."""
    return _whole(title, "grey", [_words(words)])


def _whole(title: str, colour: str, elements: list[Element]) -> dict[str, Any]:
    return {
        "schema": "2.0",
        "config": {"update_multi": True, "enable_forward": False},
        "header": {"title": {"tag": "plain_text", "content": title}, "template": colour},
        "body": {"direction": "vertical", "elements": elements},
    }


def _colour(call: OutgoingCall, answered: str) -> str:
    if answered or call.kind in _OVER:
        return "green"
    return "blue" if call.exercise else "red"


def _words(text: str) -> Element:
    return {"tag": "div", "text": {"tag": "plain_text", "content": text}}


def _button(words: str, colour: str, value: dict[str, str]) -> Element:
    return _look(words, colour) | {"behaviors": [{"type": "callback", "value": value}]}


def _link(call: OutgoingCall) -> Element:
    words = link_words(call.language)
    look = _look(f"{words.asked}{words.tapped}", "text")
    return look | {"behaviors": [{"type": "open_url", "default_url": call.link}]}


def _look(words: str, colour: str) -> Element:
    return {
        "tag": "button",
        "type": colour,
        "size": "large",
        "width": "fill",
        "text": {"tag": "plain_text", "content": words[:LONGEST_BUTTON]},
    }
