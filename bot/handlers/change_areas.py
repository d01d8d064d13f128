"""A running warning widened by a drawing, by a river, or by what lies below a reservoir."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from alerts.drawn_area import DrawnArea
from alerts.model import Alert
from bot.actions.changes import ChangeWater
from bot.compose.change_line import Where
from bot.compose.unfinished_change import Asking, UnfinishedChange
from bot.handlers import warning_changes
from bot.handlers.change_drafts import children_of, of_warning, save, unfinished_of
from bot.handlers.context import Context
from bot.handlers.release_areas import file_name, may_be_area, sent_shape
from bot.handlers.release_drafts import names_in
from bot.handlers.routes import TapHandler
from bot.handlers.waters import walked
from bot.views.screen import Screen, escape
from bot.views.warnings import area_menu as views
from bot.views.warnings.change_menu import water_way
from bot.views.warnings.changes import outdated
from bot.views.warnings.parts import plain_title
from contacts.area_shapes import Resolved, all_commanded, resolve
from data.database import Connection


async def drawing(context: Context) -> bool:
    """A file that holds an area was sent while a warning is being widened; ``False``: it is none.

    The divisions that lie in it are added; the warning's own drawing, if it has one, stays.
    """
    unfinished = unfinished_of(context)
    asked = unfinished is not None and unfinished.asking is Asking.ADD
    if unfinished is None or not asked or not may_be_area(context, writing=True):
        return False
    alert, _place = await warning_changes.warning_of(context, unfinished.alert_id)
    shape = await sent_shape(context)
    if shape is None:
        return True
    land, top = context.services.geography, all_commanded(context.known())
    found = await context.read(lambda c: resolve(c, land, shape, top))
    drawn = DrawnArea.of(shape, found, file_name(context.message))
    await _widen(context, alert, unfinished, drawn, found, new_message=True)
    return True


async def by_water(context: Context, action: ChangeWater) -> None:
    """A button on the way to the villages along a river, or below a reservoir."""
    alert, place = await warning_changes.warning_of(context, action.alert_id)
    unfinished, language = of_warning(context, alert.id), context.language
    await context.toast()
    if unfinished is None:
        await context.show(outdated(alert, place, language))
        return
    head, way = plain_title(alert, place, language), water_way(alert, language)
    found = await walked(context, action.step, action.value, way, head=escape(head))
    if not isinstance(found, Screen):
        await _widen(context, alert, unfinished, *found, new_message=False)
        return
    screen, asking = found, replace(unfinished, asking=Asking.ADD)

    def unit(c: Connection) -> None:
        save(c, context, asking)
        context.will_show(c, screen)

    await context.write(unit)


TAPS: dict[type, TapHandler] = {ChangeWater: by_water}


async def _widen(
    context: Context,
    alert: Alert,
    unfinished: UnfinishedChange,
    drawn: DrawnArea,
    found: Resolved,
    *,
    new_message: bool,
) -> None:
    names = names_in(context, drawn)
    if not found.areas:
        await context.say(views.nothing_inside(drawn, names, context.language))
        return
    children = partial(children_of, context)
    wider = unfinished.with_areas(alert, Where.ADD, found.areas, children, drawn=drawn.shape)
    note = "\n".join(views.drawn_lines(drawn, (), names, context.language, buttons=False))
    changed = replace(wider, asking=None)
    await warning_changes.go_on(context, alert, changed, new_message=new_message, note=note)
