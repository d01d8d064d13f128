"""Where a person is in a dialogue: kept in the database, so a restart loses nobody's place."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum
from typing import Any

from sqlalchemy import Connection, delete, insert, select

from data.tables.alerts import conversations

FORGOTTEN_AFTER = timedelta(hours=12)
"""An old question is not answered by what somebody types the next day."""


class ConversationTopic(Enum):
    """What the person was asked."""

    RELEASE = "release"  # composing a warning
    REPORT = "report"  # figures or words for a report
    DISCHARGE = "discharge"  # why a person is taken off the list
    ROLL_CALL = "roll_call"  # the area of a roll call
    CLOSE = "close"  # why a warning is closed with people silent


@dataclass(frozen=True, slots=True)
class Conversation:
    """The one open question of a person."""

    topic: ConversationTopic
    state: Mapping[str, Any]
    updated_at: datetime


def get(connection: Connection, telegram_id: int, now: datetime) -> Conversation | None:
    """The person's open question, unless it is too old."""
    row = connection.execute(
        select(conversations).where(conversations.c.telegram_id == telegram_id)
    ).first()
    if row is None or row.updated_at + FORGOTTEN_AFTER < now:
        return None
    return Conversation(ConversationTopic(row.topic), row.state, row.updated_at)


def put(
    connection: Connection,
    telegram_id: int,
    topic: ConversationTopic,
    state: Mapping[str, Any],
    now: datetime,
) -> None:
    """Remember what the person was asked; a former question is dropped."""
    end(connection, telegram_id)
    connection.execute(
        insert(conversations).values(
            telegram_id=telegram_id, topic=topic.value, state=dict(state), updated_at=now
        )
    )


def end(connection: Connection, telegram_id: int) -> None:
    """The question was answered or left."""
    connection.execute(delete(conversations).where(conversations.c.telegram_id == telegram_id))
