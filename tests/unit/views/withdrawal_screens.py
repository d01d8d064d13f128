"""What is read when an answer counts no more."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta

from alerts.calls import Via
from alerts.withdrawals.model import (
    ASKED_AGAIN,
    Again,
    Doubt,
    Withdrawal,
    Withdrawn,
    WithdrawnAnswer,
)
from bot.views.clock import BEIJING
from bot.views.screen import Screen
from bot.views.warnings import call, progress, withdrawals
from tests.unit.views import samples as s

View = Callable[[str], Screen]
WAITING = s.CALL._replace(steps=ASKED_AGAIN, called_at=s.NOW)
ROW = withdrawals.AnsweredRow(s.MOVED, s.VILLAGER, "大石头镇 红石村")
BY_PROXY = withdrawals.AnsweredRow(s.PROXIED, s.DEPUTY, "大石头镇 红旗村", "李值班")


def withdrawn(kind: Withdrawal, reason: str = "") -> WithdrawnAnswer:
    """The answer that counted until now."""
    return WithdrawnAnswer(31, kind, s.NOW, 2, reason, s.START, s.START, Via.BUTTON)


def withdrawal_screens() -> Iterator[tuple[str, View]]:
    """Taken back by mistake pressed; doubted by an officer."""
    for name, last in (
        ("taken_back", withdrawn(Withdrawal.TAKEN_BACK)),
        ("doubted", withdrawn(Withdrawal.DOUBTED, Doubt.NOT_DONE.value)),
        ("doubted_in_words", withdrawn(Withdrawal.DOUBTED, "电话里说 <没见过> & 不知道")),
    ):
        yield (
            f"call_{name}",
            lambda language, last=last: call.answered_message(  # type: ignore[misc]
                s.ALERT, WAITING, "", language, s.PLACE, sender_line=s.FROM,
                by="李值班", withdrawn=last,
            ),
        )  # fmt: skip
    yield (
        "answered_just_now",
        lambda language: call.answered_message(
            s.ALERT, s.ACKNOWLEDGED, "", language, s.PLACE, sender_line=s.FROM, take_back=True
        ),
    )
    for again in Again:
        yield (
            f"called_again_{again.value}",
            lambda language, again=again: call.remind_message(  # type: ignore[misc]
                s.EXERCISE, 31, language, s.PLACE, sender_line=s.FROM, minutes=0,
                again=again, by="李值班", reason=Doubt.NOT_AWARE.value,
            ),
        )  # fmt: skip
    yield (
        "answered_list",
        lambda language: withdrawals.answered_list(
            s.ALERT, [ROW, BY_PROXY], language, s.PLACE, total=19, page=1, division=s.COUNTY
        ),
    )
    yield (
        "answered_found",
        lambda language: withdrawals.answered_list(
            s.ALERT, [], language, s.PLACE, total=0, words="张<三>"
        ),
    )
    for name, row in (("own", ROW), ("proxy", BY_PROXY)):
        yield (
            f"doubt_ask_{name}",
            lambda language, row=row: withdrawals.ask_why(  # type: ignore[misc]
                s.ALERT, row, language, s.PLACE, zone=BEIJING
            ),
        )
    yield (
        "doubt_reason",
        lambda language: withdrawals.ask_doubt_reason(s.ALERT, s.VILLAGER, language, s.PLACE),
    )
    yield (
        "doubt_confirm",
        lambda language: withdrawals.confirm_doubt(
            s.ALERT, 31, s.VILLAGER, "电话里 <说> 不知道", "a1b2c3d4", language, s.PLACE
        ),
    )
    yield "answered_ask_name", lambda language: withdrawals.ask_name(s.ALERT, language, s.PLACE)
    for outcome in Withdrawn:
        yield (
            f"doubt_{outcome.value}",
            lambda language, outcome=outcome: withdrawals.doubted(  # type: ignore[misc]
                outcome, s.ALERT, s.VILLAGER, Doubt.NOT_DONE.value, language, s.PLACE
            ),
        )
    yield (
        "progress_waiting_again",
        lambda language: progress.progress_card(
            s.ALERT, s.PROGRESS, language, s.PLACE, s.NOW, waiting_again=2
        ),
    )


def withdrawal_toasts(language: str) -> Iterator[str]:
    """What taps are told."""
    for outcome in Withdrawn:
        yield withdrawals.take_back_toast(
            outcome, language, timedelta(minutes=5), "县值班 199 0000 0005"
        )
    yield withdrawals.changed_toast(s.VILLAGER, language)
