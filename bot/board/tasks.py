"""The panel of tasks on the board: how far the lists of the viewer's division have got."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from alerts.loop.tasks.chart import Bar
from alerts.loop.tasks.chart_store import chart_of
from bot.views.tasks.words import list_name
from contacts.divisions.gazetteer import Gazetteer
from data.database import Connection

MOST_PLACES = 8
"""Divisions named: those with the most overdue."""


def tasks_panel(
    connection: Connection, scope: str, gazetteer: Gazetteer, now: datetime
) -> dict[str, Any] | None:
    """The whole, by list and by division; ``None``: nothing is on any list."""
    chart = chart_of(connection, scope, now)
    if not chart.whole.every:
        return None
    return {
        **_bar(chart.whole),
        "lists": [
            {"zh": list_name(one, "zh"), "en": list_name(one, "en"), **_bar(bar)}
            for one, bar in chart.by_list.items()
        ],
        "places": [
            {"name": gazetteer.name(code) + ("本级" if code == scope else ""), **_bar(bar)}
            for code, bar in chart.by_division[:MOST_PLACES]
        ],
        "more": max(0, len(chart.by_division) - MOST_PLACES),
    }


def _bar(bar: Bar) -> dict[str, int]:
    return {
        "every": bar.every,
        "done": bar.done,
        "submitted": bar.submitted,
        "going": bar.going,
        "late": bar.late,
    }
