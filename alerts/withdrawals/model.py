"""When an answer counts no more, and where its call stands then. Pure.

An answer is *taken back* by its person, who pressed by mistake, or *doubted* by an officer above
(the telephone says otherwise, nobody was moved). The call waits again and its ladder begins anew at
that moment: nobody gets at once all the rungs that passed meanwhile. Who was called in the person's
place stays known; the reports given so far count no more, and remain in the trail.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum

from alerts.calls import ASKED_AGAIN, Call, CallState, Reach, Via
from alerts.escalation import Step


class Withdrawal(Enum):
    """How an answer came to count no more."""

    TAKEN_BACK = "taken_back"  # by whoever gave it
    DOUBTED = "doubted"  # by an officer above
    RAISED = "raised"  # it was given before the level rose: everybody is asked again


class Doubt(Enum):
    """Why an answer is doubted, where it need not be written: one tap."""

    NOT_AWARE = "not_aware"  # rung up, the person knows nothing of it
    NOT_DONE = "not_done"  # on the spot it is not as was reported
    WRONG_PROXY = "wrong_proxy"  # recorded by proxy, and nobody was reached


class Again(Enum):
    """Why somebody who had answered, or was stood down, is called again."""

    DOUBTED = "doubted"  # an officer doubts their answer
    STAND_IN = "stand_in"  # whoever they stood in for was not reached after all


class Withdrawn(Enum):
    """What became of the attempt; only RECORDED changed anything."""

    RECORDED = "recorded"
    OPEN = "open"  # the call waits already
    CLOSED = "closed"  # discharged, or its warning is over
    ANOTHER = "another"  # it is another answer by now than the one that was meant
    REPORTED = "reported"  # not to be taken back after a report: that can be corrected itself
    TOO_LATE = "too_late"  # to be taken back no more


@dataclass(frozen=True, slots=True)
class WithdrawnAnswer:
    """An answer that counted until ``at``. Times are aware UTC."""

    call_id: int
    kind: Withdrawal
    at: datetime
    by_id: int | None
    reason: str  # a ``Doubt`` value or the officer's own words; empty where it was taken back
    called_at: datetime  # when the call that it answered was made
    answered_at: datetime
    answered_via: Via


def asked_again(call: Call, now: datetime, *, reach: Reach | None = None) -> Call:
    """The call as it waits again: as if made now, but whoever stands in stays called.

    :param reach: how it stands with the message that is sent now; without, the message that is
        there already asks again, and is before the person's eyes.
    """
    delivered = call.delivered_at is not None and reach is None
    return call._replace(
        state=CallState.WAITING,
        reach=call.reach if reach is None else reach,
        called_at=now,
        delivered_at=now if delivered else None,
        steps=call.steps & Step.STAND_IN | ASKED_AGAIN,  # why they were called at first is past
        repeats=0,
        last_step_at=None,
        answered_at=None,
        answered_via=None,
        proxy_by=None,
        proxy_how=None,
        reported_at=None,
        report=None,
        households=None,
        persons=None,
        report_text=None,
        discharge_reason=None,
    )


def is_asked_again(call: Call) -> bool:
    """Whether the call was answered before, and that counts no more."""
    return bool(call.steps & ASKED_AGAIN)


def lost_answer(call: Call, last: WithdrawnAnswer | None) -> WithdrawnAnswer | None:
    """The answer for whose sake a call waits again; ``None``: it waits for another reason.

    :param last: the last answer to the call that counts no more.
    """
    if last is None or last.kind is Withdrawal.RAISED or last.at < call.called_at:
        return None
    return last if call.open and is_asked_again(call) else None


def take_back(
    call: Call,
    meant: datetime | None,
    recorded_at: datetime | None,
    pressed_at: datetime,
    now: datetime,
    within: timedelta,
) -> tuple[Call, Withdrawn]:
    """The person takes their own answer back.

    :param meant: when the answer was given that the button is about; ``None``: the last.
    :param recorded_at: when it was recorded: after it was given, when the tap came late.
    :param pressed_at: when it was taken back, which may have come late as well.
    """
    if (refused := _refused(call, meant)) is not None:
        return call, refused
    if call.state is CallState.REPORTED:
        return call, Withdrawn.REPORTED
    if call.state is not CallState.ACKNOWLEDGED or recorded_at is None:
        return call, Withdrawn.CLOSED
    if pressed_at - recorded_at > within:
        return call, Withdrawn.TOO_LATE
    return asked_again(call, now), Withdrawn.RECORDED


def doubt(
    call: Call, meant: datetime | None, now: datetime, *, reach: Reach
) -> tuple[Call, Withdrawn]:
    """An officer above doubts the answer, the person's own or one by proxy, reported on or not.

    :param meant: as for ``take_back``: what was answered since is not doubted by it.
    :param reach: whether the message that asks again can be sent.
    """
    if (refused := _refused(call, meant)) is not None:
        return call, refused
    return asked_again(call, now, reach=reach), Withdrawn.RECORDED


def _refused(call: Call, meant: datetime | None) -> Withdrawn | None:
    if call.open:
        return Withdrawn.OPEN
    if not call.answered:
        return Withdrawn.CLOSED
    if meant is not None and call.answered_at != meant:
        return Withdrawn.ANOTHER
    return None
