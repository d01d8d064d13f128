"""Who was moved, as somebody may see it: a village's list, sums by place, the frail, shelters."""

from __future__ import annotations

from alerts import report
from alerts.loop.evacuation import (
    card_store,
    figure_store,
    frail_store,
    move_store,
    standing,
)
from alerts.loop.evacuation.counting import MoveState, by_division, total
from alerts.loop.evacuation.model import Card, Household
from alerts.loop.evacuation.returning import may_call_home
from alerts.loop.evacuation.sheltering import shelter_uses, use_of
from alerts.model import Alert
from alerts.outbox.deliveries import Delivery
from alerts.outbox.household_messages import ShelterFull
from bot.messages.facts import Facts
from bot.messages.requests import as_message
from bot.messages.topic import Topic
from bot.telegram.outgoing import Request
from bot.views.screen import Screen
from bot.views.warnings import evacuated
from bot.views.warnings.evacuated import FrailRow, PlaceEvacuated
from bot.views.warnings.households import (
    HouseholdRow,
    ask_all_moved,
    household_list,
    household_options,
)
from contacts import people_store
from contacts.access import may_see_households
from contacts.divisions.codes import Tier, ancestors, contains, tier_of
from contacts.duty_store import duty_divisions
from contacts.people import Person

HOUSEHOLDS = Topic()


@HOUSEHOLDS.says(ShelterFull)
def _shelter_full(facts: Facts, delivery: Delivery, message: ShelterFull) -> Request | None:
    alert = facts.alert(delivery)
    use = use_of(facts.connection, alert, message.shelter_id)
    if use is None or not use.over:
        return None  # somebody was ticked by mistake
    where = facts.services.gazetteer.path(use.shelter.division_code)
    screen = evacuated.shelter_full(alert, use, delivery.language, facts.area(alert), where)
    return as_message(delivery.chat_id, screen)


def _rows(facts: Facts, alert: Alert, listed: list[Household], card: Card) -> list[HouseholdRow]:
    ticked = move_store.of_card(facts.connection, alert.id, card.id)
    people = people_store.people(facts.connection, {move.by_id for move in ticked.values()})
    rows = []
    for household in listed:
        move = ticked.get(household.id)
        rows.append(HouseholdRow(household, move, "" if move is None else people[move.by_id].name))
    return rows


def shows_phones(facts: Facts) -> bool:
    """Whether numbers leave by Telegram at all."""
    return not facts.services.settings.privacy.board_only


def household_screen(
    facts: Facts,
    alert: Alert,
    card: Card,
    person: Person,
    page: int = 0,
    *,
    picking: bool = False,
) -> Screen:
    """The households of a card with what is ticked of each."""
    listed = card_store.households(facts.connection, card.id)
    holders = figure_store.calls_there(facts.connection, alert.id, card.division_code)
    theirs = (each for each in holders if each.person_id == person.id and not each.left_out)
    own = next((each.call_id for each in theirs), None)
    return household_list(
        alert,
        card,
        _rows(facts, alert, listed, card),
        standing.village_count(facts.connection, alert, card.division_code),
        person.language,
        facts.area(alert),
        page=page,
        call_id=own,
        picking=picking,
        show_phones=shows_phones(facts),
        zone=facts.zone,
    )


def options_screen(
    facts: Facts, alert: Alert, card: Card, household: Household, language: str, page: int
) -> Screen:
    """One household, and what can be said of it."""
    [row] = _rows(facts, alert, [household], card)
    return household_options(
        alert,
        card,
        row,
        language,
        facts.area(alert),
        page=page,
        show_phones=shows_phones(facts),
        zone=facts.zone,
    )


def all_moved_screen(facts: Facts, alert: Alert, card: Card, language: str) -> Screen | None:
    """The question before all are ticked; ``None``: each is already."""
    listed = card_store.households(facts.connection, card.id)
    rows = _rows(facts, alert, listed, card)
    left = [row.household for row in rows if row.state is MoveState.HOME]
    return ask_all_moved(alert, card, left, language, facts.area(alert)) if left else None


