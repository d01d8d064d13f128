"""Rows given as one parameter: how each database reads them, and that a statement is made once."""

from __future__ import annotations

import pytest
from sqlalchemy import JSON, BigInteger, Column, Connection, MetaData, Table, Text, create_engine
from sqlalchemy import select as selected
from sqlalchemy.dialects import postgresql
from sqlalchemy.sql import ClauseElement

from data.json_rows import (
    GIVEN_IDS,
    GIVEN_WORDS,
    as_json,
    as_json_pairs,
    given_pairs,
    given_rows,
    looked_up,
)

TABLE = Table("t", MetaData(), Column("id", BigInteger))
ROWS = given_rows(id=BigInteger(), name=Text(), params=JSON())


@pytest.fixture
def c() -> Connection:
    return create_engine("sqlite://").connect()


def test_rows_pairs_and_values_are_read_on_a_file(c: Connection) -> None:
    rows = as_json([(7, "名 \"'", '{"a":1}'), (8, None, "null")])
    assert c.execute(ROWS, {"rows": rows}).all() == [(7, "名 \"'", {"a": 1}), (8, None, None)]
    assert c.execute(ROWS, {"rows": as_json([])}).all() == []
    pairs = as_json_pairs({7: 70, 8: None})
    assert c.execute(given_pairs("id", "n"), {"rows": pairs}).all() == [(7, 70), (8, None)]
    assert c.execute(GIVEN_IDS, {"ids": as_json([3, 5])}).all() == [(3,), (5,)]
    assert c.execute(GIVEN_WORDS, {"words": as_json(["a'b"])}).all() == [("a'b",)]


def on_a_server(statement: ClauseElement) -> str:
    return " ".join(str(statement.compile(dialect=postgresql.dialect())).split())


def test_how_a_server_reads_them() -> None:
    rows = on_a_server(ROWS)
    assert "jsonb_array_elements(CAST(%(rows)s::VARCHAR AS jsonb))" in rows
    for taken in ("->> 0 AS BIGINT) AS id", "->> 1 AS TEXT) AS name", "->> 2 AS JSON) AS params"):
        assert taken in rows
    assert "jsonb_each_text(CAST(%(rows)s::VARCHAR AS jsonb))" in on_a_server(
        given_pairs("id", "n")
    )
    assert "#>> '{}' AS BIGINT) AS value" in on_a_server(GIVEN_IDS)
    assert "#>> '{}' AS VARCHAR) AS value" in on_a_server(GIVEN_WORDS)
    query = selected(TABLE).where(looked_up(TABLE.c.id, GIVEN_IDS))
    assert "t.id = ANY (ARRAY(SELECT" in on_a_server(query)
    assert "t.id IN (SELECT" in " ".join(str(query.compile(create_engine("sqlite://"))).split())


@pytest.mark.parametrize(
    "statement",
    [
        ROWS,
        given_pairs("id", "n"),
        GIVEN_IDS,
        selected(TABLE).where(looked_up(TABLE.c.id, GIVEN_IDS)),
    ],
    ids=["rows", "pairs", "values", "looked up"],
)
def test_a_statement_is_compiled_once(statement: ClauseElement) -> None:
    """What has no key for the cache is compiled anew each time it is used."""
    assert statement._generate_cache_key() is not None
