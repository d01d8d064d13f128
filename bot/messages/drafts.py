"""What a delivery about a proposed warning says."""

from __future__ import annotations

from dataclasses import replace

from alerts.drafts import store as draft_store
from alerts.drafts.model import StoredProposal
from alerts.drafts.settling import change_of
from alerts.lifecycle import Change
from alerts.model import Alert
from alerts.outbox.deliveries import Delivery
from alerts.outbox.draft_messages import Proposed, ProposedList
from bot.messages.expiry import to_ring
from bot.messages.facts import Facts, area_of, warned_name
from bot.messages.requests import as_message
from bot.messages.topic import Topic
from bot.services.services import Services
from bot.telegram.outgoing import Request
from bot.views.vocabulary import headline
from bot.views.warnings import proposed as views
from bot.views.warnings.proposed import ShownProposal
from contacts import place_store
from contacts.access import may_release
from contacts.duty_store import commanders_of
from contacts.people import Person
from data.database import Connection

DRAFTS = Topic()

MOST_COMMANDERS = 3
"""Commanders named to who may not decide (ours)."""


def shown(facts: Facts, stored: StoredProposal, reader: Person | None) -> ShownProposal:
    """A proposal with the names of its places and of whoever decided."""
    draft = stored.proposal.draft
    names = place_store.names(facts.connection, draft.places) if draft.places else {}
    place = warned_name(facts.services, draft.areas, draft.places, names)
    by = "" if stored.decided_by is None else facts.by(stored.decided_by)
    decides = may_release(reader, draft.areas).allowed
    asked: tuple[str, ...] = ()
    if stored.open and reader is not None and not decides:
        commanders = commanders_of(facts.connection, draft.areas)[:MOST_COMMANDERS]
        asked = to_ring(facts, commanders, reader, reader.language) or (facts.duty_phone(reader),)
    return ShownProposal(stored, place, by, decides, asked)


def change_proposed(
    connection: Connection, services: Services, stored: StoredProposal, alert: Alert
) -> Change:
    """The change of a warning that is proposed, with the headline that it has then."""
    draft = stored.proposal.draft
    added = change_of(stored, alert, "").add
    wider = replace(alert, areas=tuple(dict.fromkeys((*alert.areas, *added))))
    place = area_of(connection, services, wider)
    return change_of(stored, alert, headline(draft.level, alert.hazard, place, "zh"))


@DRAFTS.says(Proposed)
def _proposed(facts: Facts, delivery: Delivery, message: Proposed) -> Request | None:
    stored = draft_store.proposal(facts.connection, message.proposal_id)
    reader = None if delivery.person_id is None else facts.person(delivery.person_id)
    if stored is None:
        return None
    if message.message_id is None and not (stored.open and stored.proposal.valid_until > facts.now):
        return None  # it was decided, or out of date, while this waited to be sent
    screen = views.proposed(shown(facts, stored, reader), delivery.language, zone=facts.zone)
    return as_message(delivery.chat_id, screen, message.message_id)


@DRAFTS.says(ProposedList)
def _list(facts: Facts, delivery: Delivery, message: ProposedList) -> Request | None:
    if not draft_store.open_proposals(facts.connection, facts.now):
        return None
    return as_message(delivery.chat_id, views.proposed_many(message.more, delivery.language))
