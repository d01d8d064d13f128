"""Which of several places was meant: the command is answered for the one that is tapped."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping

from bot.actions.named_places import PlaceCommand, PlaceMeant
from bot.handlers import (
    daily,
    duty,
    evacuation,
    households,
    linking,
    patrol_results,
    progress,
    roster,
    silent_list,
    task_charts,
)
from bot.handlers.context import Context
from bot.handlers.routes import TapHandler
from contacts.access import may_look_into, require
from contacts.divisions.codes import overlap

_ANSWERS: Mapping[PlaceCommand, Callable[[Context, str], Awaitable[None]]] = {
    PlaceCommand.STATUS: progress.status_of_place,
    PlaceCommand.WHO: silent_list.who_of_place,
    PlaceCommand.COVERAGE: roster.coverage_of_place,
    PlaceCommand.LINK: linking.links_of_place,
    PlaceCommand.DAILY: daily.daily_of_place,
    PlaceCommand.TASK_CHART: task_charts.chart_of_place,
    PlaceCommand.FRAIL: households.frail_of_place,
    PlaceCommand.CARD: evacuation.card_of_place,
    PlaceCommand.DUTY: duty.duty_of_place,
    PlaceCommand.PATROL: patrol_results.patrol_of_place,
}


async def place_meant(context: Context, action: PlaceMeant) -> None:
    """The command, for this place; the question stays, for another."""
    person = context.known()
    if not overlap([action.code], [person.division_code]):
        require(may_look_into(person, action.code), division=action.code)
    await context.toast()
    await _ANSWERS[action.command](context, action.code)


TAPS: dict[type, TapHandler] = {PlaceMeant: place_meant}
