"""Numbers of rows and sizes of tables as a server tells them, without one."""

from __future__ import annotations

import pytest
from sqlalchemy import Table

from data import row_numbers, sizes
from data.row_numbers import JUMP
from data.tables.alerts import calls
from tests.fake_postgresql import FakeConnection


@pytest.mark.parametrize(
    ("highest", "reached", "next_number"),
    [(7, 9, 9 + JUMP), (9, 7, 9 + JUMP), (None, 1, 1 + JUMP), (7, 7, 7 + JUMP)],
)
def test_a_servers_numbers_jump_from_the_highest_given_out(
    monkeypatch: pytest.MonkeyPatch, highest: int | None, reached: int, next_number: int
) -> None:
    monkeypatch.setattr(row_numbers, "numbered", lambda: [calls])
    connection = FakeConnection(answers=[highest, "public.calls_id_seq", reached])
    row_numbers.jump(connection.as_it_is)
    statements = [said for said, _ in connection.said]
    assert statements[2].endswith("FROM public.calls_id_seq")
    assert statements[3].startswith("SELECT setval(")
    assert set(connection.said[3][1].values()) == {"public.calls_id_seq", next_number}


@pytest.mark.parametrize(
    ("answers", "size", "questions"),
    [([8192], 8192, 1), ([0], 0, 1), ([None, 4096], 4096, 2)],
)
def test_the_size_of_a_table_is_the_sum_of_its_parts(
    answers: list[int | None], size: int, questions: int
) -> None:
    connection = FakeConnection(answers=answers)
    assert sizes._bytes(connection.as_it_is, calls) == size
    assert len(connection.said) == questions
    assert {values["name"] for _, values in connection.said} == {"calls"}


@pytest.mark.parametrize("answer", [8192, None])
def test_a_file_that_cannot_tell_the_size_of_a_table_says_nothing(answer: int | None) -> None:
    connection = FakeConnection("sqlite", [answer])
    assert sizes._bytes(connection.as_it_is, calls) == answer
    assert connection.said[0][1] == {"schema": "main", "table": "calls"}


def test_of_tables_without_a_time_nothing_says_how_old_they_are() -> None:
    connection = FakeConnection(answers=["since"])
    assert sizes._oldest(connection.as_it_is, Table("t", calls.metadata.__class__())) is None
    assert connection.said == []
    assert sizes._oldest(connection.as_it_is, calls) == "since"
    assert "min(calls.called_at)" in connection.said[0][0]
