"""What the board shows a viewer: warnings, who has answered, calls for help, of their division."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from alerts import alert_message_store, completeness_store, help_store, uncalled_store
from alerts import board_store as store
from alerts.board_store import Count
from alerts.calls import Reach
from alerts.channels import tried_store
from alerts.completeness import Standing, worst_first
from alerts.headquarters import Headquarters, headquarters_name
from alerts.lifecycle import AlertMessage
from alerts.lookup import may_know_of
from alerts.loop.evacuation import standing
from alerts.loop.evacuation.counting import Evacuation, VillageCount, by_division, total
from alerts.loop.mechanism import store as mechanism_store
from alerts.loop.mechanism.standing import worst_first as departments_first
from alerts.model import Alert, Level, State
from alerts.report import counted_at
from alerts.stages import store as plan_store
from alerts.stages.plan import StoredPlan
from bot.board.tasks import tasks_panel
from bot.views.channels import how_it_went
from bot.views.vocabulary import (
    called_name,
    grade_name,
    headline,
    held_name,
    organisation_name,
    report_name,
    state_name,
    tier_name,
)
from bot.views.warnings.changes import last_change, what_was_changed
from bot.views.warnings.departments import Departments
from bot.views.warnings.parts import signal_line
from bot.views.warnings.stages import plan_line
from contacts import people_store
from contacts.access import may_release, may_see_phone, may_see_positions, may_watch
from contacts.divisions.codes import Tier, code_range, tier_of
from contacts.divisions.gazetteer import Gazetteer
from contacts.divisions.wording import areas_in_words
from contacts.people import Person
from data.database import Connection
from data.geo.shapes import shape_of_geojson
from data.tables.columns import to_milliseconds

MOST_SILENT = 40
"""Persons named of one alert; of the others the board says how many."""

MOST_HELP = 20
"""Cries for help named: those that nobody has taken on first."""

ENDED_FOR = timedelta(hours=24)
ENDED_SHOWN = 8


@dataclass(frozen=True, slots=True)
class Viewer:
    """The person who looks, with the names of places and of their headquarters."""

    person: Person
    gazetteer: Gazetteer
    headquarters: Sequence[Headquarters] = ()
    reporting: Collection[Level] = ()  # levels of which whoever answers is to report too
    phones: set[str] = field(default_factory=set)  # shown while the facts were put together
    placed: set[int] = field(default_factory=set)  # people.id: whose position was shown

    @property
    def scope(self) -> str:
        """The division whose calls are shown."""
        return self.person.division_code

    def may_watch(self, alert: Alert) -> bool:
        """Whether the alert concerns the viewer, and is out or theirs to confirm."""
        return may_watch(self.person, alert.areas).allowed and may_know_of(self.person, alert)

    def sender(self, alert: Alert, person: Person | None) -> str:
        """In whose name it was released: the headquarters'; where none is named, the person's."""
        if person is None:
            return ""
        place = self.gazetteer.name(person.division_code)
        family = alert.hazard.family
        unit = headquarters_name(self.headquarters, person.division_code, family, place)
        return unit or f"{place} {held_name(person, 'zh')} {person.name}"

    def area(self, alert: Alert) -> str:
        """The alert's areas in one line."""
        return areas_in_words(self.gazetteer, alert.areas)


