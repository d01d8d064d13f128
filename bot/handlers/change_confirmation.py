"""A change of a warning that waits for a second person: confirmed, refused, withdrawn."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from alerts.acts import ActKind
from alerts.lifecycle import Terms
from alerts.lookup import known_alert
from alerts.model import Alert
from alerts.updates.changing import end_moot
from alerts.updates.confirming import confirm_change
from alerts.updates.model import ChangeState, Updated
from alerts.updates.pending import known_change, withdraw_change
from bot.actions.changes import (
    ConfirmChangeKnowing,
    ConfirmChangeOf,
    ConfirmTheChange,
    RefuseTheChange,
)
from bot.handlers import late
from bot.handlers.context import Context
from bot.handlers.routes import TapHandler
from bot.messages.changes import confirm_screen, decided_screen
from bot.views.late import changed_note, proposal_note
from bot.views.screen import Screen
from bot.views.vocabulary import headline
from contacts.access import may_cancel, may_confirm, require
from data.database import Connection
from data.errors import Conflict


async def confirm(context: Context, action: ConfirmChangeOf) -> None:
    """The second person: ✅ 确认升级."""
    read_at = datetime.fromtimestamp(action.asked * 60, UTC) if action.asked else None
    if not await _asked_again(context, action, version=action.version, read_at=read_at):
        await _confirm(context, action.change_id)


async def confirm_of_before(context: Context, action: ConfirmTheChange) -> None:
    """The same, under a question that does not say of which version it is."""
    if not await _asked_again(context, action):
        await _confirm(context, action.change_id)


async def confirm_knowing(context: Context, action: ConfirmChangeKnowing) -> None:
    """The same, of what was proposed long ago and has just been read again."""
    read_at = datetime.fromtimestamp(action.asked * 60, UTC)
    if not await _asked_again(context, action, read_at=read_at):
        await _confirm(context, action.change_id)


async def refuse(context: Context, action: RefuseTheChange) -> None:
    """The second person refuses, or whoever proposed it withdraws."""
    person, now = context.known(), context.now
    await _decide(
        context, action.change_id, lambda c: withdraw_change(c, action.change_id, person, now)
    )


TAPS: dict[type, TapHandler] = {
    ConfirmChangeOf: confirm,
    ConfirmTheChange: confirm_of_before,
    ConfirmChangeKnowing: confirm_knowing,
    RefuseTheChange: refuse,
}


async def _asked_again(
    context: Context,
    action: ConfirmChangeOf | ConfirmTheChange | ConfirmChangeKnowing,
    *,
    version: int | None = None,
    read_at: datetime | None = None,
) -> bool:
    """Whether it was proposed, read or tapped too long ago, or the warning was changed since: it is
    shown again, as it would be now.

    :param version: of the warning that was read; ``None``: not known.
    :param read_at: when it was read again; ``None``: as it was proposed.
    """
    person, rules = context.known(), context.services.rules.acts
    late_tap = late.is_late(context, ActKind.RELEASE)

    def look(c: Connection) -> tuple[Screen, str] | None:
        change = known_change(c, action.change_id)
        if change.state is not ChangeState.PENDING:
            return None
        alert = known_alert(c, change.alert_id)
        changed_since = version is not None and alert.version != version
        if read_at is None:
            stale = rules.old_preview(change.proposed_at, context.now)
        else:
            stale = rules.late(ActKind.RELEASE, read_at, context.now)
        if not (stale or late_tap or changed_since):
            return None
        require(may_confirm(person, change.by_id, alert.areas), alert=alert.id)
        screen = confirm_screen(context.facts(c), change, context.language, person, again=True)
        if screen is None:
            return None
        if late_tap:
            return screen, late.tap_note(context, late.label_of(context, action))
        if changed_since:
            return screen, changed_note(alert.version, context.language)
        zone = context.zone
        note = proposal_note(change.proposed_at, context.now, context.language, zone=zone)
        return screen, note

    shown = await context.read(look)
    if shown is None:
        return False
    await context.toast()
    context.preface = shown[1]
    await context.show(shown[0])
    return True


async def _confirm(context: Context, change_id: int) -> None:
    person, now, rules = context.known(), context.now, context.services.rules.warnings

    def decide(c: Connection) -> Updated:
        facts = context.facts(c)

        def named(alert: Alert, terms: Terms) -> str:
            return headline(terms.level, alert.hazard, facts.area_of_terms(terms), "zh")

        return confirm_change(c, change_id, person, rules, now, named=named)

    await _decide(context, change_id, decide)


async def _decide(context: Context, change_id: int, decide: Callable[[Connection], Any]) -> None:
    """Decide, unless somebody was faster; then show who decided what."""
    person = context.known()
    refused: Conflict | None = None
    try:
        await context.write(decide)
    except Conflict as conflict:
        refused = conflict

    def look(c: Connection) -> Screen | None:
        change = known_change(c, change_id)
        require(may_cancel(person, known_alert(c, change.alert_id).areas), alert=change.alert_id)
        if change.state is ChangeState.PENDING:
            return None
        return decided_screen(context.facts(c), change, context.language)

    screen = await context.read(look)
    if screen is None and refused is not None:
        # It waits still, but the warning cannot be changed so any more: nobody is asked again.
        rules, now = context.services.rules.warnings, context.now
        await context.write(lambda c: end_moot(c, known_change(c, change_id).alert_id, rules, now))
        screen = await context.read(look)
        if screen is None:
            raise refused
    await context.toast()
    if screen is not None:
        await context.show(screen)
