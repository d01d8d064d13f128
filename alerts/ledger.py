"""The ledger of a warning (叫应台账): a row for each person and place, sums by division."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from alerts.calls import COUNTED, CallState, Via
from alerts.report import at_tier
from alerts.report_facts import CallLine, ReportFacts
from alerts.reports import ReportFact, Where, latest_of_each
from contacts.divisions.codes import Tier


@dataclass(frozen=True, slots=True)
class LedgerRow:
    """What became of the call of one person for one place."""

    line: CallLine
    where: Where
    roles: tuple[str, ...]  # held there
    reports: tuple[ReportFact, ...]  # of this place, and of all the person's places together
    households: int | None = None  # moved, counted in one row only
    persons: int | None = None
    left_out: bool = False  # by a narrowing: it is no more for there, and is in no sum of calls


@dataclass(frozen=True, slots=True)
class LedgerSum:
    """How many persons stand how in a division, or in all; each person once.

    Whom a narrowing left out is not among them; who was moved there is.
    """

    division_code: str  # empty: of all
    below: str = ""  # the township in it, or the division itself for its own offices; empty: of all
    calls: int = 0
    answered: int = 0  # by proxy included
    proxied: int = 0
    reported: int = 0
    discharged: int = 0
    households: int = 0
    persons: int = 0

    @property
    def unreported(self) -> int:
        """Answered, and nothing told of what was done."""
        return self.answered - self.reported

    @property
    def silent(self) -> int:
        """Neither answered nor discharged."""
        return self.calls - self.answered - self.discharged


def ledger_rows(facts: ReportFacts) -> list[LedgerRow]:
    """The rows, in order of division, then of call."""
    rows = [row for line in facts.calls for row in _rows_of(line)]
    return sorted(rows, key=lambda row: (row.where[0], row.line.call.id, row.where[1]))


def ledger_sums(rows: Iterable[LedgerRow]) -> list[LedgerSum]:
    """The sum of all, then of each county followed by those of its townships."""
    groups: dict[tuple[str, str], list[LedgerRow]] = {("", ""): []}
    for row in rows:
        county = at_tier(row.where[0], Tier.COUNTY)
        township = at_tier(row.where[0], Tier.TOWNSHIP)
        for key in (("", ""), (county, ""), (county, township)):
            groups.setdefault(key, []).append(row)
    return [_sum(*key, found) for key, found in sorted(groups.items())]


def _rows_of(line: CallLine) -> Iterator[LedgerRow]:
    call = line.call
    own = (call.division_code, call.place_code)
    roles: dict[Where, list[str]] = {own: [call.role]}
    moved: dict[Where, tuple[int | None, int | None]] = {own: (call.households, call.persons)}
    for post in (*line.further, *line.left_out):
        where = (post.division_code, post.place_code)
        roles.setdefault(where, []).append(post.role)
        households, persons = moved.get(where, (None, None))
        moved[where] = _plus(households, post.households), _plus(persons, post.persons)
    goes_on = {own, *((post.division_code, post.place_code) for post in line.further)}
    for where, held in roles.items():
        told = latest_of_each(fact for fact in line.reports if fact.where in (None, where))
        left_out = call.state not in COUNTED or where not in goes_on
        offices = tuple(dict.fromkeys(held))
        yield LedgerRow(line, where, offices, tuple(told), *moved[where], left_out)


def _plus(some: int | None, more: int | None) -> int | None:
    return some if more is None else (some or 0) + more


def _sum(division_code: str, below: str, rows: list[LedgerRow]) -> LedgerSum:
    counted = [row for row in rows if not row.left_out]
    calls = {row.line.call.id: row.line.call for row in counted}
    reported = {row.line.call.id for row in counted if row.reports and row.line.call.answered}
    return LedgerSum(
        division_code,
        below,
        len(calls),
        sum(call.answered for call in calls.values()),
        sum(call.answered and call.answered_via is Via.PROXY for call in calls.values()),
        len(reported),
        sum(call.state is CallState.DISCHARGED for call in calls.values()),
        sum(row.households or 0 for row in rows),
        sum(row.persons or 0 for row in rows),
    )
