"""The officer's answer to a silent patroller: reached by telephone, or found."""

from __future__ import annotations

from alerts.patrol.shifts.missed import reached
from bot.actions.shifts import PatrolReached
from bot.handlers.context import Context
from bot.handlers.routes import TapHandler
from bot.views.patrol import shifts as views


async def patrol_reached(context: Context, action: PatrolReached) -> None:
    """✅ 已联系上."""
    officer, now = context.known(), context.now
    rules = context.services.rules.shifts
    person = await context.write(lambda c: reached(c, action.id, officer, now, rules))
    await context.toast(views.reached(person, context.language))


TAPS: dict[type, TapHandler] = {PatrolReached: patrol_reached}
