"""What those who were called report: facts, and cries for help that somebody takes on. Pure.

A report is a fact of its moment and is never rewritten: a later one stands beside it. Of the
figures the latest counts. A cry for help stays open until it is settled, whatever is reported
afterwards.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from alerts.calls import Report
from contacts.divisions.codes import Tier, tier_of

CALLING_FOR_HELP = frozenset({Report.CANNOT, Report.HELP})
"""Reports that go on to the officers above, who want to know in words what is the matter."""

VILLAGES_ABOVE = {Tier.TOWNSHIP: 12, Tier.COUNTY: 200, Tier.CITY: 2000, Tier.PROVINCE: 12_000}
"""About how many villages a division of a tier has (Jilin's, rounded up)."""


Where = tuple[str, str]
"""A division and the code of a place in it; without one, the division as a whole."""


class ReportFact(NamedTuple):
    """One report, as it was made."""

    call_id: int
    report: Report
    reported_at: datetime
    households: int | None = None
    persons: int | None = None
    text: str | None = None
    division_code: str = ""
    place_code: str = ""
    alone: bool = False  # for this place only, of several that the call is for

    @property
    def counts_moved(self) -> bool:
        """Whether it says how many were moved."""
        return self.households is not None or self.persons is not None

    @property
    def where(self) -> Where | None:
        """The one place that it is for; ``None``: all that the call is for."""
        return (self.division_code, self.place_code) if self.alone else None


class PostReport(NamedTuple):
    """What was last reported of one place that a call is for."""

    where: Where
    report: Report | None = None
    reported_at: datetime | None = None
    households: int | None = None
    persons: int | None = None


class FurtherPost(NamedTuple):
    """A post that a call is for besides its first, and how many were moved there."""

    division_code: str
    place_code: str
    role: str
    households: int | None = None
    persons: int | None = None


@dataclass(frozen=True, slots=True)
class HelpRequest:
    """Somebody cannot comply or needs help: open until it is settled."""

    id: int
    alert_id: int
    call_id: int
    person_id: int
    division_code: str
    report: Report
    text: str | None
    asked_at: datetime
    taken_by: int | None = None
    taken_at: datetime | None = None
    resolved_by: int | None = None
    resolved_at: datetime | None = None

    @property
    def open(self) -> bool:
        """Not settled yet."""
        return self.resolved_at is None


class HelpCounts(NamedTuple):
    """How many asked for help in a warning, and how far that got."""

    asked: int = 0
    taken: int = 0
    resolved: int = 0
    untaken: int = 0  # neither taken on nor settled

    @property
    def open(self) -> int:
        """How many are not settled."""
        return self.asked - self.resolved


NO_HELP = HelpCounts()


@dataclass(frozen=True, slots=True)
class Plausible:
    """The most households and persons that one village is believed to have moved without asking."""

    households: int = 1000
    persons: int = 3000

    def doubts(self, division_code: str, households: int | None, persons: int | None) -> bool:
        """Whether these figures of a person of that division are to be asked about."""
        villages = VILLAGES_ABOVE.get(tier_of(division_code), 1)
        return (households or 0) > self.households * villages or (
            (persons or 0) > self.persons * villages
        )


def latest_of_each(reports: Iterable[ReportFact]) -> list[ReportFact]:
    """Of each kind of report, and of each place reported alone, how it stands; the last comes last.

    :param reports: of one call, in order. Words or figures that a later one leaves open stand.
    """
    found: dict[tuple[Report, Where | None], ReportFact] = {}
    for fact in reports:
        before = found.pop((fact.report, fact.where), None)
        if before is not None:
            fact = fact._replace(
                households=before.households if fact.households is None else fact.households,
                persons=before.persons if fact.persons is None else fact.persons,
                text=before.text if fact.text is None else fact.text,
            )
        found[fact.report, fact.where] = fact
    return list(found.values())
