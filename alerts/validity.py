"""Until when a message is worth sending and a step worth taking. Pure.

Asked where a delivery is claimed and once more before it leaves (``alerts.sending``), and where a
sweep takes its steps (``alerts.chase``): a power cut may lie between the release and the sending.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from alerts.model import Alert, State
from alerts.outbox.messages import MessageKind
from alerts.rules import Rules

CALLING = frozenset({MessageKind.CALL, MessageKind.REMIND, MessageKind.POST})
"""What rings: overdue by too much, somebody is asked first whether it is still to be sent."""

CHASING = frozenset({MessageKind.CHASE, MessageKind.SILENT_LIST})

ABOUT_WARNINGS = (
    CALLING
    | CHASING
    | {
        MessageKind.REPORT_DUE,
        MessageKind.STILL_SEND,
        MessageKind.EXPIRY_ASKED,
        MessageKind.CUT_OFF_LIST,
        MessageKind.ERRAND,
    }
)
"""What is worth nothing once its warning is over."""

NEWS_FOR = timedelta(hours=12)
"""For so long what is about the work of a day is worth saying (ours)."""

NEWS = frozenset(
    {
        MessageKind.REPLY,
        MessageKind.OVERSIGHT,
        MessageKind.CHECK_IN_MISSED,
        MessageKind.PATROL_SILENT,
        MessageKind.RED_DAY,
        MessageKind.RED_DAY_SILENT,
        MessageKind.CLOSED_TIME,
        MessageKind.HOTSPOT_TASK,
        MessageKind.HOTSPOT_DUE,
        MessageKind.HOTSPOT_LIST,
        MessageKind.ROLL_CALL_SILENT,
    }
)
"""Calls for help, fires, cancellations, results and whose account it is are not among them: they
stay worth saying."""


def in_force(alert: Alert, now: datetime) -> bool:
    """Whether the warning holds, whatever the sweep has got to: its time counts, not its row."""
    return alert.state in (State.RELEASED, State.CLOSED) and alert.expires_at > now


def as_of(alert: Alert, now: datetime) -> Alert:
    """The warning in the state that its time gives it: what shows it may be ahead of the sweep."""
    if alert.expires_at > now:
        return alert
    if alert.state is State.PENDING:
        return replace(alert, state=State.REFUSED)
    return replace(alert, state=State.EXPIRED) if alert.in_force else alert


def chased(alert: Alert, now: datetime) -> bool:
    """Whether steps are taken for the open calls of the warning."""
    return alert.chasing and alert.expires_at > now


def is_news(kind: MessageKind, queued_at: datetime, now: datetime) -> bool:
    """Whether what a message says was true lately enough to be worth saying."""
    return kind not in NEWS or now - queued_at <= NEWS_FOR


def worth_sending(kind: MessageKind, alert: Alert, now: datetime) -> bool:
    """Whether a message about a warning is still true, as the warning stands."""
    if kind is MessageKind.CONFIRM:
        return alert.state is State.PENDING and alert.expires_at > now
    if kind is MessageKind.RELEASED:  # not that it waits; the sweep tells that it was not confirmed
        return alert.state is not State.PENDING or alert.expires_at > now
    if kind is MessageKind.CHANGED:
        return in_force(alert, now)
    if kind not in ABOUT_WARNINGS:
        return True
    if kind is MessageKind.STILL_SEND:
        return alert.held_at is not None and in_force(alert, now)
    if kind in CHASING:
        return chased(alert, now)
    return in_force(alert, now) and alert.held_at is None


def overdue(alert: Alert, due_at: datetime, now: datetime, rules: Rules) -> bool:
    """Whether what was due then, to send or to do, is overdue by too much to be done unasked."""
    minutes = rules.overdue_minutes[alert.level]
    return bool(minutes) and now - due_at > timedelta(minutes=minutes)


def never_overdue_before(now: datetime, rules: Rules) -> datetime:
    """What was due after this moment is not overdue, whatever its level: a quick first look."""
    limits = [minutes for minutes in rules.overdue_minutes.values() if minutes]
    return now - timedelta(minutes=min(limits, default=10**7))