def places_screen(
    facts: Facts, alert: Alert, reader: Person, wanted: str = "", page: int = 0
) -> Screen:
    """应转, 已转, 未转 by the divisions below the one that is looked at."""
    scope = report.scope_of(reader.division_code, alert.areas, wanted=wanted)
    villages = standing.village_counts(facts.connection, alert, scope)
    tier = _tier_below(scope) if scope else report.breakdown_tier(alert.areas)
    cards = {}
    if tier is Tier.VILLAGE:
        cards = {card.division_code: card.id for card in _cards(facts, alert, scope)}
    places = [
        PlaceEvacuated(
            code,
            facts.place_in(code, scope),
            found,
            cards.get(code) if may_see(facts, reader, code) else None,
        )
        for code, found in by_division(villages.values(), tier).items()
    ]
    frail = 0
    if may_see_all(facts, reader, alert, scope):
        frail = frail_store.count_not_moved(facts.connection, alert, scope)
    return evacuated.evacuation_places(
        alert,
        total(villages.values()),
        places,
        reader.language,
        facts.place(scope) if scope else facts.area(alert),
        facts.now,
        division=scope,
        around=_around(alert, reader, scope),
        page=page,
        frail=frail,
        returns=may_call_home(facts.connection, alert, reader),
        zone=facts.zone,
    )


def _cards(facts: Facts, alert: Alert, scope: str) -> list[Card]:
    """The cards of villages, each village's own before those of places in it."""
    found = card_store.cards_in(facts.connection, [scope] if scope else alert.areas)
    return [card for card in reversed(found) if card.meant_for(alert.hazard)]


def _tier_below(code: str) -> Tier:
    return tier_of(code).below or Tier.VILLAGE


def _around(alert: Alert, reader: Person, scope: str) -> str | None:
    """The division around the one that is looked at, as far as the reader looks."""
    whole = report.scope_of(reader.division_code, alert.areas)
    if scope in ("", whole):
        return None
    above = ancestors(scope)
    wider = [code for code in above if contains(reader.division_code, code)]
    inside = [code for code in wider if any(contains(area, code) for area in alert.areas)]
    return inside[0] if inside else whole


def may_see(facts: Facts, reader: Person, code: str) -> bool:
    """Whether somebody may read the names of the households in a division."""
    duties = duty_divisions(facts.connection, reader.id, facts.now)
    return may_see_households(reader, code, duties).allowed


def may_see_all(facts: Facts, reader: Person, alert: Alert, scope: str) -> bool:
    """The same, of all of a division, or of all of a warning."""
    return all(may_see(facts, reader, code) for code in ([scope] if scope else alert.areas))


def frail_screen(
    facts: Facts, alert: Alert, reader: Person, wanted: str = "", page: int = 0
) -> Screen:
    """The frail who are not moved, of the part of a warning that the reader looks after."""
    scope = report.scope_of(reader.division_code, alert.areas, wanted=wanted)
    count = frail_store.count_not_moved(facts.connection, alert, scope)
    page = min(page, max(0, (count - 1) // evacuated.FRAIL))
    found = frail_store.not_moved(
        facts.connection, alert, scope, limit=evacuated.FRAIL, offset=page * evacuated.FRAIL
    )
    rows = [
        FrailRow(
            each.household,
            facts.place_in(each.division_code, scope),
            each.card_id,
            each.refused,
            facts.place(each.division_code),
        )
        for each in found
    ]
    return evacuated.frail_list(
        alert,
        rows,
        reader.language,
        facts.place(scope) if scope else facts.area(alert),
        facts.now,
        total=count,
        division=scope,
        page=page,
        show_phones=shows_phones(facts),
        zone=facts.zone,
    )


def shelter_screen(facts: Facts, alert: Alert, reader: Person, page: int = 0) -> Screen:
    """The shelters of the part of a warning that the reader looks after."""
    scope = report.scope_of(reader.division_code, alert.areas)
    uses = shelter_uses(facts.connection, alert, scope)
    names = {
        use.shelter.division_code: facts.place_in(use.shelter.division_code, scope) for use in uses
    }
    return evacuated.shelter_list(
        alert,
        uses,
        reader.language,
        facts.place(scope) if scope else facts.area(alert),
        facts.now,
        page=page,
        names=names,
        show_phones=shows_phones(facts) and may_see_all(facts, reader, alert, scope),
        zone=facts.zone,
    )
