"""Rules of tables (CHECK constraints) for migrations, on databases that hold rows already.

A rule that rows of before break is not made: the upgrade says which rows, and changes nothing.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection

from data.errors import RowsAgainstRules

MOST_NAMED = 5
"""How many rows are named of each table; the others come up at the next try."""

Rules = Mapping[str, str]
"""Conditions by the rule's name."""


def add_rules(connection: Connection, rules: Mapping[str, Rules]) -> None:
    """Make the rules, by table; one that is there under the same name is replaced.

    :raises RowsAgainstRules: rows do not keep them.
    """
    in_the_way: list[str] = []
    for table, conditions in rules.items():
        in_the_way += _rows_against(connection, table, conditions)
    if in_the_way:
        raise RowsAgainstRules("rows_against_rules", rows=in_the_way)
    for table, conditions in rules.items():
        if connection.dialect.name == "sqlite":
            _rewrite_in_sqlite(connection, table, conditions)
        else:
            _alter(connection, table, conditions)


def no_two_alike(connection: Connection, table: str, column: str, where: str, rule: str) -> None:
    """Make sure of it before a unique index is made of the rows that meet ``where``.

    :raises RowsAgainstRules: two rows have the same value.
    """
    # Names of tables and columns come from migrations, never from outside.
    twice = f"SELECT {column} FROM {table} WHERE {where} GROUP BY {column} HAVING count(*) > 1"
    query = f"SELECT * FROM {table} WHERE ({where}) AND {column} IN ({twice}) ORDER BY {column}"
    found = connection.execute(sa.text(f"{query} LIMIT {MOST_NAMED * 2}")).mappings().all()
    if found:
        keys = _keys(connection, table)
        rows = [f"{_named(table, keys, row)}: {rule} ({column}={row[column]})" for row in found]
        raise RowsAgainstRules("rows_against_rules", rows=rows)


_LIST = re.compile(r"(\w+) (NOT )?IN \(('\w+'(?:, '\w+')*)\)")
_CHAIN = re.compile(r"\((\w+) = ('\w+')((?: OR \1 = '\w+')+)\)")
_SHORT = 8


def without_lists(conditions: str) -> str:
    """The same conditions with each ``IN`` list spelled out, for SQLite.

    In a rule it makes a table of the list for every row it looks at: with ``IN``, a release to
    60,000 took 2.5 times as long.
    """

    def spelled_out(found: re.Match[str]) -> str:
        column, negated, words = found.groups()
        return _compared(column, words.split(", "), negated=bool(negated))

    return _LIST.sub(spelled_out, conditions)


def _compared(column: str, words: list[str], *, negated: bool = False) -> str:
    """A word is compared with those of its length only: with all eighty kinds of messages, one
    after the other, it took two fifths of what queuing a message takes."""
    same, joint = ("<>", " AND ") if negated else ("=", " OR ")

    def one_by_one(some: list[str]) -> str:
        return f"({joint.join(f'{column} {same} {word}' for word in some)})"

    if len(words) <= _SHORT:
        return one_by_one(words)
    by_length = {len(word): [w for w in words if len(w) == len(word)] for word in words}
    cases = " ".join(
        f"WHEN {length - 2} THEN {one_by_one(some)}" for length, some in sorted(by_length.items())
    )
    return f"CASE length({column}) {cases} ELSE {1 if negated else f'{column} IS NULL'} END"


def shorten_chains(connection: Connection) -> None:
    """Rewrite long rules of an SQLite database that compare with each word of a list."""

    def shortened(found: re.Match[str]) -> str:
        column, first, others = found.groups()
        words = [first, *re.findall(r"'\w+'", others)]
        return found[0] if len(words) <= _SHORT else _compared(column, words)

    _rewrite_all(connection, lambda sql: _CHAIN.sub(shortened, sql))


def spell_out_lists(connection: Connection) -> None:
    """Rewrite the rules that an SQLite database has with ``IN`` lists."""
    _rewrite_all(connection, without_lists)


def _rewrite_all(connection: Connection, rewritten: Callable[[str], str]) -> None:
    query = sa.text("SELECT name, sql FROM sqlite_schema WHERE type = 'table'")
    for name, sql in connection.execute(query).all():
        if sql is not None and (again := rewritten(sql)) != sql:
            _write_in_sqlite(connection, name, again)


def _rows_against(connection: Connection, table: str, conditions: Rules) -> list[str]:
    keys = _keys(connection, table)
    broken = ", ".join(f"NOT ({condition}) AS {name}" for name, condition in conditions.items())
    any_broken = " OR ".join(f"NOT ({condition})" for condition in conditions.values())
    query = f"SELECT {', '.join(keys)}, {broken} FROM {table} WHERE {any_broken}"
    found = connection.execute(sa.text(f"{query} LIMIT {MOST_NAMED}")).mappings()
    return [
        f"{_named(table, keys, row)}: {name} ({conditions[name]})"
        for row in found
        for name in conditions
        if row[name]
    ]


def _keys(connection: Connection, table: str) -> list[str]:
    return list(sa.inspect(connection).get_pk_constraint(table)["constrained_columns"])


def _named(table: str, keys: list[str], row: Mapping[Any, Any]) -> str:
    return f"{table} " + " ".join(f"{key}={row[key]}" for key in keys)


def _alter(connection: Connection, table: str, conditions: Rules) -> None:
    changes = []
    for name, condition in conditions.items():
        changes.append(f"DROP CONSTRAINT IF EXISTS {name}")
        changes.append(f"ADD CONSTRAINT {name} CHECK ({condition})")
    connection.exec_driver_sql(f"ALTER TABLE {table} {', '.join(changes)}")


def _rewrite_in_sqlite(connection: Connection, table: str, conditions: Rules) -> None:
    """SQLite keeps a table's rules as the text that made it, and cannot add one by ALTER TABLE.

    To change that text is its own documentation's way for what leaves the rows as they are
    (https://sqlite.org/lang_altertable.html#otheralter); the rows were looked at before.
    """
    query = sa.text("SELECT sql FROM sqlite_schema WHERE type = 'table' AND name = :table")
    sql = str(connection.execute(query, {"table": table}).scalar_one()).rstrip()
    for rule, condition in conditions.items():
        sql = _without(sql, rule)
        sql = f"{sql[:-1].rstrip()}, CONSTRAINT {rule} CHECK ({without_lists(condition)}))"
    _write_in_sqlite(connection, table, sql)


def _write_in_sqlite(connection: Connection, table: str, sql: str) -> None:
    version = connection.exec_driver_sql("PRAGMA schema_version").scalar_one()
    connection.exec_driver_sql("PRAGMA writable_schema=ON")
    change = sa.text("UPDATE sqlite_schema SET sql = :sql WHERE type = 'table' AND name = :table")
    connection.execute(change, {"sql": sql, "table": table})
    connection.exec_driver_sql(f"PRAGMA schema_version={int(version) + 1}")
    connection.exec_driver_sql("PRAGMA writable_schema=OFF")


def _without(sql: str, rule: str) -> str:
    """The text of the table without this rule of ours."""
    found = re.search(rf",\s*CONSTRAINT {rule} CHECK \(", sql)
    if found is None:
        return sql
    depth, end = 1, found.end()
    while depth:
        depth += {"(": 1, ")": -1}.get(sql[end], 0)
        end += 1
    return sql[: found.start()] + sql[end:]
