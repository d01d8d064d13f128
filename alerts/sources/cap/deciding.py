"""What a message of another agency leads to: drafts, the end of drafts, or nothing, and why."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import Enum
from typing import Any

from alerts import alert_store
from alerts.drafts import store as draft_store
from alerts.drafts.following import follow
from alerts.drafts.model import (
    Proposal,
    ProposalKind,
    ProposalRules,
    ProposalState,
    StoredProposal,
)
from alerts.drafts.proposing import end, propose
from alerts.model import Alert, Draft
from alerts.sources.cap import doubts
from alerts.sources.cap.areas import Ground, is_here, where
from alerts.sources.cap.drafting import (
    Parts,
    draft_of,
    loops,
    meant,
    notes_of,
    parts_of,
    valid_until,
)
from alerts.sources.cap.meaning import EventTable, NoHazard
from alerts.sources.cap.message_store import KnownMessage, Outcome
from alerts.sources.cap.model import CapAlert, CapType
from data.database import Connection


class CapTrouble(Enum):
    """What is wrong with something that came: a line each, where an operator sees it."""

    FEED = "feed"  # nothing of the answer can be read
    BROKE_OFF = "broke_off"  # half a feed
    YESTERDAY = "yesterday"  # an old one
    LINKS = "links"  # what the feed points to cannot be had
    MESSAGE = "message"  # one message cannot be read
    OTHER_CONTENT = "other_content"  # the same message says something else now
    LOOP = "loop"  # it refers to itself
    UPDATE_UNKNOWN = "update_unknown"  # of a message that never came
    CANCEL_UNKNOWN = "cancel_unknown"
    CANCEL_BY_OTHER = "cancel_by_other"  # of somebody else's message
    UNKNOWN_EVENT = "unknown_event"  # no hazard of ours, and not known as none


@dataclass(frozen=True, slots=True)
class Finding:
    """What is wrong with ``subject``: a message's identifier, or the feed as a whole."""

    subject: str
    trouble: CapTrouble
    facts: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Decided:
    """What became of a message."""

    outcome: Outcome
    proposed: int = 0
    findings: tuple[Finding, ...] = ()
    words: str = ""


Earlier = Mapping[str, Sequence[KnownMessage]]
"""Messages that came before, by their identifier, the newest first."""


@dataclass(frozen=True, slots=True)
class _Family:
    """What came of the messages that one refers to: proposals, and warnings of ours in force."""

    messages: tuple[KnownMessage, ...] = ()
    open: tuple[StoredProposal, ...] = ()
    alerts: tuple[Alert, ...] = ()


@dataclass(frozen=True, slots=True)
class Desk:
    """What is decided with: for which source, where, by which rules, when.

    ``draft_only``: the source says too little for anything to go out by itself.
    """

    source: str
    ground: Ground
    table: EventTable
    rules: ProposalRules
    now: datetime
    draft_only: bool = False
    overtaken: frozenset[tuple[str, str]] = (
        frozenset()
    )  # identifiers and senders: see message_store


def decide(
    connection: Connection, desk: Desk, alert: CapAlert, digest: str, earlier: Earlier
) -> Decided:
    """Decide about a message that has not come before.

    :param digest: stands for the message; proposals of it are ``digest#1`` and so on.
    """
    if not meant(alert):
        return Decided(Outcome.NOT_MEANT, words=f"{alert.status.value} {alert.type.value}")
    findings: list[Finding] = []
    referred = _referred(alert, earlier, findings)
    own = [one for one in referred if _same_sender(alert, one)]
    family = _family(connection, desk.source, own, earlier)
    parts = parts_of(alert, desk.table)
    if alert.type is CapType.CANCEL or parts.clear:
        foreign = next((one for one in referred if one not in own), None)
        decided = _ended(connection, desk, alert, digest, family, foreign)
    elif (alert.identifier, alert.sender) in desk.overtaken:
        decided = Decided(Outcome.ENDED, words="overtaken")  # it came after what ended it
    elif not parts.parts:
        decided = _of_no_hazard(alert, parts, here=_is_here(connection, desk, alert))
    else:
        decided = _proposed(connection, desk, alert, digest, family, parts, referred)
    return replace(decided, findings=(*findings, *decided.findings))


