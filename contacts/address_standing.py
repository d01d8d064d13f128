"""Whether an address of a person counts: proven, unproven, proven long ago, or marked. Pure."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import Enum
from typing import NamedTuple

from contacts.channels import Cause, Channel

MARKED_AFTER = 3
"""An address that failed so often in a row is marked (the issue's)."""

GOOD_FOR = timedelta(days=180)
"""So long a proof counts, unless the configuration says otherwise (ours): once a season."""


class Standing(Enum):
    """What is known of an address."""

    UNPROVEN = "unproven"
    PROVEN = "proven"
    OLD = "old"  # proven so long ago that it does not count any more
    MARKED = "marked"  # it failed again and again, or does not exist


class ProofRules(NamedTuple):
    """What counts in coverage.

    ``channels``: beside Telegram, those that a ladder names: nobody is called by the others.
    ``good_for``: so long a proof counts; ``None``: for ever.
    """

    channels: tuple[Channel, ...] = ()
    good_for: timedelta | None = GOOD_FOR


class AddressFacts(NamedTuple):
    """What happened at an address. ``failures``: since it last worked; ``cause``: of the last."""

    person_id: int
    channel: Channel
    address: str
    verified_at: datetime | None = None
    failures: int = 0
    cause: Cause | None = None


def is_marked(failures: int, cause: Cause | None) -> bool:
    """Whether an address is marked: three failures in a row, or a number that does not exist."""
    return failures >= MARKED_AFTER or (failures > 0 and cause is Cause.NO_SUCH_NUMBER)


def standing(facts: AddressFacts | None, good_for: timedelta | None, now: datetime) -> Standing:
    """How an address stands; one that nothing is known of is unproven.

    :param good_for: so long a proof counts; ``None``: for ever.
    """
    if facts is None:
        return Standing.UNPROVEN
    if is_marked(facts.failures, facts.cause):
        return Standing.MARKED
    if facts.verified_at is None:
        return Standing.UNPROVEN
    if good_for is not None and now - facts.verified_at > good_for:
        return Standing.OLD
    return Standing.PROVEN
