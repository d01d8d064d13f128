"""An evacuation card in words: the caption of its picture, and the list of a division's cards."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from alerts.loop.evacuation.model import Card
from alerts.template_files.frames import CardFrame, Slot, Surface, Values, lacks_all, said
from bot.actions.evacuation import CardShow, CardsIn
from bot.actions.households import HouseholdPage
from bot.locale import translator
from bot.views.clock import BEIJING
from bot.views.division_menu import PAGE_SIZE, Choice
from bot.views.paging import last_page, page_buttons
from bot.views.screen import (
    LONGEST_CAPTION,
    Button,
    Inline,
    Screen,
    bold,
    cut,
    escape,
    shorten,
    visible_length,
)
from contacts.phones import display

ON_A_PAGE = 12
_LONGEST = 130
"""Characters of one line of a caption, which Telegram cuts at 1,024."""


def card_title(card: Card, frame: CardFrame, language: str) -> str:
    """The title of a card's picture."""
    return _said(frame.picture, card_values(card, language, numbers=False), language)


def card_subtitle(card: Card, frame: CardFrame, language: str) -> str:
    """Below it: who moves, and how far."""
    return _said(frame.below, card_values(card, language, numbers=False), language)


def wall_title(card: Card, frame: CardFrame, language: str) -> str:
    """The title of the page for the wall."""
    return _said(frame.wall, card_values(card, language, numbers=False), language)


def foot(card: Card, frame: CardFrame, changed_on: date, language: str) -> str:
    """The last lines of that page.

    :param changed_on: the local day of this version.
    """
    values = card_values(card, language, numbers=True, printed=True, changed_on=changed_on)
    return _said(frame.foot, values, language)


def moving(card: Card, language: str) -> str:
    """Who is to move: 12户35人."""
    words = translator(language)("{households}户{persons}人")
    return words.format(households=card.households, persons=card.persons)


def far(metres: float, language: str) -> str:
    """A length as people say it."""
    _ = translator(language)
    if metres >= 1_000:
        return _("{km:.1f} 公里").format(km=metres / 1_000)
    return _("{metres} 米").format(metres=int(round(metres, -1)))


def card_values(
    card: Card,
    language: str,
    *,
    numbers: bool,
    frail: int = 0,
    printed: bool = False,
    changed_on: date | None = None,
) -> Values:
    """What a card says, by slot; empty: nobody said it.

    :param numbers: the reader may see telephone numbers.
    :param frail: how many households have somebody who cannot go alone.
    :param printed: numbers are written to be read. (In chat a number with its country code and no
        spaces is what phones make a link of.)
    :param changed_on: the local day of this version; ``None``: as it is kept.
    """
    _ = translator(language)

    def who(person: str, phone: str) -> str:
        number = display(phone) if printed and phone else phone
        return " ".join(filter(None, (person, number if numbers else "")))

    moved = moving(card, language)
    if frail:
        moved += _("，其中有重点人员的 {count} 户").format(count=frail)
    way, length = card.route_words, far(card.route_m, language) if card.route_m else ""
    if length:
        way = _("{way}，全长 {far}").format(way=way, far=length) if way else length
    place = key = ""
    if card.shelter is not None:
        place, key = card.shelter.name, who(card.shelter.key_holder, card.shelter.key_phone)
        if card.shelter.capacity:
            place = _("{name}，可容纳 {count} 人").format(name=place, count=card.shelter.capacity)
    day = changed_on or (card.at.astimezone(BEIJING).date() if card.at else None)
    return {
        Slot.VILLAGE: card.name,
        Slot.ORGANISER: who(card.organiser, card.organiser_phone),
        Slot.MOVING: moved,
        Slot.HOUSEHOLDS: str(card.households),
        Slot.PERSONS: str(card.persons),
        Slot.SIGNAL: card.signal,
        Slot.WHEN: card.when_to_move,
        Slot.ROUTE: way,
        Slot.LENGTH: length,
        Slot.SHELTER: place,
        Slot.KEY_HOLDER: key,
        Slot.VERSION: str(card.version),
        Slot.DAY: day.isoformat() if day else "",
    }


def card_lines(
    card: Card,
    frame: CardFrame,
    language: str,
    *,
    numbers: bool,
    frail: int = 0,
    printed: bool = False,
) -> list[tuple[str, str]]:
    """What stands on a card: headings and words; what nobody said is left out.

    :param printed: for paper: what nobody said is there without words, to be written by hand.

    The others as in ``card_values``.
    """
    _ = translator(language)
    values = card_values(card, language, numbers=numbers, frail=frail, printed=printed)
    surface = Surface.WALL if printed else Surface.CHAT
    return [
        (
            _(line.heading),
            "" if lacks_all(line.text, values) else _said(line.text, values, language),
        )
        for line in frame.lines
        if surface in line.on and (printed or not lacks_all(line.text, values))
    ]


