"""That the calls of a village hold what counts as moved there, once.

Progress, board, ledger and the messages to other systems add up the figures that calls hold. In a
village with an evacuation card several cadres may tick and say figures: whatever counts
(``counting.moved``) stands in one call of the village, and in no other.
"""

from __future__ import annotations

from datetime import datetime

from alerts.calls import Call
from alerts.loop.evacuation import card_store, figure_store, move_store
from alerts.loop.evacuation.counting import Figures, moved
from alerts.loop.evacuation.shelter_store import assigned
from alerts.loop.evacuation.sheltering import tell_if_overfull
from alerts.model import Alert
from alerts.reports import ReportFact
from contacts.divisions.codes import Tier, tier_of
from data.database import Connection


def figures_said(
    connection: Connection, alert: Alert, call: Call, fact: ReportFact, now: datetime
) -> None:
    """Figures were reported: the latest of a village with a card count, or its ticks do.

    What was said of several places together stays with its call.

    :param fact: the report, which its call holds by now.
    """
    code = fact.division_code or call.division_code
    if not fact.counts_moved or tier_of(code) is not Tier.VILLAGE:
        return
    if not card_store.any_in(connection, [code]):
        return
    if fact.where is None and figure_store.is_for_several(connection, call.id):
        return
    here = fact.where or (code, call.place_code)
    ticks = move_store.ticks_of(connection, call.alert_id, code)
    if ticks is None or not ticks.any:
        figure_store.only_of(connection, call, here)
    else:
        said = Figures(fact.households or 0, fact.persons or 0)
        move_store.say(connection, call.alert_id, code, said)
        settle(connection, call.alert_id, code)
    for shelter_id in {card.shelter_id for card in assigned(connection, alert, code)}:
        tell_if_overfull(connection, alert, shelter_id, now)


def settle(connection: Connection, alert_id: int, code: str, *, of: int | None = None) -> None:
    """The ticks of a village stand in one of its calls, and its others hold no figures.

    :param of: the call that is to hold them; without, the one that holds some, or the first.
    """
    found = move_store.sums_in(connection, alert_id, code).get(code)
    if found is None:
        return
    ticks, said = found
    counted = moved(ticks, said).counted
    holders = figure_store.calls_there(connection, alert_id, code)
    if not holders:
        return
    held = [each for each in holders if each.call_id == of] or [
        each for each in holders if each.holds
    ]
    first = (held or holders)[0]
    figure_store.hold(connection, first, code, counted)
    figure_store.let_go(
        connection, [each for each in holders if each != first and each.holds], code
    )
