"""The handbook's cards: under a call, by hazard, by words. Nothing is read before somebody asks."""

from __future__ import annotations

from collections.abc import Mapping

from alerts.alert_store import alert as alert_of
from alerts.handbook.finding import find_cards
from alerts.handbook.model import Card, Phase, best_card, phase_of
from alerts.instructions import work_of
from alerts.lookup import own_call
from alerts.template_files.holding import cards_in
from bot.actions.handbook_cards import CallCard, HandbookCard, HandbookHazards, HandbookOf
from bot.handlers.context import Context
from bot.handlers.routes import TapHandler
from bot.views import handbook_cards as views
from bot.views.screen import Screen
from contacts.access import may_release
from data.database import Connection


async def call_card(context: Context, action: CallCard) -> None:
    """📖 怎么做: the card for this person's work in this warning, as it stands now.

    :raises NotAllowed: it is somebody else's call.
    """
    person, language = context.known(), context.language

    def look(c: Connection) -> Screen:
        its_call = own_call(c, action.call_id, person)
        alert = alert_of(c, its_call.alert_id)
        if alert is None:
            return views.no_card(language)
        phase = phase_of(alert.level, alert.lead_minutes, alert.state)
        card = best_card(cards_of(c, context).values(), alert.hazard, work_of(its_call.role), phase)
        if card is None:
            return views.no_card(language)
        return views.card_screen(card, language, alert.hazard)

    screen = await context.read(look)
    await context.toast()
    await context.say(screen)


async def hazards(context: Context, _action: HandbookHazards) -> None:
    """📗 处置手册."""
    context.known()
    cards = await context.read(lambda c: cards_of(c, context))
    await context.toast()
    have = {hazard for card in cards.values() for hazard in card.hazards}
    await context.show(views.hazards_menu(have, context.language))


async def of_hazard(context: Context, action: HandbookOf) -> None:
    """The cards of a hazard, the reader's own work first."""
    person = context.known()
    work = action.work or work_of(person.role)
    cards = await context.read(lambda c: cards_of(c, context))
    about = [card for card in cards.values() if action.hazard in card.hazards]
    works = {one for card in about for one in card.works}
    phases = list(Phase)
    listed = sorted(
        (card for card in about if work in card.works),
        key=lambda card: (min(map(phases.index, card.phases)), len(card.hazards), card.key),
    )
    await context.toast()
    await context.show(views.cards_of_hazard(action.hazard, listed, work, works, context.language))


async def one_card(context: Context, action: HandbookCard) -> None:
    """A card that was chosen from a list: below it, so that the list stays."""
    person = context.known()
    cards = await context.read(lambda c: cards_of(c, context))
    card = cards.get(action.key)
    await context.toast()
    if card is None:
        await context.say(views.no_card(context.language))
    else:
        may_edit = may_release(person, [person.division_code]).allowed
        await context.say(
            views.card_screen(card, context.language, action.hazard, may_edit=may_edit)
        )


async def found_by(context: Context, words: str) -> list[Card]:
    """The cards that these words are about, the reader's own work first."""
    work = work_of(context.known().role)
    return await context.read(lambda c: find_cards(cards_of(c, context).values(), words, work))


def cards_of(connection: Connection, context: Context) -> Mapping[str, Card]:
    """The cards that hold for the person's division, by key."""
    division = context.known().division_code
    return cards_in(connection, division, context.services.rules.folders)


TAPS: dict[type, TapHandler] = {
    CallCard: call_card,
    HandbookHazards: hazards,
    HandbookOf: of_hazard,
    HandbookCard: one_card,
}
