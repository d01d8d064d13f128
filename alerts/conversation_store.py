"""Where a person is in a dialogue: kept in the database, so a restart loses nobody's place.

A question hears what the person types next for a few minutes only, and no more once they press a
button or send a command: what they type then is meant for something else. What was chosen so far
(a warning being composed, a reason to be confirmed) is kept longer, for the buttons under it.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum
from typing import Any

from sqlalchemy import Connection, delete, insert, select, update

from data.json_rows import GIVEN_IDS, as_json
from data.tables.running import conversations

QUESTION_OPEN = timedelta(minutes=10)
"""How long what a person types answers the question (ours)."""

FORGOTTEN_AFTER = timedelta(hours=12)
"""How long what was chosen is kept for its buttons."""


class ConversationTopic(Enum):
    """What the person was asked."""

    RELEASE = "release"  # composing a warning
    STAGES = "stages"  # when the danger of a plan in stages is expected
    REPORT = "report"  # figures or words for a report
    PROXY_REPORT = "proxy_report"  # the same, as somebody said it over the telephone
    DISCHARGE = "discharge"  # why a person is taken off the list
    ROLL_CALL = "roll_call"  # the area of a roll call
    RUNNER = "runner"  # who goes to a village that is cut off
    CUT_OFF = "cut_off"  # which village is cut off
    DOUBT = "doubt"  # why an answer is doubted
    ANSWERED = "answered"  # whose answer is meant
    CHANGE = "change"  # what of a running warning is to change
    TEMPLATE = "template"  # what a template is to say
    TABLE = "table"  # whether a table that was sent is to be imported
    TASK = "task"  # what came of a task, or why it is sent back
    NEW_TASK = "new_task"  # what is to be done, where, by whom, until when
    HANDOVER = "handover"  # the words of a hand-over
    CLOSE = "close"  # why a warning is closed with people silent
    DAILY_REMARK = "daily_remark"  # what to say about the day of a division below


@dataclass(frozen=True, slots=True)
class Conversation:
    """What a person was asked last. ``open``: what they type now is the answer."""

    topic: ConversationTopic
    state: Mapping[str, Any]
    updated_at: datetime
    open: bool = True


def get(connection: Connection, telegram_id: int, now: datetime) -> Conversation | None:
    """What the person was asked last, unless it is too old."""
    row = connection.execute(
        select(conversations).where(conversations.c.telegram_id == telegram_id)
    ).first()
    if row is None or row.updated_at + FORGOTTEN_AFTER < now:
        return None
    hears = row.hears_until is not None and now <= row.hears_until
    return Conversation(ConversationTopic(row.topic), row.state, row.updated_at, hears)


def put(
    connection: Connection,
    telegram_id: int,
    topic: ConversationTopic,
    state: Mapping[str, Any],
    now: datetime,
    *,
    hears: bool = True,
) -> None:
    """Remember what the person was asked; a former question is dropped.

    :param hears: whether the answer is typed; else only buttons go on with it.
    """
    end(connection, telegram_id)
    connection.execute(
        insert(conversations).values(
            telegram_id=telegram_id,
            topic=topic.value,
            state=dict(state),
            updated_at=now,
            hears_until=now + QUESTION_OPEN if hears else None,
        )
    )


def put_words(
    connection: Connection,
    telegram_id: int,
    asked: Conversation | None,
    words: str,
    now: datetime,
) -> str:
    """Words answer what was asked, and wait for their button: the nonce that it bears."""
    assert asked is not None
    nonce = secrets.token_hex(4)
    state = {**asked.state, "words": words, "nonce": nonce}
    put(connection, telegram_id, asked.topic, state, now, hears=False)
    return nonce


def to_confirm(
    connection: Connection, telegram_id: int, topic: ConversationTopic, nonce: str, now: datetime
) -> Mapping[str, Any] | None:
    """What was typed and waits for the button of this ``nonce``; ``None`` when it no longer does.

    Whoever confirms must have typed it just before: it is about who is silent at this moment.
    """
    found = get(connection, telegram_id, now)
    if found is None or found.topic is not topic or found.state.get("nonce") != nonce:
        return None
    return found.state if now <= found.updated_at + QUESTION_OPEN else None


def stop_hearing(connection: Connection, telegram_ids: Iterable[int]) -> None:
    """These people went on to something else: what they type next answers no question."""
    connection.execute(_STOP_HEARING, {"ids": as_json(telegram_ids)})


def end(connection: Connection, telegram_id: int) -> None:
    """The question was answered or left."""
    connection.execute(delete(conversations).where(conversations.c.telegram_id == telegram_id))


_STOP_HEARING = (
    update(conversations)
    .where(conversations.c.telegram_id.in_(GIVEN_IDS), conversations.c.hears_until.is_not(None))
    .values(hears_until=None)
)
