"""A warning that waits for a second person: confirmed, refused, withdrawn."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

from alerts import alert_store
from alerts.acts import ActKind
from alerts.model import State
from alerts.release import confirm, count_if_large, decided, withdraw
from alerts.validity import as_of
from bot.actions.warnings import ConfirmAlert, ConfirmKnowing, RefuseAlert
from bot.handlers import late
from bot.handlers.context import Context
from bot.handlers.routes import TapHandler
from bot.messages.releases import confirm_screen
from bot.views.late import proposal_note
from bot.views.screen import Screen
from bot.views.warnings import confirmation as views
from contacts.access import may_confirm, require
from data.database import Connection
from data.errors import Conflict


async def confirm_alert(context: Context, action: ConfirmAlert) -> None:
    """The second person: 确认发布."""
    if not await _asked_again(context, action):
        await _confirm(context, action)


async def confirm_knowing(context: Context, action: ConfirmKnowing) -> None:
    """The same, of what was proposed long ago and has just been read again."""
    read_at = datetime.fromtimestamp(action.asked * 60, UTC)
    stale = late.is_late(context, ActKind.RELEASE) or context.services.rules.acts.late(
        ActKind.RELEASE, read_at, context.now
    )
    if not stale or not await _asked_again(context, action, stale=True):
        await _confirm(context, action)


async def _asked_again(
    context: Context, action: ConfirmAlert | ConfirmKnowing, *, stale: bool = False
) -> bool:
    """Whether it was proposed, or tapped, too long ago: it is shown again, with what changed since.

    :param stale: it was read again, and that is long ago too.
    """
    person, rules = context.known(), context.services.rules.acts
    late_tap = late.is_late(context, ActKind.RELEASE)

    def look(c: Connection) -> tuple[Screen, str] | None:
        alert = alert_store.alert(c, action.id)
        if alert is None or alert.state is not State.PENDING or alert.expires_at <= context.now:
            return None
        if not (stale or late_tap or rules.old_proposal(alert.created_at, context.now)):
            return None
        require(may_confirm(person, alert.sender_id, alert.areas), alert=alert.id)
        if late_tap:
            note = late.tap_note(context, late.label_of(context, action))
        else:
            zone = context.zone
            note = proposal_note(alert.created_at, context.now, context.language, zone=zone)
        since = late.changes(c, context, alert.areas, alert.created_at)
        screen = confirm_screen(context.facts(c), alert, context.language, person, again=True)
        return screen, f"{note}\n{since}"

    shown = await context.read(look)
    if shown is None:
        return False
    await context.toast()
    context.preface = shown[1]
    await context.show(shown[0])
    return True


async def _confirm(context: Context, action: ConfirmAlert | ConfirmKnowing) -> None:
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


TAPS: dict[type, TapHandler] = {
    ConfirmAlert: confirm_alert,
    ConfirmKnowing: confirm_knowing,
    RefuseAlert: refuse_alert,
}


async def _decide(context: Context, alert_id: int, decide: Callable[[Connection], Any]) -> None:
    """Decide, unless somebody was faster; then show who decided what."""
    person = context.known()
    with suppress(Conflict):
        await context.write(decide)

    def look(c: Connection) -> Screen:
        alert, facts = as_of(decided(c, alert_id, person), context.now), context.facts(c)
        return views.confirm_done(
            alert,
            context.language,
            facts.area(alert),
            by=facts.by(alert.confirmed_by or alert.cancelled_by),
            zone=context.zone,
        )

    screen = await context.read(look)
    await context.toast()
    await context.show(screen)
