"""The villages along a river, or below a reservoir, as the area of a warning."""

from __future__ import annotations

from bot.actions.areas import WaterTap
from bot.handlers.context import Context
from bot.handlers.release_areas import use_found
from bot.handlers.release_drafts import draft_line, save, unfinished_of
from bot.handlers.routes import TapHandler
from bot.handlers.waters import walked
from bot.views.screen import Screen
from bot.views.warnings import release_wizard as wizard_views
from bot.views.warnings.water_menu import Way
from data.database import Connection


async def stepped(context: Context, action: WaterTap) -> None:
    """A button on the way to the villages along water."""
    context.commander()
    unfinished = unfinished_of(context)
    await context.toast()
    if unfinished is None or unfinished.level is None or unfinished.hazard is None:
        await context.show(wizard_views.wizard_lost(context.language))
        return
    way = Way(WaterTap, (wizard_views.stop_button(context.language),))
    head = draft_line(unfinished, context.language)
    found = await walked(context, action.step, action.value, way, head=head)
    if not isinstance(found, Screen):
        await use_found(context, unfinished, *found, new_message=False)
        return
    screen = found

    def unit(c: Connection) -> None:
        save(c, context, unfinished)
        context.will_show(c, screen)

    await context.write(unit)


TAPS: dict[type, TapHandler] = {WaterTap: stepped}
