"""Calling home whoever was moved (返回): shown first, then the commander's word."""

from __future__ import annotations

from alerts.loop.evacuation.returning import Homecoming, call_home, homecoming
from alerts.release import Released
from bot.actions.households import ReturnAsk, ReturnNow
from bot.handlers.context import Context
from bot.handlers.routes import TapHandler
from bot.messages.facts import area_name
from bot.messages.households import places_screen
from bot.views.screen import Screen
from bot.views.warnings.returns import ask_return, changed_toast, return_toast
from data.database import Connection


async def return_ask(context: Context, action: ReturnAsk) -> None:
    """🏠 通知返回: whom it would reach, and what it says."""
    person, rules = context.commander(), context.services.rules.warnings
    screen = await context.read(
        lambda c: _question(c, context, homecoming(c, action.id, person, rules))
    )
    await context.toast()
    await context.show(screen)


async def return_now(context: Context, action: ReturnNow) -> None:
    """✅ 确认通知返回: to the villages that were shown; if these are others now, asked anew."""
    person, now, rules = context.commander(), context.now, context.services.rules.warnings

    def unit(c: Connection) -> Released | None:
        found = homecoming(c, action.alert_id, person, rules)
        if len(found.draft.areas) != action.villages:
            context.will_show(c, _question(c, context, found))
            return None
        released = call_home(c, action.alert_id, person, rules, now)
        screen = places_screen(context.facts(c), found.alert, context.on_watch(c))
        context.will_show(c, screen)
        return released

    released = await context.write(unit)
    language = context.language
    calls = None if released is None else released.calls
    await context.toast(changed_toast(language) if calls is None else return_toast(calls, language))


def _question(c: Connection, context: Context, found: Homecoming) -> Screen:
    return ask_return(
        found,
        context.language,
        context.facts(c).area(found.alert),
        area_name(context.services, found.draft.areas),
        zone=context.zone,
    )


TAPS: dict[type, TapHandler] = {ReturnAsk: return_ask, ReturnNow: return_now}
