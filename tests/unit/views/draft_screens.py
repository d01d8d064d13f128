"""The texts about warnings that machines propose, for the golden files."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta

from alerts.drafts.model import Proposal, ProposalKind, ProposalState, StoredProposal, WhyAsked
from alerts.model import Draft, Hazard, Level
from alerts.sources.cap import doubts
from bot.views.screen import Screen
from bot.views.warnings import proposed
from bot.views.warnings.proposed import ShownProposal
from tests.unit.views import samples as s

View = Callable[[str], Screen]

DRAFT = Draft(
    Level.ORANGE,
    Hazard.RAINSTORM,
    ("222403101000",),
    "预计未来3小时，黄泥河镇等地降雨量将达50毫米以上 <请注意防范>。",
    issued_by="敦化市气象局",
)
WAITING = StoredProposal(
    7,
    Proposal(
        "jilin",
        "0a#1",
        DRAFT,
        s.NOW + timedelta(hours=6),
        sender="敦化市气象局",
        notes=(doubts.NO_EXPIRY, doubts.BY_NAME),
    ),
    ProposalState.OPEN,
    s.NOW,
)
PLACE = "黄泥河镇"


def proposals() -> Iterator[tuple[str, View]]:
    """What whoever decides reads, and what becomes of it."""
    shown = ShownProposal(WAITING, PLACE)
    yield "proposed", lambda language: proposed.proposed(shown, language)
    watching = replace(shown, may_decide=False)
    yield "proposed_duty", lambda language: proposed.proposed(watching, language)
    same = replace(shown, stored=replace(WAITING, why_asked=WhyAsked.SAME_IN_FORCE))
    yield "proposed_same", lambda language: proposed.proposed(same, language)
    decided = replace(WAITING, state=ProposalState.DISMISSED, decided_at=s.NOW)
    no = ShownProposal(decided, PLACE, "王主任")
    yield "proposed_dismissed", lambda language: proposed.proposed(no, language)
    lift = replace(WAITING, proposal=replace(WAITING.proposal, kind=ProposalKind.LIFT, changes=3))
    yield (
        "proposed_lift",
        lambda language: proposed.proposed(ShownProposal(lift, PLACE), language),
    )
    yield "proposed_list", lambda language: proposed.proposed_list([shown], 12, language)
    yield "proposed_none", lambda language: proposed.proposed_list([], 0, language)
    yield "proposed_many", lambda language: proposed.proposed_many(37, language)
