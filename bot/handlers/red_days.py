"""The answers to the orders and the zero report of a red danger day."""

from __future__ import annotations

from alerts.patrol.red_days.orders import answer
from bot.actions.red_days import RedDayAnswer
from bot.handlers.context import Context
from bot.handlers.routes import TapHandler
from bot.views.patrol import red_days as views


async def answered(context: Context, action: RedDayAnswer) -> None:
    """收到, 无火情, 有火情."""
    person, now = context.known(), context.now
    ask, told = await context.write(lambda c: answer(c, action.id, person, action.answer, now))
    await context.toast()
    await context.show(views.answered(ask, told, context.language, zone=context.services.zone))


TAPS: dict[type, TapHandler] = {RedDayAnswer: answered}
