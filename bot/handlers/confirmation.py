"""A warning that waits for a second person: confirmed, refused, withdrawn."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import Any

from alerts import alert_store
from alerts.release import confirm, count_if_large, decided, withdraw
from bot.actions.warnings import ConfirmAlert, RefuseAlert
from bot.handlers.context import Context
from bot.handlers.routes import TapHandler
from bot.views.screen import Screen
from bot.views.warnings import confirmation as views
from data.database import Connection
from data.errors import Conflict


async def confirm_alert(context: Context, action: ConfirmAlert) -> None:
    """The second person: 确认发布."""
    person, now, rules = context.known(), context.now, context.services.rules.warnings

    def count(c: Connection) -> int | None:
        alert = alert_store.alert(c, action.id)
        return None if alert is None else count_if_large(c, alert, alert.sender_id, rules)

    counted = await context.read(count)
    await _decide(
        context,
        action.id,
        lambda c: confirm(c, action.id, person, rules, now, counted=counted),
    )


async def refuse_alert(context: Context, action: RefuseAlert) -> None:
    """The second person refuses, or the sender withdraws."""
    person, now = context.known(), context.now
    await _decide(context, action.id, lambda c: withdraw(c, action.id, person, now))


TAPS: dict[type, TapHandler] = {ConfirmAlert: confirm_alert, RefuseAlert: refuse_alert}


async def _decide(context: Context, alert_id: int, decide: Callable[[Connection], Any]) -> None:
    """Decide, unless somebody was faster; then show who decided what."""
    person = context.known()
    with suppress(Conflict):
        await context.write(decide)

    def look(c: Connection) -> Screen:
        alert, facts = decided(c, alert_id, person), context.facts(c)
        return views.confirm_done(
            alert,
            context.language,
            facts.area(alert),
            by=facts.by(alert.confirmed_by or alert.cancelled_by),
            zone=context.services.zone,
        )

    screen = await context.read(look)
    await context.toast()
    await context.show(screen)
