"""What the report of a warning holds: its summary, every call, and the whole trail."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum
from typing import Any

from alerts import call_post_store, call_store, help_store, report_store
from alerts.calls import Call
from alerts.channels.model import Tried
from alerts.channels.tried_store import tried_of_alert
from alerts.cut_off import store as cut_off_store
from alerts.cut_off.model import CutOff, Errand
from alerts.lookup import known_alert
from alerts.loop.evacuation import standing
from alerts.loop.evacuation.counting import VillageCount
from alerts.loop.mechanism import store as mechanism_store
from alerts.loop.mechanism.standing import (
    DepartmentStanding,
    LiaisonCall,
    standings,
    with_owing,
)
from alerts.model import Alert
from alerts.report import Summary, at_tier, summary
from alerts.reports import FurtherPost, HelpRequest, ReportFact, Where
from alerts.stages import store as plan_store
from alerts.stages.plan import Plan
from alerts.withdrawals import store as withdrawal_store
from alerts.withdrawals.model import WithdrawnAnswer
from contacts import people_store, place_store
from contacts.divisions.codes import Tier
from contacts.divisions.gazetteer import Gazetteer
from contacts.divisions.wording import areas_in_words
from contacts.organisations import organisation_of
from contacts.people import Person
from data.archived_trail import entries_about
from data.audit import trail_of_alert
from data.database import Connection


class ReportProblem(Enum):
    """Why no report was written."""

    FORMAT = "report_format"  # the file's ending is neither .xlsx nor .pdf
    LEDGER_FORMAT = "ledger_format"  # the ledger is a workbook
    UNWRITABLE = "report_unwritable"


@dataclass(frozen=True, slots=True)
class CallLine:
    """One call of the report."""

    call: Call
    person: Person
    place: str
    reports: tuple[ReportFact, ...] = ()
    households: int | None = None  # moved, at all its places
    persons: int | None = None
    tried: tuple[Tried, ...] = ()  # by other channels than Telegram
    further: tuple[FurtherPost, ...] = ()
    left_out: tuple[
        FurtherPost, ...
    ] = ()  # posts that a narrowing left out, of a call that goes on
    withdrawn: tuple[WithdrawnAnswer, ...] = ()  # answers that count no more, the oldest first

    @property
    def first_called_at(self) -> datetime:
        """When the person was called first: a call whose answer counts no more is made anew."""
        return self.withdrawn[0].called_at if self.withdrawn else self.call.called_at

    @property
    def seconds(self) -> float | None:
        """From the call to its answer."""
        if self.call.answered_at is None:
            return None
        return (self.call.answered_at - self.call.called_at).total_seconds()


@dataclass(frozen=True, slots=True)
class TrailLine:
    """One entry of the trail."""

    at: datetime
    actor: str
    action: str
    subject: str
    detail: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class ReportFacts:
    """Everything a report says.

    ``places``: the paths of divisions, by code; ``named``: of places reported on by themselves;
    ``place_names``: the names of places, by code.
    """

    alert: Alert
    summary: Summary
    areas: str
    sender: str
    confirmed_by: str
    calls: tuple[CallLine, ...]
    help: tuple[HelpRequest, ...]
    trail: tuple[TrailLine, ...]
    places: Mapping[str, str]
    names: Mapping[int, str]
    named: Mapping[Where, str] = field(default_factory=dict)
    place_names: Mapping[str, str] = field(default_factory=dict)
    cut_off: Mapping[str, tuple[CutOff, ...]] = field(default_factory=dict)  # by village
    errands: Mapping[int, tuple[Errand, ...]] = field(default_factory=dict)  # by ``CutOff.id``
    plan: Plan | None = None  # in stages
    departments: tuple[DepartmentStanding, ...] = ()
    villages: Mapping[str, VillageCount] = field(default_factory=dict)  # where people are to move


def report_facts(
    connection: Connection, alert_id: int, gazetteer: Gazetteer, *, trail: bool = True
) -> ReportFacts:
    """Read the facts of one alert.

    :param trail: whether its trail is wanted, too.
    :raises NotFound: no such alert; or it was archived, and the history is not here
        (``HistoryProblem.AWAY``).
    """
    alert = known_alert(connection, alert_id)
    calls = call_store.all_calls(connection, alert_id)
    call_ids = [call.id for call, _, _ in calls]
    subjects = [f"alert:{alert_id}", *(f"call:{call_id}" for call_id in call_ids)]
    entries: list[dict[str, Any]] = []
    if trail:
        entries += entries_about(connection, subjects, alert.created_at)
        entries += trail_of_alert(connection, alert_id, call_ids)
    ids = {entry["actor"] for entry in entries} | {alert.sender_id, alert.confirmed_by}
    ids |= {person_id for entry in entries for person_id in _named(entry["detail"])}
    asked = help_store.of_alert(connection, alert_id)
    withdrawn = withdrawal_store.of_alert(connection, alert_id)
    cut_off: dict[str, list[CutOff]] = {}
    for village in cut_off_store.of_alert(connection, alert_id):
        cut_off.setdefault(village.division_code, []).append(village)
    errands: dict[int, list[Errand]] = {}
    for errand in cut_off_store.errands_of_alert(connection, alert_id):
        errands.setdefault(errand.cut_off_id, []).append(errand)
        ids.add(errand.person_id)
    ids |= {request.person_id for request in asked}
    ids |= {by for request in asked for by in (request.taken_by, request.resolved_by)}
    for call, _, _ in calls:
        ids |= {call.person_id, call.proxy_by, call.discharged_by}
        ids |= {answer.by_id for answer in withdrawn.get(call.id, ())}
    people: dict[int, Person] = people_store.people(
        connection, [person_id for person_id in ids if person_id]
    )
    names = {person.id: person.name for person in people.values()}
    found = summary(connection, alert)
    further = call_post_store.of_alert(connection, alert_id)
    left_out = call_post_store.left_out_of(connection, alert_id)

    def every(call_id: int) -> list[FurtherPost]:
        return [*further.get(call_id, ()), *left_out.get(call_id, ())]

    tried = tried_of_alert(connection, alert_id)
    reports: dict[int, list[ReportFact]] = {}
    for fact in report_store.of_alert(connection, alert_id):
        reports.setdefault(fact.call_id, []).append(fact)
    alone = {fact.where for told in reports.values() for fact in told if fact.where is not None}
    held = {post.place_code for call, _, _ in calls for post in every(call.id)}
    held |= {call.place_code for call, _, _ in calls}
    place_names = place_store.names(connection, held | {place for _, place in alone})
    planned = plan_store.of_alerts(connection, [alert.id]).get(alert.id)
    departments = _departments(calls, further)
    if departments:
        # As of its beginning: of one that is over nobody is late any more.
        owing = mechanism_store.owing_by_department(connection, alert.id, alert.created_at)
        departments = with_owing(departments, owing)
    villages = _villages(connection, alert)
    return ReportFacts(
        alert,
        found,
        _areas(alert.areas, gazetteer),
        names.get(alert.sender_id, ""),
        names.get(alert.confirmed_by or 0, ""),
        tuple(
            CallLine(
                call,
                people[call.person_id],
                "、".join(
                    dict.fromkeys(
                        gazetteer.path(code)
                        for code in (
                            call.division_code,
                            *(post.division_code for post in every(call.id)),
                        )
                    )
                ),
                tuple(reports.get(call.id, ())),
                _sum(call.households, (post.households for post in every(call.id))),
                _sum(call.persons, (post.persons for post in every(call.id))),
                tried.get(call.id, ()),
                tuple(further.get(call.id, ())),
                tuple(left_out.get(call.id, ())),
                tuple(withdrawn.get(call.id, ())),
            )
            for call, _, _ in calls
        ),
        tuple(asked),
        tuple(
            TrailLine(
                entry["at"],
                names.get(entry["actor"] or 0, ""),
                entry["action"],
                entry["subject"],
                entry["detail"],
            )
            for entry in entries
        ),
        {
            code: gazetteer.path(code)
            for code in (
                *found.by_division,
                *alert.areas,
                *(request.division_code for request in asked),
                *(code for code, _ in alone),
                *(one.division_code for one in departments),
                *villages,
                *(code for entry in entries for code in _divisions(entry["detail"])),
                *(
                    at_tier(code, tier)
                    for code in villages
                    for tier in (Tier.COUNTY, Tier.TOWNSHIP)
                ),
            )
        },
        names,
        {
            (code, place): " ".join(filter(None, (gazetteer.path(code), place_names.get(place))))
            for code, place in alone
        },
        place_names,
        {code: tuple(found) for code, found in cut_off.items()},
        {village_id: tuple(sent) for village_id, sent in errands.items()},
        None if planned is None else planned.plan,
        tuple(departments),
        villages,
    )


def _departments(
    calls: Iterable[tuple[Call, str, str]], further: Mapping[int, Sequence[FurtherPost]]
) -> list[DepartmentStanding]:
    """The departments that were called: by the calls themselves, which may be in the history."""
    return standings(
        LiaisonCall(code, organisation, name, call.state)
        for call, name, _ in calls
        for code, place in (
            (call.division_code, call.place_code),
            *((post.division_code, post.place_code) for post in further.get(call.id, ())),
        )
        if (organisation := organisation_of(place)) is not None
    )


def _villages(connection: Connection, alert: Alert) -> dict[str, VillageCount]:
    """The villages that move by the evacuation cards; none where there are no cards."""
    if not standing.anything(connection, alert):
        return {}
    found = standing.village_counts(connection, alert)
    return found if any(village.target.any for village in found.values()) else {}


_MOST_NAMED = 50  # areas in a cell: a workbook's takes 32,767 characters


def _areas(areas: Sequence[str], gazetteer: Gazetteer) -> str:
    """The paths of the areas; of very many the first, and what they are together."""
    paths = "、".join(gazetteer.path(code) for code in areas[:_MOST_NAMED])
    if len(areas) <= _MOST_NAMED:
        return paths
    return f"{areas_in_words(gazetteer, areas)}（{paths}……）"


def _sum(own: int | None, further: Iterable[int | None]) -> int | None:
    elsewhere = sum(filter(None, further))
    return own if not elsewhere else (own or 0) + elsewhere


def _divisions(detail: Mapping[str, Any]) -> list[str]:
    """The divisions that an entry of the trail names, also those that were left out since."""
    named = [*(detail.get("areas") or ()), *(detail.get("areas_before") or ())]
    return [*named, detail["division"]] if detail.get("division") else named


def _named(detail: Mapping[str, Any]) -> list[int]:
    """The persons that an entry of the trail names."""
    return [*detail.get("asked", ()), *([detail["person"]] if "person" in detail else [])]
