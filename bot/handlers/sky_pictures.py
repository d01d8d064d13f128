"""The buttons under satellite and radar pictures: a group wants no more of them, or again."""

from __future__ import annotations

from alerts.sky_pictures.sending import mute, resume
from bot.actions.sky_pictures import SkyMute, SkyResume
from bot.handlers.context import Context
from bot.handlers.routes import TapHandler
from bot.views import sky_pictures as views
from data.database import Connection


async def muted(context: Context, _action: SkyMute) -> None:
    """🔕 本群不再发图: said in the group, with who said it."""
    person, now, chat_id = context.known(), context.now, context.chat_id_here

    def unit(c: Connection) -> None:
        mute(c, chat_id, person, now)
        context.will_say(c, views.muted(person.name, context.language))

    await context.write(unit)
    await context.toast()


async def resumed(context: Context, _action: SkyResume) -> None:
    """🔔 恢复发图."""
    person, now, chat_id = context.known(), context.now, context.chat_id_here

    def unit(c: Connection) -> None:
        resume(c, chat_id, person, now)
        context.will_show(c, views.resumed(person.name, context.language))

    await context.write(unit)
    await context.toast()


TAPS: dict[type, TapHandler] = {SkyMute: muted, SkyResume: resumed}
