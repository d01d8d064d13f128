"""A change of a warning that waits for a second person: agreed to, refused, withdrawn."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from alerts.lookup import known_alert
from alerts.updates.confirming import confirm_change
from alerts.updates.model import ChangeProblem
from alerts.updates.pending import known_change, withdraw_change
from bot.actions.changes import ConfirmTheChange, RefuseTheChange
from bot.handlers.context import Context
from bot.handlers.routes import TapHandler
from bot.messages.changes import decided_screen
from bot.views.screen import Screen
from contacts.access import may_cancel, require
from data.database import Connection
from data.errors import Conflict


async def confirm_the_change(context: Context, action: ConfirmTheChange) -> None:
    """The second person: 同意更改."""
    person, now, rules = context.known(), context.now, context.services.rules.warnings
    await _decide(
        context,
        action.change_id,
        lambda c: confirm_change(c, action.change_id, person, rules, now),
    )


async def refuse_the_change(context: Context, action: RefuseTheChange) -> None:
    """The second person refuses, or whoever proposed it withdraws."""
    person, now = context.known(), context.now
    await _decide(
        context, action.change_id, lambda c: withdraw_change(c, action.change_id, person, now)
    )


TAPS: dict[type, TapHandler] = {
    ConfirmTheChange: confirm_the_change,
    RefuseTheChange: refuse_the_change,
}


async def _decide(context: Context, change_id: int, decide: Callable[[Connection], Any]) -> None:
    """Decide, unless somebody was faster; then show who decided what."""
    person = context.known()

    try:
        await context.write(decide)
    except Conflict as error:
        if error.code is not ChangeProblem.NOT_PENDING:
            raise

    def look(c: Connection) -> Screen:
        change = known_change(c, change_id)
        alert = known_alert(c, change.alert_id)
        require(may_cancel(person, alert.areas), alert=alert.id)
        return decided_screen(context.facts(c), alert, change, context.language)

    screen = await context.read(look)
    await context.toast()
    await context.show(screen)
