"""Who has not answered, to those above them: the list, and its edits as answers come in."""

from __future__ import annotations

from collections.abc import Sequence

from alerts import call_store, stand_in_store
from alerts.calls import TAKE_BACK_FOR, Call
from alerts.escalation import Step
from alerts.model import Alert
from alerts.outbox.deliveries import Delivery
from alerts.outbox.messages import SilentList, SilentListEdit
from bot.messages.facts import Facts
from bot.messages.requests import as_message
from bot.messages.topic import Topic
from bot.telegram.outgoing import Request
from bot.views.screen import Screen
from bot.views.warnings import silent_list
from contacts import people_store
from contacts.access import may_see_phone
from contacts.divisions.codes import code_range
from contacts.people import Person

SILENT_LISTS = Topic()


def silent_rows(facts: Facts, calls: Sequence[Call]) -> list[silent_list.SilentCall]:
    """The persons of open calls, with their places and the stand-ins who answered for them."""
    people = people_store.people(facts.connection, [found.person_id for found in calls])
    deputies = call_store.answered_stand_ins(facts.connection, (found.id for found in calls))
    names = people_store.people(facts.connection, deputies.values())
    return [
        silent_list.SilentCall(
            found,
            people[found.person_id],
            facts.place(found.division_code),
            names[deputies[found.id]].name if found.id in deputies else "",
        )
        for found in calls
    ]


def silent_screen(
    facts: Facts,
    alert: Alert,
    viewer: Person,
    division: str = "",
    page: int = 0,
    step: Step | None = None,
) -> Screen:
    """Who has not answered, as ``viewer`` may see it: those of ``division``, or all."""
    low, high = code_range(division) if division else ("", "~")
    total = call_store.count_silent(facts.connection, alert.id, low, high)
    pages = max(1, -(-total // silent_list.PAGE_SIZE))
    page = min(max(page, 0), pages - 1)
    found = call_store.silent(
        facts.connection,
        alert.id,
        low,
        high,
        limit=silent_list.PAGE_SIZE,
        offset=page * silent_list.PAGE_SIZE,
    )
    rows = silent_rows(facts, found)
    return silent_list.silent_list(
        alert,
        rows,
        viewer.language,
        facts.place(division) if division else facts.area(alert),
        facts.now,
        total=total,
        page=page,
        division=division,
        step=step,
        taken_off=_taken_off(facts, alert, viewer),
        show_phones=all(may_see_phone(viewer, row.person).allowed for row in rows),
        zone=facts.zone,
    )


def _taken_off(facts: Facts, alert: Alert, viewer: Person) -> list[tuple[int, str]]:
    """Whom the viewer has just recorded as reached: a slip can be taken back."""
    since = facts.now - TAKE_BACK_FOR
    return stand_in_store.proxied_lately(
        facts.connection, viewer.id, alert.id, since, silent_list.MOST_TAKEN_BACK
    )


@SILENT_LISTS.says(SilentList)
def _silent_list(facts: Facts, delivery: Delivery, message: SilentList) -> Request | None:
    alert = facts.alert(delivery)
    viewer = None if delivery.person_id is None else facts.person(delivery.person_id)
    if viewer is None or not alert.chasing:
        return None
    division = message.division
    low, high = code_range(division) if division else ("", "~")
    if not call_store.count_silent(facts.connection, alert.id, low, high):
        return None
    return as_message(
        delivery.chat_id, silent_screen(facts, alert, viewer, division, step=message.step)
    )


@SILENT_LISTS.says(SilentListEdit)
def _silent_list_edit(facts: Facts, delivery: Delivery, message: SilentListEdit) -> Request | None:
    viewer = None if delivery.person_id is None else facts.person(delivery.person_id)
    if viewer is None:
        return None
    screen = silent_screen(facts, facts.alert(delivery), viewer, message.division, message.page)
    return as_message(delivery.chat_id, screen, message.message_id)