def no_return(frame: CardFrame, language: str) -> str:
    """What every card ends with."""
    return translator(language)(frame.no_return)


def _said(pattern: str, values: Values, language: str) -> str:
    return said(translator(language)(pattern), values)


def card_caption(
    card: Card,
    frame: CardFrame,
    language: str,
    *,
    numbers: bool,
    frail: int = 0,
    exercise: bool = False,
    ticked_in: int | None = None,
) -> Screen:
    """The words below a card's picture; all there is where it has none.

    :param ticked_in: the warning in which its households can be ticked.
    """
    _ = translator(language)
    values = card_values(card, language, numbers=numbers, frail=frail)
    title = _said(frame.title, values, language)
    lines = [bold(_("【演练】") + title if exercise else title)]
    lines += [
        _("{heading}：{words}").format(
            heading=escape(heading), words=escape(shorten(words, _LONGEST))
        )
        for heading, words in card_lines(card, frame, language, numbers=numbers, frail=frail)
    ]
    last = "\n❗ " + bold(no_return(frame, language))
    keyboard = None
    if ticked_in is not None:
        tick = Button(_("🏘 逐户登记"), HouseholdPage(ticked_in, card.id).encode())
        keyboard = Inline(((tick,),))
    return Screen(cut("\n".join(lines), LONGEST_CAPTION - visible_length(last)) + last, keyboard)


def cards_list(
    cards: Sequence[Card],
    total: int,
    page: int,
    place: str,
    code: str,
    language: str,
    paths: Sequence[str],
    up: str | None = None,
) -> Screen:
    """The cards of a division: a button each.

    :param cards: those of this page, with their ``paths`` below the division.
    :param up: the code of the division above, where the reader may go there.
    """
    _ = translator(language)
    if not total:
        return Screen(_("{place}还没有转移卡。请管理员导入。").format(place=place))
    lines = [
        bold(_("🗺 {place}转移卡 {count} 张").format(place=place, count=total)),
        _("点一个看路线、安置点、谁组织；也可发 /card 乡镇或村名。"),
    ]
    rows: list[tuple[Button, ...]] = [
        (Button(shorten(f"🗺 {path}", 60), CardShow(card.id).encode()),)
        for card, path in zip(cards, paths, strict=True)
    ]
    last = last_page(total, ON_A_PAGE)
    if last:
        lines[0] += f" · {page + 1}/{last + 1}"
        rows.append(page_buttons(page, last, lambda at: CardsIn(code, at), language))
    rows += _row_up(up, language)
    return Screen("\n".join(lines), Inline(tuple(rows)))


def cards_menu(
    below: Sequence[tuple[Choice, int]],
    page: int,
    place: str,
    code: str,
    language: str,
    up: str | None = None,
) -> Screen:
    """The divisions below one with many cards, and how many each has: a button each.

    :param below: those that have any.
    """
    _ = translator(language)
    total = sum(count for _choice, count in below)
    last = last_page(len(below), PAGE_SIZE)
    page = min(page, last)
    lines = [
        bold(_("🗺 {place}转移卡 {count} 张").format(place=place, count=total)),
        _("先点下级区划，再点村；也可发 /card 乡镇或村名。"),
    ]
    buttons = [
        Button(f"{shorten(choice.name, 20)} {count}", CardsIn(choice.code, 0).encode())
        for choice, count in below[page * PAGE_SIZE : (page + 1) * PAGE_SIZE]
    ]
    rows = [tuple(buttons[at : at + 2]) for at in range(0, len(buttons), 2)]
    if last:
        lines[0] += f" · {page + 1}/{last + 1}"
        rows.append(page_buttons(page, last, lambda at: CardsIn(code, at), language))
    return Screen("\n".join(lines), Inline((*rows, *_row_up(up, language))))


def _row_up(up: str | None, language: str) -> list[tuple[Button, ...]]:
    if up is None:
        return []
    return [(Button(translator(language)("⬆️ 上一级"), CardsIn(up, 0).encode()),)]


def no_card(place: str, language: str) -> str:
    """To whoever presses the button of a card that is no more, or asks for a village without."""
    return translator(language)("{place}现在没有转移卡。").format(place=place)
