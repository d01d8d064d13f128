"""That the calls of a village hold what counts as moved there, once.

Progress, board, ledger and the messages to other systems add up the figures that calls hold. In a
village with an evacuation card several cadres may tick and say figures: whatever counts
(``counting.moved``) stands in one call of the village, and in no other. One rule for all else: what
is counted nearer to the households counts, and nothing is added to it. Ticks before figures of the
village, these before figures said for several villages together, or for the township as a whole,
whoever said them, the person or an officer for them.
"""

from __future__ import annotations

from datetime import datetime

from alerts.calls import Call
from alerts.loop.evacuation import card_store, figure_store, move_store
from alerts.loop.evacuation.counting import Figures, MoveState, moved
from alerts.loop.evacuation.move_store import Move, TickedBy
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
    if not fact.counts_moved or not card_store.any_in(connection, [code]):
        return
    if tier_of(code) is not Tier.VILLAGE:
        _of_the_whole(connection, call, code)
        return
    if fact.where is None and figure_store.is_for_several(connection, call.id):
        _together(connection, call)
        return
    here = fact.where or (code, call.place_code)
    ticks = move_store.ticks_of(connection, call.alert_id, code)
    if ticks is None or not ticks.any:
        figure_store.only_of(connection, call, here)
        figure_store.let_go_above(connection, call.alert_id, code)
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
    # Where nobody holds any, whoever has answered: one who is asked anew has said nothing.
    first = (held or [each for each in holders if each.answered] or holders)[0]
    figure_store.hold(connection, first, code, counted)
    others = [each for each in holders if each != first and each.holds]
    figure_store.let_go(connection, others, code, together=True)
    figure_store.let_go_above(connection, alert_id, code)


def answer_doubted(
    connection: Connection, alert_id: int, code: str, person_id: int, by_id: int, now: datetime
) -> int:
    """An answer is doubted: what its person ticked in their village counts no more, as their report
    does not; how many households these were. What others ticked stays.

    :param by_id: the officer who doubts it.
    """
    theirs = move_store.ticked_by(connection, alert_id, code, person_id)
    if theirs:
        home = [
            Move(move.household_id, MoveState.HOME, move.persons, by_id, now) for move in theirs
        ]
        move_store.tick(connection, alert_id, code, home, TickedBy.OFFICER)
        move_store.count_again(connection, alert_id, code)
    settle(connection, alert_id, code)
    return len(theirs)


def _of_the_whole(connection: Connection, call: Call, code: str) -> None:
    """Figures said for a township or county: they count where no village in it has any."""
    if figure_store.any_inside(connection, call.alert_id, code):
        mine = [
            each
            for each in figure_store.calls_there(connection, call.alert_id, code)
            if each.call_id == call.id
        ]
        figure_store.let_go(connection, mine, code, together=True)


def _together(connection: Connection, call: Call) -> None:
    """Figures said for several places together: they count where none of these has ticks."""
    for code in sorted(figure_store.villages_of(connection, call)):
        ticks = move_store.ticks_of(connection, call.alert_id, code)
        if ticks is not None and ticks.any:
            mine = [
                each
                for each in figure_store.calls_there(connection, call.alert_id, call.division_code)
                if each.call_id == call.id and not each.further
            ]
            figure_store.let_go(connection, mine, call.division_code, together=True)
            settle(connection, call.alert_id, code)
            return
