"""On the way to the villages along a river, or below a reservoir: which, from where, to where."""

from __future__ import annotations

from alerts.drawn_area import DrawnArea
from alerts.rivers import reaches
from alerts.rivers.model import Stretch, between
from alerts.rivers.reaches import RiverProblem
from alerts.rivers.store import stretches
from bot.actions.areas import WaterStep, numbered
from bot.handlers.context import Context
from bot.views.screen import Screen
from bot.views.warnings import water_menu as views
from bot.views.warnings.water_menu import Way
from contacts import place_store
from contacts.area_shapes import Resolved, all_commanded
from contacts.places import Place, PlaceKind
from data.database import Connection
from data.errors import InvalidInput

Villages = tuple[DrawnArea, Resolved]
"""What was chosen, and what lies there."""


async def walked(
    context: Context, step: WaterStep, value: str, way: Way, *, head: str = ""
) -> Screen | Villages:
    """What a step leads to: the next question, or the villages.

    :param head: what the first question stands under (HTML).
    :raises InvalidInput: with a ``RiverProblem``: it leads nowhere.
    """
    if step is WaterStep.LIST:
        return await _list(context, value, way, head)
    if step in (WaterStep.RIVER, WaterStep.FROM):
        return await _ask_stretch(context, step, value, way)
    if step is WaterStep.TO:
        return await _along(context, value)
    return await _below(context, step, value, way)


async def _list(context: Context, value: str, way: Way, head: str) -> Screen:
    page = int(value) if value.isdecimal() and len(value) < 6 else 0
    top = all_commanded(context.known())

    def look(c: Connection) -> tuple[list[Stretch], list[Place]]:
        firsts: dict[str, Stretch] = {}
        for stretch in stretches(c):
            firsts.setdefault(stretch.river, stretch)
        known = place_store.places_within(c, top)
        return list(firsts.values()), known.of_kind(PlaceKind.RESERVOIR)

    rivers, reservoirs = await context.read(look)
    return views.ask_water(rivers, reservoirs, way, context.language, page=page, head=head)


async def _ask_stretch(context: Context, step: WaterStep, value: str, way: Way) -> Screen:
    """From which stretch of a river, or to which."""
    stretch_id, page = _number(value), numbered(value)[1]
    known = await context.read(stretches)
    chosen = next((stretch for stretch in known if stretch.id == stretch_id), None)
    if chosen is None:
        raise InvalidInput(RiverProblem.UNKNOWN_STRETCH)
    there = [stretch for stretch in known if stretch.river == chosen.river]
    if step is WaterStep.RIVER:
        return views.ask_from(there, way, context.language, page=page)
    down = [stretch for stretch in there if stretch.number >= chosen.number]
    return views.ask_to(down, way, context.language, page=page)


async def _along(context: Context, value: str) -> Villages:
    land, top = context.services.geography, all_commanded(context.known())
    known = await context.read(stretches)
    reach = between(known, _number(value), numbered(value)[1])
    if reach is None:
        raise InvalidInput(RiverProblem.UNKNOWN_STRETCH)
    return await context.read(lambda c: reaches.along(c, land, reach, top))


async def _below(context: Context, step: WaterStep, value: str, way: Way) -> Screen | Villages:
    """Below a reservoir: by its list, else down the river to where the commander says."""
    land, top = context.services.geography, all_commanded(context.known())
    token, last_id = numbered(value)
    known = await context.read(lambda c: place_store.places_within(c, top))
    place = next((place for place in known.all() if place.token == token), None)
    if place is None:
        raise InvalidInput(RiverProblem.NOTHING_BELOW, place="？")
    if place.below:
        return await context.read(lambda _: reaches.below_by_list(land, place, top))
    whole = await context.read(lambda c: reaches.reach_below(c, place))
    if step is WaterStep.RESERVOIR and len(whole.stretches) > 1:
        return views.ask_below(place, whole.stretches, way, context.language)
    reach = whole.until(last_id)
    return await context.read(lambda c: reaches.along(c, land, reach, top))


def _number(value: str) -> int:
    word, _ = numbered(value)
    return int(word) if word.isdecimal() and len(word) < 10 else 0