def board_facts(connection: Connection, viewer: Viewer, now: datetime) -> dict[str, Any]:
    """Everything on the page but the map and the time, as JSON; times are epoch milliseconds."""
    running = sorted(filter(viewer.may_watch, store.in_force(connection)), key=_urgency)
    child = tier_of(viewer.scope).below or Tier.VILLAGE
    # Counties are what the map colours, so a province is counted by them.
    finest = max(child, Tier.COUNTY, key=lambda tier: tier.depth)
    calls: dict[int, list[Count]] = {alert.id: [] for alert in running}
    for count in store.counts(connection, list(calls), viewer.scope, finest) if calls else ():
        calls[count.alert_id].append(count)
    low, high = code_range(viewer.scope)
    uncalled = uncalled_store.of_alerts(connection, calls, low, high)
    planned = plan_store.of_alerts(connection, calls)
    changed = [alert.id for alert in running if alert.changed_at is not None]
    messages = alert_message_store.of_alerts(connection, changed) if changed else {}
    known = {alert.sender_id for alert in running}
    known |= {message.by_id for found in messages.values() for message in found}
    senders = people_store.people(connection, known)
    return {
        "scope": {
            "code": viewer.scope,
            "name": viewer.gazetteer.path(viewer.scope, province=True),
        },
        "viewer": f"{viewer.person.name} {held_name(viewer.person, 'zh')}",
        "mayDraw": may_release(viewer.person, [viewer.scope]).allowed,
        "alerts": [
            _alert(connection, viewer, alert, senders.get(alert.sender_id), counts, child)
            | {
                "uncalled": uncalled.get(alert.id, 0),
                "plan": _plan(planned.get(alert.id)),
                "change": _change(alert, messages.get(alert.id, ()), senders),
                "departments": _departments(connection, viewer, alert, now),
            }
            for alert, counts in zip(running, calls.values(), strict=True)
        ],
        "distress": _distress(connection, viewer),
        "help": _help(connection, viewer, running),
        "tasks": tasks_panel(connection, viewer.scope, viewer.gazetteer, now),
        "ended": _ended(connection, viewer, now),
    }


def _plan(planned: StoredPlan | None) -> str:
    """How a warning's plan in stages stands; empty where it has none."""
    return "" if planned is None else plan_line(planned.plan, "zh")


def _departments(
    connection: Connection, viewer: Viewer, alert: Alert, now: datetime
) -> list[dict[str, Any]]:
    """The departments of the viewer's division, and below, that a warning called."""
    low, high = code_range(viewer.scope)
    found = mechanism_store.of_alert(connection, alert.id, now, low, high)
    codes = {one.division_code for one in found}
    shown = Departments(found, {code: viewer.gazetteer.name(code) for code in codes})
    return [
        {
            "name": shown.place(one) + organisation_name(one.organisation, "zh"),
            "answer": one.answer.value,
            "tasks": one.owing.every,
            "done": one.owing.handed_in,
            "overdue": one.owing.overdue,
        }
        for one in departments_first(found)
    ]


def _rings(shape: str) -> list[Any]:
    """The rings of the land that a warning was drawn for, lon/lat; none: it is for its areas."""
    if not shape:
        return []
    return [ring for polygon in shape_of_geojson(shape).polygons for ring in polygon]


def _alert(
    connection: Connection,
    viewer: Viewer,
    alert: Alert,
    sender: Person | None,
    counts: list[Count],
    child: Tier,
) -> dict[str, Any]:
    villages: Sequence[VillageCount] = ()
    if standing.anything(connection, alert):
        villages = tuple(standing.village_counts(connection, alert, viewer.scope).values())
    return {
        **_titled(viewer, alert),
        "pending": alert.state is State.PENDING,
        "called": alert.state is State.CLOSED,  # the calling is complete, the warning goes on
        "held": alert.held,  # it waits to be decided whether it is still to be sent
        "text": "\n".join(filter(None, [signal_line(alert, "zh"), alert.description])),
        "sender": viewer.sender(alert, sender),
        "released": _ms(alert.released_at),
        "expires": _ms(alert.expires_at),
        "total": _sum(counts),
        "rings": _rings(alert.shape),
        "unreported": _unreported(counts) if alert.level in viewer.reporting else 0,
        "tiers": [
            {
                "zh": tier_name(tier, "zh"),
                "en": tier_name(tier, "en"),
                **_sum(count for count in counts if count.tier is tier),
            }
            for tier in Tier
            if any(count.tier is tier for count in counts)
        ],
        "places": (places := _places(connection, viewer, alert, counts, child, villages)),
        "incomplete": sum(not row["complete"] for row in places),
        "evacuation": _evacuated(villages),
        "cutOff": sum(row["cutOff"] for row in places),
        "counties": {
            code: _sum(counts_there)
            for code, counts_there in _by_division(counts, Tier.COUNTY).items()
        },
        "silent": _silent(connection, viewer, alert),
    }