def _referred(alert: CapAlert, earlier: Earlier, findings: list[Finding]) -> list[KnownMessage]:
    """The messages that it refers to, as far as they came; none that lead back to itself."""
    referred = [one for ref in alert.references for one in earlier.get(ref.identifier, ())]
    if not loops(alert, {word for one in referred for word in one.refers}):
        return referred
    findings.append(Finding(alert.identifier, CapTrouble.LOOP))
    return [
        one
        for one in referred
        if one.identifier != alert.identifier and alert.identifier not in one.refers
    ]


def _is_here(connection: Connection, desk: Desk, alert: CapAlert) -> bool:
    """Whether it is about our divisions: what is wrong elsewhere is no operator's line."""
    areas = [area for info in alert.infos for area in info.areas]
    return is_here(connection, desk.ground, alert, areas)


def _of_no_hazard(alert: CapAlert, parts: Parts, *, here: bool) -> Decided:
    if not here:
        return Decided(Outcome.ELSEWHERE, words=parts.event)
    if parts.none is not NoHazard.UNKNOWN:
        return Decided(Outcome.NOT_OURS, words=parts.event)
    facts = {"event": parts.event[:60]}
    finding = Finding(alert.identifier, CapTrouble.UNKNOWN_EVENT, facts)
    return Decided(Outcome.UNKNOWN_EVENT, 0, (finding,), parts.event)


def _proposed(
    connection: Connection,
    desk: Desk,
    alert: CapAlert,
    digest: str,
    family: _Family,
    parts: Parts,
    referred: Sequence[KnownMessage],
) -> Decided:
    """A proposal for each part that concerns us now."""
    proposed, over = 0, False
    left = list(family.alerts)
    notes = _of_references(alert, referred, family)
    for number, part in enumerate(parts.parts, start=1):
        areas = [area for info in part.infos for area in info.areas]
        place = where(connection, desk.ground, alert, areas)
        if not (place.areas or place.besides):
            continue
        until, more = valid_until(alert, part, desk.rules.warnings)
        if until <= desk.now:
            over = True
            continue
        changed = next((one for one in left if one.hazard is part.hazard), None)
        if changed is not None:
            left.remove(changed)
        proposal = Proposal(
            desk.source,
            f"{digest}#{number}",
            draft_of(alert, part, place, desk.rules.warnings),
            until,
            ProposalKind.NEW if changed is None else ProposalKind.UPDATE,
            (alert.sender or part.first.sender_name)[:200],
            None if changed is None else changed.id,
            tuple(one.proposal.identifier for one in family.open),
            (*notes, *more, *notes_of(alert, part, place, desk.now)),
            desk.draft_only,
        )
        proposed += _propose(connection, proposal, desk)
    if proposed and left:  # an update that leaves one of our warnings out
        _take_back(connection, desk, alert, digest, replace(family, open=(), alerts=tuple(left)))
    if proposed:
        return Decided(Outcome.PROPOSED, proposed, _never_seen(alert, referred))
    if over:
        return Decided(Outcome.OUT_OF_DATE)
    if family.open or family.alerts:  # an update that leaves us out
        return Decided(Outcome.ENDED, _take_back(connection, desk, alert, digest, family))
    return Decided(Outcome.ELSEWHERE)


def _of_references(alert: CapAlert, referred: Sequence[KnownMessage], family: _Family) -> list[str]:
    """What is to be said of the messages that it refers to."""
    if not alert.references or family.messages:
        return []
    if any(reference.identifier == alert.identifier for reference in alert.references):
        return [doubts.LOOPS]
    if alert.type is not CapType.UPDATE:
        return []
    return [doubts.OF_ANOTHER if referred else doubts.NEVER_SEEN]


