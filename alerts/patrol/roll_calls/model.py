"""A roll call (点名): whom it asks, and what counts as being there. Pure. Metres, minutes.

A call counts when it is answered (叫应): here the answer is a position, by whatever way it comes. A
position that is doubtful is none; one from elsewhere is an answer, but from somebody who is *far*.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum

from alerts.patrol.positions.model import Doubt
from contacts.people import PATROLLING, Role
from data.errors import InvalidInput

MINUTES = (10, 20, 30, 60)
"""What the buttons offer (ours)."""

USUAL_MINUTES = 20
"""What is meant when nobody says how many (ours)."""

LONGEST_MINUTES = 720
LATE_HOURS = 12
"""A position that comes so long after the end is still an answer, a late one (ours)."""

SHORTEST_REST = timedelta(seconds=60)
"""Between two times of asking the same people (ours)."""


class Whom(Enum):
    """Who is asked."""

    PATROL = "patrol"  # 三员
    RANGERS = "rangers"
    LOOKOUTS = "lookouts"
    CHECKPOINTS = "checkpoints"
    VILLAGE = "village"
    EVERYONE = "everyone"


ROLES: Mapping[Whom, frozenset[Role]] = {
    Whom.PATROL: PATROLLING,
    Whom.RANGERS: frozenset({Role.RANGER}),
    Whom.LOOKOUTS: frozenset({Role.LOOKOUT}),
    Whom.CHECKPOINTS: frozenset({Role.CHECKPOINT}),
    Whom.VILLAGE: frozenset({Role.VILLAGE_RESPONSIBLE}),
    Whom.EVERYONE: frozenset(Role),
}


class Standing(Enum):
    """How one person on the roll stands."""

    ASKED = "asked"  # silent so far
    ANSWERED = "answered"
    FAR = "far"  # answered, from outside their zone or county
    UNREACHABLE = "unreachable"  # nothing could be sent: telephone


class RollCallProblem(Enum):
    """Why a roll call cannot be started or acted on."""

    NOBODY = "roll_call_nobody"
    MINUTES = "roll_call_minutes"
    UNKNOWN = "roll_call_unknown"
    OVER = "roll_call_over"
    RUNNING = "roll_call_running"  # of other people of the same place
    TOO_SOON = "roll_call_too_soon"


@dataclass(frozen=True, slots=True)
class RollCall:
    """One roll call, and the message of its result in the chat of whoever called."""

    id: int
    division_code: str
    whom: Whom
    minutes: int
    started_by: int
    started_at: datetime
    asked_at: datetime
    ends_at: datetime
    closed_at: datetime | None
    closed_by: int | None
    chat_id: int
    language: str
    message_id: int | None
    shown: str | None
    map_wanted: bool
    map_message_id: int | None
    map_at: datetime | None
    map_shown: str | None

    @property
    def open(self) -> bool:
        """Whether it is still running."""
        return self.closed_at is None

    def late(self, answered_at: datetime) -> bool:
        """Whether an answer came after the end."""
        return answered_at > min(self.closed_at or self.ends_at, self.ends_at)


@dataclass(frozen=True, slots=True)
class Counts:
    """How many persons on the roll stand how."""

    answered: int = 0
    far: int = 0
    silent: int = 0
    unreachable: int = 0
    late: int = 0  # of those who answered, in time or not

    @property
    def total(self) -> int:
        """应到: everybody on the roll."""
        return self.answered + self.far + self.silent + self.unreachable

    @property
    def present(self) -> int:
        """实到: whoever has answered, from wherever."""
        return self.answered + self.far

    @property
    def absent(self) -> int:
        """未到: everybody else, whether they could be asked or not."""
        return self.silent + self.unreachable

    def digest(self, roll_call: RollCall) -> str:
        """What a result shows, in short: equal digests, equal results."""
        state = "open" if roll_call.open else "closed"
        at = roll_call.asked_at.timestamp()
        numbers = (self.answered, self.far, self.silent, self.unreachable, self.late)
        return f"{state} {at:.0f} {' '.join(map(str, numbers))}"


def check_minutes(minutes: int) -> None:
    """Whether a roll call may take so long.

    :raises InvalidInput: with ``MINUTES``: not a minute, or more than half a day.
    """
    if not 1 <= minutes <= LONGEST_MINUTES:
        raise InvalidInput(RollCallProblem.MINUTES, most=LONGEST_MINUTES)


def standing_after(
    doubts: Collection[Doubt], outside_m: float | None, accuracy_m: float | None, far_m: float
) -> Standing | None:
    """What a position makes of a person; ``None`` when it says nothing.

    :param outside_m: metres outside the person's zones, or their county when they have none;
        ``None`` when neither is drawn: then only the province can tell.
    :param accuracy_m: so far the phone may be wrong.
    :param far_m: so far outside is still there.
    """
    if set(doubts) - {Doubt.OUTSIDE_PROVINCE}:
        return None
    if outside_m is None:
        return Standing.FAR if Doubt.OUTSIDE_PROVINCE in doubts else Standing.ANSWERED
    return Standing.FAR if outside_m > far_m + (accuracy_m or 0.0) else Standing.ANSWERED
