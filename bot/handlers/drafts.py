"""Warnings that machines propose: read, previewed as a draft of one's own, or not sent."""

from __future__ import annotations

from typing import Any

from telegram.ext import BaseHandler

from alerts.drafts.deciding import dismiss, known_proposal, waiting
from alerts.drafts.model import ProposalKind, StoredProposal
from alerts.drawn_area import DrawnArea
from bot.actions.drafts import (
    ProposalChange,
    ProposalDismiss,
    ProposalPreview,
    ProposalShow,
)
from bot.compose.release_draft import UnfinishedDraft
from bot.handlers import proposed_changes, release_wizard
from bot.handlers.context import Context
from bot.handlers.routes import TapHandler, commands
from bot.messages.drafts import shown
from bot.views.screen import Screen
from bot.views.warnings import proposed as views
from contacts.access import may_open_board, require
from data.database import Connection


def handlers() -> list[BaseHandler[Any, Any, Any]]:
    """The command."""
    return commands(drafts=drafts)


async def drafts(context: Context) -> None:
    """/drafts: what waits for a decision in the reader's area."""
    person, now = context.known(), context.now
    require(may_open_board(person), division=person.division_code)

    def look(c: Connection) -> Screen:
        facts = context.facts(c)
        found = waiting(c, person, now)
        rows = [shown(facts, stored, person) for stored in found[: views.LISTED]]
        return views.proposed_list(rows, len(found), context.language, zone=context.zone)

    await context.say(await context.read(look))


async def show(context: Context, action: ProposalShow) -> None:
    """One proposal, from the list."""
    person = context.known()
    screen = await context.read(lambda c: _screen(context, c, known_proposal(c, action.id, person)))
    await context.toast()
    await context.say(screen)


async def preview(context: Context, action: ProposalPreview) -> None:
    """👁 预览发布: the usual preview, with its confirm button."""
    person = context.commander()
    stored = await context.read(lambda c: known_proposal(c, action.id, person))
    if not stored.open:
        await _say_decided(context, stored)
        return
    if stored.proposal.changes is not None and stored.proposal.kind is not ProposalKind.NEW:
        await proposed_changes.preview(context, stored)
        return
    draft = stored.proposal.draft
    unfinished = UnfinishedDraft(
        draft.level,
        draft.hazard,
        draft.areas,
        draft.text,
        draft.lead_minutes,
        lead_chosen=True,
        exercise=draft.exercise,
        places=draft.places,
        besides=draft.besides,
        drawn=DrawnArea(draft.shape, notes=(), drawn=False) if draft.shape else None,
        issuer=draft.issued_by,
        proposal_id=stored.id,
    )
    await context.toast()
    await release_wizard.prepared(context, unfinished)


async def not_sent(context: Context, action: ProposalDismiss) -> None:
    """✖️ 不发."""
    person, now = context.known(), context.now

    def unit(c: Connection) -> None:
        stored = dismiss(c, action.id, person, now)
        context.will_show(c, _screen(context, c, stored))

    await context.write(unit)
    await context.toast()


TAPS: dict[type, TapHandler] = {
    ProposalPreview: preview,
    ProposalDismiss: not_sent,
    ProposalShow: show,
    ProposalChange: proposed_changes.make,
}


def _screen(context: Context, c: Connection, stored: StoredProposal) -> Screen:
    about = shown(context.facts(c), stored, context.person)
    return views.proposed(about, context.language, zone=context.zone)


async def _say_decided(context: Context, stored: StoredProposal) -> None:
    screen = await context.read(lambda c: _screen(context, c, stored))
    await context.toast()
    await context.show(screen)
