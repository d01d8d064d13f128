"""What a commander does with a proposed warning: it is released as a draft of theirs, or not."""

from __future__ import annotations

from datetime import datetime
from enum import Enum

from alerts.drafts import store as draft_store
from alerts.drafts.model import ProposalState, StoredProposal
from alerts.drafts.proposing import end
from contacts.access import may_release, may_watch, require
from contacts.people import Person
from data.database import Connection
from data.errors import NotFound


class ProposalProblem(Enum):
    """Why a proposal cannot be decided."""

    UNKNOWN = "unknown_draft"
    DECIDED = "draft_decided"


def known_proposal(
    connection: Connection, proposal_id: int, reader: Person, *, lock: bool = False
) -> StoredProposal:
    """A proposal for whoever is informed of warnings there.

    :raises NotFound: no such proposal.
    :raises NotAllowed: ``reader`` is not informed of warnings of its areas.
    """
    found = draft_store.proposal(connection, proposal_id, lock=lock)
    if found is None:
        raise NotFound(ProposalProblem.UNKNOWN, number=proposal_id)
    areas = found.proposal.draft.areas
    require(may_watch(reader, areas), areas=areas)
    return found


def dismiss(connection: Connection, proposal_id: int, by: Person, now: datetime) -> StoredProposal:
    """不发: it does not go out. What was decided before stays as it was.

    :raises NotFound: no such proposal.
    :raises NotAllowed: ``by`` could not release it either.
    """
    found = known_proposal(connection, proposal_id, by, lock=True)
    require(may_release(by, found.proposal.draft.areas), areas=found.proposal.draft.areas)
    if found.open:
        end(connection, found, ProposalState.DISMISSED, by, now)
    decided = draft_store.proposal(connection, proposal_id)
    assert decided is not None
    return decided


def released(
    connection: Connection, proposal_id: int, by: Person, alert_id: int, now: datetime
) -> None:
    """A draft has been released: in the transaction of the release.

    :param proposal_id: what a machine proposed, if it began so; else 0.
    """
    if not proposal_id:
        return
    found = draft_store.proposal(connection, proposal_id, lock=True)
    if found is not None and found.open:
        end(connection, found, ProposalState.RELEASED, by, now, alert_id=alert_id)


def waiting(connection: Connection, reader: Person, now: datetime) -> list[StoredProposal]:
    """What waits for a decision that ``reader`` may see; newest first."""
    return [
        proposal
        for proposal in draft_store.open_proposals(connection, now)
        if may_watch(reader, proposal.proposal.draft.areas).allowed
    ]
