"""Kills a process at a certain commit, not at a certain moment: the same place each time."""

from __future__ import annotations

import os
import signal
from collections.abc import Sequence
from typing import Any

from sqlalchemy import func, select

from alerts.updates import carrying_out
from data.database import Database
from data.tables.changes import alert_messages


def carry_out_in_parts(calls: int) -> None:
    """Changes of warnings are carried out for so few calls in one transaction."""
    carrying_out.PART, carrying_out.AT_ONCE = calls, 1


def die_after_change(number: int, commits: int) -> None:
    """As kill -9 would, so many commits after the one that makes this version of a warning; with 0
    right after that one, before anybody hears of it."""
    attempt, left = Database._attempt, None

    def counted(self: Database, queued: Sequence[Any]) -> Any:
        nonlocal left
        before = self.commits
        outcomes = attempt(self, queued)
        if self.commits == before:
            return outcomes
        if left is not None:
            left -= 1
        elif self.read(lambda c: c.execute(select(func.max(alert_messages.c.number))).scalar()) == (
            number
        ):
            left = commits
        if left == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        return outcomes

    Database._attempt = counted  # type: ignore[method-assign]
