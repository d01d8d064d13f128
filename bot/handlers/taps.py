"""A button was pressed: which, and who handles it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from telegram import Update

from bot import callbacks
from bot.handlers import (
    commander,
    distress,
    duty,
    feed,
    hotspots,
    membership,
    red_days,
    release_wizard,
    responder,
    shifts,
)
from bot.handlers.context import Context
from bot.views.problems import old_button

Handler = Callable[[Context, Any], Awaitable[None]]

_HANDLERS: dict[type, Handler] = {
    **responder.TAPS,
    **duty.TAPS,
    **commander.TAPS,
    **release_wizard.TAPS,
    **membership.TAPS,
    **distress.TAPS,
    **feed.TAPS,
    **red_days.TAPS,
    **shifts.TAPS,
    **hotspots.TAPS,
}


async def tapped(update: Update, context: Context) -> None:
    """Parse what the button says; forged data, and buttons of an older version, end here."""
    query = update.callback_query
    action = None if query is None or query.data is None else callbacks.parse(query.data)
    handler = None if action is None else _HANDLERS.get(type(action))
    if handler is None:
        await context.toast(old_button(context.language), alert=True)
        return
    await handler(context, action)
