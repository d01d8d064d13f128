"""What somebody wrote back by SMS that is no answer: for the duty officer. Pure."""

from __future__ import annotations

from bot.locale import translator
from bot.views.accounts import who
from bot.views.screen import Screen, quote, shorten
from contacts.people import Person

LONGEST = 300
"""Characters shown of it: an SMS is shorter."""


def words_by_sms(person: Person, place: str, text: str, language: str) -> Screen:
    """Somebody replied to our SMS with other words than 收到."""
    _ = translator(language)
    lines = [
        _("📩 {who} 回了短信：").format(who=who(person, place, language)),
        quote(shorten("".join(filter(str.isprintable, text)), LONGEST)),
        _("这不算「收到」，请打电话问清楚。"),
    ]
    return Screen("\n".join(lines))