def _change(
    alert: Alert, messages: Sequence[AlertMessage], people: Mapping[int, Person]
) -> dict[str, Any] | None:
    """What was changed last, by whom, since when, and which version that is."""
    last = last_change(messages, lambda person_id: people[person_id].name)
    if last is None:
        return None
    return {
        "version": alert.version,
        "at": _ms(last.at),
        "by": last.by,
        "zh": what_was_changed(alert, last, "zh"),
        "en": what_was_changed(alert, last, "en"),
    }


def _evacuated(villages: Iterable[VillageCount]) -> dict[str, int] | None:
    """How many are to move, were moved and are still to move; ``None`` where no card says so."""
    found = total(villages)
    if not found.target.any:
        return None
    return {
        f"{name}{'Persons' if number else 'Households'}": figures[number]
        for name, figures in (
            ("target", found.target),
            ("moved", found.moved),
            ("left", found.left),
        )
        for number in (0, 1)
    }


def _places(
    connection: Connection,
    viewer: Viewer,
    alert: Alert,
    counts: list[Count],
    child: Tier,
    villages: Sequence[VillageCount],
) -> list[dict[str, Any]]:
    """The counts of each division below the viewer's, and what it owes; the worst first.

    Where somebody is silent comes before where people are still to move, and both before where
    there is nobody to call.
    """
    low, high = code_range(viewer.scope)
    owed = completeness_store.standings_of(connection, alert.id, child, low, high)
    by_code = _by_division(counts, child)
    moving = by_division(villages, child)
    rows = [
        {
            "code": standing.code,
            "name": viewer.gazetteer.name(standing.code)
            + ("本级" if standing.code == viewer.scope else ""),
            "own": standing.code == viewer.scope,
            **_sum(by_code.get(standing.code, [])),
            # Complete is who has answered with all below: not who has nobody silent.
            "complete": standing.complete,
            "belowOpen": standing.below_open,
            "below": standing.below,
            "cutOff": standing.cut_off,
            "toMove": moving.get(standing.code, Evacuation()).left.households,
        }
        for standing in worst_first(
            owed.get(code) or Standing(code, _sum(by_code[code])["waiting"])
            for code in by_code.keys() | owed.keys()
        )
    ]
    return sorted(rows, key=lambda row: 0 if row["waiting"] else 1 if row["toMove"] else 2)


def _by_division(counts: Iterable[Count], tier: Tier) -> dict[str, list[Count]]:
    """The counts by the division of this tier that each belongs to."""
    grouped: dict[str, list[Count]] = {}
    for count in counts:
        if (code := counted_at(count.division_code, tier)) is not None:
            grouped.setdefault(code, []).append(count)
    return grouped


def _sum(counts: Iterable[Count]) -> dict[str, int]:
    names = (
        "calls acknowledged proxied discharged reported waiting unreachable households persons"
    ).split()
    summed = dict.fromkeys(names, 0)
    for count in counts:
        for name in names:
            summed[name] += getattr(count, name)
    summed["answered"] = summed["acknowledged"] + summed["proxied"]
    return summed


def _unreported(counts: Iterable[Count]) -> int:
    """How many have answered themselves and reported nothing since."""
    return sum(count.acknowledged - count.reported for count in counts)


def _silent(connection: Connection, viewer: Viewer, alert: Alert) -> list[dict[str, Any]]:
    if not alert.chasing:
        return []
    silent = store.silent(connection, alert.id, viewer.scope, MOST_SILENT)
    tried = tried_store.tried(connection, [call.id for call, _ in silent])
    return [
        {
            "id": call.id,
            "name": person.name,
            "role": called_name(call, person, "zh"),
            "place": viewer.gazetteer.path(call.division_code),
            **_phones(viewer, person),
            "called": _ms(call.called_at),
            "unreachable": call.reach is Reach.UNREACHABLE,
            # By other channels than Telegram, and why not.
            **_if_any("tried", [how_it_went(one, "zh") for one in tried.get(call.id, ())]),
        }
        for call, person in silent
    ]


