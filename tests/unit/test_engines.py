"""How a database is spoken to."""

import pytest

from data.engines import psycopg_url


@pytest.mark.parametrize(
    ("given", "opened"),
    [
        ("postgresql://bot:a@db/jiaoying", "postgresql+psycopg://bot:a@db/jiaoying"),
        ("postgresql+psycopg://bot:a@db/jiaoying", "postgresql+psycopg://bot:a@db/jiaoying"),
        ("postgresql+pg8000://bot:a@db/jiaoying", "postgresql+pg8000://bot:a@db/jiaoying"),
    ],
)
def test_our_driver_is_taken_unless_another_is_named(given: str, opened: str) -> None:
    assert psycopg_url(given) == opened
