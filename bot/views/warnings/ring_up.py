"""Whom a duty officer is to ring up, as nothing written reaches them, and what to say."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from alerts.model import Alert
from bot.locale import N_, translator
from bot.views.screen import Screen, bold, escape, name
from bot.views.warnings.cut_off import Contact
from bot.views.warnings.parts import title
from contacts.phones import display

_CARDS = N_("他们回应了，但没有 Telegram，也收不到文字：请逐个读转移卡给他们听。")
_NEWS = N_("他们知道这件事，但没有 Telegram，也收不到文字，电话也没有通知到。请说：")


@dataclass(frozen=True, slots=True)
class ToRing:
    """One of them; ``said``: what this one is to hear, where it is not the same for all."""

    contact: Contact
    place: str
    said: str = ""


def ring_up(
    alert: Alert, people: Sequence[ToRing], words: str, language: str, place: str
) -> Screen:
    """To a duty officer.

    :param words: what all of them are to hear.
    :param place: what the warning is for.
    """
    _ = translator(language)
    lines = [
        title(alert, place, language),
        bold(_("☎️ 请打电话告诉 {count} 人").format(count=len(people))),
        _(_NEWS if words else _CARDS),
    ]
    if words:
        lines.append(_("「{words}」").format(words=escape(words)))
    for number, each in enumerate(people, start=1):
        person = each.contact
        who = _("{number}. {place} {name}（{post}）").format(
            number=number, place=name(each.place), name=name(person.name), post=name(person.post)
        )
        phones = _("、").join(display(phone) for phone in person.phones)
        lines += ["", f"{who} {escape(phones)}".rstrip()]
        if each.said:
            lines.append(escape(each.said))
    return Screen("\n".join(lines))
