"""Until when a message is worth sending, and an act worth doing unasked."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from alerts.acts import ActKind, ActRules
from alerts.model import Alert, Level, State
from alerts.outbox.messages import MessageKind
from alerts.rules import Rules
from alerts.validity import (
    ABOUT_WARNINGS,
    CALLING,
    as_of,
    chased,
    in_force,
    is_news,
    never_overdue_before,
    overdue,
    worth_sending,
)
from tests.unit.views import samples as s

RULES = Rules()
NOW = s.START + timedelta(hours=3)
OVER = s.START + timedelta(hours=50)
HELD = replace(s.ALERT, held_at=NOW)


@pytest.mark.parametrize("kind", sorted(ABOUT_WARNINGS, key=lambda kind: kind.value))
def test_nothing_about_a_warning_is_worth_sending_once_it_is_over(kind: MessageKind) -> None:
    """By its hour, whatever its row says; and by its row, before its hour."""
    assert not worth_sending(kind, s.ALERT, OVER)
    for ended in (s.CANCELLED, s.EXPIRED, s.REFUSED):
        assert not worth_sending(kind, ended, NOW)


@pytest.mark.parametrize(
    "kind", [MessageKind.CANCEL, MessageKind.SUMMARY, MessageKind.RELEASED, MessageKind.ANSWERED]
)
def test_how_it_ended_stays_worth_saying(kind: MessageKind) -> None:
    assert worth_sending(kind, s.CANCELLED, OVER)


@pytest.mark.parametrize("kind", sorted(CALLING, key=lambda kind: kind.value))
def test_what_is_held_waits_and_only_the_question_is_sent(kind: MessageKind) -> None:
    assert worth_sending(kind, s.ALERT, NOW)
    assert not worth_sending(kind, HELD, NOW)
    assert worth_sending(MessageKind.STILL_SEND, HELD, NOW)
    assert not worth_sending(MessageKind.STILL_SEND, s.ALERT, NOW)
    assert in_force(HELD, NOW) and not chased(HELD, NOW)


@pytest.mark.parametrize(
    ("alert", "state"),
    [(s.ALERT, State.EXPIRED), (s.PENDING, State.REFUSED), (s.CANCELLED, State.CANCELLED)],
)
def test_what_shows_a_warning_shows_it_as_its_time_makes_it(alert: Alert, state: State) -> None:
    assert as_of(alert, NOW) is alert
    assert as_of(alert, OVER).state is state


def test_nothing_is_said_of_a_change_or_of_waiting_once_that_is_over() -> None:
    assert worth_sending(MessageKind.CHANGED, s.ALERT, NOW)
    assert not worth_sending(MessageKind.CHANGED, s.ALERT, OVER)
    assert worth_sending(MessageKind.RELEASED, s.PENDING, NOW)
    assert not worth_sending(MessageKind.RELEASED, s.PENDING, OVER)


def test_only_what_is_pending_is_confirmed() -> None:
    assert worth_sending(MessageKind.CONFIRM, s.PENDING, NOW)
    assert not worth_sending(MessageKind.CONFIRM, s.PENDING, OVER)
    assert not worth_sending(MessageKind.CONFIRM, s.ALERT, NOW)


@pytest.mark.parametrize(
    ("kind", "said"),
    [
        (MessageKind.REPLY, False),
        (MessageKind.HOTSPOT_TASK, False),
        (MessageKind.RED_DAY, False),
        (MessageKind.DISTRESS, True),
        (MessageKind.CANCEL, True),
    ],
)
def test_the_news_of_yesterday_is_not_said_and_a_call_for_help_is(
    kind: MessageKind, said: bool
) -> None:
    assert is_news(kind, NOW - timedelta(hours=11), NOW)
    assert is_news(kind, NOW - timedelta(hours=25), NOW) is said


@pytest.mark.parametrize("level", list(Level))
def test_each_level_has_a_limit_of_its_own(level: Level) -> None:
    alert, limit = replace(s.ALERT, level=level), RULES.overdue_minutes[level]
    assert not overdue(alert, NOW - timedelta(minutes=limit), NOW, RULES)
    assert overdue(alert, NOW - timedelta(minutes=limit + 1), NOW, RULES)
    assert never_overdue_before(NOW, RULES) == NOW - timedelta(minutes=60)
    never = Rules(overdue_minutes=dict.fromkeys(Level, 0))
    assert not overdue(alert, s.START, OVER, never)


@pytest.mark.parametrize("kind", list(ActKind))
def test_an_act_counts_for_some_minutes(kind: ActKind) -> None:
    rules = ActRules()
    assert not rules.late(kind, NOW - timedelta(minutes=9), NOW)
    assert rules.late(kind, NOW - timedelta(minutes=61), NOW)


def test_previews_and_proposals_have_an_age() -> None:
    rules = ActRules()
    assert not rules.old_preview(NOW - timedelta(minutes=29), NOW)
    assert rules.old_preview(NOW - timedelta(minutes=31), NOW)
    assert not rules.old_proposal(NOW - timedelta(minutes=59), NOW)
    assert rules.old_proposal(NOW - timedelta(minutes=61), NOW)


def test_a_warning_that_waits_for_the_second_person_is_not_in_force() -> None:
    assert replace(s.ALERT, state=State.CLOSED).expires_at > NOW
    assert in_force(s.CLOSED, NOW) and not chased(s.CLOSED, NOW)
    assert not in_force(s.PENDING, NOW)
