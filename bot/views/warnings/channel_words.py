"""What somebody wrote back by another channel that is no answer: for the duty officer. Pure."""

from __future__ import annotations

from bot.locale import translator
from bot.views.accounts import who
from bot.views.channels import channel_name
from bot.views.screen import Screen, quote, shorten
from contacts.channels import Channel
from contacts.people import Person

LONGEST = 300
"""Characters shown of it: an SMS is shorter."""


def words_back(person: Person, place: str, channel: Channel, text: str, language: str) -> Screen:
    """Somebody wrote back other words than 收到."""
    _ = translator(language)
    head = _("📩 {who} 回了短信：") if channel is Channel.SMS else _("📩 {who} 在{channel}里写：")
    by = channel_name(channel, language)
    lines = [
        head.format(who=who(person, place, language), channel=by),
        quote(shorten("".join(filter(str.isprintable, text)), LONGEST)),
        _("这不算「收到」，请打电话问清楚。"),
    ]
    return Screen("\n".join(lines))