def _if_any(name: str, values: list[str]) -> dict[str, list[str]]:
    return {name: values} if values else {}


def _distress(connection: Connection, viewer: Viewer) -> list[dict[str, Any]]:
    return [
        {
            "id": call.id,
            "name": call.person.name,
            "role": held_name(call.person, "zh"),
            "place": viewer.gazetteer.path(call.person.division_code),
            **_phones(viewer, call.person),
            "raised": _ms(call.raised_at),
            "takenBy": call.taken_by,
            "position": [call.lon, call.lat] if _may_place(viewer, call) else None,
        }
        for call in store.distressed(connection, viewer.scope)
    ]


def _help(connection: Connection, viewer: Viewer, running: list[Alert]) -> list[dict[str, Any]]:
    """Whoever cannot comply or needs help, until it is settled."""
    low, high = code_range(viewer.scope)
    alerts = {alert.id: alert for alert in running}
    found = help_store.open_requests(connection, alerts, low, high, MOST_HELP) if alerts else []
    ids = {request.person_id for request in found}
    ids |= {request.taken_by for request in found if request.taken_by is not None}
    people = people_store.people(connection, ids)
    return [
        {
            "id": request.id,
            "alert": request.alert_id,
            "exercise": alerts[request.alert_id].exercise,
            "title": _titled(viewer, alerts[request.alert_id])["title"],
            "what": report_name(request.report, "zh"),
            "whatEn": report_name(request.report, "en"),
            "text": request.text or "",
            "name": people[request.person_id].name,
            "role": held_name(people[request.person_id], "zh"),
            "place": viewer.gazetteer.path(request.division_code),
            **_phones(viewer, people[request.person_id]),
            "asked": _ms(request.asked_at),
            "takenBy": None if request.taken_by is None else people[request.taken_by].name,
        }
        for request in found
    ]


def _ended(connection: Connection, viewer: Viewer, now: datetime) -> list[dict[str, Any]]:
    rows = [
        {
            **_titled(viewer, alert),
            "at": _ms(at),
            "zh": state_name(alert.state, alert.hazard, "zh"),
            "en": state_name(alert.state, alert.hazard, "en"),
        }
        for alert, at in store.ended_since(connection, now - ENDED_FOR)
        if viewer.may_watch(alert)
    ]
    return rows[:ENDED_SHOWN]


def _titled(viewer: Viewer, alert: Alert) -> dict[str, Any]:
    place = viewer.area(alert)
    return {
        "id": alert.id,
        "level": alert.level.value,
        "exercise": alert.exercise,
        "title": headline(alert.level, alert.hazard, place, "zh"),
        "titleEn": headline(alert.level, alert.hazard, place, "en"),
        "grade": grade_name(alert.hazard, alert.level, "zh") if alert.hazard.response else "",
    }


def _phones(viewer: Viewer, subject: Person) -> dict[str, Any]:
    """The number to ring, none where the viewer may not see it, and further ones."""
    if not may_see_phone(viewer.person, subject).allowed:
        return {"phone": None}
    viewer.phones.add(subject.phone)
    first, *more = subject.numbers
    return {"phone": first, "morePhones": more} if more else {"phone": first}


def _may_place(viewer: Viewer, call: store.Distressed) -> bool:
    if call.lon is None or not may_see_positions(viewer.person, call.person).allowed:
        return False
    viewer.placed.add(call.person.id)
    return True


def _urgency(alert: Alert) -> tuple[bool, int, int]:
    """For sorting: the real before any exercise, the worst colour first, then the newest."""
    return alert.exercise, list(Level).index(alert.level), -alert.id


def _ms(at: datetime | None) -> int | None:
    return None if at is None else to_milliseconds(at)
