"""What was proposed about a warning that is in force, once somebody has done something about it."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from alerts.drafts import store as draft_store
from alerts.drafts.model import ProposalKind, ProposalState, StoredProposal
from alerts.drafts.proposing import end
from alerts.lifecycle import RANK, Change, change_to, terms_of
from alerts.model import Alert
from contacts.people import Person
from data.database import Connection


def warning_ended(
    connection: Connection, alert_id: int, by: Person | None, now: datetime, *, lifted: bool
) -> None:
    """A warning is over: what proposed its lifting is done, what proposed a change of it is void.

    :param by: ``None``: it expired.
    """
    for waiting in draft_store.open_about(connection, alert_id):
        done = lifted and waiting.proposal.kind is ProposalKind.LIFT
        state = ProposalState.RELEASED if done else ProposalState.SUPERSEDED
        end(connection, waiting, state, by, now, alert_id=alert_id if done else None)


def warning_changed(
    connection: Connection, before: Alert, after: Alert, by: Person, now: datetime
) -> None:
    """A warning was changed: whoever proposed what it says by now, or less, has been heard."""
    for waiting in draft_store.open_about(connection, after.id):
        if waiting.proposal.kind is ProposalKind.UPDATE and _heard(waiting, before, after):
            end(connection, waiting, ProposalState.RELEASED, by, now, alert_id=after.id)


def _heard(waiting: StoredProposal, before: Alert, after: Alert) -> bool:
    raised = RANK[after.level] > RANK[before.level]
    if raised and RANK[waiting.proposal.draft.level] <= RANK[after.level]:
        return True
    left = change_of(waiting, after, after.headline)
    return replace(left, headline=None, note="") == Change()


def change_of(waiting: StoredProposal, alert: Alert, headline: str) -> Change:
    """The change of a warning that is proposed: its level and words, more areas, a later end.

    Only an agency lowers what it has issued itself: that a gauge stands lower lowers nothing. What
    the commander had added stays: a machine takes no village out, and shortens nothing.

    :param headline: of the warning as it will be.
    """
    proposal = waiting.proposal
    draft, by_agency = proposal.draft, not proposal.picture  # a gauge's has its curve
    higher = RANK[draft.level] > RANK[alert.level]
    other = higher or (by_agency and draft.level is not alert.level)
    later = by_agency and proposal.valid_until > alert.expires_at
    add, _ = change_to(terms_of(alert), draft.areas) if by_agency else ((), ())
    return Change(
        level=draft.level if other else None,
        text=None if draft.text.strip() == alert.description.strip() else draft.text,
        headline=headline if other else None,
        expires_at=proposal.valid_until if later else None,
        add=add,
        note=proposal.source,
    )
