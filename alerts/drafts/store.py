"""Proposed warnings as rows."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, bindparam, func, insert, or_, select, update

from alerts.drafts.model import (
    Proposal,
    ProposalKind,
    ProposalState,
    StoredProposal,
    WhyAsked,
    draft_as_json,
    draft_from_json,
)
from alerts.outbox.deliveries import DeliveryState
from alerts.outbox.messages import MessageKind
from alerts.outbox.store import NOT_QUEUED
from data.due import any_by
from data.set_aside import DueColumn
from data.tables.alerts import deliveries
from data.tables.columns import constant
from data.tables.sources import proposed_warnings as table

DUE = DueColumn("draft", table.c.id, table.c.next_at)
_OPEN = constant(ProposalState.OPEN.value)

# Built once: a poll may bring thousands.
_ADD = insert(table).returning(table.c.id)
_OF_SOURCE = select(table).where(
    table.c.source == bindparam("source"),
    table.c.identifier.in_(bindparam("identifiers", expanding=True)),
)


def add(
    connection: Connection,
    proposal: Proposal,
    state: ProposalState,
    now: datetime,
    why_asked: WhyAsked | None = None,
    **decided: Any,
) -> int:
    """Keep a proposal; its id.

    :param decided: where it is decided already, the columns that say by whom and what became of it.
    """
    values = {
        "source": proposal.source,
        "identifier": proposal.identifier,
        "sender": proposal.sender,
        "kind": proposal.kind.value,
        "state": state.value,
        "hazard": proposal.draft.hazard.value,
        "draft": draft_as_json(proposal.draft),
        "notes": list(proposal.notes),
        "draft_only": proposal.draft_only,
        "picture": proposal.picture,
        "changes": proposal.changes,
        "valid_until": proposal.valid_until,
        "created_at": now,
        "why_asked": None if why_asked is None else why_asked.value,
        "next_at": now if state is ProposalState.OPEN else None,
        **decided,
    }
    return int(connection.execute(_ADD, values).scalar_one())


def proposal(
    connection: Connection, proposal_id: int, *, lock: bool = False
) -> StoredProposal | None:
    """One proposal."""
    query = select(table).where(table.c.id == proposal_id)
    row = connection.execute(query.with_for_update() if lock else query).first()
    return None if row is None else _stored(row)


def of_source(
    connection: Connection, source: str, identifiers: Iterable[str]
) -> dict[str, StoredProposal]:
    """What a source has proposed under these identifiers."""
    given = {"source": source, "identifiers": list(identifiers)}
    return {row.identifier: _stored(row) for row in connection.execute(_OF_SOURCE, given)}


def of_messages(
    connection: Connection, source: str, messages: Iterable[str]
) -> list[StoredProposal]:
    """What a source has proposed because of these messages: their identifiers begin so."""
    beginnings = [
        table.c.identifier.startswith(f"{message}#", autoescape=True) for message in messages
    ]
    if not beginnings:
        return []
    query = select(table).where(table.c.source == source, or_(*beginnings)).order_by(table.c.id)
    return [_stored(row) for row in connection.execute(query)]


def open_proposals(connection: Connection, now: datetime) -> list[StoredProposal]:
    """What waits for a decision, newest first."""
    query = select(table).where(table.c.state == _OPEN, table.c.valid_until > now)
    return [_stored(row) for row in connection.execute(query.order_by(table.c.id.desc()))]


def open_about(connection: Connection, alert_id: int) -> list[StoredProposal]:
    """What waits for a decision about a warning that is in force."""
    query = select(table).where(table.c.state == _OPEN, table.c.changes == alert_id)
    return [_stored(row) for row in connection.execute(query.order_by(table.c.id))]


def any_due(connection: Connection, now: datetime) -> bool:
    """Whether the sweep has something to do."""
    return any_by(connection, table.c.next_at, now)


def due(connection: Connection, now: datetime, limit: int) -> list[StoredProposal]:
    """What the sweep has to look at: the first of it."""
    query = select(table).where(table.c.next_at <= now).order_by(table.c.next_at, table.c.id)
    return [_stored(row) for row in connection.execute(query.limit(limit))]


def change(connection: Connection, proposal_id: int, **values: Any) -> None:
    """Set columns of a proposal."""
    connection.execute(update(table).where(table.c.id == proposal_id).values(**values))


def released_since(connection: Connection, source: str, since: datetime) -> int:
    """How many warnings a source has released by itself since then."""
    query = select(func.count()).where(
        table.c.source == source,
        table.c.state == ProposalState.RELEASED.value,
        table.c.created_at > since,
        table.c.decided_at == table.c.created_at,
    )
    return connection.execute(query).scalar_one()


def all_of_alert(connection: Connection, alert_id: int) -> list[StoredProposal]:
    """The proposals that a warning came from, or was changed by; the oldest first."""
    query = select(table).where(table.c.alert_id == alert_id).order_by(table.c.id)
    return [_stored(row) for row in connection.execute(query)]


def ids_of_alert(connection: Connection, alert_id: int) -> list[int]:
    """The proposals that this warning came from, or was changed by."""
    query = select(table.c.id).where(or_(table.c.alert_id == alert_id, table.c.changes == alert_id))
    return list(connection.execute(query).scalars())


def key(proposal_id: int, person_id: int) -> str:
    """The coalesce key of the message that asks a person about a proposal."""
    return f"{_prefix(proposal_id)}{person_id}"


def asked_messages(connection: Connection, asked: StoredProposal) -> list[Row[Any]]:
    """Where it is asked: message, chat, person and language of each message that was sent."""
    query = select(
        deliveries.c.message_id,
        deliveries.c.chat_id,
        deliveries.c.person_id,
        deliveries.c.language,
        deliveries.c.bot_id,
    ).where(
        deliveries.c.alert_id.is_(None),
        NOT_QUEUED,
        deliveries.c.kind == MessageKind.PROPOSED.value,
        deliveries.c.created_at >= asked.created_at,
        deliveries.c.coalesce_key.startswith(_prefix(asked.id), autoescape=True),
        deliveries.c.state == DeliveryState.SENT.value,
        deliveries.c.message_id.is_not(None),
    )
    return list(connection.execute(query))


def any_before(connection: Connection, before: datetime) -> bool:
    """Whether there are proposals that ended so long ago."""
    query = select(table.c.id).where(table.c.created_at < before, table.c.state != _OPEN)
    return connection.execute(query.limit(1)).first() is not None


def _prefix(proposal_id: int) -> str:
    return f"proposed:{proposal_id}:"


def _stored(row: Row[Any]) -> StoredProposal:
    proposal = Proposal(
        row.source,
        row.identifier,
        draft_from_json(row.draft),
        row.valid_until,
        ProposalKind(row.kind),
        row.sender,
        row.changes,
        (),
        tuple(row.notes),
        row.draft_only,
        row.picture,
    )
    return StoredProposal(
        row.id,
        proposal,
        ProposalState(row.state),
        row.created_at,
        None if row.why_asked is None else WhyAsked(row.why_asked),
        row.asked_depth,
        row.next_at,
        row.decided_by,
        row.decided_at,
        row.alert_id,
    )
