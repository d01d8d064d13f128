"""Machines propose warnings: kept once, released where a policy says so, else somebody is asked."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from alerts.drafts import store as draft_store
from alerts.drafts.model import (
    Act,
    Policy,
    Proposal,
    ProposalKind,
    ProposalRules,
    ProposalState,
    StoredProposal,
    WhyAsked,
    in_charge,
)
from alerts.outbox import store as outbox_store
from alerts.outbox.deliveries import NewDelivery, to_person
from alerts.outbox.draft_messages import Proposed as ProposedMessage
from alerts.outbox.draft_messages import ProposedList
from alerts.outbox.lanes import Lane
from alerts.outbox.messages import Picture
from alerts.preview import preview
from alerts.release import release
from alerts.rules import LANES
from alerts.same_warnings import same_in_force
from contacts import people_store
from contacts.access import may_release
from contacts.duty_store import commanders_of, duty_officers
from contacts.people import Person
from data.audit import Entry, append
from data.database import Connection
from data.errors import InvalidInput, NotAllowed

CHUNK = 100
"""Proposals looked at in one transaction."""

MOST_ASKED = 5
"""Messages about proposals to one person in one sweep (ours); of more, one list says how many."""

WATER = "water:"
"""A proposal's picture that begins so is the curve of a gauge."""

AN_HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Proposed:
    """What became of a proposal. ``new``: it was not known before."""

    id: int
    state: ProposalState
    new: bool = True
    alert_id: int | None = None


def propose(
    connection: Connection, proposal: Proposal, rules: ProposalRules, now: datetime
) -> Proposed:
    """Keep what a machine proposes, and see to it that it goes out or somebody decides.

    Whoever is asked is told by the next sweep (``ask_due``), in the same second. Proposed twice it
    is one: the first is what counts.
    """
    known = draft_store.of_source(
        connection, proposal.source, [proposal.identifier, *proposal.replaces]
    )
    if (before := known.pop(proposal.identifier, None)) is not None:
        return Proposed(before.id, before.state, new=False, alert_id=before.alert_id)
    for older in known.values():
        if older.open:
            end(connection, older, ProposalState.SUPERSEDED, None, now)
    policy = rules.policy_for(proposal)
    act = Act.DRAFT if policy is None else policy.act
    if act is Act.IGNORE or proposal.valid_until <= now:
        state = ProposalState.IGNORED
        proposal_id = draft_store.add(connection, proposal, state, now)
        _note(connection, proposal_id, f"draft.{state.value}", proposal, now)
        return Proposed(proposal_id, state)
    why: WhyAsked | None = None
    if act is Act.RELEASE:
        assert policy is not None
        by = _releaser(connection, policy, proposal)
        why = _in_the_way(connection, proposal, by, rules, now)
        if why is None:
            assert by is not None
            return _release(connection, proposal, by, rules, now)
    proposal_id = draft_store.add(connection, proposal, ProposalState.OPEN, now, why)
    _note(connection, proposal_id, "draft.proposed", proposal, now)
    return Proposed(proposal_id, ProposalState.OPEN)


def end(
    connection: Connection,
    ended: StoredProposal,
    state: ProposalState,
    by: Person | None,
    now: datetime,
    *,
    alert_id: int | None = None,
) -> None:
    """It is decided, or over: nobody is asked any more, and the buttons go."""
    draft_store.change(
        connection,
        ended.id,
        state=state.value,
        next_at=None,
        decided_by=None if by is None else by.id,
        decided_at=now,
        alert_id=alert_id,
    )
    _take_buttons(connection, ended, now)
    actor = None if by is None else by.id
    detail = {} if alert_id is None else {"alert": alert_id}
    append(connection, now, [Entry(f"draft.{state.value}", f"draft:{ended.id}", actor, detail)])


def anything_due(connection: Connection, now: datetime) -> bool:
    """Whether ``ask_due`` would do something."""
    return draft_store.any_due(connection, now)


def ask_due(
    connection: Connection, now: datetime, rules: ProposalRules, *, limit: int = CHUNK
) -> int:
    """Ask who is in charge of what was proposed, tier after tier; end what is over.

    Returns how many were looked at. Whoever would get many messages at once gets one list.
    """
    due = draft_store.due(connection, now, limit)
    asked: dict[int, tuple[Person, list[StoredProposal]]] = {}
    for waiting in due:
        if waiting.proposal.valid_until <= now:
            end(connection, waiting, ProposalState.EXPIRED, None, now)
            continue
        people, depth = _next_in_charge(connection, waiting, now)
        for person in people:
            asked.setdefault(person.id, (person, []))[1].append(waiting)
        until = waiting.proposal.valid_until
        again = now + rules.again(waiting.proposal.draft.level)
        draft_store.change(
            connection,
            waiting.id,
            asked_depth=waiting.asked_depth if depth is None else depth,
            next_at=until if depth is None else min(again, until),
        )
        if people:
            detail = {"told": [person.id for person in people]}
            append(connection, now, [Entry("draft.asked", f"draft:{waiting.id}", detail=detail)])
    _tell(connection, asked.values(), now)
    return len(due)


