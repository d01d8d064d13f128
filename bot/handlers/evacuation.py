"""Evacuation cards: /card, and the list of a division's.

What it shows with is loaded when somebody asks: most offices start without cards.
"""

from __future__ import annotations

from typing import Any

from telegram.ext import BaseHandler

from alerts.loop.evacuation.model import Card
from alerts.outbox import store as outbox_store
from alerts.outbox.deliveries import to_person
from alerts.outbox.lanes import Lane
from alerts.outbox.messages import Picture
from bot.actions.evacuation import CardShow, CardsIn
from bot.actions.named_places import PlaceCommand
from bot.handlers.context import Context
from bot.handlers.named_places import place_named
from bot.handlers.routes import TapHandler, commands
from bot.views.division_menu import Choice
from bot.views.screen import Screen
from contacts.access import may_look_into, require
from contacts.divisions.codes import Tier, contains, tier_of
from contacts.divisions.gazetteer import Gazetteer
from contacts.people import Person
from data.database import Connection

_AT_ONCE = 3
"""So many cards of one village are sent without asking which."""


def handlers() -> list[BaseHandler[Any, Any, Any]]:
    """The command."""
    return commands(card=card)


async def card(context: Context) -> None:
    """/card: of one's own division; /card 太平村: of one village."""
    context.known()
    code = await place_named(context, PlaceCommand.CARD, context.after_command.strip())
    if code is not None:
        await card_of_place(context, code)


async def card_of_place(context: Context, code: str) -> None:
    """The cards of a village; of a larger division, their list. One's own where ``code`` is empty.

    :raises NotAllowed: it lies above the reader's, or elsewhere.
    """
    person = context.known()
    code = code or person.division_code
    require(may_look_into(person, code), division=code)
    found = await context.read(lambda c: _cards(c, person, code))
    if 0 < len(found) <= _AT_ONCE and (tier_of(code) is Tier.VILLAGE or len(found) == 1):
        await context.write(lambda c: _send(c, person, found, context))
        return
    await context.say(_listed(context, found, code, 0))


async def page(context: Context, action: CardsIn) -> None:
    """Another page of a division's cards."""
    person = context.known()
    require(may_look_into(person, action.code), division=action.code)
    found = await context.read(lambda c: _cards(c, person, action.code))
    await context.toast()
    await context.show(_listed(context, found, action.code, action.page))


async def show(context: Context, action: CardShow) -> None:
    """🗺: one card."""
    from alerts.loop.evacuation import card_store
    from bot.messages.evacuation import may_see
    from bot.views.evacuation.card import no_card

    person = context.known()
    found = await context.read(lambda c: card_store.card(c, action.card_id))
    if found is None or not may_see(person, found):
        await context.toast(no_card("", context.language))
        return
    await context.write(lambda c: _send(c, person, [found], context))
    await context.toast()


TAPS: dict[type, TapHandler] = {CardShow: show, CardsIn: page}


def _cards(c: Connection, person: Person, code: str) -> list[Card]:
    from alerts.loop.evacuation import card_store

    found = card_store.cards_in(c, [code])
    # Whoever answers for one place of the village sees that place's first.
    own = {post.place_code for post in person.posts if contains(code, post.division_code)}
    return sorted(found, key=lambda each: (each.division_code, each.place_code not in own))


def _listed(context: Context, cards: list[Card], code: str, page: int) -> Screen:
    from bot.views.evacuation import card as views
    from bot.views.paging import last_page

    gazetteer, place = context.services.gazetteer, context.services.gazetteer.name(code)
    parent = gazetteer.parent(code)
    up = None if parent is None else parent.code
    if up is not None and not may_look_into(context.known(), up).allowed:
        up = None
    if len(cards) > views.ON_A_PAGE:
        menu = _below(gazetteer, cards, code)
        if len(menu) > 1:
            return views.cards_menu(menu, page, place, code, context.language, up)
    page = min(page, last_page(len(cards), views.ON_A_PAGE))
    shown = cards[page * views.ON_A_PAGE : (page + 1) * views.ON_A_PAGE]
    paths = []
    for each in shown:
        village = gazetteer.name(each.division_code)
        below = each.name.removeprefix(village)
        path = gazetteer.path_below(each.division_code, code)
        paths.append(f"{path} {below}".strip())
    return views.cards_list(shown, len(cards), page, place, code, context.language, paths, up)


def _below(gazetteer: Gazetteer, cards: list[Card], code: str) -> list[tuple[Choice, int]]:
    """The divisions below that have cards, with how many; none where villages are below.

    None either where one lies in no division below: the list shows every card.
    """
    if tier_of(code) is Tier.TOWNSHIP:
        return []
    found: list[tuple[Choice, int]] = []
    for child in gazetteer.children(code):
        count = sum(contains(child.code, card.division_code) for card in cards)
        if count:
            found.append((Choice(child.code, gazetteer.name(child.code)), count))
    return found if sum(count for _choice, count in found) == len(cards) else []


def _send(c: Connection, person: Person, cards: list[Card], context: Context) -> None:
    for each in cards:
        key = f"evac_card:{each.id}:{person.id}"
        message = Picture(card_id=each.id)
        delivery = to_person(person, message, Lane.ANSWER, coalesce_key=key)
        outbox_store.add(c, delivery, context.now)
