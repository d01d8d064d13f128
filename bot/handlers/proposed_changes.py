"""A machine proposes a change of a warning in force, or its lifting: previewed, then done."""

from __future__ import annotations

from alerts import alert_store
from alerts.drafts.deciding import known_proposal
from alerts.drafts.model import ProposalKind, ProposalState, StoredProposal
from alerts.drafts.proposing import end
from alerts.updates.changing import changed, update
from bot.actions.drafts import ProposalChange
from bot.handlers.context import Context
from bot.handlers.ending import question
from bot.messages.changed_terms import lines_between
from bot.messages.drafts import change_proposed, shown
from bot.views.screen import Screen
from bot.views.warnings import changes as change_views
from bot.views.warnings import proposed as views
from bot.views.warnings.ending import ask_lift
from bot.views.warnings.release_line import with_note
from data.database import Connection


async def preview(context: Context, stored: StoredProposal, note: str = "") -> None:
    """👁 预览变更, 👁 预览解除: whom it asks again, whom it tells; the button that does it."""
    alert_id = stored.proposal.changes
    assert alert_id is not None
    person, rules, now = context.commander(), context.services.rules.warnings, context.now

    def look(c: Connection) -> Screen:
        alert = alert_store.alert(c, alert_id)
        if alert is None or not alert.in_force:
            return Screen(views.no_more_in_force(context.language))
        if stored.proposal.kind is ProposalKind.LIFT:
            return question(c, context, alert_id, ask_lift)[1]
        would = changed(
            c, alert_id, change_proposed(c, context.services, stored, alert), person, rules, now
        )
        facts = context.facts(c)
        about = shown(facts, stored, person)
        lines = lines_between(
            facts, alert, would.before, would.after, would.kinds, context.language
        )
        return views.change_preview(about, alert, would, lines, context.language, note=note)

    screen = await context.read(look)
    await context.toast()
    await context.say(screen)


async def make(context: Context, action: ProposalChange) -> None:
    """✅ 确认变更: once, and of the warning as it was shown."""
    person, rules, now = context.commander(), context.services.rules.warnings, context.now

    def unit(c: Connection) -> StoredProposal | None:
        stored = known_proposal(c, action.id, person, lock=True)
        alert_id = stored.proposal.changes
        alert = None if alert_id is None else alert_store.alert(c, alert_id)
        if not stored.open or alert is None or not alert.in_force:
            context.will_show(c, _as_it_is(context, c, stored))
            return None
        if max(1, alert.version) != action.version:
            return stored
        change = change_proposed(c, context.services, stored, alert)
        updated = update(c, alert.id, change, person, rules, now)
        waits = updated.pending is not None  # refused, or lapsed, it is still to be decided
        if not waits and known_proposal(c, action.id, person).open:  # it said more than was made
            end(c, stored, ProposalState.RELEASED, person, now, alert_id=alert.id)
        screen = _as_it_is(context, c, known_proposal(c, action.id, person))
        if waits:
            screen = with_note(
                change_views.waits_for_second(alert.hazard, context.language), screen
            )
        context.will_show(c, screen)
        return None

    outdated = await context.write(unit)
    if outdated is not None:
        await preview(context, outdated, views.changed_meanwhile(context.language))
    else:
        await context.toast()


def _as_it_is(context: Context, c: Connection, stored: StoredProposal) -> Screen:
    about = shown(context.facts(c), stored, context.person)
    return views.proposed(about, context.language, zone=context.zone)
