"""What a policy released by itself is changed and lifted by itself, too, as its source says."""

from __future__ import annotations

from datetime import datetime

from alerts import alert_message_store, alert_store
from alerts.closing import lift
from alerts.drafts import store as draft_store
from alerts.drafts.model import Act, ProposalKind, ProposalRules, ProposalState, StoredProposal
from alerts.drafts.proposing import AN_HOUR, end
from alerts.drafts.settling import change_of
from alerts.updates.changing import update
from contacts import people_store
from data.database import Connection
from data.errors import Conflict, InvalidInput, NotAllowed


def follow(connection: Connection, proposal_id: int, rules: ProposalRules, now: datetime) -> bool:
    """Make a proposed change or lifting, where its warning went out by itself and a policy fits.

    Only of what the same sender's signal of the same source brought about; whatever a person
    released or took over by hand is asked about. Of the biggest words the second person is asked as
    ever. ``False``: it stays a draft.
    """
    stored = draft_store.proposal(connection, proposal_id, lock=True)
    if stored is None or not stored.open or stored.proposal.changes is None:
        return False
    policy = rules.policy_for(stored.proposal)
    alert = alert_store.alert(connection, stored.proposal.changes)
    if policy is None or policy.act is not Act.RELEASE or alert is None or not alert.in_force:
        return False
    by = people_store.person_by_phone(connection, policy.by)
    if by is None or not _went_out_by_itself(connection, stored):
        return False
    lately = draft_store.released_since(connection, stored.proposal.source, now - AN_HOUR)
    if stored.proposal.kind is ProposalKind.UPDATE and lately >= rules.most_released:
        return False
    try:
        if stored.proposal.kind is ProposalKind.LIFT:
            lift(connection, alert.id, by, now, rules.warnings.zone)  # ends what proposed it
            return True
        headline = stored.proposal.draft.headline or alert.headline
        change = change_of(stored, alert, headline)
        updated = update(connection, alert.id, change, by, rules.warnings, now)
    except (Conflict, InvalidInput, NotAllowed):
        return False
    if updated.pending is not None:  # a second person is asked; it stays a draft until then
        return False
    end(connection, stored, ProposalState.RELEASED, by, now, alert_id=alert.id)
    return True


def _went_out_by_itself(connection: Connection, stored: StoredProposal) -> bool:
    """Whether the warning came from this source and sender, and nobody has had a hand in it."""
    proposal = stored.proposal
    assert proposal.changes is not None
    alike = proposal.source, proposal.sender
    by_itself = [
        one
        for one in draft_store.all_of_alert(connection, proposal.changes)
        if (one.proposal.source, one.proposal.sender) == alike and one.decided_at == one.created_at
    ]
    began = any(one.proposal.kind is ProposalKind.NEW for one in by_itself)
    # Each of its messages is one of these: what a person changed is one more.
    messages = alert_message_store.of_alert(connection, proposal.changes)
    return began and len(messages) == len(by_itself)
