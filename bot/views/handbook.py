"""The handbook: who holds which post in a division, with numbers for those who may read them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from alerts.handbook.model import Card
from bot.actions.handbook import HandbookIn
from bot.locale import translator
from bot.views.division_menu import PAGE_SIZE, DivisionMenu, menu_rows
from bot.views.handbook_cards import found_lines, found_rows, handbook_button
from bot.views.screen import Inline, Screen, bold, escape, name, shorten
from bot.views.vocabulary import contact_name, post_name
from contacts.people import Contact, Person, Post
from contacts.phones import masked


@dataclass(frozen=True, slots=True)
class HandbookEntry:
    """One person of the handbook; ``phone``: whether the reader may see the number.

    ``others``: the posts they hold besides, each with the name of its division.
    """

    person: Person
    phone: bool = False
    others: tuple[tuple[str, Post], ...] = ()


def handbook(
    division: DivisionMenu, entries: Sequence[HandbookEntry], language: str, *, page: int = 0
) -> Screen:
    """The persons of one division, and buttons to those below and above it."""
    _ = translator(language)
    lines = [bold(_("📖 {place}").format(place=division.path))]
    start = page * PAGE_SIZE
    if not entries:
        lines.append(_("这里还没有登记人员。"))
    for entry in entries[start : start + PAGE_SIZE]:
        lines += ["", *entry_lines(entry, language)]
    if len(entries) <= PAGE_SIZE:
        lines += ["", _("找人：/handbook 姓名、电话、村名或职务（如 值班员）")]
    last = (max(len(entries), len(division.children)) - 1) // PAGE_SIZE
    rows = [
        *menu_rows(division, page, language, go=HandbookIn, last=last),
        (handbook_button(language),),
    ]
    return Screen("\n".join(lines), Inline(tuple(rows)))


def search_results(
    text: str,
    found: Sequence[tuple[HandbookEntry, str]],
    language: str,
    *,
    cards: Sequence[Card] = (),
) -> Screen:
    """Persons found by name or number, with their place; and cards of the handbook."""
    _ = translator(language)
    wanted = shorten(text, 30)
    if cards:
        lines = found_lines(wanted, cards, language)
        if found:
            lines += ["", *_persons(wanted, found, language)]
        return Screen("\n".join(lines), Inline(found_rows(cards, language)))
    if not found:
        return Screen(
            _(
                "没有找到「{text}」。可写姓名的一部分、电话的几位数字、村名或职务；"
                "找怎么做，写灾种，如 山洪。"
            ).format(text=name(wanted))
        )
    return Screen("\n".join(_persons(wanted, found, language)))


def _persons(wanted: str, found: Sequence[tuple[HandbookEntry, str]], language: str) -> list[str]:
    _ = translator(language)
    lines = [bold(_("📖 「{text}」：{count} 人").format(text=wanted, count=len(found)))]
    for entry, place in found[:PAGE_SIZE]:
        lines += ["", *entry_lines(entry, language), f"　📍 {name(place)}"]
    return lines


def entry_lines(entry: HandbookEntry, language: str) -> list[str]:
    """One person: name, post, number, and whether the bot reaches them (HTML)."""
    _ = translator(language)
    person = entry.person
    who = f"<b>{name(person.name)}</b> {escape(post_name(person, language))}"
    if person.rank > 1:
        who += " " + _("（替补 {rank}）").format(rank=person.rank)
    phones = person.numbers if entry.phone else (masked(person.phone),)
    lines = [who, *(f"　☎️ {phone}" for phone in phones)]
    lines += [
        "　➕ " + f"{name(place)} {escape(post_name(post, language))}"
        for place, post in entry.others
    ]
    if person.telegram_id is None:
        lines.append("　⚠️ " + _("未绑定 Telegram"))
    elif person.contact is not Contact.OK:
        lines.append("　⚠️ " + contact_name(person.contact, language))
    return lines
