"""Who has not answered, to those above them: the list, its edits as answers come in, its file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial

import orjson

from alerts import report, silent_store, stand_in_store
from alerts.calls import TAKE_BACK_FOR, Call
from alerts.channels import address_store, tried_store
from alerts.escalation import Step
from alerts.model import Alert
from alerts.outbox.deliveries import Delivery
from alerts.outbox.messages import SilentList, SilentListEdit, SilentSheet
from alerts.silence import ListPage, Ringing, SilentPlace
from bot.messages.facts import Facts
from bot.messages.requests import as_message
from bot.messages.topic import Topic
from bot.telegram.outgoing import Request
from bot.views.paging import last_page
from bot.views.screen import Screen
from bot.views.warnings import silent_list
from contacts import people_store
from contacts.access import may_see_phone, may_watch
from contacts.channels import Channel
from contacts.divisions.codes import Tier, contains, tier_of
from contacts.people import Person

SILENT_LISTS = Topic()

LONGEST_SHEET = 20_000
"""Persons in the file (ours): opened on a phone, more is of no use to anybody."""


def silent_rows(
    facts: Facts, calls: Sequence[Call], viewer: Person | None = None, within: str = ""
) -> list[silent_list.SilentCall]:
    """The persons of open calls, with their places and the stand-ins who answered for them.

    :param viewer: who reads it: sees who is ringing them up.
    :param within: the division it is about: places are named from below it.
    """
    within = within or ("" if viewer is None else viewer.division_code)
    rung: Mapping[int, Ringing] = {}
    if viewer is not None:
        rung = silent_store.ringing_up(facts.connection, [call.id for call in calls], facts.now)
    people = people_store.people(facts.connection, [found.person_id for found in calls])
    deputies = stand_in_store.answered_stand_ins(facts.connection, (found.id for found in calls))
    names = people_store.people(facts.connection, deputies.values())
    facts.read_posts(found.id for found in calls)
    failing = address_store.failing(facts.connection, people, Channel.VOICE)
    tried = tried_store.tried(facts.connection, [found.id for found in calls])
    return [
        silent_list.SilentCall(
            found,
            people[found.person_id],
            facts.answers_for(found.id) or facts.place_in(found.division_code, within),
            names[deputies[found.id]].name if found.id in deputies else "",
            rung.get(found.id),
            found.id in rung and viewer is not None and rung[found.id].officer_id == viewer.id,
            tried.get(found.id, ()),
            failing.get(found.person_id, {}),
        )
        for found in calls
    ]


def silent_screen(
    facts: Facts,
    alert: Alert,
    viewer: Person,
    page: ListPage = silent_list.FIRST_PAGE,
    step: Step | None = None,
) -> Screen:
    """Who has not answered, as ``viewer`` may see it."""
    division = page.division
    figures = _figures(facts, alert, viewer, division)
    total = figures.of(page.only)
    page = page._replace(page=min(page.page, last_page(total, silent_list.PAGE_SIZE)))
    found = silent_store.listed(
        facts.connection,
        alert.id,
        division,
        facts.now,
        only=page.only,
        limit=silent_list.PAGE_SIZE,
        offset=page.page * silent_list.PAGE_SIZE,
    )
    rows = silent_rows(facts, found, viewer, division)
    return silent_list.silent_list(
        alert,
        rows,
        viewer.language,
        facts.place(division) if division else facts.area(alert),
        facts.now,
        total=total,
        page=page,
        figures=figures,
        step=step,
        taken_off=_taken_off(facts, alert, viewer),
        last=facts.last_change(alert),
        show_phones=all(may_see_phone(viewer, row.person).allowed for row in rows),
        zone=facts.zone,
    )


def places_screen(
    facts: Facts, alert: Alert, viewer: Person, division: str = "", page: int = 0
) -> Screen:
    """Where the silent are, in the places below a division or below the whole warning."""
    tier = _below(alert, division)
    found = [] if tier is None else _places(facts, alert, division, tier)
    return silent_list.silent_places(
        alert,
        [silent_list.NamedPlace(silent, facts.place_in(silent.code, division)) for silent in found],
        viewer.language,
        facts.place(division) if division else facts.area(alert),
        facts.now,
        page=page,
        division=division,
        zone=facts.zone,
    )


def _figures(facts: Facts, alert: Alert, viewer: Person, division: str) -> silent_list.ListFigures:
    tier = _below(alert, division)
    counted = silent_store.counted(facts.connection, alert.id, division, tier, facts.now)
    return silent_list.ListFigures(
        counted.everybody,
        counted.unreachable,
        counted.not_rung,
        tier if counted.several_places else None,
        _around(facts, alert, viewer, division),
    )


def _places(facts: Facts, alert: Alert, division: str, tier: Tier) -> list[SilentPlace]:
    return silent_store.by_place(facts.connection, alert.id, division, tier)


def _below(alert: Alert, division: str) -> Tier | None:
    """The tier of the places that a part of the warning consists of."""
    return tier_of(division).below if division else report.breakdown_tier(alert.areas)


def _around(facts: Facts, alert: Alert, viewer: Person, division: str) -> str | None:
    """The part of the warning around this one, where the viewer looks after more than this."""
    whole = report.scope_of(viewer.division_code, alert.areas)
    if not division or division == whole:
        return None
    parent = facts.services.gazetteer.parent(division)
    if parent is None or (whole and not contains(whole, parent.code)):
        return whole
    inside = whole or any(contains(area, parent.code) for area in alert.areas)
    return parent.code if inside else whole


def _taken_off(facts: Facts, alert: Alert, viewer: Person) -> list[tuple[int, str]]:
    """Whom the viewer has just recorded as reached: a slip can be taken back."""
    since = facts.now - TAKE_BACK_FOR
    return stand_in_store.proxied_lately(
        facts.connection, viewer.id, alert.id, since, silent_list.MOST_TAKEN_BACK
    )


@SILENT_LISTS.says(SilentList)
def _silent_list(facts: Facts, delivery: Delivery, message: SilentList) -> Request | None:
    alert = facts.alert(delivery)
    viewer = facts.officer(delivery)
    if viewer is None or not alert.chasing:
        return None
    if not silent_store.any_silent(facts.connection, alert.id, message.division, facts.now):
        return None
    page = ListPage(0, message.division)
    return as_message(delivery.chat_id, silent_screen(facts, alert, viewer, page, message.step))


@SILENT_LISTS.says(SilentListEdit)
def _silent_list_edit(facts: Facts, delivery: Delivery, message: SilentListEdit) -> Request | None:
    viewer = facts.officer(delivery)
    if viewer is None:
        return None
    page = ListPage(message.page, message.division, message.only)
    screen = silent_screen(facts, facts.alert(delivery), viewer, page)
    return as_message(delivery.chat_id, screen, message.message_id)


@SILENT_LISTS.says(SilentSheet)
def _silent_sheet(facts: Facts, delivery: Delivery, message: SilentSheet) -> Request | None:
    from bot.views.warnings.silent_sheet import as_sheet, sheet_caption, sheet_name

    alert = facts.alert(delivery)
    viewer = facts.officer(delivery)
    if viewer is None or not may_watch(viewer, alert.areas).allowed:
        return None
    language, division = viewer.language, message.division
    calls = silent_store.listed(
        facts.connection, alert.id, division, facts.now, only=message.only, limit=LONGEST_SHEET
    )
    rows = silent_rows(facts, calls, viewer, division)
    numbers = {row.call.id for row in rows if may_see_phone(viewer, row.person).allowed}
    if facts.services.settings.privacy.board_only:
        numbers = set()
    place = facts.place(division) if division else facts.area(alert)
    caption = sheet_caption(alert, place, len(rows), language, facts.now, facts.zone)
    body = {"chat_id": delivery.chat_id, "caption": caption, "parse_mode": "HTML"}
    made = partial(as_sheet, rows, numbers, language, facts.now)
    return Request(
        "sendDocument",
        orjson.dumps(body),
        made,
        file_name=sheet_name(place, facts.now, language, facts.zone),
        numbers=tuple(row.person.phone for row in rows if row.call.id in numbers),
    )
