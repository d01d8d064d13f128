"""A running warning widened by a drawing: a file sent while it is asked where to."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from alerts.drawn_area import DrawnArea
from bot.compose.change_line import Where
from bot.compose.unfinished_change import Asking
from bot.handlers import warning_changes
from bot.handlers.change_drafts import children_of, unfinished_of
from bot.handlers.context import Context
from bot.handlers.release_areas import file_name, may_be_area, sent_shape
from bot.handlers.release_drafts import names_in
from bot.views.warnings import area_menu as views
from contacts.area_shapes import all_commanded, resolve


async def drawing(context: Context) -> bool:
    """A file that holds an area was sent while a warning is being widened; ``False``: it is none.

    The divisions that lie in it are added. The warning's own drawing no longer says where it holds.
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
    names = names_in(context, drawn)
    if not found.areas:
        await context.say(views.nothing_inside(drawn, names, context.language))
        return True
    wider = unfinished.with_areas(alert, Where.ADD, found.areas, partial(children_of, context))
    note = "\n".join(views.drawn_lines(drawn, (), names, context.language, buttons=False))
    changed = replace(wider, asking=None)
    await warning_changes.go_on(context, alert, changed, new_message=True, note=note)
    return True
