"""When to chase whom: pure. A policy is the ladder of one level; ``next_step`` reads it.

The rungs are DOMAIN's: remind, then another channel and the stand-in, then the silent list to the
duty officer of the tier above, then its commander, then again every so many minutes until closed.

What is a broadcast of its own (remind, stand-in) counts from the moment the call was delivered: a
province's warning takes minutes to send, and reminding somebody of a message still in the queue
would only lengthen the queue. What goes to a few officers (the silent lists) counts from the
release whatever the queue does, so a bot that cannot send is noticed. Somebody who cannot be
reached at all skips ahead to the stand-in and the duty officer at once.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum, IntEnum

from alerts.calls import Call, Reach


class Step(IntEnum):
    """The rungs; a call keeps the ones it has climbed as bits."""

    REMIND = 1
    STAND_IN = 2
    DUTY_OFFICER = 4
    COMMANDER = 8
    REPEAT = 16


class Reason(Enum):
    """Why a step is taken, for the audit trail."""

    SILENT = "silent"
    UNREACHABLE = "unreachable"


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


@dataclass(frozen=True, slots=True)
class Due:
    """The next step of a call, when it is due, and why."""

    step: Step
    at: datetime
    reason: Reason


def next_step(policy: Policy, call: Call, *, taking: Due | None = None) -> Due | None:
    """The earliest step not yet taken, or ``None`` when nothing more will happen by itself.

    :param taking: a step being taken now (``taking.at`` is when): what comes after it?
    """
    if not call.open:
        return None
    steps = call.steps if taking is None else call.steps | taking.step
    unreachable = call.reach is Reach.UNREACHABLE
    reason = Reason.UNREACHABLE if unreachable else Reason.SILENT
    best: tuple[datetime, Step] | None = None
    for step, at in _rungs(policy, call, steps, unreachable):
        if best is None or (at, step) < best:
            best = (at, step)
    if best is not None:
        return Due(best[1], best[0], reason)
    last = call.last_step_at if taking is None else taking.at
    if policy.repeat is None or last is None:
        return None
    return Due(Step.REPEAT, _after(last, policy.repeat), reason)


def due_step(policy: Policy, call: Call, now: datetime) -> Due | None:
    """The step to take at ``now``, or ``None`` when none is due yet."""
    due = next_step(policy, call)
    return due if due is not None and due.at <= now else None


def report_due(policy: Policy, answered_at: datetime) -> datetime | None:
    """When the report after an answer is due."""
    return None if policy.report is None else answered_at + timedelta(minutes=policy.report)


def _rungs(
    policy: Policy, call: Call, steps: int, unreachable: bool
) -> Iterator[tuple[Step, datetime]]:
    """The rungs not climbed yet, and when each is due."""
    if unreachable:
        if policy.stand_in is not None and not steps & Step.STAND_IN:
            yield Step.STAND_IN, call.called_at
    elif call.delivered_at is not None:
        if policy.remind is not None and not steps & Step.REMIND:
            yield Step.REMIND, _after(call.delivered_at, policy.remind)
        if policy.stand_in is not None and not steps & Step.STAND_IN:
            yield Step.STAND_IN, _after(call.delivered_at, policy.stand_in)
    if policy.duty_officer is not None and not steps & Step.DUTY_OFFICER:
        at = call.called_at if unreachable else _after(call.called_at, policy.duty_officer)
        yield Step.DUTY_OFFICER, at
    if policy.commander is not None and not steps & Step.COMMANDER:
        yield Step.COMMANDER, _after(call.called_at, policy.commander)


def _after(start: datetime, minutes: float) -> datetime:
    return start + timedelta(minutes=minutes)
