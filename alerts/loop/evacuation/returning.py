"""Calling home whoever was moved (返回): a commander's word, and a call of its own.

Evacuation has five points; the last is that nobody goes back without word. That a warning is over
is not that word: roads, houses and slopes are looked at first. The call goes to the villages that
moved anybody, whose people answer it as they answer a warning, and report 已返回.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from alerts import call_store
from alerts.lookup import known_alert
from alerts.loop.evacuation import return_store, standing
from alerts.loop.evacuation.counting import Evacuation, total
from alerts.loop.evacuation.return_words import RETURN_TEXT
from alerts.model import Alert, Draft, Family, Hazard, Level, State
from alerts.preview import whom_of
from alerts.release import Released, release
from alerts.report import scope_of
from alerts.rules import Rules
from contacts.access import may_release, require
from contacts.divisions.codes import Tier, contains, tier_of
from contacts.people import Person
from contacts.targeting_store import audience_query
from data.audit import Entry, append
from data.database import Connection
from data.errors import Conflict

LEVEL = Level.YELLOW
"""By whose ladder a call home is chased: nobody is in danger, and nobody stays away for nothing
(ours)."""

_OVER = (State.LIFTED, State.CANCELLED, State.EXPIRED)
_CALLED = (State.RELEASED, State.CLOSED, *_OVER)


class ReturnProblem(Enum):
    """Why nobody was called home."""

    NOBODY_MOVED = "nobody_moved"  # or all of them were called home already
    NO_WARNING = "return_of_no_warning"  # never released, a response, or itself a call home


@dataclass(frozen=True, slots=True)
class Homecoming:
    """Whom a call home would reach: villages in which anybody was moved, and how many that were."""

    alert: Alert
    draft: Draft
    moved: Evacuation
    persons: int
    still_in_force: bool


def may_call_home(connection: Connection, alert: Alert, by: Person) -> bool:
    """Whether somebody may call home whoever was moved in their part of a warning."""
    if not _can_follow(alert) or not may_release(by, _part_of(alert, by)).allowed:
        return False
    return bool(_villages(connection, alert, by))


def homecoming(connection: Connection, alert_id: int, by: Person, rules: Rules) -> Homecoming:
    """Whom it would reach, and what it says: shown before it goes out.

    :raises NotFound: no such warning.
    :raises NotAllowed: ``by`` does not command there.
    :raises Conflict: with a ``ReturnProblem``.
    """
    alert = known_alert(connection, alert_id)
    if not _can_follow(alert):
        raise Conflict(ReturnProblem.NO_WARNING, alert=alert_id)
    require(may_release(by, _part_of(alert, by)), alert=alert_id)
    villages = _villages(connection, alert, by)
    if not villages:
        raise Conflict(ReturnProblem.NOBODY_MOVED, alert=alert_id)
    found = standing.village_counts(connection, alert)
    hazard = Hazard.FIRE_RETURN if alert.hazard.family is Family.FIRE else Hazard.FLOOD_RETURN
    draft = Draft(LEVEL, hazard, tuple(villages), RETURN_TEXT, alert.exercise)
    query = audience_query(whom_of(connection, draft, rules))
    persons, _ = call_store.count_audience(connection, query, excluding=[by.id])
    moved = total(found[code] for code in villages)
    return Homecoming(alert, draft, moved, persons, alert.in_force)


def call_home(
    connection: Connection, alert_id: int, by: Person, rules: Rules, now: datetime
) -> Released:
    """The call home goes out, to whomever it reaches now.

    :raises NotFound, NotAllowed, Conflict: see ``homecoming``.
    :raises InvalidInput: with a ``DraftProblem``: nobody could be called, or too many villages.
    """
    found = homecoming(connection, alert_id, by, rules)
    released = release(connection, found.draft, by, rules, now)
    return_store.add(connection, released.alert_id, alert_id)
    detail = {"by_call": released.alert_id, "villages": len(found.draft.areas)}
    append(connection, now, [Entry("alert.called_home", f"alert:{alert_id}", by.id, detail)])
    return released


def _can_follow(alert: Alert) -> bool:
    hazard = alert.hazard
    return alert.state in _CALLED and not hazard.response and not hazard.homeward


def _part_of(alert: Alert, by: Person) -> Sequence[str]:
    """The part of a warning that somebody looks after: only there they call anybody home."""
    scope = scope_of(by.division_code, alert.areas)
    return [scope] if scope else alert.areas


def _villages(connection: Connection, alert: Alert, by: Person) -> list[str]:
    """The villages that moved anybody and were not called home yet, by code."""
    called = return_store.called_home(connection, alert.id)
    part = _part_of(alert, by)
    found = standing.village_counts(connection, alert, part[0] if len(part) == 1 else "")
    return [
        code
        for code, village in found.items()
        if village.moved.counted.any
        and code not in called
        and tier_of(code) is Tier.VILLAGE
        and any(contains(area, code) for area in part)
    ]