def _never_seen(alert: CapAlert, referred: Sequence[KnownMessage]) -> tuple[Finding, ...]:
    if alert.type is CapType.UPDATE and alert.references and not referred:
        return (Finding(alert.identifier, CapTrouble.UPDATE_UNKNOWN),)
    return ()


def _ended(
    connection: Connection,
    desk: Desk,
    alert: CapAlert,
    digest: str,
    family: _Family,
    foreign: KnownMessage | None,
) -> Decided:
    """A cancel, or the all clear: of what came before, by the same sender only.

    :param foreign: what it refers to and somebody else has sent.
    """
    if family.messages:
        return Decided(Outcome.ENDED, _take_back(connection, desk, alert, digest, family))
    if foreign is not None:
        facts = {"sender": alert.sender[:60], "of": foreign.sender[:60]}
        finding = Finding(alert.identifier, CapTrouble.CANCEL_BY_OTHER, facts)
        return Decided(Outcome.CANCEL_BY_OTHER, 0, (finding,), foreign.identifier)
    if alert.type is not CapType.CANCEL:
        return Decided(Outcome.CLEAR)
    if not alert.references or (alert.infos and not _is_here(connection, desk, alert)):
        return Decided(Outcome.CANCEL_UNKNOWN)
    return Decided(
        Outcome.CANCEL_UNKNOWN, 0, (Finding(alert.identifier, CapTrouble.CANCEL_UNKNOWN),)
    )


def _take_back(
    connection: Connection, desk: Desk, alert: CapAlert, digest: str, family: _Family
) -> int:
    """Drafts end; for a warning of ours that is in force its commander is asked to lift it."""
    for waiting in family.open:
        end(connection, waiting, ProposalState.SUPERSEDED, None, desk.now)
    proposed = 0
    said = alert.infos[0] if alert.infos else None
    note = alert.note or ("" if said is None else said.description or said.headline)
    for ours in family.alerts:
        draft = Draft(
            ours.level, ours.hazard, ours.areas, ours.description, ours.exercise, places=ours.places
        )
        proposal = Proposal(
            desk.source,
            f"{digest}#lift{ours.id}",
            draft,
            ours.expires_at,
            ProposalKind.LIFT,
            alert.sender,
            ours.id,
            notes=(doubts.cut(note, 200),) if note else (),
        )
        proposed += _propose(connection, proposal, desk)
    return proposed


def _propose(connection: Connection, proposal: Proposal, desk: Desk) -> bool:
    """Propose it; a change of what went out by itself is made by itself, where a policy fits."""
    made = propose(connection, proposal, desk.rules, desk.now)
    if made.new and proposal.changes is not None:
        follow(connection, made.id, desk.rules, desk.now)
    return made.new


def _family(
    connection: Connection, source: str, referred: Iterable[KnownMessage], earlier: Earlier
) -> _Family:
    """What came of these messages and of those that they refer to in turn."""
    messages: dict[str, KnownMessage] = {}
    waiting = list(referred)
    while waiting:
        one = waiting.pop()
        if one.digest in messages:
            continue
        messages[one.digest] = one
        waiting += [known for word in one.refers for known in earlier.get(word, ())]
    if not messages:
        return _Family()
    found = draft_store.of_messages(connection, source, messages)
    alert_ids = dict.fromkeys(
        alert_id for one in found for alert_id in (one.alert_id, one.proposal.changes) if alert_id
    )
    alerts = [alert_store.alert(connection, alert_id) for alert_id in alert_ids]
    return _Family(
        tuple(messages.values()),
        tuple(one for one in found if one.open),
        tuple(ours for ours in alerts if ours is not None and ours.in_force),
    )


def _same_sender(alert: CapAlert, earlier: KnownMessage) -> bool:
    """Whether who sends this has sent the earlier one: nobody takes back another's warning."""
    return bool(alert.sender) and alert.sender.casefold() == earlier.sender.casefold()
