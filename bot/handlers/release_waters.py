"""The villages along a river, or below a reservoir, as the area of a warning."""

from __future__ import annotations

from alerts.rivers import reaches
from alerts.rivers.model import Stretch, between
from alerts.rivers.reaches import RiverProblem
from alerts.rivers.store import stretches
from bot.actions.areas import WaterStep, WaterTap, parted
from bot.compose.release_draft import UnfinishedDraft
from bot.handlers.context import Context
from bot.handlers.release_areas import use_found
from bot.handlers.release_drafts import draft_line, save, unfinished_of
from bot.handlers.routes import TapHandler
from bot.views.screen import Screen
from bot.views.warnings import release_wizard as wizard_views
from bot.views.warnings import water_menu as views
from contacts import place_store
from contacts.area_shapes import all_commanded
from contacts.places import Place, PlaceKind
from data.database import Connection
from data.errors import InvalidInput


async def stepped(context: Context, action: WaterTap) -> None:
    """A button on the way to the villages along water."""
    context.commander()
    unfinished = unfinished_of(context)
    if unfinished is None or unfinished.level is None or unfinished.hazard is None:
        await context.toast()
        await context.show(wizard_views.wizard_lost(context.language))
        return
    await context.toast()
    if action.step is WaterStep.LIST:
        await _list(context, unfinished, action)
    elif action.step in (WaterStep.RIVER, WaterStep.FROM):
        await _ask_stretch(context, unfinished, action)
    elif action.step is WaterStep.TO:
        await _along(context, unfinished, action)
    else:
        await _below(context, unfinished, action)


TAPS: dict[type, TapHandler] = {WaterTap: stepped}


async def _list(context: Context, unfinished: UnfinishedDraft, action: WaterTap) -> None:
    page = int(action.value) if action.value.isdecimal() and len(action.value) < 6 else 0
    top = all_commanded(context.known())

    def look(c: Connection) -> tuple[list[Stretch], list[Place]]:
        firsts: dict[str, Stretch] = {}
        for stretch in stretches(c):
            firsts.setdefault(stretch.river, stretch)
        known = place_store.places_within(c, top)
        return list(firsts.values()), known.of_kind(PlaceKind.RESERVOIR)

    rivers, reservoirs = await context.read(look)
    draft = draft_line(unfinished, context.language)
    screen = views.ask_water(rivers, reservoirs, context.language, page=page, draft=draft)
    await _show(context, unfinished, screen)


async def _ask_stretch(context: Context, unfinished: UnfinishedDraft, action: WaterTap) -> None:
    """From which stretch of a river, or to which."""
    stretch_id, page = _number(action), parted(action)[1]
    known = await context.read(stretches)
    chosen = next((stretch for stretch in known if stretch.id == stretch_id), None)
    if chosen is None:
        raise InvalidInput(RiverProblem.UNKNOWN_STRETCH)
    there = [stretch for stretch in known if stretch.river == chosen.river]
    if action.step is WaterStep.RIVER:
        screen = views.ask_from(there, context.language, page=page)
    else:
        down = [stretch for stretch in there if stretch.number >= chosen.number]
        screen = views.ask_to(down, context.language, page=page)
    await _show(context, unfinished, screen)


async def _along(context: Context, unfinished: UnfinishedDraft, action: WaterTap) -> None:
    land, top = context.services.geography, all_commanded(context.known())
    first_id, last_id = _number(action), parted(action)[1]
    known = await context.read(stretches)
    reach = between(known, first_id, last_id)
    if reach is None:
        raise InvalidInput(RiverProblem.UNKNOWN_STRETCH)
    drawn, found = await context.read(lambda c: reaches.along(c, land, reach, top))
    await use_found(context, unfinished, drawn, found, new_message=False)


async def _below(context: Context, unfinished: UnfinishedDraft, action: WaterTap) -> None:
    """Below a reservoir: by its list, else down the river to where the commander says."""
    land, top = context.services.geography, all_commanded(context.known())
    token, last_id = parted(action)
    known = await context.read(lambda c: place_store.places_within(c, top))
    place = next((place for place in known.all() if place.token == token), None)
    if place is None:
        raise InvalidInput(RiverProblem.NOTHING_BELOW, place="？")
    if place.below:
        drawn, found = await context.read(lambda _: reaches.below_by_list(land, place, top))
        await use_found(context, unfinished, drawn, found, new_message=False)
        return
    whole = await context.read(lambda c: reaches.reach_below(c, place))
    if action.step is WaterStep.RESERVOIR and len(whole.stretches) > 1:
        await _show(context, unfinished, views.ask_below(place, whole.stretches, context.language))
        return
    reach = whole.until(last_id)
    drawn, found = await context.read(lambda c: reaches.along(c, land, reach, top))
    await use_found(context, unfinished, drawn, found, new_message=False)


def _number(action: WaterTap) -> int:
    word, _ = parted(action)
    return int(word) if word.isdecimal() and len(word) < 10 else 0


async def _show(context: Context, unfinished: UnfinishedDraft, screen: Screen) -> None:
    def unit(c: Connection) -> None:
        save(c, context, unfinished)
        context.will_show(c, screen)

    await context.write(unit)
