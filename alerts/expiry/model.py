"""When it is asked whether a warning is to hold longer, and what is answered. Pure.

A warning that runs out while the river still rises is forgotten by everybody at once. So whoever is
in charge is asked half an hour before: 延长 or 解除. Nobody answers: the duty officers are asked.
Nobody answers them either: it expires, as its messages said.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum

from alerts.model import Alert

ASK_BEFORE = timedelta(minutes=30)
"""Before its end a warning is asked about (issue 15: half an hour)."""

DUTY_BEFORE = timedelta(minutes=15)
"""Before its end the duty officers are asked, when nobody has answered (ours)."""

SHORTEST = timedelta(hours=1)
"""Of a warning that holds for less nobody is asked: its end is in everybody's mind (ours)."""


class ExpiryAnswer(Enum):
    """What came of the question."""

    EXTENDED = "extended"  # it holds until another time than was asked about
    LET = "let"  # it may expire
    OVER = "over"  # lifted, cancelled, expired


@dataclass(frozen=True, slots=True)
class ExpiryQuestion:
    """What was asked of one warning; ``due_at``: when the duty officers are."""

    id: int
    alert_id: int
    expires_at: datetime
    asked_at: datetime
    due_at: datetime | None = None
    answer: ExpiryAnswer | None = None
    answered_by: int | None = None
    answered_at: datetime | None = None


def to_be_asked(alert: Alert, now: datetime, last_asked: datetime | None = None) -> bool:
    """Whether it is time to ask about a warning whose end was not asked about yet.

    :param last_asked: when an earlier end of it was: who has just prolonged it by minutes is not
        asked again at once.
    """
    since = alert.released_at or alert.created_at
    if last_asked is not None and now - last_asked < DUTY_BEFORE:
        return False
    near = alert.expires_at - ASK_BEFORE <= now < alert.expires_at
    return alert.in_force and not alert.held and near and alert.expires_at - since >= SHORTEST


def duty_due(expires_at: datetime, now: datetime) -> datetime:
    """When the duty officers are asked; at once where it was asked late."""
    return max(expires_at - DUTY_BEFORE, now)


def minute_of(at: datetime) -> int:
    """The minute of a time, since the epoch: so a button names the end it was asked about."""
    return int(at.timestamp()) // 60


def came_of(question: ExpiryQuestion, alert: Alert) -> ExpiryAnswer | None:
    """What was done meanwhile, by whatever way, answers the question; ``None``: it is open."""
    if not alert.in_force:
        return ExpiryAnswer.OVER
    return ExpiryAnswer.EXTENDED if alert.expires_at != question.expires_at else None
