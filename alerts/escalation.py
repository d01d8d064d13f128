"""When to chase whom. Pure. A policy is the ladder of one level; ``next_step`` reads it.

The rungs are DOMAIN's: remind, then another channel and the stand-in, then the silent list to the
duty officer of the tier above, then its commander, then again every so many minutes until closed.

What is a broadcast of its own (remind, stand-in) counts from the moment the call was delivered: a
province's warning takes minutes to send, and reminding somebody of a message still in the queue
would only lengthen the queue. What goes to a few officers (the silent lists) counts from the
release whatever the queue does, so a bot that cannot send is noticed. Somebody who cannot be
reached at all skips ahead to the stand-in and the duty officer at once.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum, IntEnum
from functools import cache

from alerts.calls import LadderState, Reach
from contacts.channels import Channel


class Step(IntEnum):
    """The rungs; a call keeps the ones it has climbed as bits."""

    REMIND = 1
    STAND_IN = 2
    DUTY_OFFICER = 4
    COMMANDER = 8
    REPEAT = 16


class ReportStep(IntEnum):
    """The rungs of a report that is late; a call keeps those climbed as bits, beside ``Step``."""

    ASKED = 32  # the person is asked
    OFFICER = 64  # the duty officer above gets the list of who has answered but not reported
    NEXT_TIER = 128  # the duty officer of the tier above that one gets it too


class ChaseReason(Enum):
    """Why a step is taken, for the audit trail."""

    SILENT = "silent"
    UNREACHABLE = "unreachable"


@dataclass(frozen=True, slots=True)
class RungChannels:
    """By which channels beside Telegram people are called, in order; Telegram is always first.

    ``at_once``: when the warning is released. ``remind_by``: when the silent are reminded.
    ``stand_in_by``: stand-ins, when they are called. Nobody rings or writes again with the
    repetitions of the ladder.
    """

    at_once: tuple[Channel, ...] = ()
    remind_by: tuple[Channel, ...] = ()
    stand_in_by: tuple[Channel, ...] = ()

    @property
    def any(self) -> bool:
        """Whether a rung names any."""
        return bool(self.at_once or self.remind_by or self.stand_in_by)


@dataclass(frozen=True, slots=True)
class Policy:
    """The ladder of one level, in minutes; ``None`` leaves a rung out.

    ``report``: minutes after the answer within which a report is due.
    """

    remind: float | None = None
    stand_in: float | None = None
    duty_officer: float | None = None
    commander: float | None = None
    repeat: float | None = None
    report: float | None = None
    channels: RungChannels = RungChannels()


@dataclass(frozen=True, slots=True)
class Due:
    """The next step of a call, when it is due, and why."""

    step: Step
    at: datetime
    reason: ChaseReason


def next_step(
    policy: Policy, ladder_state: LadderState, *, taking: Due | None = None
) -> Due | None:
    """The earliest step not yet taken, or ``None`` when nothing more will happen by itself.

    :param taking: a step being taken now (``taking.at`` is when): what comes after it?
    """
    if not ladder_state.open:
        return None
    steps = ladder_state.steps if taking is None else ladder_state.steps | taking.step
    unreachable = ladder_state.reach is Reach.UNREACHABLE
    reason = ChaseReason.UNREACHABLE if unreachable else ChaseReason.SILENT
    if rungs := _rungs(policy, ladder_state, steps, unreachable):
        at, step = min(rungs)
        return Due(step, at, reason)
    last = ladder_state.last_step_at if taking is None else taking.at
    if policy.repeat is None or last is None:
        return None
    return Due(Step.REPEAT, last + _minutes(policy.repeat), reason)


def due_step(policy: Policy, ladder_state: LadderState, now: datetime) -> Due | None:
    """The step to take at ``now``, or ``None`` when none is due yet."""
    due = next_step(policy, ladder_state)
    return due if due is not None and due.at <= now else None


def report_due(policy: Policy, answered_at: datetime) -> datetime | None:
    """When the report after an answer is due."""
    return None if policy.report is None else answered_at + _minutes(policy.report)


def report_step(steps: int) -> ReportStep | None:
    """The rung of a late report to take now; ``None``: all are climbed."""
    return next((step for step in ReportStep if not steps & step), None)


def next_report_due(policy: Policy, steps: int, now: datetime) -> datetime | None:
    """When the next rung of a late report is due: each after the same time as the first.

    :param steps: those climbed, the one taken now among them.
    """
    return None if report_step(steps) is None else report_due(policy, now)


def _rungs(
    policy: Policy, ladder_state: LadderState, steps: int, unreachable: bool
) -> list[tuple[datetime, Step]]:
    """When each rung that is not climbed yet is due."""
    rungs = []
    if unreachable:
        if policy.stand_in is not None and not steps & _STAND_IN:
            rungs.append((ladder_state.called_at, Step.STAND_IN))
    elif ladder_state.delivered_at is not None:
        if policy.remind is not None and not steps & _REMIND:
            rungs.append((ladder_state.delivered_at + _minutes(policy.remind), Step.REMIND))
        if policy.stand_in is not None and not steps & _STAND_IN:
            rungs.append((ladder_state.delivered_at + _minutes(policy.stand_in), Step.STAND_IN))
    if policy.duty_officer is not None and not steps & _DUTY_OFFICER:
        wait = _AT_ONCE if unreachable else _minutes(policy.duty_officer)
        rungs.append((ladder_state.called_at + wait, Step.DUTY_OFFICER))
    if policy.commander is not None and not steps & _COMMANDER:
        rungs.append((ladder_state.called_at + _minutes(policy.commander), Step.COMMANDER))
    return rungs


@cache
def _minutes(minutes: float) -> timedelta:
    return timedelta(minutes=minutes)


_AT_ONCE = timedelta(0)
# Bits of a plain int: a sweep asks this for tens of thousands of calls.
_REMIND, _STAND_IN, _DUTY_OFFICER, _COMMANDER = map(
    int, (Step.REMIND, Step.STAND_IN, Step.DUTY_OFFICER, Step.COMMANDER)
)
