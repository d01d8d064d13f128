"""Who has answered, as an officer above sees them: to doubt what cannot be right."""

from __future__ import annotations

from collections.abc import Sequence

from alerts import report
from alerts.calls import Call
from alerts.model import Alert
from alerts.withdrawals import store
from bot.messages.facts import Facts
from bot.views.paging import last_page
from bot.views.screen import Screen
from bot.views.warnings import withdrawals as views
from contacts.people import Person


def answered_screen(
    facts: Facts, alert: Alert, viewer: Person, division: str = "", page: int = 0, words: str = ""
) -> Screen:
    """Those who have answered in the part of a warning that ``viewer`` looks after."""
    scope = report.scope_of(viewer.division_code, alert.areas, wanted=division)
    without = viewer.id
    total = store.count_answered(facts.connection, alert.id, scope, words, without=without)
    page = min(page, last_page(total, views.PAGE_SIZE))
    found = store.answered(
        facts.connection,
        alert.id,
        scope,
        words,
        without=without,
        limit=views.PAGE_SIZE,
        offset=page * views.PAGE_SIZE,
    )
    return views.answered_list(
        alert,
        answered_rows(facts, found, scope),
        viewer.language,
        facts.place(scope) if scope else facts.area(alert),
        total=total,
        page=page,
        division=division,
        words=words,
        zone=facts.zone,
    )


def answered_rows(
    facts: Facts, found: Sequence[tuple[Call, Person]], scope: str
) -> list[views.AnsweredRow]:
    """These persons, with their places and the officers who recorded proxy answers."""
    facts.read_posts(call.id for call, _ in found)
    return [
        views.AnsweredRow(
            call,
            person,
            facts.answers_for(call.id) or facts.place_in(call.division_code, scope),
            facts.by(call.proxy_by),
        )
        for call, person in found
    ]
