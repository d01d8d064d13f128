"""Reports as facts: of each kind how it stands, and figures that are asked about."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from alerts.calls import Report
from alerts.reports import HelpCounts, HelpRequest, Plausible, ReportFact, latest_of_each

NOW = datetime(2026, 7, 1, tzinfo=UTC)
PROVINCE, CITY, COUNTY = "220000000000", "222400000000", "222403000000"
TOWNSHIP, VILLAGE = "222403100000", "222403100201"


def fact(report: Report, minutes: int, *figures: int | None, text: str | None = None) -> ReportFact:
    households, persons = figures or (None, None)
    return ReportFact(1, report, NOW + timedelta(minutes=minutes), households, persons, text)


def test_a_later_report_stands_beside_an_earlier_one_of_another_kind() -> None:
    first, help_wanted = fact(Report.MOVED, 1, 12, 30), fact(Report.HELP, 2, text="两台车")
    assert latest_of_each([first, help_wanted]) == [first, help_wanted]
    assert latest_of_each([]) == []


def test_what_a_later_one_of_its_kind_leaves_open_stands() -> None:
    reports = [
        fact(Report.MOVED, 1, 12, 30, text="走了"),
        fact(Report.HELP, 2),
        fact(Report.MOVED, 3, None, 31),
        fact(Report.HELP, 4, text="两台车"),
        fact(Report.MOVED, 5, 0, None),
    ]
    assert latest_of_each(reports) == [
        fact(Report.HELP, 4, text="两台车"),
        fact(Report.MOVED, 5, 0, 31, text="走了"),
    ]


@pytest.mark.parametrize(
    ("code", "villages"),
    [(VILLAGE, 1), (TOWNSHIP, 12), (COUNTY, 200), (CITY, 2000), (PROVINCE, 12_000)],
)
def test_more_than_its_villages_can_have_is_asked_about(code: str, villages: int) -> None:
    rules = Plausible(households=10, persons=30)
    assert not rules.doubts(code, 10 * villages, 30 * villages)
    assert rules.doubts(code, 10 * villages + 1, None)
    assert rules.doubts(code, None, 30 * villages + 1)
    assert not rules.doubts(code, None, None)


def test_a_request_is_open_until_it_is_settled() -> None:
    request = HelpRequest(1, 1, 1, 1, VILLAGE, Report.HELP, None, NOW, taken_by=2, taken_at=NOW)
    assert request.open
    settled = HelpRequest(1, 1, 1, 1, VILLAGE, Report.HELP, None, NOW, resolved_at=NOW)
    assert not settled.open
    assert HelpCounts() == (0, 0, 0, 0)