def _next_in_charge(
    connection: Connection, waiting: StoredProposal, now: datetime
) -> tuple[list[Person], int | None]:
    draft = waiting.proposal.draft
    commanders = [person for person in commanders_of(connection, draft.areas) if person.reachable]
    on_duty = {
        officer.id: officer
        for code in {area[:6].ljust(12, "0") for area in draft.areas}
        for officer in duty_officers(connection, code, now)
        if officer.reachable
    }
    return in_charge(commanders, list(on_duty.values()), draft.hazard.family, waiting.asked_depth)


def _tell(
    connection: Connection,
    asked: Iterable[tuple[Person, list[StoredProposal]]],
    now: datetime,
) -> None:
    deliveries: list[NewDelivery] = []
    for person, waiting in asked:
        waiting.sort(key=lambda one: (LANES[one.proposal.draft.level], one.id))
        for one in waiting[:MOST_ASKED]:
            key = draft_store.key(one.id, person.id)
            lane = LANES[one.proposal.draft.level]
            deliveries.append(to_person(person, ProposedMessage(one.id), lane, coalesce_key=key))
            if one.proposal.picture.startswith(WATER):
                curve = Picture(gauge=one.proposal.picture.removeprefix(WATER))
                deliveries.append(to_person(person, curve, lane, coalesce_key=f"curve-{key}"))
        if len(waiting) > MOST_ASKED:
            key = f"proposed-list:{person.id}"
            message = ProposedList(len(waiting) - MOST_ASKED)
            deliveries.append(to_person(person, message, Lane.ORANGE, coalesce_key=key))
    outbox_store.add_many(connection, deliveries, now)


def _take_buttons(connection: Connection, ended: StoredProposal, now: datetime) -> None:
    """What asks about it is edited: what became of it, and nothing to press."""
    edits = [
        NewDelivery(
            ProposedMessage(ended.id, sent.message_id),
            Lane.CARD,
            sent.chat_id,
            language=sent.language,
            person_id=sent.person_id,
            coalesce_key=None
            if sent.bot_id is None
            else outbox_store.edit_key(sent.bot_id, sent.chat_id, sent.message_id),
        )
        for sent in draft_store.asked_messages(connection, ended)
    ]
    outbox_store.add_many(connection, edits, now)


def _releaser(connection: Connection, policy: Policy, proposal: Proposal) -> Person | None:
    """In whose name it goes out: the person that the policy names, if they may."""
    person = people_store.person_by_phone(connection, policy.by)
    if person is None or not may_release(person, proposal.draft.areas).allowed:
        return None
    return person


def _in_the_way(
    connection: Connection,
    proposal: Proposal,
    by: Person | None,
    rules: ProposalRules,
    now: datetime,
) -> WhyAsked | None:
    """Why it does not go out by itself, though a policy lets it; ``None``: it does."""
    if proposal.draft_only:
        return WhyAsked.DRAFT_ONLY
    if by is None:
        return WhyAsked.NOBODY_RELEASES
    if (
        draft_store.released_since(connection, proposal.source, now - AN_HOUR)
        >= rules.most_released
    ):
        return WhyAsked.TOO_MANY
    if proposal.kind is not ProposalKind.NEW:
        return WhyAsked.NOT_POSSIBLE
    if same_in_force(connection, proposal.draft, by, now):
        return WhyAsked.SAME_IN_FORCE
    try:
        preview(connection, proposal.draft, by, rules.warnings)
    except (InvalidInput, NotAllowed):
        return WhyAsked.NOT_POSSIBLE
    return None


def _release(
    connection: Connection, proposal: Proposal, by: Person, rules: ProposalRules, now: datetime
) -> Proposed:
    """It goes out in the name of ``by``; of two persons the second is asked as ever."""
    released = release(connection, proposal.draft, by, rules.warnings, now)
    state = ProposalState.RELEASED
    proposal_id = draft_store.add(
        connection,
        proposal,
        state,
        now,
        decided_by=by.id,
        decided_at=now,
        alert_id=released.alert_id,
    )
    detail = {"alert": released.alert_id, "by_policy": True}
    append(connection, now, [Entry("draft.released", f"draft:{proposal_id}", by.id, detail)])
    return Proposed(proposal_id, state, alert_id=released.alert_id)


def _note(
    connection: Connection, proposal_id: int, what: str, proposal: Proposal, now: datetime
) -> None:
    detail = {
        "source": proposal.source,
        "identifier": proposal.identifier,
        "sender": proposal.sender,
        "level": proposal.draft.level.value,
        "hazard": proposal.draft.hazard.value,
        "areas": list(proposal.draft.areas),
    }
    append(connection, now, [Entry(what, f"draft:{proposal_id}", detail=detail)])
