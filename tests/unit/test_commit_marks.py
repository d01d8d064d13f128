"""The rows in which a lost commit is looked up: what is written there, and when old ones go."""

from __future__ import annotations

import pytest

from data import commit_marks, unit_groups
from data.commit_marks import KEPT_DAYS
from tests.fake_postgresql import FakeConnection


def test_the_first_commit_of_a_process_forgets_those_long_gone() -> None:
    connection = FakeConnection()
    commit_marks.mark(connection.as_it_is, "us", 1)
    [(marks, given), (forgets, _)] = connection.said
    assert marks.startswith("INSERT INTO commit_marks") and "ON CONFLICT" in marks
    assert given == {"by": "us", "count": 1}
    assert forgets.startswith("DELETE FROM commit_marks")
    assert forgets.endswith(f" - {KEPT_DAYS * 24 * 3600 * 1000}")
    commit_marks.mark(connection.as_it_is, "us", 2)
    assert [given for _, given in connection.said[2:]] == [{"by": "us", "count": 2}]


@pytest.mark.parametrize(("there", "made"), [(6, False), (7, True), (8, False), (0, False)])
def test_a_commit_was_made_if_its_number_is_there(there: int, made: bool) -> None:
    connection = FakeConnection(answers=[there])
    assert commit_marks.was_committed(connection.as_it_is, "us", 7) is made
    assert [given for _, given in connection.said] == [{"by": "us", "count": 0}]


@pytest.mark.parametrize(("found", "ready"), [("commit_marks", True), (None, False)])
def test_there_are_marks_once_there_is_a_table(found: str | None, ready: bool) -> None:
    assert commit_marks.can_mark(FakeConnection(answers=[found]).as_it_is) is ready


@pytest.mark.parametrize(
    ("dialect", "status", "failed"),
    [
        ("postgresql", "INERROR", True),
        ("postgresql", "INTRANS", False),
        ("sqlite", "INERROR", False),
    ],
)
def test_a_transaction_that_a_server_gave_up_is_known(
    dialect: str, status: str, failed: bool
) -> None:
    connection = FakeConnection(dialect, status=status)
    assert unit_groups.failed(connection.as_it_is) is failed
