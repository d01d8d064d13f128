"""What others are told, and when a webhook that failed is tried again. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum
from typing import Any


class Happened(Enum):
    """What happened to a warning that other systems may want to hear of."""

    RELEASED = "released"
    UPDATED = "updated"
    LIFTED = "lifted"  # 解除: what was warned of is over
    CANCELLED = "cancelled"  # 取消: it should not have been issued
    EXPIRED = "expired"
    COUNTS = "counts"  # more have answered; only the newest is told
    CLOSED = "closed"  # 销号: everybody is accounted for
    REOPENED = "reopened"  # an answer counts no more: the calling goes on


class Outcome(Enum):
    """How a delivery to a webhook stands."""

    WAITING = "waiting"
    SENT = "sent"
    DEAD = "dead"  # given up; an operator may send it again
    REPLACED = "replaced"  # newer counts of the same warning took its place


class PublishingProblem(Enum):
    """Why something that goes out to others is not done."""

    NO_DELIVERY = "no_delivery"  # no dead letter has this number
    NO_MESSAGE = "no_message"  # no CAP message has this number or identifier
    NO_WEBHOOK = "no_webhook"  # none of that name is configured


class RequestProblem(Enum):
    """Why a request that another system made is not done."""

    NO_JSON = "no_json"
    UNKNOWN_FIELD = "unknown_field"
    BAD_FIELD = "bad_field"
    BAD_QUERY = "bad_query"
    NO_KEY = "no_idempotency_key"
    KEY_REUSED = "idempotency_key_reused"
    ARCHIVED = "archived"  # its calls are in the history
    EMPTY_SHAPE = "empty_shape"  # no village of ours lies in it
    OLD_PROPOSAL = "old_proposal"  # it is not said that it was read anew
    CHANGED_SINCE = "changed_since"  # it is another version than the one that was read
    SAME_IN_FORCE = "same_in_force"  # it is not said that a second one is meant
    NO_SUCH_PATH = "no_such_path"
    NO_SUCH_METHOD = "no_such_method"
    TOO_LARGE = "too_large"


BACK_OFF = (10, 30, 60, 120, 300)
"""Seconds until the next try, one after another; then every five minutes (ours): a receiver that is
back hears of everything soon, and in its order."""

HELD_UP_FOR = timedelta(minutes=15)
"""What a receiver answers and does not take holds up what follows of its warning for so long
(ours); of one that is out, what follows waits as long as that."""

SOON = timedelta(seconds=30)
"""A receiver that has just taken something is asked again so soon to take what it did not (ours);
what it was out for, at once."""

GIVEN_UP_AFTER = timedelta(hours=24)
"""A delivery that was tried for so long is a dead letter (ours): an operator sends it again."""

FEWEST_TRIES = 10
"""Before anything is given up (ours): after an outage of ours it is old, and was not tried yet."""

NEVER = frozenset({400, 404, 405, 410, 413, 415, 422})
"""Answers that the same request would get again: it is given up after ``TRIES_OF_REFUSED``."""

TRIES_OF_REFUSED = 3


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happened: what webhooks and files are made of."""

    id: int
    kind: Happened
    alert_id: int
    at: datetime
    message_number: int | None = None
    detail: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Delivery:
    """One event on its way to one webhook."""

    id: int
    event_id: int
    webhook: str
    state: Outcome
    attempts: int
    queued_at: datetime
    due_at: datetime
    status: int | None = None
    error: str | None = None


def next_try(delivery: Delivery, status: int | None, now: datetime) -> datetime | None:
    """When a delivery that has just failed is tried again; ``None``: never by itself.

    :param delivery: as it was before this try.
    :param status: what the other side answered; ``None``: it did not.
    """
    tries = delivery.attempts + 1
    if status in NEVER and tries >= TRIES_OF_REFUSED:
        return None
    wait = timedelta(seconds=BACK_OFF[min(tries, len(BACK_OFF)) - 1])
    over = now + wait - delivery.queued_at > GIVEN_UP_AFTER and tries >= FEWEST_TRIES
    return None if over else now + wait
