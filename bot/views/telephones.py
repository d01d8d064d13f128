"""Whom to ring up: the duty officers of one's place and above, with their numbers."""

from __future__ import annotations

from collections.abc import Sequence

from bot.locale import translator
from bot.views.screen import LONGEST_NAME, Screen, bold, escape, name, shorten
from contacts.people import Person
from contacts.phones import display

FIRE_LINE = "12119"
"""Forest fires, anywhere in the province: rings when nothing else is known."""


def officer_and_number(officer: Person) -> str:
    """A duty officer in one line of plain text: 镇值班 139 0000 0001."""
    return f"{shorten(officer.name, LONGEST_NAME)} {display(officer.phone)}"


def of_officer(duty: str, language: str) -> str:
    """The number that stands behind the word 值班员: the line for forest fires is no officer's.

    Strangers read it too, who are told nobody's number.
    """
    if duty != FIRE_LINE:
        return duty
    return translator(language)("（电话请问本单位；急事打 110，火情打 12119）")


def nobody_told(duty: str, language: str) -> str:
    """It was kept and no message of it reaches a duty officer: whom to ring (HTML)."""
    _ = translator(language)
    words = _("✅ 已保存，但现在没有值班员能收到，请同时打电话：{duty}")
    return words.format(duty=escape(duty))


def duty_phones(
    officers: Sequence[tuple[Person, str]], language: str, *, otherwise: str = FIRE_LINE
) -> Screen:
    """Answer to ☎️ 值班电话: the officers and their divisions, the nearest first.

    :param otherwise: the number that is told when there is nobody.
    """
    _ = translator(language)
    lines = [bold(_("☎️ 值班电话"))]
    lines += [
        f"{name(place)}：{name(officer.name)} {display(officer.phone)}"
        for officer, place in officers
    ]
    if not officers:
        lines.append(_("通讯录里没有上级值班员，请打 {phone}。").format(phone=otherwise))
    lines.append(_("森林火警 12119，火警 119，报警 110，急救 120"))
    return Screen("\n".join(lines))
