"""Gaps in duty plans: found ahead, told to the head of office, taken back when they are filled."""

from __future__ import annotations

from datetime import datetime

from alerts.duty.model import PLAN_KEPT
from contacts import duty_plan_store
from contacts.duty_plan import Span, uncovered
from data.database import Connection


def gaps(connection: Connection, since: datetime, until: datetime) -> dict[str, list[Span]]:
    """The spans of [since, until) in which nobody is on duty, by division.

    Only of divisions that keep a plan: some shift of theirs, whoever's, is not two weeks over.
    """
    plans = duty_plan_store.plans(connection, since, until)
    found = {}
    for code in duty_plan_store.kept(connection, since - PLAN_KEPT):
        if spans := uncovered(plans.get(code, ()), since, until):
            found[code] = spans
    return found
