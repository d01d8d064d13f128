"""Many values in one parameter: SQL that reads a JSON array, for SQLite and PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import orjson
from sqlalchemy import BigInteger, Connection, Select, String, bindparam, column, text
from sqlalchemy.sql.expression import TextualSelect

_IDS = {
    "sqlite": "SELECT value AS id FROM json_each(:ids)",
    "postgresql": "SELECT value::bigint AS id FROM json_array_elements_text(CAST(:ids AS json))",
}

_PAIRS = {
    "sqlite": (
        "SELECT json_extract(value, '$[0]') AS first, json_extract(value, '$[1]') AS second "
        "FROM json_each(:rows)"
    ),
    "postgresql": (
        "SELECT (value->>0)::bigint AS first, (value->>1)::bigint AS second "
        "FROM json_array_elements(CAST(:rows AS json))"
    ),
}

_TEXTS = {
    "sqlite": "SELECT value AS word FROM json_each(:words)",
    "postgresql": "SELECT value AS word FROM json_array_elements_text(CAST(:words AS json))",
}


def ids_sql(dialect: str) -> str:
    """SQL of the column ``id`` from the parameter ``ids``: ``[1, 2, …]``."""
    return _IDS[dialect]


def ids_of(connection: Connection, ids: Iterable[int]) -> TextualSelect | Select[tuple[int]]:
    """A subquery of ``ids``, for ``column.in_(...)``."""
    given = orjson.dumps(list(ids)).decode()
    return (
        text(_IDS[connection.dialect.name])
        .bindparams(bindparam("ids", given))
        .columns(column("id", BigInteger))
    )


def texts_of(connection: Connection, texts: Iterable[str]) -> TextualSelect | Select[tuple[str]]:
    """A subquery of ``texts``, for ``column.in_(...)``."""
    given = orjson.dumps(list(texts)).decode()
    return (
        text(_TEXTS[connection.dialect.name])
        .bindparams(bindparam("words", given))
        .columns(column("word", String))
    )


def pairs_of(dialect: str) -> str:
    """SQL of the columns ``first`` and ``second`` from the parameter ``rows``: ``[[1, 2], …]``."""
    return _PAIRS[dialect]


_FIELDS = {
    "sqlite": "json_extract(value, '$[{index}]') AS {name}",
    "postgresql": "(value->>{index})::{kind} AS {name}",
}
_EACH = {
    "sqlite": "SELECT {fields} FROM json_each(:rows)",
    "postgresql": "SELECT {fields} FROM json_array_elements(CAST(:rows AS json))",
}


def rows_sql(dialect: str, fields: Mapping[str, str]) -> str:
    """SQL of named columns from the parameter ``rows``: ``[[…], …]``, one array a row.

    :param fields: name and PostgreSQL type of each column, in the order of the arrays. A ``json``
        field is given as a string of JSON.
    """
    given = (
        _FIELDS[dialect].format(index=index, name=name, kind=kind)
        for index, (name, kind) in enumerate(fields.items())
    )
    return _EACH[dialect].format(fields=", ".join(given))
