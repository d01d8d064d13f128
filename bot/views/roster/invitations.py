"""Invite links of people who are not linked yet, for the officer who hands them out.

The printed sheets are made elsewhere: they need reportlab and segno, which take a tenth of a second
to load, and a restart in the middle of a warning must not wait for them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from bot.locale import translator
from bot.views.screen import Screen, bold, escape, name
from bot.views.vocabulary import held_name
from contacts.people import Person


def deep_link(bot_username: str, code: str) -> str:
    """The address that opens the bot and sends ``/start code``."""
    return f"https://t.me/{bot_username.removeprefix('@')}?start={code}"


def invitation_links(
    people: Sequence[Person],
    places: Mapping[int, str],
    usernames: Mapping[int, str],
    language: str,
    total: int,
) -> Screen:
    """For each person a line and their link.

    :param usernames: by person, of the bot that serves them.
    :param total: how many are not linked in all.
    """
    _ = translator(language)
    lines = [bold(_("🔗 还没有绑定的 {count} 人").format(count=total))]
    lines.append(_("把链接转给本人；链接只能由本人使用一次。"))
    for person in people:
        who = f"{name(person.name)} · {held_name(person, language)} · {name(places[person.id])}"
        lines += ["", who, escape(deep_link(usernames.get(person.id, ""), person.invite_code))]
    if total > len(people):
        more = _("……另有 {count} 人：发 /link 姓名 或 /link 地名 看，或请管理员打印邀请单")
        lines += ["", more.format(count=total - len(people))]
    return Screen("\n".join(lines))


def all_linked(place: str, language: str) -> Screen:
    """Nobody there waits for a link that the reader may hand out."""
    _ = translator(language)
    words = _("{place}没有等您发链接的人。").format(place=name(place))
    return Screen(bold(words))
